package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Transfers is what was sent to INPS for an edition, newest first.
func (s *Editions) Transfers(ctx context.Context, of voucher.EditionID) ([]voucher.Transfer, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT t.id, t.edition_id, t.territory, t.amount_cents, t.received_on, t.act, t.tranche, coalesce(t.reverses::text, ''),
			EXISTS (SELECT FROM funding_transfers b WHERE b.reverses = t.id),
			t.recorded_by, p.given_name || ' ' || p.family_name, t.recorded_at
		FROM funding_transfers t JOIN persons p ON p.id = t.recorded_by
		WHERE t.edition_id = $1 ORDER BY t.recorded_at DESC, t.id`, string(of))
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t voucher.Transfer, err error) {
		err = row.Scan(&t.ID, &t.Edition, &t.Territory, &t.Amount, &t.ReceivedOn, &t.Act, &t.Tranche, &t.Reverses, &t.Reversed, &t.By.Person, &t.By.Name, &t.By.At)
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("transfers for %s: %w", of, translate(err))
	}
	return all, nil
}

// Promised is what the vouchers of an edition are worth by territory, less what
// came back from them.
func (s *Editions) Promised(ctx context.Context, of voucher.EditionID) (map[string]money.Amount, error) {
	return s.byTerritory(ctx, of, `
		SELECT v.territory, sum(v.awarded_cents - v.returned_cents)::bigint
		FROM vouchers v JOIN applications a ON a.id = v.application_id
		WHERE a.edition_id = $1 GROUP BY v.territory`)
}

// PaidOut is what was paid for an edition by territory.
func (s *Editions) PaidOut(ctx context.Context, of voucher.EditionID) (map[string]money.Amount, error) {
	return s.byTerritory(ctx, of, `
		SELECT territory, sum(amount_cents)::bigint FROM payment_lines
		WHERE edition_id = $1 AND order_state = 'paid' GROUP BY territory`)
}

// byTerritory is amounts of an edition by territory.
func (s *Editions) byTerritory(ctx context.Context, of voucher.EditionID, sql string) (map[string]money.Amount, error) {
	rows, _ := s.pool.Query(ctx, sql, string(of))
	amounts := map[string]money.Amount{}
	var territory string
	var amount money.Amount
	_, err := pgx.ForEachRow(rows, []any{&territory, &amount}, func() error {
		amounts[territory] = amount
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the money of %s by territory: %w", of, translate(err))
	}
	return amounts, nil
}

// RecordTransfer saves a transfer, or the reversal of one.
func (s *Editions) RecordTransfer(ctx context.Context, form once.Form, t voucher.Transfer, e audit.Entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, done, err := outcomeOf(ctx, tx, form); done || err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO funding_transfers (id, edition_id, territory, amount_cents, received_on, act, tranche, reverses, recorded_by, recorded_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			string(t.ID), string(t.Edition), t.Territory, t.Amount, t.ReceivedOn, t.Act, t.Tranche, optional(t.Reverses), string(t.By.Person), t.By.At)
		if err != nil {
			return err
		}
		return sent(ctx, tx, form, string(t.ID), e)
	})
	switch {
	case violated(err) == "transfer_is_reversed_once":
		return voucher.ErrTransferReversed
	case violated(err) == "transfer_in_a_payment_stays":
		return voucher.ErrTransferPaid
	case violated(err) == "form_acts_once":
		return nil // the same form, sent twice at once: the other was stored
	case err != nil:
		return fmt.Errorf("record a transfer for %s: %w", t.Edition, translate(err))
	}
	return nil
}
