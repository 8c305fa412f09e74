package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/voucher"
)

// runRows are the rows of the run $1 with the first bytes of the digest of each: whatever
// column of it changes, they do. Its columns are those of ranking_entries.
const runRows = `
	SELECT e.application_id, a.protocol, e.territory, coalesce(e.isee_cents, 0), e.isee_status, (extract(epoch FROM e.submitted_at) * 1000000)::bigint,
		e.kept_cents, e.completes, e.ground, coalesce(e.rank, 0), e.decided, e.entitled_cents, e.awarded_cents, e.residual_cents,
		substr(sha256(convert_to(ROW(e.application_id, e.territory, e.isee_cents, e.isee_status, to_char(e.submitted_at AT TIME ZONE 'UTC', 'BC YYYY-MM-DD HH24:MI:SS.US'),
			e.kept_cents, e.completes, e.ground, e.rank, e.decided, e.entitled_cents, e.awarded_cents, e.residual_cents)::text, 'UTF8')), 1, 16)
	FROM ranking_entries e JOIN applications a ON a.id = e.application_id WHERE e.run_id = $1 ORDER BY e.application_id`

// Kept reads the rows of a run with their seals.
func (s *Rankings) Kept(ctx context.Context, id voucher.RunID) (k voucher.KeptRun, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT (SELECT rows FROM ranking_seals WHERE run_id = $1)`, string(id)).Scan(&k.Sealed); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, runRows, string(id))
		var c voucher.Candidate
		var o voucher.Outcome
		var protocol string
		var seal []byte
		fields := append([]any{&c.ID, &protocol, &c.Territory, (*int64)(&c.ISEE), &c.ISEEStatus, &c.SubmittedAt, (*int64)(&c.Kept), &c.Completes}, outcomeFields(&o)...)
		_, err := pgx.ForEachRow(rows, append(fields, &seal), func() error {
			k.Candidates, k.Outcomes, k.Protocols = append(k.Candidates, c), append(k.Outcomes, o), append(k.Protocols, protocol)
			k.Rows = append(k.Rows, seal...)
			return nil
		})
		return err
	})
	if err != nil {
		return voucher.KeptRun{}, fmt.Errorf("rows of run %s: %w", id, translate(err))
	}
	return k, nil
}

// RunsToSeal are the runs whose rows nobody has sealed yet.
func (s *Rankings) RunsToSeal(ctx context.Context) ([]voucher.RunID, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT r.id FROM ranking_runs r WHERE r.state <> 'dropped' AND NOT EXISTS (SELECT FROM ranking_seals l WHERE l.run_id = r.id) ORDER BY r.taken_at, r.id`)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[voucher.RunID])
	if err != nil {
		return nil, fmt.Errorf("runs to seal: %w", translate(err))
	}
	return ids, nil
}

// SealRows keeps the seals of the rows of a run. Done twice, it changes nothing.
func (s *Rankings) SealRows(ctx context.Context, id voucher.RunID, rows []byte, now time.Time) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO ranking_seals (run_id, rows, sealed_at) VALUES ($1, $2, $3) ON CONFLICT (run_id) DO NOTHING`, string(id), rows, now)
	if err != nil {
		return fmt.Errorf("seal run %s: %w", id, translate(err))
	}
	return nil
}
