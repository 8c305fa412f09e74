package postgres

import (
	"context"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/notify"
)

// reviewNews is what a message needs to know of a request to look at an outcome of the
// indemnity again.
func (s *Notices) reviewNews(ctx context.Context, subject nullText, on calendar.Date) (n notify.CaseNews, err error) {
	var c indemnity.ReviewCase
	if c, err = (&CaseReexaminations{pool: s.pool, files: NewCaseFiles(s.pool)}).Reexamination(ctx, indemnity.ReexaminationID(subject)); err != nil {
		return n, err
	}
	n, err = s.caseNews(ctx, nullText(c.Case), on)
	n.Review = c.Reexamination
	return n, err
}
