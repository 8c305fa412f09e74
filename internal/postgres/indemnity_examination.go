package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// findingsOf are what officers found on some cases, the oldest first.
func findingsOf(ctx context.Context, db DB, cases []string) (map[indemnity.CaseID][]indemnity.Finding, error) {
	rows, _ := db.Query(ctx, `
		SELECT f.application_id, f.check_name, f.verdict, f.found, f.note, f.made_by, p.given_name || ' ' || p.family_name, f.made_at, f.case_version
		FROM indemnity_findings f JOIN persons p ON p.id = f.made_by WHERE f.application_id = ANY ($1) ORDER BY f.id`, cases)
	all := map[indemnity.CaseID][]indemnity.Finding{}
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (id indemnity.CaseID, err error) {
		var f indemnity.Finding
		err = row.Scan(&id, &f.Check, &f.Verdict, &f.Found, &f.Note, &f.By, &f.Name, &f.At, &f.Version)
		all[id] = append(all[id], f)
		return id, err
	})
	if err != nil {
		return nil, fmt.Errorf("findings of a case: %w", translate(err))
	}
	return all, nil
}

// decisionsOf are the decisions on some cases, the oldest first.
func decisionsOf(ctx context.Context, db DB, cases []string) (map[indemnity.CaseID][]indemnity.Decision, error) {
	rows, _ := db.Query(ctx, `
		SELECT d.id, d.application_id, d.to_state, d.codes, d.text, d.call_version, d.proposed_at, d.state, d.decided_at, d.why,
			coalesce(d.protocol, ''), d.check_code, coalesce(d.undoes::text, ''), coalesce(d.control_id::text, ''), coalesce(k.ended_by::text, ''), d.read_at, p.id, p.given_name, p.family_name, q.id, q.given_name, q.family_name
		FROM indemnity_decisions d JOIN persons p ON p.id = d.proposed_by LEFT JOIN persons q ON q.id = d.decided_by
			LEFT JOIN indemnity_controls k ON k.id = d.control_id
		WHERE d.application_id = ANY ($1) ORDER BY d.proposed_at, d.id`, cases)
	all := map[indemnity.CaseID][]indemnity.Decision{}
	decisions, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d indemnity.Decision, err error) {
		into := []any{&d.ID, &d.Case, &d.To, &d.Codes, &d.Text, &d.CallVersion, &d.ProposedAt, &d.State, (*zeronull.Timestamptz)(&d.DecidedAt), &d.Why,
			&d.Protocol, &d.CheckCode, &d.Undoes, &d.Control, &d.ControlBy, (*zeronull.Timestamptz)(&d.ReadAt)}
		return d, row.Scan(append(append(into, looseName(&d.ProposedBy)...), looseName(&d.DecidedBy)...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("decisions on a case: %w", translate(err))
	}
	for _, d := range decisions {
		all[d.Case] = append(all[d.Case], d)
	}
	return all, nil
}

// queueExamination saves what an officer found or decided. A case stands where the last
// decision puts it, and so the decision comes first.
func queueExamination(batch *pgx.Batch, c indemnity.CaseFile, x indemnity.CaseChange) {
	if f := x.Finding; f != nil {
		batch.Queue(`INSERT INTO indemnity_findings (application_id, check_name, verdict, found, note, made_by, made_at, case_version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			string(c.ID), string(f.Check), string(f.Verdict), f.Found, f.Note, string(f.By), f.At, c.Version+1)
	}
	switch d := x.Decision; {
	case d == nil:
	case d.State == indemnity.DecisionWaits:
		batch.Queue(`UPDATE indemnity_applications SET worked_by = NULL, worked_since = NULL WHERE id = $1`, string(c.ID)) // it is others’ now
		batch.Queue(`INSERT INTO indemnity_decisions (id, application_id, to_state, codes, text, call_version, proposed_by, proposed_at, undoes, control_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			string(d.ID), string(c.ID), string(d.To), words(d.Codes), d.Text, d.CallVersion, string(d.ProposedBy.ID), d.ProposedAt, optional(d.Undoes), optional(d.Control))
	case d.State == indemnity.DecisionMade:
		batch.Queue(`UPDATE indemnity_decisions SET state = 'approved', decided_by = $3, decided_at = $4, check_code = $5, protocol = `+nextProtocol+` WHERE id = $2`,
			fmt.Sprint(calendar.On(d.DecidedAt).Year), string(d.ID), string(d.DecidedBy.ID), d.DecidedAt, d.CheckCode)
	default:
		batch.Queue(`UPDATE indemnity_decisions SET state = 'sent_back', decided_by = $2, decided_at = $3, why = $4 WHERE id = $1`,
			string(d.ID), string(d.DecidedBy.ID), d.DecidedAt, d.Why)
	}
	if x.Read != "" {
		batch.Queue(`UPDATE indemnity_decisions SET read_at = $2 WHERE id = $1 AND read_at IS NULL`, string(x.Read), x.Entry.At)
	}
	if x.Lapse {
		batch.Queue(`UPDATE indemnity_requests SET state = 'lapsed' WHERE application_id = $1 AND state = 'open' AND due_on < $2`,
			string(c.ID), calendar.On(x.Entry.At))
	}
}

const claimOf = `
	SELECT coalesce(a.worked_by::text, ''), coalesce(p.given_name || ' ' || p.family_name, ''), a.worked_since
	FROM indemnity_applications a LEFT JOIN persons p ON p.id = a.worked_by WHERE a.id = $1`

// Claim is who works on a case, and since when.
func (s *CaseFiles) Claim(ctx context.Context, id indemnity.CaseID) (indemnity.Claim, error) {
	c, err := claim(ctx, s.pool, id)
	if err != nil {
		return c, fmt.Errorf("who works on a case: %w", translate(err))
	}
	return c, nil
}

func claim(ctx context.Context, db DB, id indemnity.CaseID) (c indemnity.Claim, err error) {
	return c, db.QueryRow(ctx, claimOf, string(id)).Scan(&c.By, &c.Name, (*zeronull.Timestamptz)(&c.Since))
}

// Take has an officer work on a case from an instant on, unless a colleague does, and
// tells who works on it then.
func (s *CaseFiles) Take(ctx context.Context, id indemnity.CaseID, e audit.Entry) (c indemnity.Claim, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		taken, err := tx.Exec(ctx, `UPDATE indemnity_applications SET worked_by = $2, worked_since = $3
			WHERE id = $1 AND (worked_by IS NULL OR worked_by = $2 OR worked_since <= $4)`, string(id), string(e.Actor.Person), e.At, e.At.Add(-indemnity.ClaimedFor))
		if err == nil && taken.RowsAffected() > 0 {
			_, err = tx.Exec(ctx, insertEntry, entryValues(ctx, e)...)
		}
		if err == nil {
			c, err = claim(ctx, tx, id)
		}
		return err
	})
	if err != nil {
		return c, fmt.Errorf("take a case: %w", translate(err))
	}
	return c, nil
}

// LetGo ends the work of an officer on a case.
func (s *CaseFiles) LetGo(ctx context.Context, id indemnity.CaseID, e audit.Entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		let, err := tx.Exec(ctx, `UPDATE indemnity_applications SET worked_by = NULL, worked_since = NULL WHERE id = $1 AND worked_by = $2`, string(id), string(e.Actor.Person))
		if err == nil && let.RowsAffected() > 0 {
			_, err = tx.Exec(ctx, insertEntry, entryValues(ctx, e)...)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("let a case go: %w", translate(err))
	}
	return nil
}

// Notes are what officers wrote down about a case, newest first.
func (s *CaseFiles) Notes(ctx context.Context, id indemnity.CaseID) ([]indemnity.Note, error) {
	rows, _ := s.pool.Query(ctx, caseNotes, string(id))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.Note])
	if err != nil {
		return nil, fmt.Errorf("notes on a case: %w", translate(err))
	}
	return all, nil
}

// Note keeps a note on a case.
func (s *CaseFiles) Note(ctx context.Context, form once.Form, id indemnity.CaseID, text string, e audit.Entry) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		var batch pgx.Batch
		batch.Queue(`INSERT INTO notes (subject_id, author_id, at, text) VALUES ($1, $2, $3, $4)`, string(id), string(e.Actor.Person), e.At, text)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		return string(id), tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("note on a case: %w", err)
	}
	return nil
}

// History is what the register says of a case and its requests, newest first.
func (s *CaseFiles) History(ctx context.Context, c indemnity.CaseFile) ([]audit.Look, error) {
	about := []string{string(c.ID)}
	for _, r := range c.Requests {
		about = append(about, string(r.ID))
	}
	rows, _ := s.pool.Query(ctx, `SELECT id FROM indemnity_reexaminations WHERE application_id = $1`, string(c.ID))
	reviews, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("history of a case: %w", translate(err))
	}
	return history(ctx, s.pool, append(about, reviews...))
}
