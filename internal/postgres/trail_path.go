package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/voucher"
)

// countedPath is the way of the money of an edition, as it was counted at an instant.
type countedPath struct {
	at   time.Time
	rows []voucher.PathRow
}

const (
	// stage is Trace.Waypoint in SQL, on the day $2 and at the instant $3, but for what
	// waits for funds: that is counted by territory.
	stage = `CASE
		WHEN b.state = 'cancelled' THEN 'cancelled'
		WHEN l.order_state = 'paid' THEN 'paid'
		WHEN l.order_state IS NOT NULL THEN 'in_payment'
		WHEN b.state = 'booked' AND b.day > $2 THEN 'booked'
		WHEN b.state = 'booked' THEN 'to_confirm'
		WHEN b.claimed_cents IS NULL THEN 'to_invoice'
		WHEN i.state = 'to_correct' THEN 'to_correct'
		WHEN d.booking_id IS NOT NULL THEN 'disputed'
		WHEN i.state = 'in_review' THEN 'in_review'
		WHEN v.block_reason = 'fraud' THEN 'checked'
		WHEN c.state IS NULL AND (SELECT z.order_state FROM payment_lines z WHERE z.booking_id = b.id ORDER BY z.id DESC LIMIT 1) = 'returned' THEN 'returned'
		WHEN c.state = 'verified' AND c.usable_from <= $3 THEN 'payable'
		ELSE 'awaiting_account' END`
	stageFrom = ` FROM bookings b JOIN vouchers v ON v.id = b.voucher_id JOIN applications a ON a.id = v.application_id
		LEFT JOIN payment_lines l ON l.booking_id = b.id AND l.order_state IN ('frozen', 'sent', 'paid')
		LEFT JOIN invoice_sessions x ON x.booking_id = b.id AND x.live LEFT JOIN invoices i ON i.id = x.invoice_id
		LEFT JOIN (SELECT DISTINCT d.booking_id FROM disputes d WHERE ` + holdsMoney + `) d ON d.booking_id = b.id
		LEFT JOIN payment_accounts c ON c.person_id = b.professional_id AND c.state IN ('to_verify', 'verifying', 'verified')`
	pathSums = `SELECT v.territory, ` + stage + `, count(*), sum(coalesce(b.claimed_cents, b.amount_cents))::bigint` + stageFrom + `
		WHERE a.edition_id = $1 AND b.state <> 'cancelled' GROUP BY 1, 2`
	pathFunds = `SELECT ` + fundsColumns + ` FROM (SELECT $1::text AS edition_id, unnest($2::text[]) AS territory) g` + fundsLast
)

// PathRows is the money of an edition by territory and stage, counted no more than
// once a minute.
func (s *Trail) PathRows(ctx context.Context, of voucher.EditionID, now time.Time) ([]voucher.PathRow, error) {
	s.mu.Lock()
	before, known := s.paths[of]
	s.mu.Unlock()
	if age := now.Sub(before.at); known && age >= 0 && age < figuresKept {
		return before.rows, nil
	}
	rows := make([]voucher.PathRow, 0, len(voucher.Territories))
	at := map[string]int{}
	var batch pgx.Batch
	batch.Queue(pathFunds, string(of), voucher.Territories).Query(func(answer pgx.Rows) error {
		funds, err := pgx.CollectRows(answer, scanFunds)
		for i, f := range funds {
			at[f.Territory] = i
			rows = append(rows, voucher.PathRow{Funds: f, Of: map[voucher.Stage]voucher.Sum{}})
		}
		return err
	})
	batch.Queue(pathSums, string(of), calendar.On(now), now).Query(func(answer pgx.Rows) error {
		var territory string
		var on voucher.Stage
		var n int
		var amount money.Amount
		_, err := pgx.ForEachRow(answer, []any{&territory, &on, &n, &amount}, func() error {
			rows[at[territory]].Of[on] = voucher.Sum{Sessions: n, Amount: amount}
			return nil
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("the way of the money of %s: %w", of, translate(err))
	}
	s.mu.Lock()
	s.paths[of] = countedPath{now, rows}
	s.mu.Unlock()
	return rows, nil
}
