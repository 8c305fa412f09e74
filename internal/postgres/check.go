package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Breach is something that must never be, and is.
type Breach struct {
	Invariant string // "I2"
	What      string // the rule, as a sentence
	Thing     string // id of what breaks it
}

// invariants are the truths that hold between acts, whatever happened: each a
// query for what breaks it. The numbers are those of the security notes.
var invariants = []struct{ name, what, sql string }{
	{name: "I1", what: "a voucher is never overdrawn", sql: `
		SELECT id::text FROM vouchers
		WHERE booked_cents < 0 OR used_cents < 0 OR returned_cents < 0 OR booked_cents + used_cents + returned_cents > awarded_cents`},
	{name: "I2", what: "the sums of a voucher are those of its postings", sql: `
		SELECT v.id::text FROM vouchers v LEFT JOIN (
			SELECT voucher_id,
				sum(CASE WHEN credit = 'booked' THEN amount_cents WHEN debit = 'booked' THEN -amount_cents ELSE 0 END) AS booked,
				sum(CASE WHEN credit = 'used' THEN amount_cents WHEN debit = 'used' THEN -amount_cents ELSE 0 END) AS used,
				sum(CASE WHEN event IN ('expire', 'withdraw') THEN amount_cents ELSE 0 END) AS returned,
				sum(CASE WHEN event = 'grant' THEN amount_cents ELSE 0 END) AS awarded
			FROM postings GROUP BY voucher_id) p ON p.voucher_id = v.id
		WHERE (v.booked_cents, v.used_cents, v.returned_cents, v.awarded_cents)
			IS DISTINCT FROM (p.booked, p.used, p.returned, p.awarded)`},
	{name: "I2", what: "the sums of a voucher are those of its sessions", sql: `
		SELECT v.id::text FROM vouchers v LEFT JOIN (
			SELECT voucher_id, sum(amount_cents) FILTER (WHERE state = 'booked') AS booked,
				sum(amount_cents) FILTER (WHERE state = 'held') AS used
			FROM bookings GROUP BY voucher_id) b ON b.voucher_id = v.id
		WHERE (v.booked_cents, v.used_cents) IS DISTINCT FROM (coalesce(b.booked, 0), coalesce(b.used, 0))`},
	{name: "I3", what: "a booking is settled once", sql: `
		SELECT b.id::text FROM bookings b JOIN (
			SELECT booking_id, count(*) FILTER (WHERE debit = 'booked') AS settled, count(*) FILTER (WHERE event = 'retract') AS retracted
			FROM postings WHERE booking_id IS NOT NULL GROUP BY booking_id) p ON p.booking_id = b.id
		WHERE p.settled <> (b.state <> 'booked')::int OR p.retracted <> (b.state = 'cancelled' AND b.held_at IS NOT NULL)::int`},
	{name: "I5", what: "the accounts of a voucher add up to nothing, and none but the fund owes", sql: `
		SELECT voucher_id::text FROM (
			SELECT voucher_id, account, sum(cents) AS cents FROM (
				SELECT voucher_id, credit AS account, amount_cents AS cents FROM postings
				UNION ALL SELECT voucher_id, debit, -amount_cents FROM postings) moves
			GROUP BY voucher_id, account) balances
		GROUP BY voucher_id HAVING sum(cents) <> 0 OR min(cents) FILTER (WHERE account <> 'fund') < 0`},
	{name: "I6", what: "a booking has one posting that set its price aside", sql: `
		SELECT b.id::text FROM bookings b LEFT JOIN postings p ON p.booking_id = b.id AND p.event = 'book'
		WHERE p.amount_cents IS DISTINCT FROM b.amount_cents`},
	{name: "I8", what: "no session lies outside its voucher's validity, none was confirmed after its term", sql: `
		SELECT b.id::text FROM bookings b JOIN vouchers v ON v.id = b.voucher_id
		WHERE b.day NOT BETWEEN v.accepted_on AND v.last_day
			OR (b.booked_at AT TIME ZONE 'Europe/Rome')::date > v.last_day
			OR (b.held_at AT TIME ZONE 'Europe/Rome')::date > v.confirm_by`},
	{name: "I11", what: "each change of a booking is written in the register once, by its author", sql: `
		SELECT b.id::text FROM bookings b
		LEFT JOIN audit made ON made.subject_id = b.id AND made.action = 'booking.booked'
		LEFT JOIN audit held ON held.subject_id = b.id AND held.action = 'booking.held'
		LEFT JOIN audit cancelled ON cancelled.subject_id = b.id AND cancelled.action = 'booking.cancelled'
		WHERE made.person_id IS DISTINCT FROM b.professional_id
			OR (held.id IS NOT NULL) <> (b.held_at IS NOT NULL)
			OR (held.id IS NOT NULL AND held.person_id <> b.professional_id)
			OR (cancelled.id IS NOT NULL) <> (b.state = 'cancelled')
			OR cancelled.person_id IS DISTINCT FROM b.cancelled_by`},
	{name: "I9", what: "the sums of a territory are those of its places", sql: `
		SELECT t.run_id || ' ' || t.territory FROM ranking_territories t LEFT JOIN (
			SELECT run_id, territory, count(*) AS candidates, count(*) FILTER (WHERE rank IS NOT NULL) AS eligible,
				count(*) FILTER (WHERE rank IS NOT NULL AND awarded_cents = 0) AS unfunded, sum(awarded_cents) AS awarded_cents
			FROM ranking_entries GROUP BY run_id, territory) e USING (run_id, territory)
		WHERE (t.candidates, t.eligible, t.unfunded, t.awarded_cents)
			IS DISTINCT FROM (coalesce(e.candidates, 0), coalesce(e.eligible, 0), coalesce(e.unfunded, 0), coalesce(e.awarded_cents, 0))`},
	{name: "I9", what: "nobody is paid after somebody before them was not", sql: `
		SELECT application_id::text FROM (
			SELECT application_id, awarded_cents, kept_cents,
				min(rank) FILTER (WHERE awarded_cents < entitled_cents AND kept_cents = 0) OVER (PARTITION BY run_id, territory) AS first_unpaid, rank
			FROM ranking_entries WHERE rank IS NOT NULL) e
		WHERE rank > first_unpaid AND kept_cents = 0 AND awarded_cents > 0`},
	{name: "I9", what: "what a publication awarded has its voucher, for as much", sql: `
		SELECT e.application_id::text FROM ranking_entries e
		JOIN ranking_territories t ON t.run_id = e.run_id AND t.territory = e.territory AND t.issued_at IS NOT NULL
		JOIN applications a ON a.id = e.application_id AND a.run_id = e.run_id
		LEFT JOIN vouchers v ON v.application_id = e.application_id
		WHERE coalesce(v.awarded_cents, 0) <> e.awarded_cents OR (a.rank, a.entitled_cents) IS DISTINCT FROM (e.rank, e.entitled_cents)`},
	{name: "I9", what: "what a publication says of an application is said in it", sql: `
		SELECT a.id::text FROM applications a LEFT JOIN ranking_entries e ON e.run_id = a.run_id AND e.application_id = a.id
		WHERE a.run_id IS NOT NULL AND e.run_id IS NULL`},
	{name: "I9", what: "the vouchers of a territory are worth no more than its money", sql: `
		SELECT g.edition_id || ' ' || g.territory FROM (
			SELECT a.edition_id, v.territory, sum(v.awarded_cents - v.returned_cents) AS cents
			FROM vouchers v JOIN applications a ON a.id = v.application_id GROUP BY a.edition_id, v.territory) g
		JOIN editions e ON e.id = g.edition_id JOIN edition_versions r ON r.edition_id = e.id AND r.number = e.version
		WHERE g.cents > (SELECT coalesce(sum((t -> 'value' -> 'of' ->> g.territory)::bigint), 0) FROM jsonb_array_elements(r.rules -> 'tranches') t)`},
	{name: "I9", what: "the rules in force are the newest that were released", sql: `
		SELECT e.id FROM editions e
		WHERE e.version IS DISTINCT FROM (SELECT max(number) FROM edition_versions v WHERE v.edition_id = e.id AND v.state = 'released')`},
	{name: "I11", what: "each voucher was granted on record", sql: `
		SELECT v.id::text FROM vouchers v LEFT JOIN audit a ON a.subject_id = v.id AND a.action = 'voucher.granted' WHERE a.id IS NULL`},
}

// Check asks the database every invariant and lists what breaks one, at most a
// hundred things for each.
func Check(ctx context.Context, pool *pgxpool.Pool) ([]Breach, error) {
	var all []Breach
	err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for _, i := range invariants {
			rows, _ := tx.Query(ctx, i.sql)
			things, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return fmt.Errorf("%s: %w", i.name, translate(err))
			}
			for _, thing := range things[:min(len(things), 100)] {
				all = append(all, Breach{i.name, i.what, thing})
			}
		}
		return nil
	})
	return all, err
}

// Invariants is how many truths Check asks.
func Invariants() int { return len(invariants) }
