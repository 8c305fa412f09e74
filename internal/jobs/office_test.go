package jobs_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/document"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/jobs"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/voucher"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, calendar.Rome)

var keys = func() voucher.Keys {
	k, err := voucher.NewKeys(bytes.Repeat([]byte{7}, voucher.MasterKeyLength))
	if err != nil {
		panic(err)
	}
	return k
}()

// papers is how the tests keep what people hand in.
var papers = func() document.Keys {
	k, err := document.NewKeys(bytes.Repeat([]byte{8}, document.MasterKeyLength))
	if err != nil {
		panic(err)
	}
	return k
}()

// office is a demo world in which jobs are done, with nothing left to do.
type office struct {
	testing.TB
	pool     *pgxpool.Pool
	vouchers *voucher.Service
	clock    atomic.Pointer[time.Time]
	log      lockedBuffer
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{TB: t, pool: pgtest.OpenFilled(t, "_jobs", func(ctx context.Context, pool *pgxpool.Pool) error {
		_, err := demo.Build(ctx, pool, keys, papers, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), noon)
		return err
	})}
	o.at(noon)
	o.exec(`DELETE FROM river_job`)
	o.vouchers = voucher.NewService(postgres.NewVouchers(o.pool), keys, rand.Reader, o.now)
	return o
}

func (o *office) now() time.Time { return *o.clock.Load() }

func (o *office) at(t time.Time) { o.clock.Store(&t) }

func (o *office) exec(sql string, args ...any) {
	o.Helper()
	if _, err := o.pool.Exec(o.Context(), sql, args...); err != nil {
		o.Fatal(err)
	}
}

func (o *office) count(sql string, args ...any) (n int) {
	o.Helper()
	if err := o.pool.QueryRow(o.Context(), sql, args...).Scan(&n); err != nil {
		o.Fatal(err)
	}
	return n
}

// work starts to do the jobs, until the test is over, and sends mails by a server,
// or into a folder when there is none.
func (o *office) work(smtp, folder string) {
	o.Helper()
	mailer, err := notify.NewMailer(smtp, folder, "Portale contributi <non-rispondere@example.org>")
	if err != nil {
		o.Fatal(err)
	}
	stop, err := jobs.Start(o.Context(), jobs.Workers{
		Pool: o.pool, Notices: postgres.NewNotices(o.pool), Vouchers: o.vouchers, Intake: o.intake(), Mailer: mailer,
		Closures: voucher.NewClosures(postgres.NewClosures(o.pool), o.now), Residuals: voucher.NewResiduals(postgres.NewResiduals(o.pool), o.now),
		Imports: voucher.NewImports(postgres.NewImports(o.pool), o.now), Rankings: voucher.NewRankings(postgres.NewRankings(o.pool), o.now),
		Payments:     payment.NewRuns(postgres.NewPaymentRuns(o.pool), payment.Debtors{payment.Voucher: {Name: "INPS", IBAN: "IT70L0100003245350200020350"}}, o.now),
		Drafts:       indemnity.NewDrafts(postgres.NewDrafts(o.pool), nil, nil, o.now), // no register is asked
		Applications: indemnity.NewApplications(postgres.NewCaseFiles(o.pool), nil, nil, o.now),
		CallRankings: indemnity.NewRankings(postgres.NewCallRankings(o.pool), indemnity.NewApplications(postgres.NewCaseFiles(o.pool), nil, nil, o.now), nil, o.now),
		Register:     o.register(),
		Retention:    o.retention(),
		Host:         "contributi.example.org", Now: o.now, Log: slog.New(slog.NewJSONHandler(&o.log, nil)),
	})
	if err != nil {
		o.Fatal(err)
	}
	o.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := stop(ctx); err != nil {
			o.Errorf("stop: %v", err)
		}
	})
}

// intake is the service that reminds of an ISEE to correct; no register is asked.
func (o *office) intake() *voucher.Intake {
	return voucher.NewIntake(postgres.NewIntake(o.pool), nil, nil, o.now)
}

// until waits for something that jobs bring about.
func (o *office) until(what string, is func() bool) {
	o.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			o.Fatalf("not yet %s\n%s", what, o.log.String())
		}
	}
}

// done tells whether no job waits to be done soon.
func (o *office) done() bool {
	return o.count(`SELECT count(*) FROM river_job WHERE state NOT IN ('completed', 'scheduled')`) == 0
}

// person is a persona's id.
func (o *office) person(hint demo.Hint) (id identity.PersonID) {
	o.Helper()
	if err := o.pool.QueryRow(o.Context(), `SELECT id FROM persons WHERE email = $1`, hint+"@example.org").Scan(&id); err != nil {
		o.Fatal(err)
	}
	return id
}

// book books a session of the partial citizen with the new psychologist.
func (o *office) book(inDays int) voucher.BookingID {
	o.Helper()
	return o.bookFor(o.person(demo.PartialCitizen), inDays)
}

// bookFor books a session of somebody's with the new psychologist.
func (o *office) bookFor(holder identity.PersonID, inDays int) voucher.BookingID {
	o.Helper()
	var id voucher.ID
	if err := o.pool.QueryRow(o.Context(), `SELECT id FROM vouchers WHERE beneficiary_id = $1`, string(holder)).Scan(&id); err != nil {
		o.Fatal(err)
	}
	day := calendar.On(noon).Add(inDays)
	ask := []voucher.Request{{ID: voucher.NewBookingID(), Day: day, Start: day.At(15, 0), Amount: 47_50}}
	who := o.psychologist()
	first, err := o.vouchers.Book(o.Context(), who, o.form(who), id, ask)
	if err != nil {
		o.Fatal(err)
	}
	return first
}

func (o *office) psychologist() identity.Actor {
	return identity.Own(o.person(demo.NewPsychologist), identity.Psychologist)
}

func (o *office) form(who identity.Actor) once.Form {
	o.Helper()
	form, err := once.New(who.Person, "test", once.NewKey(), url.Values{})
	if err != nil {
		o.Fatal(err)
	}
	return form
}

// told is the kinds of the messages that somebody has about a session.
func (o *office) told(who identity.PersonID, id voucher.BookingID) (kinds []string) {
	o.Helper()
	err := o.pool.QueryRow(o.Context(), `
		SELECT coalesce(array_agg(m.kind ORDER BY m.entry_id), '{}') FROM messages m JOIN audit a ON a.id = m.entry_id
		WHERE m.recipient_id = $1 AND a.subject_id = $2`, string(who), string(id)).Scan(&kinds)
	if err != nil {
		o.Fatal(err)
	}
	return kinds
}

// lockedBuffer is a log that many write and a test reads.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
