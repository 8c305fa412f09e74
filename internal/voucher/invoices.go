package voucher

import (
	"context"
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// InvoiceStore keeps the data of the invoices that professionals hand in, and what the
// office makes of them. Every write carries its form.
type InvoiceStore interface {
	// ToInvoice lists the sessions of a professional that are confirmed and on no
	// invoice, by beneficiary and day.
	ToInvoice(ctx context.Context, of identity.PersonID) ([]Billable, error)
	// Billing is what a new invoice of a professional for sessions is judged on, as it
	// stands now. Sessions that are not theirs are not in it.
	Billing(ctx context.Context, of identity.PersonID, sessions []BookingID) (Billing, []Billable, error)
	// Bill locks the vouchers of sessions, asks for a decision, and saves it.
	Bill(ctx context.Context, form once.Form, of identity.PersonID, sessions []BookingID, decide func(Billing) (InvoiceDecision, error)) (InvoiceID, error)
	// Rebill locks an invoice with the vouchers of its sessions, asks for a decision on
	// what it then is, and saves it; fault.ErrNotFound.
	Rebill(ctx context.Context, form once.Form, id InvoiceID, decide func(Billing) (InvoiceDecision, error)) error
	// Invoice is one of a professional's, whole; fault.ErrNotFound when it is somebody
	// else's. An officer finds it whoever wrote it.
	Invoice(ctx context.Context, who identity.Actor, id InvoiceID) (InvoiceCase, error)
	// InvoiceOf is the invoice that a session is on, "" for none.
	InvoiceOf(ctx context.Context, session BookingID) (InvoiceID, error)
	// Invoices is a page of a professional's invoices, newest first.
	Invoices(ctx context.Context, of identity.PersonID, ask InvoiceList) (InvoicePage, error)
	// InvoiceQueue is a page of everybody's, the oldest first.
	InvoiceQueue(ctx context.Context, ask InvoiceList) (InvoicePage, error)
	// TakeToInvoice writes, for each holder with a session to invoice, that its
	// professional took the list of them away.
	TakeToInvoice(ctx context.Context, who identity.Actor, now time.Time) error
}

// Billable is a session that can be on an invoice, with what judges that.
type Billable struct {
	Session
	Account Account // of its voucher, with this session alone
}

// MayInvoice tells why it cannot be invoiced at an instant.
func (b Billable) MayInvoice(now time.Time) error { return b.Account.MayInvoice(b.Booking, now) }

// InvoiceCase is an invoice with its sessions, its people and what happened to it.
type InvoiceCase struct {
	Billing
	Holder           identity.Person
	ProfessionalName string
	Of               []Billable    // its sessions, by day; of a withdrawn one those that it had
	Claims           []Claim       // what it claims of each, or claimed
	Changes          []InvoiceData // what it said before, newest first
	Events           []InvoiceEvent
	DecidedName      string
}

// Claimed is what it asks for all its sessions.
func (c InvoiceCase) Claimed() (sum money.Amount) {
	for _, x := range c.Claims {
		sum += x.Amount
	}
	return sum
}

// PaidBy is the last day by which it is paid as a rule.
func (c InvoiceCase) PaidBy() calendar.Date { return PaidBy(c.Accounts, c.Invoice.ReceivedAt) }

// PaidBy is the last day by which an invoice received at an instant is paid as a rule,
// from whichever voucher: see PaymentExpected. Runs go by when it was received.
func PaidBy(accounts []Account, receivedAt time.Time) calendar.Date {
	months := 0
	for _, a := range accounts {
		months = max(months, a.Rules.PaymentMonths.Is)
	}
	return PaymentExpected(receivedAt, months)
}

// InvoiceEvent is something that happened to an invoice.
type InvoiceEvent struct {
	At     time.Time
	Action audit.Action
	Role   identity.Role
	Name   string
	Note   string // of an officer; "" to anybody else
}

// InvoiceList asks for a page of invoices.
type InvoiceList struct {
	Shelf  InvoiceShelf // "" for all
	Number string       // as part of it, "" for all
	Of     identity.FiscalCode
	Page   int // from 1
}

// InvoicesPerPage is how many invoices a page shows.
const InvoicesPerPage = 50

// InvoiceLine is an invoice on a list.
type InvoiceLine struct {
	Invoice
	Holder           identity.Person
	ProfessionalName string
	Claimed          money.Amount
}

// InvoicePage is a page of invoices, with how many there are on each shelf.
type InvoicePage struct {
	Lines  []InvoiceLine
	Total  int
	Counts map[InvoiceShelf]int
}

// Invoices is the data of the invoices that professionals hand in, and what the office
// makes of them. It embeds its store for what is only read.
type Invoices struct {
	InvoiceStore
	now func() time.Time
}

// NewInvoices is the service on a store, with a clock.
func NewInvoices(s InvoiceStore, now func() time.Time) *Invoices { return &Invoices{s, now} }

// InvoiceDraft is an invoice before it is sent: what would become of it now.
type InvoiceDraft struct {
	Of       []Billable      // its sessions, by day
	Decision InvoiceDecision // nothing while Wrong says why not
	PaidBy   calendar.Date
	Wrong    error
}

// Try is Send without sending. Its error is one of the reading.
func (s *Invoices) Try(ctx context.Context, who identity.Actor, sessions []BookingID, data InvoiceData) (InvoiceDraft, error) {
	b, of, err := s.Billing(ctx, who.Person, sessions)
	if err != nil {
		return InvoiceDraft{}, err
	}
	now := s.now()
	d := InvoiceDraft{Of: of, PaidBy: PaidBy(b.Accounts, now)}
	d.Decision, d.Wrong = b.Send("", data, who, now)
	return d, nil
}

// Send hands in the data of an invoice for sessions, all in one act: see Billing.Send.
func (s *Invoices) Send(ctx context.Context, who identity.Actor, form once.Form, sessions []BookingID, data InvoiceData) (InvoiceID, error) {
	id := NewInvoiceID()
	return s.Bill(ctx, form, who.Person, sessions, func(b Billing) (InvoiceDecision, error) {
		return b.Send(id, data, who, s.now())
	})
}

// Correct takes other data for an invoice that its professional saw in a version.
func (s *Invoices) Correct(ctx context.Context, who identity.Actor, form once.Form, id InvoiceID, version int64, data InvoiceData) error {
	return s.change(ctx, form, id, version, func(b Billing) (InvoiceDecision, error) { return b.Correct(data, who, s.now()) })
}

// Withdraw takes an invoice back, for its professional.
func (s *Invoices) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id InvoiceID, version int64) error {
	return s.change(ctx, form, id, version, func(b Billing) (InvoiceDecision, error) { return b.Withdraw(who, s.now()) })
}

// Accept lets an invoice be paid.
func (s *Invoices) Accept(ctx context.Context, who identity.Actor, form once.Form, id InvoiceID, version int64) error {
	return s.change(ctx, form, id, version, func(b Billing) (InvoiceDecision, error) { return b.Accept(who, s.now()) })
}

// Return sends an invoice back to its professional.
func (s *Invoices) Return(ctx context.Context, who identity.Actor, form once.Form, id InvoiceID, version int64, field InvoiceField, reason string) error {
	return s.change(ctx, form, id, version, func(b Billing) (InvoiceDecision, error) { return b.Return(field, reason, who, s.now()) })
}

// Reopen takes an accepted invoice into review again.
func (s *Invoices) Reopen(ctx context.Context, who identity.Actor, form once.Form, id InvoiceID, version int64, reason string) error {
	return s.change(ctx, form, id, version, func(b Billing) (InvoiceDecision, error) { return b.Reopen(reason, who, s.now()) })
}

// Amend corrects the number and the day of an invoice that is in a payment.
func (s *Invoices) Amend(ctx context.Context, who identity.Actor, form once.Form, id InvoiceID, version int64, number string, issuedOn calendar.Date, reason string) error {
	return s.change(ctx, form, id, version, func(b Billing) (InvoiceDecision, error) {
		return b.Amend(number, issuedOn, reason, who, s.now())
	})
}

// change is an act on an invoice as its reader saw it.
func (s *Invoices) change(ctx context.Context, form once.Form, id InvoiceID, version int64, decide func(Billing) (InvoiceDecision, error)) error {
	return s.Rebill(ctx, form, id, func(b Billing) (InvoiceDecision, error) {
		d, err := decide(b)
		if err == nil && b.Invoice.Version != version {
			return InvoiceDecision{}, ErrInvoiceState
		}
		return d, err
	})
}

// InvoiceTrial is what would become of one invoice of a file.
type InvoiceTrial struct {
	InvoiceBatch
	Decision InvoiceDecision
	Wrong    error
}

// TryAll judges the invoices of a file one after the other, each as if those before it
// had been sent.
func (s *Invoices) TryAll(ctx context.Context, who identity.Actor, batches []InvoiceBatch) ([]InvoiceTrial, error) {
	var ids []BookingID
	for _, x := range batches {
		ids = append(ids, x.Sessions...)
	}
	slices.Sort(ids)
	all, _, err := s.Billing(ctx, who.Person, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	trials := make([]InvoiceTrial, len(batches))
	taken := map[BookingID]bool{}
	for i, x := range batches {
		t := InvoiceTrial{InvoiceBatch: x}
		t.Decision, t.Wrong = all.For(x.Sessions).Send("", x.InvoiceData, who, s.now())
		if again := slices.IndexFunc(x.Sessions, func(id BookingID) bool { return taken[id] }); t.Wrong == nil && again >= 0 {
			t.Decision, t.Wrong = InvoiceDecision{}, ClaimError{x.Sessions[again], ErrInvoiced}
		}
		if t.Wrong == nil {
			all.Others = append(all.Others, x.InvoiceData)
			for _, id := range x.Sessions {
				taken[id] = true
			}
		}
		trials[i] = t
	}
	return trials, nil
}
