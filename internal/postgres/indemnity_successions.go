package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/indemnity"
	"portal/internal/once"
)

const successionsOf = `
	SELECT x.id, x.application_id, a.protocol, x.died_on, x.heirs, x.proposed_at, x.state, coalesce(x.decided_at, 'epoch'), x.why,
		b.id, b.given_name, b.family_name, coalesce(d.id::text, ''), coalesce(d.given_name, ''), coalesce(d.family_name, ''), ` + personColumns + `
	FROM successions x JOIN indemnity_applications a ON a.id = x.application_id JOIN persons p ON p.id = a.member_id
		JOIN persons b ON b.id = x.proposed_by LEFT JOIN persons d ON d.id = x.decided_by `

func successions(ctx context.Context, db DB, sql string, args ...any) ([]indemnity.Succession, error) {
	rows, _ := db.Query(ctx, sql, args...)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x indemnity.Succession, err error) {
		into := []any{&x.ID, &x.Case, &x.Protocol, &x.DiedOn, &x.Heirs, &x.ProposedAt, &x.State, &x.DecidedAt, &x.Why,
			&x.ProposedBy.ID, &x.ProposedBy.GivenName, &x.ProposedBy.FamilyName, &x.DecidedBy.ID, &x.DecidedBy.GivenName, &x.DecidedBy.FamilyName}
		return x, row.Scan(append(into, personFields(&x.Member)...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("successions: %w", translate(err))
	}
	return all, nil
}

// Successions are those of a case: the one that waits, then the newest first.
func (s *Heirs) Successions(ctx context.Context, id indemnity.CaseID) ([]indemnity.Succession, error) {
	return successions(ctx, s.pool, successionsOf+`WHERE x.application_id = $1 ORDER BY x.state = 'proposed' DESC, x.proposed_at DESC, x.id`, string(id))
}

// ToConfirm are the successions that wait for a second person, oldest first.
func (s *Heirs) ToConfirm(ctx context.Context) ([]indemnity.Succession, error) {
	return successions(ctx, s.pool, successionsOf+`WHERE x.state = 'proposed' ORDER BY x.proposed_at, x.id`)
}

// Succeed locks a case, asks for a decision on it and saves that.
func (s *Heirs) Succeed(ctx context.Context, form once.Form, now time.Time, id indemnity.CaseID,
	decide func(indemnity.CaseFile, []indemnity.Succession) (indemnity.SuccessionChange, error)) error {
	_, err := actOnce(ctx, s.pool, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, lockApplication, string(id)); err != nil {
			return "", err
		}
		c, err := s.cases.one(ctx, tx, id)
		if err != nil {
			return "", err
		}
		before, err := successions(ctx, tx, successionsOf+`WHERE x.application_id = $1 ORDER BY x.state = 'proposed' DESC, x.proposed_at DESC, x.id`, string(id))
		if err != nil {
			return "", err
		}
		change, err := decide(c, before)
		if err != nil {
			return "", err
		}
		x := change.Succession
		var batch pgx.Batch
		if x.State == indemnity.SuccessionWaits {
			batch.Queue(`INSERT INTO successions (id, application_id, died_on, heirs, proposed_by, proposed_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				x.ID, string(id), x.DiedOn, x.Heirs, string(x.ProposedBy.ID), x.ProposedAt, string(x.State))
		} else {
			batch.Queue(`UPDATE successions SET state = $2, decided_by = $3, decided_at = $4, why = $5 WHERE id = $1`,
				x.ID, string(x.State), string(x.DecidedBy.ID), x.DecidedAt, x.Why)
		}
		if x.State == indemnity.SuccessionHolds {
			batch.Queue(`UPDATE indemnity_applications SET died_on = $2, version = version + 1 WHERE id = $1`, string(id), x.DiedOn)
			queueHeirs(&batch, id, change.Heirs, change.Entry)
			batch.Queue(tellEntry, entryValues(ctx, change.Entry)...)
		} else {
			batch.Queue(insertEntry, entryValues(ctx, change.Entry)...)
		}
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil || x.State != indemnity.SuccessionHolds {
			return x.ID, err
		}
		return x.ID, endAtDeath(ctx, tx, c.Member.ID, change.Entry)
	})
	if err != nil {
		return fmt.Errorf("succession: %w", err)
	}
	return nil
}
