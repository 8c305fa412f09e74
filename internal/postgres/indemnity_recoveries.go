package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/audit"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// paidOut is what was paid of the application $1, by payee.
const paidOut = `
	SELECT p.id, p.given_name, p.family_name, coalesce(l.heir_id::text, ''), sum(l.amount_cents)::bigint, sum(l.withholding_cents)::bigint, sum(l.set_off_cents)::bigint
	FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id JOIN persons p ON p.id = o.payee_id
	WHERE l.application_id = $1 AND l.order_state = 'paid' GROUP BY p.id, p.given_name, p.family_name, l.heir_id ORDER BY min(l.id)`

// Payout is what was paid of a case, and whether the bank has to answer.
func (s *Controls) Payout(ctx context.Context, id indemnity.CaseID) (indemnity.Payout, error) {
	return payout(ctx, s.pool, id)
}

func payout(ctx context.Context, db DB, id indemnity.CaseID) (p indemnity.Payout, err error) {
	rows, _ := db.Query(ctx, paidOut, string(id))
	p.Paid, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (x indemnity.PaidTo, err error) {
		return x, row.Scan(&x.Payee.ID, &x.Payee.GivenName, &x.Payee.FamilyName, &x.Heir, &x.Net, &x.Withholding, &x.SetOff)
	})
	if err == nil {
		err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM payment_lines WHERE application_id = $1 AND order_state = 'sent')`, string(id)).Scan(&p.UnderWay)
	}
	if err != nil {
		return p, fmt.Errorf("what was paid of a case: %w", translate(err))
	}
	return p, nil
}

// unrevoked is why an indemnity was not taken back, where a guard of the database has said
// it.
func unrevoked(err error) error {
	switch violated(err) {
	case "revocation_waits_for_the_bank":
		return indemnity.ErrPaymentUnderWay
	case "revocation_is_of_what_was_found":
		return indemnity.ErrControlRegular
	case "nobody_decides_on_their_own_case":
		return indemnity.ErrOwnCase
	case "nobody_approves_what_they_found":
		return indemnity.ErrOwnFindings
	case "application_in_a_payment_keeps_its_money":
		return indemnity.ErrCasePaid
	}
	return err
}

// recoverPaid opens what a revocation that was made takes back, and annuls that of one that
// was undone. It belongs in the transaction of the decision.
func recoverPaid(ctx context.Context, tx pgx.Tx, c indemnity.CaseFile, x indemnity.CaseChange) error {
	d := x.Decision
	if d == nil || d.State != indemnity.DecisionMade || d.To != indemnity.Revoked && d.To != indemnity.Funded {
		return nil
	}
	var batch pgx.Batch
	if d.To == indemnity.Funded {
		batch.Queue(`UPDATE indemnity_recoveries SET state = 'annulled', closed_at = $2, version = version + 1 WHERE decision_id = $1`, string(d.Undoes), d.DecidedAt)
		return tx.SendBatch(ctx, &batch).Close()
	}
	paid, err := payout(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, o := range c.Rules.Owed(paid) {
		batch.Queue(`INSERT INTO indemnity_recoveries (id, application_id, decision_id, payee_id, heir_id, amount_cents, due_on, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			uuid.NewString(), string(c.ID), string(d.ID), string(o.Payee.ID), optional(o.Heir), o.Net, x.RecoverBy, d.DecidedAt)
	}
	return tx.SendBatch(ctx, &batch).Close()
}

const (
	recoveries = `
		SELECT r.id, r.application_id, a.protocol, a.call_id, r.decision_id, coalesce(x.protocol, ''), p.id, p.given_name, p.family_name, coalesce(r.heir_id::text, ''),
			r.amount_cents, r.due_on, r.opened_at, r.state, r.closed_at, r.reason, r.version,
			q.id, q.given_name || ' ' || q.family_name, r.proposed_at, d.id, d.given_name || ' ' || d.family_name, CASE WHEN d.id IS NOT NULL THEN r.closed_at END,
			coalesce(t.debtor_name, ''), coalesce(t.debtor_iban, '')
		FROM indemnity_recoveries r JOIN indemnity_applications a ON a.id = r.application_id JOIN indemnity_decisions x ON x.id = r.decision_id
		JOIN persons p ON p.id = r.payee_id LEFT JOIN persons q ON q.id = r.proposed_by LEFT JOIN persons d ON d.id = r.decided_by
		LEFT JOIN LATERAL (SELECT u.debtor_name, u.debtor_iban FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id JOIN payment_runs u ON u.id = o.run_id
			WHERE l.application_id = r.application_id AND o.payee_id = r.payee_id AND o.state = 'paid' ORDER BY u.sent_at DESC LIMIT 1) t ON true `
	recoveriesSome  = recoveries + `WHERE $1 IN ('', r.state) ORDER BY r.state <> 'open', r.due_on, a.protocol, r.id LIMIT $2 OFFSET $3`
	recoveriesOfAll = recoveries + `WHERE r.application_id = ANY ($1) ORDER BY r.opened_at, r.id`
	recoveryByID    = recoveries + `WHERE r.id = $1`
	lockRecovery    = `SELECT FROM indemnity_recoveries WHERE id = $1 FOR UPDATE`
)

// recoveriesWith reads recoveries with what came back of them.
func recoveriesWith(ctx context.Context, db DB, sql string, args ...any) ([]indemnity.Recovery, error) {
	rows, _ := db.Query(ctx, sql, args...)
	at := map[indemnity.RecoveryID]int{}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r indemnity.Recovery, err error) {
		fields := []any{&r.ID, &r.Case, &r.Protocol, &r.Call, &r.Decision, &r.Letter, &r.Payee.ID, &r.Payee.GivenName, &r.Payee.FamilyName, &r.Heir,
			&r.Amount, &r.DueOn, &r.OpenedAt, &r.State, (*zeronull.Timestamptz)(&r.ClosedAt), &r.Reason, &r.Version}
		fields = append(append(fields, handFields(&r.Proposed)...), handFields(&r.Decided)...)
		err = row.Scan(append(fields, &r.Holder, &r.Account)...)
		at[r.ID] = len(at)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("recoveries: %w", translate(err))
	}
	ids := make([]string, len(all))
	for i, r := range all {
		ids[i] = string(r.ID)
	}
	rows, _ = db.Query(ctx, `
		SELECT x.recovery_id, x.id, x.amount_cents, x.received_on, x.reference, p.id, p.given_name || ' ' || p.family_name, x.recorded_at
		FROM recovery_receipts x JOIN persons p ON p.id = x.recorded_by WHERE x.recovery_id = ANY ($1) ORDER BY x.recorded_at, x.id`, ids)
	var of indemnity.RecoveryID
	var x indemnity.Receipt
	_, err = pgx.ForEachRow(rows, append([]any{&of, &x.ID, &x.Amount, &x.On, &x.Reference}, handFields(&x.By)...), func() error {
		all[at[of]].Received = append(all[at[of]].Received, x)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what came back of recoveries: %w", translate(err))
	}
	return all, nil
}

// Recoveries is a page of what is recovered, what is open first, by its term.
func (s *Controls) Recoveries(ctx context.Context, ask indemnity.RecoveryList) (page indemnity.RecoveryPage, err error) {
	page.Recoveries, err = recoveriesWith(ctx, s.pool, recoveriesSome, string(ask.State), indemnity.ControlsPerPage, (max(ask.Page, 1)-1)*indemnity.ControlsPerPage)
	if err != nil {
		return page, err
	}
	page.Counts = map[indemnity.RecoveryState]int{}
	rows, _ := s.pool.Query(ctx, `SELECT state, count(*) FROM indemnity_recoveries GROUP BY state`)
	var state indemnity.RecoveryState
	var n int
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		if page.Counts[state] = n; ask.State == "" || ask.State == state {
			page.Total += n
		}
		return nil
	})
	if err != nil {
		return page, fmt.Errorf("count recoveries: %w", translate(err))
	}
	return page, nil
}

// recoveriesOf are those of the cases that were revoked by some decisions, the oldest
// first.
func recoveriesOf(ctx context.Context, db DB, decisions map[indemnity.CaseID][]indemnity.Decision) (map[indemnity.CaseID][]indemnity.Recovery, error) {
	var revoked []string
	for id, all := range decisions {
		if slices.ContainsFunc(all, func(d indemnity.Decision) bool { return d.To == indemnity.Revoked && d.State == indemnity.DecisionMade }) {
			revoked = append(revoked, string(id))
		}
	}
	if len(revoked) == 0 {
		return nil, nil
	}
	all, err := recoveriesWith(ctx, db, recoveriesOfAll, revoked)
	of := map[indemnity.CaseID][]indemnity.Recovery{}
	for _, r := range all {
		of[r.Case] = append(of[r.Case], r)
	}
	return of, err
}

// Recovery is one of them.
func (s *Controls) Recovery(ctx context.Context, id indemnity.RecoveryID) (indemnity.Recovery, error) {
	return recovery(ctx, s.pool, id)
}

func recovery(ctx context.Context, db DB, id indemnity.RecoveryID) (indemnity.Recovery, error) {
	all, err := recoveriesWith(ctx, db, recoveryByID, string(id))
	if err == nil && len(all) == 0 {
		err = translate(pgx.ErrNoRows)
	}
	if err != nil {
		return indemnity.Recovery{}, fmt.Errorf("recovery: %w", err)
	}
	return all[0], nil
}

// ChangeRecovery locks a recovery, asks what becomes of it, and saves that with what came
// back.
func (s *Controls) ChangeRecovery(ctx context.Context, form once.Form, id indemnity.RecoveryID, decide func(indemnity.Recovery) (indemnity.Recovery, *indemnity.Receipt, audit.Entry, error)) error {
	err := s.alter(ctx, form, lockRecovery, string(id), func(ctx context.Context, tx pgx.Tx, batch *pgx.Batch) (audit.Entry, error) {
		r, err := recovery(ctx, tx, id)
		if err != nil {
			return audit.Entry{}, err
		}
		r, x, e, err := decide(r)
		if err != nil {
			return e, err
		}
		if x != nil {
			batch.Queue(`INSERT INTO recovery_receipts (id, recovery_id, amount_cents, received_on, reference, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				x.ID, string(id), x.Amount, x.On, x.Reference, string(x.By.Person), x.By.At)
		}
		batch.Queue(`UPDATE indemnity_recoveries SET state = $2, closed_at = $3, reason = $4, proposed_by = $5, proposed_at = $6, decided_by = $7, version = version + 1 WHERE id = $1`,
			string(id), string(r.State), optionalTime(r.ClosedAt), r.Reason, optional(r.Proposed.Person), optionalTime(r.Proposed.At), optional(r.Decided.Person))
		return e, nil
	})
	switch violated(err) {
	case "no_more_comes_back_than_is_owed":
		return indemnity.ErrRecoveryMoved
	case "nobody_records_their_own_receipt", "nobody_writes_off_their_own":
		return indemnity.ErrOwnRecovery
	case "nobody_approves_a_write_off_they_proposed":
		return indemnity.ErrOwnWriteOff
	}
	if err != nil {
		return fmt.Errorf("change a recovery: %w", translate(err))
	}
	return nil
}
