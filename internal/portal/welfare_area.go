package portal

import (
	"net/http"

	"portal/internal/indemnity"
	"portal/web/public"
)

// welfareArea leads the officers of the welfare service to their work, and says what
// waits for a decision.
func (p *Portal) welfareArea(r *http.Request, page *public.AreaPage) error {
	versions, err := p.Calls.Versions(r.Context(), "")
	if err != nil {
		return err
	}
	proposed := 0
	for _, v := range versions {
		if v.State == indemnity.VersionProposed {
			proposed++
		}
	}
	f := page.Frame
	page.Cards = append(page.Cards, public.Card{Title: f.T("menu.welfare.work"), URL: welfarePath, Text: []string{f.T("heirs.work.card")}},
		public.Card{Title: f.T("threads.office.title"), URL: welfareThreadsPath, Text: []string{f.T("threads.office.card")}},
		public.Card{Title: f.T("menu.welfare.calls"), URL: callsPath, Text: []string{counted(f, "calls.area", proposed)}})
	return nil
}
