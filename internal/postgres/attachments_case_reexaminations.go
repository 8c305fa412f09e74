package postgres

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/document"
	"portal/internal/indemnity"
	"portal/internal/once"
)

const (
	reviewPaperColumns = `SELECT t.id, t.subject_id, coalesce(x.application_id, d.application_id), t.owner_id, t.name, t.media_type, t.size_bytes, t.at,
			x.id IS NOT NULL, coalesce(d.writer_id, x.asked_by), t.erased_at IS NOT NULL
		FROM attachments t LEFT JOIN indemnity_reexaminations x ON x.id = t.subject_id LEFT JOIN indemnity_reexamination_drafts d ON d.id = t.subject_id
		WHERE (x.id IS NOT NULL OR d.id IS NOT NULL) AND `
	reviewPapersOf  = reviewPaperColumns + `t.subject_id = $1 ORDER BY t.at, t.id`
	reviewPaperByID = reviewPaperColumns + `t.id = $1`
)

// Papers are what was handed in with a request or a draft.
func (s *CaseReexaminations) Papers(ctx context.Context, subject indemnity.ReexaminationID) ([]indemnity.ReviewPaper, error) {
	rows, _ := s.pool.Query(ctx, reviewPapersOf, string(subject))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.ReviewPaper])
	if err != nil {
		return nil, fmt.Errorf("papers of a re-examination: %w", translate(err))
	}
	return all, nil
}

// Paper is one of them.
func (s *CaseReexaminations) Paper(ctx context.Context, id string) (indemnity.ReviewPaper, error) {
	rows, _ := s.pool.Query(ctx, reviewPaperByID, id)
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[indemnity.ReviewPaper])
	if err != nil {
		return p, fmt.Errorf("paper of a re-examination: %w", translate(err))
	}
	return p, nil
}

// AddPaper seals and keeps a paper of a draft.
func (s *CaseReexaminations) AddPaper(ctx context.Context, form once.Form, p indemnity.ReviewPaper, f document.File, most document.Limits, e audit.Entry) error {
	return s.papers.add(ctx, s.pool, drafted{`SELECT FROM indemnity_reexamination_drafts WHERE id = $1 FOR UPDATE`, indemnity.ErrReviewNoDraft},
		form, attachment{ID: p.ID, Subject: string(p.Subject), Owner: p.Owner, At: p.At}, f, most, e)
}

// RemovePaper takes a paper away from a draft. One that was sent is not found.
func (s *CaseReexaminations) RemovePaper(ctx context.Context, form once.Form, id string, e audit.Entry) error {
	return s.papers.takeBack(ctx, s.pool, `DELETE FROM attachments WHERE id = $1 AND subject_id IN (SELECT id FROM indemnity_reexamination_drafts)`, form, id, e)
}

// OpenPaper reads a paper, once it is written down that it was opened.
func (s *CaseReexaminations) OpenPaper(ctx context.Context, id string, e audit.Entry) (io.Reader, error) {
	content, err := s.papers.open(ctx, s.pool, id)
	if err != nil {
		return nil, err
	}
	return content, write(ctx, s.pool, e)
}

// Openings are when the office opened the papers of a request, newest first.
func (s *CaseReexaminations) Openings(ctx context.Context, of indemnity.ReexaminationID) ([]indemnity.ReviewOpening, error) {
	rows, _ := s.pool.Query(ctx, paperOpenings, string(of), string(indemnity.PaperOpened), "welfare")
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.ReviewOpening])
	if err != nil {
		return nil, fmt.Errorf("who opened papers: %w", translate(err))
	}
	return all, nil
}
