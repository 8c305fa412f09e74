package notify

import (
	"portal/internal/identity"
	"portal/internal/voucher"
)

// The messages about requests to look at an outcome again.
const (
	ReviewAsked   Kind = "a14r" // the receipt of a request
	ReviewDecided Kind = "a14"  // its answer
)

// reviewLetters tells the beneficiary, who acts for them, and who asked.
func reviewLetters(e Event) []Letter {
	kind := ReviewAsked
	if e.Action == voucher.ReexaminationDecided {
		kind = ReviewDecided
	}
	var letters []Letter
	told := map[identity.PersonID]bool{}
	for _, to := range append([]identity.PersonID{e.About}, e.ActingFor...) {
		if told[to] {
			continue
		}
		told[to] = true
		l := letter(to, kind, "/contributo-psicoterapia/domande/"+string(e.Reexamination.Application)+"/riesame",
			[]any{"Protocol", e.Reexamination.Protocol})
		if to != e.About {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}
