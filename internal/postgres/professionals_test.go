package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

// listed puts a professional on CNOP's list.
type listed struct {
	given, family, city, postalCode, province, region string
	languages                                         []string
	online                                            bool
	during                                            []string // "[2025-01-01,)" when none is given
}

// list fills the list of professionals and tells who is who by family name.
func (f *fixture) list(all ...listed) map[string]identity.PersonID {
	f.Helper()
	ids := map[string]identity.PersonID{}
	for i, p := range all {
		if p.languages == nil {
			p.languages = []string{"it"}
		}
		if p.during == nil {
			p.during = []string{"[2025-01-01,)"}
		}
		id := f.person(fmt.Sprintf("BNCGLI78T55Z%03d", 100+i), p.given, p.family).ID
		f.exec(`INSERT INTO professionals (person_id, register_number, register_region, address, city, postal_code, province, region, phone, languages, online, searched_name)
			VALUES ($1, '1', 'Lazio', 'Via Roma 1', $2, $3, $4, $5, '06 123', $6, $7, $8)`,
			string(id), p.city, p.postalCode, p.province, p.region, p.languages, p.online, p.given+" "+p.family+" "+p.given)
		for _, during := range p.during {
			f.exec(`INSERT INTO enrolments VALUES ($1, $2::daterange)`, string(id), during)
		}
		ids[p.family] = id
	}
	return ids
}

// found are the family names that a search finds on a day, in the alphabet.
func (f *fixture) found(ask voucher.Search, on calendar.Date) []string {
	f.Helper()
	found, err := f.store.Search(f.Context(), ask, on)
	if err != nil {
		f.Fatal(err)
	}
	names := []string{}
	for _, l := range found.Listings {
		names = append(names, l.FamilyName)
	}
	if found.Total != len(names) {
		f.Errorf("%+v finds %d and lists %v", ask, found.Total, names)
	}
	slices.Sort(names)
	return names
}

func TestASearchFindsNamesAndPlacesHoweverTheyAreTyped(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	f.list(
		listed{given: "Niccolò", family: "D’Errico", city: "Forlì", postalCode: "47121", province: "FC", region: "Emilia-Romagna"},
		listed{given: "Ilaria", family: "Dell'Orto", city: "L'Aquila", postalCode: "67100", province: "AQ", region: "Abruzzo", online: true},
		listed{given: "Jörg", family: "Müller", city: "Bolzano", postalCode: "39100", province: "BZ", region: "P.A. Bolzano", languages: []string{"it", "de"}},
		listed{given: "Maja", family: "Žerjal", city: "Roma", postalCode: "00185", province: "RM", region: "Lazio", languages: []string{"it", "sl"}, online: true},
		listed{given: "Anna", family: "Cento%Cento", city: "Roma", postalCode: "00195", province: "RM", region: "Lazio"},
		listed{given: "Ugo", family: `Barra_\Sotto`, city: "Roma Nord", postalCode: "00195", province: "RM", region: "Lazio"},
	)
	everybody := []string{`Barra_\Sotto`, "Cento%Cento", "Dell'Orto", "D’Errico", "Müller", "Žerjal"}
	slices.Sort(everybody)
	for _, c := range []struct {
		ask  voucher.Search
		want []string
	}{
		{voucher.Search{}, everybody},
		{voucher.Search{Name: "niccolo"}, []string{"D’Errico"}},
		{voucher.Search{Name: "D'ERRICO"}, []string{"D’Errico"}},
		{voucher.Search{Name: "d’errico"}, []string{"D’Errico"}},
		{voucher.Search{Name: "Dell’Orto"}, []string{"Dell'Orto"}},
		{voucher.Search{Name: "errico niccolo"}, []string{"D’Errico"}},
		{voucher.Search{Name: "niccolò d'err"}, []string{"D’Errico"}},
		{voucher.Search{Name: "muller"}, []string{"Müller"}},
		{voucher.Search{Name: "ZERJAL"}, []string{"Žerjal"}},
		{voucher.Search{Name: "nobody"}, []string{}},

		{voucher.Search{Name: "%"}, []string{"Cento%Cento"}},
		{voucher.Search{Name: "％"}, []string{"Cento%Cento"}}, // full width: plain makes a % of it
		{voucher.Search{Name: "_"}, []string{`Barra_\Sotto`}},
		{voucher.Search{Name: "＿"}, []string{`Barra_\Sotto`}},
		{voucher.Search{Name: `\`}, []string{`Barra_\Sotto`}},
		{voucher.Search{Name: `\%`}, []string{}},
		{voucher.Search{Name: "A__a"}, []string{}},
		{voucher.Search{Name: "'; DROP TABLE persons; --"}, []string{}},

		{voucher.Search{City: "forli"}, []string{"D’Errico"}},
		{voucher.Search{City: "L’AQUILA"}, []string{"Dell'Orto"}},
		{voucher.Search{City: "roma"}, []string{"Cento%Cento", "Žerjal"}},
		{voucher.Search{City: "rom%"}, []string{}},
		{voucher.Search{Region: "Lazio"}, []string{`Barra_\Sotto`, "Cento%Cento", "Žerjal"}},
		{voucher.Search{Province: "AQ"}, []string{"Dell'Orto"}},
		{voucher.Search{PostalCode: "00195"}, []string{`Barra_\Sotto`, "Cento%Cento"}},
		{voucher.Search{Language: "de"}, []string{"Müller"}},
		{voucher.Search{Online: true}, []string{"Dell'Orto", "Žerjal"}},
		{voucher.Search{Online: true, City: "Roma", Language: "sl", Name: "maja"}, []string{"Žerjal"}},
		{voucher.Search{Online: true, City: "Roma", Language: "de"}, []string{}},
	} {
		if got := f.found(c.ask, calendar.On(noon)); !slices.Equal(got, c.want) {
			t.Errorf("%+v finds %v, want %v", c.ask, got, c.want)
		}
	}
}

func TestTheOrderChangesWithTheHourAndPagesHoldTogether(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	var all []listed
	for i := range 2*voucher.PageSize + 5 {
		all = append(all, listed{given: "Anna", family: fmt.Sprintf("Bianchi %02d", i), city: "Roma", postalCode: "00195", province: "RM", region: "Lazio"})
	}
	f.list(all...)
	walk := func(hour int64) (names []string) {
		for page := 1; page <= 4; page++ {
			found, err := f.store.Search(t.Context(), voucher.Search{Hour: hour, Page: page}, calendar.On(noon))
			if err != nil {
				t.Fatal(err)
			}
			if want := min(voucher.PageSize, max(len(all)-(page-1)*voucher.PageSize, 0)); len(found.Listings) != want || found.Total != len(all) {
				t.Errorf("page %d has %d of %d, want %d", page, len(found.Listings), found.Total, want)
			}
			for _, l := range found.Listings {
				names = append(names, l.FamilyName)
			}
		}
		return names
	}
	first, again, next := walk(493_000), walk(493_000), walk(493_001)
	if !slices.Equal(first, again) {
		t.Error("within the hour the order changes")
	}
	if slices.Equal(first, next) {
		t.Error("the next hour has the same order")
	}
	for _, names := range [][]string{first, next} {
		if slices.IsSorted(names) {
			t.Error("who comes first in the alphabet is always first")
		}
		slices.Sort(names)
		if len(slices.Compact(names)) != len(all) {
			t.Error("pages overlap")
		}
	}
	for _, page := range []int{0, -1} {
		if found, err := f.store.Search(t.Context(), voucher.Search{Page: page}, calendar.On(noon)); err != nil || len(found.Listings) != voucher.PageSize {
			t.Errorf("page %d: %d, %v", page, len(found.Listings), err)
		}
	}
}

func TestACityThatHasNobodyIsAnsweredWithThoseOfALikeName(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	f.list(
		listed{given: "Anna", family: "Verdi", city: "Bologna", postalCode: "40121", province: "BO", region: "Emilia-Romagna", languages: []string{"it", "fr"}},
		listed{given: "Ugo", family: "Neri", city: "Cantù", postalCode: "22063", province: "CO", region: "Lombardia"},
		listed{given: "Ada", family: "Gallo", city: "Bologno", postalCode: "00195", province: "RM", region: "Lazio", during: []string{"[2025-01-01,2026-01-01)"}},
	)
	for _, c := range []struct {
		ask  voucher.Search
		want []string
	}{
		{voucher.Search{City: "Bologgna"}, []string{"Bologna"}},
		{voucher.Search{City: "cantu'"}, []string{"Cantù"}},
		{voucher.Search{City: "Bologna"}, nil},
		{voucher.Search{City: "Zzyzx"}, []string{}},
		{voucher.Search{City: "Bologna", Region: "Lazio"}, []string{"Bologna"}}, // it is elsewhere
		{voucher.Search{City: "Bologna", Language: "fr", Province: "RM"}, []string{"Bologna"}},
		{voucher.Search{City: "Bologna", Language: "zh"}, []string{}}, // to ask again would find nobody again
		{voucher.Search{City: "Bologgna", Online: true}, []string{}},
	} {
		found, err := f.store.Search(t.Context(), c.ask, calendar.On(noon))
		if err != nil || !slices.Equal(found.Near, c.want) {
			t.Errorf("%+v: near %v, want %v, %v", c.ask, found.Near, c.want, err)
		}
	}
}

func TestTheListShowsWhoTakesPartOnTheDay(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	in := func(family string, during ...string) listed {
		return listed{given: "Anna", family: family, city: "Roma", postalCode: "00195", province: "RM", region: "Lazio", during: during}
	}
	ids := f.list(in("always"), in("left", "[2025-01-01,2026-03-01)"), in("to come", "[2026-04-01,)"),
		in("back", "[2025-01-01,2025-06-01)", "[2026-03-01,)"), in("for long", "(,2026-05-01)"))
	march := calendar.NewDate(2026, 3, 2)
	if got, want := f.found(voucher.Search{}, march), []string{"always", "back", "for long"}; !slices.Equal(got, want) {
		t.Errorf("in March the list shows %v, want %v", got, want)
	}
	if got, want := f.found(voucher.Search{}, calendar.NewDate(2026, 5, 1)), []string{"always", "back", "to come"}; !slices.Equal(got, want) {
		t.Errorf("in May the list shows %v, want %v", got, want)
	}
	var never calendar.Date
	for _, c := range []struct {
		who      string
		on       calendar.Date
		enrolled bool
		left     calendar.Date
	}{
		{"always", march, true, never},
		{"left", calendar.NewDate(2026, 2, 28), true, calendar.NewDate(2026, 3, 1)},
		{"left", calendar.NewDate(2026, 3, 1), false, calendar.NewDate(2026, 3, 1)},
		{"to come", march, false, never},
		{"to come", calendar.NewDate(2026, 4, 1), true, never},
		{"back", calendar.NewDate(2025, 7, 1), false, calendar.NewDate(2025, 6, 1)},
		{"back", march, true, never},
		{"for long", march, true, calendar.NewDate(2026, 5, 1)},
	} {
		p, err := f.store.Participation(t.Context(), ids[c.who], c.on)
		if err != nil || !p.Listed || p.Enrolled != c.enrolled || p.LeftOn != c.left || p.Listing.FamilyName != c.who || p.Listing.Person != ids[c.who] {
			t.Errorf("%s on %s: %+v, %v", c.who, c.on, p, err)
		}
	}
	if p, err := f.store.Participation(t.Context(), f.maria.ID, march); err != nil || p.Listed || p.Enrolled {
		t.Errorf("Maria, who is on no list: %+v, %v", p, err)
	}
}

func TestTheLastListThatWasAppliedCounts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	if _, err := f.store.List(t.Context()); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("before the first: %v", err)
	}
	f.exec(`INSERT INTO deliveries (number, extent, list_day, file_digest, state, prepared_at, sent_at, applied_at, next_due_on)
		SELECT n, 'full', day, '', CASE WHEN due IS NULL THEN 'sent' ELSE 'applied' END, at, at, CASE WHEN due IS NOT NULL THEN at END, due FROM (VALUES
		(1, '2026-02-16'::date, '2026-02-16 09:00Z'::timestamptz, '2026-02-23'::date), (2, '2026-02-23', '2026-02-24 09:00Z', '2026-03-02'),
		(3, '2026-02-09', '2026-02-09 09:00Z', '2026-02-16'), (4, '2026-03-01', '2026-03-01 09:00Z', NULL)) v (n, day, at, due)`)
	l, err := f.store.List(t.Context())
	if err != nil || l.DeliveredOn != calendar.NewDate(2026, 2, 23) || l.NextDueOn != calendar.NewDate(2026, 3, 2) {
		t.Errorf("%+v, %v", l, err)
	}
}
