package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
)

const (
	// nextRankingNumber is the next number of the call $2. Whoever asks has locked the call.
	nextRankingNumber = `(SELECT coalesce(max(number), 0) + 1 FROM (SELECT number FROM indemnity_rankings WHERE call_id = $2
		UNION ALL SELECT number FROM indemnity_ranking_orders WHERE call_id = $2) taken)`

	rankingOrders = `
		SELECT o.id, o.number, o.call_id, coalesce(o.corrects::text, ''), o.reason, coalesce(o.based_on::text, ''), o.rules, o.ordered_by, p.given_name || ' ' || p.family_name, o.ordered_at,
			o.state, o.attempts, o.refusal, o.ended_at
		FROM indemnity_ranking_orders o JOIN persons p ON p.id = o.ordered_by `
	orderByID      = rankingOrders + `WHERE o.id = $1`
	lastOrder      = rankingOrders + `WHERE o.call_id = $1 ORDER BY o.number DESC LIMIT 1`
	openTries      = rankingOrders + `WHERE o.based_on = $1 AND o.state <> 'made' ORDER BY o.number DESC`
	orderUnderWay  = rankingOrders + `WHERE o.state IN ('making', 'checking') ORDER BY o.ordered_at, o.id LIMIT 1`
	orderOfCall    = rankingOrders + `WHERE o.call_id = $1 AND o.state IN ('making', 'checking')`
	lockOfNumbers  = `SELECT FROM calls WHERE id = $1 FOR NO KEY UPDATE`
	beginOrder     = `UPDATE indemnity_ranking_orders SET attempts = attempts + 1 WHERE id = $1 AND state IN ('making', 'checking') RETURNING state, attempts`
	holdOrder      = `SELECT pg_try_advisory_xact_lock(hashtextextended('ranking order ' || $1, 0))`
	holdIdly       = `SET LOCAL idle_in_transaction_session_timeout = 0`
	orderedIsThere = `UPDATE indemnity_ranking_orders SET state = 'checking' WHERE id = $1 AND state = 'making'`
)

func scanRankingOrder(row pgx.CollectableRow) (o indemnity.OrderedRanking, err error) {
	return o, row.Scan(&o.ID, &o.Number, &o.Call, &o.Corrects, &o.Reason, &o.BasedOn, &o.Rules, &o.By.Person, &o.By.Name, &o.By.At,
		&o.State, &o.Attempts, &o.Refusal, (*zeronull.Timestamptz)(&o.EndedAt))
}

// StartOrder saves an order with the job that carries it out. Where one of the call is under
// way it is that one, unless one of the two is a scenario.
func (s *CallRankings) StartOrder(ctx context.Context, form once.Form, o indemnity.OrderedRanking, e audit.Entry) (indemnity.RankingID, error) {
	id, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, lockOfNumbers, string(o.Call)); err != nil {
			return "", err
		}
		switch other, err := rankingOrder(ctx, tx, orderOfCall, string(o.Call)); {
		case err == nil && other.Kind() == indemnity.TrueRanking && o.Kind() == indemnity.TrueRanking:
			return string(other.ID), nil
		case err == nil:
			return "", indemnity.ErrRankingUnderWay
		case !errors.Is(err, fault.ErrNotFound):
			return "", err
		}
		var batch pgx.Batch
		batch.Queue(`INSERT INTO indemnity_ranking_orders (id, call_id, number, corrects, reason, based_on, rules, ordered_by, ordered_at)
			SELECT $1, $2, `+nextRankingNumber+`, $3, $4, $5, $6, $7, $8`,
			string(o.ID), string(o.Call), optional(o.Corrects), o.Reason, optional(o.BasedOn), o.Rules, string(o.By.Person), o.By.At)
		batch.Queue(`INSERT INTO river_job (kind, args, queue, max_attempts) VALUES ('rank', '{}', 'rankings', 1)`)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		return string(o.ID), tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return "", fmt.Errorf("ask for a ranking: %w", err)
	}
	return indemnity.RankingID(id), nil
}

// Order is an order by the ranking that it makes; fault.ErrNotFound.
func (s *CallRankings) Order(ctx context.Context, id indemnity.RankingID) (indemnity.OrderedRanking, error) {
	return rankingOrder(ctx, s.pool, orderByID, string(id))
}

// LastOrder is the newest order of a call; fault.ErrNotFound.
func (s *CallRankings) LastOrder(ctx context.Context, id indemnity.CallID) (indemnity.OrderedRanking, error) {
	return rankingOrder(ctx, s.pool, lastOrder, string(id))
}

// OpenTries are the scenarios on a ranking that are under way or failed, newest first.
func (s *CallRankings) OpenTries(ctx context.Context, base indemnity.RankingID) ([]indemnity.OrderedRanking, error) {
	rows, _ := s.pool.Query(ctx, openTries, string(base))
	all, err := pgx.CollectRows(rows, scanRankingOrder)
	if err != nil {
		return nil, fmt.Errorf("scenarios asked for on ranking %s: %w", base, translate(err))
	}
	return all, nil
}

func rankingOrder(ctx context.Context, db DB, sql string, args ...any) (indemnity.OrderedRanking, error) {
	rows, _ := db.Query(ctx, sql, args...)
	o, err := pgx.CollectExactlyOneRow(rows, scanRankingOrder)
	if err != nil {
		return o, fmt.Errorf("order of a ranking: %w", translate(err))
	}
	return o, nil
}

// TakeOrder begins the oldest order under way and holds it by a lock that ends with this
// program, however it ends. That it was begun is kept meanwhile, outside of it.
func (s *CallRankings) TakeOrder(ctx context.Context, carryOut func(context.Context, indemnity.OrderedRanking) error) (found, left bool, err error) {
	rows, _ := s.pool.Query(ctx, orderUnderWay)
	o, err := pgx.CollectExactlyOneRow(rows, scanRankingOrder)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, true, fmt.Errorf("an order of a ranking: %w", translate(err))
	}
	gone := false
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, holdIdly); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, holdOrder, string(o.ID)).Scan(&found); err != nil || !found {
			return err
		}
		switch err := s.pool.QueryRow(ctx, beginOrder, string(o.ID)).Scan(&o.State, &o.Attempts); {
		case errors.Is(err, pgx.ErrNoRows): // somebody ended it just now
			gone = true
			return nil
		case err != nil:
			return err
		}
		return carryOut(ctx, o)
	})
	if err != nil {
		return false, true, fmt.Errorf("ranking %s: %w", o.ID, translate(err))
	}
	return found, !found && !gone, nil
}

// KeepOrdered saves the ranking of an order with its rows, and that it is there: once.
func (s *CallRankings) KeepOrdered(ctx context.Context, r indemnity.Ranking, made *indemnity.MadeRanking, e audit.Entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := copyEntries(ctx, tx, r.ID, made); err != nil {
			return err
		}
		if err := insertRanking(ctx, tx, r, e); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, orderedIsThere, string(r.ID))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep ranking %s: %w", r.ID, translate(err))
	}
	return nil
}

// EndOrder saves how an order ended, with what is to be written of it.
func (s *CallRankings) EndOrder(ctx context.Context, o indemnity.OrderedRanking, entries ...audit.Entry) error {
	var batch pgx.Batch
	batch.Queue(`UPDATE indemnity_ranking_orders SET state = $2, refusal = $3, ended_at = $4 WHERE id = $1`, string(o.ID), string(o.State), o.Refusal, o.EndedAt)
	for _, e := range entries {
		batch.Queue(insertEntry, entryValues(ctx, e)...)
	}
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("end the order of ranking %s: %w", o.ID, translate(err))
	}
	return nil
}
