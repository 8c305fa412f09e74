package notify

import (
	"portal/internal/audit"
	"portal/internal/payment"
)

// The messages to who is paid on an account: somebody who did not ask for it finds out
// before any money moves.
const (
	AccountChanged  Kind = "s08"
	AccountVerified Kind = "s08b"
	AccountRejected Kind = "s08c"
)

// accountLetters tells the owner of an account what happened to it.
func accountLetters(e Event) []Letter {
	kinds := map[audit.Action]Kind{payment.AccountSubmitted: AccountChanged, payment.AccountVerified: AccountVerified, payment.AccountRejected: AccountRejected}
	return []Letter{letter(e.About, kinds[e.Action], "/professionisti/dati/iban", nil)}
}
