package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/notify"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// entry is the number of the last entry about something.
func (f *fixture) entry(subject string, action audit.Action) (n int64) {
	f.Helper()
	if err := f.pool.QueryRow(f.Context(), `SELECT max(id) FROM audit WHERE subject_id = $1 AND action = $2`, subject, string(action)).Scan(&n); err != nil {
		f.Fatal(err)
	}
	return n
}

func (f *fixture) count(sql string, args ...any) (n int) {
	f.Helper()
	if err := f.pool.QueryRow(f.Context(), sql, args...).Scan(&n); err != nil {
		f.Fatal(err)
	}
	return n
}

func TestAnEntryOfTheRegisterIsReadWithItsSession(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	id := f.mustBook(0, 7, 15, 50_00)
	notices := postgres.NewNotices(f.pool)
	e, err := notices.Event(t.Context(), f.entry(string(id), voucher.BookingBooked))
	if err != nil || e.Action != voucher.BookingBooked || e.Session.ID != id || e.Session.Beneficiary != f.maria.ID ||
		e.Session.Professional != f.psychologists[0] || e.Rules.CancelDaysBefore.Is == 0 {
		t.Errorf("%+v, %v", e, err)
	}
	e, err = notices.Event(t.Context(), f.entry(string(f.file().Voucher.ID), voucher.VoucherGranted))
	if err != nil || e.Action != voucher.VoucherGranted || len(notify.Letters(e)) != 0 {
		t.Errorf("one about no session: %+v, %v", e, err)
	}
	if _, err := notices.Event(t.Context(), 99_999); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}

func TestWhoHoldsAMandateOnTheDayOfTheEntryReadsToo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	laura, piero, anna := f.person("MRNLRA80A41F205", "Laura", "Marini"), f.person("MRNPRI79A01F205", "Piero", "Marini"), f.person("GLLNNA72S45L219", "Anna", "Galli")
	f.exec(`INSERT INTO mandates (kind, holder_id, represented_id, from_day, until_day, revoked_on) VALUES
		('parent', $2, $1, '2026-01-01', NULL, NULL), ('delegate', $2, $1, '2026-01-01', '2026-03-02', NULL), ('parent', $3, $1, '2026-01-01', '2026-03-02', NULL),
		('guardian', $4, $1, '2026-01-01', NULL, '2026-03-02'), ('delegate', $4, $1, '2026-03-03', NULL, NULL), ('delegate', $1, $4, '2026-01-01', NULL, NULL)`,
		string(f.maria.ID), string(laura.ID), string(piero.ID), string(anna.ID))
	notices := postgres.NewNotices(f.pool)
	for _, c := range []struct {
		on   time.Time
		want []identity.PersonID
	}{
		{noon, []identity.PersonID{laura.ID, piero.ID}},
		{noon.AddDate(0, 0, 1), []identity.PersonID{laura.ID, anna.ID}},
	} {
		f.now = c.on
		e, err := notices.Event(t.Context(), f.entry(string(f.mustBook(0, 7, 15, 50_00)), voucher.BookingBooked))
		if slices.Sort(e.ActingFor); err != nil || !slices.Equal(e.ActingFor, slices.Sorted(slices.Values(c.want))) {
			t.Errorf("on %s these read too: %v, want %v, %v", c.on, e.ActingFor, c.want, err)
		}
	}
}

func TestWhatIsPostedTwiceIsThereOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	id := f.mustBook(0, 7, 15, 50_00)
	notices, entry := postgres.NewNotices(f.pool), f.entry(string(id), voucher.BookingBooked)
	letters := []notify.Letter{
		{To: f.maria.ID, Kind: notify.Booked, Subject: "one", Body: "first"},
		{To: f.psychologists[0], Kind: notify.BeneficiaryCancelled, Subject: "two", Body: "second"},
	}
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if err := notices.Post(t.Context(), entry, letters, noon); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if messages, mails := f.count(`SELECT count(*) FROM messages`), f.count(`SELECT count(*) FROM river_job WHERE kind = 'mail'`); messages != 2 || mails != 2 {
		t.Errorf("%d messages and %d mails", messages, mails)
	}
	if err := notices.Post(t.Context(), entry, nil, noon); err != nil {
		t.Errorf("nothing to post: %v", err)
	}
}

// R21: the message and the job that mails it are written together.
func TestAMessageThatCannotBeMailedIsNotPosted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	notices, entry := postgres.NewNotices(f.pool), f.entry(string(f.mustBook(0, 7, 15, 50_00)), voucher.BookingBooked)
	letters := []notify.Letter{{To: f.maria.ID, Kind: notify.Booked, Subject: "one", Body: "first"}}
	f.exec(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full' USING ERRCODE = 'disk_full'; END $$`)
	f.exec(`CREATE TRIGGER fault BEFORE INSERT ON river_job FOR EACH ROW EXECUTE FUNCTION full_disk()`)
	if err := notices.Post(t.Context(), entry, letters, noon); err == nil || f.count(`SELECT count(*) FROM messages`) != 0 {
		t.Errorf("half done: %v", err)
	}
	f.exec(`DROP TRIGGER fault ON river_job`)
	if err := notices.Post(t.Context(), entry, letters, noon); err != nil || f.count(`SELECT count(*) FROM messages`) != 1 {
		t.Errorf("again: %v", err)
	}
}

func TestMessagesOfSomebodyElseDoNotExist(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	people, notices := postgres.NewPeople(f.pool), postgres.NewNotices(f.pool)
	entry := f.entry(string(f.mustBook(0, 7, 15, 50_00)), voucher.BookingBooked)
	for i := range 5 {
		letter := notify.Letter{To: f.maria.ID, Kind: notify.Kind(fmt.Sprint("k", i)), Subject: fmt.Sprint("subject ", i), Body: "body", Link: "/link"}
		if err := notices.Post(t.Context(), entry, []notify.Letter{letter}, noon.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	var subjects []string
	for page := 1; page <= 3; page++ {
		list, total, err := people.Messages(t.Context(), f.maria.ID, page, 2)
		if err != nil || total != 5 {
			t.Fatalf("page %d: %d, %v", page, total, err)
		}
		for _, m := range list {
			subjects = append(subjects, m.Subject)
		}
	}
	if want := []string{"subject 4", "subject 3", "subject 2", "subject 1", "subject 0"}; !slices.Equal(subjects, want) {
		t.Errorf("the inbox has %v, want the newest first", subjects)
	}

	list, _, err := people.Messages(t.Context(), f.maria.ID, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	id := list[0].ID
	stranger := f.psychologists[0]
	if _, err := people.Message(t.Context(), stranger, id, noon); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("somebody else's message: %v", err)
	}
	if list, total, err := people.Messages(t.Context(), stranger, 1, 10); err != nil || total != 0 || len(list) != 0 {
		t.Errorf("somebody else's inbox: %d, %v", total, err)
	}
	if n, err := people.Unread(t.Context(), f.maria.ID); n != 5 || err != nil {
		t.Errorf("%d unread, %v", n, err)
	}
	for _, at := range []time.Time{noon.Add(time.Hour), noon.Add(2 * time.Hour)} {
		m, err := people.Message(t.Context(), f.maria.ID, id, at)
		if err != nil || !m.Read || m.Subject != "subject 4" || m.Link != "/link" || !m.SentAt.Equal(noon.Add(4*time.Minute)) {
			t.Errorf("%+v, %v", m, err)
		}
	}
	if n, err := people.Unread(t.Context(), f.maria.ID); n != 4 || err != nil {
		t.Errorf("%d unread after one was opened, %v", n, err)
	}
	if n := f.count(`SELECT count(*) FROM messages WHERE read_at = $1`, noon.Add(time.Hour)); n != 1 {
		t.Error("the time of the first reading was not kept")
	}
}

func TestAMailGoesToTheAddressOfItsReaderAndIsNoted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	notices := postgres.NewNotices(f.pool)
	letter := notify.Letter{To: f.maria.ID, Kind: notify.Booked, Subject: "subject", Body: "body"}
	if err := notices.Post(t.Context(), f.entry(string(f.mustBook(0, 7, 15, 50_00)), voucher.BookingBooked), []notify.Letter{letter}, noon); err != nil {
		t.Fatal(err)
	}
	var id string
	if err := f.pool.QueryRow(t.Context(), `SELECT args->>'message' FROM river_job WHERE kind = 'mail'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if _, to, sent, err := notices.Mail(t.Context(), id); to != "" || sent || err != nil {
		t.Errorf("Maria gave no address: %q, %v, %v", to, sent, err)
	}
	f.exec(`UPDATE persons SET email = 'maria@example.org' WHERE id = $1`, string(f.maria.ID))
	if m, to, sent, err := notices.Mail(t.Context(), id); to != "maria@example.org" || sent || err != nil || m.ID != id || m.Subject != "subject" || m.Body != "body" {
		t.Errorf("%+v to %q, %v, %v", m, to, sent, err)
	}
	if err := notices.Mailed(t.Context(), id, noon); err != nil {
		t.Fatal(err)
	}
	if _, _, sent, err := notices.Mail(t.Context(), id); !sent || err != nil {
		t.Errorf("%v, %v", sent, err)
	}
	if _, _, _, err := notices.Mail(t.Context(), "00000000-0000-4000-8000-000000000000"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}

func TestKeysOfOldFormsAreForgottenAndTheirEffectIsNot(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	notices := postgres.NewNotices(f.pool)
	old := form(f.as(0), "voucher.book")
	ask := []voucher.Request{{ID: voucher.NewBookingID(), Day: calendar.On(noon).Add(3), Amount: 50_00}}
	if _, err := f.service.Book(t.Context(), f.as(0), old, f.file().Voucher.ID, ask); err != nil {
		t.Fatal(err)
	}
	if err := notices.Forget(t.Context(), noon); err != nil || f.count(`SELECT count(*) FROM submissions`) != 1 {
		t.Errorf("forgotten too early, %v", err)
	}
	if err := notices.Forget(t.Context(), noon.Add(time.Second)); err != nil || f.count(`SELECT count(*) FROM submissions`) != 0 {
		t.Errorf("not forgotten, %v", err)
	}
	if _, done, err := f.store.Outcome(t.Context(), old); done || err != nil {
		t.Errorf("%v, %v", done, err)
	}
	if n := len(f.file().Bookings); n != 1 {
		t.Errorf("%d bookings", n)
	}
	if _, err := f.service.Book(t.Context(), f.as(0), old, f.file().Voucher.ID, ask); !errors.Is(err, voucher.ErrSameDay) {
		t.Errorf("sent again after a month: %v", err)
	}
}

func TestLoginSessionsThatAreOverAreForgotten(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	f.exec(`INSERT INTO sessions VALUES ('over', '', now() - interval '1 second'), ('in use', '', now() + interval '1 hour')`)
	if err := postgres.NewNotices(f.pool).Forget(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if n := f.count(`SELECT count(*) FROM sessions WHERE token = 'in use'`); n != 1 || f.count(`SELECT count(*) FROM sessions`) != 1 {
		t.Errorf("%d of the one in use", n)
	}
}

func TestWhatWasNeverSentIsForgotten(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	f.exec(`INSERT INTO application_drafts (edition_id, applicant_id, fiscal_code, answers, started_at, saved_at, sent_as)
		SELECT '2022-guida', $1, code, '{}', $2, $2::timestamptz - age, sent FROM (VALUES
			('old', interval '181 days', NULL::uuid), ('young', interval '179 days', NULL), ('sent', interval '500 days', $3::uuid)) d (code, age, sent)`,
		string(f.maria.ID), noon, string(f.application))
	f.exec(`INSERT INTO reexamination_drafts (id, application_id, writer_id, motive, text, saved_at)
		VALUES ('00000000-0000-0000-0000-000000000001', $1, $2, 'other', '', $3::timestamptz - interval '61 days')`, string(f.application), string(f.maria.ID), noon)
	for _, subject := range []string{"00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"} {
		f.exec(`WITH chunk AS (INSERT INTO attachment_chunks VALUES (gen_random_uuid(), 0, 'x') RETURNING attachment_id)
			INSERT INTO attachments (id, subject_id, owner_id, name, media_type, size_bytes, digest, sealed_bytes, at)
			SELECT attachment_id, $1, $2, 'x.pdf', 'application/pdf', 1, sha256(''), 1, $3 FROM chunk`, subject, string(f.maria.ID), noon)
	}
	if err := postgres.NewNotices(f.pool).Forget(t.Context(), noon.Add(-30*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	var drafts []string
	var requests, papers int
	err := f.pool.QueryRow(t.Context(), `SELECT (SELECT array_agg(fiscal_code ORDER BY fiscal_code) FROM application_drafts),
		(SELECT count(*) FROM reexamination_drafts), (SELECT count(*) FROM attachments JOIN attachment_chunks ON attachment_id = id)`).Scan(&drafts, &requests, &papers)
	if err != nil || !slices.Equal(drafts, []string{"sent", "young"}) || requests != 0 || papers != 1 {
		t.Errorf("%v, %d requests, %d papers, %v", drafts, requests, papers, err)
	}
}
