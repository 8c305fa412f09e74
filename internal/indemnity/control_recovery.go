package indemnity

import (
	"context"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/rules"
	"portal/internal/term"
)

// What is written in the register about recoveries. The subject is the case.
const (
	RecoveryReceived         audit.Action = "indemnity.recovery_received"
	RecoveryWriteOffProposed audit.Action = "indemnity.recovery_write_off_proposed"
	RecoveryWriteOffSentBack audit.Action = "indemnity.recovery_write_off_sent_back"
	RecoveryWrittenOff       audit.Action = "indemnity.recovery_written_off"
	RecoverySeen             audit.Action = "indemnity.recovery_seen"
)

// Why an indemnity is not taken back, or a recovery does not go on.
var (
	ErrNotRevocable     = fault.Refuse("indemnity.not_revocable")     // nobody pays it
	ErrControlRegular   = fault.Refuse("indemnity.control_regular")   // nothing irregular was found
	ErrPaymentUnderWay  = fault.Refuse("indemnity.payment_under_way") // the bank has not answered
	ErrNotRevoked       = fault.Refuse("indemnity.not_revoked")
	ErrRecoveryClosed   = fault.Stale("indemnity.recovery_closed")
	ErrRecoveryMoved    = fault.Stale("indemnity.recovery_moved")
	ErrReceiptAmount    = fault.Invalid("indemnity.receipt_amount") // more than nothing, and than is left
	ErrReceiptDay       = fault.Invalid("indemnity.receipt_day")
	ErrReceiptReference = fault.Invalid("indemnity.receipt_reference")
	ErrWriteOffReason   = fault.Invalid("indemnity.write_off_reason")
	ErrWriteOffWaits    = fault.Refuse("indemnity.write_off_waits")
	ErrNoWriteOff       = fault.Refuse("indemnity.no_write_off")
	ErrOwnWriteOff      = fault.Refuse("indemnity.own_write_off")
	ErrOwnRecovery      = fault.Refuse("indemnity.own_recovery")
)

// TermRecovery is the term to give back what was not due. The call is silent: thirty days
// from the decision, with the holidays of the call, are a reading.
const TermRecovery term.Name = "indemnity.recovery"

// RecoveryDays is how many days there are to give back what was not due.
const RecoveryDays = 30

// Recovery is the term to give back what was not due, from the day on which it was
// revoked.
func (t Terms) Recovery(revokedOn calendar.Date) term.Term {
	x := t.of(TermRecovery, rules.Value[int]{Is: RecoveryDays}, revokedOn, RecoveryForced)
	x.Reading = "RECOVERY_DAYS"
	return x
}

// RecoveryForced is what happens when a recovery is not paid in its term.
const RecoveryForced term.Effect = "indemnity.recovery_forced"

// Payout is what was paid of a case, by payee.
type Payout struct {
	Paid     []PaidTo
	UnderWay bool // the bank was told to pay, and has not answered
}

// PaidTo is what one payee got of an indemnity.
type PaidTo struct {
	Payee       identity.Person
	Heir        HeirID // "" for the member
	Net         money.Amount
	Withholding money.Amount // that was paid to the tax office
	SetOff      money.Amount // a debt that the indemnity covered: it is due again
}

// RecoveryID names a recovery: a random UUID.
type RecoveryID string

// RecoveryState is where a recovery stands; the database knows the same words.
type RecoveryState string

// The states of a recovery.
const (
	RecoveryOpen     RecoveryState = "open"
	RecoveryPaid     RecoveryState = "paid"
	RecoveryGivenUp  RecoveryState = "written_off" // by two people
	RecoveryAnnulled RecoveryState = "annulled"    // what it is of is due again
)

// Recovery is what a payee is to give back of an indemnity that was revoked (R39, A31):
// what was paid, to the cent.
type Recovery struct {
	ID       RecoveryID
	Case     CaseID
	Protocol string // of the case
	Call     CallID
	Decision DecisionID // the revocation
	Letter   string     // its number: the reference of the bank transfer
	Payee    identity.Person
	Heir     HeirID // "" for the member
	Holder   string // of the account to which it is paid back: the one that it was paid from
	Account  iban.IBAN
	Amount   money.Amount
	DueOn    calendar.Date
	OpenedAt time.Time
	State    RecoveryState
	ClosedAt time.Time
	Received []Receipt     // the oldest first
	Reason   string        // to write it off
	Proposed identity.Hand // to write it off
	Decided  identity.Hand
	Version  int64
}

// Receipt is money that came back.
type Receipt struct {
	ID        string
	Amount    money.Amount
	On        calendar.Date
	Reference string // of the bank
	By        identity.Hand
}

// Back is what came back of a recovery.
func (r Recovery) Back() (sum money.Amount) {
	for _, x := range r.Received {
		sum += x.Amount
	}
	return sum
}

// Left is what is still owed.
func (r Recovery) Left() money.Amount {
	if r.State != RecoveryOpen {
		return 0
	}
	return r.Amount - r.Back()
}

// Late tells whether the term of a recovery is over on a day, and something is owed.
func (r Recovery) Late(today calendar.Date) bool {
	return r.State == RecoveryOpen && today.After(r.DueOn)
}

// Owed is what each payee is to give back of a payout: what they got, and by the reading
// of the call also the tax that was withheld for them (A31).
func (r *RuleSet) Owed(p Payout) []PaidTo {
	owed := make([]PaidTo, 0, len(p.Paid))
	for _, x := range p.Paid {
		if r.Readings.RecoveryBasis.Is == Gross {
			x.Net += x.Withholding
		}
		if x.Net > 0 {
			owed = append(owed, x)
		}
	}
	return owed
}

// Examined tells whether a decision is how an examination ends, which must bear it.
func (d Decision) Examined() bool { return d.To != InReview && d.To != Revoked && d.To != Funded }

// recoverBy is the last day to give back what was paid of a case, by a decision that is
// made now; zero for one that takes nothing back.
func (c CaseFile) recoverBy(d Decision, now time.Time) calendar.Date {
	if d.To != Revoked {
		return calendar.Date{}
	}
	return c.Rules.Terms().Recovery(calendar.On(now)).End()
}

// MayRevoke tells why somebody cannot propose to take back the indemnity of a case for
// what a check found.
func (c CaseFile) MayRevoke(who identity.Actor, k Control, p Payout) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	switch err := c.Concerns(who.Person); {
	case err != nil:
		return err
	case c.OpenDecision() != nil:
		return ErrDecisionOpen
	case c.State != Funded:
		return ErrNotRevocable
	case k.State != ControlIrregular || k.Case != c.ID:
		return ErrControlRegular
	case p.UnderWay:
		return ErrPaymentUnderWay
	}
	return nil
}

// ProposeRevocation proposes to take back the indemnity of a case for what a check found:
// nothing changes until another officer approves, see Desk.Approve. The text stands in the
// letter beside the grounds.
func (s *Controls) ProposeRevocation(ctx context.Context, who identity.Actor, form once.Form, id ControlID, version int64, text string) error {
	k, err := s.Control(ctx, id)
	if err != nil {
		return err
	}
	paid, err := s.Payout(ctx, k.Case)
	if err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	_, err = s.cases.ChangeCase(ctx, form, s.now(), k.Case, func(c CaseFile) (CaseChange, error) {
		if err := c.MayRevoke(who, k, paid); err != nil {
			return CaseChange{}, err
		}
		if c.Version != version {
			return CaseChange{}, ErrCaseMoved
		}
		if text == "" || len([]rune(text)) > NoteLength {
			return CaseChange{}, ErrDecisionText
		}
		return s.proposal(who, c, Decision{To: Revoked, Codes: k.Codes, Text: text, Control: k.ID}), nil
	})
	return err
}

// MayReinstate tells why somebody cannot propose that a revocation does not stand.
func (c CaseFile) MayReinstate(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	switch err := c.Concerns(who.Person); {
	case err != nil:
		return err
	case c.OpenDecision() != nil:
		return ErrDecisionOpen
	case c.State != Revoked:
		return ErrNotRevoked
	}
	return nil
}

// ProposeReinstatement proposes that a revocation does not stand: the place counts again,
// and nothing is recovered any more, once another officer approves.
func (s *Controls) ProposeReinstatement(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64, text string) error {
	text = strings.TrimSpace(text)
	_, err := s.cases.ChangeCase(ctx, form, s.now(), id, func(c CaseFile) (CaseChange, error) {
		if err := c.MayReinstate(who); err != nil {
			return CaseChange{}, err
		}
		if c.Version != version {
			return CaseChange{}, ErrCaseMoved
		}
		if text == "" || len([]rune(text)) > NoteLength {
			return CaseChange{}, ErrDecisionText
		}
		return s.proposal(who, c, Decision{To: Funded, Text: text}), nil
	})
	return err
}

func (s *Controls) proposal(who identity.Actor, c CaseFile, d Decision) CaseChange {
	d.ID, d.Case, d.CallVersion, d.State = DecisionID(newID()), c.ID, c.RulesVersion, DecisionWaits
	d.ProposedBy, d.ProposedAt = identity.Person{ID: who.Person}, s.now()
	if before := c.Decision(); before != nil {
		d.Undoes = before.ID
	}
	return CaseChange{Decision: &d, Entry: s.cases.entry(who, DecisionProposed, string(c.ID), c)}
}

// RecoveryList asks for a page of what is recovered.
type RecoveryList struct {
	State RecoveryState // "" for every one
	Page  int           // from 1
}

// RecoveryPage is a page of what is recovered.
type RecoveryPage struct {
	Recoveries []Recovery
	Total      int
	Counts     map[RecoveryState]int
}

// MayReceive asks whether somebody may write down that money came back.
func (r Recovery) MayReceive(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Pay); err != nil {
		return err
	}
	return r.othersOpen(who)
}

func (r Recovery) othersOpen(who identity.Actor) error {
	switch {
	case r.State != RecoveryOpen:
		return ErrRecoveryClosed
	case r.Payee.ID == who.Person:
		return ErrOwnRecovery
	}
	return nil
}

// MayProposeWriteOff asks whether somebody may propose that what is left is given up.
func (r Recovery) MayProposeWriteOff(who identity.Actor) error {
	if err := r.MayReceive(who); err != nil {
		return err
	}
	if r.Proposed.Person != "" {
		return ErrWriteOffWaits
	}
	return nil
}

// MayDecideWriteOff asks whether somebody may give up what is left, or not: not who
// proposed it.
func (r Recovery) MayDecideWriteOff(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Approve); err != nil {
		return err
	}
	if err := r.othersOpen(who); err != nil {
		return err
	}
	switch r.Proposed.Person {
	case "":
		return ErrNoWriteOff
	case who.Person:
		return ErrOwnWriteOff
	}
	return nil
}

// OpenRecovery is a recovery for an officer who looks at it: that is written down.
func (s *Controls) OpenRecovery(ctx context.Context, who identity.Actor, id RecoveryID) (Recovery, error) {
	if err := who.Must(identity.Welfare, identity.Pay, identity.Approve, identity.Prepare); err != nil {
		return Recovery{}, err
	}
	r, err := s.Recovery(ctx, id)
	if err == nil {
		err = s.See(ctx, s.recoveryEntry(who, RecoverySeen, r))
	}
	return r, err
}

// Receive writes down that money came back. With the last of it the recovery is closed.
func (s *Controls) Receive(ctx context.Context, who identity.Actor, form once.Form, id RecoveryID, version int64, x Receipt) error {
	return s.ChangeRecovery(ctx, form, id, func(r Recovery) (Recovery, *Receipt, audit.Entry, error) {
		now := s.now()
		x.Reference = strings.TrimSpace(x.Reference)
		var err error
		switch err = r.MayReceive(who); {
		case err != nil:
		case r.Version != version:
			err = ErrRecoveryMoved
		case x.Amount <= 0 || x.Amount > r.Left():
			err = ErrReceiptAmount
		case x.On.IsZero() || x.On.After(calendar.On(now)) || x.On.Before(calendar.On(r.OpenedAt)):
			err = ErrReceiptDay
		case x.Reference == "" || len([]rune(x.Reference)) > 100:
			err = ErrReceiptReference
		}
		if err != nil {
			return r, nil, audit.Entry{}, err
		}
		x.ID, x.By = newID(), who.At(now)
		if r.Received = append(r.Received, x); r.Back() == r.Amount {
			r.State, r.ClosedAt = RecoveryPaid, now
		}
		return r, &x, s.recoveryEntry(who, RecoveryReceived, r), nil
	})
}

// ProposeWriteOff proposes that what is left of a recovery is given up, and says why.
func (s *Controls) ProposeWriteOff(ctx context.Context, who identity.Actor, form once.Form, id RecoveryID, version int64, reason string) error {
	reason = strings.TrimSpace(reason)
	return s.ChangeRecovery(ctx, form, id, func(r Recovery) (Recovery, *Receipt, audit.Entry, error) {
		err := r.MayProposeWriteOff(who)
		switch {
		case err != nil:
		case r.Version != version:
			err = ErrRecoveryMoved
		case reason == "" || len([]rune(reason)) > NoteLength:
			err = ErrWriteOffReason
		}
		r.Reason, r.Proposed = reason, who.At(s.now())
		return r, nil, s.recoveryEntry(who, RecoveryWriteOffProposed, r), err
	})
}

// DecideWriteOff gives up what is left of a recovery, as somebody else proposed, or goes
// on with it.
func (s *Controls) DecideWriteOff(ctx context.Context, who identity.Actor, form once.Form, id RecoveryID, version int64, giveUp bool) error {
	return s.ChangeRecovery(ctx, form, id, func(r Recovery) (Recovery, *Receipt, audit.Entry, error) {
		err := r.MayDecideWriteOff(who)
		if err == nil && r.Version != version {
			err = ErrRecoveryMoved
		}
		if !giveUp {
			e := s.recoveryEntry(who, RecoveryWriteOffSentBack, r)
			r.Reason, r.Proposed = "", identity.Hand{}
			return r, nil, e, err
		}
		r.State, r.ClosedAt, r.Decided = RecoveryGivenUp, s.now(), who.At(s.now())
		return r, nil, s.recoveryEntry(who, RecoveryWrittenOff, r), err
	})
}

func (s *Controls) recoveryEntry(who identity.Actor, what audit.Action, r Recovery) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: what, Subject: string(r.Case), About: r.Payee.ID}
}
