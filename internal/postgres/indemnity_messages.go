package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/notify"
	"portal/internal/once"
)

// Threads is the indemnity.ThreadStore.
type Threads struct {
	pool  *pgxpool.Pool
	cases *CaseFiles
}

// NewThreads is the store on a pool.
func NewThreads(pool *pgxpool.Pool) *Threads { return &Threads{pool, NewCaseFiles(pool)} }

// CaseFile is a case with all that belongs to it.
func (s *Threads) CaseFile(ctx context.Context, id indemnity.CaseID) (indemnity.CaseFile, error) {
	return s.cases.CaseFile(ctx, id)
}

// See writes that somebody looked.
func (s *Threads) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// Threads are those of some cases as somebody finds them, last written first.
func (s *Threads) Threads(ctx context.Context, reader identity.PersonID, office bool, cases ...indemnity.CaseID) ([]indemnity.Thread, error) {
	all, err := threadsOf(ctx, s.pool, reader, office, cases...)
	if err != nil {
		return nil, fmt.Errorf("threads: %w", err)
	}
	return all, nil
}

func threadsOf(ctx context.Context, db DB, reader identity.PersonID, office bool, cases ...indemnity.CaseID) (all []indemnity.Thread, err error) {
	ids := make([]string, len(cases))
	for i, id := range cases {
		ids[i] = string(id)
	}
	rows, _ := db.Query(ctx, `
		SELECT t.id, t.application_id, t.topic, t.opened_at, t.closed_at, m.id, m.by_office, m.text, m.at,
			(SELECT min(r.at) FROM indemnity_message_reads r WHERE r.message_id = m.id AND r.by_office <> m.by_office),
			m.author_id <> $1 AND NOT ($2 AND m.by_office) AND NOT EXISTS (
				SELECT FROM indemnity_message_reads r WHERE r.message_id = m.id AND (r.reader_id = $1 OR $2 AND r.by_office)),
			`+personColumns+`
		FROM indemnity_threads t
		JOIN LATERAL (SELECT max(l.at) AS at FROM indemnity_messages l WHERE l.thread_id = t.id) last ON true
		JOIN indemnity_messages m ON m.thread_id = t.id JOIN persons p ON p.id = m.author_id
		WHERE t.application_id = ANY ($3) ORDER BY last.at DESC, t.id, m.at, m.number`, string(reader), office, ids)
	var t indemnity.Thread
	var m indemnity.ThreadMessage
	_, err = pgx.ForEachRow(rows, append([]any{&t.ID, &t.Case, &t.Topic, &t.OpenedAt, (*zeronull.Timestamptz)(&t.ClosedAt), &m.ID, &m.ByOffice, &m.Text, &m.At,
		(*zeronull.Timestamptz)(&m.ReadAt), &m.Unread}, personFields(&m.Author)...), func() error {
		if n := len(all); n == 0 || all[n-1].ID != t.ID {
			all = append(all, t)
		}
		of := &all[len(all)-1]
		of.Messages = append(of.Messages, m)
		return nil
	})
	return all, translate(err)
}

// Converse locks a case, asks for a decision on it and its threads, and saves that.
func (s *Threads) Converse(ctx context.Context, form once.Form, now time.Time, id indemnity.CaseID,
	decide func(indemnity.CaseFile, []indemnity.Thread) (indemnity.ThreadChange, error)) (indemnity.ThreadID, error) {
	thread, err := actOnce(ctx, s.pool, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, lockApplication, string(id)); err != nil {
			return "", err
		}
		c, err := s.cases.one(ctx, tx, id)
		if err != nil {
			return "", err
		}
		threads, err := threadsOf(ctx, tx, form.Person, false, id)
		if err != nil {
			return "", err
		}
		x, err := decide(c, threads)
		if err != nil {
			return "", err
		}
		var batch pgx.Batch
		if t := x.Opens; t != nil {
			batch.Queue(`INSERT INTO indemnity_threads (id, application_id, topic, opened_by, opened_at) VALUES ($1, $2, $3, $4, $5)`,
				string(t.ID), string(t.Case), string(t.Topic), string(x.Entry.Actor.Person), t.OpenedAt)
		}
		if m := x.Message; m != nil {
			batch.Queue(`INSERT INTO indemnity_messages (id, thread_id, by_office, author_id, text, at) VALUES ($1, $2, $3, $4, $5, $6)`,
				m.ID, string(x.Thread), m.ByOffice, string(m.Author.ID), m.Text, m.At)
		}
		if x.Closes {
			batch.Queue(`UPDATE indemnity_threads SET closed_by = $2, closed_at = $3 WHERE id = $1`, string(x.Thread), string(x.Entry.Actor.Person), x.Entry.At)
		}
		if x.Tell {
			batch.Queue(tellEntry, entryValues(ctx, x.Entry)...)
		} else {
			batch.Queue(insertEntry, entryValues(ctx, x.Entry)...)
		}
		return string(x.Thread), tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return "", fmt.Errorf("write about a case: %w", err)
	}
	return indemnity.ThreadID(thread), nil
}

// MarkRead notes that somebody has opened the messages of a thread.
func (s *Threads) MarkRead(ctx context.Context, id indemnity.ThreadID, reader identity.PersonID, office bool, at time.Time) error {
	_, err := s.pool.Exec(ctx, `
		INSERT INTO indemnity_message_reads (message_id, reader_id, by_office, at)
		SELECT m.id, $2, $3, $4 FROM indemnity_messages m WHERE m.thread_id = $1 AND m.author_id <> $2 AND NOT ($3 AND m.by_office)
		ON CONFLICT DO NOTHING`, string(id), string(reader), office, at)
	if err != nil {
		return fmt.Errorf("messages are read: %w", translate(err))
	}
	return nil
}

// OpenThreads is a page of the threads that are open, those that wait for an answer first.
func (s *Threads) OpenThreads(ctx context.Context, about indemnity.Topic, page, size int) (lines []indemnity.ThreadLine, total int, err error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT t.id, t.application_id, a.protocol, p.given_name || ' ' || p.family_name, t.topic, l.at, NOT l.by_office,
			EXISTS (SELECT FROM indemnity_messages m WHERE m.thread_id = t.id AND NOT m.by_office
				AND NOT EXISTS (SELECT FROM indemnity_message_reads r WHERE r.message_id = m.id AND r.by_office)),
			count(*) OVER ()
		FROM indemnity_threads t JOIN indemnity_applications a ON a.id = t.application_id JOIN persons p ON p.id = a.member_id
		JOIN LATERAL (SELECT m.at, m.by_office FROM indemnity_messages m WHERE m.thread_id = t.id ORDER BY m.at DESC, m.number DESC LIMIT 1) l ON true
		WHERE t.closed_at IS NULL AND ($1 = '' OR t.topic = $1) ORDER BY l.by_office, l.at, t.id LIMIT $2 OFFSET $3`, string(about), size, max(page-1, 0)*size)
	var l indemnity.ThreadLine
	_, err = pgx.ForEachRow(rows, []any{&l.ID, &l.Case, &l.Protocol, &l.Member, &l.Topic, &l.Last, &l.Waits, &l.Unread, &total}, func() error {
		lines = append(lines, l)
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("open threads: %w", translate(err))
	}
	return lines, total, nil
}

// threadNews is the case of a thread as a message about it needs to know it.
func (s *Notices) threadNews(ctx context.Context, subject nullText, on calendar.Date) (n notify.CaseNews, err error) {
	var of nullText
	if err := s.pool.QueryRow(ctx, `SELECT application_id FROM indemnity_threads WHERE id = $1`, string(subject)).Scan(&of); err != nil {
		return n, fmt.Errorf("case of a thread: %w", translate(err))
	}
	n, err = s.caseNews(ctx, of, on)
	n.Thread = indemnity.ThreadID(subject)
	return n, err
}
