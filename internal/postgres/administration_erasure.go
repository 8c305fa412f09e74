package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/office"
	"portal/internal/once"
)

// erasureFaults are the refusals that the database gives in its own words.
var erasureFaults = map[string]error{
	"class_is_erased_one_at_a_time":              office.ErrErasureOpen,
	"nobody_decides_on_an_erasure_they_proposed": office.ErrErasureOwn,
	"erasure_is_done_as_proposed":                office.ErrErasureDecided,
	"case_is_held_once":                          office.ErrHeld,
	"nobody_ends_a_hold_they_placed":             office.ErrHoldOwn,
	"hold_is_ended_not_changed":                  office.ErrHoldEnded,
}

// Freeze saves an erasure with all things of its class that are due on its day.
func (s *Administration) Freeze(ctx context.Context, form once.Form, x office.Erasure, e audit.Entry, decide func(due int) error) (office.ErasureID, error) {
	id, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		rows, _ := tx.Query(ctx, dueOfClass, x.Cut, string(x.Class))
		due, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return "", err
		}
		if err := decide(len(due)); err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO erasures (id, class, cut_on, things, grounds, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			string(x.ID), string(x.Class), x.Cut, len(due), x.Grounds, string(x.Proposed.Person), x.Proposed.At); err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO erasure_things (erasure_id, thing_id) SELECT $1, unnest($2::uuid[])`, string(x.ID), due); err != nil {
			return "", err
		}
		return string(x.ID), write(ctx, tx, e)
	})
	return office.ErasureID(id), refusedBy(erasureFaults, "freeze an erasure", err)
}

// DecideErasure locks an erasure and saves what becomes of it, with the job that does it.
func (s *Administration) DecideErasure(ctx context.Context, form once.Form, id office.ErasureID, e audit.Entry, decide func(office.Erasure) (office.Erasure, error)) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		rows, _ := tx.Query(ctx, erasuresFrom+` WHERE x.id = $1 FOR UPDATE OF x`, string(id))
		x, err := pgx.CollectExactlyOneRow(rows, scanErasure)
		if err != nil {
			return "", err
		}
		if x, err = decide(x); err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `UPDATE erasures SET state = $2, decided_by = $3, decided_at = $4, why = $5 WHERE id = $1`,
			string(id), string(x.State), string(x.Decided.Person), x.Decided.At, x.Why); err != nil {
			return "", err
		}
		if x.State == office.ErasureApproved {
			if _, err := tx.Exec(ctx, `INSERT INTO river_job (kind, args, queue, max_attempts) VALUES ('erase', '{}', 'erasures', 1)`); err != nil {
				return "", err
			}
		}
		return string(id), write(ctx, tx, e)
	})
	return refusedBy(erasureFaults, "decide on an erasure", err)
}

// EraseBatch deletes some more of the things of an approved erasure, in one transaction.
// What is due of its class on its day, of what was frozen, must be what is left of it: a
// case that was held or taken up again since stops the whole.
func (s *Administration) EraseBatch(ctx context.Context, id office.ErasureID, most int, now time.Time) (erased int, state office.ErasureState, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, erasuresFrom+` WHERE x.id = $1 FOR UPDATE OF x`, string(id))
		x, err := pgx.CollectExactlyOneRow(rows, scanErasure)
		if err != nil {
			return err
		}
		if state = x.State; state != office.ErasureApproved {
			return nil
		}
		// No hold comes while things go.
		if _, err := tx.Exec(ctx, `LOCK TABLE legal_holds IN SHARE MODE`); err != nil {
			return err
		}
		rows, _ = tx.Query(ctx, dueOfClass, x.Cut, string(x.Class))
		due, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		rows, _ = tx.Query(ctx, `SELECT thing_id::text FROM erasure_things WHERE erasure_id = $1 AND erased_at IS NULL ORDER BY thing_id`, string(id))
		left, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		slices.Sort(due)
		if found := dueAmong(left, due); found != len(left) || len(due) != len(left) {
			state = office.ErasureStopped
			return s.endErasure(ctx, tx, x, `UPDATE erasures SET state = 'stopped', ended_at = $2, found = $3 WHERE id = $1`, office.ErasureWasStopped, now, len(due))
		}
		left = left[:min(most, len(left))]
		if err := eraseThings(ctx, tx, x.Class, left, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE erasure_things SET erased_at = $3 WHERE erasure_id = $1 AND thing_id = ANY ($2::uuid[])`, string(id), left, now); err != nil {
			return err
		}
		if erased = len(left); erased < len(due) {
			return nil
		}
		state = office.ErasureDone
		return s.endErasure(ctx, tx, x, `UPDATE erasures SET state = 'done', ended_at = $2, found = $3 WHERE id = $1`, office.ErasureWasDone, now, nil)
	})
	if err != nil {
		return 0, state, fmt.Errorf("erase: %w", translate(err))
	}
	return erased, state, nil
}

func dueAmong(left, due []string) (n int) {
	for _, id := range left {
		if _, is := slices.BinarySearch(due, id); is {
			n++
		}
	}
	return n
}

func (s *Administration) endErasure(ctx context.Context, tx pgx.Tx, x office.Erasure, endSQL string, done audit.Action, now time.Time, found any) error {
	if _, err := tx.Exec(ctx, endSQL, string(x.ID), now, found); err != nil {
		return err
	}
	return write(ctx, tx, audit.Entry{At: now, Actor: identity.Office(), Action: done, Subject: string(x.ID)})
}

// eraseThings deletes what is of a class. Of a paper the file goes, with the key that
// opens it; its row keeps the digest, and the day instead of the name.
func eraseThings(ctx context.Context, tx pgx.Tx, of office.Class, ids []string, now time.Time) error {
	if of == "messages" {
		_, err := tx.Exec(ctx, `DELETE FROM messages WHERE id = ANY ($1::uuid[])`, ids)
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE attachments SET erased_at = $2, name = $3 WHERE id = ANY ($1::uuid[])`, ids, now, erasedName(now)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM attachment_chunks WHERE attachment_id = ANY ($1::uuid[])`, ids)
	return err
}

// Place saves a hold on the case of its protocol, of either programme.
func (s *Administration) Place(ctx context.Context, form once.Form, h office.Hold, e audit.Entry) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		tag, err := tx.Exec(ctx, `
			INSERT INTO legal_holds (id, subject_id, person_id, protocol, reason, placed_by, placed_at)
			SELECT $1, c.id, c.person_id, $2, $3, $4, $5 FROM (
				SELECT id, member_id AS person_id FROM indemnity_applications WHERE protocol = $2
				UNION ALL SELECT id, beneficiary_id FROM applications WHERE protocol = $2) c`,
			string(h.ID), h.Protocol, h.Reason, string(h.Placed.Person), h.Placed.At)
		switch {
		case err != nil:
			return "", err
		case tag.RowsAffected() == 0:
			return "", office.ErrHoldProtocol
		}
		return string(h.ID), write(ctx, tx, e)
	})
	return refusedBy(erasureFaults, "place a hold", err)
}

// EndHold locks a hold and saves how it ends.
func (s *Administration) EndHold(ctx context.Context, form once.Form, id office.HoldID, e audit.Entry, decide func(office.Hold) (office.Hold, error)) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		rows, _ := tx.Query(ctx, holdsFrom+` WHERE h.id = $1 FOR UPDATE OF h`, string(id))
		h, err := pgx.CollectExactlyOneRow(rows, scanHold)
		if err != nil {
			return "", err
		}
		if h, err = decide(h); err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `UPDATE legal_holds SET ended_by = $2, ended_at = $3, ended_why = $4 WHERE id = $1`, string(id), string(h.Ended.Person), h.Ended.At, h.Why); err != nil {
			return "", err
		}
		return string(id), write(ctx, tx, e)
	})
	return refusedBy(erasureFaults, "end a hold", err)
}
