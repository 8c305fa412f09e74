package voucher

import (
	"context"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What the contact centre writes in the register.
const (
	CallerIdentified audit.Action = "caller.identified"
	MessageResent    audit.Action = "message.resent"
)

// Why the contact centre cannot do something.
var (
	ErrNoCaller      = fault.Invalid("counter.no_caller")
	ErrNoCallReason  = fault.Invalid("counter.no_reason")
	ErrNoMailAddress = fault.Refuse("counter.no_mail_address")
)

// Caller is somebody who calls the contact centre, with what it may tell them. The
// codice univoco is not among it: whoever has it can spend, and a voice on a line
// is no second factor.
type Caller struct {
	Person   identity.Person
	BornOn   calendar.Date
	Email    string
	Files    []CaseFile // theirs, newest first, with their sessions
	Messages []Sent     // newest first
}

// Sent is a message that the portal wrote to somebody.
type Sent struct {
	ID       string
	Subject  string
	SentAt   time.Time
	MailedAt time.Time // zero when it is not mailed yet, or never will be
}

// CancelFor cancels a booking for a beneficiary who called, and why is noted for the
// other officers. The same limit holds as for the beneficiary.
func (a Account) CancelFor(id BookingID, officer identity.Actor, why string, now time.Time) (Decision, error) {
	if why == "" {
		return Decision{}, ErrNoCallReason
	}
	holder := identity.Actor{Person: officer.Person, Role: identity.Citizen, For: a.Voucher.Beneficiary}
	d, err := a.Cancel(id, holder, now)
	for i := range d.Entries {
		d.Entries[i].Actor = officer
	}
	d.Note = why
	return d, err
}

// CancelFor cancels a booking for a beneficiary who called: see Account.CancelFor.
func (s *Service) CancelFor(ctx context.Context, officer identity.Actor, form once.Form, of ID, booking BookingID, why string) error {
	return s.office(ctx, officer, form, of, func(a Account) (Decision, error) { return a.CancelFor(booking, officer, why, s.now()) })
}
