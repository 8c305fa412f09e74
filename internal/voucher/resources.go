package voucher

import (
	"context"
	"slices"
	"strings"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/rules"
)

// What is written about the money of an edition. The subject is the transfer.
const (
	TransferRecorded audit.Action = "transfer.recorded"
	TransferReversed audit.Action = "transfer.reversed"
)

// Why a transfer cannot be recorded.
var (
	ErrTransferAmount    = fault.Invalid("transfer.amount")
	ErrTransferTerritory = fault.Invalid("transfer.territory")
	ErrTransferDay       = fault.Invalid("transfer.day")
	ErrTransferAct       = fault.Invalid("transfer.act")
	ErrTransferTranche   = fault.Invalid("transfer.tranche")
	ErrTransferReversed  = fault.Refuse("transfer.reversed")
	ErrTransferPaid      = fault.Refuse("transfer.paid") // taken back, it would leave a payment without money
)

// TransferID names a transfer: a random UUID.
type TransferID string

// Transfer is money that a Region or Province has sent to INPS for an edition. One
// recorded in error is reversed by another, never changed.
type Transfer struct {
	ID         TransferID
	Edition    EditionID
	Territory  string
	Amount     money.Amount // below nothing for a reversal
	ReceivedOn calendar.Date
	Act        string
	Tranche    string     // of the edition that it pays, where its act says so; or ""
	Reverses   TransferID // the one it takes back, or ""
	Reversed   bool       // by another
	By         identity.Hand
}

// Resource is the money of a territory: given by the tranches of the edition, sent
// to INPS, and promised by the vouchers, less what came back from them; and of that,
// what was paid.
type Resource struct {
	Territory string
	Closed    bool
	Given     money.Amount // stanziate
	Sent      money.Amount // trasferite
	Promised  money.Amount // impegnate
	Paid      money.Amount // pagate
}

// Left is what is given and not promised; below nothing when too much was.
func (r Resource) Left() money.Amount { return r.Given - r.Promised }

// ResourceStore keeps transfers and knows what vouchers are worth.
type ResourceStore interface {
	// Transfers is what was sent for an edition, newest first.
	Transfers(ctx context.Context, of EditionID) ([]Transfer, error)
	// Promised is what the vouchers of an edition are worth by territory, less what
	// came back from them.
	Promised(ctx context.Context, of EditionID) (map[string]money.Amount, error)
	// PaidOut is what was paid for an edition by territory.
	PaidOut(ctx context.Context, of EditionID) (map[string]money.Amount, error)
	// RecordTransfer saves one; ErrTransferReversed when it takes back what another
	// took back, ErrTransferPaid when a payment counts on it.
	RecordTransfer(ctx context.Context, form once.Form, t Transfer, e audit.Entry) error
}

// Resources is the money of an edition by territory, with the transfers it counts.
func (s *Editions) Resources(ctx context.Context, e Edition) ([]Resource, []Transfer, error) {
	transfers, err := s.Transfers(ctx, e.ID)
	if err != nil {
		return nil, nil, err
	}
	promised, err := s.Promised(ctx, e.ID)
	if err != nil {
		return nil, nil, err
	}
	paid, err := s.PaidOut(ctx, e.ID)
	if err != nil {
		return nil, nil, err
	}
	given := e.Rules.Budget()
	all := make([]Resource, len(Territories))
	for i, name := range Territories {
		r := Resource{Territory: name, Closed: slices.Contains(given.Closed, name), Given: given.Of[name],
			Promised: promised[name], Paid: paid[name]}
		for _, t := range transfers {
			if t.Territory == name {
				r.Sent += t.Amount
			}
		}
		all[i] = r
	}
	return all, transfers, nil
}

// Record writes down a transfer: an amount above nothing, by today, with its act, and
// perhaps the tranche of the edition that it pays.
func (s *Editions) Record(ctx context.Context, who identity.Actor, form once.Form, t Transfer) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	t.Act = strings.TrimSpace(t.Act)
	switch {
	case !slices.Contains(Territories, t.Territory):
		return ErrTransferTerritory
	case t.Amount <= 0:
		return ErrTransferAmount
	case t.ReceivedOn.IsZero() || t.ReceivedOn.After(calendar.On(s.now())):
		return ErrTransferDay
	case t.Act == "":
		return ErrTransferAct
	}
	if t.Tranche != "" {
		all, err := s.Editions(ctx)
		if err != nil {
			return err
		}
		if !all[t.Edition].Rules.hasTranche(t.Tranche) {
			return ErrTransferTranche
		}
	}
	t.ID, t.By = TransferID(NewID()), who.At(s.now())
	return s.RecordTransfer(ctx, form, t, audit.Entry{At: s.now(), Actor: who, Action: TransferRecorded, Subject: string(t.ID)})
}

// hasTranche tells whether the edition has a tranche of a name.
func (r Rules) hasTranche(name string) bool {
	return slices.ContainsFunc(r.Tranches, func(t rules.Value[Tranche]) bool { return t.Is.Name == name })
}

// Reverse takes a transfer back whole, on the day it is done, by an act that says
// why; fault.ErrNotFound.
func (s *Editions) Reverse(ctx context.Context, who identity.Actor, form once.Form, of EditionID, id TransferID, act string) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	if act = strings.TrimSpace(act); act == "" {
		return ErrTransferAct
	}
	all, err := s.Transfers(ctx, of)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(t Transfer) bool { return t.ID == id })
	switch {
	case i < 0:
		return fault.ErrNotFound
	case all[i].Reverses != "":
		return ErrTransferReversed
	}
	back := Transfer{ID: TransferID(NewID()), Edition: of, Territory: all[i].Territory, Amount: -all[i].Amount, Act: act, Tranche: all[i].Tranche, Reverses: id,
		ReceivedOn: calendar.On(s.now()), By: who.At(s.now())}
	return s.RecordTransfer(ctx, form, back, audit.Entry{At: s.now(), Actor: who, Action: TransferReversed, Subject: string(back.ID)})
}
