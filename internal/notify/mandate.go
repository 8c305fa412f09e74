package notify

import "portal/internal/mandate"

// The messages about who acts for whom.
const (
	MandateHeld  Kind = "d01" // to who may act for somebody from now on
	MandateGiven Kind = "d02" // to whom somebody may act for
	MandateEnded Kind = "d03" // to both
)

// mandateLetters tells the one of the two people that an entry is about.
func mandateLetters(e Event) []Letter {
	kind := MandateGiven
	switch {
	case e.Action == mandate.Revoked:
		kind = MandateEnded
	case e.About == e.Mandate.Holder:
		kind = MandateHeld
	}
	return []Letter{letter(e.About, kind, "/deleghe", nil)}
}
