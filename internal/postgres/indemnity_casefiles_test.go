package postgres_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/registry"
)

// welfare is the office with a member of it, on the call of May 2026.
type welfare struct {
	*fixture
	drafts  *indemnity.Drafts
	papers  *indemnity.Papers
	cases   *indemnity.Applications
	giulia  identity.Actor
	officer identity.Actor
}

const (
	memberFile = "fiscal_code,number,given_name,family_name,active,applied_on,enrolled_on,died_on,flat_rate,incomes,days_paid,days_paid_to,iban,email,phone,pec,behaviour\n" +
		"%s,048210,Giulia,Bianchi,yes,2010-02-10,2010-03-01,,no,2024:21900.00,2026:20,2026-01-31,,,,,%s\n"
	positionFile = "fiscal_code,missing_years,debts,plan,behaviour\n"
)

func newWelfare(t *testing.T, behaviour string) *welfare {
	t.Helper()
	f := &fixture{TB: t, pool: pgtest.Open(t), now: on("2026-05-08").At(12, 0)}
	all, err := indemnity.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if err := postgres.NewCalls(f.pool).Ship(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	keys, err := document.NewKeys(bytes.Repeat([]byte{8}, document.MasterKeyLength))
	if err != nil {
		t.Fatal(err)
	}
	giulia := f.person("BNCGLI78T55F205", "Giulia", "Bianchi")
	dir, clock := t.TempDir(), func() time.Time { return f.now }
	members, positions := filepath.Join(dir, "members.csv"), filepath.Join(dir, "positions.csv")
	for path, text := range map[string]string{members: fmt.Sprintf(memberFile, string(giulia.FiscalCode), behaviour), positions: positionFile} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := &welfare{fixture: f, papers: indemnity.NewPapers(postgres.NewPapers(f.pool, keys), clock), giulia: identity.Own(giulia.ID, identity.Member),
		officer: identity.Own(f.person("CSTSLV88B51H501", "Silvia", "Costa").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})}
	w.drafts = indemnity.NewDrafts(postgres.NewDrafts(f.pool), registry.NewMembers(members, 200*time.Millisecond), registry.NewPositions(positions, 200*time.Millisecond), clock)
	w.cases = indemnity.NewApplications(postgres.NewCaseFiles(f.pool), w.drafts, rand.Reader, clock)
	return w
}

func on(text string) calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// draft is one of giulia's with everything in it, written on the day after its event.
func (w *welfare) draft(first, last string) indemnity.CaseID {
	w.Helper()
	t := w.TB.(*testing.T)
	before := w.now
	defer func() { w.now = before }()
	days := calendar.Period{From: on(first), To: on(last)}
	w.now = days.To.Add(1).At(0, 0)
	a := indemnity.Answers{Cause: indemnity.Illness, First: days.From, Last: days.To, IdentityExpires: on("2030-12-31"), Exclusive: indemnity.Yes, Covered: indemnity.No,
		ISEE: indemnity.Yes, ISEEValue: 18_250 * money.Euro, ISEEYear: 2026, IBAN: "IT60X0542811101000000123456", Holder: "Giulia Bianchi", Email: "giulia@example.org"}
	id, err := w.drafts.Begin(t.Context(), w.giulia, form(w.giulia, "begin"), a)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []indemnity.Paper{{Kind: indemnity.InitialPrognosis, IssuedOn: days.From, Covers: days}, {Kind: indemnity.IdentityWhole}, {Kind: indemnity.ISEEStatement}} {
		p.Case = id
		paper, err := w.papers.Note(t.Context(), w.giulia, form(w.giulia, "note"), p)
		if err == nil {
			_, err = w.papers.Attach(t.Context(), w.giulia, form(w.giulia, "attach"), paper, scan(t, 2000))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	d, err := w.drafts.Draft(t.Context(), w.giulia, id)
	if err != nil {
		t.Fatal(err)
	}
	standing, err := w.drafts.Stand(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range standing.Call.Rules.Declarations.Is {
		a.Declared = append(a.Declared, x.Mark())
	}
	w.now = w.now.Add(time.Second)
	a.DeclaredAt = w.now
	if err := w.drafts.Fill(t.Context(), w.giulia, form(w.giulia, "fill"), id, d.Version, a); err != nil {
		t.Fatal(err)
	}
	return id
}

// send sends a draft as it is.
func (w *welfare) send(id indemnity.CaseID) (first bool, err error) {
	w.Helper()
	d, err := w.drafts.Draft(w.Context(), w.giulia, id)
	if err != nil {
		w.Fatal(err)
	}
	return w.cases.Send(w.Context(), w.giulia, form(w.giulia, "send"), id, d.Mark())
}

// sent is an application of giulia's.
func (w *welfare) sent(first, last string) indemnity.CaseID {
	w.Helper()
	id := w.draft(first, last)
	if _, err := w.send(id); err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *welfare) kase(id indemnity.CaseID) indemnity.CaseFile {
	w.Helper()
	c, err := w.cases.CaseFile(w.Context(), w.giulia, id)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *welfare) count(sql string, args ...any) (n int) {
	w.Helper()
	if err := w.pool.QueryRow(w.Context(), sql, args...).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

func TestADraftIsSentFromTheDayAfterUntilTheLastInstantOfItsTerm(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	// The event ends on Thursday 7 May; the tenth day is Sunday 17, the last one Monday 18.
	early, last := w.draft("2026-04-01", "2026-05-07"), on("2026-05-18")
	w.now = on("2026-05-07").End().Add(-time.Microsecond)
	if _, err := w.send(early); !errors.Is(err, indemnity.ErrTooEarly) {
		t.Errorf("on the last day of the event: %v", err)
	}
	w.now = last.End().Add(-time.Microsecond)
	if first, err := w.send(early); err != nil || !first {
		t.Fatalf("at the last instant: %v", err)
	}
	c := w.kase(early)
	if !c.SubmittedAt.Equal(w.now) || c.TermEndedOn != last {
		t.Errorf("sent at %s, with a term until %s", c.SubmittedAt, c.TermEndedOn)
	}
	late := w.draft("2026-03-01", "2026-03-10")
	w.exec(`UPDATE indemnity_drafts SET answers = answers || '{"first": "2026-04-28", "last": "2026-05-07"}' WHERE id = $1`, string(late))
	w.exec(`UPDATE indemnity_applications SET state = 'withdrawn', withdrawn_at = now()`)
	saved := w.count(`SELECT count(*) FROM indemnity_drafts WHERE id = $1 AND sent_at IS NULL`, string(late))
	w.now = last.End()
	if _, err := w.send(late); !errors.Is(err, indemnity.ErrTooLate) {
		t.Errorf("a moment later: %v", err)
	}
	if n := w.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.sent_late' AND subject_id = $1 AND at = $2`, string(late), w.now); n != 1 || saved != 1 {
		t.Errorf("%d entries say when it came", n)
	}
}

func TestWhatIsSentIsFrozenUnderANumber(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.draft("2026-04-20", "2026-05-07")
	w.now = on("2026-05-11").At(18, 42).Add(7*time.Second + 123456789)
	d, err := w.drafts.Draft(t.Context(), w.giulia, id)
	if err != nil {
		t.Fatal(err)
	}
	key := form(w.giulia, "send")
	for range 2 {
		if first, err := w.cases.Send(t.Context(), w.giulia, key, id, d.Mark()); err != nil || !first {
			t.Fatalf("the same form: %v, %v", first, err)
		}
	}
	if first, err := w.cases.Send(t.Context(), w.giulia, form(w.giulia, "send"), id, d.Mark()); err != nil || first {
		t.Errorf("another form, when it was sent: %v, %v", first, err)
	}
	c := w.kase(id)
	switch {
	case !regexp.MustCompile(`^ENPAP-2026-\d{6}$`).MatchString(c.Protocol):
		t.Errorf("the number is %q", c.Protocol)
	case c.Digest != c.Seal():
		t.Error("the digest is not that of what was kept")
	case len(c.Papers) != 3 || c.Papers[0].SentAt.IsZero():
		t.Errorf("papers: %+v", c.Papers)
	case len(c.Declarations) != len(c.Rules.Declarations.Is) || c.Declarations[0].Text == "":
		t.Errorf("declarations: %+v", c.Declarations)
	case c.Registers.Member.Incomes["2024"] != 21_900*money.Euro || !c.Registers.Told(indemnity.SilentMembers):
		t.Errorf("registers: %+v", c.Registers)
	case c.State != indemnity.Submitted || c.Sender != w.giulia.Person:
		t.Errorf("it is %s, of %s", c.State, c.Sender)
	}
	c.Answers.Exclusive = indemnity.No
	if c.Digest == c.Seal() {
		t.Error("another answer has the same digest")
	}
	if n := w.count(`SELECT count(*) FROM indemnity_drafts WHERE id = $1 AND answers = '{}' AND sent_at IS NOT NULL`, string(id)); n != 1 {
		t.Error("the draft keeps its answers")
	}
	if n := w.count(`SELECT count(*) FROM river_job WHERE kind = 'notify' AND args->>'entry' = (SELECT id::text FROM audit WHERE action = 'indemnity.sent')`); n != 1 {
		t.Errorf("%d jobs tell of it", n)
	}
	if at, err := w.cases.Verify(t.Context(), " "+c.Protocol+" ", c.CheckCode[:4]+"-"+c.CheckCode[4:]); err != nil || !at.Equal(c.SubmittedAt) {
		t.Errorf("verified: %s, %v", at, err)
	}
	if _, err := w.cases.Verify(t.Context(), c.Protocol, "000000000000"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("with another code: %v", err)
	}
}

func TestOnlyWhatWasShownIsSent(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.draft("2026-04-20", "2026-05-07")
	d, err := w.drafts.Draft(t.Context(), w.giulia, id)
	if err != nil {
		t.Fatal(err)
	}
	shown := d.Mark()
	a := d.Answers
	a.Phone = "333 123 4567"
	if err := w.drafts.Fill(t.Context(), w.giulia, form(w.giulia, "fill"), id, d.Version, a); err != nil {
		t.Fatal(err)
	}
	if _, err := w.cases.Send(t.Context(), w.giulia, form(w.giulia, "send"), id, shown); !errors.Is(err, indemnity.ErrDraftMoved) {
		t.Errorf("another page had saved: %v", err)
	}
	a.Email, a.Declared = "", nil
	if d, err = w.drafts.Draft(t.Context(), w.giulia, id); err == nil {
		err = w.drafts.Fill(t.Context(), w.giulia, form(w.giulia, "fill"), id, d.Version, a)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.send(id); !errors.Is(err, indemnity.ErrIncomplete) {
		t.Errorf("with parts to be done: %v", err)
	}
	other := identity.Own(w.person("FRRLCU90H10F205", "Luca", "Ferrari").ID, identity.Member)
	if _, err := w.cases.Send(t.Context(), other, form(other, "send"), id, shown); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("by somebody else: %v", err)
	}
}

func TestTwoSendingsAtOnceMakeOneApplication(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	one, other := w.draft("2026-04-20", "2026-05-07"), w.draft("2026-05-01", "2026-05-07")
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		id := one
		if i%2 == 1 {
			id = other
		}
		all.Go(func() { _, errs[i] = w.send(id) })
	}
	all.Wait()
	if n := w.count(`SELECT count(*) FROM indemnity_applications`); n != 1 {
		t.Errorf("%d applications for days that overlap: %v", n, errs)
	}
	for i, err := range errs {
		if err != nil && !errors.Is(err, indemnity.ErrDaysTaken) && !errors.Is(err, indemnity.ErrDraftSent) && !errors.Is(err, indemnity.ErrDraftMoved) {
			t.Errorf("sending %d: %v", i, err)
		}
	}
}

func TestASilentRegisterKeepsNobodyFromSending(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "silent")
	id := w.sent("2026-04-20", "2026-05-07")
	if c := w.kase(id); c.Registers.Told(indemnity.SilentMembers) || !c.Registers.Told(indemnity.SilentContributions) {
		t.Errorf("it says %+v", c.Registers)
	}
}

func TestAWithdrawnApplicationMakesRoomForAnother(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	if _, err := w.drafts.Begin(t.Context(), w.giulia, form(w.giulia, "begin"), indemnity.Answers{Cause: indemnity.Illness, First: on("2026-05-01"), Last: on("2026-05-07")}); !errors.Is(err, indemnity.ErrDaysTaken) {
		t.Errorf("the days are taken: %v", err)
	}
	w.ask(id)
	other := identity.Own(w.person("FRRLCU90H10F205", "Luca", "Ferrari").ID, identity.Member)
	if err := w.cases.Withdraw(t.Context(), other, form(other, "withdraw"), id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("somebody else withdraws: %v", err)
	}
	if err := w.cases.Withdraw(t.Context(), w.giulia, form(w.giulia, "withdraw"), id); err != nil {
		t.Fatal(err)
	}
	c := w.kase(id)
	if c.State != indemnity.WithdrawnByMember || c.Requests[0].State != indemnity.CalledOff {
		t.Errorf("it is %s, and the request %s", c.State, c.Requests[0].State)
	}
	if err := w.cases.Withdraw(t.Context(), w.giulia, form(w.giulia, "withdraw"), id); !errors.Is(err, indemnity.ErrNotToWithdraw) {
		t.Errorf("once more: %v", err)
	}
	w.sent("2026-04-20", "2026-05-07")
}

func TestAMembersCalendarHoldsWhatSheHasToDoByWhen(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	w.draft("2026-05-09", "2026-05-11")
	w.now = on("2026-05-12").At(9, 0)
	w.ask(id)
	token, err := w.feeds().Make(t.Context(), w.giulia, form(w.giulia, "calendar.change"))
	if err != nil {
		t.Fatal(err)
	}
	items, err := w.feeds().Open(t.Context(), token)
	if err != nil || len(items) != 2 || items[0].Day != on("2026-05-21") || items[1].Day != on("2026-05-27") || !items[0].Deadline || items[0].Place != "" {
		t.Errorf("it holds %+v, %v", items, err)
	}
}

func TestNothingOfOthersIsOpened(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	stranger := identity.Own(w.person("FRRLCU90H10F205", "Luca", "Ferrari").ID, identity.Member)
	delegate := identity.Actor{Person: stranger.Person, Role: identity.Citizen, For: w.giulia.Person, Mandate: identity.MandateID(once.NewKey())}
	w.exec(`INSERT INTO mandates (id, kind, holder_id, represented_id, scope, from_day) VALUES ($1, 'delegate', $2, $3, 'indemnity', '2026-01-01')`,
		string(delegate.Mandate), string(stranger.Person), string(w.giulia.Person))
	for who, want := range map[identity.Actor]error{stranger: fault.ErrNotFound, w.officer: fault.ErrNotFound, w.giulia: nil, delegate: nil} {
		if _, err := w.cases.CaseFile(t.Context(), who, id); !errors.Is(err, want) {
			t.Errorf("%+v: %v", who, err)
		}
	}
	if n := w.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.case_seen' AND person_id = $1 AND about_id = $2`, string(stranger.Person), string(w.giulia.Person)); n != 1 {
		t.Errorf("%d entries say that the delegate looked", n)
	}
}
