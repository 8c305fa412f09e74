package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/auditor"
	"portal/internal/calendar"
)

const (
	// ended are the phases that ended at or after the instant $1: which, when, and the days
	// that they took. A phase that cannot have ended before it began took no day.
	ended = `
		SELECT 'voucher.outcome' AS phase, d.at AS ended, d.at - a.submitted_at AS took FROM (
			SELECT subject_id, min(at) AS at FROM audit WHERE action = 'application.decided' GROUP BY subject_id) d
		JOIN applications a ON a.id = d.subject_id WHERE d.at >= $1
		UNION ALL SELECT 'voucher.confirm', held_at, held_at - day::timestamp AT TIME ZONE 'Europe/Rome' FROM bookings WHERE held_at >= $1 AND reinstates IS NULL
		UNION ALL SELECT 'voucher.paid', o.outcome_at, o.value_day::timestamp AT TIME ZONE 'Europe/Rome' - i.received_at
		FROM payment_orders o JOIN (SELECT DISTINCT order_id, invoice_id FROM payment_lines) l ON l.order_id = o.id JOIN invoices i ON i.id = l.invoice_id WHERE o.state = 'paid' AND o.outcome_at >= $1
		UNION ALL SELECT 'voucher.reexamined', decided_at, decided_at - asked_at FROM reexaminations WHERE decided_at >= $1
		UNION ALL SELECT 'indemnity.opened', o.at, o.at - a.submitted_at FROM (
			SELECT subject_id, min(at) AS at FROM audit WHERE action = 'indemnity.case_opened' GROUP BY subject_id) o
		JOIN indemnity_applications a ON a.id = o.subject_id WHERE o.at >= $1
		UNION ALL SELECT 'indemnity.answer', answered_at, answered_at - asked_at FROM indemnity_requests WHERE answered_at >= $1
		UNION ALL SELECT 'indemnity.decided', d.at, d.at - a.submitted_at FROM (
			SELECT application_id, min(decided_at) AS at FROM indemnity_decisions WHERE state = 'approved' GROUP BY application_id) d
		JOIN indemnity_applications a ON a.id = d.application_id WHERE d.at >= $1
		UNION ALL SELECT 'indemnity.ranked', r.published_at, r.published_at - max(d.decided_at) FROM indemnity_rankings r JOIN indemnity_ranking_entries e ON e.ranking_id = r.id
		JOIN indemnity_decisions d ON d.application_id = e.application_id AND d.state = 'approved' AND d.to_state = 'suitable' AND d.decided_at <= r.published_at
		WHERE r.corrects IS NULL AND r.published_at >= $1 GROUP BY r.id, e.application_id
		UNION ALL SELECT 'indemnity.paid', o.outcome_at, o.value_day::timestamp AT TIME ZONE 'Europe/Rome' - r.published_at
		FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id JOIN indemnity_rankings r ON r.id = l.ranking_id WHERE o.state = 'paid' AND o.outcome_at >= $1
		UNION ALL SELECT 'indemnity.messages', a.at, a.at - (SELECT max(q.at) FROM audit q WHERE q.subject_id = a.subject_id AND q.action = 'indemnity.message_sent' AND q.id < a.id)
		FROM audit a WHERE a.action = 'indemnity.message_answered' AND a.at >= $1`
	phasesByMonth = `
		SELECT phase, date_trunc('month', ended AT TIME ZONE 'Europe/Rome')::date AS month, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY days), percentile_disc(0.9) WITHIN GROUP (ORDER BY days)
		FROM (SELECT phase, ended, GREATEST(ceil(extract(epoch FROM took) / 86400), 0)::integer AS days FROM (` + ended + `) e WHERE took IS NOT NULL) d
		GROUP BY 1, 2 ORDER BY 2 DESC, 1`

	expiredByMonth = `
		SELECT what, date_trunc('month', day)::date AS month, count(*) FROM (
			SELECT 'first_session' AS what, (at AT TIME ZONE 'Europe/Rome')::date AS day FROM audit WHERE action = 'voucher.lapsed' AND at >= $1
			UNION ALL SELECT 'voucher', (at AT TIME ZONE 'Europe/Rome')::date FROM audit WHERE action = 'voucher.expired' AND at >= $1
			UNION ALL SELECT 'request', due_on FROM indemnity_requests
			WHERE state <> 'cancelled' AND due_on >= ($1::timestamptz AT TIME ZONE 'Europe/Rome')::date AND due_on < ($2::timestamptz AT TIME ZONE 'Europe/Rome')::date AND (answered_at IS NULL OR (answered_at AT TIME ZONE 'Europe/Rome')::date > due_on)
			UNION ALL SELECT 'sent_late', (at AT TIME ZONE 'Europe/Rome')::date FROM audit WHERE action = 'indemnity.sent_late' AND at >= $1) e
		GROUP BY 1, 2 ORDER BY 2 DESC, 1`
	begunByMonth = `
		SELECT action, date_trunc('month', at AT TIME ZONE 'Europe/Rome')::date, count(*) FROM audit
		WHERE action IN ('application.begun', 'application.submitted', 'indemnity.draft_begun', 'indemnity.sent') AND at >= $1 GROUP BY 1, 2 ORDER BY 2 DESC, 1`
	leftByStep = `
		SELECT step, count(*) FROM (
			SELECT 'voucher.' || CASE WHEN answers ? 'declared' THEN 'review' WHEN coalesce(answers->>'email', '') <> '' THEN 'declarations' WHEN answers ? 'isee' THEN 'contacts'
				WHEN answers ? 'residence' THEN 'isee' ELSE 'residence' END AS step
			FROM application_drafts WHERE sent_as IS NULL AND saved_at < $1
			UNION ALL
			SELECT 'indemnity.' || CASE WHEN answers ? 'declared' THEN 'review' WHEN coalesce(answers->>'iban', '') <> '' THEN 'declarations' WHEN answers ? 'isee' THEN 'contacts'
				WHEN answers ? 'covered' THEN 'isee' WHEN answers ? 'exclusive' THEN 'cover' WHEN answers ? 'first' THEN 'activity' WHEN answers ? 'cause' THEN 'period' ELSE 'cause' END
			FROM indemnity_drafts WHERE sent_at IS NULL AND saved_at < $1) d GROUP BY 1 ORDER BY 1`
	ratedPages = `SELECT page, sum(count)::bigint, round(sum(score * count) * 10.0 / sum(count))::integer FROM ratings WHERE month >= ($1::timestamptz AT TIME ZONE 'Europe/Rome')::date AND reason = '' GROUP BY page ORDER BY page`
)

// Figures are those from a month on until now.
func (s *Register) Figures(ctx context.Context, from calendar.Date, now time.Time) (f auditor.Figures, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, phasesByMonth, from.Start())
		if f.Took, err = pgx.CollectRows(rows, pgx.RowToStructByPos[auditor.Took]); err != nil {
			return err
		}
		rows, _ = tx.Query(ctx, expiredByMonth, from.Start(), now)
		if f.Expired, err = pgx.CollectRows(rows, pgx.RowToStructByPos[auditor.Tally]); err != nil {
			return err
		}
		rows, _ = tx.Query(ctx, begunByMonth, from.Start())
		if f.Begun, err = pgx.CollectRows(rows, pgx.RowToStructByPos[auditor.Tally]); err != nil {
			return err
		}
		rows, _ = tx.Query(ctx, leftByStep, now.Add(-auditor.LeftAfter))
		if f.Left, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t auditor.Tally, err error) { return t, row.Scan(&t.What, &t.Count) }); err != nil {
			return err
		}
		rows, _ = tx.Query(ctx, ratedPages, from.Start())
		f.Rated, err = pgx.CollectRows(rows, pgx.RowToStructByPos[auditor.Rated])
		return err
	})
	if err != nil {
		return f, fmt.Errorf("figures of the service: %w", translate(err))
	}
	return f, nil
}
