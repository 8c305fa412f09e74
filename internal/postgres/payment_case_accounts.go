package postgres

import (
	"context"
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

// CasePayments is the payment.CaseStore.
type CasePayments struct {
	pool *pgxpool.Pool
}

// NewCasePayments is the store on a pool.
func NewCasePayments(pool *pgxpool.Pool) *CasePayments { return &CasePayments{pool} }

// See writes that somebody looked.
func (s *CasePayments) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// ordersOfCase are without those that left their run, which the payee never hears of.
const ordersOfCase = `
	SELECT ` + creditColumns + `, r.number, r.programme, r.execute_on, r.sent_at, coalesce(o.certificate, ''), o.check_code, ` + shareColumns + `
	FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id JOIN payment_runs r ON r.id = o.run_id JOIN indemnity_applications a ON a.id = l.application_id
	WHERE l.application_id = $1 AND o.state <> 'released' ORDER BY l.id`

const concernedBy = `
	SELECT member_id FROM indemnity_applications WHERE id = $1 UNION SELECT sender_id FROM indemnity_applications WHERE id = $1 AND sender_id IS NOT NULL
	UNION SELECT p.id FROM heirs h JOIN persons p ON p.fiscal_code = h.fiscal_code WHERE h.application_id = $1`

// Money is what is paid for an application.
func (s *CasePayments) Money(ctx context.Context, application string, now time.Time) (payment.CaseMoney, error) {
	return caseMoney(ctx, s.pool, application, now)
}

func caseMoney(ctx context.Context, db DB, application string, now time.Time) (m payment.CaseMoney, err error) {
	all, err := owings(ctx, db, owingOfCase, application)
	if err == nil && len(all) == 0 {
		err = fault.ErrNotFound
	}
	if err != nil {
		return m, fmt.Errorf("what is paid for an application: %w", err)
	}
	o := all[0]
	m = payment.CaseMoney{Owing: o.Owing, Left: o.Owed(now), Member: o.member, Rate: o.rate}
	rows, _ := db.Query(ctx, concernedBy, application)
	if m.Concern, err = pgx.CollectRows(rows, pgx.RowTo[identity.PersonID]); err != nil {
		return m, fmt.Errorf("whom an application concerns: %w", translate(err))
	}
	rows, _ = db.Query(ctx, ordersOfCase, application)
	m.Orders, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (o payment.CaseOrder, err error) {
		run := payment.Run{}
		err = row.Scan(append(append(creditFields(&o.Order), &run.Number, &run.Programme, &o.ExecuteOn, (*zeronull.Timestamptz)(&o.SentAt), &o.Certificate, &o.CheckCode), shareFields(&o.Of)...)...)
		o.Run, o.Message = run.Number, run.Message()
		return o, err
	})
	if err != nil {
		return m, fmt.Errorf("orders for an application: %w", translate(err))
	}
	return m, nil
}

// ToCheck are the payees whose account waits to be verified, the oldest first.
func (s *CasePayments) ToCheck(ctx context.Context, now time.Time) (waiting []payment.PayeeToCheck, err error) {
	all, err := owings(ctx, s.pool, owingAnywhere+` ORDER BY a.submitted_at, a.id`)
	if err != nil {
		return nil, fmt.Errorf("accounts to verify: %w", err)
	}
	for _, o := range all {
		for _, due := range o.Owed(now) {
			if due.Payee.Account.State == payment.ToVerify {
				waiting = append(waiting, payment.PayeeToCheck{Share: o.Share, Payee: due.Payee, Amount: due.Net()})
			}
		}
	}
	return waiting, nil
}

// ChangeAccount locks an application, asks for the account of a payee, and saves it in the
// place of the one that they have.
func (s *CasePayments) ChangeAccount(ctx context.Context, form once.Form, application, payee string, e audit.Entry, decide func(payment.CaseMoney, payment.Payee) (payment.CaseAccount, error)) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, lockApplication, application); err != nil {
			return "", err
		}
		m, err := caseMoney(ctx, tx, application, e.At)
		if err != nil {
			return "", err
		}
		p, err := m.Payee(payee)
		if err != nil {
			return "", err
		}
		a, err := decide(m, p)
		if err != nil {
			return "", err
		}
		var batch pgx.Batch
		if a.ID == "" {
			batch.Queue(`UPDATE case_accounts SET state = 'replaced' WHERE application_id = $1 AND heir_id IS NOT DISTINCT FROM $2::uuid AND state IN ('to_verify', 'verified')`,
				application, optional(p.Heir))
			batch.Queue(`
				INSERT INTO case_accounts (application_id, heir_id, iban, holder, state, given_by, given_at, usable_from, decided_by, decided_at, reason)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
				application, optional(p.Heir), string(a.IBAN), a.Holder, string(a.State), optional(a.GivenBy), a.GivenAt, a.UsableFrom,
				optional(a.DecidedBy), optionalTime(a.DecidedAt), a.Reason)
		} else {
			batch.Queue(`UPDATE case_accounts SET state = $2, decided_by = $3, decided_at = $4, reason = $5 WHERE id = $1`,
				string(a.ID), string(a.State), optional(a.DecidedBy), optionalTime(a.DecidedAt), a.Reason)
		}
		batch.Queue(tellEntry, entryValues(ctx, e)...)
		return "", tx.SendBatch(ctx, &batch).Close()
	})
	switch violated(err) {
	case "nobody_verifies_an_account_they_gave":
		return payment.ErrGaveAccount
	case "nobody_verifies_an_account_of_their_own_case":
		return payment.ErrOwnAccount
	}
	if err != nil {
		return fmt.Errorf("account of an application: %w", err)
	}
	return nil
}
