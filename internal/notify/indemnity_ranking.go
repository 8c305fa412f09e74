package notify

import "portal/internal/indemnity"

// The messages about the publication of a ranking.
const (
	IndemnityRanked  Kind = "b10"  // the case has a place in it
	IndemnityLeftOut Kind = "b10b" // it came out without the case
)

// rankedLetters tell who applied where they read their place, or why they have none. The
// subject says nothing of it, and neither does the body of the place.
func rankedLetters(e Event) (letters []Letter) {
	c := e.Case.File
	kind, path := IndemnityRanked, indemnityPath+"/"+string(c.ID)+"/graduatoria"
	if e.Action == indemnity.CaseLeftOut {
		kind, path = IndemnityLeftOut, indemnityPath+"/"+string(c.ID)
	}
	for _, to := range e.Case.readers(e.ActingFor) {
		l := letter(to, kind, path, []any{"Protocol", c.Protocol})
		if c.OwnedByMember() && to != c.Member.ID {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}

// Ranked is the message as everybody with a place gets it, for who is about to have it sent.
func Ranked(protocol string) Letter {
	return letter("", IndemnityRanked, "", []any{"Protocol", protocol})
}

// LeftOut is the message as everybody gets it whose case is not waited for, likewise.
func LeftOut(protocol string) Letter {
	return letter("", IndemnityLeftOut, "", []any{"Protocol", protocol})
}
