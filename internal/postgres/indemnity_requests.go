package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/notify"
	"portal/internal/once"
)

// answersOf are the answers to the request q as they were sent, each with what was made of
// it, the oldest first.
const answersOf = `(SELECT coalesce(jsonb_agg(jsonb_build_object('number', n.number, 'says', n.says, 'at', n.sent_at, 'by', n.sent_by, 'protocol', n.protocol,
		'judged', (SELECT coalesce(jsonb_agg(jsonb_build_object('verdict', j.verdict, 'why', j.why, 'by', j.made_by, 'name', o.given_name || ' ' || o.family_name,
			'at', j.made_at) ORDER BY j.id), '[]') FROM indemnity_judgements j JOIN persons o ON o.id = j.made_by WHERE j.request_id = n.request_id AND j.number = n.number))
		ORDER BY n.number), '[]') FROM indemnity_answers n WHERE n.request_id = q.id)`

const (
	writeAnswer = `UPDATE indemnity_requests SET reached_on = $2, reached_by = $3, due_on = $4, read_at = $5, answer = $6, answer_version = $7 WHERE id = $1`
	writeAgain  = `UPDATE indemnity_requests SET reached_on = $2, reached_by = $3, due_on = $4, read_at = $5, answer_again = $6, answer_version = $7 WHERE id = $1`
)

// queueRequest saves a request that is new or has changed, the answer to it, and what was
// made of that. An answer that follows another is written beside it until it is sent.
func queueRequest(batch *pgx.Batch, c indemnity.CaseFile, x indemnity.CaseChange, r indemnity.Request) {
	before, err := c.Request(r.ID)
	if err != nil {
		batch.Queue(`
			INSERT INTO indemnity_requests (id, application_id, heir_id, kind, text, items, asked_by, asked_at, days, reached_on, reached_by, due_on, state)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			string(r.ID), string(c.ID), optional(r.Heir), string(r.Kind), r.Text, append([]indemnity.RequestItem{}, r.Items...), string(r.AskedBy), r.AskedAt, r.Days, r.ReachedOn, r.ReachedBy, r.DueOn, string(r.State))
		return
	}
	if x.Judged != nil {
		batch.Queue(`INSERT INTO indemnity_judgements (request_id, number, verdict, why, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(r.ID), r.Last().Number, string(x.Judged.Verdict), x.Judged.Why, string(x.Judged.By), x.Judged.At)
		batch.Queue(`UPDATE indemnity_requests SET state = $2 WHERE id = $1`, string(r.ID), string(r.State))
		return
	}
	writtenSQL, answer := writeAnswer, any(r.Answer)
	if !before.AnsweredAt.IsZero() {
		if writtenSQL = writeAgain; !r.Again {
			answer = nil
		}
	}
	batch.Queue(writtenSQL, string(r.ID), r.ReachedOn, r.ReachedBy, r.DueOn, optionalTime(r.ReadAt), answer, r.Version)
	if x.Answer {
		batch.Queue(`
			WITH sent AS (
				INSERT INTO indemnity_answers (request_id, number, says, sent_at, sent_by, protocol)
				VALUES ($2, $3, $4, $5, $6, `+nextProtocol+`) RETURNING protocol)
			SELECT protocol FROM sent`, fmt.Sprint(calendar.On(x.Entry.At).Year), string(r.ID), len(r.Answers)+1, r.Answer, r.AnsweredAt, string(r.AnsweredBy))
		batch.Queue(`UPDATE indemnity_requests q SET answer = n.says, answer_again = NULL, state = 'answered', answered_at = n.sent_at, answered_by = n.sent_by, answer_protocol = n.protocol
			FROM indemnity_answers n WHERE q.id = $1 AND n.request_id = q.id AND n.number = $2`, string(r.ID), len(r.Answers)+1)
		batch.Queue(`DELETE FROM indemnity_papers WHERE request_id = $1 AND attachment_id IS NULL`, string(r.ID))
		batch.Queue(`UPDATE indemnity_papers SET sent_at = $2 WHERE request_id = $1 AND sent_at IS NULL`, string(r.ID), r.AnsweredAt)
	}
}

// Deliveries are the messages about a request, the oldest first.
func (s *CaseFiles) Deliveries(ctx context.Context, id indemnity.RequestID) ([]indemnity.Delivery, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT p.given_name || ' ' || p.family_name, m.kind, m.sent_at, m.read_at,
			CASE WHEN m.mailed_at IS NOT NULL THEN 'sent' WHEN p.email = '' THEN 'nowhere'
				WHEN EXISTS (SELECT FROM river_job j WHERE j.kind = 'mail' AND j.args->>'message' = m.id::text AND j.state = 'discarded') THEN 'failed' ELSE 'waits' END
		FROM messages m JOIN audit e ON e.id = m.entry_id JOIN persons p ON p.id = m.recipient_id
		WHERE e.subject_id = $1 ORDER BY m.sent_at, m.id LIMIT 200`, string(id))
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d indemnity.Delivery, err error) {
		return d, row.Scan(&d.Reader, &d.Kind, &d.At, (*zeronull.Timestamptz)(&d.ReadAt), &d.Mail)
	})
	if err != nil {
		return nil, fmt.Errorf("messages about a request: %w", translate(err))
	}
	return all, nil
}

// SetOffs are what who applied was told of debts that the indemnity covers, the oldest
// first.
func (s *CaseFiles) SetOffs(ctx context.Context, id indemnity.CaseID) ([]indemnity.SetOff, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT o.debt, o.net, p.given_name || ' ' || p.family_name, o.told_at
		FROM indemnity_set_offs o JOIN persons p ON p.id = o.told_by WHERE o.application_id = $1 ORDER BY o.id`, string(id))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.SetOff])
	if err != nil {
		return nil, fmt.Errorf("set-offs of a case: %w", translate(err))
	}
	return all, nil
}

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
	err = s.pool.QueryRow(ctx, `
		SELECT submitted_at FROM indemnity_applications WHERE protocol = $1 AND check_code = $2
		UNION ALL SELECT decided_at FROM indemnity_decisions WHERE protocol = $1 AND check_code = $2 AND check_code <> ''
		UNION ALL SELECT asked_at FROM indemnity_reexaminations WHERE protocol = $1 AND check_code = $2
		UNION ALL SELECT decided_at FROM indemnity_reexaminations WHERE answer_protocol = $1 AND answer_code = $2
		UNION ALL SELECT outcome_at FROM payment_orders WHERE certificate = $1 AND check_code = $2 AND state = 'paid'`, protocol, code).Scan(&at)
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
