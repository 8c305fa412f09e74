package postgres

import (
	"context"
	"fmt"
	"slices"

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
				sum(CASE WHEN event IN ('expire', 'withdraw', 'lapse', 'end') THEN amount_cents WHEN event = 'reinstate' THEN -amount_cents ELSE 0 END) AS returned,
				sum(CASE WHEN event IN ('grant', 'complete') THEN amount_cents ELSE 0 END) AS awarded
			FROM postings GROUP BY voucher_id) p ON p.voucher_id = v.id
		WHERE (v.booked_cents, v.used_cents, v.returned_cents, v.awarded_cents)
			IS DISTINCT FROM (p.booked, p.used, p.returned, p.awarded)`},
	{name: "I2", what: "the sums of a voucher are those of its sessions", sql: `
		SELECT v.id::text FROM vouchers v LEFT JOIN (
			SELECT voucher_id, sum(amount_cents) FILTER (WHERE state = 'booked') AS booked,
				sum(coalesce(claimed_cents, amount_cents)) FILTER (WHERE state = 'held') AS used
			FROM bookings GROUP BY voucher_id) b ON b.voucher_id = v.id
		WHERE (v.booked_cents, v.used_cents) IS DISTINCT FROM (coalesce(b.booked, 0), coalesce(b.used, 0))`},
	{name: "I3", what: "a booking is settled once", sql: `
		SELECT b.id::text FROM bookings b JOIN (
			SELECT booking_id, count(*) FILTER (WHERE event IN ('cancel', 'hold')) AS settled, count(*) FILTER (WHERE event = 'retract') AS retracted
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
		SELECT b.id::text FROM bookings b LEFT JOIN (
			SELECT booking_id, sum(CASE WHEN event IN ('lower', 'correct') THEN -amount_cents ELSE amount_cents END) AS amount_cents
			FROM postings WHERE event IN ('book', 'raise', 'lower', 'correct') GROUP BY booking_id) p ON p.booking_id = b.id
		WHERE p.amount_cents IS DISTINCT FROM b.amount_cents`},
	{name: "I8", what: "no session lies outside its voucher's validity, none was confirmed after its term", sql: `
		SELECT b.id::text FROM bookings b JOIN vouchers v ON v.id = b.voucher_id
		CROSS JOIN LATERAL (VALUES
			('book', b.booked_at, b.day > v.last_day OR (b.booked_at AT TIME ZONE 'Europe/Rome')::date > v.last_day),
			('confirm', b.held_at, (b.held_at AT TIME ZONE 'Europe/Rome')::date > v.confirm_by)) act (name, at, late)
		WHERE b.reinstates IS NULL AND (b.day < v.accepted_on OR act.late AND NOT EXISTS ( -- an act that let it be done again: Reopening
			SELECT FROM applications a JOIN edition_versions r ON r.edition_id = a.edition_id AND r.state = 'released',
				jsonb_array_elements(r.rules->'reopenings') e, jsonb_extract_path(e, 'value') o
			WHERE a.id = v.application_id AND (o->>'round')::int = v.round AND o->'acts' ? act.name
				AND act.at >= (o->>'opens')::timestamptz AND act.at < (o->>'closes')::timestamptz
				AND b.day BETWEEN coalesce((o->>'held_from')::date, '-infinity') AND coalesce((o->>'held_to')::date, 'infinity')
				AND (coalesce(jsonb_array_length(o->'territories'), 0) + coalesce(jsonb_array_length(o->'provinces'), 0) = 0
					OR o->'territories' ? v.territory OR o->'provinces' ? a.province)))
		GROUP BY b.id`},
	{name: "I11", what: "each change of a booking is written in the register once, by its author", sql: `
		SELECT b.id::text FROM bookings b
		LEFT JOIN audit made ON made.subject_id = b.id AND made.action = 'booking.booked'
		LEFT JOIN audit held ON held.subject_id = b.id AND held.action = 'booking.held'
		LEFT JOIN audit cancelled ON cancelled.subject_id = b.id AND cancelled.action = 'booking.cancelled'
		WHERE b.reinstates IS NULL AND (made.person_id IS DISTINCT FROM b.professional_id OR (held.id IS NOT NULL) <> (b.held_at IS NOT NULL))
			OR (held.id IS NOT NULL AND held.person_id <> b.professional_id)
			OR (cancelled.id IS NOT NULL) <> (b.state = 'cancelled')
			OR cancelled.person_id IS DISTINCT FROM b.cancelled_by`},
	{name: "I9", what: "the sums of a territory are those of its places", sql: `
		SELECT t.run_id || ' ' || t.territory FROM ranking_territories t LEFT JOIN (
			SELECT run_id, territory, count(*) AS candidates, count(*) FILTER (WHERE rank IS NOT NULL) AS eligible,
				count(*) FILTER (WHERE rank IS NOT NULL AND awarded_cents = 0) AS unfunded, sum(awarded_cents) AS awarded_cents, sum(kept_cents) AS kept_cents
			FROM ranking_entries GROUP BY run_id, territory) e USING (run_id, territory)
		WHERE NOT EXISTS (SELECT FROM ranking_runs r WHERE r.id = t.run_id AND r.state = 'dropped') AND (t.candidates, t.eligible, t.unfunded, t.awarded_cents, t.kept_cents)
			IS DISTINCT FROM (coalesce(e.candidates, 0), coalesce(e.eligible, 0), coalesce(e.unfunded, 0), coalesce(e.awarded_cents, 0), coalesce(e.kept_cents, 0))`},
	{name: "I9", what: "nobody is paid after somebody before them was not", sql: `
		SELECT application_id::text FROM (
			SELECT application_id, awarded_cents, kept_cents, rank,
				min(rank) FILTER (WHERE awarded_cents < entitled_cents AND kept_cents = 0) OVER places AS first_unpaid,
				bool_or(completes AND awarded_cents < entitled_cents) OVER places AS to_complete
			FROM ranking_entries WHERE rank IS NOT NULL WINDOW places AS (PARTITION BY run_id, territory)) e
		WHERE (rank > first_unpaid OR to_complete) AND kept_cents = 0 AND awarded_cents > 0`},
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
	{name: "I13", what: "a voucher lapses by a list that two officers made, and ends by a case that two decided", sql: `
		SELECT v.id::text FROM vouchers v
		WHERE v.state = 'lapsed' AND NOT EXISTS (
				SELECT FROM closure_rows r JOIN closures c ON c.id = r.closure_id
				WHERE r.subject_id = v.id AND r.outcome = 'closed' AND c.kind = 'lapse' AND c.state IN ('approved', 'done'))
			OR v.state = 'ended' AND NOT EXISTS (
				SELECT FROM voucher_cases k WHERE k.voucher_id = v.id AND k.kind = 'end' AND k.state = 'approved')`},
	{name: "I13", what: "an application has lapsed with its voucher", sql: `
		SELECT a.id::text FROM applications a JOIN vouchers v ON v.application_id = a.id
		WHERE v.state IN ('lapsed', 'ended') AND a.state <> 'lapsed'`},
	{name: "I13", what: "a session is annulled by a list that two officers made, and comes back by a case that two decided", sql: `
		SELECT b.id::text FROM bookings b
		WHERE b.cancel_ground IN ('not_confirmed', 'not_invoiced', 'not_corrected') AND NOT EXISTS (
				SELECT FROM closure_rows r JOIN closures c ON c.id = r.closure_id
				WHERE r.subject_id = b.id AND r.outcome = 'closed' AND c.kind = 'annulment' AND c.state IN ('approved', 'done'))
			OR b.reinstates IS NOT NULL AND NOT EXISTS (
				SELECT FROM voucher_cases k WHERE k.booking_id = b.reinstates AND k.kind = 'reinstate_session' AND k.state = 'approved')`},
	{name: "I13", what: "a session claims what its invoice asks for it, and only a live one asks", sql: `
		SELECT b.id::text FROM bookings b LEFT JOIN (
			SELECT s.booking_id, s.claimed_cents FROM invoice_sessions s JOIN invoices i ON i.id = s.invoice_id
			WHERE s.live AND i.state <> 'withdrawn') c ON c.booking_id = b.id
		WHERE b.claimed_cents IS DISTINCT FROM c.claimed_cents`},
	{name: "I13", what: "an invoice that counts is for a session, and asks no more than it says", sql: `
		SELECT i.id::text FROM invoices i LEFT JOIN (
			SELECT invoice_id, count(*) FILTER (WHERE live) AS sessions, sum(claimed_cents) FILTER (WHERE live) AS cents FROM invoice_sessions GROUP BY invoice_id) s
			ON s.invoice_id = i.id
		WHERE (coalesce(s.sessions, 0) = 0) <> (i.state = 'withdrawn') OR s.cents > i.amount_cents`},
	{name: "I13", what: "a cancelled session is claimed by no invoice", sql: `
		SELECT s.booking_id::text FROM invoice_sessions s JOIN bookings b ON b.id = s.booking_id WHERE s.live AND b.state = 'cancelled'`},
	{name: "I9", what: "what is set aside for open re-examinations of a call is still there", sql: `
		SELECT r.call_id FROM indemnity_rankings r WHERE r.state = 'published' AND r.residual_cents IS NOT NULL
			AND set_aside_of_call(r.call_id) > r.residual_cents + r.set_aside_cents`},
	{name: "I11", what: "each change is told by an entry of the act that made it", sql: `
		SELECT c.thing || ' ' || c.thing_id FROM audit_changes c WHERE NOT EXISTS (SELECT FROM audit a WHERE a.act = c.act)`},
	{name: "I11", what: "each voucher was granted on record", sql: `
		SELECT v.id::text FROM vouchers v LEFT JOIN audit a ON a.subject_id = v.id AND a.action = 'voucher.granted' WHERE a.id IS NULL`},
}

// Check asks the database every invariant and lists what breaks one, at most a
// hundred things for each.
func Check(ctx context.Context, pool *pgxpool.Pool) ([]Breach, error) {
	var all []Breach
	err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for _, i := range slices.Concat(invariants, paymentInvariants) {
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
func Invariants() int { return len(invariants) + len(paymentInvariants) }
