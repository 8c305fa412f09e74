package bench

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/login"
	"portal/internal/money"
	"portal/internal/office"
	"portal/internal/once"
	"portal/internal/portal"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

func keys(b *testing.B) voucher.Keys {
	b.Helper()
	k, err := voucher.NewKeys(bytes.Repeat([]byte{7}, voucher.MasterKeyLength))
	if err != nil {
		b.Fatal(err)
	}
	return k
}

// documents is how the benchmarks keep what people hand in.
func documents(b *testing.B) document.Keys {
	b.Helper()
	k, err := document.NewKeys(bytes.Repeat([]byte{8}, document.MasterKeyLength))
	if err != nil {
		b.Fatal(err)
	}
	return k
}

// site is the whole portal of this process on a database of its own. The jobs it
// leaves behind are not worked: neither are those of pgbench.
type site struct {
	pool    *pgxpool.Pool
	service *voucher.Service
	portal  *portal.Portal
	addr    string
}

func newSite(b *testing.B, database string) *site {
	b.Helper()
	address := databases(b).database(b, database)
	pool := open(b, address)
	logins, err := postgres.OpenLogins(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(logins.Close)
	service := voucher.NewService(postgres.NewVouchers(pool), keys(b), rand.Reader, time.Now)
	s := &site{pool: pool, service: service, portal: &portal.Portal{
		People:   postgres.NewPeople(pool),
		Vouchers: service,
		Calls:    indemnity.NewCalls(postgres.NewCalls(pool), time.Now),
		Work:     indemnity.NewWork(postgres.NewIndemnityWork(pool), time.Now),
		Stops:    office.NewStops(postgres.NewAdministration(pool), time.Now),
		Settings: office.NewSettings(postgres.NewAdministration(pool), time.Now),
		Views:    indemnity.NewViews(postgres.NewWorkViews(pool), time.Now),
		Broker:   login.New(login.Config{Issuer: "http://localhost", ClientID: "portal"}, nil, time.Now),
		Logins:   portal.NewLogins(postgres.NewLogins(logins), false),
		Log:      slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Now:      time.Now,
		URL:      "http://localhost",
		Ready:    func(context.Context) error { return nil },
	}}
	s.addr = serve(b, s.portal.Handler())
	return s
}

// serve puts a handler on a port, with the time limits of the portal.
func serve(b *testing.B, h http.Handler) (addr string) {
	b.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 20 * time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 8 << 10}
	go server.Serve(l)
	b.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

// login is the token of somebody who logged in just now and, where it is a
// professional's, has checked a voucher.
func (s *site) login(b *testing.B, who identity.Actor, checked voucher.ID) (token string) {
	b.Helper()
	logins, now := s.portal.Logins, time.Now().Unix()
	ctx, err := logins.Load(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	logins.Put(ctx, "person", string(who.Person))
	logins.Put(ctx, "role", string(who.Role))
	logins.Put(ctx, "for", string(who.For))
	logins.Put(ctx, "name", "Maria Rossi")
	logins.Put(ctx, "started", now)
	logins.Put(ctx, "seen", now)
	if checked != "" {
		logins.Put(ctx, "voucher", string(checked)+" "+strconv.FormatInt(now, 10))
	}
	if token, _, err = logins.Commit(ctx); err != nil {
		b.Fatal(err)
	}
	return token
}

// page is what the portal shows to whom a token belongs to.
func (s *site) page(b *testing.B, path, token string) []byte {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), "GET", "http://"+s.addr+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Host = "localhost" // as the portal knows itself: see URL
	r.AddCookie(&http.Cookie{Name: "sid", Value: token})
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s is answered with %s: %v", path, answer.Status, err)
	}
	return body
}

// whole fails the benchmark when what was measured left the data broken.
func (s *site) whole(b *testing.B) {
	b.Helper()
	breaches, err := postgres.Check(b.Context(), s.pool)
	if err != nil {
		b.Fatal(err)
	}
	for _, x := range breaches {
		b.Errorf("%s (%s) is broken by %s", x.Invariant, x.What, x.Thing)
	}
}

// Vouchers of the benchmarks are numbered from 0. Each has a holder and a
// professional of its own, whose ids follow from the number, so that pgbench can
// tell them too. Twelve sessions are booked against each.
const (
	sessions = 12
	price    = 50 * money.Euro
	awarded  = 1_500 * money.Euro
)

func numbered(what string, n int) string {
	return uuid.UUID(md5.Sum(fmt.Appendf(nil, "%s %d", what, n))).String()
}

func voucherID(n int) voucher.ID { return voucher.ID(numbered("voucher", n)) }

func professional(n int) identity.Actor {
	return identity.Own(identity.PersonID(numbered("professional", n)), identity.Psychologist)
}

// addEdition makes the edition of the benchmarks: that of 2025, with as many open
// bookings as there are sessions, and money for as many vouchers as a machine makes.
func addEdition(b *testing.B, pool *pgxpool.Pool) {
	b.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		b.Fatal(err)
	}
	rules := all[slices.IndexFunc(all, func(e voucher.Edition) bool { return e.ID == "2025" })].Rules
	rules.OpenBookings.Is = sessions
	rules.Tranches[0].Is.Of["Lazio"] = 1_000_000_000 * money.Euro
	if err := postgres.NewEditions(pool).Ship(b.Context(), []voucher.Edition{{ID: "bench", ApplicationYear: 2025, FundYear: 2024, Rules: rules}}); err != nil {
		b.Fatal(err)
	}
}

// addVouchers makes n vouchers from a number on, as if each had been granted and
// each professional enrolled.
func addVouchers(b *testing.B, pool *pgxpool.Pool, from, n int) {
	b.Helper()
	var batch pgx.Batch
	today := calendar.On(time.Now())
	last := from + n - 1
	batch.Queue(`INSERT INTO persons (id, fiscal_code, given_name, family_name)
		SELECT md5('holder ' || j)::uuid, 'H' || lpad(j::text, 15, '0'), 'Maria', 'Rossi' FROM generate_series($1::int, $2::int) j
		UNION ALL SELECT md5('professional ' || j)::uuid, 'P' || lpad(j::text, 15, '0'), 'Giulia', 'Bianchi' FROM generate_series($1::int, $2::int) j`, from, last)
	batch.Queue(`INSERT INTO professionals (person_id, register_number, register_region, address, city, postal_code, province, region, phone, searched_name)
		SELECT md5('professional ' || j)::uuid, j::text, 'Lazio', 'Via Roma 1', 'Roma', '00195', 'RM', 'Lazio', '06 555 0100', 'Giulia Bianchi Giulia'
		FROM generate_series($1::int, $2::int) j`, from, last)
	batch.Queue(`INSERT INTO enrolments SELECT md5('professional ' || j)::uuid, daterange($3, NULL) FROM generate_series($1::int, $2::int) j`, from, last, today.Add(-30))
	batch.Queue(`INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, submitted_at, state, entitled_cents)
		SELECT md5('application ' || j)::uuid, 'BENCH-' || j, 'bench', md5('holder ' || j)::uuid, md5('holder ' || j)::uuid, 'Lazio', 'RM', 900000, now(), 'awarded', $3
		FROM generate_series($1::int, $2::int) j`, from, last, awarded)
	batch.Queue(`INSERT INTO vouchers (id, application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, invoice_by, code_index, code_sealed)
		SELECT md5('voucher ' || j)::uuid, md5('application ' || j)::uuid, md5('holder ' || j)::uuid, 'Lazio', $3, $4, $4::date + 270, $4::date + 270, $4::date + 300,
			decode(md5(j::text), 'hex'), ''
		FROM generate_series($1::int, $2::int) j`, from, last, awarded, today)
	batch.Queue(`INSERT INTO postings (voucher_id, event, debit, credit, amount_cents, at)
		SELECT md5('voucher ' || j)::uuid, 'grant', 'fund', 'free', $3, now() FROM generate_series($1::int, $2::int) j`, from, last, awarded)
	batch.Queue(`INSERT INTO audit (at, role, action, subject_id, about_id)
		SELECT now(), 'system', 'voucher.granted', md5('voucher ' || j)::uuid, md5('holder ' || j)::uuid FROM generate_series($1::int, $2::int) j`, from, last)
	if err := pool.SendBatch(b.Context(), &batch).Close(); err != nil {
		b.Fatal(err)
	}
}

// session is the i-th session against a voucher: an hour of a day of its own.
func session(i int) []voucher.Request {
	day := calendar.On(time.Now()).Add(1 + i)
	return []voucher.Request{{ID: voucher.NewBookingID(), Day: day, Start: day.At(15, 0), Amount: price}}
}

// sending is a form that nobody has sent yet.
func sending(who identity.Actor) (once.Form, error) {
	return once.New(who.Person, "voucher.book", once.NewKey(), nil)
}

var errSupply = errors.New("the vouchers made for this turn are used up")
