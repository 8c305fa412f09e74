package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

// searchFields are the filters of the list, as they stand in its address.
var searchFields = []string{"regione", "provincia", "comune", "cap", "nome", "lingua", "online"}

// citizenProfessionals is the list of who takes part. Whoever has not asked for
// anything yet sees the province of the application; an empty filter is asking.
func (p *Portal) citizenProfessionals(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	list, err := p.Vouchers.List(r.Context())
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return err
	}
	asked := slices.ContainsFunc(searchFields, q.Has)
	if !asked {
		q.Set("provincia", file.Application.Province)
	}
	now := p.Now()
	ask := search(q)
	ask.Hour = now.Unix() / 3600
	today := calendar.On(now)
	found, err := p.Vouchers.Search(r.Context(), ask, today)
	if err != nil {
		return err
	}
	path := applicationPath(file.Application.ID) + "/" + professionalsTab
	if len(found.Listings) == 0 && found.Total > 0 {
		return goTo(w, r, path, searchQuery(ask, 1))
	}
	page := p.professionalsPage(r, file, ask, found)
	page.DeliveredOn = list.DeliveredOn
	if file.HasVoucher() && !usable(file, today) {
		page.Over = overText(page.Frame, file, today)
	}
	if !asked {
		page.Chosen = page.T("citizen.list.default", "Province", provinceName(ask.Province))
	}
	return p.show(w, r, citizen.Professionals(page))
}

// search reads the filters.
func search(q url.Values) voucher.Search {
	text := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	return voucher.Search{
		Region: text("regione"), Province: strings.ToUpper(text("provincia")), City: text("comune"), PostalCode: text("cap"),
		Name: text("nome"), Language: text("lingua"), Online: q.Get("online") != "", Page: pageNumber(q),
	}
}

// searchQuery is the address of a page of a search: the province always stands in
// it, so that none is not taken for nothing asked.
func searchQuery(s voucher.Search, page int) url.Values {
	q := url.Values{"provincia": {s.Province}}
	for name, value := range map[string]string{"regione": s.Region, "comune": s.City, "cap": s.PostalCode, "nome": s.Name, "lingua": s.Language} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if s.Online {
		q.Set("online", "si")
	}
	if page > 1 {
		q.Set("p", strconv.Itoa(page))
	}
	return q
}

func (p *Portal) professionalsPage(r *http.Request, file voucher.CaseFile, ask voucher.Search, found voucher.Found) citizen.ProfessionalsPage {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title, f.HeadTitle = f.T("citizen.list.title"), f.T("citizen.list.title")
	f.Caption = f.T("citizen.list.of", "Year", file.Edition.ApplicationYear, "Protocol", file.Application.Protocol)
	f.Path = casePath(f, file, ui.Crumb{Text: f.T("citizen.list.title")})
	path := applicationPath(file.Application.ID) + "/" + professionalsTab
	page := citizen.ProfessionalsPage{
		Frame: f, Tabs: caseTabs(f, file, professionalsTab),
		Filters:  ui.FiltersProps{Label: f.T("citizen.list.filters"), Action: path + "#risultati", Submit: f.T("citizen.list.submit")},
		Region:   ui.ChoiceProps{Name: "regione", Legend: f.T("citizen.list.region"), Options: regionOptions(f), Chosen: []string{ask.Region}, Optional: true},
		Province: ui.ChoiceProps{Name: "provincia", Legend: f.T("citizen.list.province"), Options: provinceOptions(f, ask.Province), Chosen: []string{ask.Province}, Optional: true},
		City:     ask.City, PostalCode: ask.PostalCode, Search: ask.Name,
		Spoken: ui.ChoiceProps{Name: "lingua", Legend: f.T("citizen.list.language"), Options: languageOptions(f), Chosen: []string{ask.Language}, Optional: true},
		Online: ui.ChoiceProps{Name: "online", Legend: f.T("citizen.list.where"), Options: []ui.Option{{Value: "si", Label: f.T("citizen.list.online")}}, Optional: true},
		Chosen: chosenFilters(f, ask), Found: f.T("citizen.list.count", "Count", found.Total, "Number", grouped(found.Total)),
	}
	if ask.Online {
		page.Online.Chosen = []string{"si"}
	}
	if page.Chosen != "" {
		page.Filters.ClearURL = path + "?provincia=#risultati"
	}
	at := func(s voucher.Search, n int) string { return path + "?" + searchQuery(s, n).Encode() + "#risultati" }
	page.Pages = pagesOf(f.T("citizen.list.pages"), ask.Page, found.Total, voucher.PageSize, func(n int) string { return at(ask, n) })
	for _, city := range found.Near {
		page.Near = append(page.Near, ui.Link{Text: typeset(city), URL: at(voucher.Search{City: city, Name: ask.Name, Language: ask.Language, Online: ask.Online}, 1)})
	}
	for _, l := range found.Listings {
		page.Rows = append(page.Rows, citizen.ProfessionalRow{
			Name: typeset(l.Name()), Note: workNote(f, l), Address: typeset(l.Address), City: typeset(l.City), PostalCode: l.PostalCode,
			Province: l.Province, Area: typeset(l.Region), Phone: unbroken(l.Phone), PhoneURL: phoneURL(l.Phone),
		})
	}
	return page
}

// overText says why the list is no more than reading for a holder.
func overText(f ui.Frame, file voucher.CaseFile, today calendar.Date) string {
	if file.Standing(today) == voucher.CodeExpired {
		return f.T("citizen.list.over.expired", "On", ui.ByDay(file.Voucher.Terms.LastDay))
	}
	return f.T("citizen.list.over")
}

// chosenFilters says in words which filters are on, "" when none is.
func chosenFilters(f ui.Frame, s voucher.Search) string {
	var on []string
	for _, filter := range []struct{ key, value string }{
		{"citizen.list.region", typeset(s.Region)}, {"citizen.list.province", provinceName(s.Province)},
		{"citizen.list.city", s.City}, {"citizen.list.postal_code", s.PostalCode},
		{"citizen.list.search", s.Name}, {"citizen.list.language", languageName(f, s.Language)},
	} {
		if filter.value != "" {
			on = append(on, f.T(filter.key)+": "+filter.value)
		}
	}
	if s.Online {
		on = append(on, f.T("citizen.list.online_too"))
	}
	if len(on) == 0 {
		return ""
	}
	return f.T("citizen.list.chosen", "Filters", strings.Join(on, " · "))
}
