package voucher

import (
	"context"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What is written in the register about the cases of one voucher.
const (
	CaseProposed audit.Action = "voucher_case.proposed"
	CaseApproved audit.Action = "voucher_case.approved"
	CaseRefused  audit.Action = "voucher_case.refused"
)

// Why a case stays as it is.
var (
	ErrCaseOpen   = fault.Refuse("case.open")
	ErrCaseOver   = fault.Refuse("case.over")
	ErrCaseOwn    = fault.Refuse("case.own")
	ErrCaseParty  = fault.Refuse("case.party")
	ErrCaseRun    = fault.Refuse("case.ranking")
	ErrCaseText   = fault.Invalid("case.no_text")
	ErrCaseGround = fault.Invalid("case.no_ground")
	ErrCaseNote   = fault.Invalid("case.no_note")
	ErrCaseMoved  = fault.Stale("case.moved")
)

// CaseID names a case: a random UUID.
type CaseID string

// CaseKind is what two officers do to one voucher or one session.
type CaseKind string

// The kinds; the database knows the same words.
const (
	EndVoucher       CaseKind = "end"
	ReinstateVoucher CaseKind = "reinstate"
	ReinstateBooking CaseKind = "reinstate_session"
)

// CaseKinds lists every kind.
var CaseKinds = []CaseKind{EndVoucher, ReinstateVoucher, ReinstateBooking}

// ReinstateGrounds are the codes for which something is given back.
var ReinstateGrounds = []string{"error", "late_proof", "outage", "judgment"}

// Grounds are those that a case of a kind may have.
func (k CaseKind) Grounds() []string {
	if k == EndVoucher {
		return EndGrounds
	}
	return ReinstateGrounds
}

// CaseState is where a case stands.
//
//	CaseWaiting ─┬─> CaseGranted
//	             └─> CaseDenied
type CaseState string

// The states; the database knows the same words.
const (
	CaseWaiting CaseState = "proposed"
	CaseGranted CaseState = "approved"
	CaseDenied  CaseState = "refused"
)

// CaseStates lists every state.
var CaseStates = []CaseState{CaseWaiting, CaseGranted, CaseDenied}

// VoucherCase is what one officer proposes to do to a voucher or to one of its
// sessions, and another decides.
type VoucherCase struct {
	ID         CaseID
	Voucher    ID
	Booking    BookingID // "" but for a session that is given back
	Kind       CaseKind
	Ground     string
	Text       string
	Since      calendar.Date // of a death
	Life       int           // of the voucher, once it is given back
	State      CaseState
	ProposedBy identity.PersonID
	ProposedAt time.Time
	DecidedBy  identity.PersonID
	DecidedAt  time.Time
	Note       string
	Version    int64

	Proposer, Decider string // names
	Protocol          string // of the application
}

// ClosureCases keeps the cases. A part of the ClosureStore.
type ClosureCases interface {
	// OpenCase keeps a case, if judge has nothing against it. ErrCaseOpen while another
	// of its voucher is.
	OpenCase(ctx context.Context, form once.Form, c VoucherCase, e audit.Entry, judge func(Account, Restitution) error) error
	// EndCase locks a case with its voucher, and saves what becomes of both; no
	// decision leaves the voucher as it is.
	EndCase(ctx context.Context, form once.Form, id CaseID, end func(VoucherCase, Account, Restitution) (VoucherCase, *Decision, audit.Entry, error)) error
	// Case is one; fault.ErrNotFound.
	Case(ctx context.Context, id CaseID) (VoucherCase, error)
	// CasesOf are those of a voucher, newest first; "" for those of all that wait.
	CasesOf(ctx context.Context, id ID) ([]VoucherCase, error)
	// Restitution is what has to be known to give something of a voucher back.
	Restitution(ctx context.Context, id ID) (Account, Restitution, error)
}

// check asks whether what a case is about can be done.
func (c VoucherCase) check(a Account, r Restitution) error {
	switch c.Kind {
	case EndVoucher:
		return a.MayEnd()
	case ReinstateVoucher:
		return a.MayReinstate(r)
	}
	return a.MayReinstateSession(c.Booking, r)
}

// concerns tells whether an officer is a party in a case: its holder, or a professional
// with sessions of the voucher.
func (a Account) concerns(who identity.PersonID) bool {
	return who == a.Voucher.Beneficiary || slices.ContainsFunc(a.Bookings, func(b Booking) bool { return b.Professional == who })
}

// ProposeCase proposes what to do to a voucher or a session.
func (s *Closures) ProposeCase(ctx context.Context, who identity.Actor, form once.Form, c VoucherCase) (CaseID, error) {
	now := s.now()
	c.Text = strings.TrimSpace(c.Text)
	switch err := who.Must(identity.INPS, identity.Prepare); {
	case err != nil:
		return "", err
	case !slices.Contains(CaseKinds, c.Kind):
		return "", fault.ErrNotFound
	case !slices.Contains(c.Kind.Grounds(), c.Ground):
		return "", ErrCaseGround
	case c.Text == "":
		return "", ErrCaseText
	case c.Ground == Death && (c.Since.IsZero() || c.Since.After(calendar.On(now))):
		return "", ErrEndSince
	case c.Ground != Death:
		c.Since = calendar.Date{}
	}
	if outcome, done, err := s.Outcome(ctx, form); done || err != nil {
		return CaseID(outcome), err
	}
	c.ID, c.State, c.ProposedBy, c.ProposedAt = NewCaseID(), CaseWaiting, who.Person, now
	return c.ID, s.OpenCase(ctx, form, c, c.entry(who, CaseProposed, now), func(a Account, r Restitution) error {
		if a.concerns(who.Person) {
			return ErrCaseParty
		}
		return c.check(a, r)
	})
}

func (c VoucherCase) entry(who identity.Actor, what audit.Action, now time.Time) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: string(c.ID)}
}

// MayDecide tells why somebody may not decide a case, nil when they may.
func (c VoucherCase) MayDecide(who identity.Actor) error {
	switch err := who.Must(identity.INPS, identity.Approve); {
	case err != nil:
		return err
	case c.State != CaseWaiting:
		return ErrCaseOver
	case who.Person == c.ProposedBy:
		return ErrCaseOwn
	}
	return nil
}

// DecideCase does what a case proposes, or refuses it with a note.
func (s *Closures) DecideCase(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64, grant bool, note string) error {
	return s.EndCase(ctx, form, id, func(c VoucherCase, a Account, r Restitution) (VoucherCase, *Decision, audit.Entry, error) {
		now, note := s.now(), strings.TrimSpace(note)
		err := c.MayDecide(who)
		switch {
		case err != nil:
			return c, nil, audit.Entry{}, err
		case a.concerns(who.Person):
			return c, nil, audit.Entry{}, ErrCaseParty
		case c.Version != version:
			return c, nil, audit.Entry{}, ErrCaseMoved
		case !grant && note == "":
			return c, nil, audit.Entry{}, ErrCaseNote
		}
		c.DecidedBy, c.DecidedAt, c.Note = who.Person, now, note
		if !grant {
			c.State = CaseDenied
			return c, nil, c.entry(who, CaseRefused, now), nil
		}
		d, err := c.carryOut(a, r, now)
		if err != nil {
			return c, nil, audit.Entry{}, err
		}
		c.State = CaseGranted
		if c.Kind == ReinstateVoucher {
			c.Life = d.Voucher.Reopened
		}
		return c, &d, c.entry(who, CaseApproved, now), nil
	})
}

func (c VoucherCase) carryOut(a Account, r Restitution, now time.Time) (Decision, error) {
	switch c.Kind {
	case EndVoucher:
		return a.End(c.Ground, c.Since, now)
	case ReinstateVoucher:
		return a.Reinstate(r, now)
	}
	return a.ReinstateSession(c.Booking, NewBookingID(), r, now)
}
