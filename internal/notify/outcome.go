package notify

import "portal/internal/voucher"

// Decided tells that an application has its outcome, and nothing of it: what it is
// stands behind the login.
const Decided Kind = "a01"

// Outcome is the message of an application that was decided, to its beneficiary or
// to who acts for them. Publications send hundreds of thousands at once, all alike
// but for the protocol number and the address: who posts them fills those in. The
// reader is left to them.
func Outcome(protocol string, id voucher.ApplicationID, actingFor bool) Letter {
	l := letter("", Decided, "/contributo-psicoterapia/domande/"+string(id), []any{"Protocol", protocol})
	if actingFor {
		l.Body += " " + italian.T("notice.acting_for")
	}
	return l
}
