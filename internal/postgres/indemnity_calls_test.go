package postgres_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/rules"
)

// callOffice is two officers with both duties, on the shipped calls.
type callOffice struct {
	*fixture
	calls *indemnity.Calls
	anna  identity.Actor
	bruno identity.Actor
}

func newCallOffice(t *testing.T) callOffice {
	t.Helper()
	f := &fixture{TB: t, pool: pgtest.Open(t), now: noon}
	all, err := indemnity.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	store := postgres.NewCalls(f.pool)
	if err := store.Ship(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	officer := func(code, name string) identity.Actor {
		return identity.Own(f.person(code, name, "Verdi").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	}
	return callOffice{f, indemnity.NewCalls(store, func() time.Time { return f.now }),
		officer("VRDNNA80A41H501", "Anna"), officer("VRDBRN80A01H501", "Bruno")}
}

var ofMay = indemnity.VersionRef{Call: "2026-05", Number: 1}

// june drafts the call of June out of that of May, complete.
func (o callOffice) june() indemnity.VersionRef {
	o.Helper()
	ref, err := o.calls.Draft(o.Context(), o.anna, form(o.anna, "call.draft"), ofMay, "2026-06")
	if err != nil {
		o.Fatal(err)
	}
	v, err := o.calls.Version(o.Context(), ref)
	if err != nil {
		o.Fatal(err)
	}
	v.Rules.Window.Is, v.Rules.Window.Article = indemnity.CallID("2026-06").Month(), "Bando giugno 2026, art. 4"
	v.Rules.Budget.Article, v.Rules.Expected.Article = "Delibera CdA 5/2026", "Nota del Servizio Welfare"
	for i, s := range []indemnity.Section{indemnity.SectionPeriod, indemnity.SectionMoney, indemnity.SectionExpected} {
		if err := o.calls.Save(o.Context(), o.anna, form(o.anna, "call.save"), ref, int64(i), s, v.Rules); err != nil {
			o.Fatal(err)
		}
	}
	return ref
}

func TestANewCallIsCopiedAndAsksAgainForWhatIsOfItsMonthOnly(t *testing.T) {
	t.Parallel()
	o := newCallOffice(t)
	ref, err := o.calls.Draft(t.Context(), o.anna, form(o.anna, "call.draft"), ofMay, "2026-06")
	if err != nil {
		t.Fatal(err)
	}
	v, err := o.calls.Version(t.Context(), ref)
	if err != nil || v.State != rules.Draft || v.From != ofMay || v.InForce != 0 || v.Drafted.Name != "Anna Verdi" {
		t.Fatalf("%+v: %v", v, err)
	}
	var asked []string
	for _, f := range v.Check() {
		asked = append(asked, f.Field)
	}
	if got := strings.Join(asked, " "); got != "window.article window.from window.to budget.article expected.article" {
		t.Errorf("asked for again: %s", got)
	}
	if a := v.Rules.ISEEPoints.Article; a != "Bando giugno 2026, art. 4, lett. a" {
		t.Errorf("points are of %q", a)
	}
	if a := v.Rules.Readings.CycleMinDays.Article; a != "Bando giugno 2026, art. 2" {
		t.Errorf("a reading is of %q", a)
	}
	if a := v.Rules.Declarations.Is[0].Article; a != "Bando giugno 2026, art. 3" {
		t.Errorf("a declaration is of %q", a)
	}
	if a := v.Rules.Holidays.Article; !strings.HasPrefix(a, "L. 260/1949") {
		t.Errorf("holidays are of %q", a)
	}
	for month, want := range map[indemnity.CallID]error{"2026-06": indemnity.ErrCallExists, "2026-13": indemnity.ErrCallMonth, "giugno": indemnity.ErrCallMonth, "2026-05": nil} {
		if _, err := o.calls.Draft(t.Context(), o.bruno, form(o.bruno, "call.draft"), ofMay, month); !errors.Is(err, want) {
			t.Errorf("a call for %q: %v", month, err)
		}
	}
}

func TestAReleasedCallIsInForceAndNeverChanges(t *testing.T) {
	t.Parallel()
	o := newCallOffice(t)
	ref := o.june()
	if err := o.calls.Propose(t.Context(), o.anna, form(o.anna, "call.propose"), ref, 3); err != nil {
		t.Fatal(err)
	}
	if err := o.calls.Release(t.Context(), o.anna, form(o.anna, "call.release"), ref, 4); !errors.Is(err, indemnity.ErrOwnVersion) {
		t.Errorf("released by who drafted it: %v", err)
	}
	if all, err := o.calls.CallsInForce(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d calls in force before the release: %v", len(all), err)
	}
	if err := o.calls.Release(t.Context(), o.bruno, form(o.bruno, "call.release"), ref, 4); err != nil {
		t.Fatal(err)
	}
	all, err := o.calls.CallsInForce(t.Context())
	if err != nil || len(all) != 2 || all[1].ID != "2026-06" || all[1].Version != 1 || all[1].LastUsefulDay() != calendar.NewDate(2026, time.July, 10) {
		t.Errorf("in force: %d calls: %v", len(all), err)
	}
	if err := o.calls.Save(t.Context(), o.anna, form(o.anna, "call.save"), ref, 5, indemnity.SectionMoney, all[1].Rules); !errors.Is(err, indemnity.ErrVersionNotDraft) {
		t.Errorf("saved after its release: %v", err)
	}
	for _, sql := range []string{
		`UPDATE call_versions SET rules = '{}' WHERE call_id = '2026-06'`,
		`UPDATE call_versions SET state = 'draft' WHERE call_id = '2026-05'`,
		`DELETE FROM call_versions WHERE call_id = '2026-06'`,
	} {
		if _, err := o.pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: done", sql)
		}
	}
}

func TestWhoChangedADraftOfACallDoesNotReleaseIt(t *testing.T) {
	t.Parallel()
	o := newCallOffice(t)
	ref := o.june()
	v, err := o.calls.Version(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	v.Rules.HeirsDays.Is = 61
	if err := o.calls.Save(t.Context(), o.bruno, form(o.bruno, "call.save"), ref, 2, indemnity.SectionTerms, v.Rules); !errors.Is(err, indemnity.ErrVersionMoved) {
		t.Errorf("a stale edit: %v", err)
	}
	if err := o.calls.Save(t.Context(), o.bruno, form(o.bruno, "call.save"), ref, 3, indemnity.SectionTerms, v.Rules); err != nil {
		t.Fatal(err)
	}
	if err := o.calls.Propose(t.Context(), o.anna, form(o.anna, "call.propose"), ref, 4); err != nil {
		t.Fatal(err)
	}
	if err := o.calls.Release(t.Context(), o.bruno, form(o.bruno, "call.release"), ref, 5); !errors.Is(err, indemnity.ErrOwnVersion) {
		t.Errorf("released by who changed it: %v", err)
	}
	_, err = o.pool.Exec(t.Context(), `UPDATE call_versions SET state = 'released', decided_by = $1, decided_at = now() WHERE call_id = '2026-06'`, string(o.bruno.Person))
	if err == nil || !strings.Contains(err.Error(), "nobody_releases_the_call_they_drafted") {
		t.Errorf("the database: %v", err)
	}
}

func TestOneFormDraftsOnceAndACallHasOneDraft(t *testing.T) {
	t.Parallel()
	o := newCallOffice(t)
	same := form(o.anna, "call.draft")
	var all sync.WaitGroup
	results := make([]error, 4)
	for i := range results {
		all.Go(func() { _, results[i] = o.calls.Draft(t.Context(), o.anna, same, ofMay, "2026-06") })
	}
	all.Wait()
	if err := errors.Join(results...); err != nil {
		t.Error(err)
	}
	if _, err := o.calls.Draft(t.Context(), o.anna, form(o.anna, "call.draft"), ofMay, "2026-05"); err != nil {
		t.Error(err)
	}
	if _, err := o.calls.Draft(t.Context(), o.bruno, form(o.bruno, "call.draft"), ofMay, "2026-05"); !errors.Is(err, indemnity.ErrOpenVersion) {
		t.Errorf("two drafts of May: %v", err)
	}
	if err := o.calls.Drop(t.Context(), o.bruno, form(o.bruno, "call.drop"), indemnity.VersionRef{Call: "2026-05", Number: 2}); err != nil {
		t.Error(err)
	}
	if ref, err := o.calls.Draft(t.Context(), o.bruno, form(o.bruno, "call.draft"), ofMay, "2026-05"); err != nil || ref.Number != 3 {
		t.Errorf("after the first was dropped: %v, %v", ref, err)
	}
	if _, err := o.calls.Version(t.Context(), indemnity.VersionRef{Call: "2026-09", Number: 1}); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a call that is not there: %v", err)
	}
}

func TestAShippedCallIsReplacedOnlyByABetterShippedOne(t *testing.T) {
	t.Parallel()
	o := newCallOffice(t)
	store := postgres.NewCalls(o.pool)
	all, err := indemnity.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	versions := func() int { return o.count(`SELECT max(number) FROM call_versions WHERE call_id = '2026-05'`) }
	if err := store.Ship(t.Context(), all); err != nil || versions() != 1 {
		t.Fatalf("shipped twice, version %d: %v", versions(), err)
	}
	all[0].Rules.CureDays.Is = 16
	if err := store.Ship(t.Context(), all); err != nil || versions() != 2 {
		t.Fatalf("better known, version %d: %v", versions(), err)
	}
	if inForce, err := store.CallsInForce(t.Context()); err != nil || inForce[0].Version != 2 || inForce[0].Rules.CureDays.Is != 16 {
		t.Errorf("in force: %v", err)
	}
	ref, err := o.calls.Draft(t.Context(), o.anna, form(o.anna, "call.draft"), indemnity.VersionRef{Call: "2026-05", Number: 2}, "2026-05")
	if err != nil {
		t.Fatal(err)
	}
	all[0].Rules.CureDays.Is = 17
	if err := store.Ship(t.Context(), all); err != nil || versions() != ref.Number {
		t.Errorf("over the work of people, version %d: %v", versions(), err)
	}
}
