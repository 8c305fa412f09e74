package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// R21: a disk that is full in the middle, as a trigger that lets one INSERT fail.
func TestWhenOneInsertFailsNothingIsHalfDone(t *testing.T) {
	t.Parallel()
	for act, tables := range map[string][]string{
		"book":    {"bookings", "postings", "audit", "river_job", "submissions"},
		"cancel":  {"bookings", "postings", "audit", "river_job", "submissions"},
		"confirm": {"bookings", "postings", "audit", "river_job", "submissions"},
		"expire":  {"postings", "audit"}, // nobody is told
		"grant":   {"vouchers", "postings", "audit"},
	} {
		t.Run(act, func(t *testing.T) {
			t.Parallel()
			for _, table := range tables {
				f := newFixture(t, 200*money.Euro, 1)
				try := f.act(act)
				before := f.everything()
				f.exec(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full' USING ERRCODE = 'disk_full'; END $$`)
				f.exec(`CREATE TRIGGER fault BEFORE INSERT ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION full_disk()`)
				err := try()
				if _, refused := fault.Refusal(err); err == nil || refused {
					t.Errorf("%s without %s: %v", act, table, err)
				}
				if f.everything() != before {
					t.Errorf("%s without %s left something behind", act, table)
				}
				f.exec(`DROP TRIGGER fault ON ` + table)
				if err := try(); err != nil {
					t.Errorf("%s again: %v", act, err)
				}
				if f.everything() == before {
					t.Errorf("%s again has done nothing", act)
				}
				f.whole()
			}
		})
	}
}

// act prepares an act and returns how to try it, each time with the same form.
func (f *fixture) act(name string) (try func() error) {
	f.Helper()
	switch name {
	case "book":
		sent, id, asked := form(f.as(0), "voucher.book"), f.file().Voucher.ID, ask(calendar.On(f.now).Add(8), 15, 50_00)
		return func() error {
			_, err := f.service.Book(f.Context(), f.as(0), sent, id, asked)
			return err
		}
	case "cancel":
		booking, sent := f.mustBook(0, 7, 15, 50_00), form(f.holder(), "voucher.cancel")
		return func() error { return f.service.Cancel(f.Context(), f.holder(), sent, booking) }
	case "confirm":
		booking, sent := f.mustBook(0, 0, 0, 50_00), form(f.as(0), "voucher.confirm")
		return func() error { return f.service.Confirm(f.Context(), f.as(0), sent, booking) }
	case "expire":
		f.now = f.file().Voucher.Terms.LastDay.End()
		return func() error {
			_, err := f.service.ExpireDue(f.Context())
			return err
		}
	case "grant":
		luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
		a := voucher.Application{ID: voucher.ApplicationID(voucher.NewID()), Beneficiary: luca.ID, Territory: "Lazio"}
		f.exec(`INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
			VALUES ($1, 'INPS-2', '2022-guida', $2, $2, 'Lazio', 'RM', '2025-12-01', 'awarded')`, string(a.ID), string(luca.ID))
		return func() error {
			_, err := f.service.Grant(f.Context(), identity.Office(), a, f.file().Edition.Rules, 100*money.Euro, calendar.NewDate(2026, 2, 2), 1)
			return err
		}
	}
	panic(name)
}

// everything is all that an act may change, as one text.
func (f *fixture) everything() (all string) {
	f.Helper()
	err := f.pool.QueryRow(f.Context(), `SELECT concat_ws(E'\n',
		(SELECT string_agg(v::text, ' ' ORDER BY id) FROM vouchers v), (SELECT string_agg(b::text, ' ' ORDER BY id) FROM bookings b),
		(SELECT string_agg(p::text, ' ' ORDER BY id) FROM postings p), (SELECT string_agg(a::text, ' ' ORDER BY id) FROM audit a),
		(SELECT string_agg(j.args::text, ' ' ORDER BY id) FROM river_job j), (SELECT string_agg(s::text, ' ' ORDER BY key) FROM submissions s))`).Scan(&all)
	if err != nil {
		f.Fatal(err)
	}
	return all
}

// R13: somebody holds the row of one voucher and does not let go.
func TestAHeldVoucherIsRefusedAloneAndSoon(t *testing.T) {
	t.Parallel()
	for _, act := range []string{"book", "cancel", "confirm"} {
		t.Run(act, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 200*money.Euro, 2)
			try := f.act(act)
			luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
			application, _ := f.grant(luca, 200*money.Euro)
			lucas, err := f.service.File(t.Context(), luca.ID, application)
			if err != nil {
				t.Fatal(err)
			}
			before := f.everything()
			release := f.hold(f.file().Voucher.ID)
			asked, answer := time.Now(), make(chan error)
			go func() { answer <- try() }()
			select {
			case err := <-answer:
				if took := time.Since(asked); !errors.Is(err, postgres.ErrUnavailable) || took < time.Second {
					t.Errorf("%v after %s", err, took)
				}
			case <-time.After(2500 * time.Millisecond):
				t.Error("no answer in 1.5 s")
			}
			if f.everything() != before {
				t.Error("something is half done")
			}
			sent := form(f.as(1), "voucher.book")
			quick, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := f.service.Book(quick, f.as(1), sent, lucas.Voucher.ID, ask(calendar.On(noon).Add(3), 9, 50_00)); err != nil {
				t.Errorf("another voucher: %v", err)
			}
			if _, err := f.service.File(quick, f.maria.ID, f.application); err != nil {
				t.Errorf("a look at the held one: %v", err)
			}
			release()
			if err := try(); err != nil {
				t.Errorf("the same form, afterwards: %v", err)
			}
			f.whole()
		})
	}
}

// hold locks a voucher in a transaction of its own until it is released.
func (f *fixture) hold(id voucher.ID) (release func()) {
	f.Helper()
	tx, err := f.pool.Begin(f.Context())
	if err == nil {
		_, err = tx.Exec(f.Context(), `SELECT FROM vouchers WHERE id = $1 FOR UPDATE`, string(id))
	}
	if err != nil {
		f.Fatal(err)
	}
	return func() {
		f.Helper()
		if err := tx.Rollback(context.WithoutCancel(f.Context())); err != nil {
			f.Fatal(err)
		}
	}
}

func TestAHeldVoucherDoesNotKeepTheOthersOpen(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
	application, _ := f.grant(luca, 200*money.Euro)
	f.now = f.file().Voucher.Terms.LastDay.End()
	release := f.hold(f.file().Voucher.ID)
	if n, err := f.service.ExpireDue(t.Context()); n != 1 || !errors.Is(err, postgres.ErrUnavailable) {
		t.Errorf("%d expired, %v", n, err)
	}
	release()
	lucas, err := f.service.File(t.Context(), luca.ID, application)
	if err != nil || lucas.Voucher.State != voucher.Expired || f.file().Voucher.State != voucher.Active {
		t.Errorf("Luca's is %s, Maria's %s, %v", lucas.Voucher.State, f.file().Voucher.State, err)
	}
	if n, err := f.service.ExpireDue(t.Context()); n != 1 || err != nil {
		t.Errorf("later: %d expired, %v", n, err)
	}
	f.whole()
}

func TestAConnectionThatDiesInTheMiddleLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	book := f.act("book")
	release := f.hold(f.file().Voucher.ID)
	answer := make(chan error)
	go func() { answer <- book() }()
	for killed := 0; killed == 0; {
		err := f.pool.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&killed)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := <-answer; !errors.Is(err, postgres.ErrUnavailable) {
		t.Errorf("the answer is %v", err)
	}
	release()
	if v := f.file().Voucher; v.Version != 0 || len(f.file().Bookings) != 0 {
		t.Errorf("half done: %+v", v)
	}
	if err := book(); err != nil {
		t.Errorf("the same form, afterwards: %v", err)
	}
	f.whole()
}
