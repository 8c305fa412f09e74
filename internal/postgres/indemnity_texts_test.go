package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/postgres"
)

func TestOfTwoWhoProposeATextAtOnceOneIsTold(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	texts := indemnity.NewTexts(postgres.NewIndemnityTexts(w.pool), func() time.Time { return w.now })
	anna := identity.Own(w.person("LNEFNC70A01H501", "Franco", "Leone").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	propose := func(who identity.Actor, newest int, form once.Form, text string) error {
		return texts.Propose(t.Context(), who, form, "manca-altra-copertura", newest, indemnity.Wording{Text: text, Send: "il documento"})
	}
	var all sync.WaitGroup
	failed := make([]error, 2)
	for i, who := range []identity.Actor{w.officer, anna} {
		all.Go(func() { failed[i] = propose(who, 0, form(who, "text"), []string{"uno", "due"}[i]) })
	}
	all.Wait()
	if kept := w.count(`SELECT count(*) FROM text_versions`); kept != 1 || (failed[0] == nil) == (failed[1] == nil) {
		t.Fatalf("%d kept, %v", kept, failed)
	}
	if err := errors.Join(failed...); !errors.Is(err, indemnity.ErrTextOpen) && !errors.Is(err, indemnity.ErrTextMoved) {
		t.Error(err)
	}
	one, err := texts.One(t.Context(), anna, "manca-altra-copertura")
	if err != nil || one.Open() == nil || one.InForce().Number != 0 {
		t.Fatalf("%+v, %v", one, err)
	}
	author, other := w.officer, anna
	if one.Open().ProposedBy.ID == anna.Person {
		author, other = anna, w.officer.WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	}
	author = author.WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	if err := texts.Approve(t.Context(), author, form(author, "decide"), "manca-altra-copertura", 1); !errors.Is(err, indemnity.ErrOwnText) {
		t.Errorf("their own: %v", err)
	}
	if err := texts.Approve(t.Context(), other, form(other, "decide"), "manca-altra-copertura", 2); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("no such version: %v", err)
	}
	sent := form(other, "decide")
	for range 2 {
		if err := texts.Approve(t.Context(), other, sent, "manca-altra-copertura", 1); err != nil {
			t.Error(err)
		}
	}
	offered, err := texts.Offered(t.Context())
	if got := offered.ForItem(indemnity.CheckCover, indemnity.RequestItem{Paper: indemnity.CoverProof}); err != nil || got != one.Open().Wording {
		t.Errorf("%+v, %v", got, err)
	}
	if got := offered.ForItem(indemnity.CheckTerm, indemnity.RequestItem{}); got != (indemnity.Wording{}) {
		t.Errorf("for what nobody is asked about: %+v", got)
	}
	if err := propose(author, 0, form(author, "text"), "tre"); !errors.Is(err, indemnity.ErrTextMoved) {
		t.Errorf("as it was before: %v", err)
	}
	if err := propose(author, 9, form(author, "text"), "tre"); !errors.Is(err, indemnity.ErrTextMoved) {
		t.Errorf("as it never was: %v", err)
	}
	if err := propose(w.giulia, 1, form(w.giulia, "text"), "tre"); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("a member: %v", err)
	}
}

func TestTwentyViewsAreKeptHoweverManyAreSavedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	views := indemnity.NewViews(postgres.NewWorkViews(w.pool), func() time.Time { return w.now })
	names := "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	var all sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	for _, name := range names {
		all.Go(func() {
			err := views.Save(t.Context(), w.officer, form(w.officer, "view"), indemnity.View{Name: string(name), Filters: "caso=eredi", First: name%2 == 0})
			if err == nil {
				return
			}
			if mu.Lock(); !errors.Is(err, indemnity.ErrViewsEnded) {
				t.Error(err)
			}
			refused++
			mu.Unlock()
		})
	}
	all.Wait()
	kept, err := views.Of(t.Context(), w.officer)
	if err != nil || len(kept) != indemnity.ViewsAtMost || refused != len(names)-indemnity.ViewsAtMost {
		t.Fatalf("%d kept, %d refused, %v", len(kept), refused, err)
	}
	if first := w.count(`SELECT count(*) FROM work_views WHERE first`); first > 1 {
		t.Errorf("the list opens with %d", first)
	}
	if err := views.Drop(t.Context(), w.officer, form(w.officer, "drop"), kept[7].ID); err != nil {
		t.Fatal(err)
	}
	if err := views.Save(t.Context(), w.officer, form(w.officer, "view"), indemnity.View{Name: "Un’altra", Filters: "caso=eredi"}); err != nil {
		t.Errorf("the free slot: %v", err)
	}
	stranger := identity.Own(w.person("LNEFNC70A01H501", "Franco", "Leone").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Approve})
	kept[0].Name = "Sua"
	if err := views.Change(t.Context(), stranger, form(stranger, "view"), kept[0]); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("somebody else’s: %v", err)
	}
}

// P3 of the limits: no plan of what the desk asks for reads the whole table.
func TestTermsAndTheNextCaseAreFoundAmongManyAndReadNoWholeTable(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 20_000)
	o.exec(`UPDATE indemnity_applications SET officer_id = $1 WHERE id IN (SELECT application_id FROM indemnity_requests WHERE due_on IS NOT NULL ORDER BY due_on DESC LIMIT 9)`, string(o.officer.Person))
	all, err := o.Terms(t.Context(), o.officer, false)
	if err != nil || all.Late == 0 || all.Today == 0 || all.Week < all.Tomorrow || len(all.Rows) != all.All || all.All > indemnity.TermsAtMost {
		t.Fatalf("%d rows, %+v, %v", len(all.Rows), all.All, err)
	}
	for i, r := range all.Rows {
		if i > 0 && r.DueOn.Before(all.Rows[i-1].DueOn) || (i < all.Late) != r.DueOn.Before(on("2026-06-20")) {
			t.Errorf("%d: %s", i, r.DueOn)
		}
	}
	own, err := o.Terms(t.Context(), o.officer, true)
	if err != nil || own.All == 0 || own.All >= all.All {
		t.Errorf("%d are the officer’s of %d, %v", own.All, all.All, err)
	}
	at, seen := indemnity.CaseFile{ID: indemnity.CaseID(firstID), SubmittedAt: on("2020-01-01").At(0, 0)}, map[indemnity.CaseID]bool{}
	for range 3 {
		id, err := o.NextOf(t.Context(), o.officer, at)
		if err != nil || id == "" || seen[id] {
			t.Fatalf("%s, %v", id, err)
		}
		seen[id] = true
		at.ID, at.SubmittedAt = id, o.submitted(id)
	}
	last := indemnity.CaseID(o.one(`SELECT id::text FROM indemnity_applications WHERE officer_id = $1 AND state IN ('submitted', 'in_review') ORDER BY submitted_at DESC, id DESC LIMIT 1`, string(o.officer.Person)))
	round, err := o.NextOf(t.Context(), o.officer, indemnity.CaseFile{ID: last, SubmittedAt: o.submitted(last)})
	if err != nil || !seen[round] {
		t.Errorf("after the last comes %s, %v", round, err)
	}
	o.neverReadWhole(func(work *indemnity.Work) {
		for _, own := range []bool{false, true} {
			if _, err := work.Terms(t.Context(), o.officer, own); err != nil {
				t.Error(err)
			}
		}
		if _, err := work.NextOf(t.Context(), o.officer, at); err != nil {
			t.Error(err)
		}
	})
}

const firstID = "00000000-0000-0000-0000-000000000000"

func (o *officeList) submitted(id indemnity.CaseID) (at time.Time) {
	o.welfare.Helper()
	if err := o.pool.QueryRow(o.Context(), `SELECT submitted_at FROM indemnity_applications WHERE id = $1`, string(id)).Scan(&at); err != nil {
		o.Fatal(err)
	}
	return at
}

// everything are the statements of a connection, alone or in a batch.
type everything struct {
	asking
	batch statements
}

func (e *everything) TraceBatchStart(ctx context.Context, c *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	return e.batch.TraceBatchStart(ctx, c, d)
}

func (e *everything) TraceBatchQuery(ctx context.Context, c *pgx.Conn, d pgx.TraceBatchQueryData) {
	e.batch.TraceBatchQuery(ctx, c, d)
}

func (e *everything) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// neverReadWhole fails when a plan of what is asked for reads all cases one by one.
func (o *officeList) neverReadWhole(ask func(*indemnity.Work)) {
	o.welfare.Helper()
	var asked everything
	cfg := o.pool.Config().Copy()
	cfg.ConnConfig.Tracer = &asked
	traced, err := pgxpool.NewWithConfig(o.Context(), cfg)
	if err != nil {
		o.Fatal(err)
	}
	defer traced.Close()
	ask(indemnity.NewWork(postgres.NewIndemnityWork(traced), func() time.Time { return o.now }))
	read := 0
	explain := func(sql string, args []any) {
		if !strings.Contains(sql, "indemnity_applications") {
			return
		}
		read++
		rows, err := o.pool.Query(o.Context(), `EXPLAIN `+sql, args...)
		if err != nil {
			o.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			o.Fatal(err)
		}
		if text := strings.Join(plan, "\n"); strings.Contains(text, "Seq Scan on indemnity_applications") {
			o.Errorf("%s\n%s", sql, text)
		}
	}
	for _, q := range asked.all {
		explain(q.SQL, q.Args)
	}
	for _, q := range asked.batch.all {
		explain(q.SQL, q.Args)
	}
	if read < 5 {
		o.Errorf("only %d statements were seen", read)
	}
}
