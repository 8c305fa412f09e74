package notify

// MessageWaits says that the office wrote about an application for the indemnity. What it
// says, and about what, is read in the portal only.
const MessageWaits Kind = "b13"

// threadLetters tells who applied that the office has answered.
func threadLetters(e Event) (letters []Letter) {
	c := e.Case.File
	link := indemnityPath + "/" + string(c.ID) + "/messaggi/" + string(e.Case.Thread)
	for _, to := range e.Case.readers(e.ActingFor) {
		l := letter(to, MessageWaits, link, []any{"Protocol", c.Protocol})
		if c.OwnedByMember() && to != c.Member.ID {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}
