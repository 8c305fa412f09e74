package voucher

import (
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// What is written in the register about applications.
const (
	ApplicationBegun     audit.Action = "application.begun"
	ApplicationSubmitted audit.Action = "application.submitted"
	ApplicationRepeated  audit.Action = "application.repeated" // sent again: the first receipt was the answer
	ApplicationISEEAsked audit.Action = "application.isee_asked"
	ApplicationCured     audit.Action = "application.isee_cured"
	ApplicationReminded  audit.Action = "application.isee_reminded"
	ApplicationWithdrawn audit.Action = "application.withdrawn"
	ReceiptSeen          audit.Action = "application.receipt_seen"
	RegistersAsked       audit.Action = "application.registers_asked" // about somebody else
)

// Why an application cannot be written or sent.
var (
	ErrWindowNotOpen   = fault.Refuse("application.window_not_open")
	ErrWindowClosed    = fault.Refuse("application.window_closed")
	ErrTerritoryClosed = fault.Refuse("application.territory_closed")
	ErrNotResident     = fault.Refuse("application.not_resident")
	ErrISEEMissing     = fault.Refuse("application.isee_missing")
	ErrIncomplete      = fault.Refuse("application.incomplete")
	ErrMinor           = fault.Refuse("application.minor")
	ErrMandateEnded    = fault.Refuse("application.mandate_ended")
	ErrNotYourChild    = fault.Refuse("application.not_your_child")
	ErrOwnCode         = fault.Invalid("application.own_code")
	ErrChildName       = fault.Invalid("application.child_name")
	ErrChildOfAge      = fault.Invalid("application.child_of_age")
	ErrUnconfirmed     = fault.Invalid("application.unconfirmed") // the register names other parents, or none
	ErrDeclaration     = fault.Invalid("application.declaration")
	ErrDraftMoved      = fault.Stale("application.draft_moved")
	ErrRegistersMoved  = fault.Stale("application.registers_moved")
)

// Why an application stays as it is.
var (
	ErrApplicationMoved = fault.Stale("application.moved")
	ErrNothingToCure    = fault.Refuse("application.nothing_to_cure")
	ErrCureOver         = fault.Refuse("application.cure_over")
	ErrStillDefective   = fault.Refuse("application.still_defective")
	ErrTooLateToDrop    = fault.Refuse("application.too_late_to_withdraw")
	ErrWithdrawn        = fault.Refuse("application.already_withdrawn")
)

// Takes tells why no application is taken at an instant, nil when they are: from
// the second in which the window opens to the last before it closes.
func (r Rules) Takes(now time.Time) error {
	switch w := r.Window.Is; {
	case now.Before(w.Opens):
		return ErrWindowNotOpen
	case !w.Open(now):
		return ErrWindowClosed
	}
	return nil
}

// Funds is ErrTerritoryClosed for a territory whose residents cannot apply: one
// that takes no part, or for which the edition, once its money is known, has none.
func (r Rules) Funds(territory string) error {
	b := r.Budget()
	_, has := b.Of[territory]
	if slices.Contains(b.Closed, territory) || len(b.Of) > 0 && !has {
		return ErrTerritoryClosed
	}
	return nil
}

// ParentDeclaration is what a parent declares whom the register does not name.
var ParentDeclaration = Declaration{
	ID: "responsabilita", Version: 1,
	Text: "Ho la responsabilità genitoriale su chi riceve il contributo.",
}

// Declared is a declaration as it was made: its words are kept with the
// application (DPR 445/2000, art. 47).
type Declared struct {
	ID      string    `json:"id"`
	Version int       `json:"version"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

// Registers is what the registers said of a beneficiary when the application was
// looked at or sent.
type Registers struct {
	Residence Residence
	ISEE      ISEEAnswer
}

// Theoretical is the amount that an ISEE gives a right to, before the money of the
// territory is counted; false above the limit of the edition, or without a value.
func (r Rules) Theoretical(a ISEEAnswer) (money.Amount, bool) {
	if !a.HasValue {
		return 0, false
	}
	b, ok := r.Band(a.Value)
	return b.Amount, ok
}

// receive is the application that an edition makes of what the registers say, at
// an instant: submitted, or waiting for its ISEE to be put right. An ISEE above
// the limit is taken too: the ranking refuses it, and the office says so on record.
func (e Edition) receive(found Registers, now time.Time) (Application, error) {
	if err := e.Rules.Takes(now); err != nil {
		return Application{}, err
	}
	if err := e.Rules.Funds(found.Residence.Territory); err != nil {
		return Application{}, err
	}
	i := found.ISEE
	a := Application{
		Edition: e.ID, Territory: found.Residence.Territory, Province: found.Residence.Province,
		ISEE: i.Value, HasISEE: i.HasValue, ISEEStatus: i.Status, Attestation: i.Attestation,
		SubmittedAt: now, State: Submitted,
	}
	a.Entitled, _ = e.Rules.Theoretical(i)
	switch i.Status {
	case ISEEMissing:
		return Application{}, ErrISEEMissing
	case ISEEDefective:
		a.State, a.CureBy = AwaitingISEE, e.Rules.CureBy(calendar.On(now))
	}
	return a, nil
}

// MayCure tells why the ISEE of an application is not asked for again on a day,
// nil when it is: until the last day of the term, whole.
func (a Application) MayCure(today calendar.Date) error {
	switch {
	case a.State != AwaitingISEE:
		return ErrNothingToCure
	case today.After(a.CureBy):
		return ErrCureOver
	}
	return nil
}

// Cure is the application after its ISEE was asked for again: a valid one takes
// the place of the old, with its value; another defect is noted.
func (a Application) Cure(r Rules, i ISEEAnswer, today calendar.Date) (Application, error) {
	if err := a.MayCure(today); err != nil {
		return a, err
	}
	if i.Status == ISEEMissing { // the old attestation is withdrawn, the new one is not issued yet
		return a, nil
	}
	a.ISEE, a.HasISEE, a.ISEEStatus, a.Attestation = i.Value, i.HasValue, i.Status, i.Attestation
	a.Entitled, _ = r.Theoretical(i)
	if i.Status == ISEEValid {
		a.State = Submitted
	}
	return a, nil
}

// MayWithdraw tells why an application cannot be taken back, nil when it can:
// until it has an outcome.
func (a Application) MayWithdraw() error {
	switch a.State {
	case Submitted, InReview, AwaitingISEE:
		if a.Rank == 0 {
			return nil
		}
	case Withdrawn:
		return ErrWithdrawn
	}
	return ErrTooLateToDrop
}

// ReminderDays are how long before the end of the term to correct an ISEE its
// holder is reminded.
var ReminderDays = []int{7, 2}

// Receipt is an application with who it concerns, as its receipt shows it.
type Receipt struct {
	Application  Application
	Edition      Edition
	Beneficiary  identity.Person
	Applicant    identity.Person
	Declarations []Declared
	// Unconfirmed is read by who sent it on their own word of being a parent, which
	// nobody has confirmed: what the registers say of the child is left out.
	Unconfirmed bool
}

// shown is the receipt without what its reader may not see.
func (r Receipt) shown() Receipt {
	if a := &r.Application; r.Unconfirmed {
		a.Province, a.ISEE, a.HasISEE, a.ISEEStatus, a.Attestation, a.Entitled = "", 0, false, "", Attestation{}, 0
	}
	return r
}

func (a Application) entry(who identity.Actor, now time.Time, what audit.Action) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: string(a.ID), About: a.Beneficiary}
}
