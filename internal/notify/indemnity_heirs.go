package notify

import (
	"portal/internal/indemnity"
	"portal/web/ui"
)

// The messages to heirs who have not linked themselves yet.
const (
	HeirsRegistered Kind = "b12"  // their application was registered
	HeirsSucceeded  Kind = "b12b" // they have stepped into an application
)

// heirLetters tells heirs that there is a case for them. Their code comes by PEC, and
// stands in no message of the portal.
func heirLetters(e Event) (letters []Letter) {
	c, kind := e.Case.File, HeirsRegistered
	if e.Action == indemnity.SuccessionConfirmed {
		kind = HeirsSucceeded
	}
	for _, to := range e.Case.Invited {
		letters = append(letters, letter(to, kind, indemnityHeirsPath, []any{"Protocol", c.Protocol, "At", ui.OnMoment(c.SubmittedAt)}))
	}
	return letters
}

const indemnityHeirsPath = "/indennita-malattia-infortunio/eredi/collega"
