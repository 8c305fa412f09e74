package notify

import (
	"portal/internal/voucher"
	"portal/web/ui"
)

// The messages about a code. None of them holds it.
const (
	CodeChanged Kind = "a13"  // the old code opens nothing any more
	CodeStopped Kind = "a13b" // nothing can be booked with it for the time being
	CodeFree    Kind = "a13c" // it can be used again
)

// deskLetters is what an act of an officer on an application or a code tells whom:
// the beneficiary, and who acts for them.
func deskLetters(e Event) []Letter {
	a := e.Applied.Application
	path := "/contributo-psicoterapia/domande/" + string(a.ID)
	kind, page, args := CodeChanged, "/sedute", []any(nil)
	switch e.Action {
	case voucher.ApplicationISEERequested:
		kind, page, args = ISEEToCorrect, "/isee", []any{"On", ui.OnDay(a.CureBy), "By", ui.ByDay(a.CureBy)}
	case voucher.ApplicationRefused:
		kind, page, args = Decided, "", []any{"Protocol", a.Protocol}
	case voucher.CodeBlocked:
		kind = CodeStopped
	case voucher.CodeUnblocked:
		kind = CodeFree
	}
	var letters []Letter
	for _, to := range e.readers(a) {
		l := letter(to, kind, path+page, args)
		if to != a.Beneficiary {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}
