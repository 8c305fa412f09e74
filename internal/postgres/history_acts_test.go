package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/payment"
	"portal/internal/voucher"
)

// acts are what people do, with how often.
var acts = []struct {
	name  string
	often int
	do    func(one, context.Context) error
}{
	{"book", 14, func(w one, ctx context.Context) error {
		var id voucher.ID
		if err := w.any(`SELECT id FROM vouchers WHERE state = 'active'`, &id); err != nil {
			return err
		}
		who := w.as(w.IntN(len(w.psychologists)))
		ask := ask(w.today().Add(w.IntN(9)-3), []int{0, 8 + w.IntN(10)}[w.IntN(2)], w.price())
		ask[0].Held = ask[0].Day.Before(w.today())
		_, err := w.service.Book(ctx, who, form(who, "booking.book"), id, ask)
		return err
	}},
	{"confirm", 14, func(w one, ctx context.Context) error {
		id, who, _, err := w.session("booked")
		if err != nil {
			return err
		}
		return w.service.Confirm(ctx, who, form(who, "booking.confirm"), id)
	}},
	{"cancel", 3, func(w one, ctx context.Context) error {
		id, who, _, err := w.session([]string{"booked", "held"}[w.IntN(2)])
		if err != nil {
			return err
		}
		return w.service.Cancel(ctx, who, form(who, "booking.cancel"), id)
	}},
	{"holder cancels", 1, func(w one, ctx context.Context) error {
		id, _, who, err := w.session("booked")
		if err != nil {
			return err
		}
		return w.service.Cancel(ctx, who, form(who, "booking.cancel"), id)
	}},
	{"move", 3, func(w one, ctx context.Context) error {
		id, who, _, err := w.session("booked")
		if err != nil {
			return err
		}
		to := voucher.Appointment{Day: w.today().Add(w.IntN(8)), Amount: w.price(), Place: "Via Roma 1, 00195 Roma (RM)"}
		return w.service.Move(ctx, who, form(who, "booking.move"), id, to)
	}},
	{"renounce", 1, func(w one, ctx context.Context) error {
		var id voucher.ID
		var holder identity.PersonID
		if err := w.any(`SELECT id, beneficiary_id FROM vouchers WHERE state = 'active'`, &id, &holder); err != nil || w.seldom(12) {
			return err
		}
		who := identity.Own(holder, identity.Citizen)
		return w.service.Renounce(ctx, who, form(who, "voucher.renounce"), id)
	}},
	{"invoice", 12, func(w one, ctx context.Context) error {
		id, who, holder, err := w.session("held")
		if err != nil {
			return err
		}
		sessions := []voucher.BookingID{id}
		if w.IntN(2) == 0 {
			sessions = nil
			all, err := w.invoices.ToInvoice(ctx, who.Person)
			if err != nil {
				return err
			}
			for _, b := range all {
				if b.Beneficiary == holder.Person {
					sessions = append(sessions, b.ID)
				}
			}
		}
		_, err = w.invoices.Send(ctx, who, form(who, "invoice.send"), sessions, w.data())
		return err
	}},
	{"invoice again", 8, func(w one, ctx context.Context) error {
		var id voucher.InvoiceID
		var version int64
		var of identity.PersonID
		if err := w.any(`SELECT id, version, professional_id FROM invoices WHERE state <> 'withdrawn' AND changed_at > (SELECT max(changed_at) FROM invoices) - interval '9 days'`, &id, &version, &of); err != nil {
			return err
		}
		who := identity.Own(of, identity.Psychologist)
		switch w.IntN(6) {
		case 0:
			return w.invoices.Correct(ctx, who, form(who, "invoice.correct"), id, version, w.data())
		case 1:
			return w.invoices.Withdraw(ctx, who, form(who, "invoice.withdraw"), id, version)
		case 2:
			return w.invoices.Return(ctx, w.prepare, form(w.prepare, "invoice.return"), id, version, "amount", "Non si legge.")
		case 3:
			return w.invoices.Reopen(ctx, w.prepare, form(w.prepare, "invoice.reopen"), id, version, "Da rivedere.")
		}
		return w.invoices.Accept(ctx, w.prepare, form(w.prepare, "invoice.accept"), id, version)
	}},
	{"report", 3, func(w one, ctx context.Context) error {
		id, _, who, err := w.session("held")
		if err != nil {
			return err
		}
		_, err = w.disputes.Report(ctx, who, form(who, "dispute.report"), id, voucher.DisputeKinds[w.IntN(3)], "Ecco.")
		return err
	}},
	{"judge a report", 6, func(w one, ctx context.Context) error {
		var id voucher.DisputeID
		var version int64
		var state voucher.DisputeState
		var right int64
		if err := w.any(`SELECT x.id, x.version, x.state, greatest(coalesce(b.claimed_cents, b.amount_cents) / 2, 1) FROM disputes x JOIN bookings b ON b.id = x.booking_id
			WHERE x.state IN ('open', 'proposed') OR x.recover_cents > 0`, &id, &version, &state, &right); err != nil {
			return err
		}
		switch state {
		case voucher.DisputeOpen:
			return w.disputes.Propose(ctx, w.prepare, form(w.prepare, "dispute.propose"), id,
				voucher.DisputeProposal{Version: version, Uphold: w.IntN(3) > 0, Right: money.Amount(right), Grounds: "Visto.", Answer: "Ecco."})
		case voucher.DisputeProposed:
			return w.disputes.Decide(ctx, w.approve, form(w.approve, "dispute.decide"), id, version)
		}
		return w.disputes.CarryOut(ctx, w.approve, form(w.approve, "dispute.carry_out"), id)
	}},
	{"close", 4, func(w one, ctx context.Context) error {
		var id voucher.ClosureID
		var version int64
		err := w.any(`SELECT id, version FROM closures WHERE state = 'proposed'`, &id, &version)
		if err == nil {
			return w.closures.Decide(ctx, w.approve, form(w.approve, "closure.decide"), id, version, w.IntN(4) > 0, "Rivedi.")
		}
		if n, err := w.closures.CarryOutDue(ctx); n > 0 || err != nil {
			return err
		}
		kind := voucher.ClosureKinds[w.IntN(2)]
		l, err := w.closures.Due(ctx, w.prepare, kind, "2026", "")
		if err != nil {
			return err
		}
		_, err = w.closures.Propose(ctx, w.prepare, form(w.prepare, "closure.propose"), kind, "2026", "", l.Digest())
		return err
	}},
	{"open a case", 3, func(w one, ctx context.Context) error {
		c := voucher.VoucherCase{Kind: voucher.ReinstateVoucher, Ground: "error", Text: "Ecco."}
		from := `SELECT id, NULL::text FROM vouchers WHERE state IN ('lapsed', 'ended')`
		switch w.IntN(8) {
		case 0:
			c.Kind, c.Ground, from = voucher.EndVoucher, voucher.FalseDeclaration, `SELECT id, NULL::text FROM vouchers WHERE state = 'active'`
		case 1, 2, 3:
			c.Kind, from = voucher.ReinstateBooking, `SELECT voucher_id, id::text FROM bookings WHERE cancel_reason = 'office' AND cancel_ground <> 'disputed'`
		}
		var session *string
		if err := w.any(from, &c.Voucher, &session); err != nil {
			return err
		}
		if session != nil {
			c.Booking = voucher.BookingID(*session)
		}
		_, err := w.closures.ProposeCase(ctx, w.prepare, form(w.prepare, "case.propose"), c)
		return err
	}},
	{"decide a case", 4, func(w one, ctx context.Context) error {
		var id voucher.CaseID
		var version int64
		if err := w.any(`SELECT id, version FROM voucher_cases WHERE state = 'proposed'`, &id, &version); err != nil {
			return err
		}
		return w.closures.DecideCase(ctx, w.approve, form(w.approve, "case.decide"), id, version, w.IntN(5) > 0, "No.")
	}},
	{"send money", 1, func(w one, ctx context.Context) error {
		return w.editions.Record(ctx, w.prepare, form(w.prepare, "transfer.record"), voucher.Transfer{Edition: "2026", Territory: []string{"Lazio", "Molise"}[w.IntN(2)],
			Amount: money.Amount(1 + w.IntN(400_00)), ReceivedOn: w.today(), Act: "atto"})
	}},
	{"take money back", 1, func(w one, ctx context.Context) error {
		var id voucher.TransferID
		if err := w.any(`SELECT id FROM funding_transfers WHERE reverses IS NULL`, &id); err != nil || w.seldom(3) {
			return err
		}
		return w.editions.Reverse(ctx, w.prepare, form(w.prepare, "transfer.reverse"), "2026", id, "errore")
	}},
	{"pay", 14, one.payment},
	{"give again", 10, one.ranking},
	{"end the day", 1, func(w one, ctx context.Context) error {
		_, expiry := w.service.ExpireDue(ctx)
		_, record := w.days.RecordDue(ctx)
		return errors.Join(expiry, record)
	}},
}

func (w one) data() voucher.InvoiceData {
	return voucher.InvoiceData{Number: fmt.Sprint(w.IntN(1_000_000)), IssuedOn: w.today(), Amount: money.Amount(1 + w.IntN(290_00))}
}

// payment takes a run one step further, or begins one.
func (w one) payment(ctx context.Context) error {
	var id payment.RunID
	var state payment.RunState
	var version int64
	err := w.any(`SELECT id, state, version FROM payment_runs WHERE state NOT IN ('settled', 'returned', 'dropped')`, &id, &state, &version)
	if errors.Is(err, fault.ErrNotFound) || err == nil && state == payment.SentRun && w.IntN(2) == 0 {
		_, err := w.runs.Prepare(ctx, w.prepare, form(w.prepare, "payment.prepare"), payment.Selection{Programme: payment.Voucher, Month: calendar.NewDate(w.now.Year(), w.now.Month(), 1)})
		return err
	}
	if err != nil {
		return err
	}
	var order payment.OrderID
	switch another := w.IntN(8); {
	case state == payment.PreparingRun:
		_, _, err := w.runs.FreezeDue(ctx)
		return err
	case another == 0 && (state == payment.ProposedRun || state == payment.ApprovedRun):
		return w.runs.SendBack(ctx, w.approve, form(w.approve, "payment.return"), id, "Rivedi.")
	case another == 1 && state == payment.PreparedRun:
		return w.runs.Drop(ctx, w.prepare, form(w.prepare, "payment.drop"), id)
	case another == 2 && state != payment.SentRun && w.any(`SELECT id FROM payment_orders WHERE state = 'frozen'`, &order) == nil:
		return w.runs.TakeOut(ctx, w.prepare, form(w.prepare, "payment.take_out"), id, order, "Da rivedere.")
	case state == payment.PreparedRun:
		return w.runs.Propose(ctx, w.prepare, form(w.prepare, "payment.propose"), id)
	case state == payment.ProposedRun:
		return w.runs.Approve(ctx, w.approve, form(w.approve, "payment.approve"), id, version)
	case state == payment.ApprovedRun:
		return w.runs.Send(ctx, w.pays, form(w.pays, "payment.send"), id, payment.NextBankDay(w.today()))
	}
	return w.bank(ctx, id)
}

// bank answers for some of the orders of a run.
func (w one) bank(ctx context.Context, id payment.RunID) error {
	orders, _, err := w.runs.Orders(ctx, id, payment.OrderSent, 1, 100)
	if err != nil {
		return err
	}
	rows := []string{strings.Join(payment.OutcomeColumns, ";")}
	for _, o := range orders {
		switch amount := strings.Replace(o.Amount.Decimal(), ".", ",", 1); w.IntN(5) {
		case 0:
		case 1:
			rows = append(rows, fmt.Sprintf("%s;restituito;%s;;;%s", o.EndToEnd, amount, []string{"AC04", "AM04"}[w.IntN(2)]))
		default:
			rows = append(rows, fmt.Sprintf("%s;pagato;%s;%s;CRO;", o.EndToEnd, amount, payment.NextBankDay(w.today())))
		}
	}
	_, err = w.runs.Record(ctx, w.pays, form(w.pays, "payment.record"), id, []byte(strings.Join(rows, "\n")))
	return err
}

// ranking takes a ranking one step further, or simulates one: money is given again, or
// what was given is corrected.
func (w one) ranking(ctx context.Context) error {
	var id, standing voucher.RunID
	var state voucher.RunState
	err := w.any(`SELECT id, state FROM ranking_runs WHERE state IN ('simulated', 'proposed', 'approved', 'publishing')`, &id, &state)
	switch {
	case errors.Is(err, fault.ErrNotFound):
		simulation := voucher.Simulation{Edition: "2026", Reallocates: true}
		if w.IntN(4) == 0 {
			if err := w.any(`SELECT id FROM ranking_runs WHERE state = 'published'`, &standing); err != nil {
				return err
			}
			simulation = voucher.Simulation{Edition: "2026", Corrects: standing, Reason: "Riesame accolto"}
		}
		if id, err = w.rankings.Simulate(ctx, w.prepare, form(w.prepare, "ranking.simulate"), simulation); err != nil || w.IntN(4) == 0 {
			return err
		}
		for _, step := range []func() error{
			func() error { return w.rankings.Check(ctx, w.prepare, form(w.prepare, "ranking.check"), id) },
			func() error { return w.rankings.Propose(ctx, w.prepare, form(w.prepare, "ranking.propose"), id) },
			func() error { return w.rankings.Approve(ctx, w.approve, form(w.approve, "ranking.approve"), id) },
			func() error {
				return w.rankings.Publish(ctx, w.publish, form(w.publish, "ranking.publish"), id, time.Time{})
			},
		} {
			if err := step(); err != nil {
				return err
			}
		}
		_, _, err := w.rankings.IssueDue(ctx, w.service)
		return err
	case err != nil:
		return err
	case state == voucher.SimulatedRun:
		err := errors.Join(w.rankings.Check(ctx, w.prepare, form(w.prepare, "ranking.check"), id), w.rankings.Propose(ctx, w.prepare, form(w.prepare, "ranking.propose"), id))
		if err != nil {
			return errors.Join(err, w.rankings.Drop(ctx, w.prepare, form(w.prepare, "ranking.drop"), id))
		}
		return nil
	case state == voucher.ProposedRun && w.seldom(8):
		if err := w.rankings.Approve(ctx, w.approve, form(w.approve, "ranking.approve"), id); err == nil {
			return nil
		}
	case state == voucher.ApprovedRun && w.seldom(8):
		if err := w.rankings.Publish(ctx, w.publish, form(w.publish, "ranking.publish"), id, time.Time{}); err == nil {
			return nil
		}
	case state == voucher.PublishingRun:
		_, _, err := w.rankings.IssueDue(ctx, w.service)
		return err
	}
	return w.rankings.SendBack(ctx, w.approve, form(w.approve, "ranking.return"), id, "Rivedi.")
}
