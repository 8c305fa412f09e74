package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/notify"
	"portal/internal/once"
)

// Written are the messages to a reader about a case and its requests, newest first.
func (s *CaseFiles) Written(ctx context.Context, reader identity.PersonID, id indemnity.CaseID) ([]indemnity.Written, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT m.id, m.subject, m.sent_at, m.mailed_at IS NOT NULL, m.read_at IS NOT NULL
		FROM messages m JOIN audit e ON e.id = m.entry_id
		WHERE m.recipient_id = $1 AND (e.subject_id = $2 OR e.subject_id IN (SELECT q.id FROM indemnity_requests q WHERE q.application_id = $2))
		ORDER BY m.sent_at DESC, m.id LIMIT 200`, string(reader), string(id))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.Written])
	if err != nil {
		return nil, fmt.Errorf("messages of a case: %w", translate(err))
	}
	return all, nil
}

// Issued is when the document with a number and a check code was issued.
func (s *CaseFiles) Issued(ctx context.Context, protocol, code string) (at time.Time, err error) {
	err = s.pool.QueryRow(ctx, `SELECT submitted_at FROM indemnity_applications WHERE protocol = $1 AND check_code = $2`, protocol, code).Scan(&at)
	if err != nil {
		return at, fmt.Errorf("document: %w", translate(err))
	}
	return at, nil
}

// Running are the cases with a request whose term runs and that was not answered.
func (s *CaseFiles) Running(ctx context.Context, today calendar.Date) ([]indemnity.CaseFile, map[indemnity.RequestID]calendar.Date, error) {
	all, err := s.cases(ctx, s.pool, caseFilesAsked, today)
	if err != nil {
		return nil, nil, fmt.Errorf("cases with a term: %w", err)
	}
	last := map[indemnity.RequestID]calendar.Date{}
	var id indemnity.RequestID
	var on calendar.Date
	rows, _ := s.pool.Query(ctx, `SELECT id, reminded_on FROM indemnity_requests WHERE state = 'open' AND reminded_on IS NOT NULL`)
	if _, err := pgx.ForEachRow(rows, []any{&id, &on}, func() error { last[id] = on; return nil }); err != nil {
		return nil, nil, fmt.Errorf("reminders of requests: %w", translate(err))
	}
	return all, last, nil
}

// RemindRequest notes that who applied is reminded of a request on a day, once a day.
func (s *CaseFiles) RemindRequest(ctx context.Context, id indemnity.RequestID, on calendar.Date, e audit.Entry) (first bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		noted, err := tx.Exec(ctx, `UPDATE indemnity_requests SET reminded_on = $2
			WHERE id = $1 AND state = 'open' AND (reminded_on IS NULL OR reminded_on < $2)`, string(id), on)
		if first = err == nil && noted.RowsAffected() == 1; !first {
			return err
		}
		_, err = tx.Exec(ctx, tellEntry, entryValues(ctx, e)...)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("remind of a request: %w", translate(err))
	}
	return first, nil
}

// See writes that somebody looked.
func (s *CaseFiles) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// Outcome is what came of a form that was stored before.
func (s *CaseFiles) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// caseNews is a case, by its own id or by that of a request, as a message of a day needs
// to know it.
func (s *Notices) caseNews(ctx context.Context, subject nullText, on calendar.Date) (n notify.CaseNews, err error) {
	n.Today = on
	var id indemnity.CaseID
	err = s.pool.QueryRow(ctx, `SELECT coalesce((SELECT application_id FROM indemnity_requests WHERE id = $1::uuid), $1::uuid)::text`, string(subject)).Scan(&id)
	if err != nil {
		return n, fmt.Errorf("case of a request: %w", translate(err))
	}
	if n.File, err = NewCaseFiles(s.pool).one(ctx, s.pool, id); err != nil {
		return n, err
	}
	if n.Invited, err = s.invited(ctx, id); err != nil || string(id) == string(subject) {
		return n, err
	}
	n.Request, err = n.File.Request(indemnity.RequestID(subject))
	return n, err
}
