package bench

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
)

// A payment run of a whole country for a month: so many sessions, of so many payees.
const (
	paidSessions = 30_000
	paidPayees   = 3_000
)

// BenchmarkPaymentRun is a payment run from the selection to the answer of the bank:
// how long each step takes, and what of Go's memory it needs at the most.
func BenchmarkPaymentRun(b *testing.B) {
	r := newReport(b, "payments", "seconds of the steps of a payment run of 30,000 sessions")
	server := databases(b)
	pool := open(b, server.database(b, "payments"))
	if err := pgtest.FillTill(b.Context(), pool, paidSessions, paidPayees); err != nil {
		b.Fatal(err)
	}
	pool.Close() // nobody may be connected to what is copied

	var table figures
	turns(b, func(counted bool) {
		name := "payments_" + strings.ReplaceAll(time.Now().Format("150405.000000"), ".", "")
		server.create(b, name, "payments")
		pool := open(b, server.DSN(name))
		as := func(d identity.Duty) identity.Actor {
			var id string
			if err := pool.QueryRow(b.Context(), `SELECT person_id FROM role_grants WHERE role = 'inps' AND duty = $1`, string(d)).Scan(&id); err != nil {
				b.Fatal(err)
			}
			return identity.Own(identity.PersonID(id), identity.INPS).WithDuties([]identity.Duty{d})
		}
		form := func(who identity.Actor, action string) once.Form {
			f, err := once.New(who.Person, action, once.NewKey(), nil)
			if err != nil {
				b.Fatal(err)
			}
			return f
		}
		prepare, approve, pay := as(identity.Prepare), as(identity.Approve), as(identity.Pay)
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, calendar.Rome)
		runs := payment.NewRuns(postgres.NewPaymentRuns(pool), payment.Debtors{payment.Voucher: {Name: "INPS", IBAN: "IT70L0100003245350200020350"}}, func() time.Time { return now })
		open, _, err := runs.Runs(b.Context(), payment.Voucher, 1, 100)
		if err != nil {
			b.Fatal(err)
		}
		for _, r := range open { // of the demo world
			if r.State == payment.ProposedRun {
				if err := runs.SendBack(b.Context(), approve, form(approve, "decide"), r.ID, "p"); err != nil {
					b.Fatal(err)
				}
			}
		}
		id, err := runs.Prepare(b.Context(), prepare, form(prepare, "prepare"), payment.Selection{Programme: payment.Voucher, Month: calendar.NewDate(2026, 10, 1)})
		if err != nil {
			b.Fatal(err)
		}
		freeze := seconds(b, func() error {
			_, _, err := runs.FreezeDue(b.Context())
			return err
		})
		propose := seconds(b, func() error { return runs.Propose(b.Context(), prepare, form(prepare, "propose"), id) })
		run, err := runs.Run(b.Context(), id)
		if err != nil || run.Due < paidSessions || run.Orders < paidPayees {
			b.Fatalf("%d sessions, %d orders: %v", run.Due, run.Orders, err)
		}
		if err := runs.Approve(b.Context(), approve, form(approve, "approve"), id, run.Version); err != nil {
			b.Fatal(err)
		}
		send := seconds(b, func() error {
			return runs.Send(b.Context(), pay, form(pay, "send"), id, calendar.NewDate(2026, 11, 24))
		})
		var size counter
		var kept float64
		file := seconds(b, func() error {
			_, write, err := runs.File(b.Context(), pay, id)
			if err != nil {
				return err
			}
			kept = heldBy(func() { err = write(&size) })
			return err
		})
		answers := strings.Builder{}
		answers.WriteString(strings.Join(payment.OutcomeColumns, ";") + "\n")
		for o, err := range runs.EachOrder(b.Context(), id) {
			if err != nil {
				b.Fatal(err)
			}
			answers.WriteString(o.EndToEnd + ";pagato;" + o.Amount.Field() + ";24/11/2026;;\n")
		}
		outcomes := seconds(b, func() error {
			_, err := runs.Record(b.Context(), pay, form(pay, "record"), id, []byte(answers.String()))
			return err
		})
		pool.Close()
		drop(b, server, name)
		if !counted {
			return
		}
		table.note("frozen, s", "", freeze)
		table.note("judged and proposed, s", "", propose)
		table.note("sent, s", "", send)
		table.note("file made and compared, s", "", file)
		table.note("file, MB", "", float64(size)/1e6)
		table.note("heap while it is written, MB", "", kept)
		table.note("outcomes recorded, s", "", outcomes)
	})
	table.publish(b, r)
	r.keep(b)
}

// counter counts what is written, and keeps nothing.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// heldBy is by how many MB the heap is larger after something than before it, without
// what is garbage by then.
func heldBy(do func()) float64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	do()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / 1e6
}
