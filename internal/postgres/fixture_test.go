package postgres_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/voucher"
)

// noon is when the tests of this package happen, unless they say otherwise: a
// month into the life of the voucher.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, calendar.Rome)

var keys = func() voucher.Keys {
	k, err := voucher.NewKeys(bytes.Repeat([]byte{7}, voucher.MasterKeyLength))
	if err != nil {
		panic(err)
	}
	return k
}()

// fixture is a database with one beneficiary, her voucher, and psychologists.
type fixture struct {
	testing.TB
	pool          *pgxpool.Pool
	store         *postgres.Vouchers
	service       *voucher.Service
	now           time.Time
	maria         identity.Person
	application   voucher.ApplicationID
	code          voucher.Code
	psychologists []identity.PersonID
}

// newFixture grants a voucher of an amount, accepted on 2 February 2026, and
// enrols so many psychologists.
func newFixture(t testing.TB, amount money.Amount, psychologists int) *fixture {
	t.Helper()
	f := &fixture{TB: t, pool: pgtest.Open(t), now: noon}
	f.store = postgres.NewVouchers(f.pool)
	f.service = voucher.NewService(f.store, keys, rand.Reader, func() time.Time { return f.now })
	f.maria = f.person("RSSMRA85C52H501", "Maria", "Rossi")
	f.application, f.code = f.grant(f.maria, amount)
	for i := range psychologists {
		p := f.person(fmt.Sprintf("BNCGLI78T%02dF%03d", 41+i%28, 200+i), "Giulia", "Bianchi")
		f.exec(`INSERT INTO professionals (person_id, register_number, register_region, address, city, postal_code, province, region, phone, searched_name)
			VALUES ($1, '1', 'Lazio', 'Via Roma 1', 'Roma', '00195', 'RM', 'Lazio', '06 123', 'Giulia Bianchi Giulia')`, string(p.ID))
		f.exec(`INSERT INTO enrolments VALUES ($1, daterange('2025-01-01', NULL))`, string(p.ID))
		f.psychologists = append(f.psychologists, p.ID)
	}
	return f
}

func (f *fixture) exec(sql string, args ...any) {
	f.Helper()
	if err := pgtest.OnRecord(f.Context(), f.pool, sql, args...); err != nil {
		f.Fatalf("%s: %v", sql, err)
	}
}

// vacuum lets the planner know what the tables hold.
func (f *fixture) vacuum() {
	f.Helper()
	if _, err := f.pool.Exec(f.Context(), `VACUUM ANALYZE`); err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) person(fifteen, given, family string) identity.Person {
	f.Helper()
	p, err := postgres.NewPeople(f.pool).Enter(f.Context(),
		identity.Person{FiscalCode: identity.NewFiscalCode(fifteen), GivenName: given, FamilyName: family}, calendar.Date{}, "")
	if err != nil {
		f.Fatal(err)
	}
	return p
}

func (f *fixture) grant(to identity.Person, amount money.Amount) (voucher.ApplicationID, voucher.Code) {
	f.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		f.Fatal(err)
	}
	var rules voucher.Rules
	for _, e := range all {
		if e.ID == "2022-guida" {
			rules = e.Rules
		}
	}
	if err := postgres.NewEditions(f.pool).Ship(f.Context(), all); err != nil {
		f.Fatal(err)
	}
	a := voucher.Application{ID: voucher.ApplicationID(voucher.NewID()), Beneficiary: to.ID, Territory: "Lazio"}
	f.exec(`INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, submitted_at, state, entitled_cents)
		VALUES ($1, $2, '2022-guida', $3, $3, 'Lazio', 'RM', 900000, '2025-12-01', 'awarded', $4)`, string(a.ID), "INPS-"+string(a.ID), string(to.ID), amount)
	code, err := f.service.Grant(f.Context(), identity.Office(), a, rules, amount, calendar.NewDate(2026, 2, 2), 1)
	if err != nil {
		f.Fatal(err)
	}
	return a.ID, code
}

func (f *fixture) file() voucher.CaseFile {
	f.Helper()
	file, err := f.service.File(f.Context(), f.maria.ID, f.application)
	if err != nil {
		f.Fatal(err)
	}
	return file
}

// as is the i-th psychologist at work.
func (f *fixture) as(i int) identity.Actor {
	return identity.Own(f.psychologists[i], identity.Psychologist)
}

func (f *fixture) holder() identity.Actor { return identity.Own(f.maria.ID, identity.Citizen) }

// form is a form that nobody has sent yet.
func form(who identity.Actor, action string) once.Form {
	form, err := once.New(who.Person, action, once.NewKey(), url.Values{})
	if err != nil {
		panic(err)
	}
	return form
}

func ask(on calendar.Date, hour int, amount money.Amount) []voucher.Request {
	r := voucher.Request{ID: voucher.NewBookingID(), Day: on, Amount: amount}
	if hour > 0 {
		r.Start = on.At(hour, 0)
	}
	return []voucher.Request{r}
}

// book books a session with the i-th psychologist.
func (f *fixture) book(i int, requests []voucher.Request) (voucher.BookingID, error) {
	return f.service.Book(f.Context(), f.as(i), form(f.as(i), "booking.book"), f.file().Voucher.ID, requests)
}

func (f *fixture) mustBook(i, inDays, hour int, amount money.Amount) voucher.BookingID {
	f.Helper()
	id, err := f.book(i, ask(calendar.On(f.now).Add(inDays), hour, amount))
	if err != nil {
		f.Fatal(err)
	}
	return id
}

// whole fails the test when anything in the database is not as it must be.
func (f *fixture) whole() {
	f.Helper()
	breaches, err := postgres.Check(f.Context(), f.pool)
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range breaches {
		f.Errorf("%s (%s) is broken by %s", b.Invariant, b.What, b.Thing)
	}
}
