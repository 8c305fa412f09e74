package notify

import (
	"portal/internal/indemnity"
	"portal/web/ui"
)

// The messages about how the examination of a case ended.
const (
	IndemnityExamined Kind = "b07"  // nothing is in its way to the ranking
	IndemnityRefused  Kind = "b08"  // it ends before the ranking: another look can be asked for, by a day
	IndemnityDecided  Kind = "b08b" // anything else was decided
)

// decisionLetters tell who applied that something was decided. The subject is the same
// whatever it was: the outcome and its reasons stand behind the login.
func decisionLetters(e Event) (letters []Letter) {
	c := e.Case.File
	d := c.Decision()
	if d == nil {
		return nil
	}
	kind, ranking, by := IndemnityDecided, "", ""
	switch {
	case d.Refuses():
		kind, by = IndemnityRefused, ui.ByDay(c.ReviewBy(d.DecidedAt))
	case d.To == indemnity.Suitable:
		kind, ranking = IndemnityExamined, italian.T("case.expected.ranking.none")
		switch on := c.Rules.Expected.Is.Ranking; {
		case c.LeftOut != nil:
			ranking = italian.T("case.left_out", "On", ui.OnDay(c.LeftOut.On)) + ". " + italian.T("case.left_out.now")
		case !on.IsZero():
			ranking = italian.T("case.expected.ranking", "On", ui.OnDay(on))
		}
	}
	for _, to := range e.Case.readers(e.ActingFor) {
		l := letter(to, kind, indemnityPath+"/"+string(c.ID)+"/esito", []any{"Protocol", c.Protocol, "Ranking", ranking, "By", by})
		if c.OwnedByMember() && to != c.Member.ID {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}
