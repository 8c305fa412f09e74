package notify

import (
	"portal/internal/audit"
	"portal/internal/indemnity"
	"portal/web/ui"
)

// The messages about requests to look at an outcome of the indemnity again.
const (
	CaseReviewAsked   Kind = "b14"  // it was received
	CaseReviewRead    Kind = "b14b" // the office has opened it
	CaseReviewDecided Kind = "b14c"
)

var caseReviewKinds = map[audit.Action]Kind{indemnity.ReexaminationAsked: CaseReviewAsked, indemnity.ReexaminationRead: CaseReviewRead, indemnity.ReexaminationDecided: CaseReviewDecided}

// caseReviewLetters tell who applied, and who acts for them. What was decided stands behind
// the login.
func caseReviewLetters(e Event) (letters []Letter) {
	c, r := e.Case.File, e.Case.Review
	kind := caseReviewKinds[e.Action]
	for _, to := range e.Case.readers(e.ActingFor) {
		l := letter(to, kind, indemnityPath+"/"+string(c.ID)+"/riesame", []any{"Protocol", r.Protocol, "Case", c.Protocol, "By", ui.ByDay(r.DecideBy)})
		if c.OwnedByMember() && to != c.Member.ID {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}
