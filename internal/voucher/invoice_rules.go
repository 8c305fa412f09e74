package voucher

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// Billing is what an act on an invoice is judged on, and what is locked while it is.
type Billing struct {
	Invoice  Invoice               // as it stands; its ID is "" before it is sent
	Sessions []BookingID           // that it is for
	Accounts []Account             // whose vouchers pay for them
	Others   []InvoiceData         // of its professional's other invoices that were not withdrawn
	Days     map[calendar.Date]int // on which they were held: how many their professional has confirmed
	Evaded   []BookingID           // of these, on an invoice that was withdrawn before an officer was done with it
}

// InvoiceDecision is what an act on an invoice changes.
type InvoiceDecision struct {
	Invoice  Invoice
	Was      *InvoiceData // the data before they were changed, nil where they stay
	Claims   []Claim      // what is asked for each session, by day; none where that stays
	Accounts []Decision   // on each voucher that pays for them
	Note     string       // of an officer, "" for none
	Entry    audit.Entry
}

// Claim is what an invoice asks for a session of the contribution: its price, or less.
type Claim struct {
	Booking Booking // as it stands after the act
	Amount  money.Amount
}

// Claimed is what an invoice asks for all its sessions.
func (d InvoiceDecision) Claimed() (sum money.Amount) {
	for _, c := range d.Claims {
		sum += c.Amount
	}
	return sum
}

// ClaimError says which session an invoice cannot be for, and why.
type ClaimError struct {
	Session BookingID
	Err     error
}

// Error is the reason, without saying which session.
func (e ClaimError) Error() string { return e.Err.Error() }

// Unwrap is the reason.
func (e ClaimError) Unwrap() error { return e.Err }

// For is the billing of some of its sessions.
func (b Billing) For(sessions []BookingID) Billing {
	b.Sessions = sessions
	return b
}

// Bookings are its sessions by day; fault.ErrNotFound when one is nobody's, or another
// professional's.
func (b Billing) Bookings(of identity.PersonID) ([]Booking, error) {
	var all []Booking
	for _, id := range slices.Compact(slices.Sorted(slices.Values(b.Sessions))) {
		i := slices.IndexFunc(b.Accounts, func(a Account) bool { _, err := a.Booking(id); return err == nil })
		if i < 0 {
			return nil, fault.ErrNotFound
		}
		s, _ := b.Accounts[i].Booking(id) // it is there
		if s.Professional != of {
			return nil, fault.ErrNotFound
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(x, y Booking) int {
		return cmp.Or(x.Day.Compare(y.Day), x.Start.Compare(y.Start), cmp.Compare(x.ID, y.ID))
	})
	return all, nil
}

// Voucher is one of those that pay for its sessions, as it stands; false for another.
func (b Billing) Voucher(id ID) (Voucher, bool) {
	for _, a := range b.Accounts {
		if a.Voucher.ID == id {
			return a.Voucher, true
		}
	}
	return Voucher{}, false
}

// account is the voucher that pays for a session.
func (b Billing) account(s Booking) Account {
	i := slices.IndexFunc(b.Accounts, func(a Account) bool { return a.Voucher.ID == s.Voucher })
	return b.Accounts[i]
}

// Flaws are what keeps the data from being those of an invoice for sessions, in the
// order of the form: of several sessions it asks at least their sum, of one it may ask
// less.
func (b Billing) Flaws(data InvoiceData, sessions []Booking, now time.Time) []error {
	var flaws []error
	var last calendar.Date
	var sum money.Amount
	for _, s := range sessions {
		last, sum = later(last, s.Day), sum+s.Amount
	}
	used := func(other InvoiceData) bool {
		return other.IssuedOn.Year == data.IssuedOn.Year && SameInvoiceNumber(other.Number, data.Number)
	}
	switch n := utf8.RuneCountInString(data.Number); {
	case n == 0:
		flaws = append(flaws, ErrInvoiceNumber)
	case n > InvoiceGuards.Number:
		flaws = append(flaws, ErrInvoiceNumberLong)
	case !data.IssuedOn.IsZero() && slices.ContainsFunc(b.Others, used):
		flaws = append(flaws, ErrInvoiceNumberUsed)
	}
	switch {
	case data.IssuedOn.IsZero():
		flaws = append(flaws, ErrInvoiceDay)
	case data.IssuedOn.After(calendar.On(now)):
		flaws = append(flaws, ErrInvoiceDayToCome)
	case data.IssuedOn.Before(last):
		flaws = append(flaws, ErrInvoiceDayEarly)
	}
	switch {
	case data.Amount <= 0:
		flaws = append(flaws, ErrInvoiceAmount)
	case len(sessions) > 1 && data.Amount < sum:
		flaws = append(flaws, ErrInvoiceAmountLow)
	}
	return flaws
}

// Findings are what the portal stops at in data that can be those of an invoice.
func (b Billing) Findings(data InvoiceData, sessions []Booking) []InvoiceFinding {
	var found []InvoiceFinding
	early := func(s Booking) bool { return !s.Start.IsZero() && s.HeldAt.Before(s.End()) }
	crowd := func(s Booking) bool { return b.Days[s.Day] > InvoiceGuards.SessionsDay }
	alike := func(other InvoiceData) bool {
		if other.IssuedOn.Year == data.IssuedOn.Year {
			return likeNumber(other) == likeNumber(data)
		}
		apart := max(other.IssuedOn.Until(data.IssuedOn), data.IssuedOn.Until(other.IssuedOn))
		return apart <= InvoiceGuards.NumberAgain && SameInvoiceNumber(other.Number, data.Number)
	}
	if slices.ContainsFunc(sessions, early) {
		found = append(found, FoundEarly)
	}
	if slices.ContainsFunc(b.Others, alike) {
		found = append(found, FoundAlike)
	}
	if slices.ContainsFunc(sessions, crowd) {
		found = append(found, FoundCrowd)
	}
	if data.Amount > InvoiceGuards.OneSession*money.Amount(len(sessions)) {
		found = append(found, FoundHigh)
	}
	if slices.ContainsFunc(sessions, func(s Booking) bool { return slices.Contains(b.Evaded, s.ID) }) {
		found = append(found, FoundAnswered)
	}
	return found
}

// MaySend tells why no invoice can be sent for the sessions at an instant: they are of
// one beneficiary, and each is to be invoiced. It yields them by day.
func (b Billing) MaySend(who identity.Actor, now time.Time) ([]Booking, error) {
	sessions, err := b.Bookings(who.Person)
	switch {
	case err != nil:
		return nil, err
	case len(sessions) == 0:
		return nil, ErrNoSessions
	}
	for _, s := range sessions {
		if s.Beneficiary != sessions[0].Beneficiary {
			return nil, ErrSeveralHolders
		}
		if err := b.account(s).MayInvoice(s, now); err != nil {
			return nil, ClaimError{s.ID, err}
		}
	}
	return sessions, nil
}

// Send takes the data of a new invoice. It claims the price of each session; an invoice
// for one session that asks for less claims that, and what is left of the price is free
// again.
func (b Billing) Send(id InvoiceID, data InvoiceData, who identity.Actor, now time.Time) (InvoiceDecision, error) {
	sessions, err := b.MaySend(who, now)
	if err != nil {
		return InvoiceDecision{}, err
	}
	b.Invoice = Invoice{ID: id, Professional: who.Person, Beneficiary: sessions[0].Beneficiary, ReceivedAt: now}
	return b.bill(data, sessions, who, now, InvoiceSent)
}

// Correct takes other data for an invoice, from its professional. What an officer had
// asked for is looked at by an officer.
func (b Billing) Correct(data InvoiceData, who identity.Actor, now time.Time) (InvoiceDecision, error) {
	if who.Role != identity.Psychologist || who.Person != b.Invoice.Professional {
		return InvoiceDecision{}, fault.ErrNotFound
	}
	if err := b.Invoice.MayCorrect(now); err != nil {
		return InvoiceDecision{}, err
	}
	sessions, err := b.Bookings(who.Person)
	if err != nil {
		return InvoiceDecision{}, err
	}
	was := b.Invoice.InvoiceData
	if data == was {
		return InvoiceDecision{}, ErrInvoiceUnchanged
	}
	d, err := b.bill(data, sessions, who, now, InvoiceCorrected)
	d.Was = &was
	return d, err
}

// bill gives an invoice its data and claims for its sessions what they ask.
func (b Billing) bill(data InvoiceData, sessions []Booking, who identity.Actor, now time.Time, act audit.Action) (InvoiceDecision, error) {
	if flaws := b.Flaws(data, sessions, now); len(flaws) > 0 {
		return InvoiceDecision{}, errors.Join(flaws...)
	}
	i := b.Invoice
	found := b.Findings(data, sessions)
	for _, f := range i.asked() {
		if !slices.Contains(found, f) {
			found = append(found, f)
		}
	}
	i.InvoiceData, i.Findings, i.ChangedAt, i.State = data, found, now, InvoiceAccepted
	if len(found) > 0 {
		i.State = InvoiceInReview
	}
	i.Reason, i.Field, i.CorrectBy = "", "", calendar.Date{}
	d := InvoiceDecision{Invoice: i, Entry: i.entry(who, now, act)}
	asks := func(s Booking) money.Amount {
		if b.Invoice.lowered(s) {
			return min(s.Claimed, data.Amount)
		}
		return min(s.Amount, data.Amount)
	}
	if err := d.claim(b, sessions, asks, who, now); err != nil {
		return InvoiceDecision{}, err
	}
	return d, nil
}

// lowered tells whether the office has recognised less for a session than the invoice
// asks: that stays, whatever becomes of the data.
func (i Invoice) lowered(s Booking) bool { return s.Invoiced() && s.Claimed < min(s.Amount, i.Amount) }

// MayUnbill tells why an invoice cannot be withdrawn at an instant: as long as its
// sessions could be invoiced again, for otherwise they would be lost.
func (b Billing) MayUnbill(who identity.Actor, now time.Time) error {
	_, err := b.Withdraw(who, now)
	return err
}

// Withdraw takes an invoice back, for its professional: its sessions are to be invoiced
// again, at their whole price. What an officer had asked for is not escaped: the next
// invoice for any of them is looked at.
func (b Billing) Withdraw(who identity.Actor, now time.Time) (InvoiceDecision, error) {
	i := b.Invoice
	switch {
	case who.Role != identity.Psychologist || who.Person != i.Professional:
		return InvoiceDecision{}, fault.ErrNotFound
	case i.State == InvoiceWithdrawn:
		return InvoiceDecision{}, ErrInvoiceWithdrawn
	case i.frozen():
		return InvoiceDecision{}, ErrInvoiceInPayment
	}
	sessions, err := b.Bookings(who.Person)
	if err != nil {
		return InvoiceDecision{}, err
	}
	for _, s := range sessions {
		if i.lowered(s) {
			return InvoiceDecision{}, ErrInvoiceLowered
		}
		s.Claimed = 0
		if b.account(s).MayInvoice(s, now) != nil {
			return InvoiceDecision{}, ErrTooLateToUnbill
		}
	}
	i.Findings = append(slices.DeleteFunc(slices.Clone(i.Findings), InvoiceFinding.byOffice), i.asked()...)
	i.State, i.ChangedAt, i.Reason, i.Field, i.CorrectBy = InvoiceWithdrawn, now, "", "", calendar.Date{}
	d := InvoiceDecision{Invoice: i, Entry: i.entry(who, now, InvoiceTakenBack)}
	if err := d.claim(b, sessions, func(Booking) money.Amount { return 0 }, who, now); err != nil {
		return InvoiceDecision{}, err
	}
	return d, nil
}

// claim makes the sessions ask so much each, or nothing, and moves the money of their
// vouchers by the difference. What is no more there cannot be asked for.
func (d *InvoiceDecision) claim(b Billing, sessions []Booking, asks func(Booking) money.Amount, who identity.Actor, now time.Time) error {
	for _, s := range sessions {
		i := slices.IndexFunc(d.Accounts, func(x Decision) bool { return x.Voucher.ID == s.Voucher })
		if i < 0 {
			i = len(d.Accounts)
			d.Accounts = append(d.Accounts, Decision{Voucher: b.account(s).Voucher})
		}
		on, before, what := &d.Accounts[i], s.Price(), BookingInvoiced
		s.Claimed = asks(s)
		if s.Claimed == 0 {
			what = BookingUnbilled
		}
		switch change := s.Price() - before; {
		case change > on.Voucher.Balance():
			return ClaimError{s.ID, ErrInvoiceNoRoom}
		case change > 0:
			on.Postings = append(on.Postings, on.Voucher.post(Restored, s.ID, change))
		case change < 0:
			on.Postings = append(on.Postings, on.Voucher.post(Reduced, s.ID, -change))
			on.Postings = append(on.Postings, on.Voucher.giveBack(s.ID, -change)...)
		}
		on.Bookings = append(on.Bookings, s)
		on.Entries = append(on.Entries, s.entry(who, now, what))
		d.Claims = append(d.Claims, Claim{s, s.Claimed})
	}
	if d.Entry.Action == InvoiceSent {
		return nil // of which the holder is told as such
	}
	for i := range d.Accounts {
		d.Accounts[i].tellBalance(who, now)
	}
	return nil
}

// Accept lets an invoice be paid: an officer has looked at it.
func (b Billing) Accept(who identity.Actor, now time.Time) (InvoiceDecision, error) {
	if err := b.Invoice.MayAccept(who); err != nil {
		return InvoiceDecision{}, err
	}
	return b.judge(InvoiceAccepted, InvoicePassed, "", who, now)
}

// Return asks its professional to correct a field, within the days of the edition.
func (b Billing) Return(field InvoiceField, reason string, who identity.Actor, now time.Time) (InvoiceDecision, error) {
	reason = strings.TrimSpace(reason)
	if err := b.Invoice.MayReturn(who); err != nil {
		return InvoiceDecision{}, err
	}
	if !slices.Contains(InvoiceFields, field) {
		return InvoiceDecision{}, ErrInvoiceField
	}
	d, err := b.judge(InvoiceToCorrect, InvoiceReturned, reason, who, now)
	if err != nil {
		return d, err
	}
	if reason == "" {
		return InvoiceDecision{}, ErrInvoiceReason
	}
	r := b.Accounts[0].Rules
	d.Invoice.Reason, d.Invoice.Field = reason, field
	d.Invoice.CorrectBy = r.Holidays.Is.Within(r.CorrectDays.Is, calendar.On(now))
	return d, nil
}

// Reopen takes an accepted invoice into review again.
func (b Billing) Reopen(reason string, who identity.Actor, now time.Time) (InvoiceDecision, error) {
	reason = strings.TrimSpace(reason)
	if err := b.Invoice.MayReopen(who); err != nil {
		return InvoiceDecision{}, err
	}
	if reason == "" {
		return InvoiceDecision{}, ErrInvoiceReason
	}
	d, err := b.judge(InvoiceInReview, InvoiceReopened, reason, who, now)
	if !slices.Contains(d.Invoice.Findings, FoundReopened) {
		d.Invoice.Findings = append(slices.Clone(d.Invoice.Findings), FoundReopened)
	}
	return d, err
}

// Amend corrects the number and the day of an invoice that is in a payment, by an
// officer and with a reason: its amount stays.
func (b Billing) Amend(number string, issuedOn calendar.Date, reason string, who identity.Actor, now time.Time) (InvoiceDecision, error) {
	reason = strings.TrimSpace(reason)
	if err := b.Invoice.MayAmend(who); err != nil {
		return InvoiceDecision{}, err
	}
	sessions, err := b.Bookings(b.Invoice.Professional)
	if err != nil {
		return InvoiceDecision{}, err
	}
	was := b.Invoice.InvoiceData
	data := InvoiceData{number, issuedOn, was.Amount}
	flaws := b.Flaws(data, sessions, now)
	if data == was {
		flaws = append(flaws, ErrInvoiceUnchanged)
	}
	if reason == "" {
		flaws = append(flaws, ErrInvoiceReason)
	}
	if len(flaws) > 0 {
		return InvoiceDecision{}, errors.Join(flaws...)
	}
	d, err := b.judge(b.Invoice.State, InvoiceAmended, reason, who, now)
	d.Invoice.InvoiceData, d.Was = data, &was
	return d, err
}

// judge is an officer's act on an invoice, with their reason as a note.
func (b Billing) judge(to InvoiceState, act audit.Action, reason string, who identity.Actor, now time.Time) (InvoiceDecision, error) {
	if utf8.RuneCountInString(reason) > InvoiceGuards.Reason {
		return InvoiceDecision{}, ErrInvoiceReasonLong
	}
	i := b.Invoice
	i.State, i.ChangedAt, i.DecidedBy, i.DecidedAt = to, now, who.Person, now
	return InvoiceDecision{Invoice: i, Note: reason, Entry: i.entry(who, now, act)}, nil
}

func (i Invoice) entry(who identity.Actor, now time.Time, what audit.Action) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: string(i.ID), About: i.Beneficiary}
}
