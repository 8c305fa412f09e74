package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/payment"
)

// accountColumns are those of the file of accounts: whose each is, and what its bank
// answers about them.
var accountColumns = []string{"iban", "fiscal_code", "answer", "behaviour"}

// Bank is a payment.Bank on a file.
type Bank struct{ file }

// NewBank is the banks in a file, waited for no longer than a patience. Without a
// file they never answer.
func NewBank(path string, patience time.Duration) Bank {
	return Bank{file{path: path, columns: accountColumns, patience: patience}}
}

// Check is what the file says of an account: of somebody else's, that it does not
// match, whatever the name.
func (r Bank) Check(ctx context.Context, of iban.IBAN, _ string, code identity.FiscalCode) (payment.BankAnswer, error) {
	row, err := r.row(ctx, string(of))
	if errors.Is(err, fault.ErrNotFound) {
		return payment.NotKnown, nil
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", payment.ErrBankSilent, err)
	}
	answer := payment.BankAnswer(row["answer"])
	switch {
	case !slices.Contains(payment.BankAnswers, answer) || answer == payment.Silent:
		return "", fmt.Errorf("%w: an answer that is none", payment.ErrBankSilent)
	case row["fiscal_code"] != string(code):
		return payment.MatchesNot, nil
	}
	return answer, nil
}

// WriteAccounts writes a file of accounts: see WriteISEE.
func WriteAccounts(path string, rows [][]string) error { return write(path, accountColumns, rows) }
