package postgres_test

import (
	"errors"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/postgres"
)

// draftDesk is a member who writes, on the shipped calls, in May 2026.
type draftDesk struct {
	callOffice
	store *postgres.Drafts
	elena identity.Person
}

func newDraftDesk(t *testing.T) draftDesk {
	t.Helper()
	o := newCallOffice(t)
	return draftDesk{o, postgres.NewDrafts(o.pool), o.person("SRRLNE84C49B354", "Elena", "Serra")}
}

var mayNoon = calendar.NewDate(2026, time.May, 22).At(12, 0)

func (d draftDesk) actor() identity.Actor { return identity.Own(d.elena.ID, identity.Member) }

// begun is a draft of an illness from 2 to 20 May, whose term ends on 30 May.
func (d draftDesk) begun(form once.Form) indemnity.CaseID {
	d.Helper()
	draft := indemnity.Draft{ID: indemnity.CaseID(once.NewKey()), Member: d.elena.ID, Started: mayNoon, SavedAt: mayNoon, Answers: indemnity.Answers{
		Cause: indemnity.Illness, First: calendar.NewDate(2026, time.May, 2), Last: calendar.NewDate(2026, time.May, 20)}}
	id, err := d.store.Start(d.Context(), form, draft, audit.Entry{At: mayNoon, Actor: d.actor(), Action: indemnity.DraftBegun, Subject: string(draft.ID), About: d.elena.ID})
	if err != nil {
		d.Fatal(err)
	}
	return id
}

func TestADraftIsKeptAsItWasSavedAndOnlyForItsMember(t *testing.T) {
	t.Parallel()
	d := newDraftDesk(t)
	first := form(d.actor(), "indemnity.begin")
	id := d.begun(first)
	if again := d.begun(first); again != id {
		t.Error("the same form began two drafts")
	}
	kept, err := d.store.Draft(t.Context(), d.elena.ID, id)
	if err != nil || kept.Answers.Last != calendar.NewDate(2026, time.May, 20) || kept.Version != 0 || !kept.SentAt.IsZero() || !kept.SavedAt.Equal(mayNoon) {
		t.Fatalf("%+v: %v", kept, err)
	}
	if _, err := d.store.Draft(t.Context(), d.anna.Person, id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("somebody else: %v", err)
	}
	kept.Answers.Stops = []calendar.Period{{From: calendar.NewDate(2026, 5, 2), To: calendar.NewDate(2026, 5, 3)}}
	kept.Answers.ISEEValue = 18250_55
	if err := d.store.Save(t.Context(), form(d.actor(), "indemnity.fill"), kept, mayNoon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := d.store.Save(t.Context(), form(d.actor(), "indemnity.fill"), kept, mayNoon); !errors.Is(err, indemnity.ErrDraftMoved) {
		t.Errorf("over another page: %v", err)
	}
	all, err := d.store.Drafts(t.Context(), d.elena.ID)
	if err != nil || len(all) != 1 || all[0].Version != 1 || all[0].Answers.ISEEValue != 18250_55 || len(all[0].Answers.Stops) != 1 {
		t.Errorf("%+v: %v", all, err)
	}
}

func TestADraftIsDroppedWithItsPapersAndNotOnceItIsSent(t *testing.T) {
	t.Parallel()
	d := newDraftDesk(t)
	id, sent := d.begun(once.Form{}), d.begun(once.Form{})
	d.exec(`INSERT INTO indemnity_papers (id, case_id, kind, covers, added_by, added_at) VALUES (gen_random_uuid(), $1, 'initial_prognosis', '[2026-05-02,2026-05-20]', $2, $3)`,
		string(id), string(d.elena.ID), mayNoon)
	if all, err := d.store.Drafts(t.Context(), d.elena.ID); err != nil || len(all) != 2 || len(all[0].Papers)+len(all[1].Papers) != 1 {
		t.Fatalf("%+v: %v", all, err)
	}
	d.exec(`UPDATE indemnity_drafts SET sent_at = $2, answers = '{}' WHERE id = $1`, string(sent), mayNoon)
	drop := func(id indemnity.CaseID) error {
		return d.store.Drop(t.Context(), form(d.actor(), "indemnity.drop"), id, audit.Entry{At: mayNoon, Actor: d.actor(), Action: indemnity.DraftDropped, Subject: string(id)})
	}
	if err := drop(sent); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("one that was sent: %v", err)
	}
	if err := drop(id); err != nil {
		t.Error(err)
	}
	if n := d.count(`SELECT (SELECT count(*) FROM indemnity_drafts WHERE sent_at IS NULL) + (SELECT count(*) FROM indemnity_papers)`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func TestTheWriterOfADraftIsRemindedOnceForADayAndToldItsTerm(t *testing.T) {
	t.Parallel()
	d := newDraftDesk(t)
	d.exec(`INSERT INTO mandates (kind, scope, holder_id, represented_id, from_day) VALUES ('delegate', 'indemnity', $1, $2, '2026-01-01')`, string(d.anna.Person), string(d.elena.ID))
	id := d.begun(once.Form{})
	drafts := indemnity.NewDrafts(d.store, nil, nil, func() time.Time { return d.now })
	d.now = calendar.NewDate(2026, time.May, 25).At(9, 0)
	for i, want := range []int{1, 0} {
		if n, err := drafts.RemindDue(t.Context()); err != nil || n != want {
			t.Errorf("run %d: %d, %v", i, n, err)
		}
	}
	notices := postgres.NewNotices(d.pool)
	tell := func(action audit.Action) []notify.Letter {
		e, err := notices.Event(t.Context(), int64(d.count(`SELECT max(id) FROM audit WHERE action = $1`, string(action))))
		if err != nil {
			t.Fatal(err)
		}
		return notify.Letters(e)
	}
	begun := tell(indemnity.DraftBegun)
	if len(begun) != 2 || begun[0].To != d.elena.ID || begun[0].Subject != "ENPAP: bozza salvata" ||
		begun[0].Body != "Hai iniziato una domanda. Inviala entro il 30 maggio 2026, ore 23:59: dopo non è più possibile." || begun[1].To != d.anna.Person {
		t.Errorf("%+v", begun)
	}
	due := tell(indemnity.DraftReminded)
	if len(due) != 2 || due[0].Subject != "ENPAP: hai una scadenza il 30 maggio 2026" ||
		due[0].Body != "La tua domanda è ancora in bozza. Mancano 6 parti. Inviala entro il 30 maggio 2026, ore 23:59." ||
		due[0].Link != "/indennita-malattia-infortunio/domande/"+string(id)+"/compila" || due[1].Link[:len("/profili?ritorno=")] != "/profili?ritorno=" {
		t.Errorf("%+v", due)
	}
	d.exec(`DELETE FROM indemnity_drafts`)
	if letters := tell(indemnity.DraftReminded); len(letters) != 0 {
		t.Errorf("told of a draft that is gone: %+v", letters)
	}
}

func TestOldDraftsAreForgottenWithTheirPapers(t *testing.T) {
	t.Parallel()
	d := newDraftDesk(t)
	id := d.begun(once.Form{})
	d.exec(`INSERT INTO indemnity_papers (id, case_id, kind, added_by, added_at) VALUES (gen_random_uuid(), $1, 'identity', $2, $3)`, string(id), string(d.elena.ID), mayNoon)
	forget := func(days int) int {
		if err := postgres.NewNotices(d.pool).Forget(t.Context(), mayNoon.Add(time.Duration(days-30)*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		return d.count(`SELECT (SELECT count(*) FROM indemnity_drafts) + (SELECT count(*) FROM indemnity_papers)`)
	}
	if n := forget(179); n != 2 {
		t.Errorf("%d rows after 179 days", n)
	}
	if n := forget(181); n != 0 {
		t.Errorf("%d rows after 181 days", n)
	}
}
