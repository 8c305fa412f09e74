package postgres

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/document"
	"portal/internal/once"
	"portal/internal/voucher"
)

const (
	paperColumns = `t.id, t.subject_id, t.owner_id, t.name, t.media_type, t.size_bytes, t.at, x.id IS NOT NULL, d.writer_id, coalesce(x.application_id, d.application_id), t.erased_at IS NOT NULL`
	paperFrom    = ` FROM attachments t LEFT JOIN reexaminations x ON x.id = t.subject_id LEFT JOIN reexamination_drafts d ON d.id = t.subject_id
		WHERE (x.id IS NOT NULL OR d.id IS NOT NULL)`
	papersOf  = `SELECT ` + paperColumns + paperFrom + ` AND t.subject_id = $1 ORDER BY t.at, t.id`
	paperByID = `SELECT ` + paperColumns + paperFrom + ` AND t.id = $1`
)

func scanPaper(row pgx.CollectableRow) (p voucher.Paper, err error) {
	return p, row.Scan(&p.ID, &p.Subject, &p.Owner, &p.Name, &p.Type, &p.Size, &p.At, &p.Sent, (*nullText)(&p.Writer), &p.Of, &p.Erased)
}

// Papers lists what was handed in with a request or a draft.
func (s *Reexaminations) Papers(ctx context.Context, subject string) ([]voucher.Paper, error) {
	rows, _ := s.pool.Query(ctx, papersOf, subject)
	all, err := pgx.CollectRows(rows, scanPaper)
	if err != nil {
		return nil, fmt.Errorf("papers: %w", translate(err))
	}
	return all, nil
}

// Paper is one of them.
func (s *Reexaminations) Paper(ctx context.Context, id string) (voucher.Paper, error) {
	rows, _ := s.pool.Query(ctx, paperByID, id)
	p, err := pgx.CollectExactlyOneRow(rows, scanPaper)
	if err != nil {
		return p, fmt.Errorf("paper: %w", translate(err))
	}
	return p, nil
}

// AddPaper seals and keeps a paper of a draft.
func (s *Reexaminations) AddPaper(ctx context.Context, form once.Form, p voucher.Paper, f document.File, most document.Limits, e audit.Entry) error {
	return s.papers.add(ctx, s.pool, drafted{`SELECT FROM reexamination_drafts WHERE id = $1 FOR UPDATE`, voucher.ErrReviewNoDraft},
		form, attachment{ID: p.ID, Subject: p.Subject, Owner: p.Owner, At: p.At}, f, most, e)
}

// RemovePaper takes a paper away from a draft. One that was sent is not found.
func (s *Reexaminations) RemovePaper(ctx context.Context, form once.Form, id string, e audit.Entry) error {
	return s.papers.takeBack(ctx, s.pool, `DELETE FROM attachments WHERE id = $1 AND subject_id IN (SELECT id FROM reexamination_drafts)`, form, id, e)
}

// OpenPaper reads a paper, once it is written down that it was opened.
func (s *Reexaminations) OpenPaper(ctx context.Context, id string, e audit.Entry) (io.Reader, error) {
	content, err := s.papers.open(ctx, s.pool, id)
	if err != nil {
		return nil, err
	}
	return content, write(ctx, s.pool, e)
}

// Openings lists who of the office opened the papers of a request, newest first.
func (s *Reexaminations) Openings(ctx context.Context, of voucher.ReexaminationID) ([]voucher.Opening, error) {
	rows, _ := s.pool.Query(ctx, paperOpenings, string(of), string(voucher.PaperOpened), "inps")
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.Opening])
	if err != nil {
		return nil, fmt.Errorf("who opened papers: %w", translate(err))
	}
	return all, nil
}
