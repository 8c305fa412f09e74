package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/calendar"
	"portal/internal/office"
)

// pastItsTime are the things of each class that two people decide on, with the day from
// which their time runs, whose they are, and whether they are held: a case that has ended
// in every way, and whoever's it is. Of a paper, that still has its file.
const pastItsTime = `
	WITH cases AS (
		SELECT x.id, x.member_id AS person_id, CASE WHEN x.state IN ('funded', 'revoked') THEN 'case_papers_paid' WHEN x.state = 'inadmissible' THEN 'case_papers_inadmissible' ELSE 'case_papers_unpaid' END AS class,
			(greatest(x.submitted_at, x.withdrawn_at,
				(SELECT max(d.decided_at) FROM indemnity_decisions d WHERE d.application_id = x.id),
				(SELECT max(r.published_at) FROM indemnity_rankings r WHERE r.id = x.ranking_id),
				(SELECT max(c.ended_at) FROM indemnity_controls c WHERE c.application_id = x.id),
				(SELECT max(v.closed_at) FROM indemnity_recoveries v WHERE v.application_id = x.id),
				(SELECT max(coalesce(q.decided_at, q.withdrawn_at)) FROM indemnity_reexaminations q WHERE q.application_id = x.id),
				(SELECT max(o.outcome_at) FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id WHERE l.application_id = x.id)) AT TIME ZONE 'Europe/Rome')::date AS since
		FROM indemnity_applications x
		WHERE x.state IN ('inadmissible', 'not_eligible', 'forfeited', 'withdrawn', 'unfunded', 'funded', 'revoked')
			AND NOT EXISTS (SELECT FROM indemnity_decisions d WHERE d.application_id = x.id AND d.state = 'proposed')
			AND NOT EXISTS (SELECT FROM indemnity_controls c WHERE c.application_id = x.id AND c.state = 'open')
			AND NOT EXISTS (SELECT FROM indemnity_recoveries v WHERE v.application_id = x.id AND v.state = 'open')
			AND NOT EXISTS (SELECT FROM indemnity_reexaminations q WHERE q.application_id = x.id AND (q.state IN ('asked', 'proposed') OR q.set_aside_cents > 0))
			AND (x.state <> 'funded' OR EXISTS (SELECT FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id WHERE l.application_id = x.id AND o.state = 'paid'))
			AND NOT EXISTS (SELECT FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id WHERE l.application_id = x.id AND o.state IN ('frozen', 'sent'))
	), things AS (
		SELECT c.class, a.id, c.since, c.id AS subject_id, c.person_id
		FROM cases c JOIN attachments a ON a.subject_id = c.id OR a.subject_id IN (SELECT q.id FROM indemnity_reexaminations q WHERE q.application_id = c.id)
		WHERE a.erased_at IS NULL
		UNION ALL
		SELECT 'review_papers', a.id, (coalesce(x.decided_at, x.asked_at) AT TIME ZONE 'Europe/Rome')::date, x.application_id, p.beneficiary_id
		FROM reexaminations x JOIN applications p ON p.id = x.application_id JOIN attachments a ON a.subject_id = x.id
		WHERE a.erased_at IS NULL AND x.state IN ('granted', 'denied', 'withdrawn') AND (x.set_aside_cents = 0 OR x.carried_out_by IS NOT NULL)
		UNION ALL
		SELECT 'messages', m.id, (m.sent_at AT TIME ZONE 'Europe/Rome')::date, e.subject_id, m.recipient_id FROM messages m JOIN audit e ON e.id = m.entry_id
	), due AS (
		SELECT t.class, t.id, t.since, EXISTS (SELECT FROM legal_holds h WHERE h.ended_at IS NULL AND (h.subject_id = t.subject_id OR h.person_id = t.person_id)) AS held
		FROM things t JOIN retention_rules r ON r.class = t.class AND r.way = 'decided'
		WHERE t.since + r.kept_for <= $1::date)`

const (
	dueOfClass  = pastItsTime + ` SELECT id FROM due WHERE class = $2 AND NOT held`
	dueByYear   = pastItsTime + ` SELECT extract(year FROM since)::int, count(*)::int FROM due WHERE class = $2 AND NOT held GROUP BY 1 ORDER BY 1`
	retentionOn = pastItsTime + `, other AS (
		SELECT 'drafts' AS class, least(min(saved_at)) AS since, count(*) AS n FROM (
			SELECT saved_at FROM application_drafts WHERE sent_as IS NULL UNION ALL SELECT saved_at FROM indemnity_drafts WHERE sent_at IS NULL) d WHERE saved_at < $1::date - interval '180 days'
		UNION ALL SELECT 'unsent_papers', min(p.added_at), count(*) FROM indemnity_papers p JOIN indemnity_requests q ON q.id = p.request_id
			WHERE q.state = 'cancelled' AND p.sent_at IS NULL AND p.added_at < $1::date - interval '180 days'
		UNION ALL SELECT 'review_drafts', min(saved_at), count(*) FROM (
			SELECT saved_at FROM reexamination_drafts UNION ALL SELECT saved_at FROM indemnity_reexamination_drafts) d WHERE saved_at < $1::date - interval '60 days'
		UNION ALL SELECT 'forms', min(at), count(*) FROM submissions WHERE at < $1::date - interval '30 days'
		UNION ALL SELECT 'logins', min(expiry), count(*) FROM sessions WHERE expiry < now()
	), counts AS (
		SELECT class, count(*) FILTER (WHERE NOT held) AS n, min(since) FILTER (WHERE NOT held) AS since, count(*) FILTER (WHERE held) AS held FROM due GROUP BY class
		UNION ALL SELECT class, n, (since AT TIME ZONE 'Europe/Rome')::date, 0 FROM other)
	SELECT r.class, r.way, coalesce(extract(year FROM r.kept_for), 0)::int, coalesce(extract(month FROM r.kept_for), 0)::int, coalesce(extract(day FROM r.kept_for), 0)::int, r.source,
		coalesce(c.n, 0)::int, c.since, coalesce(c.held, 0)::int, (SELECT e.id FROM erasures e WHERE e.class = r.class AND e.state IN ('proposed', 'approved'))
	FROM retention_rules r LEFT JOIN counts c USING (class) ORDER BY r.place`
)

// Classes is every class as it stands on a day.
func (s *Administration) Classes(ctx context.Context, today calendar.Date) ([]office.ClassStanding, error) {
	rows, _ := s.pool.Query(ctx, retentionOn, today)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c office.ClassStanding, err error) {
		return c, row.Scan(&c.Class, &c.Way, &c.Years, &c.Months, &c.Days, &c.Source, &c.Due, &c.Oldest, &c.Held, (*nullText)(&c.Open))
	})
	if err != nil {
		return nil, fmt.Errorf("retention: %w", translate(err))
	}
	return all, nil
}

// ByYear counts what is due of a class on a day, without what is held.
func (s *Administration) ByYear(ctx context.Context, of office.Class, today calendar.Date) ([]office.YearCount, error) {
	rows, _ := s.pool.Query(ctx, dueByYear, today, string(of))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[office.YearCount])
	if err != nil {
		return nil, fmt.Errorf("retention of %s: %w", of, translate(err))
	}
	return all, nil
}

const erasuresFrom = `
	SELECT x.id, x.class, x.cut_on, x.things, (SELECT count(*) FROM erasure_things t WHERE t.erasure_id = x.id AND t.erased_at IS NOT NULL)::int, x.grounds,
		x.proposed_by, a.given_name || ' ' || a.family_name, x.proposed_at, x.state,
		x.decided_by, coalesce(d.given_name || ' ' || d.family_name, ''), x.decided_at, x.why, x.ended_at, coalesce(x.found, 0)
	FROM erasures x JOIN persons a ON a.id = x.proposed_by LEFT JOIN persons d ON d.id = x.decided_by`

func scanErasure(row pgx.CollectableRow) (x office.Erasure, err error) {
	return x, row.Scan(&x.ID, &x.Class, &x.Cut, &x.Things, &x.Erased, &x.Grounds, &x.Proposed.Person, &x.Proposed.Name, &x.Proposed.At, &x.State,
		(*nullText)(&x.Decided.Person), &x.Decided.Name, (*zeronull.Timestamptz)(&x.Decided.At), &x.Why, (*zeronull.Timestamptz)(&x.Ended), &x.Found)
}

// Erasures lists those that were proposed, the latest first.
func (s *Administration) Erasures(ctx context.Context) ([]office.Erasure, error) {
	rows, _ := s.pool.Query(ctx, erasuresFrom+` ORDER BY x.proposed_at DESC, x.id`)
	all, err := pgx.CollectRows(rows, scanErasure)
	if err != nil {
		return nil, fmt.Errorf("erasures: %w", translate(err))
	}
	return all, nil
}

// Erasure is one of them.
func (s *Administration) Erasure(ctx context.Context, id office.ErasureID) (office.Erasure, error) {
	rows, _ := s.pool.Query(ctx, erasuresFrom+` WHERE x.id = $1`, string(id))
	x, err := pgx.CollectExactlyOneRow(rows, scanErasure)
	if err != nil {
		return x, fmt.Errorf("erasure: %w", translate(err))
	}
	return x, nil
}

// Approved are the erasures to do.
func (s *Administration) Approved(ctx context.Context) ([]office.ErasureID, error) {
	rows, _ := s.pool.Query(ctx, `SELECT id FROM erasures WHERE state = 'approved' ORDER BY decided_at`)
	all, err := pgx.CollectRows(rows, pgx.RowTo[office.ErasureID])
	if err != nil {
		return nil, fmt.Errorf("approved erasures: %w", translate(err))
	}
	return all, nil
}

const holdsFrom = `
	SELECT h.id, h.protocol, h.reason, h.placed_by, a.given_name || ' ' || a.family_name, h.placed_at,
		h.ended_by, coalesce(d.given_name || ' ' || d.family_name, ''), h.ended_at, h.ended_why
	FROM legal_holds h JOIN persons a ON a.id = h.placed_by LEFT JOIN persons d ON d.id = h.ended_by`

func scanHold(row pgx.CollectableRow) (h office.Hold, err error) {
	return h, row.Scan(&h.ID, &h.Protocol, &h.Reason, &h.Placed.Person, &h.Placed.Name, &h.Placed.At,
		(*nullText)(&h.Ended.Person), &h.Ended.Name, (*zeronull.Timestamptz)(&h.Ended.At), &h.Why)
}

// Holds lists every hold, those that hold first.
func (s *Administration) Holds(ctx context.Context) ([]office.Hold, error) {
	rows, _ := s.pool.Query(ctx, holdsFrom+` ORDER BY h.ended_at IS NOT NULL, h.placed_at DESC, h.id`)
	all, err := pgx.CollectRows(rows, scanHold)
	if err != nil {
		return nil, fmt.Errorf("holds: %w", translate(err))
	}
	return all, nil
}

// erasedName is what a paper is called when its file is gone.
func erasedName(at time.Time) string {
	return "Eliminato il " + at.In(calendar.Rome).Format("02/01/2006")
}
