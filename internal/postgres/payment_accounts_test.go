package postgres_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/notify"
	"portal/internal/payment"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// bank answers about every account alike.
type bank payment.BankAnswer

func (b bank) Check(context.Context, iban.IBAN, string, identity.FiscalCode) (payment.BankAnswer, error) {
	if payment.BankAnswer(b) == payment.Silent {
		return "", payment.ErrBankSilent
	}
	return payment.BankAnswer(b), nil
}

func (f *fixture) accounts(b bank) *payment.Accounts {
	return payment.NewAccounts(postgres.NewAccounts(f.pool), b, func() time.Time { return f.now })
}

// officer is somebody who checks accounts.
func (f *fixture) officer(fifteen string) identity.Actor {
	f.Helper()
	return identity.Own(f.person(fifteen, "Chiara", "Colombo").ID, identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
}

// gives lets somebody give an account, and is that account.
func (f *fixture) gives(who identity.PersonID, typed string) payment.Account {
	f.Helper()
	o, err := payment.NewOffer(typed, "Giulia Bianchi")
	if err != nil {
		f.Fatal(err)
	}
	s, actor := f.accounts(""), identity.Own(who, identity.Psychologist)
	before, err := s.Current(f.Context(), who)
	if err != nil {
		f.Fatal(err)
	}
	seen := before.ID
	if !before.State.Live() {
		seen = ""
	}
	if err := s.Submit(f.Context(), actor, form(actor, "account.submit"), seen, o); err != nil {
		f.Fatal(err)
	}
	a, err := s.Current(f.Context(), who)
	if err != nil {
		f.Fatal(err)
	}
	return a
}

const (
	firstIBAN  = "IT60X0542811101000000123456"
	secondIBAN = "DE89370400440532013000"
)

func TestAnAccountIsGivenCheckedAndReplaced(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	giulia, other := f.psychologists[0], f.psychologists[1]
	officer := f.officer("CLMCHR86L47L219")
	s := f.accounts(bank(payment.MatchesNearly))
	if a, err := s.Current(t.Context(), giulia); err != nil || a.State != "" {
		t.Errorf("before any was given: %+v, %v", a, err)
	}
	first := f.gives(giulia, firstIBAN)
	if first.State != payment.ToVerify || first.IBAN != firstIBAN || !first.UsableFrom.Equal(noon.Add(48*time.Hour)) {
		t.Fatalf("%+v", first)
	}
	if err := s.Start(t.Context(), officer, form(officer, "account.start"), first.ID, first.Version); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context(), officer, form(officer, "account.verify"), first.ID, first.Version+1); err != nil {
		t.Fatal(err)
	}
	a, err := s.Current(t.Context(), giulia)
	if err != nil || a.State != payment.Verified || a.Answer != payment.MatchesNearly || a.DecidedBy != officer.Person || !a.StartedAt.Equal(noon) {
		t.Errorf("%+v, %v", a, err)
	}
	f.gives(other, firstIBAN)
	second := f.gives(giulia, secondIBAN)
	all, err := s.History(t.Context(), giulia)
	if err != nil || len(all) != 2 || !slices.ContainsFunc(all, func(a payment.Account) bool { return a.ID == first.ID && a.State == payment.Replaced }) {
		t.Errorf("%+v, %v", all, err)
	}
	if err := s.Reject(t.Context(), officer, form(officer, "account.reject"), second.ID, second.Version, payment.NotYours); !errors.Is(err, payment.ErrAccountNotTaken) {
		t.Errorf("before anybody took it: %v", err)
	}
	f.exec(`UPDATE payment_accounts SET state = 'rejected', reason = 'returned' WHERE id = $1`, string(second.ID))
	if a, err := s.Current(t.Context(), giulia); err != nil || a.ID != second.ID || a.State != payment.Rejected {
		t.Errorf("the last one, though rejected: %+v, %v", a, err)
	}
	f.whole()
}

func TestAnAccountIsOpenedWithWhatAnOfficerHasToKnow(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	officer := f.officer("CLMCHR86L47L219")
	old := f.gives(f.psychologists[0], secondIBAN)
	f.now = f.now.Add(time.Minute)
	f.gives(f.psychologists[1], firstIBAN)
	a := f.gives(f.psychologists[0], firstIBAN)
	s := f.accounts(bank(payment.Silent))
	c, err := s.Open(t.Context(), officer, a.ID)
	if err != nil || c.Owner.ID != f.psychologists[0] || c.Register != "1 · Lazio" || c.Elsewhere != 1 || len(c.Before) != 1 || c.Before[0].ID != old.ID {
		t.Errorf("%+v, %v", c, err)
	}
	if n := f.count(`SELECT count(*) FROM audit WHERE action = 'account.opened' AND subject_id = $1 AND about_id = $2`, string(a.ID), string(f.psychologists[0])); n != 1 {
		t.Errorf("%d looks written", n)
	}
	if err := s.Start(t.Context(), officer, form(officer, "account.start"), a.ID, a.Version); err != nil {
		t.Fatal(err)
	}
	if c, err = s.Read(t.Context(), officer, a.ID); err != nil || c.State != payment.Verifying || c.Answer != payment.Silent {
		t.Errorf("with a bank that is silent: %+v, %v", c, err)
	}
	if _, err := s.Open(t.Context(), identity.Own(officer.Person, identity.Citizen), a.ID); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("by a citizen: %v", err)
	}
	if _, err := s.Open(t.Context(), officer, payment.AccountID(uuid.NewString())); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}

func TestTheQueueHasTheOldestFirstAndCountsTheLate(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 3)
	var want []payment.AccountID
	for _, p := range f.psychologists {
		want = append(want, f.gives(p, firstIBAN).ID)
		f.now = f.now.AddDate(0, 0, 1)
	}
	waiting := payment.AccountList{States: []payment.AccountState{payment.ToVerify, payment.Verifying}}
	page, err := f.accounts("").Queue(t.Context(), waiting, calendar.NewDate(2026, time.March, 17))
	if err != nil || page.Total != 3 || page.Late != 1 || page.Counts[payment.ToVerify] != 3 || len(page.Lines) != 3 {
		t.Fatalf("%+v, %v", page, err)
	}
	for i, l := range page.Lines {
		if l.ID != want[i] || l.Owner != "Giulia Bianchi" {
			t.Errorf("%d: %+v", i, l)
		}
	}
	if page, err = f.accounts("").Queue(t.Context(), payment.AccountList{States: []payment.AccountState{payment.Rejected}, Page: 2}, calendar.On(noon)); err != nil || len(page.Lines) != 0 {
		t.Errorf("%+v, %v", page, err)
	}
}

// Two colleagues with the same page open: the first decides, and the second is told.
func TestTwoOfficersDecideOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	a := f.gives(f.psychologists[0], firstIBAN)
	s, chiara, andrea := f.accounts(bank(payment.Matches)), f.officer("CLMCHR86L47L219"), f.officer("RCCNDR71B12D969")
	if err := s.Start(t.Context(), chiara, form(chiara, "account.start"), a.ID, a.Version); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	answers := make([]error, 2)
	group.Go(func() {
		answers[0] = s.Verify(t.Context(), chiara, form(chiara, "account.verify"), a.ID, a.Version+1)
	})
	group.Go(func() {
		answers[1] = s.Reject(t.Context(), andrea, form(andrea, "account.reject"), a.ID, a.Version+1, payment.NotYours)
	})
	group.Wait()
	done := slices.IndexFunc(answers, func(err error) bool { return err == nil })
	if done < 0 || !errors.Is(answers[1-done], payment.ErrAccountMoved) {
		t.Errorf("%v", answers)
	}
}

func TestAnAccountIsGivenOnceHoweverOftenTheFormIsSent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	giulia := identity.Own(f.psychologists[0], identity.Psychologist)
	o, err := payment.NewOffer(firstIBAN, "Giulia Bianchi")
	if err != nil {
		t.Fatal(err)
	}
	s, sent := f.accounts(""), form(giulia, "account.submit")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := s.Submit(t.Context(), giulia, sent, "", o); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := f.count(`SELECT count(*) FROM payment_accounts`); n != 1 {
		t.Errorf("%d accounts", n)
	}
	if err := s.Submit(t.Context(), giulia, form(giulia, "account.submit"), "", o); !errors.Is(err, payment.ErrAccountMoved) {
		t.Errorf("from a page that saw no account: %v", err)
	}
}

func TestWhoIsPaidElsewhereIsToldAtBothAddresses(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	f.exec(`UPDATE persons SET email = 'nuova@example.org' WHERE id = $1`, string(f.psychologists[0]))
	f.exec(`UPDATE professionals SET email = 'vecchia@example.org'`)
	a, notices := f.gives(f.psychologists[0], firstIBAN), postgres.NewNotices(f.pool)
	n := f.entry(string(a.ID), payment.AccountSubmitted)
	e, err := notices.Event(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	letters := notify.Letters(e)
	if len(letters) != 1 || letters[0].To != f.psychologists[0] || letters[0].Kind != notify.AccountChanged {
		t.Fatalf("%+v", letters)
	}
	if err := notices.Post(t.Context(), n, letters, noon); err != nil {
		t.Fatal(err)
	}
	var message string
	if err := f.pool.QueryRow(t.Context(), `SELECT id FROM messages`).Scan(&message); err != nil {
		t.Fatal(err)
	}
	if _, to, _, err := notices.Mail(t.Context(), message); err != nil || to != "nuova@example.org, vecchia@example.org" {
		t.Errorf("to %q, %v", to, err)
	}
}

func TestWhoEntersTheListIsToldToGiveAnIBANUnlessTheyDid(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	giulia, notices := f.psychologists[0], postgres.NewNotices(f.pool)
	entered := func() notify.Letter {
		t.Helper()
		if err := postgres.NewPeople(f.pool).Write(t.Context(), audit.Entry{At: f.now, Actor: identity.Office(),
			Action: voucher.EnrolmentStarted, Subject: string(giulia), About: giulia}); err != nil {
			t.Fatal(err)
		}
		e, err := notices.Event(t.Context(), f.entry(string(giulia), voucher.EnrolmentStarted))
		if err != nil {
			t.Fatal(err)
		}
		return notify.Letters(e)[0]
	}
	if l := entered(); l.Link != "/professionisti/dati/iban" {
		t.Errorf("without one: %+v", l)
	}
	f.gives(giulia, firstIBAN)
	if l := entered(); l.Link != "/professionisti/adesione" {
		t.Errorf("with one: %+v", l)
	}
}

func TestWhatProfessionalsSayGoesBeforeTheList(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	giulia := identity.Own(f.psychologists[0], identity.Psychologist)
	s := voucher.NewParticipants(postgres.NewParticipants(f.pool), func() time.Time { return f.now })
	search := func() voucher.Found {
		t.Helper()
		found, err := f.store.Search(t.Context(), voucher.Search{Language: "de", Online: true}, calendar.On(f.now))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	d, err := s.Details(t.Context(), giulia.Person)
	if err != nil || d.Phone != "06 123" || d.Online || !d.Visible || len(search().Listings) != 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	change := func(visible bool) error {
		t.Helper()
		mine, err := voucher.NewDetails("+39 333 1234567", []string{"de", "it", "de"}, true, visible)
		if err != nil {
			t.Fatal(err)
		}
		mine.Version = d.Version
		return s.ChangeDetails(t.Context(), giulia, form(giulia, "details.change"), mine)
	}
	if err := change(true); err != nil {
		t.Fatal(err)
	}
	f.exec(`UPDATE professionals SET phone = '06 999', languages = '{it}', online = false`) // the next list
	found := search()
	if len(found.Listings) != 1 || found.Listings[0].Phone != "+393331234567" || !slices.Equal(found.Listings[0].Languages, []string{"de", "it"}) {
		t.Errorf("%+v", found)
	}
	if err := change(false); !errors.Is(err, voucher.ErrDetailsMoved) {
		t.Errorf("from a page that is old: %v", err)
	}
	d.Version++
	if err := change(false); err != nil {
		t.Fatal(err)
	}
	if found := search(); found.Total != 0 {
		t.Errorf("hidden, and found: %+v", found)
	}
	if _, err := s.Details(t.Context(), f.maria.ID); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("of who is no professional: %v", err)
	}
}

// What somebody leaves as the list has it goes on following the list.
func TestDetailsThatAgreeWithTheListFollowIt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	giulia := identity.Own(f.psychologists[0], identity.Psychologist)
	f.exec(`UPDATE professionals SET phone = '06 123 456', languages = '{it,en}'`)
	s := voucher.NewParticipants(postgres.NewParticipants(f.pool), func() time.Time { return f.now })
	same, err := voucher.NewDetails("06 123456", []string{"en", "it"}, false, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeDetails(t.Context(), giulia, form(giulia, "details.change"), same); err != nil {
		t.Fatal(err)
	}
	f.exec(`UPDATE professionals SET phone = '06 777', languages = '{it}', online = true`)
	if d, err := s.Details(t.Context(), giulia.Person); err != nil || d.Phone != "06 777" || !d.Online || len(d.Languages) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
}
