package notify

// IndemnityRanked tells who applied that the ranking of their call was published.
const IndemnityRanked Kind = "b10"

// rankedLetters tell who applied where they read their place. The subject says nothing of
// it, and neither does the body.
func rankedLetters(e Event) (letters []Letter) {
	c := e.Case.File
	for _, to := range e.Case.readers(e.ActingFor) {
		l := letter(to, IndemnityRanked, indemnityPath+"/"+string(c.ID)+"/graduatoria", []any{"Protocol", c.Protocol})
		if c.OwnedByMember() && to != c.Member.ID {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}

// Ranked is the message as everybody gets it, for who is about to have it sent.
func Ranked(protocol string) Letter {
	return letter("", IndemnityRanked, "", []any{"Protocol", protocol})
}
