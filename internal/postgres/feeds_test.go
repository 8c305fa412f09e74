package postgres_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

func (f *fixture) feeds() *voucher.Feeds {
	return voucher.NewFeeds(postgres.NewFeeds(f.pool), rand.Reader, func() time.Time { return f.now })
}

// sends is a form of somebody, sent for the first time.
func (f *fixture) sends(who identity.Actor, action string) once.Form {
	f.Helper()
	form, err := once.New(who.Person, action, once.NewKey(), nil)
	if err != nil {
		f.Fatal(err)
	}
	return form
}

func TestTheAddressOfACalendarOpensItUntilAnotherTakesItsPlace(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200_00, 1)
	f.mustBook(0, 7, 15, 50_00)
	feeds, who := f.feeds(), identity.Own(f.maria.ID, identity.Citizen)
	form := f.sends(who, "calendar.change")
	token, err := feeds.Make(t.Context(), who, form)
	if err != nil || token == "" {
		t.Fatal(token, err)
	}
	if again, err := feeds.Make(t.Context(), who, form); err != nil || again != "" {
		t.Errorf("the same form made another: %q, %v", again, err)
	}
	items, err := feeds.Open(t.Context(), token)
	if err != nil || len(items) != 2 || items[0].Deadline == items[1].Deadline {
		t.Errorf("it holds %+v, %v", items, err) // the session, and the last day of the code
	}
	next, err := feeds.Make(t.Context(), who, f.sends(who, "calendar.change"))
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := voucher.NewFeedToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, dead := range map[string]voucher.FeedToken{"replaced": token, "made up": unknown, "none": "", "long": next + next} {
		if _, err := feeds.Open(t.Context(), dead); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("a token %s: %v", name, err)
		}
	}
	if err := feeds.Revoke(t.Context(), who, f.sends(who, "calendar.change")); err != nil {
		t.Fatal(err)
	}
	if _, err := feeds.Open(t.Context(), next); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a revoked one: %v", err)
	}
	if err := feeds.Revoke(t.Context(), who, f.sends(who, "calendar.change")); err != nil {
		t.Errorf("revoked twice: %v", err)
	}
	f.whole()
}

func TestACalendarThatIsReadManyTimesIsWrittenDownOnceADay(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200_00, 1)
	child := f.person("RSSLCU15C12H501", "Luca", "Rossi")
	f.grant(child, 100_00)
	f.exec(`INSERT INTO mandates (kind, holder_id, represented_id, from_day) VALUES ('parent', $1, $2, '2026-01-01')`, string(f.maria.ID), string(child.ID))
	feeds, who := f.feeds(), identity.Own(f.maria.ID, identity.Citizen)
	token, err := feeds.Make(t.Context(), who, f.sends(who, "calendar.change"))
	if err != nil {
		t.Fatal(err)
	}
	read := func() (n, child int) {
		f.Helper()
		err := f.pool.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE mandate_id IS NOT NULL AND about_id = for_id) FROM audit WHERE action = 'calendar.read'`).Scan(&n, &child)
		if err != nil {
			t.Fatal(err)
		}
		return n, child
	}
	for range 5 {
		if items, err := feeds.Open(t.Context(), token); err != nil || len(items) != 2 {
			t.Fatalf("her own last day and her child's: %+v, %v", items, err)
		}
	}
	if n, forChild := read(); n != 2 || forChild != 1 {
		t.Errorf("%d entries, %d of them about the child", n, forChild)
	}
	f.now = f.now.AddDate(0, 0, 1)
	if _, err := feeds.Open(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if n, _ := read(); n != 4 {
		t.Errorf("%d entries the next day", n)
	}
	f.exec(`UPDATE mandates SET revoked_on = $1, revoked_by = holder_id`, calendar.On(f.now))
	if items, err := feeds.Open(t.Context(), token); err != nil || len(items) != 1 {
		t.Errorf("once nobody acts for the child any more: %+v, %v", items, err)
	}
}

func TestEachHatHasACalendarOfItsOwn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200_00, 1)
	f.mustBook(0, 7, 15, 50_00)
	feeds := f.feeds()
	giulia := f.psychologists[0]
	professional, citizen := identity.Own(giulia, identity.Psychologist), identity.Own(giulia, identity.Citizen)
	tokens := map[string]voucher.FeedToken{}
	for name, who := range map[string]identity.Actor{"professional": professional, "citizen": citizen} {
		token, err := feeds.Make(t.Context(), who, f.sends(who, "calendar.change"))
		if err != nil {
			t.Fatal(err)
		}
		tokens[name] = token
	}
	if items, err := feeds.Open(t.Context(), tokens["professional"]); err != nil || len(items) != 2 {
		t.Errorf("the session and the day to confirm it: %+v, %v", items, err)
	}
	if items, err := feeds.Open(t.Context(), tokens["citizen"]); err != nil || len(items) != 0 {
		t.Errorf("nothing of her patients: %+v, %v", items, err)
	}
}

// A reopening lets what a term has ended be done, through the service and the store.
func TestASessionIsConfirmedAgainWhereAnActReopensIt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200_00, 1)
	booking := f.mustBook(0, 7, 15, 50_00)
	who := identity.Own(f.psychologists[0], identity.Psychologist)
	f.now = f.file().Voucher.Terms.ConfirmBy.Add(3).At(12, 0)
	if err := f.service.Confirm(t.Context(), who, f.sends(who, "booking.confirm"), booking); !errors.Is(err, voucher.ErrTooLateToConfirm) {
		t.Fatalf("after the term: %v", err)
	}
	f.exec(`INSERT INTO edition_versions (edition_id, number, rules, state, shipped, drafted_at)
		SELECT edition_id, 2, jsonb_set(rules, '{reopenings}', jsonb_build_array(jsonb_build_object('article', 'Messaggio INPS 1/2026', 'value',
			jsonb_build_object('round', 1, 'provinces', jsonb_build_array('RM'), 'acts', jsonb_build_array('confirm'),
				'opens', $1::timestamptz, 'closes', $2::timestamptz)))), 'released', true, now()
		FROM edition_versions WHERE edition_id = '2022-guida'`, f.now.Add(-time.Hour), f.now.Add(time.Hour))
	s, err := f.service.Session(t.Context(), who, booking)
	if err != nil || s.MayConfirm(s.Terms(), f.now) != nil {
		t.Fatalf("the page says %v, %v", s.MayConfirm(s.Terms(), f.now), err)
	}
	if err := f.service.Confirm(t.Context(), who, f.sends(who, "booking.confirm"), booking); err != nil {
		t.Errorf("while it is open again: %v", err)
	}
	f.whole()
}

func TestASessionThatIsMovedReachesTheCalendarsAsItsNextVersion(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200_00, 1)
	booking := f.mustBook(0, 7, 15, 50_00)
	giulia, maria := identity.Own(f.psychologists[0], identity.Psychologist), identity.Own(f.maria.ID, identity.Citizen)
	token, err := f.feeds().Make(t.Context(), maria, f.sends(maria, "calendar.change"))
	if err != nil {
		t.Fatal(err)
	}
	item := func() voucher.FeedItem {
		f.Helper()
		items, err := f.feeds().Open(t.Context(), token)
		i := slices.IndexFunc(items, func(i voucher.FeedItem) bool { return i.UID == string(booking) })
		if err != nil || i < 0 {
			t.Fatalf("%+v, %v", items, err)
		}
		return items[i]
	}
	before := item()
	if before.Sequence != 0 || !before.Changed.Equal(f.now) {
		t.Errorf("as booked: %+v", before)
	}
	for n := range 2 {
		f.now = f.now.Add(time.Hour)
		to := voucher.Appointment{Day: calendar.On(f.now).Add(8 + n), Start: calendar.On(f.now).Add(8+n).At(16, 0), Amount: 50_00, Place: before.Place}
		if err := f.service.Move(t.Context(), giulia, f.sends(giulia, "booking.move"), booking, to); err != nil {
			t.Fatal(err)
		}
		if i := item(); i.Sequence != n+1 || !i.Changed.Equal(f.now) || !i.Start.Equal(to.Start) {
			t.Errorf("moved %d times: %+v", n+1, i)
		}
	}
	f.now = f.now.Add(time.Hour)
	if err := f.service.Cancel(t.Context(), giulia, f.sends(giulia, "booking.cancel"), booking); err != nil {
		t.Fatal(err)
	}
	if i := item(); !i.Cancelled || i.Sequence != 3 || !i.Changed.Equal(f.now) {
		t.Errorf("cancelled: %+v", i)
	}
	f.whole()
}
