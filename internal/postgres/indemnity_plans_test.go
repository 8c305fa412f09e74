package postgres_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/document"
	"portal/internal/postgres"
)

// asking remembers every statement that was sent by itself.
type asking struct{ all []pgx.TraceQueryStartData }

func (a *asking) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	a.all = append(a.all, q)
	return ctx
}

func (a *asking) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// Among hundreds of thousands of applications a page of one of them reads only its own.
func TestNoPageOfACaseReadsAWholeTable(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	w.ask(id)
	w.exec(`INSERT INTO persons (fiscal_code, given_name, family_name) SELECT 'X' || lpad(n::text, 15, '0'), 'Ada', 'Prova' FROM generate_series(1, 4000) n`)
	w.exec(`INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, channel, sender_id, submitted_at, term_ended_on,
			event, answers, declarations, registers, digest, check_code)
		SELECT gen_random_uuid(), fiscal_code, '2026-05', 1, id, 'member', 'portal', id, '2026-05-20', '2026-06-01', '[2026-05-04,2026-05-17]', '{}', '[]', '{}', sha256(''), 'X'
		FROM persons WHERE given_name = 'Ada'`)
	w.exec(`ANALYZE`)
	var asked asking
	cfg := w.pool.Config().Copy()
	cfg.ConnConfig.Tracer = &asked
	traced, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(traced.Close)
	cases, drafts, papers := postgres.NewCaseFiles(traced), postgres.NewDrafts(traced), postgres.NewPapers(traced, document.Keys{})
	of, p := w.giulia.Person, w.certificate(id)
	for what, look := range map[string]func() error{
		"a case":           func() error { _, err := cases.CaseFile(t.Context(), id); return err },
		"cases of one":     func() error { _, err := cases.CasesOf(t.Context(), of); return err },
		"messages":         func() error { _, err := cases.Written(t.Context(), of, id); return err },
		"who opened files": func() error { _, err := papers.Openings(t.Context(), id); return err },
		"the folder":       func() error { _, err := papers.FolderOf(t.Context(), p.ID); return err },
		"days taken":       func() error { _, err := drafts.Applied(t.Context(), of); return err },
		"drafts of one":    func() error { _, err := drafts.Drafts(t.Context(), of); return err },
		"terms that run":   func() error { _, _, err := cases.Running(t.Context(), on("2026-05-08")); return err },
		"a true receipt":   func() error { _, err := cases.Issued(t.Context(), "ENPAP-2026-000001", "X"); return err },
	} {
		if err := look(); err != nil && what != "a true receipt" {
			t.Errorf("%s: %v", what, err)
		}
	}
	const most = 15
	if len(asked.all) < most {
		t.Errorf("only %d statements were seen", len(asked.all))
	}
	for _, q := range asked.all {
		rows, err := w.pool.Query(t.Context(), `EXPLAIN `+q.SQL, q.Args...)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(plan, func(line string) bool {
			return strings.Contains(line, "Seq Scan on indemnity_applications")
		}) {
			t.Errorf("%s\n%s", q.SQL, strings.Join(plan, "\n"))
		}
	}
}
