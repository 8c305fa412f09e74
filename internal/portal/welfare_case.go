package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/heir"
	"portal/web/ui"
	"portal/web/welfare"
)

// The tabs of a case as officers see it, by the last part of their addresses.
const (
	checksTab      = "" // the case itself
	casePapersTab  = "/documenti"
	caseNotesTab   = "/note"
	caseHistoryTab = "/cronologia"
)

var welfareTabs = []struct{ path, words string }{{checksTab, "desk.checks"}, {casePapersTab, "desk.papers.tab"}, {caseRequestsTab, "request.tab"},
	{caseCalculationTab, "computation.tab"}, {caseMessagesTab, "desk.messages"},
	{caseNotesTab, "desk.notes"}, {caseHistoryTab, "desk.history"}}

// openedCase is the case in the address, for an officer who looks at it.
func (p *Portal) openedCase(r *http.Request) (indemnity.Opened, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return indemnity.Opened{}, err
	}
	return p.CaseDesk.Open(r.Context(), actor(r), indemnity.CaseID(id))
}

// caseTop is what all tabs of a case begin with.
func (p *Portal) caseTop(r *http.Request, f ui.Frame, c indemnity.CaseFile, claim indemnity.Claim, tab string) welfare.CaseTop {
	who, now, here := actor(r), p.Now(), welfareCasePath(c.ID)
	t := welfare.CaseTop{Busy: busyText(f, claim, who, p), Facts: append(append(welfareFacts(f, c), registerFacts(f, c)...),
		ui.Entry{Name: f.T("desk.officer"), Value: officerName(f, c, claim), Proper: true}), TabsLabel: f.T("desk.tabs")}
	if tab == checksTab && claim.By == who.Person && now.Sub(claim.Since) < indemnity.ClaimedFor {
		t.Working = f.T("desk.working", "From", ui.FromClock(claim.Since))
		t.Release = &ui.FormProps{Action: here + "/lascia", Key: once.NewKey()}
	}
	if d := c.OpenDecision(); d != nil {
		t.Notes = append(t.Notes, heir.Term{Tone: ui.Action, Title: f.T("desk.proposed", "State", f.T("case.state."+string(d.To))),
			Text: []string{f.T("desk.proposed.text", "Name", d.ProposedBy.Name(), "At", ui.OnMoment(d.ProposedAt))}})
	}
	if c.Kind == indemnity.ByHeirs && calendar.On(c.Arrived()).After(c.TermEndedOn) {
		t.Notes = append(t.Notes, heir.Term{Tone: ui.Danger, Title: f.T("heirs.late"), Text: []string{f.T("heirs.late.text", "On", ui.OnDay(c.TermEndedOn))}})
	}
	if q := c.Urgent(now); q != nil && !q.DueOn.IsZero() {
		t.Facts = append(t.Facts, ui.Entry{Name: f.T("desk.due"), Value: ui.DayEnd(q.DueOn)})
		t.Band = termBand(f, "termine", q.ReachedOn, q.DueOn, calendar.On(now))
	}
	if c.State == indemnity.Funded || c.Paying.Ordered > 0 {
		paying := ui.Entry{Name: f.T("member.case.tab.pagamento"), Value: f.T("case.state." + string(c.Standing(now))),
			Action: &ui.Link{Text: f.T("inps.payments.see_case"), URL: caseMoneyPath(string(c.ID))}}
		if c.Standing(now) == indemnity.CaseStanding(indemnity.Funded) { // nothing was sent to the bank
			paying.Note = expectedSentence(f, "payment", c.Rules.Expected.Is.Payment, calendar.On(now))
		}
		t.Facts = append(t.Facts, paying)
	}
	for _, x := range welfareTabs {
		t.Tabs = append(t.Tabs, ui.Tab{Text: f.T(x.words), URL: here + x.path, Current: x.path == tab})
	}
	return t
}

// busyText says which colleague works on a case, "" for nobody.
func busyText(f ui.Frame, claim indemnity.Claim, who identity.Actor, p *Portal) string {
	if !claim.Busy(who.Person, p.Now()) {
		return ""
	}
	return f.T("desk.busy", "Name", claim.Name, "From", ui.FromClock(claim.Since))
}

// officerName is who examines a case, as far as the case itself tells it.
func officerName(f ui.Frame, c indemnity.CaseFile, claim indemnity.Claim) string {
	switch i := slices.IndexFunc(c.Findings, func(x indemnity.Finding) bool { return x.By == c.Officer }); {
	case c.Officer == "":
		return f.T("desk.officer.none")
	case i >= 0:
		return c.Findings[i].Name
	case claim.By == c.Officer:
		return claim.Name
	}
	return f.T("desk.officer.other")
}

// welfareFacts say whose case it is, and what it is about.
func welfareFacts(f ui.Frame, c indemnity.CaseFile) []ui.Entry {
	facts := []ui.Entry{{Name: f.T("heirs.col.member"), Value: c.Member.Name(), Note: string(c.Member.FiscalCode), Proper: true}}
	if n := c.Registers.Member.Number; n != "" && c.Kind != indemnity.ByHeirs {
		facts = append(facts, ui.Entry{Name: f.T("heirs.register.number"), Value: n, Proper: true})
	}
	facts = append(facts, ui.Entry{Name: f.T("heirs.col.call"), Value: ui.Month(c.Call.Month().From)},
		ui.Entry{Name: f.T("heirs.period"), Value: ui.ShortDay(c.Answers.Period().From) + " – " + ui.ShortDay(c.Answers.Period().To)})
	if !c.DiedOn.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("heirs.died"), Value: ui.Day(c.DiedOn)})
	}
	if c.Channel != indemnity.PEC {
		facts = append(facts, ui.Entry{Name: f.T("heirs.col.received"), Value: withSeconds(c.SubmittedAt)})
	}
	term := "desk.term"
	if c.Kind == indemnity.ByHeirs {
		term = "heirs.term"
	}
	return append(facts, ui.Entry{Name: f.T(term), Value: ui.DayEnd(c.TermEndedOn)})
}

// welfareCase shows a case with its checks (W-04), and its heirs.
func (p *Portal) welfareCase(w http.ResponseWriter, r *http.Request) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	successions, err := p.Heirs.Successions(r.Context(), o.ID)
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, o.CaseFile, "")
	page := welfare.CasePage{Frame: f, Top: p.caseTop(r, f, o.CaseFile, o.Claim, checksTab), Checks: caseChecks(f, o), Ending: caseEnding(f, o),
		Heirs: shareRows(f, o.Heirs, true), Messages: pecRows(f, o.CaseFile, actor(r).Has(identity.Prepare))}
	if o.Kind == indemnity.ByHeirs {
		page.Heirs = signedRows(f, page.Heirs, o.Heirs)
	}
	waits := p.succession(r, &page, successions)
	p.outcomeActions(r, &page, o)
	if err := p.controlActions(r, &page, o); err != nil {
		return err
	}
	if actor(r).Has(identity.Prepare) {
		p.heirsActions(&page, o.CaseFile, waits)
	}
	switch next, err := p.Work.NextOf(r.Context(), actor(r), o.CaseFile); {
	case err != nil:
		return err
	case next != "":
		page.Next = &welfare.KeyLink{Key: "P", Link: ui.Link{Text: f.T("keys.next_case"), URL: welfareCasePath(next)}}
	}
	return p.show(w, r, welfare.Case(page))
}

// succession says what became of the last succession to a case, and whether it waits.
func (p *Portal) succession(r *http.Request, page *welfare.CasePage, all []indemnity.Succession) (waits bool) {
	if len(all) == 0 {
		return false
	}
	f, x := page.Frame, all[0]
	switch x.State {
	case indemnity.SuccessionWaits:
		page.Top.Notes = append(page.Top.Notes, heir.Term{Tone: ui.Action, Title: f.T("heirs.succession.waits"),
			Text: []string{f.T("heirs.succession.waits.text", "Name", x.ProposedBy.Name(), "At", ui.OnMoment(x.ProposedAt))}})
		if actor(r).Has(identity.Approve) {
			page.Actions = append(page.Actions, ui.Link{Text: f.T("heirs.succession.decide"), URL: welfareCasePath(x.Case) + "/subentro/decidi"})
		}
		return true
	case indemnity.SuccessionNot:
		page.Top.Notes = append(page.Top.Notes, heir.Term{Tone: ui.Action, Title: f.T("heirs.succession.back"),
			Text: []string{f.T("heirs.succession.back.text", "Name", x.DecidedBy.Name(), "Why", x.Why)}})
	}
	return false
}

// heirsActions are what an officer may do about heirs.
func (p *Portal) heirsActions(page *welfare.CasePage, c indemnity.CaseFile, waits bool) {
	f, here := page.Frame, welfareCasePath(c.ID)
	if c.MayReceive() == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("heirs.pec.add"), URL: pecPath(c.ID, "")})
	}
	if !waits && c.MaySucceed() == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("heirs.succession"), URL: here + "/subentro"})
	}
	for _, h := range c.Heirs {
		if h.LinkedAt.IsZero() {
			page.Codes = append(page.Codes, ui.Link{Text: f.T("heirs.code.renew.of", "Name", h.Person.Name()), URL: here + "/eredi/" + string(h.ID) + "/codice"})
		}
	}
}

// verdictTones are the colours of what came of a check.
var verdictTones = map[indemnity.CheckVerdict]ui.Tone{indemnity.ToCheck: ui.Action, indemnity.Met: ui.Success, indemnity.NotMet: ui.Danger, indemnity.NotApplicable: ui.Closed}

func verdictTag(f ui.Frame, v indemnity.CheckVerdict) ui.Tag {
	word := string(v)
	if v == indemnity.ToCheck {
		word = "to_check"
	}
	return ui.Tag{Tone: verdictTones[v], Text: f.T("desk.verdict." + word)}
}

// checkedTag is where a check stands: what came of it, or that papers are waited for.
func checkedTag(f ui.Frame, k indemnity.Checked) ui.Tag {
	if k.Awaited {
		return ui.Tag{Tone: ui.Working, Text: f.T("desk.verdict.awaited")}
	}
	return verdictTag(f, k.Verdict())
}

// checkCode is what a check is called by, also in addresses: "V6".
func checkCode(c indemnity.Check) string { return "V" + strconv.Itoa(c.Number()) }

func checkName(f ui.Frame, c indemnity.Check) string {
	return checkCode(c) + " · " + f.T("desk.name."+string(c))
}

func checkPath(id indemnity.CaseID, c indemnity.Check) string {
	return welfareCasePath(id) + "/verifiche/" + checkCode(c)
}

// caseChecks are the checks of a case with what came of each.
func caseChecks(f ui.Frame, o indemnity.Opened) (rows []welfare.CheckRow) {
	for _, k := range o.Checklist {
		row := welfare.CheckRow{ID: checkCode(k.Check), Name: checkName(f, k.Check), URL: checkPath(o.ID, k.Check), Verdict: checkedTag(f, k), Why: checkReasons(f, k)}
		if n := k.Check.Article(); n > 0 {
			row.Article = f.T("desk.article", "Article", n)
		}
		switch {
		case k.Automatic() && !k.Awaited:
			row.Who = f.T("desk.automatic")
		case k.Finding.Verdict != indemnity.ToCheck:
			row.Who = f.T("desk.by", "Name", k.Finding.Name, "At", ui.ShortMoment(k.Finding.At))
		}
		rows = append(rows, row)
	}
	return rows
}

// checkReasons are why a check is not met, what is odd about it, and where an officer
// found other than the portal.
func checkReasons(f ui.Frame, k indemnity.Checked) (all []string) {
	for _, c := range k.Codes {
		all = append(all, f.T("desk.code."+string(c)))
	}
	for _, w := range k.Warnings {
		all = append(all, f.T("desk.warning."+string(w)))
	}
	if k.Finding.Verdict != indemnity.ToCheck && k.Portal != indemnity.ToCheck && k.Portal != k.Finding.Verdict {
		all = append(all, f.T("desk.overrides", "Verdict", verdictTag(f, k.Portal).Text))
	}
	return all
}

// caseEnding is what a case comes to, once every check has an answer.
func caseEnding(f ui.Frame, o indemnity.Opened) welfare.EndingRow {
	var open []string
	awaited := true
	for _, k := range o.Checklist {
		if k.Verdict() == indemnity.ToCheck {
			open = append(open, checkCode(k.Check))
			awaited = awaited && k.Awaited
		}
	}
	switch d := o.Decision(); {
	case d != nil:
		return welfare.EndingRow{Tag: ui.Tag{Tone: ui.Closed, Text: f.T("case.state." + string(d.To))}, Text: f.T("desk.ending.made", "On", ui.OnMoment(d.DecidedAt), "Name", d.DecidedBy.Name())}
	case !examining(o.CaseFile):
		return welfare.EndingRow{Tag: ui.Tag{Tone: ui.Closed, Text: f.T("desk.ending.over")}}
	case len(open) > 0 && awaited:
		return welfare.EndingRow{Tag: ui.Tag{Tone: ui.Working, Text: f.T("desk.ending.pending")}, Text: f.T("desk.ending.awaited", "Checks", strings.Join(open, ", "))}
	case len(open) > 0:
		return welfare.EndingRow{Tag: ui.Tag{Tone: ui.Closed, Text: f.T("desk.ending.locked")}, Text: f.T("desk.ending.first", "Checks", strings.Join(open, ", "))}
	}
	comes := string(o.Found.Outcome)
	switch o.Found.Outcome {
	case indemnity.OutcomePending:
		return welfare.EndingRow{Tag: ui.Tag{Tone: ui.Working, Text: f.T("desk.ending.pending")}, Text: f.T("desk.ending.pending.text")}
	case indemnity.OutcomeRanked:
		comes = string(indemnity.Suitable)
	}
	return welfare.EndingRow{Tag: ui.Tag{Tone: ui.Success, Text: f.T("desk.ending.ready")}, Text: f.T("desk.ending.comes", "State", f.T("case.state."+comes))}
}

// welfareRelease lets a case go, so that colleagues may work on it.
func (p *Portal) welfareRelease(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	if _, err := form(r); err != nil {
		return err
	}
	if err := p.CaseDesk.Release(r.Context(), actor(r), indemnity.CaseID(id)); err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, welfarePath, f.T("desk.released"), f.T("desk.released.text"))
}
