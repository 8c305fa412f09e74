package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"portal/internal/money"
	"portal/internal/postgres"
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
