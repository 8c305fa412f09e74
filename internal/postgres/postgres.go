// Package postgres remembers: every Store of the domain stands here, with its
// SQL where it runs. Transactions are never seen outside; the unit of work is the
// aggregate, locked by its root row, and whatever an act changes is saved with
// its register entries and the job that will tell people of it, or not at all.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/fault"
)

// ErrUnavailable says that the database does not answer, or that a row was held
// by somebody else for too long: try again.
var ErrUnavailable = fault.Unavailable("database.unavailable")

// How many connections a pool opens at the most, where its address does not say
// pool_max_conns: enough that a few that wait for a lock do not stop the rest.
const (
	connections      = 16
	loginConnections = 4
)

// Open is a pool on a database, which knows the portal's types. It does not need
// the database to be up. A statement waits for a lock no longer than 1.5 seconds.
func Open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return open(ctx, url, connections, nil)
}

// OpenLogins is a small pool for login sessions, whose commits do not wait for the
// disk: after a crash of the server the last half second of them may be missing,
// and somebody logs in again. Nothing else belongs in it.
func OpenLogins(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return open(ctx, url, loginConnections, map[string]string{"synchronous_commit": "off"})
}

func open(ctx context.Context, url string, most int32, settings map[string]string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	defaults := map[string]string{
		"application_name":                    "portal",
		"timezone":                            "UTC",
		"lock_timeout":                        "1500ms",
		"idle_in_transaction_session_timeout": "5s",
	}
	maps.Copy(defaults, settings)
	for name, value := range defaults {
		if _, set := cfg.ConnConfig.RuntimeParams[name]; !set {
			cfg.ConnConfig.RuntimeParams[name] = value
		}
	}
	if !strings.Contains(url, "pool_max_conns") {
		cfg.MaxConns = most
	}
	if !strings.Contains(url, "connect_timeout") {
		cfg.ConnConfig.ConnectTimeout = 5 * time.Second // a request has eight
	}
	cfg.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		registerTypes(c.TypeMap())
		return nil
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

// registerTypes teaches a connection that a calendar.Date is a date: the zero
// Date is NULL, both ways.
func registerTypes(m *pgtype.Map) {
	m.TryWrapEncodePlanFuncs = append([]pgtype.TryWrapEncodePlanFunc{
		func(v any) (pgtype.WrappedEncodePlanNextSetter, any, bool) {
			if d, ok := v.(calendar.Date); ok {
				return &encodeDate{}, dateValue(d), true
			}
			return nil, nil, false
		}}, m.TryWrapEncodePlanFuncs...)
	m.TryWrapScanPlanFuncs = append([]pgtype.TryWrapScanPlanFunc{
		func(target any) (pgtype.WrappedScanPlanNextSetter, any, bool) {
			if d, ok := target.(*calendar.Date); ok {
				return &scanDate{}, (*dateValue)(d), true
			}
			return nil, nil, false
		}}, m.TryWrapScanPlanFuncs...)
	m.RegisterDefaultPgType(calendar.Date{}, "date")
	m.RegisterDefaultPgType([]calendar.Date{}, "_date")
}

type dateValue calendar.Date

func (d dateValue) DateValue() (pgtype.Date, error) {
	day := calendar.Date(d)
	if day.IsZero() {
		return pgtype.Date{}, nil
	}
	return pgtype.Date{Time: time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, time.UTC), Valid: true}, nil
}

func (d *dateValue) ScanDate(v pgtype.Date) error {
	*d = dateValue{}
	if v.Valid {
		*d = dateValue(calendar.NewDate(v.Time.Year(), v.Time.Month(), v.Time.Day()))
	}
	return nil
}

type encodeDate struct{ next pgtype.EncodePlan }

func (p *encodeDate) SetNext(next pgtype.EncodePlan) { p.next = next }
func (p *encodeDate) Encode(v any, buf []byte) ([]byte, error) {
	return p.next.Encode(dateValue(v.(calendar.Date)), buf)
}

type scanDate struct{ next pgtype.ScanPlan }

func (p *scanDate) SetNext(next pgtype.ScanPlan) { p.next = next }
func (p *scanDate) Scan(src []byte, target any) error {
	return p.next.Scan(src, (*dateValue)(target.(*calendar.Date)))
}

// DB is what a store needs of a pool or a transaction.
type DB interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// translate turns what the database says into the portal's vocabulary: no row is
// not found, a silent server or a held lock is unavailable.
func translate(err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return fault.ErrNotFound
	case isConnect(err), pgconn.Timeout(err), pgconn.SafeToRetry(err), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case errors.As(err, &pg):
		switch pg.Code {
		case "55P03", "57P01", "57P02", "57P03", "53300", "25006", "40001", "40P01": // locked, going down, starting, full, read-only, lost a race
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	return err
}

func isConnect(err error) bool {
	var c *pgconn.ConnectError
	return errors.As(err, &c)
}

// violated is the name of the constraint that an error broke, "" when none.
func violated(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code[:2] == "23" {
		return pg.ConstraintName
	}
	return ""
}

// refusedBy is why nothing was done, where a guard of the database has said it, or else
// what went wrong.
func refusedBy(guards map[string]error, doing string, err error) error {
	if reason, is := guards[violated(err)]; is {
		return reason
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// optional is NULL for an empty text.
func optional[T ~string](v T) *string {
	if v == "" {
		return nil
	}
	s := string(v)
	return &s
}

// optionalTime is NULL for the zero time.
func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
