package portal

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"

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
	return p.show(w, r, public.Home(public.HomePage{Frame: f, AreaURL: "/area-personale"}))
}

// publicVoucher is P-02, with the figures of the newest edition.
func (p *Portal) publicVoucher(w http.ResponseWriter, r *http.Request) error {
	edition, err := p.newestEdition(r)
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
	for _, b := range rules.Bands.Is {
		page.Most = max(page.Most, b.Amount)
	}
	page.Bands = bands(f, rules.Bands.Is)
	if n := rules.FirstSessionDays.Is; n > 0 {
		page.Terms = append(page.Terms, f.T("public.voucher.term.first", "Days", n))
	}
	page.Terms = append(page.Terms, f.T("public.voucher.term.validity", "Days", rules.ValidityDays.Is), f.T("public.voucher.term.cancel", "Count", rules.CancelDaysBefore.Is))
	return p.show(w, r, public.Voucher(page))
}

// newestEdition is the edition with the latest applications.
func (p *Portal) newestEdition(r *http.Request) (voucher.Edition, error) {
	all, err := p.Vouchers.Editions(r.Context())
	if err != nil {
		return voucher.Edition{}, err
	}
	if len(all) == 0 {
		return voucher.Edition{}, errNoPage
	}
	return slices.MaxFunc(slices.Collect(maps.Values(all)), func(a, b voucher.Edition) int {
		return cmp.Or(a.ApplicationYear-b.ApplicationYear, cmp.Compare(a.ID, b.ID))
	}), nil
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
