package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
)

// partsWaiting is how much of each part of the work waits for somebody: of what is proposed,
// only what others had a hand in.
const partsWaiting = `
	SELECT 'outcomes', count(*) FROM indemnity_decisions WHERE state = 'proposed' AND proposed_by <> $1
	UNION ALL SELECT 'successions', count(*) FROM successions WHERE state = 'proposed' AND proposed_by <> $1
	UNION ALL SELECT 'reviews', count(*) FROM indemnity_reexaminations WHERE state = 'asked'
	UNION ALL SELECT 'review_ends', count(*) FROM indemnity_reexaminations WHERE state = 'proposed' AND proposed_by <> $1
	UNION ALL SELECT 'controls', count(*) FROM indemnity_controls WHERE state = 'open'
	UNION ALL SELECT 'samples', count(*) FROM control_samples WHERE state = 'proposed' AND proposed_by <> $1
	UNION ALL SELECT 'write_offs', count(*) FROM indemnity_recoveries WHERE state = 'open' AND proposed_by <> $1
	UNION ALL SELECT 'threads', count(*) FROM indemnity_threads t WHERE closed_at IS NULL
		AND NOT (SELECT m.by_office FROM indemnity_messages m WHERE m.thread_id = t.id ORDER BY m.at DESC, m.number DESC LIMIT 1)
	UNION ALL SELECT 'calls', count(*) FROM call_versions WHERE state = 'proposed' AND proposed_by <> $1 AND drafted_by IS DISTINCT FROM $1 AND $1 <> ALL (authors)
	UNION ALL SELECT 'texts', count(*) FROM text_versions WHERE state = 'proposed' AND proposed_by <> $1
	UNION ALL SELECT 'rankings', count(*) FROM indemnity_rankings WHERE state = 'proposed' AND $1 NOT IN (simulated_by, proposed_by)
	UNION ALL SELECT 'publications', count(*) FROM indemnity_rankings WHERE state = 'approved' AND $1 NOT IN (simulated_by, proposed_by, decided_by)
	UNION ALL SELECT 'accounts', count(*) FROM case_accounts WHERE state = 'to_verify'
	UNION ALL SELECT 'runs', count(*) FROM payment_runs WHERE programme = 'indemnity' AND state = 'proposed' AND $1 NOT IN (prepared_by, proposed_by)
	UNION ALL SELECT 'sendings', count(*) FROM payment_runs WHERE programme = 'indemnity' AND state = 'approved' AND $1 NOT IN (prepared_by, proposed_by, decided_by)`

// Waiting is how much of each part waits for somebody.
func (s *IndemnityWork) Waiting(ctx context.Context, who identity.PersonID) (map[indemnity.WorkPart]int, error) {
	all := map[indemnity.WorkPart]int{}
	var part string
	var n int
	rows, _ := s.files.pool.Query(ctx, partsWaiting, string(who))
	_, err := pgx.ForEachRow(rows, []any{&part, &n}, func() error {
		all[indemnity.WorkPart(part)] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what waits at the office: %w", translate(err))
	}
	return all, nil
}

// officerLoads reads the cases under way alone, in their index.
const officerLoads = `
	SELECT coalesce(p.given_name || ' ' || p.family_name, ''), a.days FROM (
		SELECT officer_id, ARRAY[count(*) FILTER (WHERE submitted_at >= $1), count(*) FILTER (WHERE submitted_at >= $2 AND submitted_at < $1),
			count(*) FILTER (WHERE submitted_at >= $3 AND submitted_at < $2), count(*) FILTER (WHERE submitted_at < $3)] AS days
		FROM indemnity_applications WHERE ` + underWay + ` GROUP BY officer_id) a
	LEFT JOIN persons p ON p.id = a.officer_id ORDER BY p.id IS NOT NULL, p.family_name, p.given_name, p.id`

// Load is how the undecided cases lie among the officers on a day, by their age.
func (s *IndemnityWork) Load(ctx context.Context, today calendar.Date) (all []indemnity.OfficerLoad, err error) {
	var since [3]any
	for i, days := range indemnity.LoadAges {
		since[i] = today.Add(-days).Start()
	}
	var load indemnity.OfficerLoad
	var ages []int
	rows, _ := s.files.pool.Query(ctx, officerLoads, since[:]...)
	_, err = pgx.ForEachRow(rows, []any{&load.Officer, &ages}, func() error {
		copy(load.Ages[:], ages)
		all = append(all, load)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load of the officers: %w", translate(err))
	}
	return all, nil
}
