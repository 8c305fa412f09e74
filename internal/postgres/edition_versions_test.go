package postgres_test

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// editionOffice is two officers with both duties, on the shipped editions.
type editionOffice struct {
	*fixture
	editions *voucher.Editions
	anna     identity.Actor
	bruno    identity.Actor
}

func newEditionOffice(t *testing.T) editionOffice {
	t.Helper()
	f := &fixture{TB: t, pool: pgtest.Open(t), now: noon}
	all, err := voucher.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	store := postgres.NewEditions(f.pool)
	if err := store.Ship(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	officer := func(code, name string) identity.Actor {
		return identity.Own(f.person(code, name, "Verdi").ID, identity.INPS).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	}
	return editionOffice{f, voucher.NewEditions(store, func() time.Time { return f.now }),
		officer("VRDNNA80A41H501", "Anna"), officer("VRDBRN80A01H501", "Bruno")}
}

var of2025 = voucher.VersionRef{Edition: "2025", Number: 1}

// next drafts the second version of 2025 and changes a value of it.
func (o editionOffice) next() voucher.VersionRef {
	o.Helper()
	ref, err := o.editions.Draft(o.Context(), o.anna, form(o.anna, "edition.draft"), of2025, voucher.Edition{ID: "2025"})
	if err != nil {
		o.Fatal(err)
	}
	v, err := o.editions.Version(o.Context(), ref)
	if err != nil {
		o.Fatal(err)
	}
	v.Rules.OpenBookings.Is = 6
	if err := o.editions.Save(o.Context(), o.anna, form(o.anna, "edition.save"), ref, 0, voucher.SectionTerms, v.Rules); err != nil {
		o.Fatal(err)
	}
	return ref
}

func TestAReleasedVersionIsInForceAndNeverChanges(t *testing.T) {
	t.Parallel()
	o := newEditionOffice(t)
	ref := o.next()
	if err := o.editions.Propose(t.Context(), o.anna, form(o.anna, "edition.propose"), ref, 1); err != nil {
		t.Fatal(err)
	}
	if err := o.editions.Release(t.Context(), o.anna, form(o.anna, "edition.release"), ref, 2); !errors.Is(err, voucher.ErrOwnVersion) {
		t.Errorf("released by who drafted it: %v", err)
	}
	if err := o.editions.Release(t.Context(), o.bruno, form(o.bruno, "edition.release"), ref, 2); err != nil {
		t.Fatal(err)
	}
	all, err := o.editions.Editions(t.Context())
	if err != nil || all["2025"].Version != 2 || all["2025"].Rules.OpenBookings.Is != 6 {
		t.Errorf("in force is version %d with %d open bookings: %v", all["2025"].Version, all["2025"].Rules.OpenBookings.Is, err)
	}
	if err := o.editions.Save(t.Context(), o.anna, form(o.anna, "edition.save"), ref, 3, voucher.SectionTerms, all["2025"].Rules); !errors.Is(err, voucher.ErrVersionNotDraft) {
		t.Errorf("saved after its release: %v", err)
	}
	for _, sql := range []string{
		`UPDATE edition_versions SET rules = '{}' WHERE edition_id = '2025' AND number = 2`,
		`UPDATE edition_versions SET state = 'draft' WHERE edition_id = '2025' AND number = 1`,
		`DELETE FROM edition_versions WHERE edition_id = '2025'`,
	} {
		if _, err := o.pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: done", sql)
		}
	}
}

func TestWhoChangedADraftDoesNotReleaseIt(t *testing.T) {
	t.Parallel()
	o := newEditionOffice(t)
	ref := o.next()
	v, err := o.editions.Version(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	v.Rules.OpenBookings.Is = 7
	if err := o.editions.Save(t.Context(), o.bruno, form(o.bruno, "edition.save"), ref, 0, voucher.SectionTerms, v.Rules); !errors.Is(err, voucher.ErrVersionMoved) {
		t.Errorf("a stale edit: %v", err)
	}
	if err := o.editions.Save(t.Context(), o.bruno, form(o.bruno, "edition.save"), ref, 1, voucher.SectionTerms, v.Rules); err != nil {
		t.Fatal(err)
	}
	if err := o.editions.Propose(t.Context(), o.anna, form(o.anna, "edition.propose"), ref, 2); err != nil {
		t.Fatal(err)
	}
	if err := o.editions.Release(t.Context(), o.bruno, form(o.bruno, "edition.release"), ref, 3); !errors.Is(err, voucher.ErrOwnVersion) {
		t.Errorf("released by who changed it: %v", err)
	}
	_, err = o.pool.Exec(t.Context(), `UPDATE edition_versions SET state = 'released', decided_by = $1, decided_at = now() WHERE edition_id = '2025' AND number = 2`, string(o.bruno.Person))
	if err == nil || !strings.Contains(err.Error(), "nobody_releases_what_they_drafted") {
		t.Errorf("the database: %v", err)
	}
	_, err = o.pool.Exec(t.Context(), `UPDATE edition_versions SET authors = '{}' WHERE edition_id = '2025' AND number = 2`)
	if err == nil || !strings.Contains(err.Error(), "keeps its name and its authors") {
		t.Errorf("the authors are forgotten: %v", err)
	}
}

func TestOneFormDraftsOnceAndAnEditionHasOneDraft(t *testing.T) {
	t.Parallel()
	o := newEditionOffice(t)
	same := form(o.anna, "edition.draft")
	to := voucher.Edition{ID: "2027", ApplicationYear: 2027, FundYear: 2026}
	var all sync.WaitGroup
	results := make([]error, 4)
	for i := range results {
		all.Go(func() { _, results[i] = o.editions.Draft(t.Context(), o.anna, same, of2025, to) })
	}
	all.Wait()
	for _, err := range results {
		if err != nil {
			t.Errorf("the same form, sent again: %v", err)
		}
	}
	if _, err := o.editions.Draft(t.Context(), o.bruno, form(o.bruno, "edition.draft"), of2025, to); !errors.Is(err, voucher.ErrEditionExists) {
		t.Errorf("the same name: %v", err)
	}
	if _, err := o.editions.Draft(t.Context(), o.bruno, form(o.bruno, "edition.draft"), voucher.VersionRef{Edition: "2027", Number: 1}, voucher.Edition{ID: "2027"}); !errors.Is(err, voucher.ErrOpenVersion) {
		t.Errorf("a second draft: %v", err)
	}
	for _, wrong := range []voucher.Edition{{ID: "nuova", ApplicationYear: 2027, FundYear: 2027}, {ID: "2028", ApplicationYear: 2028, FundYear: 2029}} {
		if _, err := o.editions.Draft(t.Context(), o.bruno, form(o.bruno, "edition.draft"), of2025, wrong); fault.As(err) == nil || fault.As(err).Kind != fault.KindInvalid {
			t.Errorf("%s: %v", wrong.ID, err)
		}
	}
	v, err := o.editions.Version(t.Context(), voucher.VersionRef{Edition: "2027", Number: 1})
	if err != nil || len(v.Rules.Tranches) != 0 || !v.Rules.Window.Is.Opens.IsZero() || len(v.Rules.Bands.Is) != 3 || v.InForce != 0 {
		t.Errorf("the copy is %+v: %v", v.Rules, err)
	}
	if known, _ := o.editions.Editions(t.Context()); len(known) != 3 {
		t.Error("a draft is in force")
	}
	if err := o.editions.Drop(t.Context(), o.bruno, form(o.bruno, "edition.drop"), v.Ref()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.editions.Draft(t.Context(), o.bruno, form(o.bruno, "edition.draft"), v.Ref(), voucher.Edition{ID: "2027"}); err != nil {
		t.Errorf("after the first was dropped: %v", err)
	}
}

func TestADeclarationWithOtherWordsGetsTheNextNumber(t *testing.T) {
	t.Parallel()
	o := newEditionOffice(t)
	ref := o.next()
	v, err := o.editions.Version(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	v.Rules.Declarations.Is[0].Text += " Lo confermo."
	v.Rules.Declarations.Is = append(v.Rules.Declarations.Is, voucher.Declaration{ID: "nuova", Text: "Altro."})
	if err := o.editions.Save(t.Context(), o.anna, form(o.anna, "edition.save"), ref, 1, voucher.SectionDeclarations, v.Rules); err != nil {
		t.Fatal(err)
	}
	v, err = o.editions.Version(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if d := v.Rules.Declarations.Is; d[0].Version != 2 || d[1].Version != 1 || d[len(d)-1].Version != 1 {
		t.Errorf("the declarations are %+v", d)
	}
}

func TestATransferIsTakenBackOnceByAnother(t *testing.T) {
	t.Parallel()
	o := newEditionOffice(t)
	sent := voucher.Transfer{Edition: "2025", Territory: "Lazio", Amount: 5 * money.Euro, ReceivedOn: calendar.On(noon), Act: "Determinazione 1"}
	record, err := once.New(o.anna.Person, "transfer.record", once.NewKey(), url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := o.editions.Record(t.Context(), o.anna, record, sent); err != nil {
			t.Fatal(err)
		}
	}
	all, err := o.editions.Transfers(t.Context(), "2025")
	if err != nil || len(all) != 1 {
		t.Fatalf("%d transfers: %v", len(all), err)
	}
	for i, want := range []error{nil, voucher.ErrTransferReversed} {
		if err := o.editions.Reverse(t.Context(), o.bruno, form(o.bruno, "transfer.reverse"), "2025", all[0].ID, "Errore"); !errors.Is(err, want) {
			t.Errorf("reversal %d: %v", i+1, err)
		}
	}
	resources, _, err := o.editions.Resources(t.Context(), voucher.Edition{ID: "2025", Rules: voucher.Rules{Tranches: []rules.Value[voucher.Tranche]{
		{Is: voucher.Tranche{Of: map[string]money.Amount{"Lazio": 7 * money.Euro}}}}}})
	if err != nil || resources[6].Given != 7*money.Euro || resources[6].Sent != 0 || resources[6].Left() != 7*money.Euro {
		t.Errorf("Lazio has %+v: %v", resources[6], err)
	}
}

func TestAnOverrideMovesTheTermsOfCodesThatAreOutAlready(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 600*money.Euro, 0)
	f.now = noon
	officer := func(code, name string) identity.Actor {
		return identity.Own(f.person(code, name, "Verdi").ID, identity.INPS).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	}
	anna, bruno := officer("VRDNNA80A41H501", "Anna"), officer("VRDBRN80A01H501", "Bruno")
	editions := voucher.NewEditions(postgres.NewEditions(f.pool), func() time.Time { return f.now })
	before := f.file().Voucher.Terms
	for i, c := range []struct {
		to   calendar.Date
		want calendar.Date
	}{{before.LastDay.Add(90), before.LastDay.Add(90)}, {before.LastDay.Add(10), before.LastDay.Add(90)}} {
		ref, err := editions.Draft(t.Context(), anna, form(anna, "edition.draft"), voucher.VersionRef{Edition: "2022-guida", Number: i + 1}, voucher.Edition{ID: "2022-guida"})
		if err != nil {
			t.Fatal(err)
		}
		v, err := editions.Version(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		v.Rules.Overrides = append(v.Rules.Overrides, rules.Value[voucher.Override]{Article: "Messaggio INPS 1/2026",
			Is: voucher.Override{Round: 1, Territory: "Lazio", LastDay: c.to}})
		if err := errors.Join(
			editions.Save(t.Context(), anna, form(anna, "edition.save"), ref, 0, voucher.SectionOverrides, v.Rules),
			editions.Propose(t.Context(), anna, form(anna, "edition.propose"), ref, 1),
			editions.Release(t.Context(), bruno, form(bruno, "edition.release"), ref, 2)); err != nil {
			t.Fatal(err)
		}
		if got := f.file().Voucher.Terms; got.LastDay != c.want || got.ConfirmBy != c.want || !got.FirstSessionBy.IsZero() {
			t.Errorf("prolonged until %s: the terms are %+v", c.to, got)
		}
	}
	f.whole()
}
