package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// register is a fixture with people of CNOP and INPS who work on its list.
type register struct {
	*fixture
	participants            *voucher.Participants
	preparer, sender, chief identity.Actor
}

func newRegister(t testing.TB, psychologists int) *register {
	t.Helper()
	f := newFixture(t, 200*money.Euro, psychologists)
	r := &register{fixture: f, participants: voucher.NewParticipants(postgres.NewParticipants(f.pool), func() time.Time { return f.now })}
	r.preparer = r.officer("DLCSRA80D55H501", identity.CNOP, identity.Prepare)
	r.sender = r.officer("GRCDVD74R18F839", identity.CNOP, identity.Approve)
	r.chief = r.officer("CLMCHR86L47L219", identity.INPS, identity.Prepare)
	return r
}

func (r *register) officer(fifteen string, office identity.Role, d identity.Duty) identity.Actor {
	p := r.person(fifteen, "Sara", "De Luca")
	return identity.Own(p.ID, office).WithDuties([]identity.Duty{d})
}

// line is a row of the list: the i-th psychologist of the fixture, or a new one.
func line(i int, left string) string {
	name := "Bianchi,Giulia"
	return fmt.Sprintf("%s,%s,Lazio,%d,2010-05-04,Via Roma 1,Roma,00195,RM,Lazio,06 123 45,,2025-01-01,%s\n",
		identity.NewFiscalCode(fmt.Sprintf("BNCGLI78T%02dF%03d", 41+i%28, 200+i)), name, 100+i, left)
}

func (r *register) prepare(day calendar.Date, extent voucher.Extent, lines ...string) (voucher.DeliveryID, error) {
	r.Helper()
	file, err := voucher.ReadList(strings.NewReader(strings.Join(voucher.ListColumns, ",")+"\n"+strings.Join(lines, "")), day)
	if err != nil {
		r.Fatal(err)
	}
	return r.participants.Prepare(r.Context(), r.preparer, form(r.preparer, "delivery.prepare"), day, extent, file)
}

// deliver brings a list all the way into force.
func (r *register) deliver(day calendar.Date, extent voucher.Extent, lines ...string) voucher.Delivery {
	r.Helper()
	id, err := r.prepare(day, extent, lines...)
	if err != nil {
		r.Fatal(err)
	}
	if err := r.send(id, true); err != nil {
		r.Fatal(err)
	}
	if err := r.apply(id); err != nil {
		r.Fatal(err)
	}
	return r.delivery(id)
}

func (r *register) delivery(id voucher.DeliveryID) voucher.Delivery {
	r.Helper()
	d, err := r.participants.Delivery(r.Context(), id)
	if err != nil {
		r.Fatal(err)
	}
	return d
}

func (r *register) send(id voucher.DeliveryID, confirmed bool) error {
	return r.participants.Send(r.Context(), r.sender, form(r.sender, "delivery.send"), id, r.delivery(id).Revision, confirmed)
}

func (r *register) apply(id voucher.DeliveryID) error {
	return r.participants.Apply(r.Context(), r.chief, form(r.chief, "delivery.apply"), id, r.delivery(id).Revision)
}

func (r *register) enrolled(i int, on calendar.Date) bool {
	r.Helper()
	p, err := r.store.Participation(r.Context(), r.psychologists[i], on)
	if err != nil {
		r.Fatal(err)
	}
	return p.Enrolled
}

func (r *register) count(sql string, args ...any) (n int) {
	r.Helper()
	if err := r.pool.QueryRow(r.Context(), sql, args...).Scan(&n); err != nil {
		r.Fatal(err)
	}
	return n
}

func TestAListInForceEndsAndBeginsEnrolmentsAndTouchesNoSession(t *testing.T) {
	t.Parallel()
	r := newRegister(t, 3)
	today := calendar.On(noon)
	booking := r.mustBook(1, 7, 15, 50*money.Euro)
	d := r.deliver(today, voucher.FullList, line(0, ""), line(2, "2026-02-20"), line(7, ""))
	want := voucher.Tally{Added: 1, Changed: 1, Removed: 2, Touched: 1, Standing: 3}
	if d.State != voucher.DeliveryApplied || d.Tally != want || d.Number != 1 || d.NextDueOn != today.Add(7) {
		t.Errorf("%+v", d)
	}
	for i, want := range []bool{true, false, false} {
		if r.enrolled(i, today) != want || !r.enrolled(i, today.Add(-1)) {
			t.Errorf("psychologist %d", i)
		}
	}
	if rows, err := r.participants.DeliveryRows(t.Context(), d.ID, voucher.RowRemoved, 1, 10); err != nil || len(rows) != 2 || rows[0].Person != r.psychologists[1] || rows[0].Bookings != 1 {
		t.Errorf("the removed, sessions first: %+v, %v", rows, err)
	}
	for action, n := range map[string]int{"enrolment.started": 1, "enrolment.ended": 2, "professional.changed": 1, "delivery.prepared": 1, "delivery.sent": 1, "delivery.applied": 1} {
		if got := r.count(`SELECT count(*) FROM audit WHERE action = $1`, action); got != n {
			t.Errorf("%s is written %d times, want %d", action, got, n)
		}
	}
	if got := r.count(`SELECT count(*) FROM river_job j JOIN audit a ON a.id = (j.args->>'entry')::bigint WHERE a.action LIKE 'enrolment.%'`); got != 3 {
		t.Errorf("%d are told", got)
	}
	if _, err := r.book(1, ask(today.Add(9), 15, 50*money.Euro)); !errors.Is(err, voucher.ErrNotEnrolled) {
		t.Errorf("who has left books: %v", err)
	}
	r.now = today.Add(7).At(18, 0)
	if err := r.service.Confirm(t.Context(), r.as(1), form(r.as(1), "voucher.confirm"), booking); err != nil {
		t.Errorf("who has left confirms what stands: %v", err)
	}
	if got := r.count(`SELECT count(*) FROM delivery_rows WHERE change = 'unchanged'`); got != 0 {
		t.Errorf("%d rows are kept of whom nothing changes", got)
	}
	r.whole()
}

func TestWhoLeavesAndComesBackOnOneDayHasTwoStretches(t *testing.T) {
	t.Parallel()
	r := newRegister(t, 1)
	today := calendar.On(noon)
	for range 2 { // the second time the stretch begins and ends on that day
		r.deliver(today, voucher.ChangesOnly, line(0, "2026-03-01"))
		if r.enrolled(0, today) {
			t.Error("still on the list")
		}
		r.deliver(today, voucher.ChangesOnly, line(0, ""))
		if !r.enrolled(0, today) || !r.enrolled(0, today.Add(-1)) {
			t.Error("not back on the list")
		}
	}
	c, err := r.participants.Card(t.Context(), r.psychologists[0], today)
	if err != nil || len(c.Stretches) != 3 || !c.Stretches[1].Empty || c.Stretches[1].From != today || c.Stretches[1].Entered != 2 || c.Stretches[1].Left != 3 {
		t.Errorf("%+v, %v", c.Stretches, err)
	}
	r.whole()
}

// withEmail is the row with an address in the list.
func withEmail(row, address string) string {
	return strings.Replace(row, ",06 123 45,,", ",06 123 45,"+address+",", 1)
}

func TestTheAddressPeopleGaveThePortalIsNotTheLists(t *testing.T) {
	t.Parallel()
	r := newRegister(t, 2)
	r.exec(`UPDATE persons SET email = 'casa@example.org' WHERE id = $1`, string(r.psychologists[0]))
	r.deliver(calendar.On(noon), voucher.FullList, withEmail(line(0, ""), "studio@example.org"), withEmail(line(1, ""), "altro@example.org"), withEmail(line(2, ""), "nuova@example.org"))
	if n := r.count(`SELECT count(*) FROM delivery_rows WHERE concat(before, after) LIKE '%casa@%'`); n != 0 {
		t.Error("CNOP is shown what a person gave the portal")
	}
	if n := r.count(`SELECT count(*) FROM persons WHERE email IN ('altro@example.org', 'nuova@example.org')`); n != 0 {
		t.Errorf("the list says where %d people are written to", n)
	}
	known, err := postgres.NewParticipants(r.pool).Known(t.Context(), calendar.On(noon), calendar.On(noon))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, k := range known {
		listed[k.Is.Email] = true
	}
	if len(listed) != 3 || !listed["studio@example.org"] || !listed["altro@example.org"] || !listed["nuova@example.org"] {
		t.Errorf("the list has %v", listed)
	}
	if d := r.deliver(calendar.On(noon), voucher.FullList, withEmail(line(0, ""), "nuovo@example.org"), line(1, ""), withEmail(line(2, ""), "nuova@example.org")); d.Tally.Changed != 1 || d.Tally.Unchanged != 2 {
		t.Errorf("another address in the list: %+v", d.Tally)
	}
	// What they are told as professionals reaches them there, until they give an address.
	notices := postgres.NewNotices(r.pool)
	for kind, want := range map[string]string{"s01": "altro@example.org", "a03": ""} {
		var id string
		if err := r.pool.QueryRow(t.Context(), `INSERT INTO messages (recipient_id, entry_id, kind, subject, body, link, sent_at)
			SELECT $1, min(id), $2, 'subject', 'body', '/', now() FROM audit RETURNING id`, string(r.psychologists[1]), kind).Scan(&id); err != nil {
			t.Fatal(err)
		}
		if _, to, _, err := notices.Mail(t.Context(), id); to != want || err != nil {
			t.Errorf("a message %s goes to %q, %v", kind, to, err)
		}
	}
}

func TestAListIsComparedAnewWhenTheOneInForceMoved(t *testing.T) {
	t.Parallel()
	r := newRegister(t, 2)
	today := calendar.On(noon)
	id, err := r.prepare(today, voucher.FullList, line(0, ""), line(1, ""))
	if err != nil {
		t.Fatal(err)
	}
	before := r.delivery(id)
	r.exec(`UPDATE professionals SET phone = '06 999 99' WHERE person_id = $1`, string(r.psychologists[0]))
	r.exec(`UPDATE enrolments SET during = daterange('2025-01-01', '2025-06-01') WHERE professional_id = $1`, string(r.psychologists[1]))
	if err := r.send(id, true); !errors.Is(err, voucher.ErrListMoved) {
		t.Fatalf("it is sent as it was compared before: %v", err)
	}
	after := r.delivery(id)
	if after.State != voucher.DeliveryDraft || after.Revision != before.Revision+1 || after.Tally.Added != 1 || after.Tally.Changed != 1 {
		t.Errorf("%+v", after)
	}
	if err := r.participants.Send(t.Context(), r.sender, form(r.sender, "delivery.send"), id, before.Revision, true); !errors.Is(err, voucher.ErrListMoved) {
		t.Errorf("it is sent as somebody saw it before: %v", err)
	}
	if err := r.send(id, true); err != nil {
		t.Error(err)
	}
	r.exec(`UPDATE professionals SET phone = '06 123 45' WHERE person_id = $1`, string(r.psychologists[0]))
	if err := r.apply(id); !errors.Is(err, voucher.ErrListMoved) {
		t.Errorf("it is put in force as CNOP saw it: %v", err)
	}
	if err := r.apply(id); err != nil {
		t.Error(err)
	}
	r.whole()
}

func TestOneListAtATimeAndEachStepOnce(t *testing.T) {
	t.Parallel()
	r := newRegister(t, 1)
	today := calendar.On(noon)
	id, err := r.prepare(today, voucher.ChangesOnly, line(0, ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.prepare(today, voucher.ChangesOnly, line(0, "")); !errors.Is(err, voucher.ErrOpenDelivery) {
		t.Errorf("two drafts: %v", err)
	}
	if err := r.send(id, true); err != nil {
		t.Fatal(err)
	}
	one := form(r.chief, "delivery.apply")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := r.participants.Apply(t.Context(), r.chief, one, id, r.delivery(id).Revision); err != nil {
				t.Errorf("a form sent twice: %v", err)
			}
		})
	}
	all.Wait()
	if err := r.apply(id); !errors.Is(err, voucher.ErrNotSent) {
		t.Errorf("applied twice: %v", err)
	}
	if got := r.count(`SELECT count(*) FROM audit WHERE action = 'delivery.applied'`); got != 1 {
		t.Errorf("applied %d times", got)
	}
	for day, extent := range map[calendar.Date]voucher.Extent{today.Add(1): voucher.FullList, today.Add(-1): voucher.FullList, today: "some"} {
		if _, err := r.prepare(day, extent, line(0, "")); !errors.Is(err, voucher.ErrListDay) && !errors.Is(err, voucher.ErrExtent) {
			t.Errorf("a list %s of %s: %v", extent, day, err)
		}
	}
	if id, err = r.prepare(today, voucher.FullList, line(0, "")); err != nil {
		t.Fatal(err)
	}
	if err := r.participants.Drop(t.Context(), r.sender, form(r.sender, "delivery.drop"), id); err != nil {
		t.Error(err)
	}
	if err := r.send(id, true); !errors.Is(err, voucher.ErrNotDraft) {
		t.Errorf("a dropped one is sent: %v", err)
	}
}

func TestTheDatabaseKeepsTheStepsOfAListApart(t *testing.T) {
	t.Parallel()
	r := newRegister(t, 1)
	id, err := r.prepare(calendar.On(noon), voucher.ChangesOnly, line(0, ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.participants.Send(t.Context(), identity.Own(r.preparer.Person, identity.CNOP).WithDuties([]identity.Duty{identity.Approve}),
		form(r.preparer, "delivery.send"), id, 0, true); !errors.Is(err, voucher.ErrOwnDelivery) {
		t.Errorf("who prepared it, now with the duty to send: %v", err)
	}
	for constraint, sql := range map[string]string{
		"nobody_sends_a_list_they_prepared": `UPDATE deliveries SET state = 'sent', sent_at = now(), sent_by = prepared_by`,
		"nobody_applies_a_list_they_sent":   `UPDATE deliveries SET state = 'applied', sent_at = now(), applied_at = now(), next_due_on = '2026-03-09', applied_by = prepared_by`,
		"one_delivery_at_a_time":            `INSERT INTO deliveries (number, extent, list_day, file_digest, state, prepared_at) VALUES (99, 'full', '2026-03-02', '', 'draft', now())`,
		"enrolments_are_kept":               `DELETE FROM enrolments`,
	} {
		_, err := r.pool.Exec(t.Context(), sql)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.ConstraintName != constraint {
			t.Errorf("%s: %v", constraint, err)
		}
	}
}

func TestASuspensionEndsAnEnrolmentAndIsTakenBack(t *testing.T) {
	t.Parallel()
	r := newRegister(t, 1)
	today, who := calendar.On(noon), r.psychologists[0]
	suspend := form(r.sender, "enrolment.suspend")
	for range 2 {
		if err := r.participants.Suspend(t.Context(), r.sender, suspend, who, today, "Provvedimento dell’Ordine"); err != nil {
			t.Fatal(err)
		}
	}
	if r.enrolled(0, today) {
		t.Error("still on the list")
	}
	d := r.deliver(today, voucher.FullList, line(0, ""))
	if d.Tally.Rejected != 1 || r.enrolled(0, today) {
		t.Errorf("a list brings back who is suspended: %+v", d.Tally)
	}
	page, err := r.participants.Roll(t.Context(), voucher.RollAsk{State: voucher.RollSuspended, Name: "bianchì", Today: today, Page: 1})
	if err != nil || page.Total != 1 || page.Rows[0].Person != who || page.Counts[voucher.RollActive] != 0 {
		t.Errorf("%+v, %v", page, err)
	}
	if err := r.participants.Resume(t.Context(), r.sender, form(r.sender, "enrolment.resume"), who, today, "Provvedimento revocato"); err != nil {
		t.Fatal(err)
	}
	if areas, err := r.participants.Areas(t.Context(), today); err != nil || len(areas) != 1 || areas[0] != (voucher.Area{Region: "Lazio", Province: "RM", Enrolled: 1}) {
		t.Errorf("%+v, %v", areas, err)
	}
	if got := r.count(`SELECT count(*) FROM audit WHERE action IN ('enrolment.suspended', 'enrolment.resumed') AND about_id = $1`, string(who)); got != 2 {
		t.Errorf("%d entries", got)
	}
	r.whole()
}

func TestAReportIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	r := newRegister(t, 1)
	ctx, who := t.Context(), r.psychologists[0]
	if err := r.participants.Ask(ctx, r.chief, form(r.chief, "report.ask"), who, " Non risulta nell’albo. "); err != nil {
		t.Fatal(err)
	}
	if err := r.participants.Ask(ctx, r.chief, form(r.chief, "report.ask"), r.maria.ID, "Chi è?"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("about somebody who was never on the list: %v", err)
	}
	if err := r.participants.Ask(ctx, r.sender, form(r.sender, "report.ask"), who, "x"); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("CNOP asks itself: %v", err)
	}
	all, err := r.participants.Reports(ctx, "")
	if err != nil || len(all) != 1 || all[0].Text != "Non risulta nell’albo." {
		t.Fatalf("%+v, %v", all, err)
	}
	answer := func(f once.Form, text string) error { return r.participants.Reply(ctx, r.preparer, f, all[0].ID, text) }
	first := form(r.preparer, "report.answer")
	for _, c := range []struct {
		form once.Form
		text string
		want error
	}{{first, " ", voucher.ErrReportText}, {first, "Corretto.", nil}, {first, "Corretto.", nil}, {form(r.preparer, "report.answer"), "Di nuovo.", voucher.ErrAnswered}} {
		if err := answer(c.form, c.text); !errors.Is(err, c.want) {
			t.Errorf("%q: %v, want %v", c.text, err, c.want)
		}
	}
}

// BenchmarkAListOf26000 is a whole list in force: all new, then as many unchanged
// with a hundred who left and a thousand who moved.
func BenchmarkAListOf26000(b *testing.B) {
	const people = 26_000
	for b.Loop() {
		r := newRegister(b, 0)
		today := calendar.On(noon)
		var first, second strings.Builder
		for i := range people {
			row := func(address string) string {
				return fmt.Sprintf("%s,Verdi,Anna,Lazio,%d,2010-05-04,%s,Roma,00195,RM,Lazio,06 123 45,,2025-01-01,\n",
					identity.NewFiscalCode(fmt.Sprintf("VRDNNA%02dA%02dH%03d", i/980%100, 1+i%28, 100+i/28%35)), 100+i, address)
			}
			first.WriteString(row("Via Roma 1"))
			switch {
			case i%260 == 0:
			case i%26 == 0:
				second.WriteString(row("Via Po 2"))
			default:
				second.WriteString(row("Via Roma 1"))
			}
		}
		r.timed(b, "1 new", today, first.String())
		r.timed(b, "2 weekly", today, second.String())
	}
}

func (r *register) timed(b *testing.B, name string, day calendar.Date, text string) {
	start := time.Now()
	id, err := r.prepare(day, voucher.FullList, text)
	if err != nil {
		b.Fatal(err)
	}
	prepared := time.Now()
	if err := r.send(id, true); err != nil {
		b.Fatal(err)
	}
	sent := time.Now()
	if err := r.apply(id); err != nil {
		b.Fatal(err)
	}
	b.Logf("%s: %+v; prepare %.2f s, send %.2f s, apply %.2f s", name, r.delivery(id).Tally,
		prepared.Sub(start).Seconds(), sent.Sub(prepared).Seconds(), time.Since(sent).Seconds())
	b.ReportMetric(time.Since(sent).Seconds(), "s/apply-"+strings.Fields(name)[1])
}
