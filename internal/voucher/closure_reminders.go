package voucher

import (
	"context"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
)

// What is written in the register when somebody is reminded of a term.
const (
	FirstSessionReminded audit.Action = "voucher.first_session_reminded" // its holder
	ExpiryReminded       audit.Action = "voucher.expiry_reminded"        // its holder
	FirstConfirmReminded audit.Action = "voucher.first_confirm_reminded" // a professional with a session that would save it
	ConfirmReminded      audit.Action = "sessions.confirm_reminded"      // a professional
	InvoiceReminded      audit.Action = "sessions.invoice_reminded"      // a professional
	CameOfAge            audit.Action = "mandate.came_of_age"            // both people of a parent's mandate
)

// Reminders says how many days before a term people are reminded of it. They are
// habits of the portal, not rules of the law: the days for holders are those that
// people asked for, for professionals those of the notices (N-S04, N-S05).
var Reminders = struct {
	Holder       []int // of the first session, and of the end of the code
	Invoice      []int // of the last day for invoices
	ConfirmAfter int   // days after a session, if it is not confirmed
	ConfirmEvery int   // days, as long as one is not
}{[]int{45, 30, 15, 7, 1}, []int{30, 7, 1}, 3, 7}

// ClosureReminders writes reminders, each once. A part of the ClosureStore.
type ClosureReminders interface {
	// RemindHolders reminds the holders of vouchers of the term of their first session,
	// if none counts yet, and of the end of their code, and the professionals with a
	// session to confirm before the first of the two.
	RemindHolders(ctx context.Context, today calendar.Date, days []int, now time.Time) (int, error)
	// RemindToConfirm reminds professionals of sessions that were so many days ago, and
	// again after so many.
	RemindToConfirm(ctx context.Context, today calendar.Date, after, every int, now time.Time) (int, error)
	// RemindToInvoice reminds professionals of sessions without an accepted invoice.
	RemindToInvoice(ctx context.Context, today calendar.Date, days []int, now time.Time) (int, error)
	// RemindOfAge tells parents and children whose mandate ended with the child's
	// majority.
	RemindOfAge(ctx context.Context, today calendar.Date, now time.Time) (int, error)
}

// AtRisk is what a professional has to complete by a day.
type AtRisk struct {
	By     calendar.Date
	Count  int
	Amount money.Amount
}

// RemindDue reminds everybody of the terms that come near, each once for each of the
// days of Reminders, and tells how many reminders it wrote.
func (s *Closures) RemindDue(ctx context.Context) (reminded int, err error) {
	now := s.now()
	today := calendar.On(now)
	for _, remind := range []func() (int, error){
		func() (int, error) { return s.RemindHolders(ctx, today, Reminders.Holder, now) },
		func() (int, error) {
			return s.RemindToConfirm(ctx, today, Reminders.ConfirmAfter, Reminders.ConfirmEvery, now)
		},
		func() (int, error) { return s.RemindToInvoice(ctx, today, Reminders.Invoice, now) },
		func() (int, error) { return s.RemindOfAge(ctx, today, now) },
	} {
		n, err := remind()
		reminded += n
		if err != nil {
			return reminded, err
		}
	}
	return reminded, nil
}

// Take writes that an officer took a list away as a file.
func (s *Closures) Take(ctx context.Context, who identity.Actor, of string) error {
	return s.See(ctx, audit.Entry{At: s.now(), Actor: who, Action: ClosureTaken, Subject: of})
}
