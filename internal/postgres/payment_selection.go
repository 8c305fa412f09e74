package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/payment"
)

// statements are how a programme finds what its runs are not to pay any more.
type statements struct {
	blockedSQL, holdSQL, standingSQL, leaveOutSQL string
}

// selections are those of the programmes.
var selections = map[payment.Programme]statements{
	payment.Indemnity: {
		blockedSQL:  blockedCases + ` LIMIT $3`,
		holdSQL:     `SELECT hold FROM (` + blockedCases + `) o WHERE id = $3`,
		standingSQL: `WITH blocked AS (` + blockedCases + `)` + caseStanding,
		leaveOutSQL: `WITH blocked AS (` + blockedCases + `)` + leaveOut,
	},
	payment.Voucher: {
		blockedSQL:  blockedVouchers + ` LIMIT $3`,
		holdSQL:     `SELECT hold FROM (` + blockedVouchers + `) o WHERE id = $3`,
		standingSQL: `WITH blocked AS (` + blockedVouchers + `)` + sumStanding,
		leaveOutSQL: `WITH blocked AS (` + blockedVouchers + `)` + leaveOut,
	},
}

const (
	// voucherClaims are what is due until the instant $1, in the territory $2 or everywhere
	// for '', at the instant $3, with what holds each back, NULL for nothing.
	voucherClaims = `
	SELECT b.id AS booking_id, s.invoice_id, i.number, i.received_at, i.professional_id AS payee_id, a.edition_id, v.territory,
		s.claimed_cents AS amount_cents, c.id AS account_id, c.iban, c.holder,
		CASE
			WHEN b.state <> 'held' OR b.claimed_cents IS DISTINCT FROM s.claimed_cents THEN 'ledger'
			WHEN i.state <> 'accepted' THEN i.state
			WHEN EXISTS (SELECT FROM disputes d WHERE d.booking_id = b.id AND ` + holdsMoney + `) THEN 'disputed'
			WHEN v.block_reason = 'fraud' THEN 'blocked'
			WHEN c.id IS NULL THEN 'no_account'
			WHEN c.state <> 'verified' THEN 'account_to_verify'
			WHEN c.usable_from > $3 THEN 'account_too_new'
		END AS hold
	FROM invoice_sessions s JOIN invoices i ON i.id = s.invoice_id AND i.state <> 'withdrawn'
	JOIN bookings b ON b.id = s.booking_id JOIN vouchers v ON v.id = b.voucher_id JOIN applications a ON a.id = v.application_id
	LEFT JOIN payment_accounts c ON c.person_id = i.professional_id AND c.state IN ('to_verify', 'verifying', 'verified')
	WHERE s.live AND NOT s.in_payment AND i.received_at < $1 AND ($2 = '' OR v.territory = $2)`

	// voucherHolds is what holds an order back by now that is in a run already: of the line
	// l, the order o and its account c, at the instant $2.
	voucherHolds = `
		CASE
			WHEN c.state <> 'verified' OR (c.iban, c.holder) <> (o.iban, o.holder) THEN 'account_changed'
			WHEN c.usable_from > $2 THEN 'account_too_new'
			ELSE (
				SELECT CASE
					WHEN b.state <> 'held' OR b.claimed_cents IS DISTINCT FROM l.amount_cents OR NOT s.live OR s.claimed_cents <> l.amount_cents
						OR i.state = 'withdrawn' THEN 'ledger'
					WHEN i.state <> 'accepted' THEN i.state
					WHEN EXISTS (SELECT FROM disputes d WHERE d.booking_id = b.id AND ` + holdsMoney + `) THEN 'disputed'
					WHEN v.block_reason = 'fraud' THEN 'blocked'
				END
				FROM bookings b JOIN vouchers v ON v.id = b.voucher_id JOIN invoices i ON i.id = l.invoice_id
				JOIN invoice_sessions s ON s.invoice_id = l.invoice_id AND s.booking_id = l.booking_id
				WHERE b.id = l.booking_id)
		END`

	// judgedVouchers are the claims with why each is held, NULL for what can be paid now. A
	// territory pays what its money reaches, in the order in which invoices were received:
	// nobody is paid before who waits for longer in the same territory.
	judgedVouchers = `
WITH claims AS (` + voucherClaims + `
), funds AS MATERIALIZED (
	SELECT p.edition_id, p.territory,
		(SELECT coalesce(sum(t.amount_cents), 0) FROM funding_transfers t WHERE t.edition_id = p.edition_id AND t.territory = p.territory)
		- (SELECT coalesce(sum(l.amount_cents), 0) FROM payment_lines l
			WHERE l.edition_id = p.edition_id AND l.territory = p.territory AND l.order_state IN ('frozen', 'sent', 'paid')) AS cents
	FROM (SELECT DISTINCT edition_id, territory FROM claims WHERE hold IS NULL) p
), judged AS (
	SELECT c.*, coalesce(c.hold, CASE
		WHEN sum(c.amount_cents) FILTER (WHERE c.hold IS NULL) OVER (
			PARTITION BY c.edition_id, c.territory ORDER BY c.received_at, c.booking_id ROWS UNBOUNDED PRECEDING) > coalesce(f.cents, 0) THEN 'funds'
		END) AS why
	FROM claims c LEFT JOIN funds f ON f.edition_id = c.edition_id AND f.territory = c.territory
) `
	dueTotals = `
		SELECT edition_id, territory, coalesce(why, ''), count(*), count(DISTINCT payee_id), sum(amount_cents)::bigint
		FROM judged GROUP BY edition_id, territory, why ORDER BY territory, edition_id, why NULLS FIRST`
	heldClaims = `
		SELECT p.given_name || ' ' || p.family_name, j.number, j.received_at, j.territory, j.amount_cents, j.why
		FROM judged j JOIN persons p ON p.id = j.payee_id
		WHERE j.why IS NOT NULL AND ($4 = '' OR j.why = $4)
		ORDER BY j.received_at, j.booking_id OFFSET $5 LIMIT $6`

	// blockedVouchers are the orders of the run $1 that are not to be paid any more, each
	// with the first reason.
	blockedVouchers = `
	SELECT DISTINCT ON (o.number) ` + creditColumns + `, h.hold
	FROM payment_orders o JOIN payment_accounts c ON c.id = o.account_id JOIN payment_lines l ON l.order_id = o.id
	CROSS JOIN LATERAL (SELECT ` + voucherHolds + ` AS hold) h
	WHERE o.run_id = $1 AND o.state = 'frozen' AND h.hold IS NOT NULL
	ORDER BY o.number, l.id`

	// sumStanding is how many orders of the run $1 are blocked, what they come to, and what the
	// ledger has of all others.
	sumStanding = `
	SELECT (SELECT count(*) FROM blocked), (SELECT coalesce(sum(amount_cents), 0)::bigint FROM blocked),
		coalesce(sum(b.claimed_cents) FILTER (WHERE b.state = 'held'), 0)::bigint
	FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id JOIN bookings b ON b.id = l.booking_id
	WHERE o.run_id = $1 AND o.state <> 'released' AND o.id NOT IN (SELECT id FROM blocked)`

	// leaveOut has what is blocked at $2 leave the run $1, each with its reason and an entry
	// of the register.
	leaveOut = `
	, released AS (
		UPDATE payment_orders o SET state = 'released', released_why = $3, released_hold = x.hold FROM blocked x WHERE o.id = x.id RETURNING o.id, o.payee_id)
	INSERT INTO audit (at, person_id, role, for_id, action, subject_id, about_id, request_id, from_address)
	SELECT $2, $4::uuid, $5, $4::uuid, $6, id, payee_id, $7, $8 FROM released`
)

// Totals is what is due by territory of an edition, or by a call, payable or held.
func (s *PaymentRuns) Totals(ctx context.Context, of payment.Selection, now time.Time) ([]payment.DueTotal, error) {
	if of.Programme == payment.Indemnity {
		return s.caseTotals(ctx, of.Call, now)
	}
	rows, _ := s.pool.Query(ctx, judgedVouchers+dueTotals, of.Until(), of.Territory, now)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t payment.DueTotal, err error) {
		return t, row.Scan(&t.Edition, &t.Territory, &t.Hold, &t.Lines, &t.Payees, (*int64)(&t.Amount))
	})
	if err != nil {
		return nil, fmt.Errorf("what is due: %w", translate(err))
	}
	return all, nil
}

// Held is a page of the claims that are held, for a reason or, for "", for any: the
// oldest first.
func (s *PaymentRuns) Held(ctx context.Context, of payment.Selection, now time.Time, why payment.Hold, page, size int) ([]payment.HeldClaim, error) {
	if of.Programme == payment.Indemnity {
		return s.caseHeld(ctx, of.Call, now, why, page, size)
	}
	rows, _ := s.pool.Query(ctx, judgedVouchers+heldClaims, of.Until(), of.Territory, now, string(why), (page-1)*size, size)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h payment.HeldClaim, err error) {
		return h, row.Scan(&h.Payee, &h.Number, &h.ReceivedAt, &h.Territory, (*int64)(&h.Amount), &h.Hold)
	})
	if err != nil {
		return nil, fmt.Errorf("what is held: %w", translate(err))
	}
	return all, nil
}

// Blocked are the first orders of a run that are not to be paid any more.
func (s *PaymentRuns) Blocked(ctx context.Context, id payment.RunID, now time.Time, most int) ([]payment.BlockedOrder, error) {
	r, err := s.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	all := []payment.BlockedOrder{}
	var b payment.BlockedOrder
	rows, _ := s.pool.Query(ctx, selections[r.Programme].blockedSQL, string(id), now, most)
	_, err = pgx.ForEachRow(rows, append(creditFields(&b.Order), &b.Hold), func() error {
		all = append(all, b)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what is not to be paid of run %s: %w", id, translate(err))
	}
	return all, nil
}

// HoldOf is why an order is not to be paid any more that was not sent yet, "" for
// nothing.
func (s *PaymentRuns) HoldOf(ctx context.Context, o payment.Order, now time.Time) (hold payment.Hold, err error) {
	r, err := s.Run(ctx, o.Run)
	if err != nil {
		return "", err
	}
	err = s.pool.QueryRow(ctx, selections[r.Programme].holdSQL, string(o.Run), now, string(o.ID)).Scan(&hold)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("what holds order %s: %w", o.ID, translate(err))
	}
	return hold, nil
}

// Freezing keeps orders and lines of a run of what is due at one instant: due is a table
// of this transaction alone.
const (
	dueTable = `
	CREATE TEMPORARY TABLE payment_due (
		place bigint, booking_id uuid, invoice_id uuid, received_at timestamptz, payee_id uuid, edition_id text, territory text,
		amount_cents bigint, account_id uuid, iban text, holder text) ON COMMIT DROP`
	insertDue = `
	INSERT INTO payment_due
	SELECT row_number() OVER (ORDER BY payee_id, booking_id), booking_id, invoice_id, received_at, payee_id, edition_id, territory, amount_cents, account_id, iban, holder
	FROM judged WHERE why IS NULL`
	insertOrders = `
	INSERT INTO payment_orders (run_id, number, end_to_end, payee_id, account_id, iban, holder, amount_cents)
	SELECT $1, n, $2 || '-' || lpad(n::text, 6, '0'), payee_id, account_id, iban, holder, cents
	FROM (
		SELECT payee_id, account_id, iban, holder, sum(amount_cents) AS cents, row_number() OVER (ORDER BY min(received_at), payee_id) AS n
		FROM payment_due GROUP BY payee_id, account_id, iban, holder) o
	ORDER BY n`
	insertLines = `
	INSERT INTO payment_lines (order_id, booking_id, invoice_id, edition_id, territory, amount_cents, repairs)
	SELECT o.id, d.booking_id, d.invoice_id, d.edition_id, d.territory, d.amount_cents,
		(SELECT max(l.id) FROM payment_lines l WHERE l.booking_id = d.booking_id AND l.order_state = 'returned')
	FROM payment_due d JOIN payment_orders o ON o.run_id = $1 AND o.payee_id = d.payee_id
	WHERE d.place > $2 AND d.place <= $3
	ORDER BY d.place`
)

// frozenAtOnce is how many lines are frozen before the progress is told.
const frozenAtOnce = 2000
