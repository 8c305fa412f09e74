package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// bookInTurn is a booking as pgbench makes it: the statements of the portal's one,
// in turn.
const bookInTurn = `
\set n :n + 1
\set v :first + :client_id * :each + :n / 12
\set i :n % 12
BEGIN;
UPDATE vouchers SET booked_cents = booked_cents + 5000, version = version + 1
	WHERE id = md5('voucher ' || :v)::uuid AND booked_cents + used_cents + returned_cents + 5000 <= awarded_cents;
INSERT INTO bookings (id, voucher_id, beneficiary_id, professional_id, day, slot, amount_cents, place, state, booked_at)
	VALUES (md5('booking ' || :v || ' ' || :i)::uuid, md5('voucher ' || :v)::uuid, md5('holder ' || :v)::uuid, md5('professional ' || :v)::uuid,
	current_date + 1 + :i::int, tstzrange((current_date + 1 + :i::int + time '15:00') AT TIME ZONE 'Europe/Rome', (current_date + 1 + :i::int + time '15:45') AT TIME ZONE 'Europe/Rome'),
	5000, 'Via Roma 1, 00195 Roma (RM)', 'booked', now());
INSERT INTO postings (voucher_id, booking_id, event, debit, credit, amount_cents, at)
	VALUES (md5('voucher ' || :v)::uuid, md5('booking ' || :v || ' ' || :i)::uuid, 'book', 'free', 'booked', 5000, now());
INSERT INTO audit (at, person_id, role, for_id, action, subject_id, about_id, request_id)
	VALUES (now(), md5('professional ' || :v)::uuid, 'psychologist', md5('professional ' || :v)::uuid, 'booking.booked',
	md5('booking ' || :v || ' ' || :i)::uuid, md5('holder ' || :v)::uuid, 'ABCDEFGHIJKL') RETURNING id AS entry \gset
INSERT INTO river_job (kind, args, max_attempts) VALUES ('notify', jsonb_build_object('entry', :entry::bigint), 12);
COMMIT;
`

// pgbench is PostgreSQL's own measure, on tables of the portal's schema.
type pgbench struct {
	program, script string
	pool            *pgxpool.Pool
}

func newPgbench(b *testing.B, database string) pgbench {
	b.Helper()
	db := databases(b)
	p := pgbench{db.program(b, "pgbench"), filepath.Join(b.TempDir(), "book.sql"), open(b, db.database(b, database))}
	if err := os.WriteFile(p.script, []byte(bookInTurn), 0o600); err != nil {
		b.Fatal(err)
	}
	addEdition(b, p.pool)
	return p
}

var tps = regexp.MustCompile(`(?m)^tps = ([0-9.]+) `)

// book makes bookings against vouchers from a number on, so many for each client,
// and tells how many it made in a second.
func (p pgbench) book(b *testing.B, clients, first, each int, lasting time.Duration) float64 {
	b.Helper()
	at := p.pool.Config().ConnConfig
	out, err := exec.CommandContext(b.Context(), p.program, "-n", "-M", "prepared", "-f", p.script,
		"-h", at.Host, "-p", strconv.Itoa(int(at.Port)), "-U", at.User, "-T", strconv.Itoa(int(lasting.Seconds())),
		"-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, runtime.NumCPU())),
		"-D", "n=-1", "-D", fmt.Sprintf("first=%d", first), "-D", fmt.Sprintf("each=%d", each), at.Database).CombinedOutput()
	found := tps.FindSubmatch(out)
	if err != nil || found == nil {
		b.Fatalf("pgbench: %v\n%s", err, out)
	}
	rate, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return rate
}
