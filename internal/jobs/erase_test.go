package jobs_test

import (
	"testing"
	"time"

	"portal/internal/demo"
	"portal/internal/identity"
	administration "portal/internal/office"
	"portal/internal/postgres"
)

// retention is how long what is kept.
func (o *office) retention() *administration.Retention {
	return administration.NewRetention(postgres.NewAdministration(o.pool), o.now)
}

// administrator is one of the two.
func (o *office) administrator(hint demo.Hint) identity.Actor {
	o.Helper()
	return identity.Own(o.person(hint), identity.Oversight).WithDuties([]identity.Duty{identity.Administer})
}

// hold keeps what is of a persona beyond its time, for the sake of an application of theirs.
func (o *office) hold(hint demo.Hint) {
	o.Helper()
	var protocol string
	if err := o.pool.QueryRow(o.Context(), `SELECT protocol FROM indemnity_applications WHERE member_id = $1
		UNION ALL SELECT protocol FROM applications WHERE beneficiary_id = $1 LIMIT 1`, string(o.person(hint))).Scan(&protocol); err != nil {
		o.Fatal(err)
	}
	who := o.administrator(demo.Administrator)
	if err := o.retention().Place(o.Context(), who, o.form(who), protocol, "Ricorso al TAR"); err != nil {
		o.Fatal(err)
	}
}

// letGo has two administrators let go what is past its time of some classes, which is all
// that the demo has of them, and tells how many things they are.
func (o *office) letGo(classes ...administration.Class) (due int) {
	o.Helper()
	o.at(time.Date(2040, 3, 1, 12, 0, 0, 0, noon.Location()))
	first, second := o.administrator(demo.Administrator), o.administrator(demo.Confirmer)
	for _, of := range classes {
		class, _, err := o.retention().Try(o.Context(), first, of)
		if err != nil || class.Due == 0 {
			o.Fatalf("%d of %s are past their time: %v", class.Due, of, err)
		}
		id, err := o.retention().Propose(o.Context(), first, o.form(first), of, class.Due, "Decisione 12")
		if err == nil {
			err = o.retention().Approve(o.Context(), second, o.form(second), id)
		}
		if err != nil {
			o.Fatal(err)
		}
		due += class.Due
	}
	return due
}

func TestWhatIsDueIsErasedOnceAndWhatIsHeldStays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.hold(demo.Citizen)
	const hers = `SELECT count(*) FROM messages WHERE recipient_id = $1 AND sent_at <= $2`
	held := o.count(hers, string(o.person(demo.Citizen)), noon)
	due := o.letGo("case_papers_paid", "messages")
	o.work("", t.TempDir())
	o.until("erased", func() bool { return o.count(`SELECT count(*) FROM erasures WHERE state = 'done'`) == 2 })
	is := func(when string) {
		t.Helper()
		if n := o.count(`SELECT count(*) FROM erasure_things WHERE erased_at IS NOT NULL`); n != due {
			t.Errorf("%s %d things are gone, of %d that were due", when, n, due)
		}
		for what, left := range map[string]string{
			"messages": `SELECT count(*) FROM erasure_things t JOIN messages m ON m.id = t.thing_id`,
			"files":    `SELECT count(*) FROM erasure_things t JOIN attachment_chunks c ON c.attachment_id = t.thing_id`,
		} {
			if n := o.count(left); n != 0 {
				t.Errorf("%s %d %s are left", when, n, what)
			}
		}
		if n := o.count(hers, string(o.person(demo.Citizen)), noon); n != held || held == 0 {
			t.Errorf("%s %d of %d messages are left to whose case is held", when, n, held)
		}
		if n := o.count(`SELECT count(*) FROM audit WHERE action = 'erasure.done'`); n != 2 {
			t.Errorf("%s the register says of %d erasures that they were done", when, n)
		}
	}
	is("after the job")
	files, messages := o.count(`SELECT count(*) FROM attachment_chunks`), o.count(`SELECT count(*) FROM messages WHERE sent_at <= $1`, noon)
	o.exec(`INSERT INTO river_job (kind, args, queue, max_attempts) VALUES ('erase', '{}', 'erasures', 1)`)
	o.until("once more", func() bool {
		return o.count(`SELECT count(*) FROM river_job WHERE kind = 'erase' AND state <> 'completed'`) == 0
	})
	is("after the job ran again")
	if f, m := o.count(`SELECT count(*) FROM attachment_chunks`), o.count(`SELECT count(*) FROM messages WHERE sent_at <= $1`, noon); f != files || m != messages {
		t.Errorf("the job ran again, and %d chunks and %d messages became %d and %d", files, messages, f, m)
	}
}

func TestAJobThatMeetsAHoldErasesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.letGo("case_papers_paid")
	o.hold(demo.CyclesMember)
	files := o.count(`SELECT count(*) FROM attachment_chunks`)
	o.work("", t.TempDir())
	o.until("stopped", func() bool { return o.count(`SELECT count(*) FROM erasures WHERE state = 'stopped'`) == 1 })
	if n := o.count(`SELECT count(*) FROM attachment_chunks`); n != files {
		t.Errorf("%d of %d chunks are left", n, files)
	}
	if n := o.count(`SELECT count(*) FROM audit WHERE action = 'erasure.stopped'`); n != 1 {
		t.Errorf("the register says %d times that it was stopped", n)
	}
}
