package voucher

import (
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// What is written in the register about reports.
const (
	DisputeMade       audit.Action = "dispute.made"
	DisputeTakenBack  audit.Action = "dispute.withdrawn"
	DisputeTaken      audit.Action = "dispute.taken"
	DisputeJudged     audit.Action = "dispute.proposed"
	DisputeSentBack   audit.Action = "dispute.returned"
	DisputeDecided    audit.Action = "dispute.decided"
	DisputeCarriedOut audit.Action = "dispute.carried_out"
	DisputeSeen       audit.Action = "dispute.seen"
	BookingCorrected  audit.Action = "booking.corrected" // its price, by the office
)

// CancelledAsDisputed is the ground of a session that the office cancelled because it
// did not take place.
const CancelledAsDisputed = "disputed"

// LongestReport is how many characters a holder may write of a session, and
// LongestAnswer an officer.
const (
	LongestReport = 1000
	LongestAnswer = 2000
)

// Why a report cannot be made or does not go on.
var (
	ErrDisputeEarly     = fault.Refuse("dispute.too_early")
	ErrDisputeCancelled = fault.Refuse("dispute.session_cancelled")
	ErrDisputeOpen      = fault.Refuse("dispute.open")
	ErrDisputeFound     = fault.Refuse("dispute.not_held_found")
	ErrDisputeKind      = fault.Invalid("dispute.kind_missing")
	ErrDisputeText      = fault.Invalid("dispute.text_missing")
	ErrDisputeTextLong  = fault.Invalid("dispute.text_long")
	ErrDisputeEnded     = fault.Refuse("dispute.ended")
	ErrDisputeProposed  = fault.Refuse("dispute.proposed")
	ErrDisputeNoAnswer  = fault.Refuse("dispute.unproposed")
	ErrDisputeMoved     = fault.Stale("dispute.moved")
	ErrDisputeOutcome   = fault.Invalid("dispute.outcome_missing")
	ErrDisputeGrounds   = fault.Invalid("dispute.grounds_missing")
	ErrDisputeAnswer    = fault.Invalid("dispute.answer_missing")
	ErrDisputeLong      = fault.Invalid("dispute.answer_long")
	ErrDisputePrice     = fault.Invalid("dispute.price_missing")
	ErrDisputeNote      = fault.Invalid("dispute.note_missing")
	ErrDisputeOwn       = fault.Refuse("dispute.own_proposal")
	ErrDisputeParty     = fault.Refuse("dispute.own_case")
	ErrDisputeInRun     = fault.Refuse("dispute.in_run")
	ErrDisputeNotBack   = fault.Refuse("dispute.not_back")
)

// MayAcknowledge tells why a holder cannot say that a session took place, nil when they
// can: see Booking.MayAcknowledge. Who has just reported it does not say so too, and of one
// that the office found not to have taken place nobody does.
func (f SessionFacts) MayAcknowledge(b Booking) error {
	if _, open := f.Disputed(); open {
		return ErrDisputeOpen
	}
	if f.foundNotHeld() {
		return ErrDisputeFound
	}
	return b.MayAcknowledge()
}

// Acknowledge notes that the holder says that the session took place.
func (c SessionCase) Acknowledge(who identity.Actor, now time.Time) (SessionDecision, error) {
	d, err := c.Account.Acknowledge(c.Session.ID, who, now)
	if err != nil {
		return SessionDecision{}, err
	}
	if err := c.MayAcknowledge(c.Session.Booking); err != nil {
		return SessionDecision{}, err
	}
	return SessionDecision{Money: &d}, nil
}

// MayReport tells why a holder cannot report a session on a day, nil when they can: it
// was confirmed, or its day has passed, no other report about it is open, and the office
// has not found that it did not take place.
func (f SessionFacts) MayReport(b Booking, today calendar.Date) error {
	_, open := f.Disputed()
	switch {
	case b.State == Cancelled:
		return ErrDisputeCancelled
	case b.State == Booked && !today.After(b.Day):
		return ErrDisputeEarly
	case open:
		return ErrDisputeOpen
	case f.foundNotHeld():
		return ErrDisputeFound
	}
	return nil
}

// Report says what is wrong with the session, for its holder. It is answered within
// the days of the edition. The money of a session is held back once: another report is
// answered like the first, and what it finds is recovered.
func (c SessionCase) Report(id DisputeID, kind DisputeKind, text string, who identity.Actor, now time.Time) (SessionDecision, error) {
	b, today := c.Session.Booking, calendar.On(now)
	if who.Role != identity.Citizen || who.For != b.Beneficiary {
		return SessionDecision{}, fault.ErrNotFound
	}
	if err := c.MayReport(b, today); err != nil {
		return SessionDecision{}, err
	}
	text = strings.TrimSpace(text)
	switch {
	case !slices.Contains(DisputeKinds, kind):
		return SessionDecision{}, ErrDisputeKind
	case kind == DisputeOther && text == "":
		return SessionDecision{}, ErrDisputeText
	case len([]rune(text)) > LongestReport:
		return SessionDecision{}, ErrDisputeTextLong
	}
	r := c.Account.Rules
	return c.decided(Dispute{
		ID: id, Booking: b.ID, MadeBy: who.Person, Mandate: who.Mandate, MadeAt: now, Kind: kind, Text: text, Holds: kind.Holds() && !slices.ContainsFunc(c.Disputes, func(d Dispute) bool { return d.Holds }),
		AnswerBy: r.Holidays.Is.Within(r.DisputeDays.Is, today), State: DisputeOpen,
	}, who, DisputeMade, now), nil
}

// Withdraw takes a report back, for whoever stands for the holder.
func (c SessionCase) Withdraw(id DisputeID, who identity.Actor, now time.Time) (SessionDecision, error) {
	d, err := c.Dispute(id)
	switch {
	case err != nil:
		return SessionDecision{}, err
	case who.Role != identity.Citizen || who.For != c.Session.Beneficiary:
		return SessionDecision{}, fault.ErrNotFound
	case !d.State.Open():
		return SessionDecision{}, ErrDisputeEnded
	}
	d.State = DisputeWithdrawn
	return c.decided(d, who, DisputeTakenBack, now), nil
}

// concerns tells whether a report is about the officer's own session.
func (c SessionCase) concerns(d Dispute, who identity.Actor) bool {
	b := c.Session.Booking
	return who.Person == b.Beneficiary || who.Person == b.Professional || who.Person == d.MadeBy
}

// MayTake tells why an officer cannot say that they work on a report.
func (c SessionCase) MayTake(d Dispute, who identity.Actor) error {
	if err := c.MayPropose(d, who); err != nil {
		return err
	}
	if d.TakenBy == who.Person {
		return ErrDisputeMoved
	}
	return nil
}

// Take notes that an officer works on a report, also instead of another one.
func (c SessionCase) Take(id DisputeID, who identity.Actor, now time.Time) (SessionDecision, error) {
	d, err := c.Dispute(id)
	if err != nil {
		return SessionDecision{}, err
	}
	if err := c.MayTake(d, who); err != nil {
		return SessionDecision{}, err
	}
	d.TakenBy = who.Person
	return c.decided(d, who, DisputeTaken, now), nil
}

// DisputeProposal is how an officer thinks that a report should end. Version is that
// of the report they read.
type DisputeProposal struct {
	Version int64
	Uphold  bool
	Right   money.Amount // what the session costs, where its price is wrong
	Grounds string       // for the office
	Answer  string       // for the holder to read
}

// MayPropose tells why an officer cannot propose how a report ends.
func (c SessionCase) MayPropose(d Dispute, who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	switch {
	case !d.State.Open():
		return ErrDisputeEnded
	case d.State == DisputeProposed:
		return ErrDisputeProposed
	case c.concerns(d, who):
		return ErrDisputeParty
	}
	return nil
}

// Propose writes how a report should end, with the grounds for the office and the
// answer that its holder will read.
func (c SessionCase) Propose(id DisputeID, p DisputeProposal, who identity.Actor, now time.Time) (SessionDecision, error) {
	d, err := c.Dispute(id)
	if err != nil {
		return SessionDecision{}, err
	}
	if err := c.MayPropose(d, who); err != nil {
		return SessionDecision{}, err
	}
	grounds, answer := strings.TrimSpace(p.Grounds), strings.TrimSpace(p.Answer)
	wrongPrice := p.Uphold && d.Kind == DisputeAmount
	switch {
	case p.Version != d.Version:
		return SessionDecision{}, ErrDisputeMoved
	case wrongPrice && (p.Right <= 0 || p.Right >= c.Session.Price()-c.recovering()):
		return SessionDecision{}, ErrDisputePrice
	case grounds == "":
		return SessionDecision{}, ErrDisputeGrounds
	case answer == "":
		return SessionDecision{}, ErrDisputeAnswer
	case len([]rune(grounds)) > LongestAnswer || len([]rune(answer)) > LongestAnswer:
		return SessionDecision{}, ErrDisputeLong
	}
	d.State, d.Proposal, d.Grounds, d.Answer = DisputeProposed, ProposeDismiss, grounds, answer
	d.ProposedBy, d.ProposedAt, d.TakenBy, d.Right = who.Person, now, who.Person, 0
	if p.Uphold {
		d.Proposal = ProposeUphold
	}
	if wrongPrice {
		d.Right = p.Right
	}
	return c.decided(d, who, DisputeJudged, now), nil
}

// MayDecide tells why an officer cannot decide a report: it takes another person than
// the one who proposed.
func (c SessionCase) MayDecide(d Dispute, who identity.Actor) error {
	switch {
	case who.Role == identity.INPS && d.State == DisputeProposed && who.Person == d.ProposedBy:
		return ErrDisputeOwn
	case who.Must(identity.INPS, identity.Approve) != nil:
		return identity.ErrNoDuty
	case !d.State.Open():
		return ErrDisputeEnded
	case d.State != DisputeProposed:
		return ErrDisputeNoAnswer
	case c.concerns(d, who):
		return ErrDisputeParty
	}
	return nil
}

// Decide ends a report as it was proposed. One that is upheld is carried out at once;
// where the session was paid, what it costs too much is to be recovered.
func (c SessionCase) Decide(id DisputeID, version int64, who identity.Actor, now time.Time) (SessionDecision, error) {
	d, err := c.Dispute(id)
	if err != nil {
		return SessionDecision{}, err
	}
	if err := c.MayDecide(d, who); err != nil {
		return SessionDecision{}, err
	}
	if version != d.Version {
		return SessionDecision{}, ErrDisputeMoved
	}
	d.State, d.DecidedBy, d.DecidedAt = DisputeDismissed, who.Person, now
	if d.Proposal == ProposeDismiss {
		return c.decided(d, who, DisputeDecided, now), nil
	}
	d.State = DisputeUpheld
	if c.moot(d) {
		return c.decided(d, who, DisputeDecided, now), nil
	}
	switch {
	case c.Payment.State == "frozen":
		return SessionDecision{}, ErrDisputeInRun
	case c.Payment.Live():
		d.Recover = c.ToRecover(d)
		return c.decided(d, who, DisputeDecided, now), nil
	}
	money := c.carryOut(d, who, now)
	decision := c.decided(d, who, DisputeDecided, now)
	decision.Money = &money
	return decision, nil
}

// ToRecover is what of the payment of the session comes back once a report about it is
// upheld, beside what earlier ones recover.
func (c SessionCase) ToRecover(d Dispute) money.Amount {
	return max(c.Payment.Amount-d.Right-c.recovering(), 0)
}

// recovering is what the reports that were upheld recover of the session.
func (f SessionFacts) recovering() (sum money.Amount) {
	for _, d := range f.Disputes {
		sum += d.Recover
	}
	return sum
}

// moot tells whether an upheld report moves no money: it is about something else, or
// the session is cancelled or costs no more than it should.
func (c SessionCase) moot(d Dispute) bool {
	b := c.Session.Booking
	return !d.Kind.Holds() || b.State == Cancelled || d.Kind == DisputeAmount && b.Price() <= d.Right
}

// MayCarryOut tells why what was upheld of a paid session cannot be carried out: it is
// once the payment has come back.
func (c SessionCase) MayCarryOut(d Dispute, who identity.Actor) error {
	switch {
	case who.Must(identity.INPS, identity.Approve) != nil:
		return identity.ErrNoDuty
	case d.Recover == 0:
		return ErrDisputeEnded
	case c.Payment.Live():
		return ErrDisputeNotBack
	case c.concerns(d, who):
		return ErrDisputeParty
	}
	return nil
}

// CarryOut does what was upheld, once the payment of the session has come back: there
// is nothing to recover any more.
func (c SessionCase) CarryOut(id DisputeID, who identity.Actor, now time.Time) (SessionDecision, error) {
	d, err := c.Dispute(id)
	if err != nil {
		return SessionDecision{}, err
	}
	if err := c.MayCarryOut(d, who); err != nil {
		return SessionDecision{}, err
	}
	d.Recover = 0
	decision := c.decided(d, who, DisputeCarriedOut, now)
	if !c.moot(d) {
		money := c.carryOut(d, who, now)
		decision.Money = &money
	}
	return decision, nil
}

// carryOut cancels a session that did not take place, or puts its price right.
func (c SessionCase) carryOut(d Dispute, who identity.Actor, now time.Time) Decision {
	var money Decision
	if d.Kind == DisputeNotHeld {
		money = c.Account.annulDisputed(c.Session.Booking, now)
	} else {
		money = c.Account.correct(c.Session.Booking, d.Right, who, now)
	}
	money.tellBalance(money.Entries[0].Actor, now)
	return money
}

// annulDisputed cancels a session, by the office: its price is free again, or goes
// back to the fund where nobody can spend it any more.
func (a Account) annulDisputed(b Booking, now time.Time) Decision {
	event, price := Released, b.Amount
	if b.State == Held {
		event, price = Retracted, b.Price()
	}
	b.State, b.CancelledAt, b.CancelReason, b.CancelGround, b.Claimed = Cancelled, now, ByOffice, CancelledAsDisputed, 0
	d := Decision{Voucher: a.Voucher, Bookings: []Booking{b}, Entries: []audit.Entry{b.entry(identity.Office(), now, BookingCancelled)}}
	d.Postings = []Posting{d.Voucher.post(event, b.ID, price)}
	d.Postings = append(d.Postings, d.Voucher.giveBack(b.ID, price)...)
	return d
}

// correct lowers the price of a session to what is right, and with it what its invoice
// claims.
func (a Account) correct(b Booking, right money.Amount, who identity.Actor, now time.Time) Decision {
	d := Decision{Voucher: a.Voucher}
	was := b.Price()
	if b.State == Booked {
		d.Postings = []Posting{d.Voucher.post(Lowered, b.ID, b.Amount-right)}
	} else {
		if less := b.Amount - b.Price(); less > 0 { // its invoice had lowered it already
			d.Postings = append(d.Postings, d.Voucher.post(Restored, b.ID, less))
		}
		d.Postings = append(d.Postings, d.Voucher.post(Corrected, b.ID, b.Amount-right))
	}
	b.Amount = right
	if b.Invoiced() {
		b.Claimed = right
	}
	d.Postings = append(d.Postings, d.Voucher.giveBack(b.ID, was-right)...)
	d.Bookings, d.Entries = []Booking{b}, []audit.Entry{b.entry(who, now, BookingCorrected)}
	return d
}

// Return sends a proposal back, with a note for who made it.
func (c SessionCase) Return(id DisputeID, version int64, why string, who identity.Actor, now time.Time) (SessionDecision, error) {
	d, err := c.Dispute(id)
	if err != nil {
		return SessionDecision{}, err
	}
	if err := c.MayDecide(d, who); err != nil {
		return SessionDecision{}, err
	}
	why = strings.TrimSpace(why)
	switch {
	case version != d.Version:
		return SessionDecision{}, ErrDisputeMoved
	case why == "":
		return SessionDecision{}, ErrDisputeNote
	case len([]rune(why)) > LongestAnswer:
		return SessionDecision{}, ErrDisputeLong
	}
	d.State, d.Proposal, d.ProposedBy, d.ProposedAt, d.Right = DisputeOpen, "", "", time.Time{}, 0
	decision := c.decided(d, who, DisputeSentBack, now)
	decision.Note = why
	return decision, nil
}

func (c SessionCase) decided(d Dispute, who identity.Actor, what audit.Action, now time.Time) SessionDecision {
	return SessionDecision{Dispute: &d, Entry: d.entry(who, what, c.Session.Beneficiary, now)}
}

func (d Dispute) entry(who identity.Actor, what audit.Action, about identity.PersonID, now time.Time) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: string(d.ID), About: about}
}
