package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/money"
	"portal/internal/voucher"
)

const (
	progressOf = `
		SELECT coalesce(sum(candidates), 0), coalesce(sum(candidates) FILTER (WHERE issued_at IS NOT NULL), 0)
		FROM ranking_territories WHERE run_id = $1`
	// Of a territory that is issued, what has no voucher was passed over.
	codesOf = `
		SELECT count(*) FILTER (WHERE v.id IS NOT NULL OR t.issued_at IS NULL), count(v.id),
			count(*) FILTER (WHERE v.id IS NULL AND t.issued_at IS NOT NULL)
		FROM ranking_entries e JOIN ranking_territories t USING (run_id, territory) LEFT JOIN vouchers v ON v.application_id = e.application_id
		WHERE e.run_id = $1 AND e.rank IS NOT NULL AND e.awarded_cents > 0 AND e.kept_cents = 0`
)

// Progress tells how far a publication is.
func (s *Rankings) Progress(ctx context.Context, id voucher.RunID) (p voucher.Progress, err error) {
	var batch pgx.Batch
	batch.Queue(progressOf, string(id)).QueryRow(func(row pgx.Row) error {
		return row.Scan(&p.Outcomes, &p.Told)
	})
	batch.Queue(codesOf, string(id)).QueryRow(func(row pgx.Row) error { return row.Scan(&p.Codes, &p.Made, &p.PassedOver) })
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.Progress{}, fmt.Errorf("progress of a publication: %w", translate(err))
	}
	return p, nil
}

const (
	publicationColumns = `r.id, r.edition_id, r.edition_version, r.publication, r.round, r.reason, coalesce(r.published_at, r.publish_at), r.state = 'superseded'`
	publicationsMade   = `SELECT ` + publicationColumns + ` FROM ranking_runs r
		WHERE r.state IN ('published', 'superseded') ORDER BY r.published_at DESC, r.id`
)

// Publications lists what was published, newest first.
func (s *Rankings) Publications(ctx context.Context) ([]voucher.Publication, error) {
	rows, _ := s.pool.Query(ctx, publicationsMade)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.Publication])
	if err != nil {
		return nil, fmt.Errorf("publications: %w", translate(err))
	}
	return all, nil
}

const positionOf = `
	SELECT ` + publicationColumns + `,
		e.ground, e.decided, coalesce(e.isee_cents, 0), e.isee_cents IS NOT NULL, e.submitted_at, e.entitled_cents, e.awarded_cents,
		CASE WHEN e.awarded_cents < e.entitled_cents THEN
			(SELECT coalesce(sum(greatest(x.entitled_cents - x.awarded_cents, 0)), 0)::bigint FROM ranking_entries x
				WHERE x.run_id = r.id AND x.territory = e.territory AND x.rank <= e.rank)
			ELSE 0 END,
		e.territory
	FROM applications a JOIN ranking_runs r ON r.id = a.run_id
	JOIN ranking_entries e ON e.run_id = r.id AND e.application_id = a.id
	WHERE a.id = $1`

// Position is what the publication in which an application has its place says of it.
// The money of its territory is that of a minute ago at most.
func (s *Rankings) Position(ctx context.Context, id voucher.ApplicationID, now time.Time) (p voucher.Position, err error) {
	var territory string
	err = s.pool.QueryRow(ctx, positionOf, string(id)).Scan(&p.Publication.Run, &p.Publication.Edition, &p.Publication.Version, &p.Publication.Number,
		&p.Publication.Round, &p.Publication.Reason, &p.Publication.PublishedAt, &p.Publication.Superseded,
		&p.Ground, &p.Decided, (*int64)(&p.ISEE), &p.HasISEE, &p.SubmittedAt, (*int64)(&p.Entitled), (*int64)(&p.Awarded),
		(*int64)(&p.Missing), &territory)
	if err != nil {
		return p, fmt.Errorf("position: %w", translate(err))
	}
	b, err := s.balance(ctx, balanceOf{p.Publication.Edition, territory}, now)
	if err != nil {
		return p, fmt.Errorf("position: %w", translate(err))
	}
	p.Freed, p.Open = b.freed, b.open
	return p, nil
}

// balance is the money of a territory that is nobody's, and what is open on vouchers.
type balance struct {
	freed, open money.Amount
	at          time.Time
}

type balanceOf struct {
	edition   voucher.EditionID
	territory string
}

// balanceKept is how old a balance may be: on the day of a publication everybody
// asks for the same few.
const balanceKept = time.Minute

func (s *Rankings) balance(ctx context.Context, of balanceOf, now time.Time) (balance, error) {
	s.mu.Lock()
	b, known := s.balances[of]
	s.mu.Unlock()
	if age := now.Sub(b.at); known && age >= 0 && age < balanceKept {
		return b, nil
	}
	b = balance{at: now}
	e, err := s.InForce(ctx, of.edition)
	if err != nil {
		return b, err
	}
	money, err := residuals(ctx, s.pool, e, of.territory)
	if err != nil {
		return b, err
	}
	for _, r := range money {
		b.freed, b.open = r.Left(), r.Promised()-r.Used
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.balances[of] = b
	return b, nil
}
