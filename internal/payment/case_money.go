package payment

import (
	"context"
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// CaseMoney is what is paid for an application for the indemnity, and what was.
type CaseMoney struct {
	Owing          // zero parts where it has no place that is worth money
	Left    []Owed // to pay, and what holds it
	Member  identity.PersonID
	Concern []identity.PersonID // the member, who sent it, and the heirs
	Rate    int                 // of the tax, in hundredths of a percent
	Orders  []CaseOrder         // the oldest first, without those that left their run
}

// CaseOrder is an order that pays for an application, with its run.
type CaseOrder struct {
	Order
	Run       int           // its number
	Message   string        // by which the bank knows its run
	ExecuteOn calendar.Date // zero before it was sent
	SentAt    time.Time

	Certificate string // number of what says that it was paid, "" before it was
	CheckCode   string // on it
}

// concerns tells whether the application is somebody's own.
func (m CaseMoney) concerns(who identity.PersonID) bool { return slices.Contains(m.Concern, who) }

// Payee finds who is paid by their key: an heir's id, or that of the application for its
// member; fault.ErrNotFound.
func (m CaseMoney) Payee(key string) (Payee, error) {
	for _, p := range m.Payees {
		if m.Key(p) == key {
			return p, nil
		}
	}
	return Payee{}, fault.ErrNotFound
}

// Key names a payee of the application, see Payee.
func (m CaseMoney) Key(p Payee) string {
	if p.Heir == "" {
		return m.Application
	}
	return p.Heir
}

// As is who is paid of the payees, by person; fault.ErrNotFound.
func (m CaseMoney) As(who identity.Actor) (Payee, error) {
	i := slices.IndexFunc(m.Payees, func(p Payee) bool { return p.Person == who.For })
	if i < 0 {
		return Payee{}, fault.ErrNotFound
	}
	return m.Payees[i], nil
}

// Due is what is left to pay to a payee, and what holds it.
func (m CaseMoney) Due(p Payee) Owed {
	for _, o := range m.Left {
		if o.Payee.Heir == p.Heir {
			return o
		}
	}
	return Owed{Payee: p}
}

// Of is what a payee gets of the application in all, what was paid and what is left.
func (m CaseMoney) Of(p Payee) Parts { return p.Live.Plus(m.Due(p).Parts) }

// OrdersOf are the orders to a payee.
func (m CaseMoney) OrdersOf(p Payee) (all []CaseOrder) {
	for _, o := range m.Orders {
		if o.Payee == p.Person {
			all = append(all, o)
		}
	}
	return all
}

// waits tells whether there is something for a payee that no bank has yet.
func (m CaseMoney) waits(p Payee) bool {
	return m.Due(p).Net() > 0 || slices.ContainsFunc(m.OrdersOf(p), func(o CaseOrder) bool { return o.State == OrderFrozen })
}

// Paid is what somebody was paid of the application, in all.
func (m CaseMoney) Paid(to identity.PersonID) (sum Parts, orders []CaseOrder) {
	for _, o := range m.Orders {
		if o.Payee == to && o.State == OrderPaid {
			sum, orders = sum.Plus(o.Of.Parts), append(orders, o)
		}
	}
	return sum, orders
}

// Back tells whether the last order to a payee came back, and is not made good yet.
func (m CaseMoney) Back(p Payee) (last CaseOrder, back bool) {
	all := m.OrdersOf(p)
	if len(all) == 0 {
		return last, false
	}
	last = all[len(all)-1]
	return last, last.State == OrderReturned
}

// PayeeToCheck is somebody whose account an officer has to look at.
type PayeeToCheck struct {
	Share
	Payee  Payee
	Amount money.Amount // that waits for it
}

// CaseStore keeps what is paid for applications and where. An application that does not
// exist is fault.ErrNotFound.
type CaseStore interface {
	// Money is what is paid for an application.
	Money(ctx context.Context, application string, now time.Time) (CaseMoney, error)
	// ToCheck are the payees whose account waits to be verified, the oldest first.
	ToCheck(ctx context.Context, now time.Time) ([]PayeeToCheck, error)
	// ChangeAccount locks an application, asks for the account of a payee, by their key,
	// and saves it in the place of the one that they have.
	ChangeAccount(ctx context.Context, form once.Form, application, payee string, e audit.Entry, decide func(CaseMoney, Payee) (CaseAccount, error)) error
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
}

// Cases is what is paid for applications, and on which accounts.
type Cases struct {
	CaseStore
	now func() time.Time
}

// NewCases is the service on a store with a clock.
func NewCases(s CaseStore, now func() time.Time) *Cases { return &Cases{s, now} }

// Of is what is paid for an application. Who may read that, the caller knows.
func (s *Cases) Of(ctx context.Context, application string) (CaseMoney, error) {
	return s.Money(ctx, application, s.now())
}

// Open is the same for an officer, who gets to read whole IBANs: that is written down.
func (s *Cases) Open(ctx context.Context, who identity.Actor, application string) (CaseMoney, error) {
	if err := who.Must(Indemnity.Office(), identity.Prepare, identity.Approve, identity.Pay); err != nil {
		return CaseMoney{}, err
	}
	m, err := s.Of(ctx, application)
	if err != nil {
		return m, err
	}
	return m, s.See(ctx, s.entry(who, CaseAccountOpened, application, m.Member))
}

// Waiting are the payees whose account waits to be verified, for who verifies.
func (s *Cases) Waiting(ctx context.Context, who identity.Actor) ([]PayeeToCheck, error) {
	if err := who.Must(Indemnity.Office(), identity.Prepare, identity.Approve, identity.Pay); err != nil {
		return nil, err
	}
	return s.ToCheck(ctx, s.now())
}

// Give gives another account to a payee in the place of the one that was seen, see
// CaseAccount.Seal: ErrAccountMoved when it is another by now.
func (s *Cases) Give(ctx context.Context, who identity.Actor, form once.Form, application, payee, seen string, o Offer) error {
	return s.change(ctx, who, form, CaseAccountGiven, application, payee, func(m CaseMoney, p Payee) (CaseAccount, error) {
		if err := m.MayGive(who, p); err != nil {
			return CaseAccount{}, err
		}
		if p.Account.Seal() != seen {
			return CaseAccount{}, ErrAccountMoved
		}
		return o.instead(p.Account, who.Person, s.now())
	})
}

// Verify says that the account of a payee is theirs.
func (s *Cases) Verify(ctx context.Context, who identity.Actor, form once.Form, application, payee, seen string) error {
	return s.judge(ctx, who, form, CaseAccountVerified, application, payee, seen, "")
}

// Reject says that it is not to be paid on, for one of RejectReasons: they have to give
// another.
func (s *Cases) Reject(ctx context.Context, who identity.Actor, form once.Form, application, payee, seen, reason string) error {
	if !slices.Contains(RejectReasons, reason) {
		return ErrRejectReason
	}
	return s.judge(ctx, who, form, CaseAccountRejected, application, payee, seen, reason)
}

func (s *Cases) judge(ctx context.Context, who identity.Actor, form once.Form, done audit.Action, application, payee, seen, reason string) error {
	return s.change(ctx, who, form, done, application, payee, func(m CaseMoney, p Payee) (CaseAccount, error) {
		if err := m.MayJudge(who, p); err != nil {
			return CaseAccount{}, err
		}
		if p.Account.Seal() != seen {
			return CaseAccount{}, ErrAccountMoved
		}
		return p.Account.judged(who.Person, reason, s.now()), nil
	})
}

func (s *Cases) change(ctx context.Context, who identity.Actor, form once.Form, done audit.Action, application, payee string, decide func(CaseMoney, Payee) (CaseAccount, error)) error {
	m, err := s.Of(ctx, application)
	if err != nil {
		return err
	}
	p, err := m.Payee(payee)
	if err != nil {
		return err
	}
	return s.ChangeAccount(ctx, form, application, payee, s.entry(who, done, application, p.Person), decide)
}

func (s *Cases) entry(who identity.Actor, done audit.Action, application string, about identity.PersonID) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: done, Subject: application, About: about}
}
