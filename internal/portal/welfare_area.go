package portal

import (
	"context"
	"net/http"
	"slices"

	"portal/internal/identity"
	"portal/internal/rules"
	"portal/web/public"
)

// welfareMenus is the menu of the welfare service, of which everybody sees what they may open.
var welfareMenus = []item{{"menu.welfare.work", welfarePath}, {"menu.welfare.cases", welfareCasesPath}, {"menu.welfare.calls", callsPath},
	{"menu.welfare.payments", casePaymentsPath}, {"menu.welfare.texts", textsPath}}

// welfareFor are the pages of the welfare service that are not for every duty, and for which.
var welfareFor = map[string][]identity.Duty{
	welfareCasesPath:   {identity.Prepare, identity.Approve, identity.Pay},
	termsPath:          {identity.Prepare, identity.Approve, identity.Pay},
	controlsPath:       {identity.Prepare, identity.Approve, identity.Pay},
	welfareThreadsPath: {identity.Prepare, identity.Approve, identity.Pay},
	casePaymentsPath:   {identity.Prepare, identity.Approve, identity.Pay},
	textsPath:          {identity.Prepare, identity.Approve},
	approvalsPath:      {identity.Prepare, identity.Approve},
	caseReviewsPath:    {identity.Prepare, identity.Approve},
}

// opensWelfare tells whether an officer may open a page of the welfare service.
func opensWelfare(who identity.Actor, page string) bool {
	oneOf, some := welfareFor[page]
	return !some || who.Must(identity.Welfare, oneOf...) == nil
}

// welfareMenu is the menu of an officer of the welfare service: the same on every page.
func (p *Portal) welfareMenu(r *http.Request, who identity.Actor) []item {
	who, err := p.onDuty(r, who)
	if err != nil {
		return otherMenu
	}
	return slices.DeleteFunc(slices.Clone(welfareMenus), func(it item) bool { return !opensWelfare(who, it.url) })
}

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
	who, err := p.onDuty(r, actor(r))
	if err != nil {
		return err
	}
	if err := p.welfareTasks(r.Context(), page, who); err != nil {
		return err
	}
	page.Cards = append(page.Cards, public.Card{Title: f.T("menu.welfare.work"), URL: welfarePath, Text: []string{f.T("heirs.work.card")}},
		public.Card{Title: f.T("termdays.title"), URL: termsPath, Text: []string{f.T("termdays.card")}},
		public.Card{Title: f.T("texts.title"), URL: textsPath, Text: []string{f.T("texts.card")}},
		public.Card{Title: f.T("outcome.approvals.title"), URL: approvalsPath, Text: []string{f.T("outcome.approvals.card")}},
		public.Card{Title: f.T("review.office.title"), URL: caseReviewsPath, Text: []string{f.T("casereview.card")}},
		public.Card{Title: f.T("controls.title"), URL: controlsPath, Text: []string{f.T("controls.card")}},
		public.Card{Title: f.T("threads.office.title"), URL: welfareThreadsPath, Text: []string{f.T("threads.office.card")}},
		public.Card{Title: f.T("calls.title"), URL: callsPath, Text: []string{counted(f, "calls.area", proposed)}},
		public.Card{Title: f.T("rank.title"), URL: callRankingsPath, Text: []string{f.T("rank.area")}},
		public.Card{Title: f.T("menu.welfare.payments"), URL: casePaymentsPath, Text: []string{f.T("welfare.payments.card")}})
	page.Cards = slices.DeleteFunc(page.Cards, func(c public.Card) bool { return !opensWelfare(who, c.URL) })
	return nil
}

// welfareTasks are what waits for an officer: the parts of the work as far as their duties
// go, and for who prepares the cases whose terms are over or end today.
func (p *Portal) welfareTasks(ctx context.Context, page *public.AreaPage, who identity.Actor) error {
	waiting, err := p.Work.Waiting(ctx, who)
	if err != nil {
		return err
	}
	if who.Has(identity.Prepare) {
		counts, err := p.Work.Counts(ctx, who)
		if err != nil {
			return err
		}
		waits(page, page.T("work.area.late"), counts.Late, welfareCasesPath+"?termine=in-ritardo")
		waits(page, page.T("work.area.today"), counts.Today, welfareCasesPath+"?termine=oggi")
	}
	for _, x := range waiting {
		waits(page, page.T("work.part."+string(x.Part)), x.Count, partPaths[x.Part])
	}
	return nil
}
