package voucher

import (
	"context"
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// DisputeID names a report: a random UUID.
type DisputeID string

// DisputeKind is what a holder says is wrong with a session.
type DisputeKind string

// The kinds; the database knows the same words.
const (
	DisputeNotHeld DisputeKind = "not_held" // «Non ho fatto questa seduta»
	DisputeAmount  DisputeKind = "amount"   // «L'importo è diverso»
	DisputeCharged DisputeKind = "charged"  // asked to pay what the contribution covers
	DisputeOther   DisputeKind = "other"
)

// DisputeKinds lists every kind, in the order in which they are asked.
var DisputeKinds = []DisputeKind{DisputeNotHeld, DisputeAmount, DisputeCharged, DisputeOther}

// Holds tells whether a report of the kind keeps the money of the session back until
// it is decided.
func (k DisputeKind) Holds() bool { return k == DisputeNotHeld || k == DisputeAmount }

// DisputeState is where a report stands.
//
//	Open ─┬─> Proposed ─┬─> Upheld
//	  ▲   │      │      └─> Dismissed
//	  └───┼──────┘ sent back
//	      └─> Withdrawn, also from Proposed
type DisputeState string

// The states; the database knows the same words.
const (
	DisputeOpen      DisputeState = "open"
	DisputeProposed  DisputeState = "proposed"
	DisputeUpheld    DisputeState = "upheld"
	DisputeDismissed DisputeState = "dismissed"
	DisputeWithdrawn DisputeState = "withdrawn"
)

// DisputeStates lists every state.
var DisputeStates = []DisputeState{DisputeOpen, DisputeProposed, DisputeUpheld, DisputeDismissed, DisputeWithdrawn}

// Open tells whether nothing has been decided yet.
func (s DisputeState) Open() bool { return s == DisputeOpen || s == DisputeProposed }

// What an officer may propose.
const (
	ProposeUphold  = "uphold"
	ProposeDismiss = "dismiss"
)

// Dispute is what a holder says is wrong with a session (segnalazione), and what the
// office makes of it. The professional never reads its text.
type Dispute struct {
	ID         DisputeID
	Protocol   string
	Booking    BookingID
	MadeBy     identity.PersonID
	Mandate    identity.MandateID // "" in one's own name
	MadeAt     time.Time
	Kind       DisputeKind
	Text       string
	Holds      bool
	AnswerBy   calendar.Date
	State      DisputeState
	Proposal   string // ProposeUphold or ProposeDismiss, "" before there is one
	Grounds    string // for the office
	Answer     string // for the holder
	TakenBy    identity.PersonID
	ProposedBy identity.PersonID
	ProposedAt time.Time
	Right      money.Amount // what the session costs, where its price is found to be wrong
	DecidedBy  identity.PersonID
	DecidedAt  time.Time
	Recover    money.Amount // that had been paid, and is to come back
	Version    int64
}

// SessionInvoice is the invoice that claims a session.
type SessionInvoice struct {
	ID       string // "" where there is none
	Number   string
	IssuedOn calendar.Date
	State    string // see the states of invoices
	Claimed  money.Amount
	At       time.Time // its data came in
}

// SessionPayment is the last payment in which a session is.
type SessionPayment struct {
	State     string // of its order: "" where there is none
	Amount    money.Amount
	Run       string // id
	Number    int    // of the run
	ValueDay  calendar.Date
	Reference string
}

// Live tells whether the session is being paid, or was.
func (p SessionPayment) Live() bool {
	return p.State == "frozen" || p.State == "sent" || p.State == "paid"
}

// SessionFacts is what became of a session after it was booked.
type SessionFacts struct {
	Disputes []Dispute // newest first
	Moves    []Move    // oldest first
	Invoice  SessionInvoice
	Payment  SessionPayment
}

// Disputed is the report that is not decided yet; false without one.
func (f SessionFacts) Disputed() (Dispute, bool) {
	for _, d := range f.Disputes {
		if d.State.Open() {
			return d, true
		}
	}
	return Dispute{}, false
}

// foundNotHeld tells whether the office has found that the session did not take place.
func (f SessionFacts) foundNotHeld() bool {
	return slices.ContainsFunc(f.Disputes, func(d Dispute) bool { return d.Kind == DisputeNotHeld && d.State == DisputeUpheld })
}

// SessionCase is a session with all that judges what is said of it.
type SessionCase struct {
	SessionFacts
	Session   Session
	Account   Account
	Names     map[identity.PersonID]string // of who reported it and who worked on it
	Notes     []ReviewNote                 // with which proposals were sent back
	Protocol  string                       // of the application
	Territory string
}

// Dispute is one of the reports about the session; fault.ErrNotFound.
func (c SessionCase) Dispute(id DisputeID) (Dispute, error) {
	for _, d := range c.Disputes {
		if d.ID == id {
			return d, nil
		}
	}
	return Dispute{}, fault.ErrNotFound
}

// SessionDecision is what an act about a session and its reports changes.
type SessionDecision struct {
	Money   *Decision // of the voucher, nil where nothing of it moves
	Dispute *Dispute  // as it is after the act, nil where there is none
	Note    string    // with which a proposal is sent back
	Entry   audit.Entry
}

// DisputeStore keeps what holders say of their sessions, and what the office answers.
// Every write carries its form.
type DisputeStore interface {
	// Facts is what became of a session.
	Facts(ctx context.Context, id BookingID) (SessionFacts, error)
	// Case is a session with all that judges it; fault.ErrNotFound.
	Case(ctx context.Context, id BookingID) (SessionCase, error)
	// SessionOf is the session that a report is about; fault.ErrNotFound.
	SessionOf(ctx context.Context, id DisputeID) (BookingID, error)
	// Change locks the voucher of a session, asks for a decision on what is then so,
	// and saves it: the outcome it returns is that of the form's first sending.
	Change(ctx context.Context, form once.Form, id BookingID, decide func(SessionCase) (SessionDecision, error)) (string, error)
	// Worklist is a page of reports.
	Worklist(ctx context.Context, ask DisputeList) (DisputePage, error)
	// Sessions is a page of sessions, as the office looks through them.
	Sessions(ctx context.Context, ask SessionList) (SessionPage, error)
	// Search lists the last sessions of whom an officer looks for, and writes that
	// they did.
	Search(ctx context.Context, who identity.Actor, q Quest, now time.Time) ([]SessionRow, error)
	// History is what the register says of a session, newest first.
	History(ctx context.Context, id BookingID) ([]audit.Look, error)
	// See writes that a session was looked at.
	See(ctx context.Context, e audit.Entry) error
}

// Disputes is the two sides of a session: what its holder says of it, and what the
// office makes of that; one officer proposes, another decides.
type Disputes struct {
	DisputeStore
	now func() time.Time
}

// NewDisputes is the service on a store, with a clock.
func NewDisputes(s DisputeStore, now func() time.Time) *Disputes { return &Disputes{s, now} }

// Acknowledge notes that the holder says that a session took place.
func (s *Disputes) Acknowledge(ctx context.Context, who identity.Actor, form once.Form, id BookingID) error {
	_, err := s.Change(ctx, form, id, func(c SessionCase) (SessionDecision, error) { return c.Acknowledge(who, s.now()) })
	return err
}

// Report says what is wrong with a session.
func (s *Disputes) Report(ctx context.Context, who identity.Actor, form once.Form, id BookingID, kind DisputeKind, text string) (DisputeID, error) {
	outcome, err := s.Change(ctx, form, id, func(c SessionCase) (SessionDecision, error) {
		return c.Report(NewDisputeID(), kind, text, who, s.now())
	})
	return DisputeID(outcome), err
}

// change is an act on a report.
func (s *Disputes) change(ctx context.Context, form once.Form, id DisputeID, decide func(SessionCase) (SessionDecision, error)) error {
	booking, err := s.SessionOf(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.Change(ctx, form, booking, decide)
	return err
}

// Withdraw takes a report back, while nobody has decided it.
func (s *Disputes) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id DisputeID) error {
	return s.change(ctx, form, id, func(c SessionCase) (SessionDecision, error) { return c.Withdraw(id, who, s.now()) })
}

// Take notes that an officer works on a report.
func (s *Disputes) Take(ctx context.Context, who identity.Actor, form once.Form, id DisputeID) error {
	return s.change(ctx, form, id, func(c SessionCase) (SessionDecision, error) { return c.Take(id, who, s.now()) })
}

// Propose writes how a report should end.
func (s *Disputes) Propose(ctx context.Context, who identity.Actor, form once.Form, id DisputeID, p DisputeProposal) error {
	return s.change(ctx, form, id, func(c SessionCase) (SessionDecision, error) { return c.Propose(id, p, who, s.now()) })
}

// Decide ends a report as it was proposed, by another person.
func (s *Disputes) Decide(ctx context.Context, who identity.Actor, form once.Form, id DisputeID, version int64) error {
	return s.change(ctx, form, id, func(c SessionCase) (SessionDecision, error) { return c.Decide(id, version, who, s.now()) })
}

// Return sends a proposal back to be thought over.
func (s *Disputes) Return(ctx context.Context, who identity.Actor, form once.Form, id DisputeID, version int64, why string) error {
	return s.change(ctx, form, id, func(c SessionCase) (SessionDecision, error) { return c.Return(id, version, why, who, s.now()) })
}

// CarryOut does what was upheld when the session was already paid, once that payment
// has come back.
func (s *Disputes) CarryOut(ctx context.Context, who identity.Actor, form once.Form, id DisputeID) error {
	return s.change(ctx, form, id, func(c SessionCase) (SessionDecision, error) { return c.CarryOut(id, who, s.now()) })
}

// Open is a session for an officer who looks at it: that is written down.
func (s *Disputes) Open(ctx context.Context, who identity.Actor, id BookingID) (SessionCase, error) {
	if err := works(who); err != nil {
		return SessionCase{}, err
	}
	c, err := s.Case(ctx, id)
	if err != nil {
		return c, err
	}
	return c, s.See(ctx, c.Session.entry(who, s.now(), BookingSeen))
}

// OpenDispute is a report with its session, for an officer who looks at it.
func (s *Disputes) OpenDispute(ctx context.Context, who identity.Actor, id DisputeID) (Dispute, SessionCase, error) {
	if err := works(who); err != nil {
		return Dispute{}, SessionCase{}, err
	}
	booking, err := s.SessionOf(ctx, id)
	if err != nil {
		return Dispute{}, SessionCase{}, err
	}
	c, err := s.Case(ctx, booking)
	if err != nil {
		return Dispute{}, c, err
	}
	d, err := c.Dispute(id)
	if err != nil {
		return d, c, err
	}
	return d, c, s.See(ctx, d.entry(who, DisputeSeen, c.Session.Beneficiary, s.now()))
}

// Found lists the sessions of whom an officer looks for.
func (s *Disputes) Found(ctx context.Context, who identity.Actor, q Quest) ([]SessionRow, error) {
	if err := works(who); err != nil {
		return nil, err
	}
	return s.Search(ctx, who, q, s.now())
}
