package voucher_test

import (
	"fmt"
	"slices"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

// billing is what an act on an invoice is judged on.
func (w *living) billing(i *charged, of []voucher.BookingID) voucher.Billing {
	if i != nil {
		of = i.of
	}
	b := voucher.Billing{Sessions: of}
	for _, l := range w.vouchers {
		if slices.ContainsFunc(l.Bookings, func(x voucher.Booking) bool { return slices.Contains(of, x.ID) }) {
			b.Accounts = append(b.Accounts, l.Account)
		}
	}
	if i != nil {
		b.Invoice = i.Invoice
		b.Invoice.Sessions = len(i.of)
		for _, id := range i.of {
			if w.paid[id] > 0 {
				b.Invoice.Paid++
			}
		}
	}
	return b
}

// invoiced takes up what became of an invoice.
func (w *living) invoiced(act string, i *charged, d voucher.InvoiceDecision) {
	if i.Invoice = d.Invoice; len(d.Claims) > 0 {
		i.of = nil
		for _, c := range d.Claims {
			if c.Amount > 0 {
				i.of = append(i.of, c.Booking.ID)
			}
		}
	}
	for _, on := range d.Accounts {
		w.moved(act, w.vouchers[slices.IndexFunc(w.vouchers, func(l *lived) bool { return l.Voucher.ID == on.Voucher.ID })], on)
	}
}

// bill is an act on an invoice, mostly one that makes sense.
func (w *living) bill(act string, l *lived, session voucher.BookingID, who identity.Actor) error {
	w.numbers++
	data := voucher.InvoiceData{Number: fmt.Sprint(w.numbers), IssuedOn: calendar.On(w.now), Amount: money.Amount(w.number(1, 250_00))}
	if act == "invoice" {
		of := []voucher.BookingID{session}
		if w.number(0, 1) == 1 {
			of = nil
			for _, b := range l.Bookings {
				if b.Professional == who.Person && l.MayInvoice(b, w.now) == nil {
					of = append(of, b.ID)
				}
			}
		}
		d, err := w.billing(nil, of).Send(voucher.InvoiceID(fmt.Sprint(w.numbers)), data, who, w.now)
		if err != nil {
			return err
		}
		w.invoices = append(w.invoices, &charged{})
		w.invoiced(act, w.invoices[len(w.invoices)-1], d)
		return nil
	}
	if len(w.invoices) == 0 {
		return voucher.ErrNoSessions
	}
	i := w.invoices[w.number(max(0, len(w.invoices)-6), len(w.invoices)-1)]
	b, own := w.billing(i, nil), identity.Own(i.Professional, identity.Psychologist)
	var d voucher.InvoiceDecision
	var err error
	switch act {
	case "correct":
		d, err = b.Correct(data, own, w.now)
	case "withdraw":
		d, err = b.Withdraw(own, w.now)
	case "accept":
		d, err = b.Accept(twofold, w.now)
	case "send back":
		if len(b.Accounts) == 0 {
			return voucher.ErrInvoiceState
		}
		d, err = b.Return("amount", "Non si legge.", twofold, w.now)
	case "pay":
		if i.State == voucher.InvoiceAccepted {
			for _, id := range i.of {
				if c := w.matter(id); !slices.ContainsFunc(c.Disputes, func(d voucher.Dispute) bool { return d.Holds && d.State.Open() }) {
					w.paid[id] = c.Session.Claimed
				}
			}
		}
		return nil
	case "come back":
		for _, id := range i.of {
			delete(w.paid, id)
		}
		return nil
	}
	if err == nil {
		w.invoiced(act, i, d)
	}
	return err
}

// matter is a session with what is said of it.
func (w *living) matter(id voucher.BookingID) voucher.SessionCase {
	for _, l := range w.vouchers {
		if b, err := l.Booking(id); err == nil {
			c := voucher.SessionCase{Session: voucher.Session{Booking: b}, Account: l.Account, SessionFacts: voucher.SessionFacts{Disputes: slices.Clone(w.reports[id])}}
			if w.paid[id] > 0 {
				c.Payment = voucher.SessionPayment{State: "paid", Amount: w.paid[id]}
			}
			return c
		}
	}
	return voucher.SessionCase{}
}

// dispute is an act on a session and what its holder says of it.
func (w *living) dispute(act string, l *lived, session voucher.BookingID) error {
	c := w.matter(session)
	last := len(c.Disputes) - 1
	var d voucher.SessionDecision
	var err error
	switch {
	case act == "report":
		w.numbers++
		kind := voucher.DisputeKinds[w.number(0, len(voucher.DisputeKinds)-1)]
		d, err = c.Report(voucher.DisputeID(fmt.Sprint(w.numbers)), kind, "Ecco.", identity.Own(l.Voucher.Beneficiary, identity.Citizen), w.now)
		last++
	case last < 0:
		return voucher.ErrDisputeEnded
	case act == "propose":
		right := money.Amount(w.number(1, 60_00))
		d, err = c.Propose(c.Disputes[last].ID, voucher.DisputeProposal{Uphold: w.number(0, 3) > 0, Right: right, Grounds: "Visto.", Answer: "Ecco."}, examiner, w.now)
	case act == "uphold":
		d, err = c.Decide(c.Disputes[last].ID, 0, chief, w.now)
	case act == "carry out":
		d, err = c.CarryOut(c.Disputes[last].ID, chief, w.now)
	}
	if err != nil {
		return err
	}
	if d.Money != nil {
		w.moved(act, l, *d.Money)
	}
	w.reports[session] = append(c.Disputes[:last:last], *d.Dispute)
	return nil
}
