package portal

import (
	"net/http"

	"portal/internal/rules"
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
		if v.State == rules.Proposed {
			proposed++
		}
	}
	f := page.Frame
	page.Cards = append(page.Cards, public.Card{Title: f.T("menu.welfare.work"), URL: welfarePath, Text: []string{f.T("heirs.work.card")}},
		public.Card{Title: f.T("termdays.title"), URL: termsPath, Text: []string{f.T("termdays.card")}},
		public.Card{Title: f.T("texts.title"), URL: textsPath, Text: []string{f.T("texts.card")}},
		public.Card{Title: f.T("outcome.approvals.title"), URL: approvalsPath, Text: []string{f.T("outcome.approvals.card")}},
		public.Card{Title: f.T("review.office.title"), URL: caseReviewsPath, Text: []string{f.T("casereview.card")}},
		public.Card{Title: f.T("controls.title"), URL: controlsPath, Text: []string{f.T("controls.card")}},
		public.Card{Title: f.T("threads.office.title"), URL: welfareThreadsPath, Text: []string{f.T("threads.office.card")}},
		public.Card{Title: f.T("menu.welfare.calls"), URL: callsPath, Text: []string{counted(f, "calls.area", proposed)}},
		public.Card{Title: f.T("menu.welfare.rankings"), URL: callRankingsPath, Text: []string{f.T("rank.area")}},
		public.Card{Title: f.T("menu.welfare.payments"), URL: casePaymentsPath, Text: []string{f.T("welfare.payments.card")}})
	return nil
}
