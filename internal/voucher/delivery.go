package voucher

import (
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// DeliveryID names a delivery: a random UUID.
type DeliveryID string

// DeliveryState is where a delivery of CNOP's list stands.
//
//	Draft ──> Sent ──> Applied
//	   └────────┴────> Dropped
type DeliveryState string

// The states; the database knows the same words.
const (
	DeliveryDraft   DeliveryState = "draft"   // da confermare, by another person of CNOP
	DeliverySent    DeliveryState = "sent"    // inviato: INPS has it
	DeliveryApplied DeliveryState = "applied" // accettato: the list is in force
	DeliveryDropped DeliveryState = "dropped" // eliminato
)

// DeliveryStates lists every state of a delivery.
var DeliveryStates = []DeliveryState{DeliveryDraft, DeliverySent, DeliveryApplied, DeliveryDropped}

// What is written about deliveries and about who is on the list.
const (
	DeliveryWasPrepared audit.Action = "delivery.prepared"
	DeliveryWasSent     audit.Action = "delivery.sent"
	DeliveryWasApplied  audit.Action = "delivery.applied"
	DeliveryWasDropped  audit.Action = "delivery.dropped"
	DeliveryWasTaken    audit.Action = "delivery.taken" // its rows, away in a file
	EnrolmentStarted    audit.Action = "enrolment.started"
	EnrolmentEnded      audit.Action = "enrolment.ended"
	ProfessionalChanged audit.Action = "professional.changed"
)

// Why a delivery stays as it is.
var (
	ErrOpenDelivery = fault.Refuse("delivery.one_is_open")
	ErrListDay      = fault.Invalid("delivery.day")
	ErrExtent       = fault.Invalid("delivery.extent")
	ErrOwnDelivery  = fault.Refuse("delivery.own")
	ErrSentByYou    = fault.Refuse("delivery.sent_by_you")
	ErrNotDraft     = fault.Stale("delivery.not_draft")
	ErrNotSent      = fault.Stale("delivery.not_sent")
	ErrListMoved    = fault.Stale("delivery.moved")
	ErrManyRemoved  = fault.Invalid("delivery.many_removed")
)

// Delivery is a list that CNOP prepared, with what it would do.
type Delivery struct {
	ID         DeliveryID
	Number     int
	Extent     Extent
	Day        calendar.Date // the list speaks of
	Digest     []byte        // SHA-256 of the file
	State      DeliveryState
	Tally      Tally
	Revision   int               // moves when it was compared anew and came out different
	PreparedBy identity.PersonID // "" an operator at the command line, here and below
	PreparedAt time.Time
	SentBy     identity.PersonID
	SentAt     time.Time // zero until then, as below
	AppliedBy  identity.PersonID
	AppliedAt  time.Time
	NextDueOn  calendar.Date

	PreparedName, SentName, AppliedName string // of the persons, "" where there is none
}

// PartlyApplied tells whether a list in force has rows that were rejected.
func (d Delivery) PartlyApplied() bool { return d.State == DeliveryApplied && d.Tally.Rejected > 0 }

// ManyRemoved tells whether more than one professional in twenty would go: a guard
// of the portal against half a file, not a rule of the law.
func (d Delivery) ManyRemoved() bool { return d.Tally.Removed*20 > d.Tally.Standing }

// nextDue is when CNOP's next list is awaited: it updates it every week.
func nextDue(applied calendar.Date) calendar.Date { return applied.Add(7) }

// may lets through who has one of the duties in an office, and the operator.
func may(who identity.Actor, office identity.Role, duties ...identity.Duty) error {
	if who == identity.Office() {
		return nil
	}
	return who.Must(office, duties...)
}

// MaySend tells why somebody may not send the delivery to INPS: who prepared it
// never does.
func (d Delivery) MaySend(who identity.Actor) error {
	switch err := may(who, identity.CNOP, identity.Approve); {
	case d.State != DeliveryDraft:
		return ErrNotDraft
	case d.PreparedBy != "" && d.PreparedBy == who.Person:
		return ErrOwnDelivery
	default:
		return err
	}
}

// MayApply tells why somebody of INPS may not put the list in force.
func (d Delivery) MayApply(who identity.Actor) error {
	switch err := may(who, identity.INPS, identity.Prepare); {
	case d.State != DeliverySent:
		return ErrNotSent
	case who.Person != "" && (d.PreparedBy == who.Person || d.SentBy == who.Person):
		return ErrSentByYou
	default:
		return err
	}
}

// MayDrop tells why somebody of CNOP may not take the delivery back: until it is
// in force, anybody there may.
func (d Delivery) MayDrop(who identity.Actor) error {
	if d.State != DeliveryDraft && d.State != DeliverySent {
		return ErrNotDraft
	}
	return may(who, identity.CNOP, identity.Prepare, identity.Approve)
}

// Send is the delivery handed over to INPS. Where many would be removed, that has
// to be confirmed by itself.
func (d Delivery) Send(who identity.Actor, confirmed bool, now time.Time) (Delivery, error) {
	if err := d.MaySend(who); err != nil {
		return d, err
	}
	if d.ManyRemoved() && !confirmed {
		return d, ErrManyRemoved
	}
	d.State, d.SentBy, d.SentAt = DeliverySent, who.Person, now
	return d, nil
}

// Apply is the delivery in force.
func (d Delivery) Apply(who identity.Actor, now time.Time) (Delivery, error) {
	if err := d.MayApply(who); err != nil {
		return d, err
	}
	d.State, d.AppliedBy, d.AppliedAt = DeliveryApplied, who.Person, now
	d.NextDueOn = nextDue(calendar.On(now))
	return d, nil
}

// Drop is the delivery taken back.
func (d Delivery) Drop(who identity.Actor) (Delivery, error) {
	if err := d.MayDrop(who); err != nil {
		return d, err
	}
	d.State = DeliveryDropped
	return d, nil
}

func (d Delivery) entry(who identity.Actor, now time.Time, what audit.Action) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: string(d.ID)}
}
