package voucher_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// living is a territory of an edition as it is lived: its money, its vouchers and what
// became of their sessions.
type living struct {
	*rapid.T
	chance   *mathrand.Rand
	rules    voucher.Rules
	budget   money.Amount
	fund     money.Amount // of the territory, and nobody's
	now      time.Time
	vouchers []*lived
	invoices []*charged
	reports  map[voucher.BookingID][]voucher.Dispute
	paid     map[voucher.BookingID]money.Amount // live payments
	numbers  int
}

// lived is a voucher with what its history says of it.
type lived struct {
	voucher.Account
	ledger    map[voucher.Ledger]money.Amount
	givenBack money.Amount // by its end, see voucher.Restitution
	endedOn   calendar.Date
}

// charged is an invoice with the sessions that it is for.
type charged struct {
	voucher.Invoice
	of []voucher.BookingID
}

// The ways that a voucher and a session may go, with the acts that lead there.
var (
	voucherWays = map[[2]voucher.State]string{
		{voucher.Active, voucher.Expired}: "expire", {voucher.Active, voucher.GivenUp}: "renounce",
		{voucher.Active, voucher.Forfeited}: "lapse", {voucher.Active, voucher.Closed}: "end",
		{voucher.Forfeited, voucher.Active}: "reinstate", {voucher.Closed, voucher.Active}: "reinstate", {voucher.Expired, voucher.Active}: "complete",
	}
	bookingWays = map[[2]voucher.BookingState]string{
		{"", voucher.Booked}: "book", {"", voucher.Held}: "give a session back", {voucher.Booked, voucher.Held}: "confirm",
		{voucher.Booked, voucher.Cancelled}: "cancel, holder cancels, renounce, lapse, end, annul, uphold, carry out",
		{voucher.Held, voucher.Cancelled}:   "cancel, annul, uphold, carry out",
	}
)

var seeing = []identity.PersonID{giulia, another, "99999999-9999-4999-8999-999999999999"}

// drawLiving is an edition with rules of its own, of which nothing was given yet.
func drawLiving(t *rapid.T, base voucher.Rules) *living {
	w := &living{T: t, chance: mathrand.New(mathrand.NewPCG(1, rapid.Uint64().Draw(t, "seed"))), rules: base, now: noon,
		reports: map[voucher.BookingID][]voucher.Dispute{}, paid: map[voucher.BookingID]money.Amount{}}
	r := &w.rules
	r.SessionCap.Is, r.ValidityDays.Is = money.Amount(w.number(1, 100_00)), w.number(20, 200)
	r.FirstSessionDays.Is, r.ConfirmDays.Is, r.InvoiceDays.Is = w.number(0, 1)*w.number(5, 60), w.number(0, 20), w.number(0, 60)
	r.CorrectDays.Is, r.DisputeDays.Is, r.CancelDaysBefore.Is = w.number(1, 20), w.number(1, 30), w.number(0, 3)
	r.DirectConfirmation.Is, r.OpenBookings.Is = w.number(0, 1) == 1, w.number(1, 10)
	if w.number(0, 1) == 1 {
		opens := noon.AddDate(0, 0, w.number(30, 300))
		o := voucher.Reopening{Round: 1, Acts: []voucher.Act{voucher.ActBook, voucher.ActConfirm, voucher.ActInvoice}[w.number(0, 2):],
			Opens: opens, Closes: opens.AddDate(0, 0, w.number(1, 40))}
		r.Reopenings = []rules.Value[voucher.Reopening]{{Is: o, Article: "prova"}}
	}
	w.budget = money.Amount(w.number(1, 30_000_00))
	w.fund = w.budget
	return w
}

// number is one of those from least to most, each as likely as the others: small ones,
// which rapid prefers, make short lives.
func (w *living) number(least, most int) int { return least + w.chance.IntN(most-least+1) }

// part is a publication of one territory, kept in memory.
type part struct {
	voucher.RankingStore
	of  voucher.Issue
	got *voucher.Issued
}

func (p *part) IssueNext(_ context.Context, _ time.Time, issue func(voucher.Issue) (voucher.Issued, error), _ ...voucher.PublicationPart) (bool, error) {
	if p.got != nil {
		return false, nil
	}
	got, err := issue(p.of)
	p.got = &got
	return true, err
}

func (p *part) EndPublications(context.Context, time.Time) (bool, error) { return false, nil }

// publish gives what it can of the money of the territory: new vouchers, and more to
// those that were awarded in part.
func (w *living) publish(awards []voucher.Award, more []voucher.Completion) (voucher.Issued, error) {
	clock := func() time.Time { return w.now }
	keys, err := voucher.NewKeys(bytes.Repeat([]byte{7}, voucher.MasterKeyLength))
	if err != nil {
		w.Fatal(err)
	}
	p := part{of: voucher.Issue{Territory: "Lazio", Edition: voucher.Edition{Rules: w.rules}, Round: w.number(1, 3),
		Day: calendar.On(w.now), Awards: awards, Completes: more, Available: &w.fund}}
	_, _, err = voucher.NewRankings(&p, clock).IssueDue(context.Background(), voucher.NewService(nil, keys, rand.Reader, clock))
	if err != nil {
		return voucher.Issued{}, err
	}
	return *p.got, nil
}

func (w *living) grant() error {
	id := fmt.Sprintf("%08d-0000-4000-8000-000000000000", len(w.vouchers))
	amount := money.Amount(w.number(1, 600_00))
	all, err := w.publish([]voucher.Award{{Application: voucher.ApplicationID(id), Beneficiary: identity.PersonID(id), Amount: amount}}, nil)
	if err != nil {
		return err
	}
	v := all.Grants[0].Voucher
	w.fund -= amount
	w.vouchers = append(w.vouchers, &lived{Account: voucher.Account{Voucher: v, Rules: w.rules, Province: "RM"},
		ledger: map[voucher.Ledger]money.Amount{voucher.Free: amount}})
	return nil
}

// complete is as the rankings do it: of who still holds a voucher.
func (w *living) complete(l *lived) error {
	if s := l.Voucher.State; s != voucher.Active && s != voucher.Expired {
		return voucher.ErrNotDue
	}
	amount := money.Amount(w.number(1, 300_00))
	all, err := w.publish(nil, []voucher.Completion{{Voucher: l.Voucher, Amount: amount}})
	if err != nil {
		return err
	}
	w.moved("complete", l, voucher.Decision{Voucher: all.Completed[0].Voucher,
		Postings: []voucher.Posting{{Voucher: l.Voucher.ID, Event: voucher.Completed, Amount: amount}}})
	return nil
}

// moved takes up what an act made of a voucher, and checks how it got there.
func (w *living) moved(act string, l *lived, d voucher.Decision) {
	was, is := l.Voucher, d.Voucher
	if was.State != is.State && !strings.Contains(voucherWays[[2]voucher.State{was.State, is.State}], act) {
		w.Fatalf("%s brings a voucher from %s to %s", act, was.State, is.State)
	}
	if back := was.State != is.State && is.State == voucher.Active; back != (is.Reopened == was.Reopened+1) {
		w.Fatalf("%s: %+v became %+v", act, was, is)
	}
	if was.State == voucher.Active && (is.State == voucher.Forfeited || is.State == voucher.Closed) {
		l.endedOn = calendar.On(w.now)
	}
	for _, b := range d.Bookings {
		before, _ := l.Booking(b.ID)
		if before.State != b.State && !strings.Contains(bookingWays[[2]voucher.BookingState{before.State, b.State}], act) {
			w.Fatalf("%s brings a session from %q to %s", act, before.State, b.State)
		}
		if b.State == voucher.Cancelled {
			for _, i := range w.invoices {
				i.of = slices.DeleteFunc(i.of, func(id voucher.BookingID) bool { return id == b.ID })
			}
		}
	}
	for _, p := range d.Postings {
		accounts := voucher.Events[p.Event]
		if p.Amount <= 0 || p.Voucher != was.ID {
			w.Fatalf("%s posts %+v", act, p)
		}
		if p.Event != voucher.Completed { // what was awarded is not owed to the fund
			l.ledger[accounts[0]] -= p.Amount
		}
		l.ledger[accounts[1]] += p.Amount
		switch {
		case accounts[0] == voucher.Fund:
			w.fund -= p.Amount
		case accounts[1] == voucher.Fund:
			w.fund += p.Amount
		}
		switch p.Event {
		case voucher.Lapsing, voucher.Ended:
			l.givenBack += p.Amount
		case voucher.Reinstated:
			l.givenBack -= p.Amount
		}
	}
	l.Account = apply(l.Account, d)
	for _, i := range w.invoices {
		if len(i.of) == 0 {
			i.State = voucher.InvoiceWithdrawn
		}
	}
}

var livingActs = []string{"grant", "book", "book", "book", "book", "book", "book", "move", "cancel", "holder cancels", "confirm", "confirm", "confirm", "confirm",
	"invoice", "invoice", "invoice", "correct", "withdraw", "accept", "send back", "pay", "come back", "report", "report", "propose", "propose", "uphold", "carry out",
	"expire", "renounce", "lapse", "annul", "annul", "end", "reinstate", "give a session back", "complete"}

// act does something that somebody may think of, on one of the vouchers.
func (w *living) act() (act string, err error) {
	act = livingActs[w.number(0, len(livingActs)-1)]
	if len(w.vouchers) == 0 || act == "grant" {
		return "grant", w.grant()
	}
	seldom := map[string]int{"renounce": 40, "end": 30, "lapse": 3, "holder cancels": 2}[act]
	if seldom > 0 && w.number(0, seldom) > 0 {
		return act, voucher.ErrNotDue
	}
	l := w.vouchers[w.number(max(0, len(w.vouchers)-5), len(w.vouchers)-1)] // older ones are over
	today, booking := calendar.On(w.now), voucher.Booking{ID: "none", Professional: giulia}
	if n := len(l.Bookings); n > 0 {
		booking = l.Bookings[w.number(max(0, n-8), n-1)]
	}
	who := identity.Own(booking.Professional, identity.Psychologist)
	owner := identity.Own(l.Voucher.Beneficiary, identity.Citizen)
	price := func() money.Amount { return money.Amount(w.number(1, 60_00)) }
	restitution := voucher.Restitution{EndedOn: l.endedOn, GivenBack: max(0, min(l.givenBack, l.Voucher.Returned)), Left: w.fund}
	var d voucher.Decision
	switch act {
	case "book":
		on := voucher.Professional{Person: seeing[w.number(0, len(seeing)-1)], Enrolled: true, Place: "Roma"}
		ask := request(today.Add(w.number(-3, 10)), price())
		ask.Held = ask.Day.Before(today)
		if hour := w.number(0, 20); hour > 7 {
			ask.Start = ask.Day.At(hour, 0)
		}
		d, err = l.Book(on, []voucher.Request{ask}, identity.Own(on.Person, identity.Psychologist), w.now)
	case "move":
		to := voucher.Appointment{Day: today.Add(w.number(0, 20)), Amount: price(), Place: booking.Place}
		d, err = l.Move(booking.ID, voucher.Professional{Person: who.Person, Enrolled: true, Place: "Roma"}, to, who, w.now)
	case "cancel":
		d, err = l.Cancel(booking.ID, who, w.now)
	case "holder cancels":
		d, err = l.Cancel(booking.ID, owner, w.now)
	case "confirm":
		d, err = l.Confirm(booking.ID, who, w.now)
	case "expire":
		d, err = l.Expire(w.now)
	case "renounce":
		d, err = l.Renounce(owner, w.now)
	case "lapse":
		d, err = l.Lapse(w.now)
	case "annul":
		d, err = l.Annul(w.incomplete(l), w.now)
	case "end":
		d, err = l.End(voucher.Death, today.Add(-w.number(0, 20)), w.now)
	case "reinstate":
		d, err = l.Reinstate(restitution, w.now)
	case "give a session back":
		d, err = l.ReinstateSession(booking.ID, voucher.NewBookingID(), restitution, w.now)
	case "complete":
		return act, w.complete(l)
	case "report":
		if at := slices.IndexFunc(l.Bookings, func(b voucher.Booking) bool { return w.paid[b.ID] > 0 && len(w.reports[b.ID]) == 0 }); at >= 0 {
			booking = l.Bookings[at]
		}
		return act, w.dispute(act, l, booking.ID)
	case "propose", "uphold", "carry out":
		err = voucher.ErrDisputeEnded
		for _, l := range w.vouchers {
			for _, b := range l.Bookings {
				n := len(w.reports[b.ID])
				if n == 0 || err == nil {
					continue
				}
				if act == "carry out" && w.reports[b.ID][n-1].Recover > 0 {
					delete(w.paid, b.ID) // it has come back
				}
				err = w.dispute(act, l, b.ID)
			}
		}
		return act, err
	default:
		return act, w.bill(act, l, booking.ID, who)
	}
	if err == nil {
		w.moved(act, l, d)
	}
	return act, err
}

// incomplete is the list by which the office annuls the sessions of a voucher.
func (w *living) incomplete(l *lived) (list []voucher.Annulment) {
	for _, b := range l.Bookings {
		var correctBy calendar.Date
		for _, i := range w.invoices {
			if i.State == voucher.InvoiceToCorrect && slices.Contains(i.of, b.ID) {
				correctBy = i.CorrectBy
			}
		}
		if ground, is := l.Incomplete(b, correctBy, w.now); is {
			open := slices.ContainsFunc(w.reports[b.ID], func(d voucher.Dispute) bool { return d.State.Open() })
			list = append(list, voucher.Annulment{Booking: b.ID, Ground: ground, CorrectBy: correctBy, Disputed: open})
		}
	}
	return list
}

// whole fails when a cent is lost or made, or something is not what something else says.
func (w *living) whole(act string) {
	promised := money.Amount(0)
	claims, sessions := map[voucher.BookingID]bool{}, map[voucher.BookingID]*voucher.Booking{}
	for _, l := range w.vouchers {
		for i := range l.Bookings {
			sessions[l.Bookings[i].ID] = &l.Bookings[i]
		}
	}
	for _, i := range w.invoices {
		var claimed money.Amount
		for _, id := range i.of {
			b := sessions[id]
			if i.State == voucher.InvoiceWithdrawn || b.State != voucher.Held || !b.Invoiced() || claims[id] {
				w.Fatalf("after %s: %+v claims %+v", act, i, b)
			}
			claims[id] = true
			claimed += b.Claimed
		}
		if claimed > i.Amount {
			w.Fatalf("after %s: an invoice of %s claims %s", act, i.Amount, claimed)
		}
	}
	for _, l := range w.vouchers {
		v := l.Voucher
		promised += v.Awarded - v.Returned
		var booked, used money.Amount
		for _, b := range l.Bookings {
			switch b.State {
			case voucher.Booked:
				booked += b.Amount
			case voucher.Held:
				used += b.Price()
			}
			if b.Invoiced() != claims[b.ID] || b.Claimed > b.Amount || w.paid[b.ID] > 0 && (b.State != voucher.Held || b.Claimed != w.paid[b.ID]) {
				w.Fatalf("after %s: %+v, paid %s", act, b, w.paid[b.ID])
			}
		}
		switch {
		case v.Booked < 0 || v.Used < 0 || v.Returned < 0 || v.Balance() < 0 || v.Used > v.Awarded:
			w.Fatalf("after %s: overdrawn: %+v", act, v)
		case v.Booked != booked || v.Used != used:
			w.Fatalf("after %s: sessions of %s and %s: %+v", act, booked, used, v)
		case v.Booked != l.ledger[voucher.OnHold] || v.Used != l.ledger[voucher.Spent] || v.Returned != l.ledger[voucher.Fund] || v.Balance() != l.ledger[voucher.Free]:
			w.Fatalf("after %s: %+v, and its postings %v", act, v, l.ledger)
		case v.State != voucher.Active && v.Balance() != 0:
			w.Fatalf("after %s: money that nobody can spend: %+v", act, v)
		}
	}
	if w.fund < 0 || promised+w.fund != w.budget {
		w.Fatalf("after %s: %s with vouchers and %s with nobody, of %s", act, promised, w.fund, w.budget)
	}
}

// However an edition is lived, by whoever does whatever in any order, each voucher and
// the territory keep their sums, nothing goes where the drawings of the states have no
// way, and what is paid stays what was validated.
func TestHoweverAnEditionIsLivedNoCentIsMadeOrLost(t *testing.T) {
	t.Parallel()
	base := edition(t, "2022-guida").Rules
	done := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := drawLiving(t, base)
		for range 1_000 {
			w.now = w.now.Add(time.Duration(w.number(0, 36)) * time.Hour)
			act, err := w.act()
			if err == nil {
				done[act]++
				w.whole(act)
			}
		}
	})
	for _, act := range livingActs {
		if done[act] == 0 {
			t.Errorf("nobody ever managed to %s", act)
		}
	}
}
