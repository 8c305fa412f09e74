package portal

import (
	"net/http"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// The tabs of an application as officers see it, by the last part of their addresses.
const (
	deskDataTab     = "dati"
	deskISEETab     = "isee"
	deskChecksTab   = "verifiche"
	deskCodeTab     = "codice"
	deskMessagesTab = "comunicazioni"
	deskHistoryTab  = "cronologia"
)

var deskTabs = []string{deskDataTab, deskISEETab, deskChecksTab, deskCodeTab, deskMessagesTab, deskHistoryTab}

// inpsCase leads to the first tab of an application.
func (p *Portal) inpsCase(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	if _, err := p.Desk.Case(r.Context(), voucher.ApplicationID(id)); err != nil {
		return err
	}
	return goTo(w, r, deskCasePath(voucher.ApplicationID(id))+"/"+deskDataTab, nil)
}

// deskCase is the application in the address, for an officer who looks at it: that
// is written in the register.
func (p *Portal) deskCase(r *http.Request) (voucher.Case, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Case{}, err
	}
	return p.Desk.Open(r.Context(), actor(r), voucher.ApplicationID(id))
}

// inpsCaseTab is a tab of an application (I-07).
func (p *Portal) inpsCaseTab(tab string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, err := p.deskCase(r)
		if err != nil {
			return err
		}
		page := p.casePage(r, c, tab)
		if err := p.fillTab(r, &page, c, tab); err != nil {
			return err
		}
		return p.show(w, r, inps.Case(page))
	}
}

// casePage is what all tabs share: who it is about, who works on it, what can be done.
func (p *Portal) casePage(r *http.Request, c voucher.Case, tab string) inps.CasePage {
	a, now, who := c.Application, p.Now(), actor(r)
	f := p.inpsFrame(r, ui.Frame{}.T("inps.desk.case", "Protocol", a.Protocol), ui.Crumb{Text: ui.Frame{}.T("menu.inps.applications"), URL: worklistPath})
	tag := standingTag(f, c.Standing(calendar.On(now)))
	f.Badge, f.HeadTitle = &tag, f.T("inps.desk.case_head."+tab)
	page := inps.CasePage{Frame: f, Who: caseWho(f, c), Actions: caseActions(f, c, who)}
	if c.Busy(who.Person, now) {
		page.Busy = f.T("inps.desk.busy", "Name", c.WorkedBy.Name(), "From", ui.FromClock(c.WorkedSince))
	}
	if refusal, open := c.OpenRefusal(); open {
		page.Proposed = f.T("inps.desk.refusal_open", "Name", refusal.ProposedBy.Name(), "OnMoment", ui.OnMoment(refusal.ProposedAt),
			"Ground", f.T("citizen.ground."+refusal.Reason))
		switch {
		case refusal.ProposedBy.ID == who.Person:
			page.Proposed += " " + f.T("reason."+voucher.ErrOwnRefusal.Code)
		case who.Has(identity.Approve):
			page.DecideURL = deskCasePath(a.ID) + "/rifiuto/decisione"
		}
	}
	for _, t := range deskTabs {
		page.Tabs = append(page.Tabs, ui.Tab{Text: f.T("inps.desk.tab." + t), URL: deskCasePath(a.ID) + "/" + t, Current: t == tab})
	}
	return page
}

// caseWho says whose application it is.
func caseWho(f ui.Frame, c voucher.Case) []ui.Entry {
	entries := []ui.Entry{
		{Name: f.T("inps.desk.beneficiary"), Value: c.Beneficiary.Name(), Proper: true},
		{Name: f.T("inps.desk.fiscal_code"), Value: string(c.Beneficiary.FiscalCode), Proper: true},
		{Name: f.T("inps.desk.born"), Value: dayOrNone(c.BornOn)},
	}
	if c.Applicant.ID != c.Beneficiary.ID {
		entries = append(entries, ui.Entry{Name: f.T("inps.desk.applicant"), Value: c.Applicant.Name(), Note: string(c.Applicant.FiscalCode), Proper: true})
	}
	if c.Unconfirmed {
		entries = append(entries, ui.Entry{Name: f.T("inps.desk.title"), Value: f.T("inps.desk.title.declared"), Note: f.T("inps.desk.title.confirm")})
	}
	officer := f.T("inps.desk.nobody")
	if c.Officer.ID != "" {
		officer = c.Officer.Name()
	}
	return append(entries, ui.Entry{Name: f.T("inps.desk.col.officer"), Value: officer, Proper: c.Officer.ID != ""})
}

func dayOrNone(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return ui.Day(d)
}

// caseActions are the acts that an officer may do now on an application.
func caseActions(f ui.Frame, c voucher.Case, who identity.Actor) []ui.Link {
	path := deskCasePath(c.Application.ID)
	var links []ui.Link
	for _, a := range []struct {
		caseAct
		words string
	}{{actVerify, "inps.desk.verify"}, {actAskISEE, "inps.desk.ask_isee"}, {actRefuse, "inps.desk.refuse"}, {actReopen, "inps.desk.reopen"}} {
		if a.allowed(c, who) == nil {
			links = append(links, ui.Link{Text: f.T(a.words), URL: path + a.path})
		}
	}
	if who.Has(identity.Prepare) && c.Officer.ID != who.Person && c.Application.Pending() {
		links = append(links, ui.Link{Text: f.T("inps.desk.take"),
			URL: assignPath + "?domanda=" + string(c.Application.ID) + "&ritorno=" + path + "/" + deskDataTab})
	}
	return links
}

func (p *Portal) fillTab(r *http.Request, page *inps.CasePage, c voucher.Case, tab string) error {
	f := page.Frame
	switch tab {
	case deskDataTab:
		page.Parts = []inps.CasePart{{Title: f.T("inps.desk.part.given"), Entries: caseGiven(f, c)}}
		if c.Application.Rank > 0 {
			page.Parts = append(page.Parts, inps.CasePart{Title: f.T("citizen.data.ranking"), Entries: rankingData(f, c.Application)})
		}
		page.NoteURL = deskCasePath(c.Application.ID) + "/nota"
		for _, n := range c.Notes {
			page.Notes = append(page.Notes, inps.NoteRow{At: n.At, Author: n.Author, Text: n.Text})
		}
	case deskISEETab:
		page.Parts = []inps.CasePart{{Title: f.T("inps.desk.part.isee"), Entries: caseISEE(f, c)}}
	case deskChecksTab:
		page.Checks = checkRows(f, c)
		if parts := caseRefusals(f, c); parts != nil {
			page.Parts = parts
		}
	case deskCodeTab:
		return p.fillCode(page, c)
	case deskMessagesTab:
		sent, err := p.Desk.Told(r.Context(), c.Application.ID)
		if err != nil {
			return err
		}
		page.Messages = sentRows(f, sent, "")
		if len(sent) == 0 {
			page.Empty = f.T("inps.desk.messages_none")
		}
	case deskHistoryTab:
		looks, err := p.Desk.History(r.Context(), c)
		if err != nil {
			return err
		}
		page.Events = caseEvents(f, looks)
	}
	return nil
}

func caseGiven(f ui.Frame, c voucher.Case) []ui.Entry {
	a := c.Application
	entries := []ui.Entry{
		{Name: f.T("inps.desk.col.protocol"), Value: a.Protocol, Proper: true},
		{Name: f.T("inps.desk.edition"), Value: string(a.Edition)},
		{Name: f.T("inps.desk.col.sent"), Value: secondsOf(a.SubmittedAt)},
		{Name: f.T("inps.desk.channel"), Value: f.T("inps.desk.channel." + string(a.Channel))},
		{Name: f.T("inps.desk.col.territory"), Value: typeset(a.Territory), Proper: true},
		{Name: f.T("citizen.data.province"), Value: provinceName(a.Province), Proper: true},
		{Name: f.T("inps.desk.email"), Value: a.Email, Proper: true},
		{Name: f.T("inps.desk.phone"), Value: a.Phone, Proper: true},
	}
	if a.Reason != "" {
		entries = append(entries, ui.Entry{Name: f.T("inps.desk.ground"), Value: f.T("citizen.ground." + a.Reason)})
	}
	if !a.DecidedOn.IsZero() {
		entries = append(entries, ui.Entry{Name: f.T("inps.desk.decided_on"), Value: ui.Day(a.DecidedOn)})
	}
	return entries
}

func caseISEE(f ui.Frame, c voucher.Case) []ui.Entry {
	a, at := c.Application, c.Application.Attestation
	entries := append([]ui.Entry{{Name: f.T("inps.desk.isee_status"), Value: f.T("inps.desk.isee." + string(a.ISEEStatus))}}, meansData(f, c.CaseFile)...)
	kind := ""
	if at.Kind != "" {
		kind = f.T("inps.desk.isee_kind." + at.Kind)
	}
	entries = append(entries,
		ui.Entry{Name: f.T("inps.desk.isee_kind"), Value: kind},
		ui.Entry{Name: f.T("inps.desk.dsu"), Value: at.Protocol, Proper: true},
		ui.Entry{Name: f.T("inps.desk.isee_issued"), Value: dayOrNone(at.IssuedOn)},
		ui.Entry{Name: f.T("inps.desk.isee_until"), Value: dayOrNone(at.ValidUntil)})
	if len(at.Defects) > 0 {
		entries = append(entries, ui.Entry{Name: f.T("inps.desk.defects"), Value: strings.Join(at.Defects, ", ")})
	}
	if !a.CureBy.IsZero() {
		entries = append(entries, ui.Entry{Name: f.T("inps.desk.cure_by"), Value: ui.Day(a.CureBy)})
	}
	return entries
}

var checkTones = map[voucher.CheckOutcome]ui.Tone{voucher.CheckPassed: ui.Success, voucher.CheckFailed: ui.Danger,
	voucher.CheckWaits: ui.Action, voucher.CheckByHand: ui.Working}

func checkRows(f ui.Frame, c voucher.Case) []inps.CheckRow {
	var rows []inps.CheckRow
	for _, check := range c.Checks() {
		rows = append(rows, inps.CheckRow{Name: f.T("inps.desk.check." + check.Name), What: f.T("inps.desk.check." + check.Name + ".what"),
			Outcome: ui.Tag{Tone: checkTones[check.Outcome], Text: f.T("inps.desk.outcome." + string(check.Outcome))}})
	}
	return rows
}

// caseRefusals are the refusals that were proposed, and what came of them.
func caseRefusals(f ui.Frame, c voucher.Case) []inps.CasePart {
	var entries []ui.Entry
	for _, x := range c.Refusals {
		e := ui.Entry{Name: f.T("inps.desk.refusal." + string(x.State)), Value: f.T("citizen.ground." + x.Reason),
			Note: f.T("inps.desk.refusal_by", "Name", x.ProposedBy.Name(), "OnMoment", ui.OnMoment(x.ProposedAt))}
		if !x.DecidedAt.IsZero() {
			e.Note += " " + f.T("inps.desk.refusal_decided", "Name", x.DecidedBy.Name(), "OnMoment", ui.OnMoment(x.DecidedAt))
		}
		if !x.ReopenedAt.IsZero() {
			e.Note += " " + f.T("inps.desk.refusal_reopened", "Name", x.ReopenedBy.Name(), "OnMoment", ui.OnMoment(x.ReopenedAt))
		}
		if x.Note != "" {
			e.Note += " " + f.T("inps.desk.refusal_note", "Note", x.Note)
		}
		entries = append(entries, e)
	}
	if entries == nil {
		return nil
	}
	return []inps.CasePart{{Title: f.T("inps.desk.part.refusals"), Entries: entries}}
}

// fillCode shows the numbers of a voucher. The code stays masked, and sessions are
// counted: with whom they are is nobody's business here.
func (p *Portal) fillCode(page *inps.CasePage, c voucher.Case) error {
	f := page.Frame
	if !c.HasVoucher() {
		page.Empty = f.T("inps.desk.code_none")
		return nil
	}
	code, err := p.Vouchers.Code(c.CaseFile)
	if err != nil {
		return err
	}
	counts := map[voucher.BookingState]int{}
	for _, b := range c.Bookings {
		counts[b.State]++
	}
	v := c.Voucher
	number := func(state voucher.BookingState, sum money.Amount) string {
		return f.T("inps.desk.sessions_sum", "Count", counts[state], "Amount", sum)
	}
	page.Parts = []inps.CasePart{{Title: f.T("inps.desk.tab.codice"), Entries: []ui.Entry{
		{Name: f.T("ui.code.name"), Value: code.Masked(), Proper: true, Action: &ui.Link{Text: f.T("inps.codes.manage"), URL: codePath(v.ID)}},
		{Name: f.T("inps.codes.last_day"), Value: ui.Day(v.Terms.LastDay)},
		{Name: f.T("ui.balance.awarded"), Value: v.Awarded.String()},
		{Name: f.T("ui.balance.held"), Value: number(voucher.Held, v.Used)},
		{Name: f.T("ui.balance.booked"), Value: number(voucher.Booked, v.Booked)},
		{Name: f.T("inps.desk.sessions_cancelled"), Value: strconv.Itoa(counts[voucher.Cancelled])},
		{Name: f.T("ui.balance.left"), Value: v.Balance().String()},
	}}}
	return nil
}

func sentRows(f ui.Frame, sent []voucher.Sent, again string) []inps.SentRow {
	var rows []inps.SentRow
	for _, m := range sent {
		row := inps.SentRow{ID: m.ID, At: m.SentAt, Subject: m.Subject, Mailed: f.T("inps.desk.not_mailed")}
		if !m.MailedAt.IsZero() {
			row.Mailed = ui.ShortMoment(m.MailedAt)
		}
		if again != "" {
			row.AgainURL = again + "/" + m.ID
		}
		rows = append(rows, row)
	}
	return rows
}
