package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"portal/internal/payment"
)

// eachOf goes through the rows of a query without keeping them. What it yields is good
// until the next one.
func eachOf[T any](ctx context.Context, db DB, fields func(*T) []any, sql string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		rows, err := db.Query(ctx, sql, args...)
		if err == nil {
			defer rows.Close()
			var v T
			for into := fields(&v); rows.Next(); {
				if err = rows.Scan(into...); err != nil || !yield(v, nil) {
					break
				}
			}
			if err == nil {
				err = rows.Err()
			}
		}
		if err != nil {
			var none T
			yield(none, translate(err))
		}
	}
}

// eachOrder goes through what the file of a run has in it: all that was not released.
func eachOrder(ctx context.Context, db DB, id payment.RunID) iter.Seq2[payment.Order, error] {
	return eachOf(ctx, db, creditFields, `SELECT `+creditColumns+` FROM payment_orders o WHERE o.run_id = $1 AND o.state <> 'released' ORDER BY o.number`, string(id))
}

const (
	selectRows = `
	SELECT ` + creditColumns + `, l.booking_id, l.invoice_id, l.edition_id, l.territory, l.amount_cents, coalesce(l.repairs, 0), ` + shareColumns + `
	FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id LEFT JOIN indemnity_applications a ON a.id = l.application_id WHERE o.run_id = $1 `
	// shareColumns are what a line l pays of an application a, if it does.
	shareColumns = `coalesce(l.application_id::text, ''), coalesce(a.protocol, ''), coalesce(l.ranking_id::text, ''), coalesce(l.heir_id::text, ''),
		coalesce(l.gross_cents, 0), coalesce(l.withholding_cents, 0), coalesce(l.set_off_cents, 0)`
)

func rowFields(r *payment.Row) []any {
	return append(append(creditFields(&r.Order), (*nullText)(&r.Line.Booking), (*nullText)(&r.Line.Invoice), (*nullText)(&r.Line.Edition), (*nullText)(&r.Line.Territory),
		(*int64)(&r.Line.Amount), &r.Line.Repairs), shareFields(&r.Line.Share)...)
}

func shareFields(s *payment.Share) []any {
	return []any{&s.Application, &s.Protocol, &s.Ranking, &s.Heir, (*int64)(&s.Gross), (*int64)(&s.Withholding), (*int64)(&s.SetOff)}
}

// eachRow goes through what a run pays: what was released is not in it.
func eachRow(ctx context.Context, db DB, id payment.RunID) iter.Seq2[payment.Row, error] {
	return eachOf(ctx, db, rowFields, selectRows+`AND o.state <> 'released' ORDER BY o.number, l.booking_id, l.id`, string(id))
}

// EachOrder goes through what the file of a run has in it, by number.
func (s *PaymentRuns) EachOrder(ctx context.Context, id payment.RunID) iter.Seq2[payment.Order, error] {
	return eachOrder(ctx, s.pool, id)
}

// EachRow goes through the lines of a run, also of orders that were released, by number
// of the order and session.
func (s *PaymentRuns) EachRow(ctx context.Context, id payment.RunID) iter.Seq2[payment.Row, error] {
	return eachOf(ctx, s.pool, rowFields, selectRows+`ORDER BY o.number, l.booking_id, l.id`, string(id))
}

// Regions is what a run pays by territory of an edition; nothing for one of the indemnity.
func (s *PaymentRuns) Regions(ctx context.Context, id payment.RunID) ([]payment.RegionTotal, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT l.edition_id, l.territory, count(*), sum(l.amount_cents)::bigint
		FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id
		WHERE o.run_id = $1 AND o.state <> 'released' AND l.edition_id IS NOT NULL GROUP BY l.edition_id, l.territory ORDER BY l.territory, l.edition_id`, string(id))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[payment.RegionTotal])
	if err != nil {
		return nil, fmt.Errorf("territories of payment run %s: %w", id, translate(err))
	}
	return all, nil
}

// Orders is a page of the orders of a run, in a state or, for "", in any, by number,
// and how many orders are in which state.
func (s *PaymentRuns) Orders(ctx context.Context, id payment.RunID, in payment.OrderState, page, size int) ([]payment.Order, map[payment.OrderState]int, error) {
	counts := map[payment.OrderState]int{}
	orders := []payment.Order{}
	var batch pgx.Batch
	batch.Queue(`SELECT state, count(*) FROM payment_orders WHERE run_id = $1 GROUP BY state`, string(id)).Query(func(rows pgx.Rows) error {
		var state payment.OrderState
		var n int
		_, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error {
			counts[state] = n
			return nil
		})
		return err
	})
	batch.Queue(`
		SELECT `+creditColumns+`, (SELECT count(*) FROM payment_lines l WHERE l.order_id = o.id), `+shareColumns+`
		FROM payment_orders o LEFT JOIN payment_lines l ON l.order_id = o.id AND l.application_id IS NOT NULL LEFT JOIN indemnity_applications a ON a.id = l.application_id
		WHERE o.run_id = $1 AND ($2 = '' OR o.state = $2) ORDER BY o.number OFFSET $3 LIMIT $4`,
		string(id), string(in), (page-1)*size, size).Query(func(rows pgx.Rows) error {
		var o payment.Order
		_, err := pgx.ForEachRow(rows, append(append(creditFields(&o), &o.Lines), shareFields(&o.Of)...), func() error {
			orders = append(orders, o)
			return nil
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, nil, fmt.Errorf("orders of payment run %s: %w", id, translate(err))
	}
	return orders, counts, nil
}
