package notify

import "portal/internal/office"

// The messages to who works in an office: a role that somebody did not expect, or that
// is gone, is not found out by chance. Which one stands in the portal only.
const (
	RoleGiven Kind = "o08"
	RoleEnded Kind = "o08b"
)

// roleLetters tells somebody that they have a role, or have one no more.
func roleLetters(e Event) []Letter {
	kind := RoleGiven
	if e.Action == office.GrantEnded {
		kind = RoleEnded
	}
	return []Letter{letter(e.About, kind, "/profili", nil)}
}
