package payment

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/identity"
)

// What is written about where applications for the indemnity are paid. The subject is the
// application.
const (
	CaseAccountGiven    audit.Action = "payment.case_account_given"
	CaseAccountOpened   audit.Action = "payment.case_account_opened" // an officer read the whole IBAN
	CaseAccountVerified audit.Action = "payment.case_account_verified"
	CaseAccountRejected audit.Action = "payment.case_account_rejected"
)

// Why an account cannot be given for an application, or judged.
var (
	ErrNothingOwed  = fault.Refuse("account.nothing_owed")
	ErrGaveAccount  = fault.Refuse("account.gave")
	ErrNotForPayees = fault.Refuse("account.not_yours_to_give")
)

// CaseAccount is where somebody is paid for one application: the account that it names, or
// another that was given later. It is ToVerify, Verified, Rejected or Replaced.
type CaseAccount struct {
	ID         AccountID // "" for one that the application names, until it is judged or paid on
	IBAN       iban.IBAN
	Holder     string
	State      AccountState      // "" where there is none
	GivenBy    identity.PersonID // "" for one that the application names
	GivenAt    time.Time
	UsableFrom time.Time // nothing is paid to it before
	DecidedBy  identity.PersonID
	DecidedAt  time.Time
	Reason     string // why it was rejected
}

// Hold is what keeps the account from being paid on at an instant, "" for nothing.
func (a CaseAccount) Hold(now time.Time) Hold {
	switch {
	case a.State == ToVerify:
		return HeldToVerify
	case a.State != Verified:
		return HeldNoAccount
	case now.Before(a.UsableFrom):
		return HeldTooNew
	}
	return ""
}

// Seal names an account as somebody read it, without its IBAN.
func (a CaseAccount) Seal() string {
	seal := sha256.Sum256([]byte(string(a.ID) + "\x00" + string(a.IBAN) + "\x00" + a.Holder + "\x00" + string(a.State)))
	return hex.EncodeToString(seal[:8])
}

// instead is the account that an offer makes in place of another.
func (o Offer) instead(of CaseAccount, by identity.PersonID, now time.Time) (CaseAccount, error) {
	if of.State.Live() && of.IBAN == o.IBAN && of.Holder == o.Holder {
		return CaseAccount{}, ErrSameAccount
	}
	return CaseAccount{IBAN: o.IBAN, Holder: o.Holder, State: ToVerify, GivenBy: by, GivenAt: now, UsableFrom: now.Add(AccountHold)}, nil
}

// MayJudge tells why an officer cannot say whether the account of a payee is theirs: not
// who gave it, and nobody who is paid for the application.
func (m CaseMoney) MayJudge(who identity.Actor, p Payee) error {
	if err := who.Must(Indemnity.Office(), identity.Prepare); err != nil {
		return err
	}
	switch {
	case m.concerns(who.Person):
		return ErrOwnAccount
	case p.Account.GivenBy == who.Person:
		return ErrGaveAccount
	case p.Account.State != ToVerify:
		return ErrAccountDecided
	}
	return nil
}

// MayGive tells why somebody cannot give another account: the payee alone does, while there is
// something for them that no bank has yet. An officer does for heirs who do not use the
// portal, by what they wrote; somebody else verifies it.
func (m CaseMoney) MayGive(who identity.Actor, p Payee) error {
	if who.Role == Indemnity.Office() {
		if err := who.Must(Indemnity.Office(), identity.Prepare); err != nil {
			return err
		}
		if m.concerns(who.Person) {
			return ErrOwnAccount
		}
	} else if who.Person != p.Person || who.For != p.Person {
		return ErrNotForPayees
	}
	if !m.waits(p) {
		return ErrNothingOwed
	}
	return nil
}

// judged is the account as an officer finds it: verified, or rejected for a reason.
func (a CaseAccount) judged(who identity.PersonID, reason string, now time.Time) CaseAccount {
	a.State, a.DecidedBy, a.DecidedAt, a.Reason = Verified, who, now, reason
	if reason != "" {
		a.State = Rejected
	}
	return a
}
