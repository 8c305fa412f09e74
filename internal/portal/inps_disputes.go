package portal

import (
	"errors"
	"net/http"
	"slices"

	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const disputesPath = workPath + "/segnalazioni"

func disputePath(id voucher.DisputeID) string { return disputesPath + "/" + string(id) }

// disputeSlugs are the parts of the worklist of reports, as addresses write them.
var disputeSlugs = []filterWord[voucher.DisputeShelf]{{"", voucher.DisputesToJudge}, {"da-approvare", voucher.DisputesToDecide},
	{"decise", voucher.DisputesDecided}, {"da-recuperare", voucher.DisputesToRecover}}

// inpsDisputes is the worklist of what citizens report of their sessions, the nearest
// term first (I-19).
func (p *Portal) inpsDisputes(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	number := pageNumber(q)
	shelf := slugged(disputeSlugs, q.Get("stato"))
	if shelf == "" {
		shelf = voucher.DisputesToJudge
	}
	found, err := p.Disputes.Worklist(r.Context(), voucher.DisputeList{Shelf: shelf, Page: number})
	if err != nil {
		return err
	}
	f := p.disputesFrame(r)
	today, slug, total := calendar.On(p.Now()), "", found.Counts[shelf]
	page := inps.DisputesPage{Frame: f, Count: counted(f, "inps.disputes.count", total), Money: shelf == voucher.DisputesToRecover, OtherURL: reviewsPath}
	if page.Money && found.ToRecover > 0 {
		page.Recover = f.T("inps.disputes.to_recover", "Amount", found.ToRecover)
	}
	for _, s := range disputeSlugs {
		if s.is == shelf {
			slug = s.name
		}
		page.Shelves = append(page.Shelves, ui.Tab{Text: f.T("inps.disputes.shelf."+string(s.is), "N", grouped(found.Counts[s.is])), URL: shelfPage(disputesPath, s.name, 1), Current: s.is == shelf})
	}
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, disputeRow(f, l, today))
	}
	page.Pages = pagesOf(f.T("inps.disputes.pages"), number, total, voucher.DisputesPerPage, func(n int) string { return shelfPage(disputesPath, slug, n) })
	return p.show(w, r, inps.Disputes(page))
}

func disputeRow(f ui.Frame, l voucher.DisputeLine, today calendar.Date) inps.DisputeRow {
	row := inps.DisputeRow{ID: string(l.ID), URL: disputePath(l.ID), Protocol: l.Protocol, Kind: f.T("inps.disputes.kind." + string(l.Kind)),
		Territory: typeset(l.Territory), Session: ui.ShortDay(l.Day), Price: l.Price.String(), Recover: l.Recover.String(),
		Made: ui.ShortMoment(l.MadeAt), Last: l.AnswerBy, State: disputeTag(f, l.State), Officer: l.Officer}
	if l.Recover > 0 && !l.Paid {
		row.Holds = f.T("inps.disputes.came_back")
	}
	if !l.State.Open() {
		return row
	}
	if l.Holds {
		row.Holds = f.T("inps.disputes.holds")
	}
	row.Left, row.Late = reviewLeft(f, today, l.AnswerBy)
	return row
}

func disputeTag(f ui.Frame, s voucher.DisputeState) ui.Tag {
	tones := map[voucher.DisputeState]ui.Tone{voucher.DisputeOpen: ui.Action, voucher.DisputeProposed: ui.Working,
		voucher.DisputeUpheld: ui.Success, voucher.DisputeDismissed: ui.Danger, voucher.DisputeWithdrawn: ui.Closed}
	return ui.Tag{Tone: tones[s], Text: f.T("inps.disputes.state." + string(s))}
}

func (p *Portal) disputesFrame(r *http.Request, below ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("inps.disputes.title")
	own := ui.Crumb{Text: f.Title}
	if len(below) > 0 {
		own.URL = disputesPath
	}
	f.Path = inpsCrumbs(f, append([]ui.Crumb{{Text: f.T("menu.inps.sessions"), URL: deskSessionsPath}, own}, below...)...)
	return f
}

// inpsDisputeCase is the report in the address, as an officer opens it.
func (p *Portal) inpsDisputeCase(r *http.Request) (voucher.Dispute, voucher.SessionCase, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Dispute{}, voucher.SessionCase{}, err
	}
	return p.Disputes.OpenDispute(r.Context(), actor(r), voucher.DisputeID(id))
}

// inpsDispute is one report with what it takes to judge it.
func (p *Portal) inpsDispute(w http.ResponseWriter, r *http.Request) error {
	d, c, err := p.inpsDisputeCase(r)
	if err != nil {
		return err
	}
	f := p.disputesFrame(r, ui.Crumb{Text: d.Protocol})
	f.Title = f.T("inps.disputes.one", "Protocol", d.Protocol)
	f.Caption = f.T("citizen.application.protocol", "Protocol", c.Protocol)
	tag := disputeTag(f, d.State)
	f.Badge = &tag
	f.Back = &ui.Link{Text: f.T("inps.disputes.back.list"), URL: disputesPath}
	page := inps.DisputePage{Frame: f, Next: f.T("inps.disputes.next." + string(d.State)), Report: disputeData(f, d, c), Session: disputeSession(f, c)}
	if d.State.Open() {
		page.Term = &ui.DeadlineProps{What: f.T("inps.disputes.answer_by"), Last: d.AnswerBy, Today: calendar.On(p.Now()),
			Rule: f.T("review.office.decide_by.rule", "Article", c.Account.Rules.DisputeDays.Article)}
	}
	if d.Proposal != "" {
		page.Proposal = disputeProposal(f, d, c)
	}
	if d.Recover > 0 {
		page.Recover = f.T("inps.disputes.recover.now", "Amount", d.Recover)
		if !c.Payment.Live() {
			page.Recover = f.T("inps.disputes.recover.back")
		}
	}
	p.disputeActions(r, d, c, &page)
	for _, n := range c.Notes {
		page.Returned = append(page.Returned, ui.Event{When: n.At, Text: n.Text, Who: n.Name})
	}
	slices.Reverse(page.Returned)
	page.Events = disputeEvents(f, d, c)
	return p.show(w, r, inps.Dispute(page))
}

// disputeActions fills in what the reader may do, or why they may not.
func (p *Portal) disputeActions(r *http.Request, d voucher.Dispute, c voucher.SessionCase, page *inps.DisputePage) {
	f, who, here := page.Frame, actor(r), disputePath(d.ID)
	switch err := c.MayPropose(d, who); {
	case err == nil:
		page.Actions = append(page.Actions, ui.Link{Text: f.T("inps.disputes.propose"), URL: here + "/proposta"})
	case errors.Is(err, voucher.ErrDisputeParty):
		page.Why = words(f, voucher.ErrDisputeParty)
	}
	if c.MayTake(d, who) == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("inps.disputes.take"), URL: here + "/presa"})
	}
	switch err := c.MayDecide(d, who); {
	case err == nil:
		page.Actions = append(page.Actions, ui.Link{Text: f.T("inps.disputes.decide"), URL: here + "/decisione"})
	case errors.Is(err, voucher.ErrDisputeOwn):
		page.Why = words(f, voucher.ErrDisputeOwn)
	case errors.Is(err, voucher.ErrDisputeParty):
		page.Why = words(f, voucher.ErrDisputeParty)
	}
	if c.MayCarryOut(d, who) == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("inps.disputes.carry_out"), URL: here + "/esecuzione"})
	}
}

func disputeData(f ui.Frame, d voucher.Dispute, c voucher.SessionCase) []ui.Entry {
	maker := ui.Entry{Name: f.T("inps.disputes.maker"), Value: c.Names[d.MadeBy], Proper: true}
	if d.Mandate != "" {
		maker.Note = f.T("review.office.asker.for", "Name", c.Session.Holder.Name())
	}
	entries := []ui.Entry{
		{Name: f.T("inps.disputes.made"), Value: ui.Moment(d.MadeAt)}, maker,
		{Name: f.T("inps.disputes.kind"), Value: f.T("inps.disputes.kind." + string(d.Kind))},
	}
	if d.Text != "" {
		entries = append(entries, ui.Entry{Name: f.T("inps.disputes.text"), Value: d.Text})
	}
	money := "inps.disputes.money.free"
	if d.Holds {
		money = "inps.disputes.money.held"
		if !d.State.Open() {
			money = "inps.disputes.money.was_held"
		}
	}
	entries = append(entries, ui.Entry{Name: f.T("inps.disputes.money"), Value: f.T(money)})
	if name := c.Names[d.TakenBy]; name != "" {
		entries = append(entries, ui.Entry{Name: f.T("inps.disputes.officer"), Value: name, Proper: true})
	}
	return entries
}

// disputeSession is the session that a report is about, as the records have it.
func disputeSession(f ui.Frame, c voucher.SessionCase) []ui.Entry {
	s := c.Session
	entries := []ui.Entry{
		{Name: f.T("inps.sessions.when"), Value: appointmentDay(s.Appointment()), Action: &ui.Link{Text: f.T("inps.disputes.see_session"), URL: deskSessionPath(s.ID)}},
		{Name: f.T("inps.sessions.holder"), Value: s.Holder.Name(), Note: s.Holder.FiscalCode.Masked(), Proper: true},
		{Name: f.T("inps.sessions.professional"), Value: s.ProfessionalName, Proper: true},
		{Name: f.T("inps.sessions.place"), Value: typeset(s.Place), Proper: true},
		{Name: f.T("inps.sessions.price"), Value: s.Price().String()},
		{Name: f.T("inps.sessions.booked"), Value: ui.Moment(s.BookedAt)},
	}
	if !s.HeldAt.IsZero() {
		entries = append(entries, ui.Entry{Name: f.T("inps.sessions.held"), Value: ui.Moment(s.HeldAt)})
	}
	if !s.Acknowledged.IsZero() {
		entries = append(entries, ui.Entry{Name: f.T("inps.sessions.acknowledged"), Value: ui.Moment(s.Acknowledged)})
	}
	if s.State == voucher.Cancelled {
		entries = append(entries, ui.Entry{Name: f.T("inps.sessions.cancelled"), Value: f.T("citizen.by", "Who", f.T("citizen.by."+string(s.CancelReason)), "When", ui.OnMoment(s.CancelledAt))})
	}
	if i := c.Invoice; i.ID != "" {
		entries = append(entries, ui.Entry{Name: f.T("inps.sessions.invoice"), Value: f.T("citizen.booking.invoice.data", "Number", i.Number, "Of", ui.OfDay(i.IssuedOn)),
			Note: f.T("inps.sessions.invoice.state." + i.State), Proper: true})
	}
	if c.Payment.State != "" {
		entries = append(entries, ui.Entry{Name: f.T("inps.sessions.payment"), Value: f.T("inps.sessions.payment.state." + c.Payment.State), Note: c.Payment.Amount.String()})
	}
	return entries
}

// disputeProposal is how a report should end, and who says so.
func disputeProposal(f ui.Frame, d voucher.Dispute, c voucher.SessionCase) []ui.Entry {
	entries := []ui.Entry{{Name: f.T("inps.disputes.outcome"), Value: f.T("inps.disputes.outcome." + d.Proposal), Note: disputeEffect(f, d, c)},
		{Name: f.T("inps.disputes.grounds"), Value: d.Grounds}, {Name: f.T("inps.disputes.answer"), Value: d.Answer}}
	if name := c.Names[d.ProposedBy]; name != "" {
		entries = append(entries, ui.Entry{Name: f.T("review.office.proposer"), Value: name, Note: ui.Moment(d.ProposedAt), Proper: true})
	}
	if name := c.Names[d.DecidedBy]; name != "" {
		entries = append(entries, ui.Entry{Name: f.T("review.office.decider"), Value: name, Note: ui.Moment(d.DecidedAt), Proper: true})
	}
	return entries
}

// disputeEffect says what an outcome does to the session and its money.
func disputeEffect(f ui.Frame, d voucher.Dispute, c voucher.SessionCase) string {
	price := c.Session.Price()
	switch {
	case !d.State.Open():
		return ""
	case d.Proposal != voucher.ProposeUphold || !d.Kind.Holds():
		return f.T("inps.disputes.effect.none")
	case c.Session.State == voucher.Cancelled:
		return f.T("inps.disputes.effect.cancelled")
	case c.Payment.State == "frozen":
		return words(f, voucher.ErrDisputeInRun)
	case c.Payment.Live():
		return f.T("inps.disputes.effect.recover", "Amount", c.ToRecover(d))
	case d.Kind == voucher.DisputeNotHeld && c.Account.Voucher.State != voucher.Active:
		return f.T("inps.disputes.effect.fund", "Amount", price)
	case d.Kind == voucher.DisputeNotHeld:
		return f.T("inps.disputes.effect.annul", "Amount", price)
	}
	return f.T("inps.disputes.effect.lower", "Was", price, "Is", d.Right)
}

// disputeEvents is what happened to a report, newest first.
func disputeEvents(f ui.Frame, d voucher.Dispute, c voucher.SessionCase) []ui.Event {
	events := []ui.Event{{When: d.MadeAt, Text: f.T("inps.disputes.event.made"), Who: c.Names[d.MadeBy]}}
	if !d.ProposedAt.IsZero() {
		events = append(events, ui.Event{When: d.ProposedAt, Text: f.T("inps.disputes.event.proposed"), Who: c.Names[d.ProposedBy]})
	}
	if !d.DecidedAt.IsZero() {
		events = append(events, ui.Event{When: d.DecidedAt, Text: f.T("inps.disputes.event." + string(d.State)), Who: c.Names[d.DecidedBy]})
	}
	slices.Reverse(events)
	return events
}
