package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/indemnity"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// alone is a pool on the same database with one connection, as the last that a portal
// which was just started has free.
func (f *fixture) alone() *pgxpool.Pool {
	f.Helper()
	cfg := f.pool.Config()
	cfg.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(f.Context(), cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(pool.Close)
	return pool
}

// An act has a connection of its own; the rules that it is the first to need, and the
// days of rest, come through that one: were they to wait for another, acts that began
// at once could all wait for each other.
func TestAnActReadsTheRulesItNeedsFirstOnItsOwnConnection(t *testing.T) {
	t.Parallel()
	f, w := newFixture(t, 600_00, 0), newWelfare(t, "")
	applied := w.sent("2026-04-01", "2026-05-07")
	seen := errors.New("the rules were there")
	soon := func() context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		t.Cleanup(cancel)
		return ctx
	}
	for name, act := range map[string]func() error{
		"on a voucher": func() error {
			_, err := postgres.NewVouchers(f.alone()).Change(soon(), f.file().Voucher.ID, form(f.holder(), "booking.cancel"), "", func(a voucher.Account) (voucher.Decision, error) {
				if a.Rules.Holidays.Article == "" {
					t.Error("an act on a voucher has no rules")
				}
				return voucher.Decision{}, seen
			})
			return err
		},
		"on an application for the indemnity": func() error {
			_, err := postgres.NewCaseFiles(w.alone()).ChangeCase(soon(), form(w.giulia, "case.withdraw"), w.now, applied, func(c indemnity.CaseFile) (indemnity.CaseChange, error) {
				if c.Rules.Holidays.Article == "" {
					t.Error("an act on an application has no rules")
				}
				return indemnity.CaseChange{}, seen
			})
			return err
		},
		"for a ranking of a call": func() error {
			frozen, err := postgres.NewCallRankings(w.alone()).FreezeCall(soon(), "2026-05", on("2026-06-20"))
			if err == nil && frozen.Call.Rules.Holidays.Article != "" {
				err = seen
			}
			return err
		},
		"on an application for the contribution": func() error {
			return postgres.NewDesk(f.alone()).ChangeCase(soon(), form(f.holder(), "case.note"), f.application, f.file().Application.Version, noon, func(c voucher.Case) (voucher.Ruling, error) {
				if c.Edition.Rules.Holidays.Article == "" {
					t.Error("an act on an application for the contribution has no rules")
				}
				return voucher.Ruling{}, seen
			})
		},
	} {
		if err := act(); !errors.Is(err, seen) {
			t.Errorf("an act %s: %v", name, err)
		}
	}
}
