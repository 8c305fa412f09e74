package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
)

// What arrives at the last instant, and has to wait for its turn, has arrived in time.
func TestAnAnswerCountsFromTheInstantAtWhichItArrived(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	w.now = on("2026-05-12").At(9, 0)
	q := w.ask(id)
	if err := w.cases.SaveAnswer(t.Context(), w.giulia, form(w.giulia, "save"), id, q, 0, map[string]string{"V6": "Il medico è in ferie", "V10": "Ha firmato la sostituta"}); err != nil {
		t.Fatal(err)
	}
	c := w.kase(id)
	last := c.Requests[0].DueOn.End().Add(-time.Microsecond)
	next := last
	slow := indemnity.NewApplications(postgres.NewCaseFiles(w.pool), w.drafts, rand.Reader, func() time.Time {
		now := next
		next = last.Add(time.Second)
		return now
	})
	if err := slow.Answer(t.Context(), w.giulia, form(w.giulia, "answer"), id, q, c.Requests[0].Mark(c.Papers)); err != nil {
		t.Fatal(err)
	}
	w.now = next
	r := w.kase(id).Requests[0]
	if !r.AnsweredAt.Equal(last) || r.State != indemnity.Answered {
		t.Errorf("it is %s, at %s", r.State, r.AnsweredAt)
	}
	if n := w.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.answer_sent' AND at = $1`, last); n != 1 {
		t.Error("the register has another instant")
	}
}

// What comes too late is evidence. It does not pile up for ever.
func TestAFewLateAnswersAreKeptAndEachIsWrittenDown(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	w.now = on("2026-05-12").At(9, 0)
	q := w.ask(id)
	w.now = w.kase(id).Requests[0].DueOn.End()
	const tried = 25
	for range tried {
		if err := w.cases.SaveAnswer(t.Context(), w.giulia, form(w.giulia, "save"), id, q, 0, map[string]string{"V10": "Scusate il ritardo."}); !errors.Is(err, indemnity.ErrRequestLate) {
			t.Fatal(err)
		}
	}
	if kept := len(w.kase(id).Requests[0].Answer.Late); kept != 20 {
		t.Errorf("%d are kept", kept)
	}
	if n := w.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.answer_late'`); n != tried {
		t.Errorf("%d are written down", n)
	}
}

// What was taken back has no term that could begin.
func TestARequestThatWasCalledOffIsReadWithoutATerm(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	q := w.ask(id)
	w.exec(`ALTER TABLE indemnity_requests DISABLE TRIGGER requests_stay_as_sent`)
	w.exec(`UPDATE indemnity_requests SET reached_on = NULL, reached_by = '', due_on = NULL`)
	if err := w.cases.Withdraw(t.Context(), w.giulia, form(w.giulia, "withdraw"), id); err != nil {
		t.Fatal(err)
	}
	if err := w.cases.Read(t.Context(), w.giulia, id, q); err != nil {
		t.Fatal(err)
	}
	if r := w.kase(id).Requests[0]; r.ReadAt.IsZero() || !r.DueOn.IsZero() {
		t.Errorf("read at %s, with a term until %s", r.ReadAt, r.DueOn)
	}
}

// moving is a store whose call gets another version just as an application comes.
type moving struct {
	*postgres.CaseFiles
	move func()
}

func (s moving) Receive(ctx context.Context, form once.Form, c indemnity.CaseFile, judge func(indemnity.Draft, []indemnity.Applied) error, e audit.Entry) error {
	s.move()
	return s.CaseFiles.Receive(ctx, form, c, judge, e)
}

// release puts another version of the call of May in force, with something changed.
func (w *welfare) release(change func(*indemnity.RuleSet) indemnity.Section) {
	w.Helper()
	calls := indemnity.NewCalls(postgres.NewCalls(w.pool), func() time.Time { return w.now })
	officer := func(code, name string) identity.Actor {
		return identity.Own(w.person(code, name, "Verdi").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	}
	anna, bruno := officer("VRDNNA80A41H501", "Anna"), officer("VRDBRN80A01H501", "Bruno")
	of, err := calls.Draft(w.Context(), anna, form(anna, "draft"), ofMay, ofMay.Call)
	if err != nil {
		w.Fatal(err)
	}
	v, err := calls.Version(w.Context(), of)
	if err != nil {
		w.Fatal(err)
	}
	err = calls.Save(w.Context(), anna, form(anna, "save"), of, 0, change(&v.Rules), v.Rules)
	if err == nil {
		err = calls.Propose(w.Context(), anna, form(anna, "propose"), of, 1)
	}
	if err == nil {
		err = calls.Release(w.Context(), bruno, form(bruno, "release"), of, 2)
	}
	if err != nil {
		w.Fatal(err)
	}
}

func (w *welfare) sendWhile(id indemnity.CaseID, move func()) error {
	w.Helper()
	d, err := w.drafts.Draft(w.Context(), w.giulia, id)
	if err != nil {
		w.Fatal(err)
	}
	cases := indemnity.NewApplications(moving{postgres.NewCaseFiles(w.pool), sync.OnceFunc(move)}, w.drafts, rand.Reader, func() time.Time { return w.now })
	_, err = cases.Send(w.Context(), w.giulia, form(w.giulia, "send"), id, d.Mark())
	return err
}

func TestAnApplicationIsJudgedByTheCallThatIsInForceWhenItComes(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.draft("2026-04-20", "2026-05-07")
	if err := w.sendWhile(id, func() {
		w.release(func(r *indemnity.RuleSet) indemnity.Section {
			r.Budget.Is = new(money.Amount)
			*r.Budget.Is = 90_000 * money.Euro
			return indemnity.SectionMoney
		})
	}); err != nil {
		t.Fatalf("more money keeps nobody from sending: %v", err)
	}
	if c := w.kase(id); c.CallVersion != 2 || c.Digest != c.Seal() {
		t.Errorf("it was made by version %d", c.CallVersion)
	}
}

func TestAnApplicationIsNotSentByWordsThatNobodyDeclared(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.draft("2026-04-20", "2026-05-07")
	if err := w.sendWhile(id, func() {
		w.release(func(r *indemnity.RuleSet) indemnity.Section {
			r.Declarations.Is[0].Text += " Altro."
			return indemnity.SectionDeclarations
		})
	}); !errors.Is(err, indemnity.ErrIncomplete) {
		t.Errorf("with another declaration: %v", err)
	}
	if n := w.count(`SELECT count(*) FROM indemnity_applications`); n != 0 {
		t.Error("it was sent")
	}
}

// While an application is on its way nobody releases another version: whoever does sees
// that one was made by the last.
func TestACallWaitsForAnApplicationThatIsComing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	f.exec(aCall)
	coming, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = coming.Rollback(t.Context()) }()
	if _, err := coming.Exec(t.Context(), f.named(strings.TrimPrefix(anApplication, aCall)), pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	err = pgx.BeginFunc(t.Context(), f.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `SET LOCAL lock_timeout = '50ms'; SELECT FROM calls WHERE id = '2026-05' FOR UPDATE`, pgx.QueryExecModeSimpleProtocol)
		return err
	})
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "55P03" {
		t.Errorf("another version could be released meanwhile: %v", err)
	}
}

// Who is ill for a week between two stops of a therapy applies for that week.
func TestBetweenTwoStopsOfACycleThereIsRoomForAnIllness(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	w.exec(`INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, channel, sender_id, submitted_at, term_ended_on,
			event, answers, declarations, registers, digest, check_code)
		VALUES (gen_random_uuid(), 'ENPAP-2026-000009', '2026-05', 1, $1, 'member', 'portal', $1, '2026-05-08 09:00', '2026-05-18', '[2026-04-01,2026-05-07]',
			'{"cause": "cycles", "stops": [{"from": "2026-04-01", "to": "2026-04-03"}, {"from": "2026-05-04", "to": "2026-05-07"}]}', '[]', '{}', sha256(''), 'X')`, string(w.giulia.For))
	w.now = on("2026-05-08").At(12, 0)
	begin := func(first, last string) error {
		_, err := w.drafts.Begin(t.Context(), w.giulia, form(w.giulia, "begin"), indemnity.Answers{Cause: indemnity.Illness, First: on(first), Last: on(last)})
		return err
	}
	if err := begin("2026-04-25", "2026-05-03"); err != nil {
		t.Errorf("between the stops: %v", err)
	}
	if err := begin("2026-04-25", "2026-05-04"); !errors.Is(err, indemnity.ErrDaysTaken) {
		t.Errorf("with a day of a stop: %v", err)
	}
}
