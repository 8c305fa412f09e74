package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
	"portal/web/public"
	"portal/web/ui"
)

// publicHome is P-01.
func (p *Portal) publicHome(w http.ResponseWriter, r *http.Request) error {
	f := p.frame(r, ui.Frame{PublicPage: true})
	f.Title, f.Service = f.T("public.home.title"), f.T("ui.body.none")
	page := public.HomePage{Frame: f, AreaURL: "/area-personale"}
	edition, err := p.currentEdition(r)
	switch reason := fault.As(err); {
	case err == nil:
		page.Window = p.windowText(f, "public.home.voucher", edition.Rules.Window.Is)
	case reason == nil || reason != errNoPage && reason.Kind != fault.KindUnavailable: // the front page is there without its edition
		return err
	}
	return p.show(w, r, public.Home(page))
}

// publicVoucher is P-02, with the figures of the edition that is open, or next.
func (p *Portal) publicVoucher(w http.ResponseWriter, r *http.Request) error {
	edition, err := p.currentEdition(r)
	if err != nil {
		return err
	}
	f := p.publicFrame(r, "public.voucher.title", "INPS")
	rules := edition.Rules
	page := public.VoucherPage{
		Frame: f, Year: edition.ApplicationYear, Cap: rules.SessionCap.Is,
		BandsSource: rules.Bands.Article, TermsSource: rules.ValidityDays.Article,
		CitizenURL:      p.entrance(r, identity.Citizen, citizenFiles),
		ProfessionalURL: p.entrance(r, identity.Psychologist, "/professionisti/sedute"),
		Questions:       asked(f, voucherQuestions[:4]),
	}
	page.Window = p.windowText(f, "public.voucher.window", rules.Window.Is)
	page.Closed = closedText(f, rules.Closed.Is, edition.ApplicationYear)
	for _, b := range rules.Bands.Is {
		page.Most = max(page.Most, b.Amount)
	}
	page.Bands = bands(f, rules.Bands.Is)
	page.Terms = []string{f.T("public.voucher.window.term", "Opens", ui.Moment(rules.Window.Is.Opens), "Closes", closingMoment(f, rules.Window.Is))}
	if n := rules.FirstSessionDays.Is; n > 0 {
		page.Terms = append(page.Terms, f.T("public.voucher.term.first", "Days", n))
	}
	page.Terms = append(page.Terms, f.T("public.voucher.term.validity", "Days", rules.ValidityDays.Is), f.T("public.voucher.term.cancel", "Count", rules.CancelDaysBefore.Is))
	if page.Published, err = p.publishedTerms(r.Context(), f); err != nil {
		return err
	}
	return p.show(w, r, public.Voucher(page))
}

// currentEdition is the edition that the public pages speak of.
func (p *Portal) currentEdition(r *http.Request) (voucher.Edition, error) {
	all, err := p.Vouchers.Editions(r.Context())
	if err != nil {
		return voucher.Edition{}, err
	}
	e, ok := voucher.Current(all, p.Now())
	if !ok {
		return e, errNoPage
	}
	return e, nil
}

// windowText says whether applications are taken, and until or from when: the
// texts are those of a family of keys.
func (p *Portal) windowText(f ui.Frame, keys string, win voucher.Window) string {
	switch now := p.Now(); {
	case now.Before(win.Opens):
		return f.T(keys+".before", "Opens", ui.OnMoment(win.Opens), "Closes", closingMoment(f, win))
	case win.Open(now):
		return f.T(keys+".open", "Closes", closingMoment(f, win))
	}
	return f.T(keys+".after", "Since", ui.FromDay(calendar.On(win.Closes)))
}

// closedText says whose residents cannot apply, "" where everybody can.
func closedText(f ui.Frame, closed []string, year int) string {
	names := make([]string, len(closed))
	for i, t := range closed {
		key, name := "public.voucher.closed.region", t
		if province, ok := strings.CutPrefix(t, "P.A. "); ok {
			key, name = "public.voucher.closed.province", province
		}
		if names[i] = f.T(key, "Name", name); i > 0 {
			names[i] = strings.ToLower(names[i][:1]) + names[i][1:]
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return f.T("public.voucher.closed.one", "Territories", names[0], "Year", strconv.Itoa(year))
	}
	last := len(names) - 1
	return f.T("public.voucher.closed.more", "Territories", strings.Join(names[:last], ", ")+" e "+names[last], "Year", strconv.Itoa(year))
}

// bands says in words from which ISEE to which each amount is due: a bound belongs
// to the band that includes it.
func bands(f ui.Frame, all []voucher.Band) []public.Band {
	lines := make([]public.Band, len(all))
	var from money.Amount
	first, over := true, false
	for i, b := range all {
		key := map[bool]string{true: "to", false: "below"}[b.Inclusive]
		switch {
		case first:
			key = "public.voucher.band.first." + key
		case over:
			key = "public.voucher.band.over." + key
		default:
			key = "public.voucher.band.from." + key
		}
		lines[i] = public.Band{ISEE: f.T(key, "From", from, "UpTo", b.UpTo), Amount: b.Amount}
		first, from, over = false, b.UpTo, b.Inclusive
	}
	return lines
}

// entrance is the address of a page of one role, "" for everybody's: for who wears
// another hat, by way of the choice of a profile.
func (p *Portal) entrance(r *http.Request, role identity.Role, address string) string {
	if l, ok := current(r); ok && role != "" && l.Actor.Role != role {
		return "/profili?" + url.Values{"ritorno": {address}}.Encode()
	}
	return address
}

// publicFrame is the frame of a page that anybody may read: title and path. The
// body is the one whose service it is, "" for both.
func (p *Portal) publicFrame(r *http.Request, titleKey, body string) ui.Frame {
	f := p.frame(r, ui.Frame{PublicPage: true, Body: body})
	f.Title = f.T(titleKey)
	f.Service = f.T("ui.portal.name")
	f.Path = []ui.Crumb{{Text: f.T("public.home.crumb"), URL: "/"}, {Text: f.Title}}
	return f
}
