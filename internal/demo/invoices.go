package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/internal/voucher"
)

// client is somebody with a code: a made-up one of a territory, or a persona.
type client struct {
	edition   voucher.EditionID
	territory string
	persona   Hint // "" for a made-up one
	nth       int  // of the territory, from 0
}

// holding is a code with its holder.
type holding struct {
	voucher voucher.ID
	holder  identity.PersonID
}

// claim is one line of what became of sessions after they were held: days count from
// today, and 0 is a step that nobody took.
type claim struct {
	by   Hint
	of   client
	days []int        // of the sessions; of a persona those of the story
	sent int          // the data of their invoice
	paid money.Amount // the whole document; 0 for the price of the sessions
	end  fate
}

type fate int

const (
	stands     fate = iota
	sentBack        // an officer wants the number corrected
	reported        // its holder says that it did not take place
	answered        // its holder says that the price is another, and an officer has proposed the answer
	neverTaken      // booked, and never confirmed
	takenBack       // who sent it withdrew it
)

// The story of the edition that is over: most was paid, the first time to no avail,
// and three sessions of a colleague were never completed.
var pastClaims = []claim{
	{Psychologist, client{edition: pastEdition, territory: "Piemonte"}, []int{-415, -408}, -405, 0, stands},
	{Psychologist, client{edition: pastEdition, territory: "Veneto"}, []int{-412}, -404, 60_00, stands},
	{Psychologist, client{edition: pastEdition, territory: "Toscana"}, []int{-410}, -403, 0, stands},
	{colleagues[0], client{edition: pastEdition, territory: "Sicilia"}, []int{-393}, -391, 0, sentBack},
	{colleagues[0], client{edition: pastEdition, territory: "Lazio"}, []int{-390}, 0, 0, stands},
	{colleagues[0], client{edition: pastEdition, territory: "Toscana"}, []int{-200}, 0, 0, neverTaken},
}

// And of the one that is ending: what was paid in spring, and what is at risk now.
var lastClaims = []claim{
	{Psychologist, client{edition: lastEdition, territory: "Emilia-Romagna"}, []int{-230, -223}, -220, 0, stands},
	{Psychologist, client{edition: lastEdition, territory: "Liguria"}, []int{-240}, -219, 65_00, stands},
	{colleagues[0], client{edition: lastEdition, territory: "Emilia-Romagna", nth: 1}, []int{-228}, -218, 0, stands},
}

var riskyClaims = []claim{
	{Psychologist, client{edition: lastEdition, territory: "Emilia-Romagna"}, []int{-31}, 0, 0, stands},
	{Psychologist, client{edition: lastEdition, territory: "Liguria"}, []int{-25}, 0, 0, stands},
	{ExPsychologist, client{persona: LastDaysCitizen}, []int{-60}, -55, 0, stands},
}

// Of this year's: one of each stage that an invoice meets. Each group is handed in
// before a run is prepared.
var (
	paidClaims = []claim{
		{Psychologist, client{persona: Citizen}, []int{-42}, -34, 0, stands},
		{colleagues[1], client{edition: edition, territory: "Lazio"}, []int{-36}, -28, 0, stands},
	}
	bankClaims  = []claim{{colleagues[0], client{edition: edition, territory: "Campania", nth: 1}, []int{-29}, -16, 0, stands}}
	readyClaims = []claim{{colleagues[0], client{edition: edition, territory: "Emilia-Romagna", nth: 1}, []int{-26}, -15, 0, stands}}
	freshClaims = []claim{
		{Psychologist, client{edition: edition, territory: "Veneto"}, []int{-30}, -14, 0, sentBack},
		{Psychologist, client{edition: edition, territory: "Toscana"}, []int{-28}, -13, 0, reported},
		{Psychologist, client{edition: edition, territory: "Campania"}, []int{-26}, -12, 70_00, answered},
		{Psychologist, client{persona: PartialCitizen}, []int{-20}, -11, 0, stands}, // Lombardia has sent nothing
		{Psychologist, client{persona: Citizen}, []int{-35}, -10, 60_00, stands},
		{Psychologist, client{edition: edition, territory: "Piemonte"}, []int{-40, -33}, -9, 700_00, stands}, // so much that an officer looks
		{Psychologist, client{edition: edition, territory: "Sicilia"}, []int{-24}, -8, 0, stands},
		{colleagues[0], client{edition: edition, territory: "Umbria"}, []int{-27}, -7, 0, stands},
		{colleagues[0], client{edition: edition, territory: "Marche"}, []int{-23}, -7, 0, takenBack},
	}
	lateClaims = []claim{
		{Psychologist, client{edition: edition, territory: "Emilia-Romagna"}, []int{-22}, -2, 0, stands},
		{colleagues[1], client{edition: edition, territory: "Lazio", nth: 1}, []int{-18}, -2, 700_00, stands},
		{Psychologist, client{edition: edition, territory: "Umbria", nth: 1}, []int{-15}, 0, 0, stands},
	}
)

// makeClaims tells the story of the money, in the order in which it happened.
func (b *builder) makeClaims(ctx context.Context) error {
	if err := b.findClients(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		claims []claim
		pay    run
	}{
		{pastClaims[:3], run{ago: 395, until: payment.SettledRun, back: map[Hint]string{Psychologist: "MS03"}}},
		{pastClaims[3:], run{ago: 385, until: payment.SettledRun}},
		{lastClaims, run{ago: 205, until: payment.SettledRun}},
		{append(riskyClaims[:len(riskyClaims):len(riskyClaims)], paidClaims...), run{ago: 20, until: payment.SettledRun, back: map[Hint]string{colleagues[1]: "AC04"}}},
		{bankClaims, run{ago: 7, of: "Campania", until: payment.SentRun}}, // the bank has not answered
		{readyClaims, run{ago: 6, of: "Emilia-Romagna", until: payment.ApprovedRun}},
		{freshClaims, run{ago: 4, until: payment.ProposedRun}},
		{lateClaims, run{}},
	} {
		for _, c := range step.claims {
			if err := b.claim(ctx, c); err != nil {
				return fmt.Errorf("sessions of %d days ago: %w", -c.days[0], err)
			}
		}
		if step.pay.ago > 0 {
			if err := b.pay(ctx, step.pay); err != nil {
				return fmt.Errorf("run of %d days ago: %w", step.pay.ago, err)
			}
		}
	}
	return nil
}

// findClients reads who was given a code.
func (b *builder) findClients(ctx context.Context) error {
	var c client
	var h holding
	rows, _ := b.pool.Query(ctx, `
		SELECT a.edition_id, v.territory, row_number() OVER (PARTITION BY a.edition_id, v.territory ORDER BY p.fiscal_code) - 1, v.id, p.id
		FROM vouchers v JOIN applications a ON a.id = v.application_id JOIN persons p ON p.id = v.beneficiary_id
		WHERE NOT p.id = ANY ($1)`, slices.Collect(maps.Values(b.world.People)))
	if _, err := pgx.ForEachRow(rows, []any{&c.edition, &c.territory, &c.nth, &h.voucher, &h.holder}, func() error {
		b.clients[c] = h
		return nil
	}); err != nil {
		return err
	}
	for _, hint := range []Hint{Citizen, PartialCitizen, LastDaysCitizen} {
		file, err := b.vouchers.File(ctx, b.world.People[hint], b.world.Applications[hint])
		if err != nil {
			return err
		}
		b.clients[client{persona: hint}] = holding{file.Voucher.ID, b.world.People[hint]}
	}
	return nil
}

// claim has the sessions of a line held, their invoice sent, and what came of it.
func (b *builder) claim(ctx context.Context, c claim) error {
	who, of := b.psychologist(c.by), b.clients[c.of]
	sessions, err := b.hold(ctx, who, of, c)
	if err != nil || c.sent == 0 {
		return err
	}
	amount := c.paid
	if amount == 0 {
		amount = money.Amount(len(sessions)) * 50_00
	}
	b.bills[c.by]++
	issued := b.today.Add(c.sent)
	b.at = issued.At(19, 15)
	form, err := b.next(who, "invoice.send")
	if err != nil {
		return err
	}
	id, err := b.invoices.Send(ctx, who, form, sessions,
		voucher.InvoiceData{Number: fmt.Sprintf("%d/%d", b.bills[c.by], issued.Year), IssuedOn: issued, Amount: amount})
	if err != nil {
		return err
	}
	switch c.end {
	case sentBack:
		return b.sendBack(ctx, id, issued.Add(3))
	case reported:
		_, err = b.report(ctx, of.holder, sessions[0], issued.Add(4), voucher.DisputeNotHeld, "Quel giorno ero fuori città e non ho fatto la seduta.")
	case answered:
		err = b.answer(ctx, of.holder, sessions[0], issued.Add(3))
	case takenBack:
		err = b.pullBack(ctx, who, id, issued.Add(1))
	}
	return err
}

// hold has sessions held that the story does not tell of, and finds those that it does.
func (b *builder) hold(ctx context.Context, who identity.Actor, of holding, c claim) (ids []voucher.BookingID, err error) {
	if c.of.persona != "" {
		for _, day := range c.days {
			var id voucher.BookingID
			if err := b.pool.QueryRow(ctx, `SELECT id FROM bookings WHERE professional_id = $1 AND beneficiary_id = $2 AND day = $3`,
				string(who.Person), string(of.holder), b.today.Add(day)).Scan(&id); err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
		return ids, nil
	}
	hour := map[voucher.EditionID]int{pastEdition: 9, lastEdition: 10, edition: 11}[c.of.edition]
	var requests []voucher.Request
	for _, d := range c.days {
		day := b.today.Add(d)
		id := voucher.BookingID(uuid.Must(uuid.NewRandomFromReader(seedReader{b.seed})).String())
		ids = append(ids, id)
		requests = append(requests, voucher.Request{ID: id, Day: day, Start: day.At(hour, 0), Amount: 50_00, Held: c.end != neverTaken})
	}
	last := requests[len(requests)-1].Day
	b.at = last.At(20, 30)
	if c.end == neverTaken {
		b.at = last.Add(-7).At(20, 30)
	}
	form, err := b.next(who, "booking.book")
	if err != nil {
		return nil, err
	}
	if _, err := b.vouchers.Book(ctx, who, form, of.voucher, requests); err != nil || c.end == neverTaken {
		return nil, err
	}
	for _, id := range ids {
		if form, err = b.next(who, "booking.confirm"); err != nil {
			return nil, err
		}
		if err := b.vouchers.Confirm(ctx, who, form, id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// pullBack has who sent an invoice withdraw it.
func (b *builder) pullBack(ctx context.Context, who identity.Actor, id voucher.InvoiceID, on calendar.Date) error {
	b.at = on.At(8, 40)
	form, err := b.next(who, "invoice.withdraw")
	if err != nil {
		return err
	}
	seen, err := b.invoices.Invoice(ctx, who, id)
	if err != nil {
		return err
	}
	return b.invoices.Withdraw(ctx, who, form, id, seen.Invoice.Version)
}

// sendBack has an officer ask for another number.
func (b *builder) sendBack(ctx context.Context, id voucher.InvoiceID, on calendar.Date) error {
	officer := b.officer(INPSOfficer)
	b.at = on.At(10, 25)
	form, err := b.next(officer, "invoice.return")
	if err != nil {
		return err
	}
	seen, err := b.invoices.Invoice(ctx, officer, id)
	if err != nil {
		return err
	}
	return b.invoices.Return(ctx, officer, form, id, seen.Invoice.Version, "number", "Il numero non è quello che si legge sulla fattura.")
}

// report has a holder say what is wrong with a session.
func (b *builder) report(ctx context.Context, holder identity.PersonID, session voucher.BookingID, on calendar.Date, kind voucher.DisputeKind, text string) (voucher.DisputeID, error) {
	who := identity.Own(holder, identity.Citizen)
	b.at = on.At(21, 5)
	form, err := b.next(who, "dispute.report")
	if err != nil {
		return "", err
	}
	return b.disputes.Report(ctx, who, form, session, kind, text)
}

// answer has a holder say that the price was another, and an officer propose an answer.
func (b *builder) answer(ctx context.Context, holder identity.PersonID, session voucher.BookingID, on calendar.Date) error {
	id, err := b.report(ctx, holder, session, on, voucher.DisputeAmount, "Sulla mia fattura c’è un altro importo.")
	if err != nil {
		return err
	}
	officer := b.officer(INPSOfficer)
	b.at = on.Add(4).At(11, 50)
	form, err := b.next(officer, "dispute.propose")
	if err != nil {
		return err
	}
	d, _, err := b.disputes.OpenDispute(ctx, officer, id)
	if err != nil {
		return err
	}
	return b.disputes.Propose(ctx, officer, form, id, voucher.DisputeProposal{Version: d.Version,
		Grounds: "La fattura è di 70,00 €, di cui 50,00 € a carico del contributo: l’importo prenotato è giusto.",
		Answer:  "Abbiamo controllato la fattura: il contributo paga 50,00 € e il resto è a tuo carico, come scritto sulla fattura."})
}

// psychologist is a persona, or a colleague by their number.
func (b *builder) psychologist(hint Hint) identity.Actor {
	id, persona := b.world.People[hint]
	if !persona {
		id = b.colleagues[hint]
	}
	return identity.Own(id, identity.Psychologist)
}

// next is a form of its own for each act.
func (b *builder) next(who identity.Actor, action string) (once.Form, error) {
	b.forms++
	return b.form(who.Person, action, fmt.Sprint("money ", b.forms))
}
