package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/payment"
)

// Accounts is the payment.AccountStore.
type Accounts struct {
	pool *pgxpool.Pool
}

// NewAccounts is the store on a pool.
func NewAccounts(pool *pgxpool.Pool) *Accounts { return &Accounts{pool} }

const (
	paidOnColumns = `c.id, c.person_id, c.iban, c.holder, c.state, c.submitted_at, c.usable_from, c.expected_by, c.started_at,
		c.bank_answer, c.decided_by, c.decided_at, c.reason, c.version`
	paidOnLive = `c.state IN ('to_verify', 'verifying', 'verified')`

	// The live account, or else the last that was rejected.
	accountCurrent = `SELECT ` + paidOnColumns + ` FROM payment_accounts c WHERE c.person_id = $1 AND (` + paidOnLive + ` OR c.state = 'rejected')
		ORDER BY ` + paidOnLive + ` DESC, c.submitted_at DESC LIMIT 1`
	accountsOf    = `SELECT ` + paidOnColumns + ` FROM payment_accounts c WHERE c.person_id = $1 ORDER BY c.submitted_at DESC, c.id`
	accountLive   = `SELECT ` + paidOnColumns + ` FROM payment_accounts c WHERE c.person_id = $1 AND ` + paidOnLive + ` FOR UPDATE`
	accountToWork = `SELECT ` + paidOnColumns + ` FROM payment_accounts c WHERE c.id = $1 FOR UPDATE`
)

func accountFields(a *payment.Account) []any {
	return []any{&a.ID, &a.Person, &a.IBAN, &a.Holder, &a.State, &a.SubmittedAt, &a.UsableFrom, &a.ExpectedBy, (*zeronull.Timestamptz)(&a.StartedAt),
		&a.Answer, (*nullText)(&a.DecidedBy), (*zeronull.Timestamptz)(&a.DecidedAt), &a.Reason, &a.Version}
}

// Current is the account somebody wants to be paid on.
func (s *Accounts) Current(ctx context.Context, of identity.PersonID) (a payment.Account, err error) {
	err = s.pool.QueryRow(ctx, accountCurrent, string(of)).Scan(accountFields(&a)...)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return a, fmt.Errorf("account: %w", translate(err))
	}
	return a, nil
}

// History is every account somebody gave, newest first.
func (s *Accounts) History(ctx context.Context, of identity.PersonID) ([]payment.Account, error) {
	rows, _ := s.pool.Query(ctx, accountsOf, string(of))
	all, err := collectAccounts(rows)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", translate(err))
	}
	return all, nil
}

func collectAccounts(rows pgx.Rows) ([]payment.Account, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (a payment.Account, err error) {
		return a, row.Scan(accountFields(&a)...)
	})
}

// Replace locks somebody's accounts and saves the next one.
func (s *Accounts) Replace(ctx context.Context, form once.Form, of identity.PersonID, e audit.Entry, decide func(payment.Account) (payment.Account, error)) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Who has none yet has no row to lock.
		if _, err := tx.Exec(ctx, `SELECT FROM persons WHERE id = $1 FOR NO KEY UPDATE`, string(of)); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		var live payment.Account
		if err := tx.QueryRow(ctx, accountLive, string(of)).Scan(accountFields(&live)...); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		a, err := decide(live)
		if err != nil {
			return err
		}
		var batch pgx.Batch
		if live.ID != "" {
			batch.Queue(`UPDATE payment_accounts SET state = 'replaced', version = version + 1 WHERE id = $1`, string(live.ID))
		}
		batch.Queue(`
			INSERT INTO payment_accounts (id, person_id, iban, holder, state, submitted_at, usable_from, expected_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			string(a.ID), string(a.Person), string(a.IBAN), a.Holder, string(a.State), a.SubmittedAt, a.UsableFrom, a.ExpectedBy)
		return finish(ctx, tx, &batch, form, string(a.ID), []audit.Entry{e})
	})
	if err != nil {
		return fmt.Errorf("give an account: %w", translate(err))
	}
	return nil
}

// ChangeAccount locks an account and saves what is decided.
func (s *Accounts) ChangeAccount(ctx context.Context, form once.Form, id payment.AccountID, version int64, e audit.Entry,
	decide func(payment.Account) (payment.Account, error)) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var a payment.Account
		if err := tx.QueryRow(ctx, accountToWork, string(id)).Scan(accountFields(&a)...); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		if a.Version != version {
			return payment.ErrAccountMoved
		}
		a, err := decide(a)
		if err != nil {
			return err
		}
		var batch pgx.Batch
		batch.Queue(`
			UPDATE payment_accounts SET state = $2, started_at = $3, bank_answer = $4, decided_by = $5, decided_at = $6, reason = $7, version = version + 1
			WHERE id = $1`,
			string(id), string(a.State), optionalTime(a.StartedAt), string(a.Answer), optional(a.DecidedBy), optionalTime(a.DecidedAt), a.Reason)
		return finish(ctx, tx, &batch, form, string(id), []audit.Entry{e})
	})
	switch {
	case violated(err) == "nobody_verifies_their_own_account":
		return payment.ErrOwnAccount
	case err != nil && !errors.Is(err, fault.ErrNotFound):
		return fmt.Errorf("account %s: %w", id, translate(err))
	}
	return translate(err)
}

// Case is an account with what it takes to judge it.
func (s *Accounts) Case(ctx context.Context, id payment.AccountID) (c payment.AccountCase, err error) {
	var batch pgx.Batch
	batch.Queue(`
		SELECT `+paidOnColumns+`, `+personColumns+`, coalesce(q.register_number || ' · ' || q.register_region, ''),
			coalesce(d.given_name || ' ' || d.family_name, ''),
			(SELECT count(DISTINCT o.person_id) FROM payment_accounts o WHERE o.iban = c.iban AND o.person_id <> c.person_id AND o.state IN ('to_verify', 'verifying', 'verified'))
		FROM payment_accounts c JOIN persons p ON p.id = c.person_id LEFT JOIN professionals q ON q.person_id = c.person_id
			LEFT JOIN persons d ON d.id = c.decided_by
		WHERE c.id = $1`, string(id)).
		QueryRow(func(row pgx.Row) error {
			into := append(accountFields(&c.Account), personFields(&c.Owner)...)
			return row.Scan(append(into, &c.Register, &c.Decider, &c.Elsewhere)...)
		})
	batch.Queue(`
		SELECT `+paidOnColumns+` FROM payment_accounts c JOIN payment_accounts this ON this.person_id = c.person_id
		WHERE this.id = $1 AND c.submitted_at < this.submitted_at ORDER BY c.submitted_at DESC`, string(id)).
		Query(func(rows pgx.Rows) (err error) {
			c.Before, err = collectAccounts(rows)
			return err
		})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return c, fmt.Errorf("account: %w", translate(err))
	}
	return c, nil
}

// accountsWaiting is the page of those that wait, accountsDone of the others.
const (
	accountLines = `SELECT ` + paidOnColumns + `, p.given_name || ' ' || p.family_name FROM payment_accounts c JOIN persons p ON p.id = c.person_id
		WHERE c.state = ANY ($1) ORDER BY `
	accountsWaiting = accountLines + `c.submitted_at, c.id LIMIT $2 OFFSET $3`
	accountsDone    = accountLines + `c.decided_at DESC, c.id LIMIT $2 OFFSET $3`
)

// Queue is a page of the accounts in some states.
func (s *Accounts) Queue(ctx context.Context, ask payment.AccountList, today calendar.Date) (page payment.AccountPage, err error) {
	states, linesSQL := make([]string, len(ask.States)), accountsDone
	for i, state := range ask.States {
		states[i] = string(state)
		if state == payment.ToVerify || state == payment.Verifying {
			linesSQL = accountsWaiting
		}
	}
	page.Counts = map[payment.AccountState]int{}
	var batch pgx.Batch
	batch.Queue(`
		SELECT state, count(*), count(*) FILTER (WHERE state IN ('to_verify', 'verifying') AND expected_by < $1)
		FROM payment_accounts WHERE state <> 'replaced' GROUP BY state`, today).
		Query(func(rows pgx.Rows) error {
			var state payment.AccountState
			var n, late int
			_, err := pgx.ForEachRow(rows, []any{&state, &n, &late}, func() error {
				page.Counts[state] = n
				page.Late += late
				return nil
			})
			return err
		})
	batch.Queue(linesSQL, states, payment.AccountsPerPage, (max(ask.Page, 1)-1)*payment.AccountsPerPage).
		Query(func(rows pgx.Rows) (err error) {
			page.Lines, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l payment.AccountLine, err error) {
				return l, row.Scan(append(accountFields(&l.Account), &l.Owner)...)
			})
			return err
		})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return page, fmt.Errorf("accounts: %w", translate(err))
	}
	for _, state := range ask.States {
		page.Total += page.Counts[state]
	}
	return page, nil
}

// See writes that somebody looked.
func (s *Accounts) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }
