package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/payment"
)

// errRunGone says that a run was dropped, or frozen by somebody else, meanwhile.
var errRunGone = errors.New("the run is prepared no more")

const (
	stillPreparing = `SELECT EXISTS (SELECT FROM payment_runs WHERE id = $1 AND state = 'preparing')`

	// holdDue has the invoices of what is due stay as they are, and forgetDue leaves out
	// what became of them, and what was reported, before they did.
	holdDue   = `SELECT FROM invoices WHERE id IN (SELECT invoice_id FROM payment_due) ORDER BY id FOR SHARE`
	forgetDue = `
	DELETE FROM payment_due p WHERE NOT EXISTS (
			SELECT FROM invoice_sessions s JOIN invoices i ON i.id = s.invoice_id
			WHERE s.booking_id = p.booking_id AND s.invoice_id = p.invoice_id AND s.live AND s.claimed_cents = p.amount_cents AND i.state = 'accepted')
		OR EXISTS (SELECT FROM disputes d WHERE d.booking_id = p.booking_id AND ` + holdsMoney + `)`
)

// FreezeNext freezes what the oldest run that is being prepared pays: in one
// transaction, which is there or is not. How far it is is told meanwhile, outside of it.
func (s *PaymentRuns) FreezeNext(ctx context.Context, now time.Time, entry func(payment.Run) audit.Entry) (found, left bool, err error) {
	r, err := s.next(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, true, fmt.Errorf("a run to freeze: %w", translate(err))
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended('payment run ' || $1, 0))`, string(r.ID)).Scan(&found); err != nil || !found {
			return err
		}
		return s.freeze(ctx, tx, r, now, entry)
	})
	switch {
	case errors.Is(err, errRunGone):
		return true, false, nil
	}
	switch violated(err) {
	case "disputed_session_is_not_paid", "nothing_is_paid_while_a_decision_waits", "only_funded_applications_are_paid": // said just now: it is begun anew
		return false, true, nil
	}
	switch {
	case err != nil:
		return false, true, fmt.Errorf("freeze run %s: %w", r.ID, translate(err))
	}
	return found, !found, nil
}

func (s *PaymentRuns) next(ctx context.Context) (payment.Run, error) {
	var r payment.Run
	err := s.pool.QueryRow(ctx, selectPaymentRuns+`WHERE r.state = 'preparing' ORDER BY r.prepared_at LIMIT 1`).Scan(paymentRunFields(&r)...)
	return r, err
}

func (s *PaymentRuns) freeze(ctx context.Context, tx pgx.Tx, r payment.Run, now time.Time, entry func(payment.Run) audit.Entry) error {
	var preparing bool
	if err := tx.QueryRow(ctx, stillPreparing, string(r.ID)).Scan(&preparing); err != nil {
		return err
	}
	if !preparing {
		return errRunGone
	}
	frozen := s.freezeVouchers
	if r.Programme == payment.Indemnity {
		frozen = s.freezeCases
	}
	due, err := frozen(ctx, tx, r, now)
	if err != nil {
		return err
	}
	sums, err := payment.Sum(eachRow(ctx, tx, r.ID))
	if err != nil {
		return err
	}
	if sums.Lines != due || sums.OrdersAmount != sums.LinesAmount {
		return fmt.Errorf("%d lines for %d that are due, %d cents for %d", sums.Lines, due, sums.OrdersAmount, sums.LinesAmount)
	}
	if r.State = payment.PreparedRun; due == 0 {
		r.State = payment.DroppedRun
	}
	tag, err := tx.Exec(ctx, `
		UPDATE payment_runs SET state = $2, due = $3, frozen = $3, frozen_at = $4, orders = $5, amount_cents = $6, digest = $7, version = version + 1
		WHERE id = $1 AND state = 'preparing'`, string(r.ID), string(r.State), due, now, sums.Orders, sums.OrdersAmount, sums.Digest)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return errRunGone
	}
	return write(ctx, tx, entry(r))
}

// freezeVouchers freezes the sessions that are due, and tells how many they are.
func (s *PaymentRuns) freezeVouchers(ctx context.Context, tx pgx.Tx, r payment.Run, now time.Time) (due int, err error) {
	// Whoever takes money back waits, and then sees what it pays: see keep_paid_transfers.
	if _, err := tx.Exec(ctx, `LOCK TABLE funding_transfers IN SHARE MODE`); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, dueTable); err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, judgedVouchers+insertDue, r.Until(), r.Territory, now)
	if err != nil {
		return 0, err
	}
	places := int(tag.RowsAffected())
	if _, err := tx.Exec(ctx, holdDue); err != nil {
		return 0, err
	}
	if tag, err = tx.Exec(ctx, forgetDue); err != nil {
		return 0, err
	}
	due = places - int(tag.RowsAffected())
	if err := s.progress(ctx, r.ID, due, 0); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `ANALYZE payment_due`); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, insertOrders, string(r.ID), r.Message()); err != nil {
		return 0, err
	}
	for from := 0; from < places; from += frozenAtOnce {
		if _, err := tx.Exec(ctx, insertLines, string(r.ID), from, from+frozenAtOnce); err != nil {
			return 0, err
		}
		if err := s.progress(ctx, r.ID, due, min(from+frozenAtOnce, due)); err != nil {
			return 0, err
		}
	}
	return due, nil
}

// progress tells how far a run is, to who looks at its page.
func (s *PaymentRuns) progress(ctx context.Context, id payment.RunID, due, frozen int) error {
	_, err := s.pool.Exec(ctx, `UPDATE payment_runs SET due = $2, frozen = $3 WHERE id = $1 AND state = 'preparing'`, string(id), due, frozen)
	return err
}
