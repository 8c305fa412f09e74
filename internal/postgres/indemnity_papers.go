package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// Papers is the indemnity.PaperStore.
type Papers struct {
	pool   *pgxpool.Pool
	papers *attachments
}

// NewPapers is the store on a pool, with the keys of what it keeps.
func NewPapers(pool *pgxpool.Pool, keys document.Keys) *Papers {
	return &Papers{pool, newAttachments(keys)}
}

// Folder is a case as far as papers matter.
func (s *Papers) Folder(ctx context.Context, id indemnity.CaseID) (indemnity.Folder, error) {
	return folder(ctx, s.pool, id)
}

// FolderOf is the case of a paper.
func (s *Papers) FolderOf(ctx context.Context, id indemnity.PaperID) (indemnity.Folder, error) {
	var of indemnity.CaseID
	if err := s.pool.QueryRow(ctx, `SELECT case_id FROM indemnity_papers WHERE id = $1`, string(id)).Scan(&of); err != nil {
		return indemnity.Folder{}, fmt.Errorf("case of a paper: %w", translate(err))
	}
	return folder(ctx, s.pool, of)
}

// folder reads the case that is a draft, an application, or first one and then the other.
func folder(ctx context.Context, db DB, id indemnity.CaseID) (c indemnity.Folder, err error) {
	c.Case = id
	err = db.QueryRow(ctx, `
		SELECT coalesce(a.member_id, d.member_id), a.id IS NOT NULL OR d.sent_at IS NOT NULL, coalesce(a.state, ''), coalesce(a.channel, ''),
			(SELECT coalesce(jsonb_object_agg(h.person_id, h.id), '{}') FROM heirs h WHERE h.application_id = $1 AND h.linked_at IS NOT NULL AND h.removed_at IS NULL),
			coalesce(a.officer_id::text, ''),
			EXISTS (SELECT FROM indemnity_decisions WHERE application_id = $1 AND state = 'proposed') OR EXISTS (SELECT FROM indemnity_reexaminations WHERE application_id = $1 AND state = 'proposed'),
			EXISTS (SELECT FROM indemnity_controls WHERE application_id = $1 AND state = 'open') OR EXISTS (SELECT FROM indemnity_reexaminations WHERE application_id = $1 AND state IN ('asked', 'proposed'))
		FROM (VALUES ($1::uuid)) c (id) LEFT JOIN indemnity_drafts d ON d.id = c.id LEFT JOIN indemnity_applications a ON a.id = c.id
		WHERE coalesce(a.id, d.id) IS NOT NULL`, string(id)).Scan(&c.Member, &c.Sent, &c.State, &c.Channel, &c.Heirs, &c.Officer, &c.Waits, &c.Again)
	if err != nil {
		return c, fmt.Errorf("case: %w", translate(err))
	}
	rows, _ := db.Query(ctx, `SELECT id, coalesce(heir_id::text, ''), state, due_on FROM indemnity_requests WHERE application_id = $1 ORDER BY asked_at, id`, string(id))
	if c.Requests, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r indemnity.Request, err error) {
		return r, row.Scan(&r.ID, &r.Heir, &r.State, &r.DueOn)
	}); err != nil {
		return c, fmt.Errorf("requests of a case: %w", translate(err))
	}
	papers, err := casePapers(ctx, db, string(id))
	c.Papers = papers[id]
	return c, err
}

// on does something to a locked case, if judge lets it. Nothing is asked for, answered
// or sent meanwhile.
func (s *Papers) on(ctx context.Context, tx pgx.Tx, id indemnity.CaseID, judge func(indemnity.Folder) error) (indemnity.Folder, error) {
	var locks pgx.Batch
	locks.Queue(`SELECT FROM indemnity_drafts WHERE id = $1 FOR UPDATE`, string(id))
	locks.Queue(`SELECT FROM indemnity_applications WHERE id = $1 FOR NO KEY UPDATE`, string(id))
	locks.Queue(`SELECT FROM indemnity_requests WHERE application_id = $1 FOR SHARE`, string(id))
	if err := tx.SendBatch(ctx, &locks).Close(); err != nil {
		return indemnity.Folder{}, err
	}
	c, err := folder(ctx, tx, id)
	if err == nil {
		err = judge(c)
	}
	return c, err
}

// change does something to a locked case, once for each form.
func (s *Papers) change(ctx context.Context, form once.Form, id indemnity.CaseID, judge func(indemnity.Folder) error,
	do func(ctx context.Context, tx pgx.Tx, c indemnity.Folder, batch *pgx.Batch) (string, error), e audit.Entry) (string, error) {
	return actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		c, err := s.on(ctx, tx, id, judge)
		if err != nil {
			return "", err
		}
		var batch pgx.Batch
		outcome, err := do(ctx, tx, c, &batch)
		if err != nil {
			return "", err
		}
		e.Subject = outcome
		s.noted(ctx, &batch, c, e)
		return outcome, tx.SendBatch(ctx, &batch).Close()
	})
}

// noted writes the entry, and that a draft was saved.
func (s *Papers) noted(ctx context.Context, batch *pgx.Batch, c indemnity.Folder, e audit.Entry) {
	batch.Queue(`UPDATE indemnity_drafts SET saved_at = $2 WHERE id = $1 AND sent_at IS NULL`, string(c.Case), e.At)
	batch.Queue(insertEntry, entryValues(ctx, e)...)
}

const amendPaper = `UPDATE indemnity_papers SET kind = $2, issued_on = $3, covers = CASE WHEN $4::date IS NULL THEN NULL ELSE daterange($4, $5, '[]') END,
	expires_on = $6, added_at = $7 WHERE id = $1 AND sent_at IS NULL`

func paperWords(p indemnity.Paper, id indemnity.PaperID) []any {
	return []any{string(id), string(p.Kind), p.IssuedOn, p.Covers.From, p.Covers.To, p.Expires, p.AddedAt}
}

const addPaper = `INSERT INTO indemnity_papers (id, kind, issued_on, covers, expires_on, added_at, case_id, request_id, replaces, added_by)
	VALUES ($1, $2, $3, CASE WHEN $4::date IS NULL THEN NULL ELSE daterange($4, $5, '[]') END, $6, $7, $8, $9, $10, $11)`

func addedPaper(p indemnity.Paper) []any {
	return append(paperWords(p, p.ID), string(p.Case), optional(p.Request), optional(p.Replaces), string(p.AddedBy))
}

// Note keeps what a paper is, without its file.
func (s *Papers) Note(ctx context.Context, form once.Form, p indemnity.Paper, most document.Limits, judge func(indemnity.Folder) error, e audit.Entry) (indemnity.PaperID, error) {
	before, again, err := outcomeOf(ctx, s.pool, form)
	if err != nil {
		return "", err
	}
	if again { // the same form says it better, unless its paper is gone or sent
		p.ID, form.Key = indemnity.PaperID(before), ""
	}
	id, err := s.change(ctx, form, p.Case, judge, func(ctx context.Context, tx pgx.Tx, c indemnity.Folder, batch *pgx.Batch) (string, error) {
		together := 0
		for _, other := range c.Papers {
			same := other.Kind == p.Kind && other.IssuedOn == p.IssuedOn && other.Covers == p.Covers
			switch {
			case other.Request != p.Request:
			case other.ID == p.ID, other.Attachment == "" && same && other.Replaces == p.Replaces && c.Together(other, p):
				batch.Queue(amendPaper, paperWords(p, other.ID)...)
				return string(other.ID), nil
			default:
				together++
			}
		}
		if together >= most.Files {
			return "", document.ErrTooMany
		}
		batch.Queue(addPaper, addedPaper(p)...)
		return string(p.ID), nil
	}, e)
	if err != nil {
		return "", fmt.Errorf("note a paper: %w", err)
	}
	return indemnity.PaperID(id), nil
}

// Amend keeps what a paper is in other words.
func (s *Papers) Amend(ctx context.Context, form once.Form, p indemnity.Paper, judge func(indemnity.Folder) error, e audit.Entry) error {
	_, err := s.change(ctx, form, p.Case, judge, func(_ context.Context, _ pgx.Tx, _ indemnity.Folder, batch *pgx.Batch) (string, error) {
		batch.Queue(amendPaper, paperWords(p, p.ID)...)
		return string(p.ID), nil
	}, e)
	if err != nil {
		return fmt.Errorf("amend a paper: %w", err)
	}
	return nil
}

// Attach keeps the file of a paper in the place of the one that it had, or, with a spare
// name, in nobody's.
func (s *Papers) Attach(ctx context.Context, form once.Form, p indemnity.Paper, spare indemnity.PaperID, f document.File, most document.Limits,
	judge func(indemnity.Folder) error, e audit.Entry) (in indemnity.PaperID, err error) {
	err = s.papers.write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		c, err := s.on(ctx, tx, p.Case, judge)
		if err != nil {
			return err
		}
		before, again, err := outcomeOf(ctx, tx, form)
		if err != nil || again {
			in = indemnity.PaperID(before)
			return err
		}
		goes, err := place(c, p, spare, f, most)
		if err != nil {
			return err
		}
		var batch pgx.Batch
		if in = goes.in; goes.add {
			p.ID = in
			batch.Queue(addPaper, addedPaper(p)...)
		}
		if goes.kept {
			if in != p.ID { // what was noted is there already
				batch.Queue(`DELETE FROM indemnity_papers WHERE id = $1 AND attachment_id IS NULL`, string(p.ID))
			}
		} else {
			if err := s.papers.keep(ctx, tx, attachment{ID: p.Attachment, Subject: string(p.Case), Owner: c.Member, At: p.AddedAt}, f); err != nil {
				return err
			}
			batch.Queue(`UPDATE indemnity_papers SET attachment_id = $2, added_by = $3, added_at = $4, sent_at = $5 WHERE id = $1`,
				string(in), p.Attachment, string(p.AddedBy), p.AddedAt, optionalTime(p.SentAt))
			batch.Queue(`DELETE FROM attachments WHERE id = $1`, optional(goes.instead))
		}
		batch.Queue(`UPDATE indemnity_drafts SET saved_at = $2 WHERE id = $1 AND sent_at IS NULL`, string(c.Case), e.At)
		e.Subject = string(in)
		return finish(ctx, tx, &batch, form, string(in), []audit.Entry{e})
	})
	if err != nil {
		return "", fmt.Errorf("keep the file of a paper: %w", translate(err))
	}
	return in, nil
}

// going is where a file goes.
type going struct {
	in      indemnity.PaperID // the paper
	add     bool              // that is to be made
	kept    bool              // it has this file already
	instead string            // of which attachment, or ""
}

// place finds where a file goes: to its paper, or to an equal one that has it already.
// Limits are those of what is handed in together.
func place(c indemnity.Folder, p indemnity.Paper, spare indemnity.PaperID, f document.File, most document.Limits) (going, error) {
	goes, files, together, there := going{in: p.ID}, 0, f.Size, false
	for _, other := range c.Papers {
		equal := other.Kind == p.Kind && other.IssuedOn == p.IssuedOn && other.Covers == p.Covers && other.Request == p.Request && c.Together(other, p)
		switch has := other.Attachment != "" && other.Digest == f.Digest; {
		case has && (other.ID == p.ID || spare != "" && equal):
			return going{in: other.ID, kept: true}, nil
		case other.ID == p.ID && (spare == "" || other.Attachment == ""):
			there, goes.instead = true, other.Attachment
		case other.Request == p.Request && other.Attachment != "":
			files, together = files+1, together+other.Size
		}
	}
	switch {
	case !there && spare == "":
		return goes, fault.ErrNotFound
	case !there: // another form was quicker with the paper that this one had noted
		goes.in, goes.add = spare, true
	}
	if files >= most.Files || together > most.Together {
		return goes, document.ErrTooMany
	}
	return goes, nil
}

// Remove forgets a paper with its file.
func (s *Papers) Remove(ctx context.Context, form once.Form, p indemnity.Paper, judge func(indemnity.Folder) error, e audit.Entry) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		c, err := s.on(ctx, tx, p.Case, judge)
		if err != nil {
			return "", err
		}
		var file *string
		err = tx.QueryRow(ctx, `DELETE FROM indemnity_papers WHERE id = $1 RETURNING attachment_id::text`, string(p.ID)).Scan(&file)
		if errors.Is(err, pgx.ErrNoRows) {
			err = fault.ErrNotFound
		}
		if err != nil {
			return "", err
		}
		var batch pgx.Batch
		batch.Queue(`DELETE FROM attachments WHERE id = $1`, file)
		s.noted(ctx, &batch, c, e)
		return string(p.Kind), tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("remove a paper: %w", err)
	}
	return nil
}

// Open reads the file of a paper, once it is written down that it was opened.
func (s *Papers) Open(ctx context.Context, p indemnity.Paper, e audit.Entry) (io.Reader, error) {
	content, err := s.papers.open(ctx, s.pool, p.Attachment)
	if err != nil {
		return nil, err
	}
	return content, write(ctx, s.pool, e)
}

// Outcome is what came of a form that was stored before.
func (s *Papers) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// Disclose keeps that somebody has what is covered of a case shown; the same form again is
// no other.
func (s *Papers) Disclose(ctx context.Context, form once.Form, d audit.Disclosure) error {
	_, err := disclose(ctx, s.pool, form, d)
	return err
}

// Disclosed tells whether something was shown to somebody since then.
func (s *Papers) Disclosed(ctx context.Context, to identity.PersonID, file, datum string, since time.Time) (bool, error) {
	return disclosed(ctx, s.pool, to, file, datum, since)
}

// Openings is when the office, or an auditor, opened the papers of a case, newest first.
func (s *Papers) Openings(ctx context.Context, id indemnity.CaseID) ([]indemnity.Opening, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT p.id, a.at, o.given_name || ' ' || o.family_name, a.role = 'oversight'
		FROM indemnity_papers p JOIN audit a ON a.subject_id = p.id JOIN persons o ON o.id = a.person_id
		WHERE p.case_id = $1 AND a.action = 'indemnity.paper_opened' AND a.role IN ('welfare', 'oversight') ORDER BY a.id DESC LIMIT 200`, string(id))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.Opening])
	if err != nil {
		return nil, fmt.Errorf("who opened papers: %w", translate(err))
	}
	return all, nil
}
