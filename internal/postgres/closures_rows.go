package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// sentBack joins to the sessions b the invoice that was sent back to their professional.
const sentBack = `
	LEFT JOIN (invoice_sessions s JOIN invoices i ON i.id = s.invoice_id AND i.state = 'to_correct') ON s.booking_id = b.id AND s.live`

const (
	toAnnul = `
	SELECT ` + voucherColumns + `, ` + bookingColumns + `, a.province, a.protocol, i.correct_by,
		EXISTS (SELECT FROM disputes d WHERE d.booking_id = b.id AND d.state IN ('open', 'proposed')), q.given_name || ' ' || q.family_name
	FROM vouchers v JOIN applications a ON a.id = v.application_id JOIN bookings b ON b.voucher_id = v.id JOIN persons q ON q.id = b.professional_id` + sentBack + `
	WHERE a.edition_id = $1 AND ($2 = '' OR v.territory = $2) AND v.invoice_by < $3
		AND (b.state = 'booked' OR b.state = 'held' AND (b.claimed_cents IS NULL OR i.correct_by < $3))
	ORDER BY b.day, b.id`
	toLapse = `
	SELECT ` + voucherColumns + `, a.protocol,
		v.awarded_cents - v.booked_cents - v.used_cents - v.returned_cents
			+ (SELECT coalesce(sum(b.amount_cents), 0) FROM bookings b WHERE b.voucher_id = v.id AND b.state = 'booked' AND b.day > $3)::bigint
	FROM vouchers v JOIN applications a ON a.id = v.application_id
	WHERE a.edition_id = $1 AND ($2 = '' OR v.territory = $2) AND v.state = 'active' AND v.first_session_by < $3 AND NOT EXISTS (
		SELECT FROM bookings b WHERE b.voucher_id = v.id AND b.state = 'held' AND (b.held_at AT TIME ZONE 'Europe/Rome')::date <= v.first_session_by)
	ORDER BY a.protocol`
)

// Candidates are the vouchers, or sessions, whose term was over before a day.
func (s *Closures) Candidates(ctx context.Context, kind voucher.ClosureKind, e voucher.Edition, territory string, asOf calendar.Date) ([]voucher.ClosureCandidate, error) {
	var all []voucher.ClosureCandidate
	var c voucher.ClosureCandidate
	var b voucher.Booking
	v := &c.Account.Voucher
	sql, fields := toLapse, append(voucherFields(v), &c.Row.Protocol, (*int64)(&c.Row.Amount))
	if kind == voucher.AnnulmentList {
		sql = toAnnul
		fields = append(append(voucherFields(v), bookingFields(&b)...), &c.Account.Province, &c.Row.Protocol, &c.Correct, &c.Disputed, &c.Row.Name)
	}
	c.Account.Rules = e.Rules
	rows, _ := s.pool.Query(ctx, sql, string(e.ID), territory, asOf)
	_, err := pgx.ForEachRow(rows, fields, func() error {
		x := c
		x.Row.Subject, x.Row.Voucher, x.Row.Beneficiary, x.Row.Application, x.Row.Territory = string(v.ID), v.ID, v.Beneficiary, v.Application, v.Territory
		if kind == voucher.AnnulmentList {
			x.Row.Subject, x.Row.Day, x.Row.Professional = string(b.ID), b.Day, b.Professional
			x.Account.Bookings = []voucher.Booking{b}
		}
		all = append(all, x)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what %s closes: %w", kind, translate(err))
	}
	return all, nil
}

// Pending are vouchers of approved lists with rows to be carried out, in order after one.
func (s *Closures) Pending(ctx context.Context, after voucher.PendingClosure, most int) ([]voucher.PendingClosure, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT DISTINCT r.closure_id, c.kind, r.voucher_id FROM closures c JOIN closure_rows r ON r.closure_id = c.id
		WHERE c.state = 'approved' AND r.outcome = '' AND (r.closure_id, r.voucher_id) > ($1, $2)
		ORDER BY r.closure_id, r.voucher_id LIMIT $3`, string(after.Closure), string(after.Voucher), most)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.PendingClosure])
	if err != nil {
		return nil, fmt.Errorf("closures to carry out: %w", translate(err))
	}
	return all, nil
}

// rowsToDo locks the rows of a list and a voucher that are still to be carried out.
const rowsToDo = `
	SELECT r.subject_id, r.ground, i.correct_by, EXISTS (SELECT FROM disputes d WHERE d.booking_id = r.subject_id AND d.state IN ('open', 'proposed'))
	FROM closure_rows r LEFT JOIN bookings b ON b.id = r.subject_id` + sentBack + `
	WHERE r.closure_id = $1 AND r.voucher_id = $2 AND r.outcome = ''
	ORDER BY r.subject_id FOR UPDATE OF r`

// CarryOut locks a voucher, asks for a decision on its rows, saves it and notes what
// came of each.
func (s *Closures) CarryOut(ctx context.Context, p voucher.PendingClosure, now time.Time, decide func(voucher.Account, []voucher.Annulment) (voucher.Decision, error)) error {
	done, err := s.vouchers.turns.take(ctx, p.Voucher)
	if err != nil {
		return err
	}
	defer done()
	ctx, cancel := deed(ctx)
	defer cancel()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		a, _, err := s.vouchers.locked(ctx, tx, p.Voucher)
		if err != nil {
			return err
		}
		// The invoices of its sessions stay as they are, until this is over.
		if _, err := tx.Exec(ctx, `SELECT FROM invoices WHERE id IN (SELECT s.invoice_id FROM closure_rows r JOIN invoice_sessions s ON s.booking_id = r.subject_id AND s.live
			WHERE r.closure_id = $1 AND r.voucher_id = $2) ORDER BY id FOR UPDATE`, string(p.Closure), string(p.Voucher)); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, rowsToDo, string(p.Closure), string(p.Voucher))
		list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n voucher.Annulment, err error) {
			return n, row.Scan(&n.Booking, &n.Ground, &n.CorrectBy, &n.Disputed)
		})
		if err != nil || len(list) == 0 {
			return err
		}
		d, err := decide(a, list)
		_, refused := fault.Refusal(err)
		switch {
		case err == nil:
			if err := s.saveClosed(ctx, tx, p, a, d); err != nil {
				return err
			}
		case !refused:
			return err
		}
		var closed []string
		for _, n := range list {
			if err == nil && (p.Kind == voucher.LapseList || slices.ContainsFunc(d.Bookings, func(b voucher.Booking) bool { return b.ID == n.Booking })) {
				closed = append(closed, string(n.Booking))
			}
		}
		_, err = tx.Exec(ctx, `
			UPDATE closure_rows SET outcome = CASE WHEN subject_id = ANY ($3::uuid[]) THEN 'closed' ELSE 'saved' END, done_at = $4
			WHERE closure_id = $1 AND voucher_id = $2 AND outcome = ''`, string(p.Closure), string(p.Voucher), closed, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("carry out closure %s of voucher %s: %w", p.Closure, p.Voucher, translate(err))
	}
	return nil
}

// saveClosed saves what a list does to a voucher. The sessions fall out of their
// invoices, and an invoice without any is withdrawn.
func (s *Closures) saveClosed(ctx context.Context, tx pgx.Tx, p voucher.PendingClosure, a voucher.Account, d voucher.Decision) error {
	if err := save(ctx, tx, once.Form{}, string(p.Voucher), a.Voucher, d); err != nil {
		return err
	}
	ids := make([]string, len(d.Bookings))
	for i, b := range d.Bookings {
		ids[i] = string(b.ID)
	}
	rows, _ := tx.Query(ctx, `UPDATE invoice_sessions SET live = false WHERE booking_id = ANY ($1::uuid[]) AND live RETURNING invoice_id`, ids)
	invoices, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	return dropEmpty(ctx, tx, invoices, identity.Office(), d.Entries[0].At)
}

// EndClosures ends the lists that have been carried out, and tells each professional
// who lost sessions by one, once.
func (s *Closures) EndClosures(ctx context.Context, now time.Time) (ended int, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, `
			UPDATE closures c SET state = 'done', done_at = $1, version = version + 1
			WHERE c.state = 'approved' AND NOT EXISTS (SELECT FROM closure_rows r WHERE r.closure_id = c.id AND r.outcome = '')
			RETURNING c.id`, now)
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(ids) == 0 {
			return err
		}
		ended = len(ids)
		rows, _ = tx.Query(ctx, `SELECT DISTINCT closure_id, professional_id FROM closure_rows WHERE closure_id = ANY ($1::uuid[]) AND outcome = 'closed' AND professional_id IS NOT NULL`, ids)
		e := audit.Entry{At: now, Actor: identity.Office(), Action: voucher.SessionsAnnulled}
		var batch pgx.Batch
		for _, id := range ids {
			batch.Queue(insertEntry, entryValues(ctx, audit.Entry{At: now, Actor: identity.Office(), Action: voucher.ClosureEnded, Subject: id})...)
		}
		if _, err := pgx.ForEachRow(rows, []any{&e.Subject, &e.About}, func() error {
			batch.Queue(tellEntry, entryValues(ctx, e)...)
			return nil
		}); err != nil {
			return err
		}
		return tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return 0, fmt.Errorf("end closures: %w", translate(err))
	}
	return ended, nil
}
