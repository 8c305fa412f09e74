package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"portal/internal/money"
	"portal/internal/voucher"
)

// purse is where the money of an edition lies: in a territory.
type purse struct {
	edition   voucher.EditionID
	territory string
}

// countedShort is the first claim that some money does not reach, as it was at an
// instant.
type countedShort struct {
	at    time.Time
	free  money.Amount
	short voucher.QueuePlace
}

// whenever is later than any invoice is received.
var whenever = pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}

// firstShort goes through what is due of an edition $4 in a territory $2 as a run does
// (see judged), up to the first claim that takes more than the cents $5.
const firstShort = `
	WITH claims AS (` + voucherClaims + `)
	SELECT received_at, booking_id FROM (
		SELECT received_at, booking_id, sum(amount_cents) OVER (ORDER BY received_at, booking_id ROWS UNBOUNDED PRECEDING) AS taken
		FROM claims WHERE hold IS NULL AND edition_id = $4) c
	WHERE taken > $5 ORDER BY received_at, booking_id LIMIT 1`

// short is the first claim of a territory that its free money does not reach. Until the
// money changes it is counted no more than once a minute: it is the same for everybody
// who is paid from there.
func (s *Trail) short(ctx context.Context, of purse, free money.Amount, now time.Time) (first voucher.QueuePlace, err error) {
	s.mu.Lock()
	before, known := s.shorts[of]
	s.mu.Unlock()
	if age := now.Sub(before.at); known && before.free == free && age >= 0 && age < figuresKept {
		return before.short, nil
	}
	err = s.pool.QueryRow(ctx, firstShort, whenever, of.territory, now, string(of.edition), free).Scan(&first.ReceivedAt, &first.Booking)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return first, fmt.Errorf("whom the money of %s reaches: %w", of.territory, translate(err))
	}
	s.mu.Lock()
	s.shorts[of] = countedShort{now, free, first}
	s.mu.Unlock()
	return first, nil
}
