package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portal/internal/payment"
)

const (
	// blockedCases are the orders of the run $1 for applications that are not to be paid any
	// more by $2, each with the first reason.
	blockedCases = `
	SELECT ` + creditColumns + `, h.hold
	FROM payment_orders o JOIN case_accounts c ON c.id = o.case_account_id JOIN payment_lines l ON l.order_id = o.id
	JOIN indemnity_applications a ON a.id = l.application_id
	JOIN indemnity_ranking_entries e ON e.ranking_id = l.ranking_id AND e.application_id = l.application_id
	CROSS JOIN LATERAL (SELECT CASE
		WHEN a.state <> 'funded' OR a.ranking_id <> l.ranking_id OR e.revoked THEN 'other_place'
		WHEN EXISTS (SELECT FROM indemnity_decisions w WHERE w.application_id = a.id AND w.state = 'proposed') THEN 'decision'
		WHEN (l.heir_id IS NULL) <> (a.died_on IS NULL) OR EXISTS (SELECT FROM successions s WHERE s.application_id = a.id AND s.state = 'proposed') THEN 'died'
		WHEN EXISTS (SELECT FROM heirs x WHERE x.id = l.heir_id AND x.removed_at IS NOT NULL) THEN 'heirs'
		WHEN c.state <> 'verified' OR (c.iban, c.holder) <> (o.iban, o.holder) THEN 'account_changed'
		WHEN c.usable_from > $2 THEN 'account_too_new'
		END AS hold) h
	WHERE o.run_id = $1 AND o.state = 'frozen' AND h.hold IS NOT NULL
	ORDER BY o.number`

	// caseStanding is how many orders of the run $1 are blocked, what they come to, and what
	// the places of all others are still worth.
	caseStanding = `
	SELECT (SELECT count(*) FROM blocked), (SELECT coalesce(sum(amount_cents), 0)::bigint FROM blocked),
		coalesce(sum(least(x.own, x.payable - x.elsewhere)), 0)::bigint
	FROM (
		SELECT sum(l.amount_cents) AS own, max(e.payable_cents) AS payable, (
			SELECT coalesce(sum(k.amount_cents), 0) FROM payment_lines k JOIN payment_orders q ON q.id = k.order_id
			WHERE k.application_id = l.application_id AND k.order_state IN ('frozen', 'sent', 'paid') AND q.run_id <> $1) AS elsewhere
		FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id
		JOIN indemnity_ranking_entries e ON e.ranking_id = l.ranking_id AND e.application_id = l.application_id
		WHERE o.run_id = $1 AND o.state <> 'released' AND o.id NOT IN (SELECT id FROM blocked)
		GROUP BY l.application_id) x`

	insertNamed = `
	INSERT INTO case_accounts (id, application_id, heir_id, iban, holder, state, given_at, usable_from, decided_by, decided_at)
	SELECT id, application, nullif(heir, '')::uuid, iban, holder, 'verified', given, given, decided_by, decided_at
	FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::uuid[], $8::timestamptz[])
		AS x (id, application, heir, iban, holder, given, decided_by, decided_at)`
	insertCaseOrders = `
	INSERT INTO payment_orders (id, run_id, number, end_to_end, payee_id, case_account_id, iban, holder, amount_cents)
	SELECT id, $1, number, $2 || '-' || lpad(number::text, 6, '0'), payee, account, iban, holder, cents
	FROM unnest($3::uuid[], $4::int[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::bigint[]) AS x (id, number, payee, account, iban, holder, cents)`
	insertCaseLines = `
	INSERT INTO payment_lines (order_id, application_id, heir_id, ranking_id, gross_cents, withholding_cents, set_off_cents, amount_cents, repairs)
	SELECT id, application, nullif(heir, '')::uuid, ranking, gross, tax, debts, gross - tax - debts, nullif(repairs, 0)
	FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
		AS x (id, application, heir, ranking, gross, tax, debts, repairs)`
)

// freezeCases freezes what the ranking of a call owes, an order for each payee of each
// application, and tells how many they are. What an application named as its account is
// kept on record with it.
func (s *PaymentRuns) freezeCases(ctx context.Context, tx pgx.Tx, r payment.Run, now time.Time) (int, error) {
	var ids, applications, heirs, rankings, payees, accounts, ibans, holders []string
	var numbers []int
	var gross, tax, debts, cents, repairs []int64
	var named namedAccounts
	err := owedOfCall(ctx, tx, r.Call, now, func(o *owed, due payment.Owed) {
		if due.Hold != "" {
			return
		}
		account := due.Payee.Account
		if account.ID == "" {
			account.ID = payment.AccountID(uuid.NewString())
			named.add(o.Application, due.Payee.Heir, account)
		}
		ids, applications, heirs, rankings = append(ids, uuid.NewString()), append(applications, o.Application), append(heirs, due.Payee.Heir), append(rankings, o.Ranking)
		payees, accounts, ibans, holders = append(payees, string(due.Payee.Person)), append(accounts, string(account.ID)), append(ibans, string(account.IBAN)), append(holders, account.Holder)
		gross, tax, debts = append(gross, int64(due.Gross)), append(tax, int64(due.Withholding)), append(debts, int64(due.SetOff))
		numbers, cents, repairs = append(numbers, len(ids)), append(cents, int64(due.Net())), append(repairs, due.Payee.Repairs)
	})
	if err != nil {
		return 0, err
	}
	if err := s.progress(ctx, r.ID, len(ids), 0); err != nil {
		return 0, err
	}
	if err := named.insert(ctx, tx); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, insertCaseOrders, string(r.ID), r.Message(), ids, numbers, payees, accounts, ibans, holders, cents); err != nil {
		return 0, err
	}
	for from := 0; from < len(ids); from += frozenAtOnce {
		to := min(from+frozenAtOnce, len(ids))
		if _, err := tx.Exec(ctx, insertCaseLines, ids[from:to], applications[from:to], heirs[from:to], rankings[from:to],
			gross[from:to], tax[from:to], debts[from:to], repairs[from:to]); err != nil {
			return 0, err
		}
		if err := s.progress(ctx, r.ID, len(ids), to); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// namedAccounts are accounts that applications named, and that are paid on now.
type namedAccounts struct {
	ids, applications, heirs, ibans, holders, deciders []string
	given, decided                                     []time.Time
}

func (n *namedAccounts) add(application, heir string, a payment.CaseAccount) {
	n.ids, n.applications, n.heirs = append(n.ids, string(a.ID)), append(n.applications, application), append(n.heirs, heir)
	n.ibans, n.holders, n.deciders = append(n.ibans, string(a.IBAN)), append(n.holders, a.Holder), append(n.deciders, string(a.DecidedBy))
	n.given, n.decided = append(n.given, a.GivenAt), append(n.decided, a.DecidedAt)
}

func (n *namedAccounts) insert(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, insertNamed, n.ids, n.applications, n.heirs, n.ibans, n.holders, n.given, n.deciders, n.decided)
	return err
}
