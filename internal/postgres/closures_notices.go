package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/notify"
	"portal/internal/voucher"
)

// life is what a message needs to know of the end of a voucher, or of the terms that
// come before it.
func (s *Notices) life(ctx context.Context, e *notify.Event, subject nullText, on calendar.Date) (err error) {
	if e.Applied, err = s.applied(ctx, subject, on); err != nil {
		return err
	}
	a, _, err := s.vouchers.Account(ctx, voucher.ID(subject))
	if err != nil {
		return err
	}
	e.Life = notify.Life{Terms: a.Voucher.Terms, State: a.Voucher.State, Left: a.Voucher.Balance()}
	for _, b := range a.Bookings {
		switch {
		case b.State == voucher.Held:
			e.Life.Started = true
		case b.State == voucher.Booked && b.Professional == e.About && !b.Day.After(on):
			e.Life.ToConfirm++
		}
		if b.State == voucher.Booked && (e.Life.BookedOn.IsZero() || b.Day.Before(e.Life.BookedOn)) {
			e.Life.BookedOn = b.Day
		}
	}
	if e.Action == voucher.VoucherEnded {
		err = s.pool.QueryRow(ctx, `SELECT coalesce((SELECT ground FROM voucher_cases WHERE voucher_id = $1 AND kind = 'end' AND state = 'approved' ORDER BY decided_at DESC LIMIT 1), '')`,
			string(subject)).Scan(&e.Life.Ground)
		if err != nil {
			return fmt.Errorf("end of voucher %s: %w", string(subject), translate(err))
		}
	}
	if e.Action != voucher.FirstConfirmReminded {
		e.ActingFor, err = s.actingFor(ctx, e.About, on)
	}
	return err
}

// toComplete are the sessions b, with their vouchers v, that the office would annul
// after the term for invoices.
const toComplete = `
	FROM vouchers v JOIN bookings b ON b.voucher_id = v.id` + sentBack + `
	WHERE (b.state = 'booked' AND b.day <= $1::date OR b.state = 'held' AND (b.claimed_cents IS NULL OR i.id IS NOT NULL))`

// work is what a professional has to complete: to confirm, and by which days; or what
// a list of the office took from them.
func (s *Notices) work(ctx context.Context, e *notify.Event, subject nullText, on calendar.Date) error {
	var batch pgx.Batch
	batch.Queue(`SELECT count(*), coalesce(min(v.confirm_by), $2::date) FROM bookings b JOIN vouchers v ON v.id = b.voucher_id
		WHERE b.professional_id = $1 AND b.state = 'booked' AND b.day < $2 AND v.confirm_by >= $2`, string(e.About), on).QueryRow(func(row pgx.Row) error {
		return row.Scan(&e.Work.ToConfirm, &e.Work.ConfirmBy)
	})
	batch.Queue(`SELECT v.invoice_by, count(*), sum(coalesce(b.claimed_cents, b.amount_cents))::bigint`+toComplete+`
		AND b.professional_id = $2 AND v.invoice_by BETWEEN $1 AND $1 + $3::integer GROUP BY v.invoice_by ORDER BY v.invoice_by`,
		on, string(e.About), voucher.Reminders.Invoice[0]).Query(func(rows pgx.Rows) (err error) {
		e.Work.AtRisk, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.AtRisk])
		return err
	})
	batch.Queue(`SELECT count(*), coalesce(sum(amount_cents), 0)::bigint FROM closure_rows WHERE closure_id = $1 AND professional_id = $2 AND outcome = 'closed'`,
		string(subject), string(e.About)).QueryRow(func(row pgx.Row) error {
		return row.Scan(&e.Work.Annulled, (*int64)(&e.Work.Lost))
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("what %s has to complete: %w", e.Action, translate(err))
	}
	return nil
}

// ofAge is the mandate that ended with a child's majority.
func (s *Notices) ofAge(ctx context.Context, e *notify.Event, subject nullText) (err error) {
	e.Mandate, err = mandateWith(ctx, s.pool, identity.MandateID(subject))
	return err
}
