package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/indemnity"
)

const (
	rankingPlaceless = `SELECT e.public_code, ` + rankedColumns + ` FROM indemnity_ranking_entries e
		WHERE e.ranking_id = $1 AND e.rank IS NULL ORDER BY e.protocol LIMIT $2`
	rankingSample = `SELECT e.public_code, ` + rankedColumns + ` FROM indemnity_ranking_entries e JOIN indemnity_rankings r ON r.id = e.ranking_id
		WHERE e.ranking_id = $1 AND e.rank IS NOT NULL ORDER BY sha256(r.result_digest || convert_to(e.protocol, 'UTF8')) LIMIT $2`
	rankingCosts = `
		SELECT rank, total FROM (
			SELECT e.rank, (sum(CASE WHEN $2 THEN e.net_cents ELSE e.gross_cents END) OVER (ORDER BY e.rank))::bigint AS total
			FROM indemnity_ranking_entries e WHERE e.ranking_id = $1 AND e.rank <= $4) sums
		WHERE rank >= $3 AND ((rank - $3) % $5 = 0 OR rank = $4) ORDER BY rank`
	toldOfRanking = `
		WITH concerned AS (
			SELECT application_id FROM indemnity_ranking_entries WHERE ranking_id = $1
			UNION ALL SELECT (x->>'case')::uuid FROM indemnity_rankings r CROSS JOIN jsonb_array_elements(r.exclusions) x WHERE r.id = $1
		)
		SELECT count(*) FROM messages m JOIN audit a ON a.id = m.entry_id JOIN concerned c ON c.application_id = a.subject_id
		WHERE a.action = ANY ($2) AND a.at = (SELECT published_at FROM indemnity_rankings WHERE id = $1)`
	callPublications = `
		SELECT call_id, publication, id, published_at, corrects IS NOT NULL, state = 'published'
		FROM indemnity_rankings WHERE publication IS NOT NULL ORDER BY call_id DESC, publication DESC`
	publicList = `SELECT text FROM indemnity_public_lists WHERE ranking_id = $1`
)

func scanPlace(row pgx.CollectableRow) (e indemnity.RankingEntry, err error) {
	err = row.Scan(append([]any{&e.Code}, rankedFields(&e.Case, &e.Result)...)...)
	e.Protocol = e.ID
	return e, err
}

// placesBy are places of a ranking that a query picks.
func (s *CallRankings) placesBy(ctx context.Context, sql, what string, args ...any) ([]indemnity.RankingEntry, error) {
	rows, _ := s.pool.Query(ctx, sql, args...)
	all, err := pgx.CollectRows(rows, scanPlace)
	if err != nil {
		return nil, fmt.Errorf("%s of a ranking: %w", what, translate(err))
	}
	return all, nil
}

// Places are the places of a ranking, from one to another.
func (s *CallRankings) Places(ctx context.Context, id indemnity.RankingID, from, to int) ([]indemnity.RankingEntry, error) {
	return s.placesBy(ctx, rankingPlaces, "places", string(id), from, to)
}

// Placeless are the cases of a ranking without a place.
func (s *CallRankings) Placeless(ctx context.Context, id indemnity.RankingID, most int) ([]indemnity.RankingEntry, error) {
	return s.placesBy(ctx, rankingPlaceless, "those without a place", string(id), most)
}

// Sample is some places of a ranking that anybody may draw again.
func (s *CallRankings) Sample(ctx context.Context, id indemnity.RankingID, most int) ([]indemnity.RankingEntry, error) {
	return s.placesBy(ctx, rankingSample, "sample", string(id), most)
}

// Costs are what the places of a ranking cost together up to each of them.
func (s *CallRankings) Costs(ctx context.Context, id indemnity.RankingID, basis indemnity.Basis, from, to, every int) ([]indemnity.RankCost, error) {
	rows, _ := s.pool.Query(ctx, rankingCosts, string(id), basis == indemnity.Net, from, to, max(every, 1))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.RankCost])
	if err != nil {
		return nil, fmt.Errorf("costs of a ranking: %w", translate(err))
	}
	return all, nil
}

// LeftOut counts the cases that a ranking does not wait for and that may still turn out to
// be suitable.
func (s *CallRankings) LeftOut(ctx context.Context, id indemnity.RankingID) (n int, err error) {
	if err := s.pool.QueryRow(ctx, `SELECT count(*)`+casesLeftOut, string(id)).Scan(&n); err != nil {
		return 0, fmt.Errorf("who a ranking does not wait for: %w", translate(err))
	}
	return n, nil
}

// Told counts the messages that the publication of a ranking has sent.
func (s *CallRankings) Told(ctx context.Context, id indemnity.RankingID) (n int, err error) {
	if err := s.pool.QueryRow(ctx, toldOfRanking, string(id), []string{string(indemnity.CaseRanked), string(indemnity.CaseLeftOut)}).Scan(&n); err != nil {
		return 0, fmt.Errorf("who was told of a ranking: %w", translate(err))
	}
	return n, nil
}

// Publications are the publications of all calls, the newest first.
func (s *CallRankings) Publications(ctx context.Context) ([]indemnity.CallPublication, error) {
	rows, _ := s.pool.Query(ctx, callPublications)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.CallPublication])
	if err != nil {
		return nil, fmt.Errorf("publications of calls: %w", translate(err))
	}
	return all, nil
}

// PublicList is what a publication tells everybody, as it was signed.
func (s *CallRankings) PublicList(ctx context.Context, id indemnity.RankingID) (text string, err error) {
	if err := s.pool.QueryRow(ctx, publicList, string(id)).Scan(&text); err != nil {
		return "", fmt.Errorf("public list of a ranking: %w", translate(err))
	}
	return text, nil
}
