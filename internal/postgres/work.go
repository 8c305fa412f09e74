package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
)

// What waits for an officer. Each list is about what somebody else did: $1 is who asks.
const (
	dutyCounts = `SELECT
		(SELECT count(*) FROM applications WHERE officer_id = $1 AND edition_id = $2 AND state = ANY ($3)),
		(SELECT count(*) FROM applications WHERE state = 'awaiting_isee' AND cure_by BETWEEN $4 AND $5),
		(SELECT count(*) FROM applications WHERE state = 'awaiting_isee' AND cure_by < $4),
		(SELECT count(*) FROM vouchers v WHERE v.blocked_at IS NOT NULL AND v.state = 'active'),
		(SELECT count(*) FROM imports WHERE state IN ('reading', 'applying') AND made_at < $6),
		(SELECT count(*) FROM ranking_runs WHERE state = 'publishing' AND publish_at < $6),
		(SELECT count(*) FROM ranking_runs WHERE state = 'simulated' AND disagreements > 0),
		(SELECT next_due_on FROM deliveries WHERE state = 'applied' ORDER BY applied_at DESC LIMIT 1),
		(SELECT count(*) FROM payment_accounts WHERE state IN ('to_verify', 'verifying') AND person_id <> $1),
		(SELECT count(*) FROM invoices WHERE state = 'in_review' AND professional_id <> $1),
		(SELECT count(*) FROM disputes WHERE state = 'open'),
		(SELECT count(*) FROM disputes WHERE state IN ('open', 'proposed') AND answer_by < $4)`

	proposer    = `coalesce(p.given_name || ' ' || p.family_name, '')`
	waitVersion = `SELECT v.number::text, v.edition_id, ` + proposer + `, v.proposed_at FROM edition_versions v LEFT JOIN persons p ON p.id = v.proposed_by
		WHERE v.state = 'proposed' AND v.drafted_by <> $1 AND v.proposed_by <> $1 ORDER BY v.proposed_at LIMIT 50`
	waitRanking = `SELECT r.id::text, r.edition_id, ` + proposer + `, r.proposed_at FROM ranking_runs r LEFT JOIN persons p ON p.id = r.proposed_by
		WHERE r.state = 'proposed' AND r.proposed_by <> $1 AND r.simulated_by <> $1 ORDER BY r.proposed_at LIMIT 50`
	waitPublication = `SELECT r.id::text, r.edition_id, ` + proposer + `, r.decided_at FROM ranking_runs r LEFT JOIN persons p ON p.id = r.decided_by
		WHERE r.state = 'approved' AND r.proposed_by <> $1 AND r.simulated_by <> $1 AND r.decided_by <> $1 ORDER BY r.decided_at LIMIT 50`
	waitReexamination = `SELECT r.id::text, r.protocol, ` + proposer + `, r.proposed_at FROM reexaminations r LEFT JOIN persons p ON p.id = r.proposed_by
		WHERE r.state = 'proposed' AND r.proposed_by <> $1 ORDER BY r.decide_by LIMIT 50`
	waitRefusal = `SELECT a.id::text, a.protocol, ` + proposer + `, r.proposed_at FROM refusals r JOIN applications a ON a.id = r.application_id
		LEFT JOIN persons p ON p.id = r.proposed_by WHERE r.state = 'proposed' AND r.proposed_by <> $1 ORDER BY r.proposed_at LIMIT 50`
	waitDelivery = `SELECT d.id::text, d.number::text, ` + proposer + `, d.sent_at FROM deliveries d LEFT JOIN persons p ON p.id = d.sent_by
		WHERE d.state = 'sent' AND d.prepared_by IS DISTINCT FROM $1 AND d.sent_by IS DISTINCT FROM $1 ORDER BY d.sent_at LIMIT 50`
	waitClosure = `SELECT c.id::text, c.number::text, ` + proposer + `, c.prepared_at FROM closures c LEFT JOIN persons p ON p.id = c.prepared_by
		WHERE c.state = 'proposed' AND c.prepared_by <> $1 AND c.kind = 'annulment' ORDER BY c.prepared_at LIMIT 50`
	waitLapse = `SELECT c.id::text, c.number::text, ` + proposer + `, c.prepared_at FROM closures c LEFT JOIN persons p ON p.id = c.prepared_by
		WHERE c.state = 'proposed' AND c.prepared_by <> $1 AND c.kind = 'lapse' ORDER BY c.prepared_at LIMIT 50`
	waitCase = `SELECT c.voucher_id::text, a.protocol, ` + proposer + `, c.proposed_at FROM voucher_cases c JOIN vouchers v ON v.id = c.voucher_id
		JOIN applications a ON a.id = v.application_id LEFT JOIN persons p ON p.id = c.proposed_by
		WHERE c.state = 'proposed' AND c.proposed_by <> $1 ORDER BY c.proposed_at LIMIT 50`
	waitDispute = `SELECT d.id::text, d.protocol, ` + proposer + `, d.proposed_at FROM disputes d LEFT JOIN persons p ON p.id = d.proposed_by
		WHERE d.state = 'proposed' AND d.proposed_by <> $1 ORDER BY d.answer_by LIMIT 50`
	paysAnother = `NOT EXISTS (SELECT FROM payment_orders o WHERE o.run_id = r.id AND o.payee_id = $1 AND o.state <> 'released')`
	waitRun     = `SELECT r.id::text, r.number::text, ` + proposer + `, r.proposed_at FROM payment_runs r LEFT JOIN persons p ON p.id = r.proposed_by
		WHERE r.state = 'proposed' AND r.programme = 'voucher' AND r.proposed_by <> $1 AND r.prepared_by <> $1 AND ` + paysAnother + ` ORDER BY r.proposed_at LIMIT 50`
	waitPayment = `SELECT r.id::text, r.number::text, ` + proposer + `, r.decided_at FROM payment_runs r LEFT JOIN persons p ON p.id = r.decided_by
		WHERE r.state = 'approved' AND r.programme = 'voucher' AND r.proposed_by <> $1 AND r.prepared_by <> $1 AND r.decided_by <> $1
		AND ` + paysAnother + ` ORDER BY r.decided_at LIMIT 50`
)

// Duties counts what waits for an officer, in one round trip.
func (s *Desk) Duties(ctx context.Context, who identity.Actor, of voucher.EditionID, on calendar.Date, now time.Time) (d voucher.Duties, err error) {
	open := words(voucher.OpenStates)
	nobodys := workFilter(voucher.Worklist{Edition: of, Whose: voucher.Nobodys, Me: who.Person})
	var batch pgx.Batch
	batch.Queue(countSQL, append(nobodys, nil, nil, voucher.CountedAtMost+1, open, iseeStatuses)...).
		QueryRow(func(row pgx.Row) error { return row.Scan(&d.Unassigned) })
	batch.Queue(dutyCounts, string(who.Person), string(of), open, on, on.Add(voucher.SoonDays), now.Add(-time.Hour)).QueryRow(func(row pgx.Row) error {
		return row.Scan(&d.Own, &d.Soon, &d.Overdue, &d.BlockedCodes, &d.StuckImports, &d.StuckRankings, &d.DisputedRankings, &d.ListDue,
			&d.Accounts, &d.Invoices, &d.Reports, &d.LateReports)
	})
	for _, wait := range []struct {
		sql  string
		duty identity.Duty
		into *[]voucher.Waiting
	}{
		{waitVersion, identity.Approve, &d.Versions}, {waitRanking, identity.Approve, &d.Rankings}, {waitPublication, identity.Publish, &d.Publications},
		{waitReexamination, identity.Approve, &d.Reexaminations}, {waitRefusal, identity.Approve, &d.Refusals}, {waitDelivery, identity.Prepare, &d.Deliveries},
		{waitClosure, identity.Approve, &d.Closures}, {waitLapse, identity.Approve, &d.Lapses}, {waitCase, identity.Approve, &d.Cases},
		{waitDispute, identity.Approve, &d.Disputes}, {waitRun, identity.Approve, &d.Runs}, {waitPayment, identity.Pay, &d.Payments},
	} {
		if !who.Has(wait.duty) {
			continue
		}
		batch.Queue(wait.sql, string(who.Person)).Query(func(rows pgx.Rows) (err error) {
			*wait.into, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.Waiting])
			return err
		})
	}
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.Duties{}, fmt.Errorf("work: %w", translate(err))
	}
	return d, nil
}

// figuresKept is how old the numbers of an edition may be: they are about hundreds
// of thousands of rows, and nobody decides anything on them.
const figuresKept = time.Minute

const (
	figuresDays   = `SELECT (submitted_at AT TIME ZONE 'Europe/Rome')::date, count(*) FROM applications WHERE edition_id = $1 GROUP BY 1 ORDER BY 1`
	figuresPlaces = `
		WITH last AS (SELECT id FROM ranking_runs WHERE edition_id = $1 AND state = 'published' ORDER BY publication DESC LIMIT 1)
		SELECT a.territory, a.applications, a.awarded, coalesce(t.budget_cents, 0), coalesce(t.awarded_cents, 0),
			coalesce(t.last_funded_rank, 0), coalesce(t.last_funded_isee, 0)
		FROM (SELECT territory, count(*) AS applications, count(*) FILTER (WHERE state IN ('awarded', 'partially_awarded')) AS awarded
			FROM applications WHERE edition_id = $1 GROUP BY territory) a
		LEFT JOIN ranking_territories t ON t.territory = a.territory AND t.run_id = (SELECT id FROM last)
		ORDER BY a.territory`
	figuresUse = `
		SELECT count(*) FILTER (WHERE v.used_cents > 0),
			(SELECT count(*) FROM bookings b JOIN vouchers u ON u.id = b.voucher_id JOIN applications c ON c.id = u.application_id
			 WHERE c.edition_id = $1 AND b.state = 'held')
		FROM vouchers v JOIN applications a ON a.id = v.application_id WHERE a.edition_id = $1`
)

// Figures are the numbers of an edition, counted no more than once a minute.
func (s *Desk) Figures(ctx context.Context, of voucher.EditionID, now time.Time) (voucher.Figures, error) {
	s.mu.Lock()
	f, known := s.figures[of]
	s.mu.Unlock()
	if age := now.Sub(f.At); known && age >= 0 && age < figuresKept {
		return f, nil
	}
	f = voucher.Figures{At: now}
	var batch pgx.Batch
	batch.Queue(figuresDays, string(of)).Query(func(rows pgx.Rows) (err error) {
		f.ByDay, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.DayFigure])
		return err
	})
	batch.Queue(figuresPlaces, string(of)).Query(func(rows pgx.Rows) (err error) {
		f.ByTerritory, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.TerritoryFigure])
		return err
	})
	batch.Queue(figuresUse, string(of)).QueryRow(func(row pgx.Row) error { return row.Scan(&f.UsedCodes, &f.Held) })
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.Figures{}, fmt.Errorf("figures of %s: %w", of, translate(err))
	}
	for _, t := range f.ByTerritory {
		f.Applications += t.Applications
		f.Awarded += t.Awarded
	}
	s.mu.Lock()
	s.figures[of] = f
	s.mu.Unlock()
	return f, nil
}
