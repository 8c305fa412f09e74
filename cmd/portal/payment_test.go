package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/payment"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
)

// A run of many sessions is prepared, and somebody pulls the plug of the portal in the
// middle of it, again and again; then the database throws everybody out while the run is
// sent and while the bank's answers are recorded. Each step is there or is not: nothing
// is sent twice, nothing is lost, and what is sent is what was approved.
func TestAPaymentRunSurvivesThePlugBeingPulled(t *testing.T) {
	t.Parallel()
	const sessions = 8_000
	pool := world(t)
	if err := pgtest.FillTill(t.Context(), pool, sessions, 600); err != nil {
		t.Fatal(err)
	}
	service := payment.NewRuns(postgres.NewPaymentRuns(pool), payment.Debtors{payment.Voucher: {Name: "INPS", IBAN: "IT70L0100003245350200020350"}}, func() time.Time { return noon })
	prepare, approve, pay := as(t, pool, demo.INPSOfficer, identity.Prepare), as(t, pool, demo.INPSApprover, identity.Approve), as(t, pool, demo.INPSPayer, identity.Pay)
	for _, open := range openRuns(t, service) {
		if err := service.SendBack(t.Context(), approve, sent(t, approve, "payment.decide"), open, "prova"); err != nil {
			t.Fatal(err)
		}
	}
	id, err := service.Prepare(t.Context(), prepare, sent(t, prepare, "payment.prepare"), payment.Selection{Programme: payment.Voucher, Month: calendar.NewDate(2026, 10, 1), Territory: "Lombardia"})
	if err != nil {
		t.Fatal(err)
	}

	run, err := service.Run(t.Context(), id)
	if err != nil || run.Due < sessions {
		t.Fatal(run.Due, err)
	}

	// The job is cut off while it freezes: nothing of it stays, and it begins anew.
	env := demoOn(t, pool.Config().ConnString())
	ours := func(what string) int {
		return one[int](t, pool, what+` FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id WHERE o.run_id = '`+string(id)+`'`)
	}
	cuts := 0
	for range 2 {
		p := begin(t, env, "--demo")
		p.until("what is frozen", func() bool {
			return one[int](t, pool, `SELECT frozen FROM payment_runs WHERE state = 'preparing' UNION ALL SELECT -1 LIMIT 1`) != 0
		})
		p.kill()
		if one[int](t, pool, `SELECT count(*) FROM payment_runs WHERE state = 'preparing'`) == 1 {
			cuts++
			if n := ours(`SELECT count(*)`); n != 0 {
				t.Errorf("%d rows of a run that was cut off", n)
			}
		}
	}
	if cuts == 0 {
		t.Fatal("the plug was never pulled in the middle")
	}
	p := launch(t, env, "--demo")
	p.until("the run", func() bool {
		return one[int](t, pool, `SELECT count(*) FROM payment_runs WHERE state = 'prepared'`) > 0
	})
	p.stop()
	if n := ours(`SELECT count(DISTINCT l.booking_id)`); n != run.Due || ours(`SELECT count(*)`) != run.Due {
		t.Errorf("%d sessions are frozen of %d", n, run.Due)
	}
	if run, err = service.Run(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(service.Propose(t.Context(), prepare, sent(t, prepare, "payment.propose"), id),
		service.Approve(t.Context(), approve, sent(t, approve, "payment.approve"), id, run.Version+1)); err != nil {
		t.Fatal(err)
	}
	// Every act is tried until it holds, while connections are cut at a later moment of it
	// each time: the form of a person who presses the button again.
	holds := func(what string, act func() error) {
		t.Helper()
		delay := 10 * time.Millisecond
		for cuts := 0; ; cuts++ {
			ended := make(chan error, 1)
			go func() { ended <- act() }()
			time.Sleep(delay)
			delay += delay / 2
			if _, err := pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`); err != nil {
				t.Fatal(err)
			}
			switch err := <-ended; {
			case err == nil && cuts == 0:
				t.Fatalf("%s before anything was cut", what)
			case err == nil:
				t.Logf("%s after %d cuts", what, cuts)
				return
			case cuts == 30:
				t.Fatalf("%s: %v", what, err)
			}
		}
	}
	form := sent(t, pay, "payment.send")
	holds("sent", func() error { return service.Send(t.Context(), pay, form, id, calendar.NewDate(2026, 11, 24)) })
	if err := service.Send(t.Context(), pay, sent(t, pay, "payment.send"), id, calendar.NewDate(2026, 11, 24)); !errors.Is(err, payment.ErrRunState) {
		t.Errorf("sent twice: %v", err)
	}
	var file bytes.Buffer
	r, write, err := service.File(t.Context(), pay, id)
	if err == nil {
		err = write(&file)
	}
	if digest := sha256.Sum256(file.Bytes()); err != nil || !bytes.Equal(digest[:], r.FileDigest) || strings.Count(file.String(), "<EndToEndId>") != r.Orders {
		t.Errorf("the file is not the one that was sent: %v", err)
	}

	answers := strings.Builder{}
	answers.WriteString(strings.Join(payment.OutcomeColumns, ";") + "\n")
	for o, err := range service.EachOrder(t.Context(), id) {
		if err != nil {
			t.Fatal(err)
		}
		if o.Number%50 == 0 {
			fmt.Fprintf(&answers, "%s;restituito;%s;;;AC04\n", o.EndToEnd, o.Amount.Field())
		} else {
			fmt.Fprintf(&answers, "%s;pagato;%s;24/11/2026;;\n", o.EndToEnd, o.Amount.Field())
		}
	}
	record := sent(t, pay, "payment.record")
	holds("answered", func() error {
		_, err := service.Record(t.Context(), pay, record, id, []byte(answers.String()))
		return err
	})
	for what, wrong := range map[string]string{
		"answers recorded twice":    `SELECT count(*) - 1 FROM payment_outcomes WHERE run_id = '` + string(id) + `'`,
		"orders without an answer":  `SELECT count(*) FROM payment_orders WHERE run_id = '` + string(id) + `' AND state NOT IN ('paid', 'returned', 'released')`,
		"payees told twice, or not": `SELECT count(*) FROM (SELECT o.id FROM payment_orders o LEFT JOIN audit a ON a.subject_id = o.id AND a.action IN ('payment.paid', 'payment.returned') WHERE o.run_id = '` + string(id) + `' GROUP BY o.id HAVING count(a.id) <> 1) told`,
		"sessions in two payments":  `SELECT count(*) - count(DISTINCT booking_id) FROM payment_lines WHERE booking_id IS NOT NULL AND order_state IN ('frozen', 'sent', 'paid')`,
	} {
		if n := one[int](t, pool, wrong); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	if a := ask(t, addressOf(pool), "check"); a.code != done {
		t.Errorf("check: exit code %d\n%s%s", a.code, a.out, a.err)
	}
}

// openRuns lists the runs of the demo world that wait to be approved.
func openRuns(t testing.TB, service *payment.Runs) (open []payment.RunID) {
	t.Helper()
	all, _, err := service.Runs(t.Context(), payment.Voucher, 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.State == payment.ProposedRun {
			open = append(open, r.ID)
		}
	}
	return open
}
