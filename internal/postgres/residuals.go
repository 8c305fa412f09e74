package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/voucher"
)

// Residuals is the voucher.ResidualStore.
type Residuals struct {
	pool     *pgxpool.Pool
	editions *Editions
}

// NewResiduals is the store on a pool.
func NewResiduals(pool *pgxpool.Pool) *Residuals { return &Residuals{pool, NewEditions(pool)} }

// Where the money of the edition $1 is, in the territory $2 or in all where it is "".
const (
	transferredOf = `SELECT territory, sum(amount_cents)::bigint FROM funding_transfers
		WHERE edition_id = $1 AND ($2 = '' OR territory = $2) GROUP BY territory`
	grantedOf = `SELECT v.territory, sum(v.awarded_cents)::bigint, sum(v.used_cents)::bigint FROM vouchers v JOIN applications a ON a.id = v.application_id
		WHERE a.edition_id = $1 AND ($2 = '' OR v.territory = $2) GROUP BY v.territory`
	returnedOf = `SELECT v.territory, p.event, p.booking_id IS NOT NULL, sum(p.amount_cents)::bigint
		FROM postings p JOIN vouchers v ON v.id = p.voucher_id JOIN applications a ON a.id = v.application_id
		WHERE p.event IN ('expire', 'withdraw', 'lapse', 'end', 'reinstate') AND a.edition_id = $1 AND ($2 = '' OR v.territory = $2) GROUP BY 1, 2, 3`
	paidOf = `SELECT territory, sum(amount_cents)::bigint FROM payment_lines
		WHERE edition_id = $1 AND ($2 = '' OR territory = $2) AND order_state = 'paid' GROUP BY territory`
)

// residuals is the money of an edition, by territory; of one of them where it is named.
func residuals(ctx context.Context, db DB, e voucher.Edition, territory string) ([]voucher.Residual, error) {
	of := map[string]*voucher.Residual{}
	for name, amount := range e.Rules.Budget().Of {
		if territory == "" || name == territory {
			of[name] = &voucher.Residual{Territory: name, Budget: amount}
		}
	}
	var batch pgx.Batch
	var name string
	var amount, more money.Amount
	sums := func(sql string, args []any, fields []any, take func(r *voucher.Residual)) {
		batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, fields, func() error {
				if r := of[name]; r != nil {
					take(r)
				}
				return nil
			})
			return err
		})
	}
	here := []any{string(e.ID), territory}
	one := []any{&name, (*int64)(&amount)}
	sums(transferredOf, here, one, func(r *voucher.Residual) { r.Transferred = amount })
	sums(grantedOf, here, append(one[:2:2], (*int64)(&more)), func(r *voucher.Residual) { r.Granted, r.Used = amount, more })
	var event voucher.Event
	var ofSession bool
	sums(returnedOf, here, []any{&name, &event, &ofSession, (*int64)(&amount)}, func(r *voucher.Residual) {
		switch back := &r.Returned; {
		case event == voucher.Reinstated:
			r.Reinstated += amount
		case event == voucher.Ended || ofSession:
			back.Annulled += amount
		case event == voucher.GivenBack:
			back.Expired += amount
		case event == voucher.Renounced:
			back.Renounced += amount
		case event == voucher.Lapsing:
			back.Lapsed += amount
		}
	})
	sums(paidOf, here, one, func(r *voucher.Residual) { r.Paid = amount })
	sums(setAsideOf, here[:1], one, func(r *voucher.Residual) { r.SetAside = amount })
	if err := db.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("money of edition %s: %w", e.ID, translate(err))
	}
	all := make([]voucher.Residual, 0, len(of))
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, *of[name])
	}
	return all, nil
}

// heldResidual is the money of a territory, of which nobody else who asks so gives any
// until the transaction ends.
func heldResidual(ctx context.Context, tx pgx.Tx, e voucher.Edition, territory string) (voucher.Residual, error) {
	if err := holdMoney(ctx, tx, e.ID, territory); err != nil {
		return voucher.Residual{}, err
	}
	return residual(ctx, tx, e, territory)
}

// holdMoney is heldResidual without reading it.
func holdMoney(ctx context.Context, tx pgx.Tx, id voucher.EditionID, territory string) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('residual ' || $1 || ' ' || $2, 0))`, string(id), territory); err != nil {
		return fmt.Errorf("hold the money of %s: %w", territory, translate(err))
	}
	return nil
}

// residual is the money of a territory; nothing where it takes no part.
func residual(ctx context.Context, db DB, e voucher.Edition, territory string) (voucher.Residual, error) {
	all, err := residuals(ctx, db, e, territory)
	if err != nil || len(all) == 0 {
		return voucher.Residual{Territory: territory}, err
	}
	return all[0], nil
}

// Residuals is the money of an edition now, by territory.
func (s *Residuals) Residuals(ctx context.Context, e voucher.Edition) ([]voucher.Residual, error) {
	return residuals(ctx, s.pool, e, "")
}

// unrecorded are the published editions of which nothing is kept for the day $1.
const unrecorded = `SELECT e.id FROM editions e
	WHERE EXISTS (SELECT FROM ranking_runs r WHERE r.edition_id = e.id AND r.state IN ('published', 'superseded'))
		AND NOT EXISTS (SELECT FROM residuals d WHERE d.day = $1 AND d.edition_id = e.id) ORDER BY e.id`

// Record keeps what the territories of every published edition have now, as of the end
// of a day, unless it is kept already.
func (s *Residuals) Record(ctx context.Context, day calendar.Date) (recorded int, err error) {
	rows, _ := s.pool.Query(ctx, unrecorded, day)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) == 0 {
		return 0, translate(err)
	}
	editions, err := s.editions.Editions(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		all, err := s.Residuals(ctx, editions[voucher.EditionID(id)])
		if err != nil {
			return recorded, err
		}
		var batch pgx.Batch
		for _, r := range all {
			batch.Queue(`
				INSERT INTO residuals (day, edition_id, territory, budget_cents, transferred_cents, promised_cents, used_cents, paid_cents, set_aside_cents, available_cents)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
				day, id, r.Territory, r.Budget, r.Transferred, r.Promised(), r.Used, r.Paid, r.SetAside, r.Available())
		}
		if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
			return recorded, fmt.Errorf("keep the money of edition %s: %w", id, translate(err))
		}
		recorded++
	}
	return recorded, nil
}

// Series are the last days of a territory, newest first.
func (s *Residuals) Series(ctx context.Context, id voucher.EditionID, territory string, days int) ([]voucher.ResidualDay, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT day, budget_cents, transferred_cents, promised_cents, used_cents, paid_cents, set_aside_cents, available_cents
		FROM residuals WHERE edition_id = $1 AND territory = $2 ORDER BY day DESC LIMIT $3`, string(id), territory, days)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.ResidualDay])
	if err != nil {
		return nil, fmt.Errorf("days of %s: %w", territory, translate(err))
	}
	return all, nil
}

// ToClose is what is still to be closed of an edition on a day.
func (s *Residuals) ToClose(ctx context.Context, id voucher.EditionID, today calendar.Date) (c voucher.ToClose, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT count(*), coalesce(sum(b.amount_cents), 0)::bigint
		FROM vouchers v JOIN applications a ON a.id = v.application_id JOIN bookings b ON b.voucher_id = v.id
		WHERE v.invoice_by < $2 AND a.edition_id = $1 AND (b.state = 'booked' OR b.state = 'held' AND b.claimed_cents IS NULL)`,
		string(id), today).Scan(&c.Sessions, (*int64)(&c.Amount))
	if err != nil {
		return c, fmt.Errorf("sessions to close: %w", translate(err))
	}
	return c, nil
}
