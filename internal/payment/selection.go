package payment

import (
	"time"

	"portal/internal/money"
)

// Hold is why something that was claimed is not paid yet, or not any more.
type Hold string

// The holds, in the order in which they are named: the first one that is true.
const (
	HeldByLedger  Hold = "ledger"            // what is claimed is not what the ledger has
	HeldInReview  Hold = "in_review"         // INPS looks at the invoice
	HeldToCorrect Hold = "to_correct"        // the psychologist has to correct it
	HeldByDispute Hold = "disputed"          // a report about the session is not decided, or upheld and not carried out
	HeldByBlock   Hold = "blocked"           // the code is blocked for suspected fraud
	HeldNoAccount Hold = "no_account"        // the payee has given no IBAN, or the last was rejected
	HeldToVerify  Hold = "account_to_verify" // INPS verifies the IBAN
	HeldTooNew    Hold = "account_too_new"   // the IBAN was changed in these days
	HeldNoFunds   Hold = "funds"             // the Region has not sent enough
	HeldOtherIBAN Hold = "account_changed"   // of an order: the IBAN is not the payee's any more

	// Of the indemnity, besides those of accounts.
	HeldByDecision Hold = "decision"    // a decision on the case waits for a second person
	HeldByHeirs    Hold = "heirs"       // the member has died: heirs, or shares of theirs, are missing
	HeldByDeath    Hold = "died"        // of an order: the member has died since
	HeldByPlace    Hold = "other_place" // of an order: revoked, or a correction gives another place
)

// caseHolds are those of the indemnity.
var caseHolds = []Hold{HeldByLedger, HeldByDecision, HeldByHeirs, HeldNoAccount, HeldToVerify, HeldTooNew}

// Holds lists what may keep a claim of the programme out of a run.
func (p Programme) Holds() []Hold {
	if p == Indemnity {
		return caseHolds
	}
	return voucherHolds
}

// voucherHolds are those of the contribution.
var voucherHolds = []Hold{HeldByLedger, HeldInReview, HeldToCorrect, HeldByDispute, HeldByBlock, HeldNoAccount, HeldToVerify, HeldTooNew, HeldNoFunds}

// DueTotal is what is due in a territory of an edition, and payable or held.
type DueTotal struct {
	Edition   string
	Territory string
	Hold      Hold // "" is payable now
	Lines     int
	Payees    int
	Amount    money.Amount
	Of        Parts // of the indemnity: what the amount is made of
}

// Payable sums what of some totals can be paid now.
func Payable(totals []DueTotal) (lines int, amount money.Amount) {
	for _, t := range totals {
		if t.Hold == "" {
			lines, amount = lines+t.Lines, amount+t.Amount
		}
	}
	return lines, amount
}

// HeldClaim is a claim that is not paid: whose it is, and why not.
type HeldClaim struct {
	Payee      string    // name
	Number     string    // of the invoice, or of the application
	ReceivedAt time.Time // the invoice was, or the ranking published
	Territory  string
	Amount     money.Amount
	Hold       Hold

	Application string // of the indemnity
}

// CallOwing is a call for the indemnity that owes something.
type CallOwing struct {
	Call         string
	Applications int
	Amount       money.Amount // payable or held
}

// BlockedOrder is an order of a run that is not to be paid any more, and why.
type BlockedOrder struct {
	Order Order
	Hold  Hold
}

// RegionTotal is what a run pays in a territory of an edition.
type RegionTotal struct {
	Edition   string
	Territory string
	Lines     int
	Amount    money.Amount
}
