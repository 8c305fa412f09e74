package voucher

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"portal/internal/money"
	"portal/internal/rules"
)

// Invoicing is how an invoice for sessions that the contribution pays in part is
// written. Nothing of it is checked by the portal: it helps whoever writes one.
type Invoicing struct {
	FundBasisPoints  rules.Value[int]          `json:"fund_basis_points"` // contributo integrativo of the professionals' fund, of the fee
	Stamp            rules.Value[money.Amount] `json:"stamp"`             // imposta di bollo
	StampAbove       rules.Value[money.Amount] `json:"stamp_above"`       // due for a document worth more
	VAT              rules.Value[string]       `json:"vat"`               // why there is none
	KindContribution rules.Value[string]       `json:"kind_contribution"` // what the contribution pays, for Sistema TS
	KindPatient      rules.Value[string]       `json:"kind_patient"`      // and what the patient does
	Grounds          rules.Value[string]       `json:"grounds"`           // the law of the contribution, as the invoice names it
}

//go:embed invoicing.json
var invoicing []byte

// ShippedInvoicing is what the program comes with.
func ShippedInvoicing() (Invoicing, error) {
	var i Invoicing
	if err := json.Unmarshal(invoicing, &i); err != nil {
		return Invoicing{}, fmt.Errorf("invoicing: %w", err)
	}
	return i, nil
}

// Share is a part of an invoice: a fee, with the contribution to the fund within.
type Share struct {
	Total, Fee, Fund money.Amount
}

// Breakdown is an invoice cut into what the contribution pays and what the patient
// does.
type Breakdown struct {
	Contribution Share
	Patient      Share        // nothing in it when the contribution pays all
	Stamp        money.Amount // 0 when none is due
}

// Share takes the contribution to the fund out of an amount that holds it: the fee is
// the amount less its percentage on the fee itself, rounded half up to the cent.
func (i Invoicing) Share(amount money.Amount) Share {
	whole := money.Amount(10_000 + i.FundBasisPoints.Is)
	fee := (2*10_000*amount + whole) / (2 * whole)
	return Share{amount, fee, amount - fee}
}

// Breakdown cuts an invoice of which the contribution pays a part.
func (i Invoicing) Breakdown(total, paid money.Amount) Breakdown {
	b := Breakdown{Contribution: i.Share(paid), Patient: i.Share(max(total-paid, 0))}
	if total > i.StampAbove.Is {
		b.Stamp = i.Stamp.Is
	}
	return b
}
