package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// Each invariant is broken as only somebody with all privileges can, past
// constraints and triggers, and the check names what breaks it.
func TestTheCheckNamesWhatBreaksAnInvariant(t *testing.T) {
	t.Parallel()
	const voucher, booked, held, cancelled = "{voucher}", "{booked}", "{held}", "{cancelled}"
	for _, c := range []struct{ what, sql, thing string }{
		{"a voucher is never overdrawn", `ALTER TABLE vouchers DROP CONSTRAINT voucher_never_overdrawn; UPDATE vouchers SET used_cents = awarded_cents + 1`, voucher},
		{"a voucher is never overdrawn", `ALTER TABLE vouchers DROP CONSTRAINT voucher_never_overdrawn; UPDATE vouchers SET booked_cents = -1`, voucher},
		{"the sums of a voucher are those of its postings", `UPDATE vouchers SET booked_cents = booked_cents - 1, used_cents = used_cents + 1`, voucher},
		{"the sums of a voucher are those of its postings", `UPDATE vouchers SET awarded_cents = awarded_cents + 1`, voucher},
		{"the sums of a voucher are those of its postings", `DELETE FROM postings`, voucher},
		{"the sums of a voucher are those of its sessions", `UPDATE bookings SET amount_cents = 1 WHERE id = {booked}`, voucher},
		{"the sums of a voucher are those of its sessions", `DELETE FROM bookings`, voucher},
		{"a booking is settled once", posting(`'hold', 'booked', 'used', 1`), booked},
		{"a booking is settled once", `DELETE FROM postings WHERE event = 'hold'`, held},
		{"a booking is settled once", `UPDATE bookings SET state = 'held', held_at = now() WHERE id = {booked}`, booked},
		{"a booking is settled once", `UPDATE bookings SET held_at = booked_at WHERE id = {cancelled}`, cancelled},
		{"the accounts of a voucher add up to nothing, and none but the fund owes", `DELETE FROM postings WHERE event = 'grant'`, voucher},
		{"the accounts of a voucher add up to nothing, and none but the fund owes", `UPDATE postings SET amount_cents = 200000 WHERE event = 'hold'`, voucher},
		{"a booking has one posting that set its price aside", `DELETE FROM postings WHERE event = 'book' AND booking_id = {booked}`, booked},
		{"a booking has one posting that set its price aside", `UPDATE bookings SET amount_cents = amount_cents + 1 WHERE id = {cancelled}`, cancelled},
		{"no session lies outside its voucher's validity, none was confirmed after its term", `UPDATE vouchers SET last_day = accepted_on`, booked},
		{"no session lies outside its voucher's validity, none was confirmed after its term", `UPDATE bookings SET day = '2026-02-01', slot = NULL WHERE id = {held}`, held},
		{"no session lies outside its voucher's validity, none was confirmed after its term", `UPDATE bookings SET booked_at = '2028-01-01' WHERE id = {booked}`, booked},
		{"no session lies outside its voucher's validity, none was confirmed after its term", `UPDATE bookings SET held_at = '2028-01-01' WHERE id = {held}`, held},
		{"each change of a booking is written in the register once, by its author", `DELETE FROM audit WHERE action = 'booking.booked' AND subject_id = {booked}`, booked},
		{"each change of a booking is written in the register once, by its author", `UPDATE audit SET person_id = about_id WHERE action = 'booking.booked' AND subject_id = {booked}`, booked},
		{"each change of a booking is written in the register once, by its author", `DELETE FROM audit WHERE action = 'booking.held'`, held},
		{"each change of a booking is written in the register once, by its author", `UPDATE audit SET person_id = about_id WHERE action = 'booking.held'`, held},
		{"each change of a booking is written in the register once, by its author", `DELETE FROM audit WHERE action = 'booking.cancelled'`, cancelled},
		{"each change of a booking is written in the register once, by its author", `UPDATE audit SET person_id = '{psychologist}' WHERE action = 'booking.cancelled'`, cancelled},
		{"each voucher was granted on record", `DELETE FROM audit WHERE action = 'voucher.granted'`, voucher},
	} {
		t.Run(c.sql, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 500*money.Euro, 3)
			toCome, today, later := f.mustBook(0, 7, 15, 50_00), f.mustBook(1, 0, 0, 50_00), f.mustBook(2, 9, 15, 50_00)
			if err := f.service.Confirm(t.Context(), f.as(1), form(f.as(1), "voucher.confirm"), today); err != nil {
				t.Fatal(err)
			}
			if err := f.service.Cancel(t.Context(), f.holder(), form(f.holder(), "voucher.cancel"), later); err != nil {
				t.Fatal(err)
			}
			f.whole()
			ids := map[string]string{voucher: string(f.file().Voucher.ID), booked: string(toCome), held: string(today), cancelled: string(later)}
			sql := strings.ReplaceAll(c.sql, "{booking}", booked)
			for name, id := range ids {
				sql = strings.ReplaceAll(sql, name, "'"+id+"'")
			}
			sql = strings.ReplaceAll(sql, "{psychologist}", string(f.psychologists[2]))
			f.asSuperuser(sql)
			breaches, err := postgres.Check(t.Context(), f.pool)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(breaches, func(b postgres.Breach) bool {
				return b.What == c.what && b.Thing == ids[c.thing] && strings.HasPrefix(b.Invariant, "I")
			}) {
				t.Errorf("found %+v, and not that %s is broken by %s", breaches, c.what, c.thing)
			}
		})
	}
}

// A ranking of the two applications that there are, one of them funded, is broken in
// every way, and the check names what breaks it.
func TestTheCheckNamesWhatBreaksARanking(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, sql, thing string }{
		{"the sums of a territory are those of its places", `UPDATE ranking_territories SET awarded_cents = awarded_cents - 1, residual_cents = residual_cents + 1`, "run Lazio"},
		{"the sums of a territory are those of its places", `DELETE FROM ranking_entries WHERE rank = 2`, "run Lazio"},
		{"nobody is paid after somebody before them was not", `UPDATE ranking_entries SET awarded_cents = entitled_cents - awarded_cents`, "second"},
		{"nobody is paid after somebody before them was not", `UPDATE ranking_entries SET completes = true, kept_cents = 1, awarded_cents = 1 WHERE rank = 2`, "first"},
		{"what a publication awarded has its voucher, for as much", `DELETE FROM vouchers`, "first"},
		{"what a publication awarded has its voucher, for as much", `UPDATE applications SET rank = 7 WHERE id = '{first}'`, "first"},
		{"the vouchers of a territory are worth no more than its money", `UPDATE vouchers SET territory = 'Molise', awarded_cents = 100000000000`, "2022-guida Molise"},
		{"what a publication says of an application is said in it", `UPDATE ranking_entries SET application_id = gen_random_uuid() WHERE rank = 2`, "second"},
		{"the rules in force are the newest that were released", `UPDATE editions SET version = NULL WHERE id = '2022-decreto'`, "2022-decreto"},
	} {
		t.Run(c.sql, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 600*money.Euro, 1)
			luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
			second := voucher.NewID()
			f.exec(`INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, submitted_at, state)
				VALUES ($1, 'second', '2022-guida', $2, $2, 'Lazio', 'RM', 950000, 'valid', '2025-12-02', 'unfunded')`, string(second), string(luca.ID))
			run := string(voucher.NewID())
			f.exec(`INSERT INTO ranking_runs (id, edition_id, edition_version, number, round, state, simulated_by, taken_at, candidates, inputs_digest, rules_digest, result_digest)
				VALUES ($1, '2022-guida', 1, 1, 1, 'simulated', $2, now(), 2, '', '', '')`, run, string(f.maria.ID))
			f.exec(`INSERT INTO ranking_territories (run_id, territory, budget_cents, candidates, eligible, awarded, partial, unfunded, refused, not_processable,
				awarded_cents, residual_cents, issued_at) VALUES ($1, 'Lazio', 60000, 2, 2, 1, 0, 1, 0, 0, 60000, 0, now())`, run)
			f.exec(`INSERT INTO ranking_entries (run_id, application_id, territory, isee_cents, isee_status, submitted_at, ground, rank, decided, entitled_cents, awarded_cents, residual_cents)
				VALUES ($1, $2, 'Lazio', 900000, 'valid', now(), '', 1, '', 60000, 60000, 0), ($1, $3, 'Lazio', 950000, 'valid', now(), '', 2, 'isee', 60000, 0, 0)`,
				run, string(f.application), string(second))
			f.exec(`UPDATE applications SET run_id = $1, rank = CASE id WHEN $2 THEN 1 ELSE 2 END, entitled_cents = 60000`, run, string(f.application))
			f.whole()
			f.asSuperuser(strings.ReplaceAll(c.sql, "{first}", string(f.application)))
			thing := strings.NewReplacer("run", run, "first", string(f.application), "second", string(second)).Replace(c.thing)
			breaches, err := postgres.Check(t.Context(), f.pool)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(breaches, func(b postgres.Breach) bool { return b.What == c.what && b.Thing == thing }) {
				t.Errorf("found %+v, and not that %s is broken by %s", breaches, c.what, thing)
			}
		})
	}
}

// asSuperuser runs statements past every trigger and foreign key.
func (f *fixture) asSuperuser(sql string) {
	f.Helper()
	f.exec(`BEGIN; SET LOCAL session_replication_role = replica; ` + sql + `; COMMIT`)
}

func TestTheCheckOfAnEmptyDatabaseFindsNothing(t *testing.T) {
	t.Parallel()
	newFixture(t, 500*money.Euro, 0).whole()
	if postgres.Invariants() < 9 {
		t.Errorf("only %d invariants are asked", postgres.Invariants())
	}
}
