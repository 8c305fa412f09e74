package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/payment"
)

const selectOutcomes = `
	SELECT x.id, x.format, x.paid, x.returned, x.recorded_by, x.recorded_at, p.given_name || ' ' || p.family_name
	FROM payment_outcomes x JOIN persons p ON p.id = x.recorded_by `

func recordedFields(o *payment.Outcome) []any {
	return []any{&o.ID, &o.Format, &o.Paid, &o.Returned, &o.Recorded.By, &o.Recorded.At, &o.Recorded.Name}
}

// Outcomes are the files of the bank that were recorded for a run, newest first.
func (s *PaymentRuns) Outcomes(ctx context.Context, id payment.RunID) ([]payment.Outcome, error) {
	rows, _ := s.pool.Query(ctx, selectOutcomes+`WHERE x.run_id = $1 ORDER BY x.recorded_at DESC, x.id`, string(id))
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o payment.Outcome, err error) {
		err = row.Scan(recordedFields(&o)...)
		return o, err
	})
	if err != nil {
		return nil, fmt.Errorf("outcomes of payment run %s: %w", id, translate(err))
	}
	return all, nil
}

// ByEndToEnd are the orders of a run by their end-to-end ids.
func (s *PaymentRuns) ByEndToEnd(ctx context.Context, id payment.RunID) (map[string]payment.Order, error) {
	return byEndToEnd(ctx, s.pool, id)
}

func byEndToEnd(ctx context.Context, db DB, id payment.RunID) (map[string]payment.Order, error) {
	all := map[string]payment.Order{}
	for o, err := range eachOf(ctx, db, creditFields, `SELECT `+creditColumns+` FROM payment_orders o WHERE o.run_id = $1`, string(id)) {
		if err != nil {
			return nil, fmt.Errorf("orders of payment run %s: %w", id, err)
		}
		all[o.EndToEnd] = o
	}
	return all, nil
}

// RecordOutcomes locks a run, asks what becomes of its orders, and saves that: all of
// it, or nothing. A file that was recorded before is not again.
func (s *PaymentRuns) RecordOutcomes(ctx context.Context, form once.Form, id payment.RunID, file []byte, decide func(payment.Run, map[string]payment.Order) (payment.Settled, error)) (o payment.Outcome, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		r, err := paymentRun(ctx, tx, id, ` FOR UPDATE OF r`)
		if err != nil {
			return err
		}
		if _, _, err := outcomeOf(ctx, tx, form); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, selectOutcomes+`WHERE x.run_id = $1 AND x.file_digest = $2`, string(id), file).Scan(recordedFields(&o)...)
		if !errors.Is(err, pgx.ErrNoRows) {
			o.Before = true
			return err
		}
		if r.Own, err = pays(ctx, tx, id, form.Person); err != nil {
			return err
		}
		orders, err := byEndToEnd(ctx, tx, id)
		if err != nil {
			return err
		}
		settled, err := decide(r, orders)
		if err != nil {
			return err
		}
		o = payment.Outcome{ID: uuid.NewString(), Format: settled.Format, Recorded: payment.Signature{By: settled.Entry.Actor.Person, At: settled.Entry.At}}
		o.Paid, o.Returned = payment.Counts(settled.All)
		return saveOutcomes(ctx, tx, form, id, file, o, settled)
	})
	if err != nil {
		return payment.Outcome{}, fmt.Errorf("outcomes of payment run %s: %w", id, translate(err))
	}
	return o, nil
}

// nextOwnProtocol is the next number of the protocol of the office, of the year of $7.
const nextOwnProtocol = `'ENPAP-' || $7::text || '-' || lpad(nextval('indemnity_protocols')::text, 6, '0')`

func saveOutcomes(ctx context.Context, tx pgx.Tx, form once.Form, id payment.RunID, file []byte, o payment.Outcome, settled payment.Settled) error {
	n := len(settled.All)
	ids, states, references, days, reasons := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	payees, actions := make([]string, n), make([]string, n)
	failed, why := []string{}, []string{}
	for i, s := range settled.All {
		ids[i], states[i], references[i], reasons[i], payees[i] = string(s.Order.ID), string(s.Order.State), s.Order.Reference, s.Order.Reason, string(s.Order.Payee)
		if !s.Order.ValueDay.IsZero() {
			days[i] = s.Order.ValueDay.String()
		}
		if actions[i] = string(payment.OrderWasPaid); s.Order.State == payment.OrderReturned {
			actions[i] = string(payment.OrderCameBack)
		}
		if s.AccountFails != "" {
			failed, why = append(failed, ids[i]), append(why, s.AccountFails)
		}
	}
	e := settled.Entry
	values := func(args ...any) []any {
		return append(args, e.At, string(e.Actor.Person), string(e.Actor.Role), audit.Request(ctx), audit.Address(ctx))
	}
	var batch pgx.Batch
	batch.Queue(`
		UPDATE payment_orders o SET state = x.state, reference = x.reference, value_day = nullif(x.day, '')::date, reason = x.reason, outcome_at = $6,
			certificate = CASE WHEN c.new THEN `+nextOwnProtocol+` ELSE o.certificate END,
			check_code = CASE WHEN c.new THEN upper(left(replace(gen_random_uuid()::text, '-', ''), 12)) ELSE o.check_code END
		FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) AS x (id, state, reference, day, reason)
		JOIN payment_orders w ON w.id = x.id CROSS JOIN LATERAL (SELECT w.case_account_id IS NOT NULL AND w.certificate IS NULL AND x.state = 'paid' AS new) c
		WHERE o.id = x.id`,
		ids, states, references, days, reasons, e.At, fmt.Sprint(calendar.On(e.At).Year))
	batch.Queue(`
		WITH written AS (
			INSERT INTO audit (at, person_id, role, for_id, action, subject_id, about_id, request_id, from_address)
			SELECT $4, $5, $6, $5, x.action, x.id, x.payee, $7, $8 FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS x (id, action, payee)
			RETURNING id)
		INSERT INTO river_job (kind, args, max_attempts) SELECT 'notify', jsonb_build_object('entry', id), 12 FROM written`,
		values(ids, actions, payees)...)
	// The account that the bank does not know is the payee's task; an officer who is the
	// payee does not sign for that.
	batch.Queue(`
		WITH rejected AS (
			UPDATE payment_accounts c SET state = 'rejected', reason = x.reason, decided_by = nullif($4::uuid, c.person_id), decided_at = $3, version = c.version + 1
			FROM unnest($1::uuid[], $2::text[]) AS x (id, reason) JOIN payment_orders o ON o.id = x.id
			WHERE c.id = o.account_id AND c.state = 'verified'
			RETURNING c.id, c.person_id)
		INSERT INTO audit (at, person_id, role, for_id, action, subject_id, about_id, request_id, from_address)
		SELECT $3, $4, $5, $4, $8, id, person_id, $6, $7 FROM rejected`,
		append(values(failed, why), string(payment.AccountRejected))...)
	batch.Queue(`
		WITH rejected AS (
			UPDATE case_accounts c SET state = 'rejected', reason = x.reason, decided_by = nullif($4::uuid, c.given_by), decided_at = $3
			FROM unnest($1::uuid[], $2::text[]) AS x (id, reason) JOIN payment_orders o ON o.id = x.id
			WHERE c.id = o.case_account_id AND c.state = 'verified'
			RETURNING c.application_id, x.id)
		INSERT INTO audit (at, person_id, role, for_id, action, subject_id, about_id, request_id, from_address)
		SELECT $3, $4, $5, $4, $8, r.application_id, o.payee_id, $6, $7 FROM rejected r JOIN payment_orders o ON o.id = r.id`,
		append(values(failed, why), string(payment.CaseAccountRejected))...)
	batch.Queue(`
		INSERT INTO payment_outcomes (id, run_id, format, file_digest, paid, returned, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		o.ID, string(id), string(o.Format), file, o.Paid, o.Returned, string(o.Recorded.By), o.Recorded.At)
	batch.Queue(`
		UPDATE payment_runs SET state = 'settled', settled_at = $2, version = version + 1
		WHERE id = $1 AND state = 'sent' AND NOT EXISTS (SELECT FROM payment_orders WHERE run_id = $1 AND state = 'sent')`, string(id), e.At)
	queueForm(&batch, form, o.ID, e.At)
	batch.Queue(insertEntry, entryValues(ctx, e)...)
	return tx.SendBatch(ctx, &batch).Close()
}

// credit is an order as a message needs to know it.
func credit(ctx context.Context, db DB, id payment.OrderID) (c notify.Credit, err error) {
	err = db.QueryRow(ctx, `
		SELECT `+creditColumns+`, r.month, coalesce(b.state, c.state) = 'rejected', l.heir_id IS NULL OR h.linked_at IS NOT NULL AND h.person_id = o.payee_id, `+shareColumns+`
		FROM payment_orders o JOIN payment_runs r ON r.id = o.run_id
		LEFT JOIN payment_accounts b ON b.id = o.account_id LEFT JOIN case_accounts c ON c.id = o.case_account_id
		LEFT JOIN payment_lines l ON l.order_id = o.id AND l.application_id IS NOT NULL LEFT JOIN indemnity_applications a ON a.id = l.application_id
		LEFT JOIN heirs h ON h.id = l.heir_id WHERE o.id = $1`, string(id)).
		Scan(append(append(creditFields(&c.Order), &c.Month, &c.Rejected, &c.Reads), shareFields(&c.Order.Of)...)...)
	if err != nil {
		return c, fmt.Errorf("payment order %s: %w", id, translate(err))
	}
	return c, nil
}
