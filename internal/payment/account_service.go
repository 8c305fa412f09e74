package payment

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/once"
)

// BankAnswer is what a bank says when it is asked whether an account is somebody's
// (verification of payee, Regulation EU 2024/886). It helps an officer, and decides
// nothing.
type BankAnswer string

// The answers. The words on screens stand in the catalogue under "accounts.bank.".
const (
	Matches       BankAnswer = "match"
	MatchesNearly BankAnswer = "close_match" // the holder by a like name
	MatchesNot    BankAnswer = "no_match"
	ShutAccount   BankAnswer = "closed"
	NotKnown      BankAnswer = "unknown" // the bank cannot tell
	Silent        BankAnswer = "silent"  // it did not answer in time
)

// BankAnswers lists every answer.
var BankAnswers = []BankAnswer{Matches, MatchesNearly, MatchesNot, ShutAccount, NotKnown, Silent}

// ErrBankSilent says that the bank did not answer, or nothing that can be true. It
// passes with time.
var ErrBankSilent = fault.Unavailable("account.bank_silent")

// Bank asks the banks about accounts.
type Bank interface {
	// Check is what the bank of an account says of its holder. ErrBankSilent when it
	// does not answer.
	Check(ctx context.Context, of iban.IBAN, holder string, code identity.FiscalCode) (BankAnswer, error)
}

// AccountCase is an account with what an officer has to know to judge it.
type AccountCase struct {
	Account
	Owner     identity.Person
	Register  string    // number and region of the owner on CNOP's list; "" for who never was on it
	Decider   string    // name of who decided, or ""
	Elsewhere int       // others who want to be paid on the same IBAN
	Before    []Account // those the owner gave earlier, newest first
}

// AccountsPerPage is how many accounts a page of the queue shows.
const AccountsPerPage = 25

// AccountList asks for a page of the queue.
type AccountList struct {
	States []AccountState
	Page   int
}

// AccountLine is an account in the queue.
type AccountLine struct {
	Account
	Owner string
}

// AccountPage is a page of the queue with how many there are in each state, and how
// many wait past the day on which they should have been checked.
type AccountPage struct {
	Lines  []AccountLine
	Counts map[AccountState]int
	Late   int
	Total  int
}

// AccountStore keeps the accounts that people want to be paid on. Every write carries
// its form: one that was stored before is not acted on again.
type AccountStore interface {
	// Current is the account somebody wants to be paid on; where they have none, the
	// last that was rejected; the zero Account for who never gave one.
	Current(ctx context.Context, of identity.PersonID) (Account, error)
	// History is every account somebody gave, newest first.
	History(ctx context.Context, of identity.PersonID) ([]Account, error)
	// Replace locks somebody's accounts, asks for the next one given the live one, or
	// the zero Account, and saves it in its place.
	Replace(ctx context.Context, form once.Form, of identity.PersonID, e audit.Entry, decide func(Account) (Account, error)) error
	// ChangeAccount locks an account, asks what becomes of it and saves that;
	// ErrAccountMoved when it is not the version that was read, fault.ErrNotFound.
	ChangeAccount(ctx context.Context, form once.Form, id AccountID, version int64, e audit.Entry, decide func(Account) (Account, error)) error
	// Case is an account with what it takes to judge it; fault.ErrNotFound.
	Case(ctx context.Context, id AccountID) (AccountCase, error)
	// Queue is a page of the accounts in some states: those that wait, oldest first,
	// the others as they were decided, newest first.
	Queue(ctx context.Context, ask AccountList, today calendar.Date) (AccountPage, error)
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
}

// Accounts is the accounts that people want to be paid on, and their checks. It embeds
// the store for what is only read.
type Accounts struct {
	AccountStore
	bank Bank
	now  func() time.Time
}

// NewAccounts is the service on a store, with who asks the banks and a clock.
func NewAccounts(s AccountStore, bank Bank, now func() time.Time) *Accounts {
	return &Accounts{s, bank, now}
}

// Submit gives an account of one's own, in place of the live one that was seen, "" for
// none: ErrAccountMoved when there is another one by now.
func (s *Accounts) Submit(ctx context.Context, who identity.Actor, form once.Form, seen AccountID, o Offer) error {
	now, id := s.now(), AccountID(uuid.NewString())
	return s.Replace(ctx, form, who.Person, accountEntry(who, now, AccountSubmitted, id, who.Person), func(live Account) (Account, error) {
		if live.ID != seen {
			return Account{}, ErrAccountMoved
		}
		return o.Instead(live, id, who.Person, now)
	})
}

// Open is an account for an officer, with its whole IBAN: that they looked is written
// down.
func (s *Accounts) Open(ctx context.Context, who identity.Actor, id AccountID) (AccountCase, error) {
	c, err := s.Read(ctx, who, id)
	if err != nil {
		return c, err
	}
	return c, s.See(ctx, accountEntry(who, s.now(), AccountOpened, id, c.Person))
}

// Read is an account for an officer who is about to act on it.
func (s *Accounts) Read(ctx context.Context, who identity.Actor, id AccountID) (AccountCase, error) {
	if err := who.Must(identity.INPS, identity.Prepare, identity.Approve); err != nil {
		return AccountCase{}, err
	}
	return s.Case(ctx, id)
}

// Start takes an account to check it and asks its bank. Whoever found the bank silent
// starts again.
func (s *Accounts) Start(ctx context.Context, who identity.Actor, form once.Form, id AccountID, version int64) error {
	c, err := s.Read(ctx, who, id)
	if err != nil {
		return err
	}
	answer := Silent
	if c.MayCheck(who) == nil {
		if answer, err = s.ask(ctx, c); err != nil {
			return err
		}
	}
	now := s.now()
	return s.ChangeAccount(ctx, form, id, version, accountEntry(who, now, AccountStarted, id, c.Person),
		func(a Account) (Account, error) { return a.start(who, answer, now) })
}

// ask is what the bank says. That it says nothing is an answer as well.
func (s *Accounts) ask(ctx context.Context, c AccountCase) (BankAnswer, error) {
	answer, err := s.bank.Check(ctx, c.IBAN, c.Holder, c.Owner.FiscalCode)
	if errors.Is(err, ErrBankSilent) {
		return Silent, nil
	}
	return answer, err
}

// Verify says that an account is its owner's.
func (s *Accounts) Verify(ctx context.Context, who identity.Actor, form once.Form, id AccountID, version int64) error {
	return s.judge(ctx, who, form, id, version, AccountVerified, "")
}

// Reject says that an account is not to be paid on, for one of RejectReasons.
func (s *Accounts) Reject(ctx context.Context, who identity.Actor, form once.Form, id AccountID, version int64, reason string) error {
	if !slices.Contains(RejectReasons, reason) {
		return ErrRejectReason
	}
	return s.judge(ctx, who, form, id, version, AccountRejected, reason)
}

func (s *Accounts) judge(ctx context.Context, who identity.Actor, form once.Form, id AccountID, version int64, done audit.Action, reason string) error {
	c, err := s.Read(ctx, who, id)
	if err != nil {
		return err
	}
	now := s.now()
	return s.ChangeAccount(ctx, form, id, version, accountEntry(who, now, done, id, c.Person),
		func(a Account) (Account, error) { return a.decide(who, reason, now) })
}

func accountEntry(who identity.Actor, at time.Time, done audit.Action, id AccountID, about identity.PersonID) audit.Entry {
	return audit.Entry{At: at, Actor: who, Action: done, Subject: string(id), About: about}
}
