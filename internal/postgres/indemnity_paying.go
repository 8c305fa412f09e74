package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/indemnity"
)

// theseCases are the cases of a parameter. PostgreSQL does not look into the list to plan,
// so that it plans these statements once and not at each reading, which takes longer than
// to carry them out.
const theseCases = `ANY (ARRAY(SELECT unnest($1::uuid[])))`

const (
	// linesPaying are the sums of the lines l of a case.
	linesPaying = `coalesce(sum(l.amount_cents) FILTER (WHERE l.order_state IN ('sent', 'paid')), 0)::bigint AS ordered,
				coalesce(sum(l.amount_cents) FILTER (WHERE l.order_state = 'paid'), 0)::bigint AS paid,
				coalesce(bool_or(l.order_state = 'returned' AND NOT EXISTS (
					SELECT FROM payment_lines n WHERE n.repairs = l.id AND n.order_state IN ('sent', 'paid'))), false) AS back`

	// casesPaying is how far cases with money are paid.
	casesPaying = `
		SELECT a.id, e.payable_cents, l.ordered, l.paid, l.back, l.order_on, l.paid_on
		FROM indemnity_applications a JOIN indemnity_ranking_entries e ON e.ranking_id = a.ranking_id AND e.application_id = a.id
		CROSS JOIN LATERAL (
			SELECT ` + linesPaying + `,
				max(r.execute_on) FILTER (WHERE l.order_state IN ('sent', 'paid')) AS order_on, max(o.value_day) FILTER (WHERE l.order_state = 'paid') AS paid_on
			FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id JOIN payment_runs r ON r.id = o.run_id
			WHERE l.application_id = a.id) l
		WHERE a.id = ` + theseCases

	// heirsPaying is how far the heirs of some cases are paid, each for their share: what of
	// it was put into an order at some time.
	heirsPaying = `
		SELECT l.application_id, l.heir_id, coalesce(sum(l.amount_cents) FILTER (WHERE s.live OR s.back), 0)::bigint,
			coalesce(sum(l.amount_cents) FILTER (WHERE s.live), 0)::bigint, coalesce(sum(l.amount_cents) FILTER (WHERE l.order_state = 'paid'), 0)::bigint, bool_or(s.back),
			max(r.execute_on) FILTER (WHERE s.live), max(o.value_day) FILTER (WHERE l.order_state = 'paid')
		FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id JOIN payment_runs r ON r.id = o.run_id
		CROSS JOIN LATERAL (SELECT l.order_state IN ('sent', 'paid') AS live, l.order_state = 'returned' AND NOT EXISTS (
			SELECT FROM payment_lines n WHERE n.repairs = l.id AND n.order_state IN ('sent', 'paid')) AS back) s
		WHERE l.heir_id IS NOT NULL AND l.order_state <> 'released' AND l.application_id = ` + theseCases + ` GROUP BY 1, 2`
)

// payingOf is how far some cases are paid, and each of their heirs.
func payingOf(ctx context.Context, db DB, cases []string) (map[indemnity.CaseID]indemnity.Paying, error) {
	all := map[indemnity.CaseID]indemnity.Paying{}
	var of indemnity.CaseID
	var heir indemnity.HeirID
	var p indemnity.Paying
	fields := []any{(*int64)(&p.Payable), (*int64)(&p.Ordered), (*int64)(&p.Paid), &p.Back, &p.OrderOn, &p.PaidOn}
	var batch pgx.Batch
	batch.Queue(casesPaying, cases).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, append([]any{&of}, fields...), func() error {
			all[of] = p
			return nil
		})
		return err
	})
	batch.Queue(heirsPaying, cases).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, append([]any{&of, &heir}, fields...), func() error {
			whole := all[of]
			if whole.Heirs == nil {
				whole.Heirs = map[indemnity.HeirID]indemnity.Paying{}
			}
			whole.Heirs[heir], all[of] = p, whole
			return nil
		})
		return err
	})
	if err := db.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("how far cases and heirs are paid: %w", translate(err))
	}
	return all, nil
}
