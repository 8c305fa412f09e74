package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/auditor"
)

// bothRankings are the rankings of both programmes.
const (
	bothRankings = `
		SELECT * FROM (
			SELECT r.id, 'voucher', r.edition_id, r.number, coalesce(r.publication, 0), r.state, r.candidates, r.taken_at AS made_at, r.published_at
			FROM ranking_runs r WHERE r.state <> 'dropped'
			UNION ALL
			SELECT r.id, 'indemnity', r.call_id, r.number, coalesce(r.publication, 0), r.state, r.applications, r.simulated_at, r.published_at
			FROM indemnity_rankings r WHERE r.state <> 'dropped') r `
	rankingsOfBoth  = bothRankings + `ORDER BY made_at DESC, id`
	rankingOfEither = bothRankings + `WHERE id = $1`
)

func scanWatchedRanking(row pgx.CollectableRow) (r auditor.Ranking, err error) {
	return r, row.Scan(&r.ID, &r.Programme, &r.Of, &r.Number, &r.Publication, &r.State, &r.Applications, &r.MadeAt, (*zeronull.Timestamptz)(&r.PublishedAt))
}

// Rankings are those of both programmes from the newest, without dropped ones.
func (s *Register) Rankings(ctx context.Context) ([]auditor.Ranking, error) {
	rows, _ := s.pool.Query(ctx, rankingsOfBoth)
	all, err := pgx.CollectRows(rows, scanWatchedRanking)
	if err != nil {
		return nil, fmt.Errorf("rankings: %w", translate(err))
	}
	return all, nil
}

// Ranking is one of them; fault.ErrNotFound.
func (s *Register) Ranking(ctx context.Context, id string) (auditor.Ranking, error) {
	rows, _ := s.pool.Query(ctx, rankingOfEither, id)
	r, err := pgx.CollectExactlyOneRow(rows, scanWatchedRanking)
	if err != nil {
		return r, fmt.Errorf("ranking: %w", translate(err))
	}
	return r, nil
}
