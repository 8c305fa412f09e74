package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/indemnity"
)

// heirsPaying is how far the heirs of some cases are paid, each for their share: what of it
// was put into an order at some time.
const heirsPaying = `
	SELECT l.application_id, l.heir_id, coalesce(sum(l.amount_cents) FILTER (WHERE s.live OR s.back), 0)::bigint,
		coalesce(sum(l.amount_cents) FILTER (WHERE s.live), 0)::bigint, coalesce(sum(l.amount_cents) FILTER (WHERE l.order_state = 'paid'), 0)::bigint, bool_or(s.back),
		max(r.execute_on) FILTER (WHERE s.live), max(o.value_day) FILTER (WHERE l.order_state = 'paid')
	FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id JOIN payment_runs r ON r.id = o.run_id
	CROSS JOIN LATERAL (SELECT l.order_state IN ('sent', 'paid') AS live, l.order_state = 'returned' AND NOT EXISTS (
		SELECT FROM payment_lines n WHERE n.repairs = l.id AND n.order_state IN ('sent', 'paid')) AS back) s
	WHERE l.application_id = ANY ($1) AND l.heir_id IS NOT NULL AND l.order_state <> 'released' GROUP BY 1, 2`

// payingOf is how far some cases are paid.
func payingOf(ctx context.Context, db DB, cases []string) (map[indemnity.CaseID]indemnity.Paying, error) {
	rows, _ := db.Query(ctx, `
		SELECT a.id, e.payable_cents, l.ordered, l.paid, l.back, l.order_on, l.paid_on
		FROM indemnity_applications a JOIN indemnity_ranking_entries e ON e.ranking_id = a.ranking_id AND e.application_id = a.id
		CROSS JOIN LATERAL (
			SELECT coalesce(sum(l.amount_cents) FILTER (WHERE l.order_state IN ('sent', 'paid')), 0)::bigint AS ordered,
				coalesce(sum(l.amount_cents) FILTER (WHERE l.order_state = 'paid'), 0)::bigint AS paid,
				coalesce(bool_or(l.order_state = 'returned' AND NOT EXISTS (
					SELECT FROM payment_lines n WHERE n.repairs = l.id AND n.order_state IN ('sent', 'paid'))), false) AS back,
				max(r.execute_on) FILTER (WHERE l.order_state IN ('sent', 'paid')) AS order_on, max(o.value_day) FILTER (WHERE l.order_state = 'paid') AS paid_on
			FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id JOIN payment_runs r ON r.id = o.run_id
			WHERE l.application_id = a.id) l
		WHERE a.id = ANY ($1)`, cases)
	all := map[indemnity.CaseID]indemnity.Paying{}
	var of indemnity.CaseID
	var p indemnity.Paying
	_, err := pgx.ForEachRow(rows, []any{&of, (*int64)(&p.Payable), (*int64)(&p.Ordered), (*int64)(&p.Paid), &p.Back, &p.OrderOn, &p.PaidOn}, func() error {
		all[of] = p
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("how far cases are paid: %w", translate(err))
	}
	var heir indemnity.HeirID
	var share indemnity.Paying
	rows, _ = db.Query(ctx, heirsPaying, cases)
	_, err = pgx.ForEachRow(rows, []any{&of, &heir, (*int64)(&share.Payable), (*int64)(&share.Ordered), (*int64)(&share.Paid), &share.Back, &share.OrderOn, &share.PaidOn}, func() error {
		p := all[of]
		if p.Heirs == nil {
			p.Heirs = map[indemnity.HeirID]indemnity.Paying{}
		}
		p.Heirs[heir], all[of] = share, p
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("how far heirs are paid: %w", translate(err))
	}
	return all, nil
}
