package postgres_test

import (
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
)

func TestASessionIsBookedConfirmedAndSeen(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	id := f.mustBook(0, 7, 15, 50_00)
	file := f.file()
	if v := file.Voucher; v.Booked != 50_00 || v.Balance() != 150_00 || v.Version != 1 {
		t.Errorf("%+v", v)
	}
	if len(file.Bookings) != 1 || file.Bookings[0].ProfessionalName != "Bianchi Giulia" || file.Bookings[0].Phone != "06 123" {
		t.Fatalf("%+v", file.Bookings)
	}
	b := file.Bookings[0].Booking
	want := calendar.On(noon).Add(7)
	if b.ID != id || b.Day != want || !b.Start.Equal(want.At(15, 0)) || b.Minutes != 45 || b.Place != "Via Roma 1, 00195 Roma (RM)" || b.State != voucher.Booked {
		t.Errorf("%+v", b)
	}
	f.now = want.At(16, 0)
	if err := f.service.Confirm(t.Context(), f.as(0), form(f.as(0), "booking.confirm"), id); err != nil {
		t.Fatal(err)
	}
	s, err := f.service.Session(t.Context(), f.holder(), id)
	if err != nil || s.State != voucher.Held || !s.HeldAt.Equal(f.now) || s.Holder.FiscalCode != f.maria.FiscalCode || s.ConfirmBy.IsZero() {
		t.Errorf("%+v, %v", s, err)
	}
	if v := f.file().Voucher; v.Used != 50_00 || v.Booked != 0 {
		t.Errorf("%+v", v)
	}
	f.whole()
}

func TestOfFiftyBookingsAtOnceTheVoucherPaysWhatItCan(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 600*money.Euro, 50)
	id, day := f.file().Voucher.ID, calendar.On(noon).Add(7)
	answers := make([]error, 50)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			who := f.as(i)
			_, answers[i] = f.service.Book(t.Context(), who, form(who, "booking.book"), id, ask(day.Add(i), 10, 50_00))
		})
	}
	all.Wait()
	booked := 0
	for _, err := range answers {
		switch {
		case err == nil:
			booked++
		case !errors.Is(err, voucher.ErrExhausted) && !errors.Is(err, voucher.ErrNotEnough):
			t.Errorf("refused with %v", err)
		}
	}
	if v := f.file().Voucher; booked != 12 || v.Booked != 600_00 || len(f.file().Bookings) != 12 {
		t.Errorf("%d booked, %s set aside", booked, v.Booked)
	}
	f.whole()
}

func TestOnePsychologistInManyTabsStaysWithinTheLimit(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 600*money.Euro, 1)
	id, day := f.file().Voucher.ID, calendar.On(noon).Add(7)
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			_, _ = f.service.Book(t.Context(), f.as(0), form(f.as(0), "booking.book"), id, ask(day.Add(i), 10, 50_00))
		})
	}
	all.Wait()
	if n := len(f.file().Bookings); n != 4 {
		t.Errorf("%d open bookings, the edition allows 4", n)
	}
	f.whole()
}

func TestCancellationAndConfirmationRaceAndOneWins(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5_000*money.Euro, 10)
	for i := range 10 {
		id := f.mustBook(i, 0, 0, 50_00)
		f.exec(`UPDATE bookings SET day = day + 1 WHERE id = $1`, string(id)) // so that the holder still may
		today := f.now
		confirmed := make(chan error)
		go func() {
			// The confirmation is judged by the rule on a day on which it may be made.
			_, err := f.store.Change(t.Context(), f.file().Voucher.ID, form(f.as(i), "booking.confirm"), string(id), func(a voucher.Account) (voucher.Decision, error) {
				return a.Confirm(id, f.as(i), today.Add(36*time.Hour))
			})
			confirmed <- err
		}()
		cancelled := f.service.Cancel(t.Context(), f.holder(), form(f.holder(), "booking.cancel"), id)
		held := <-confirmed
		s, err := f.service.Session(t.Context(), f.holder(), id)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case (cancelled == nil) == (held == nil):
			t.Errorf("cancelled: %v, confirmed: %v", cancelled, held)
		case cancelled == nil && (s.State != voucher.Cancelled || !errors.Is(held, voucher.ErrAlreadyCancelled)):
			t.Errorf("cancelled first: %s, %v", s.State, held)
		case held == nil && (s.State != voucher.Held || !errors.Is(cancelled, voucher.ErrAlreadyHeld)):
			t.Errorf("confirmed first: %s, %v", s.State, cancelled)
		}
	}
	f.whole()
}

func TestExpiryRacesWithBookingsAndNothingIsLost(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 600*money.Euro, 8)
	file := f.file()
	last := file.Voucher.Terms.LastDay
	f.now = last.At(23, 59)
	late := voucher.NewService(f.store, keys, nil, func() time.Time { return last.End() })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			who := f.as(i)
			_, err := f.service.Book(t.Context(), who, form(who, "booking.book"), file.Voucher.ID, ask(last, 8+i, 50_00))
			if err != nil && !errors.Is(err, voucher.ErrExpired) {
				t.Error(err)
			}
		})
	}
	all.Go(func() {
		if n, err := late.ExpireDue(t.Context()); n != 1 || err != nil {
			t.Errorf("%d expired, %v", n, err)
		}
	})
	all.Wait()
	v := f.file().Voucher
	if v.State != voucher.Expired || v.Balance() != 0 || v.Booked+v.Returned != 600_00 {
		t.Errorf("%+v", v)
	}
	if n, err := late.ExpireDue(t.Context()); n != 0 || err != nil {
		t.Errorf("again: %d expired, %v", n, err)
	}
	f.whole()
}

func TestAFormActsOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	id := f.file().Voucher.ID
	sent := form(f.as(0), "booking.book")
	outcomes := make([]voucher.BookingID, 20)
	var all sync.WaitGroup
	for i := range outcomes {
		all.Go(func() {
			var err error
			// Each sending draws a new id, as the portal does: the form is what is the same.
			if outcomes[i], err = f.service.Book(t.Context(), f.as(0), sent, id, ask(calendar.On(noon).Add(3), 9, 50_00)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, o := range outcomes {
		if o != outcomes[0] || o == "" {
			t.Errorf("outcomes %v", outcomes)
			break
		}
	}
	if n := len(f.file().Bookings); n != 1 {
		t.Errorf("%d bookings", n)
	}
	other, err := once.New(sent.Person, sent.Action, sent.Key, url.Values{"importo": {"10,00"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.service.Book(t.Context(), f.as(0), other, id, ask(calendar.On(noon).Add(3), 9, 10_00)); !errors.Is(err, once.ErrOtherContent) {
		t.Errorf("the same key with other words: %v", err)
	}
	stolen := sent
	stolen.Person = f.as(1).Person
	if _, err := f.service.Book(t.Context(), f.as(1), stolen, id, ask(calendar.On(noon).Add(4), 9, 50_00)); err != nil {
		t.Errorf("somebody else's key is unknown here: %v", err)
	}
	f.whole()
}

func TestACancellationSentTwiceIsOneCancellation(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	id := f.mustBook(0, 7, 15, 50_00)
	sent := form(f.holder(), "booking.cancel")
	for range 2 {
		if err := f.service.Cancel(t.Context(), f.holder(), sent, id); err != nil {
			t.Fatal(err)
		}
	}
	if v := f.file().Voucher; v.Balance() != 200_00 {
		t.Errorf("%+v", v)
	}
	f.whole()
}

func TestAPsychologistIsWithOnePersonAtATime(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	f.mustBook(0, 7, 15, 50_00)
	luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
	application, _ := f.grant(luca, 200*money.Euro)
	file, err := f.service.File(t.Context(), luca.ID, application)
	if err != nil {
		t.Fatal(err)
	}
	day := calendar.On(noon).Add(7)
	_, err = f.service.Book(t.Context(), f.as(0), form(f.as(0), "booking.book"), file.Voucher.ID, ask(day, 15, 50_00))
	if !errors.Is(err, voucher.ErrProfessionalBusy) {
		t.Errorf("at the same hour: %v", err)
	}
	if _, err := f.service.Book(t.Context(), f.as(0), form(f.as(0), "booking.book"), file.Voucher.ID, ask(day, 16, 50_00)); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	f.whole()
}

func TestWhatIsSomebodyElsesDoesNotExist(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	id := f.mustBook(0, 7, 15, 50_00)
	luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
	for name, err := range map[string]error{
		"a file":                      second(f.service.File(t.Context(), luca.ID, f.application)),
		"a session":                   second(f.service.Session(t.Context(), identity.Own(luca.ID, identity.Citizen), id)),
		"a session of a colleague's":  second(f.service.Session(t.Context(), f.as(1), id)),
		"a session, with another hat": second(f.service.Session(t.Context(), identity.Own(f.maria.ID, identity.Psychologist), id)),
		"a session that never was":    second(f.service.Session(t.Context(), f.holder(), voucher.NewBookingID())),
		"cancelling a session":        f.service.Cancel(t.Context(), identity.Own(luca.ID, identity.Citizen), form(f.holder(), "booking.cancel"), id),
		"confirming for a colleague":  f.service.Confirm(t.Context(), f.as(1), form(f.as(1), "booking.confirm"), id),
		"a voucher that never was":    second(f.service.Offer(t.Context(), voucher.NewID())),
	} {
		if !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestWrongCodesAreAnsweredAlikeAndThrottled(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
	_, lucasCode := f.grant(luca, 100*money.Euro)
	if offer, err := f.service.Check(t.Context(), f.as(0), f.code, f.maria.FiscalCode); err != nil || offer.Holder.ID != f.maria.ID {
		t.Fatalf("%+v, %v", offer, err)
	}
	unknown, err := voucher.NewCode(zeros{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		code := unknown
		if i%2 == 1 {
			code = lucasCode // a real one, of somebody else
		}
		if _, err := f.service.Check(t.Context(), f.as(0), code, f.maria.FiscalCode); !errors.Is(err, voucher.ErrNoMatch) {
			t.Errorf("try %d: %v", i, err)
		}
	}
	var retry voucher.RetryError
	if _, err := f.service.Check(t.Context(), f.as(0), f.code, f.maria.FiscalCode); !errors.As(err, &retry) || !retry.At.Equal(noon.Add(time.Hour)) {
		t.Errorf("the sixth, though right: %v", err)
	}
	if _, err := f.service.Check(t.Context(), f.as(1), f.code, f.maria.FiscalCode); err != nil {
		t.Errorf("a colleague: %v", err)
	}
	f.now = noon.Add(time.Hour)
	if _, err := f.service.Check(t.Context(), f.as(0), f.code, f.maria.FiscalCode); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	seen, err := f.service.Looks(t.Context(), f.maria.ID, f.file().Voucher.ID)
	if err != nil || len(seen) != 3 || seen[0].Action != voucher.CodeChecked || seen[0].Name != "Giulia Bianchi" {
		t.Errorf("the holder sees %+v, %v", seen, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAStormOfWrongCodesDoesNotSlipPastTheCount(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	unknown, err := voucher.NewCode(zeros{})
	if err != nil {
		t.Fatal(err)
	}
	var answered, throttled int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			_, err := f.service.Check(t.Context(), f.as(0), unknown, f.maria.FiscalCode)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, voucher.ErrNoMatch):
				answered++
			case errors.Is(err, voucher.ErrTooManyAttempts):
				throttled++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if answered != voucher.Attempts.Most || throttled != 40-voucher.Attempts.Most {
		t.Errorf("%d answered, %d throttled", answered, throttled)
	}
}

func TestTheDatabaseKnowsTheWordsOfTheStates(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	for constraint, want := range map[string][]string{
		"voucher_state_is_known":     texts(voucher.States),
		"booking_state_is_known":     texts(voucher.BookingStates),
		"cancel_reason_is_known":     texts(voucher.CancelReasons),
		"application_state_is_known": texts(voucher.ApplicationStates),
		"audit_role_is_known":        texts(identity.Roles),
	} {
		var words []string
		err := f.pool.QueryRow(t.Context(), `
			SELECT array_agg(m[1] ORDER BY m[1]) FROM pg_constraint,
				regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g') m WHERE conname = $1`, constraint).Scan(&words)
		if err != nil {
			t.Fatal(err)
		}
		if !equalSets(words, want) {
			t.Errorf("%s: the database knows %v, the program %v", constraint, words, want)
		}
	}
}

func texts[T ~string](words []T) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return all
}

func equalSets(a, b []string) bool {
	seen := map[string]int{}
	for _, s := range a {
		seen[s]++
	}
	for _, s := range b {
		seen[s]--
	}
	for _, n := range seen {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestTheRegisterHasEachActOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	ctx := audit.WithOrigin(t.Context(), audit.Origin{Request: "REQ-1"})
	id, err := f.service.Book(ctx, f.as(0), form(f.as(0), "booking.book"), f.file().Voucher.ID, ask(calendar.On(noon).Add(3), 9, 50_00))
	if err != nil {
		t.Fatal(err)
	}
	var person, about, request, role string
	err = f.pool.QueryRow(t.Context(), `SELECT person_id, about_id, request_id, role FROM audit WHERE subject_id = $1 AND action = 'booking.booked'`, string(id)).
		Scan(&person, &about, &request, &role)
	if err != nil || person != string(f.as(0).Person) || about != string(f.maria.ID) || request != "REQ-1" || role != "psychologist" {
		t.Errorf("%s about %s (%s, %s), %v", person, about, request, role, err)
	}
}
