package voucher

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// ErrTooManyAttempts says that a professional typed too many wrong codes: see
// Attempts. The store adds when to come back with a RetryError.
var ErrTooManyAttempts = fault.Throttle("code.too_many_attempts")

// RetryError says when a throttled person may try again.
type RetryError struct {
	At time.Time
}

// Error is the reason, without the time.
func (e RetryError) Error() string { return ErrTooManyAttempts.Error() }

// Unwrap is ErrTooManyAttempts.
func (e RetryError) Unwrap() error { return ErrTooManyAttempts }

// Attempts is how many wrong codes a professional may type within a window that
// starts with the first: five in an hour, so at most ten in any sixty minutes. It
// is a guard of the portal, not a rule of the law.
var Attempts = struct {
	Most   int
	Window time.Duration
}{5, time.Hour}

// Store keeps vouchers and bookings. Every write carries its form: one that was
// stored before is not acted on again, its outcome comes back instead.
type Store interface {
	// Editions is every edition in force, by name.
	Editions(ctx context.Context) (map[EditionID]Edition, error)
	// ByCode finds the account that a code opens, with its holder; ErrNoMatch.
	ByCode(ctx context.Context, index []byte) (Account, identity.Person, error)
	// Account is a voucher with its bookings; fault.ErrNotFound.
	Account(ctx context.Context, id ID) (Account, identity.Person, error)
	// Place saves a decision taken on a voucher that nobody has locked, with one
	// guarded statement: ErrMoved, and nothing saved, if it is no more what it was.
	// Overlaps come back as ErrProfessionalBusy, ErrBeneficiaryBusy or ErrSameDay.
	Place(ctx context.Context, form once.Form, outcome string, was Voucher, d Decision) (string, error)
	// Change locks a voucher, asks for a decision on what it then is, and saves
	// it; fault.ErrNotFound. A form without a key is an act of the office.
	Change(ctx context.Context, id ID, form once.Form, outcome string, decide func(Account) (Decision, error)) (string, error)
	// Outcome is what came of a form that was stored before; once.ErrOtherContent
	// when it said something else then.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)
	// Grant saves a new voucher with its code, as kept, and its first posting.
	Grant(ctx context.Context, v Voucher, index, sealed []byte, e audit.Entry) error
	// Due lists the active vouchers whose last day is before a day, by id after one,
	// at most so many.
	Due(ctx context.Context, before calendar.Date, after ID, most int) ([]ID, error)
	// Attempt counts a code typed by a professional before it is looked up;
	// RetryError when there were too many. Matched takes the count back.
	Attempt(ctx context.Context, who identity.PersonID, now time.Time) error
	Matched(ctx context.Context, who identity.PersonID, e audit.Entry) error
	// See writes that an account or a code was looked at.
	See(ctx context.Context, e audit.Entry) error
	// Looks lists who else looked at a voucher of somebody's, newest first.
	Looks(ctx context.Context, about identity.PersonID, id ID) ([]audit.Look, error)

	// Files is the applications a beneficiary has, newest first, without bookings.
	Files(ctx context.Context, of identity.PersonID) ([]CaseFile, error)
	// File is one of them whole; fault.ErrNotFound when it is somebody else's.
	File(ctx context.Context, of identity.PersonID, id ApplicationID) (CaseFile, error)
	// Session is one booking of a beneficiary, or of a professional; fault.ErrNotFound.
	Session(ctx context.Context, who identity.Actor, id BookingID) (Session, error)
	// Agenda is a page of a professional's sessions.
	Agenda(ctx context.Context, of identity.PersonID, ask Agenda) (AgendaPage, error)
	// TakeAgenda writes, for each holder with a session in an agenda, that the
	// professional took the list of them away.
	TakeAgenda(ctx context.Context, who identity.Actor, ask Agenda, now time.Time) error
	// Participation is a person's standing on CNOP's list on a day.
	Participation(ctx context.Context, of identity.PersonID, on calendar.Date) (Participation, error)
	// List is the last list delivered; fault.ErrNotFound before the first.
	List(ctx context.Context) (ParticipantList, error)
	// Search is a page of the professionals enrolled on a day.
	Search(ctx context.Context, ask Search, on calendar.Date) (Found, error)
}

// ErrMoved says that a voucher changed between the decision and the save.
var ErrMoved = fault.Stale("voucher.moved")

// Service is the acts on vouchers, as the portal calls them. It embeds the Store
// for what is only read.
type Service struct {
	Store
	keys   Keys
	random io.Reader
	now    func() time.Time
}

// NewService is the service on a store, with the keys of the codes, the source
// they are drawn from (crypto/rand, but for demonstrations) and a clock.
func NewService(s Store, k Keys, random io.Reader, now func() time.Time) *Service {
	return &Service{s, k, random, now}
}

// Code opens a sealed code for its holder. The caller writes down that it was seen.
func (s *Service) Code(f CaseFile) (Code, error) { return s.keys.Open(f.Sealed, f.Voucher.ID) }

// Offer is what a professional learns from a code and a fiscal code that match:
// the account, its holder, and nothing of other professionals' sessions.
type Offer struct {
	Account Account
	Holder  identity.Person
}

// Check finds the voucher that a code opens, if the fiscal code is its holder's.
// Whatever does not match is ErrNoMatch, with the same work done. Each attempt of
// a professional counts; a match takes it back and is written in the register.
func (s *Service) Check(ctx context.Context, who identity.Actor, code Code, holder identity.FiscalCode) (Offer, error) {
	if err := s.enrolled(ctx, who); err != nil {
		return Offer{}, err
	}
	if err := s.Attempt(ctx, who.Person, s.now()); err != nil {
		return Offer{}, err
	}
	account, person, err := s.ByCode(ctx, s.keys.Index(code))
	if err != nil {
		return Offer{}, err
	}
	if person.FiscalCode != holder {
		return Offer{}, ErrNoMatch
	}
	seen := audit.Entry{At: s.now(), Actor: who, Action: CodeChecked, Subject: string(account.Voucher.ID), About: person.ID}
	if err := s.Matched(ctx, who.Person, seen); err != nil {
		return Offer{}, err
	}
	return Offer{account, person}, account.OpenOn(s.now())
}

func (s *Service) enrolled(ctx context.Context, who identity.Actor) error {
	p, err := s.Participation(ctx, who.Person, calendar.On(s.now()))
	if err != nil {
		return err
	}
	if !p.Enrolled {
		return ErrNotEnrolled
	}
	return nil
}

// Offer is what Check found, asked again by the voucher it opened.
func (s *Service) Offer(ctx context.Context, id ID) (Offer, error) {
	a, p, err := s.Account(ctx, id)
	return Offer{a, p}, err
}

// Book books sessions of a professional against a voucher whose code they have
// checked. The outcome is the id of the first booking.
func (s *Service) Book(ctx context.Context, who identity.Actor, form once.Form, id ID, requests []Request) (BookingID, error) {
	p, err := s.Participation(ctx, who.Person, calendar.On(s.now()))
	if err != nil {
		return "", err
	}
	account, _, err := s.Account(ctx, id)
	if err != nil {
		return "", err
	}
	return s.BookOn(ctx, who, form, account, p, requests)
}

// BookOn is Book for a caller that has just read the account and the
// professional's participation. It tries first without a lock, with one guarded
// statement: a voucher is rarely spent by two at once. When the account is no more
// what was read, it takes the lock and judges again.
func (s *Service) BookOn(ctx context.Context, who identity.Actor, form once.Form, account Account, p Participation, requests []Request) (BookingID, error) {
	professional := Professional{who.Person, p.Enrolled, p.Listing.Place()}
	decide := func(a Account) (Decision, error) { return a.Book(professional, requests, who, s.now()) }
	first := string(requests[0].ID)
	d, err := decide(account)
	if err == nil {
		first, err = s.Place(ctx, form, first, account.Voucher, d)
	}
	if errors.Is(err, ErrMoved) {
		first, err = s.Change(ctx, account.Voucher.ID, form, string(requests[0].ID), decide)
	}
	if _, refused := fault.Refusal(err); !refused {
		return BookingID(first), err
	}
	// Refused, perhaps because this very form was acted on before.
	if outcome, done, lookup := s.Outcome(ctx, form); done || lookup != nil {
		return BookingID(outcome), lookup
	}
	return "", err
}

// Cancel cancels a booking, for its holder or its professional.
func (s *Service) Cancel(ctx context.Context, who identity.Actor, form once.Form, booking BookingID) error {
	return s.change(ctx, who, form, booking, func(a Account) (Decision, error) {
		return a.Cancel(booking, who, s.now())
	})
}

// Confirm declares that a session took place.
func (s *Service) Confirm(ctx context.Context, who identity.Actor, form once.Form, booking BookingID) error {
	return s.change(ctx, who, form, booking, func(a Account) (Decision, error) {
		return a.Confirm(booking, who, s.now())
	})
}

func (s *Service) change(ctx context.Context, who identity.Actor, form once.Form, booking BookingID, decide func(Account) (Decision, error)) error {
	b, err := s.Session(ctx, who, booking)
	if err != nil {
		return err
	}
	_, err = s.Change(ctx, b.Voucher, form, string(booking), decide)
	return err
}

// Grant gives an accepted application its voucher, worth an amount and counted
// from the day its ranking was published in a round, and draws its code.
func (s *Service) Grant(ctx context.Context, by identity.Actor, a Application, r Rules, amount money.Amount, acceptedOn calendar.Date, round int) (Code, error) {
	code, err := NewCode(s.random)
	if err != nil {
		return "", err
	}
	v := Voucher{
		ID: NewID(), Application: a.ID, Beneficiary: a.Beneficiary, Territory: a.Territory,
		Awarded: amount, Terms: r.Terms(acceptedOn, round, a.Territory), State: Active, Round: round,
	}
	granted := audit.Entry{At: s.now(), Actor: by, Action: VoucherGranted, Subject: string(v.ID), About: a.Beneficiary}
	return code, s.Store.Grant(ctx, v, s.keys.Index(code), s.keys.Seal(code, v.ID), granted)
}

// ExpireDue closes the vouchers whose last day has passed and tells how many. A
// voucher that cannot be closed does not keep the others open.
func (s *Service) ExpireDue(ctx context.Context) (closed int, err error) {
	const atOnce = 500
	var failed []error
	for last := (ID)("00000000-0000-0000-0000-000000000000"); ; {
		due, err := s.Due(ctx, calendar.On(s.now()), last, atOnce)
		if err != nil {
			return closed, errors.Join(append(failed, err)...)
		}
		for _, id := range due {
			_, err := s.Change(ctx, id, once.Form{}, string(id), func(a Account) (Decision, error) { return a.Expire(s.now()) })
			if _, refused := fault.Refusal(err); refused {
				continue // somebody else closed it
			}
			if err != nil {
				failed = append(failed, err)
				continue
			}
			closed++
		}
		if len(due) < atOnce {
			return closed, errors.Join(failed...)
		}
		last = due[len(due)-1]
	}
}

// NewBookingID draws the name of a booking.
func NewBookingID() BookingID { return BookingID(uuid.NewString()) }

// NewID draws the name of a voucher.
func NewID() ID { return ID(uuid.NewString()) }

// NewInvoiceID draws the name of an invoice.
func NewInvoiceID() InvoiceID { return InvoiceID(uuid.NewString()) }

// NewDisputeID draws the name of a report.
func NewDisputeID() DisputeID { return DisputeID(uuid.NewString()) }

// NewClosureID draws the name of a list of what the office ends.
func NewClosureID() ClosureID { return ClosureID(uuid.NewString()) }

// NewCaseID draws the name of a case.
func NewCaseID() CaseID { return CaseID(uuid.NewString()) }
