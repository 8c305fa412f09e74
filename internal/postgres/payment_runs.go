package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/payment"
)

// PaymentRuns is the payment.RunStore.
type PaymentRuns struct {
	pool *pgxpool.Pool
}

// NewPaymentRuns is the store on a pool.
func NewPaymentRuns(pool *pgxpool.Pool) *PaymentRuns { return &PaymentRuns{pool} }

const (
	selectPaymentRuns = `
	SELECT r.id, r.number, r.programme, r.month, r.territory, coalesce(r.call_id, ''), r.state, r.due, r.frozen, r.frozen_at, r.orders, r.amount_cents, r.digest,
		r.note, r.execute_on, coalesce(r.sent_orders, 0), coalesce(r.sent_cents, 0), r.debtor_name, r.debtor_iban, r.file_digest, r.settled_at, r.version,
		r.prepared_by, r.prepared_at, a.given_name || ' ' || a.family_name,
		r.proposed_by, r.proposed_at, b.given_name || ' ' || b.family_name,
		r.decided_by, r.decided_at, c.given_name || ' ' || c.family_name,
		r.sent_by, r.sent_at, d.given_name || ' ' || d.family_name
	FROM payment_runs r JOIN persons a ON a.id = r.prepared_by LEFT JOIN persons b ON b.id = r.proposed_by
	LEFT JOIN persons c ON c.id = r.decided_by LEFT JOIN persons d ON d.id = r.sent_by `
	creditColumns = `o.id, o.run_id, o.number, o.end_to_end, o.payee_id, o.iban, o.holder, o.amount_cents, o.state, o.released_why,
		o.released_hold, o.released_note, o.reference, o.value_day, o.reason, o.outcome_at`
)

func paymentRunFields(r *payment.Run) []any {
	fields := []any{&r.ID, &r.Number, &r.Programme, &r.Month, &r.Territory, &r.Call, &r.State, &r.Due, &r.Frozen, (*zeronull.Timestamptz)(&r.FrozenAt),
		&r.Orders, (*int64)(&r.Amount), &r.Digest, &r.Note, &r.ExecuteOn, &r.SentOrders, (*int64)(&r.SentAmount), &r.Debtor.Name, &r.Debtor.IBAN, &r.FileDigest,
		(*zeronull.Timestamptz)(&r.SettledAt), &r.Version}
	for _, s := range []*payment.Signature{&r.Prepared, &r.Proposed, &r.Decided, &r.Sent} {
		fields = append(fields, (*nullText)(&s.By), (*zeronull.Timestamptz)(&s.At), (*nullText)(&s.Name))
	}
	return fields
}

func creditFields(o *payment.Order) []any {
	return []any{&o.ID, &o.Run, &o.Number, &o.EndToEnd, &o.Payee, &o.IBAN, &o.Holder, (*int64)(&o.Amount), &o.State, &o.Why,
		&o.Hold, &o.Note, &o.Reference, &o.ValueDay, &o.Reason, (*zeronull.Timestamptz)(&o.OutcomeAt)}
}

// StartRun saves a run with the job that will freeze what it pays, and numbers it.
func (s *PaymentRuns) StartRun(ctx context.Context, form once.Form, r payment.Run, e audit.Entry) (id payment.RunID, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		outcome, done, err := outcomeOf(ctx, tx, form)
		if err != nil || done {
			id = payment.RunID(outcome)
			return err
		}
		id = r.ID
		var batch pgx.Batch
		batch.Queue(`
			INSERT INTO payment_runs (id, programme, number, month, territory, state, prepared_by, prepared_at, due, call_id)
			VALUES ($1, $2, (SELECT coalesce(max(number), 0) + 1 FROM payment_runs WHERE programme = $2), $3, $4, $5, $6, $7, $8, $9)`,
			string(r.ID), string(r.Programme), r.Month, r.Territory, string(r.State), string(r.Prepared.By), r.Prepared.At, r.Due, optional(r.Call))
		batch.Queue(`INSERT INTO river_job (kind, args, queue, max_attempts) VALUES ('payment', '{}', 'payments', 1)`)
		queueForm(&batch, form, string(r.ID), e.At)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		return tx.SendBatch(ctx, &batch).Close()
	})
	switch {
	case violated(err) == "one_payment_run_in_preparation", violated(err) == "payment_run_is_numbered_once":
		return "", payment.ErrAnotherRun
	case violated(err) == "form_acts_once":
		return s.again(ctx, form)
	case err != nil:
		return "", fmt.Errorf("start a payment run: %w", translate(err))
	}
	return id, nil
}

// again is the run of a form that was sent twice at the same moment.
func (s *PaymentRuns) again(ctx context.Context, form once.Form) (payment.RunID, error) {
	outcome, _, err := outcomeOf(ctx, s.pool, form)
	return payment.RunID(outcome), err
}

// Runs are the runs of a programme, newest first, without dropped ones.
func (s *PaymentRuns) Runs(ctx context.Context, p payment.Programme, page, size int) (runs []payment.Run, all int, err error) {
	var batch pgx.Batch
	batch.Queue(`SELECT count(*) FROM payment_runs WHERE programme = $1 AND state <> 'dropped'`, string(p)).QueryRow(func(row pgx.Row) error { return row.Scan(&all) })
	batch.Queue(selectPaymentRuns+`WHERE r.programme = $1 AND r.state <> 'dropped' ORDER BY r.number DESC OFFSET $2 LIMIT $3`, string(p), (page-1)*size, size).
		Query(func(rows pgx.Rows) (err error) {
			runs, err = pgx.CollectRows(rows, scanPaymentRun)
			return err
		})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, 0, fmt.Errorf("payment runs: %w", translate(err))
	}
	return runs, all, nil
}

func scanPaymentRun(row pgx.CollectableRow) (r payment.Run, err error) {
	err = row.Scan(paymentRunFields(&r)...)
	return r, err
}

// Run is a run, also when it was dropped.
func (s *PaymentRuns) Run(ctx context.Context, id payment.RunID) (payment.Run, error) {
	return paymentRun(ctx, s.pool, id, "")
}

func paymentRun(ctx context.Context, db DB, id payment.RunID, lockSQL string) (r payment.Run, err error) {
	if err := db.QueryRow(ctx, selectPaymentRuns+`WHERE r.id = $1`+lockSQL, string(id)).Scan(paymentRunFields(&r)...); err != nil {
		return r, fmt.Errorf("payment run %s: %w", id, translate(err))
	}
	return r, nil
}

// Pays tells whether a run pays somebody.
func (s *PaymentRuns) Pays(ctx context.Context, id payment.RunID, who identity.PersonID) (bool, error) {
	return pays(ctx, s.pool, id, who)
}

func pays(ctx context.Context, db DB, id payment.RunID, who identity.PersonID) (own bool, err error) {
	err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM payment_orders WHERE run_id = $1 AND payee_id = $2 AND state <> 'released')`, string(id), string(who)).Scan(&own)
	if err != nil {
		return false, fmt.Errorf("whom payment run %s pays: %w", id, translate(err))
	}
	return own, nil
}

// paysExamined is the trigger keep_off_examined_payment, asked beforehand.
const paysExamined = `
	SELECT EXISTS (SELECT FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id
		WHERE o.run_id = $1 AND o.state <> 'released' AND (
			case_was_examined_by(l.application_id, $2)
			OR EXISTS (SELECT FROM indemnity_decisions d WHERE d.application_id = l.application_id AND d.state = 'approved' AND $2 IN (d.proposed_by, d.decided_by))
			OR EXISTS (SELECT FROM indemnity_rankings r WHERE r.id = l.ranking_id AND $2 IN (r.simulated_by, r.proposed_by, r.decided_by, r.published_by))))`

// Examined tells whether a run pays applications on which somebody decided, or which they
// ranked.
func (s *PaymentRuns) Examined(ctx context.Context, id payment.RunID, who identity.PersonID) (is bool, err error) {
	if err := s.pool.QueryRow(ctx, paysExamined, string(id), string(who)).Scan(&is); err != nil {
		return false, fmt.Errorf("who examined what payment run %s pays: %w", id, translate(err))
	}
	return is, nil
}

// ChangeRun locks a run, reads how it stands and whether it pays who sent the form, asks
// for what becomes of it, and saves that.
func (s *PaymentRuns) ChangeRun(ctx context.Context, form once.Form, id payment.RunID, now time.Time, decide func(payment.Run, payment.Standing) (payment.Step, error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		r, err := paymentRun(ctx, tx, id, ` FOR UPDATE OF r`)
		if err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		if r.Own, err = pays(ctx, tx, id, form.Person); err != nil {
			return err
		}
		at, err := paymentStanding(ctx, tx, r, now)
		if err != nil {
			return err
		}
		step, err := decide(r, at)
		if err != nil {
			return err
		}
		if err := saveStep(ctx, tx, step); err != nil {
			return err
		}
		var batch pgx.Batch
		queueForm(&batch, form, string(id), step.Entry.At)
		batch.Queue(insertEntry, entryValues(ctx, step.Entry)...)
		return tx.SendBatch(ctx, &batch).Close()
	})
	switch violated(err) {
	case "nobody_approves_a_payment_they_proposed", "nobody_sends_a_payment_they_proposed_or_approved", "nobody_pays_themselves":
		return payment.ErrOwnRun
	case "nobody_pays_what_they_examined_or_ranked":
		return payment.ErrExamined
	case "payment_run_goes_forward", "payment_order_goes_forward", "one_payment_run_in_preparation":
		return payment.ErrRunMoved
	case "form_acts_once":
		return nil // the same form, sent twice at once: the other was stored
	}
	if err != nil {
		return fmt.Errorf("change payment run %s: %w", id, translate(err))
	}
	return nil
}

// paymentStanding is how a run stands that is locked.
func paymentStanding(ctx context.Context, tx pgx.Tx, r payment.Run, now time.Time) (at payment.Standing, err error) {
	if r.State == payment.PreparingRun {
		return at, nil
	}
	if at.Sums, err = payment.Sum(eachRow(ctx, tx, r.ID)); err != nil {
		return at, err
	}
	err = tx.QueryRow(ctx, selections[r.Programme].standingSQL, string(r.ID), now).Scan(&at.Blocked, (*int64)(&at.BlockedAmount), (*int64)(&at.Ledger))
	return at, err
}

// saveStep saves what becomes of a run and its orders: those that leave it first, then
// the run, then those that are sent.
func saveStep(ctx context.Context, tx pgx.Tx, step payment.Step) error {
	r := step.Run
	if err := release(ctx, tx, r, step.Release, step.Entry); err != nil {
		return err
	}
	if step.Release.Order != "" || step.Send {
		sums, err := payment.Sum(eachRow(ctx, tx, r.ID))
		switch {
		case err != nil:
			return err
		case !step.Send:
			r.Orders, r.Amount, r.Digest = sums.Orders, sums.OrdersAmount, sums.Digest
		case sums.Orders == 0:
			return payment.ErrAllBlocked
		default:
			r.SentOrders, r.SentAmount = sums.Orders, sums.OrdersAmount
			if r.FileDigest, err = payment.FileDigest(r, eachOrder(ctx, tx, r.ID)); err != nil {
				return err
			}
		}
	}
	_, err := tx.Exec(ctx, `
		UPDATE payment_runs SET state = $2, orders = $3, amount_cents = $4, digest = $5, proposed_by = $6, proposed_at = $7, decided_by = $8, decided_at = $9,
			note = $10, execute_on = $11, sent_by = $12, sent_at = $13, sent_orders = nullif($14, 0), sent_cents = nullif($15::bigint, 0), file_digest = $16,
			debtor_name = $17, debtor_iban = $18, version = version + 1
		WHERE id = $1`,
		string(r.ID), string(r.State), r.Orders, r.Amount, r.Digest, optional(r.Proposed.By), optionalTime(r.Proposed.At),
		optional(r.Decided.By), optionalTime(r.Decided.At), r.Note, r.ExecuteOn, optional(r.Sent.By), optionalTime(r.Sent.At), r.SentOrders, r.SentAmount, r.FileDigest,
		r.Debtor.Name, string(r.Debtor.IBAN))
	if err != nil || !step.Send {
		return err
	}
	tag, err := tx.Exec(ctx, `UPDATE payment_orders SET state = 'sent' WHERE run_id = $1 AND state = 'frozen'`, string(r.ID))
	if err == nil && tag.RowsAffected() != int64(r.SentOrders) {
		return fmt.Errorf("%d orders of %d are sent: %w", tag.RowsAffected(), r.SentOrders, payment.ErrLedger)
	}
	return err
}

// release has orders leave a run that is not sent yet.
func release(ctx context.Context, tx pgx.Tx, r payment.Run, out payment.Release, e audit.Entry) error {
	switch out.Why {
	case "":
		return nil
	case payment.ReleasedAsBlocked:
		_, err := tx.Exec(ctx, selections[r.Programme].leaveOutSQL, string(r.ID), e.At, out.Why, string(e.Actor.Person), string(e.Actor.Role),
			string(payment.OrderLeftOut), audit.Request(ctx), audit.Address(ctx))
		return err
	}
	tag, err := tx.Exec(ctx, `
		UPDATE payment_orders SET state = 'released', released_why = $2, released_hold = $3, released_note = $4
		WHERE run_id = $1 AND state = 'frozen' AND ($5::uuid IS NULL OR id = $5)`,
		string(r.ID), out.Why, string(out.Hold), out.Note, optional(out.Order))
	if err == nil && out.Order != "" && tag.RowsAffected() != 1 {
		return payment.ErrRunMoved
	}
	return err
}

// See writes that a run was looked at.
func (s *PaymentRuns) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// Order is an order; fault.ErrNotFound.
func (s *PaymentRuns) Order(ctx context.Context, id payment.OrderID) (o payment.Order, err error) {
	err = s.pool.QueryRow(ctx, `SELECT `+creditColumns+`, (SELECT count(*) FROM payment_lines l WHERE l.order_id = o.id) FROM payment_orders o WHERE o.id = $1`, string(id)).
		Scan(append(creditFields(&o), &o.Lines)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return o, fault.ErrNotFound
	}
	if err != nil {
		return o, fmt.Errorf("payment order %s: %w", id, translate(err))
	}
	return o, nil
}
