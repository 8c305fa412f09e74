package voucher

import (
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
)

// VoucherEnded is written when two officers end a voucher.
const VoucherEnded audit.Action = "voucher.ended"

// ErrEndSince says that a death has no day, or one to come.
var ErrEndSince = fault.Invalid("case.since")

// The grounds on which two officers end a voucher.
const (
	Death            = "death"             // of its holder
	FalseDeclaration = "false_declaration" // DPR 445/2000, art. 75
)

// EndGrounds lists them.
var EndGrounds = []string{Death, FalseDeclaration}

// MayEnd tells why a voucher cannot be ended, nil when it can: one that is over has
// given back what was free.
func (a Account) MayEnd() error {
	if a.Voucher.State != Active {
		return ErrExpired
	}
	return nil
}

// End ends a voucher on a ground. After a death the sessions of later days are
// cancelled; otherwise those whose day has not come. What was held stays payable.
func (a Account) End(ground string, since calendar.Date, now time.Time) (Decision, error) {
	today := calendar.On(now)
	if err := a.MayEnd(); err != nil {
		return Decision{}, err
	}
	switch {
	case !slices.Contains(EndGrounds, ground):
		return Decision{}, ErrCaseGround
	case ground == Death && (since.IsZero() || since.After(today)), ground != Death && !since.IsZero():
		return Decision{}, ErrEndSince
	case since.IsZero():
		since = today
	}
	return a.close(Closed, VoucherEnded, string(ByEnd), since.Add(1), now), nil
}
