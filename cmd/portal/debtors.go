package main

import (
	"fmt"

	"portal/internal/demo"
	"portal/internal/iban"
	"portal/internal/payment"
)

// debtors are who pays what. Of the indemnity nobody is told without being asked: there
// is no account of a public act, as there is of the Treasury.
func (c Config) debtors() (payment.Debtors, error) {
	contribution, err := iban.Parse(c.DebtorIBAN)
	if err != nil {
		return nil, fmt.Errorf("PORTAL_DEBTOR_IBAN: %w", err)
	}
	all := payment.Debtors{payment.Voucher: {Name: c.DebtorName, IBAN: contribution}, payment.Indemnity: {Name: c.WelfareName}}
	typed := c.WelfareIBAN
	if typed == "" && c.Demo {
		typed = string(demo.WelfareAccount)
	}
	if typed != "" {
		indemnity, err := iban.Parse(typed)
		if err != nil {
			return nil, fmt.Errorf("PORTAL_WELFARE_DEBTOR_IBAN: %w", err)
		}
		all[payment.Indemnity] = payment.Debtor{Name: c.WelfareName, IBAN: indemnity}
	}
	return all, nil
}
