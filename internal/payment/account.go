package payment

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/identity"
)

// AccountID names an account: a random UUID.
type AccountID string

// AccountState is where an account stands.
//
//	ToVerify ──> Verifying ──> Verified ──┐
//	                 └─────────────────────┴──> Rejected
//
// The first three are replaced when their owner gives another: Replaced. A verified
// one is rejected when a bank sends back what was paid to it, or by an officer who has
// reason to doubt it: its owner says that somebody else gave it.
type AccountState string

// The states.
const (
	ToVerify  AccountState = "to_verify" // da verificare
	Verifying AccountState = "verifying" // in verifica
	Verified  AccountState = "verified"  // verificato
	Rejected  AccountState = "rejected"  // rifiutato
	Replaced  AccountState = "replaced"  // sostituito
)

// AccountStates lists every state; the database knows the same words.
var AccountStates = []AccountState{ToVerify, Verifying, Verified, Rejected, Replaced}

// Live tells whether an account is the one its owner wants to be paid on.
func (s AccountState) Live() bool { return s == ToVerify || s == Verifying || s == Verified }

// Why an account is rejected, as codes: their words stand under "accounts.reason.".
const (
	NotYours      = "not_yours"    // it is somebody else's
	ClosedAccount = "closed"       // it is no more
	WrongHolder   = "wrong_holder" // the bank knows the holder by another name
	Disowned      = "disowned"     // its owner says that they never gave it
	OtherReason   = "other"
	SentBack      = "returned" // a payment to it came back
)

// RejectReasons are those among which an officer chooses.
var RejectReasons = []string{NotYours, ClosedAccount, WrongHolder, Disowned, OtherReason}

// What is written about accounts.
const (
	AccountSubmitted audit.Action = "account.submitted"
	AccountOpened    audit.Action = "account.opened" // an officer read the whole IBAN
	AccountStarted   audit.Action = "account.started"
	AccountVerified  audit.Action = "account.verified"
	AccountRejected  audit.Action = "account.rejected"
)

// Why an account cannot be given, or judged.
var (
	ErrHolder          = fault.Invalid("account.holder")
	ErrTreasury        = fault.Invalid("account.treasury") // of a public body: nobody is paid there
	ErrSameAccount     = fault.Refuse("account.same")
	ErrAccountMoved    = fault.Stale("account.moved")
	ErrOwnAccount      = fault.Refuse("account.own")
	ErrAccountNotTaken = fault.Refuse("account.not_taken")
	ErrAccountDecided  = fault.Refuse("account.decided")
	ErrRejectReason    = fault.Invalid("account.reject_reason")
)

// Guards of the portal around accounts: no notice sets them.
var (
	// AccountHold is how long nothing is paid to an account after it was given: whoever gets
	// into somebody's login has the account changed and is found out before any money
	// moves, because the owner is told at once.
	AccountHold = 48 * time.Hour
	// CheckDays is in how many of its working days the office means to have checked an
	// account.
	CheckDays = 10
)

// HolderMost is the most characters of a holder: what a credit transfer carries.
const HolderMost = 70

//go:embed office_days.json
var officeDaysText []byte

// officeDays are the holidays on which the office rests, beside Saturdays and Sundays
// (L. 260/1949; L. 54/1977; DPR 792/1985; L. 336/2000; L. 151/2025).
var officeDays = func() (h calendar.Holidays) {
	if err := json.Unmarshal(officeDaysText, &h); err != nil {
		panic(err) // the file is embedded: this cannot happen
	}
	return h
}()

// expected is the day by which the office means to have checked what was given on a
// day.
func expected(given calendar.Date) calendar.Date {
	d := given
	for left := CheckDays; left > 0; {
		if d = d.Add(1); d.Weekday() != time.Saturday && !officeDays.Is(d) {
			left--
		}
	}
	return d
}

// Account is where somebody wants to be paid.
type Account struct {
	ID          AccountID
	Person      identity.PersonID
	IBAN        iban.IBAN
	Holder      string // as the bank knows it: a person, or a company of professionals
	State       AccountState
	SubmittedAt time.Time
	UsableFrom  time.Time // nothing is paid to it before
	ExpectedBy  calendar.Date
	StartedAt   time.Time  // of its check; zero before
	Answer      BankAnswer // what the bank said; "" before it was asked
	DecidedBy   identity.PersonID
	DecidedAt   time.Time
	Reason      string // why it was rejected
	Version     int64
}

// Usable tells whether money may be paid to the account at an instant.
func (a Account) Usable(now time.Time) bool {
	return a.State == Verified && !now.Before(a.UsableFrom)
}

// Late tells whether the office should have checked the account before a day.
func (a Account) Late(today calendar.Date) bool {
	return (a.State == ToVerify || a.State == Verifying) && today.After(a.ExpectedBy)
}

// Names tells whether the holder is called as a person is, whatever the order of the
// names. Who works in a company of professionals may have its account.
func (a Account) Names(p identity.Person) bool {
	return slices.Equal(namesOf(a.Holder), namesOf(p.Name()))
}

func namesOf(s string) []string {
	names := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
	slices.Sort(names)
	return names
}

// Offer is an account as somebody gives it, with its checks done.
type Offer struct {
	IBAN   iban.IBAN
	Holder string
}

// treasury is the bank of the accounts of the State and of public bodies: Banca d’Italia.
const treasury = "01000"

// NewOffer reads an account as it was typed. An error of the IBAN is of package iban,
// or ErrTreasury; of the holder, ErrHolder.
func NewOffer(typed, holder string) (o Offer, err error) {
	if o.IBAN, err = iban.Parse(typed); err != nil {
		return o, err
	}
	if parts, ok := o.IBAN.Parts(); ok && o.IBAN.Country() == "IT" && parts.ABI == treasury {
		return o, ErrTreasury
	}
	o.Holder = strings.Join(strings.Fields(holder), " ")
	if utf8.RuneCountInString(o.Holder) > HolderMost || !strings.ContainsFunc(o.Holder, unicode.IsLetter) {
		return o, ErrHolder
	}
	return o, nil
}

// Instead is the account that an offer makes, in place of the one its owner has, the
// zero Account for none. It counts from now on; payments wait until it is checked.
func (o Offer) Instead(of Account, id AccountID, owner identity.PersonID, now time.Time) (Account, error) {
	if of.State.Live() && of.IBAN == o.IBAN && of.Holder == o.Holder {
		return Account{}, ErrSameAccount
	}
	return Account{ID: id, Person: owner, IBAN: o.IBAN, Holder: o.Holder, State: ToVerify,
		SubmittedAt: now, UsableFrom: now.Add(AccountHold), ExpectedBy: expected(calendar.On(now))}, nil
}

// MayCheck tells whether an officer may take an account to check it, or ask the bank
// again. Nobody checks their own.
func (a Account) MayCheck(who identity.Actor) error {
	if err := a.mayJudge(who); err != nil {
		return err
	}
	if a.State != ToVerify && a.State != Verifying {
		return ErrAccountDecided
	}
	return nil
}

// mayJudge tells whether an officer may decide about an account, whatever its state.
func (a Account) mayJudge(who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	if a.Person == who.Person {
		return ErrOwnAccount
	}
	return nil
}

// MayReject tells whether an officer may reject an account: also one that was verified,
// because its owner may be the last who can stop a payment to it, when somebody else
// has got into their login.
func (a Account) MayReject(who identity.Actor) error {
	if a.State == Verified {
		return a.mayJudge(who)
	}
	return a.MayVerify(who)
}

// MayVerify tells whether an officer may say that an account is its owner's.
func (a Account) MayVerify(who identity.Actor) error {
	if err := a.MayCheck(who); err != nil {
		return err
	}
	if a.State == ToVerify {
		return ErrAccountNotTaken
	}
	return nil
}

// start is the account as it is checked, with what the bank said of it.
func (a Account) start(who identity.Actor, answer BankAnswer, now time.Time) (Account, error) {
	if err := a.MayCheck(who); err != nil {
		return a, err
	}
	if a.State == ToVerify {
		a.State, a.StartedAt = Verifying, now
	}
	a.Answer = answer
	return a, nil
}

// decide is the account verified, or rejected for a reason.
func (a Account) decide(who identity.Actor, reason string, now time.Time) (Account, error) {
	may, to := a.MayVerify, Verified
	if reason != "" {
		may, to = a.MayReject, Rejected
	}
	if err := may(who); err != nil {
		return a, err
	}
	a.State, a.DecidedBy, a.DecidedAt, a.Reason = to, who.Person, now, reason
	return a, nil
}
