package postgres_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
)

// reviewDesk is the desk of the office with who re-examines: neither of them made what is
// looked at again.
type reviewDesk struct {
	*rankingDesk
	reviews *indemnity.Reexaminations
	second  identity.Actor // proposes
	deputy  identity.Actor // decides
}

func newReviewDesk(t *testing.T, budget money.Amount) *reviewDesk {
	t.Helper()
	d := &reviewDesk{rankingDesk: newRankingDesk(t, budget)}
	keys, err := document.NewKeys(bytes.Repeat([]byte{8}, document.MasterKeyLength))
	if err != nil {
		t.Fatal(err)
	}
	d.reviews = indemnity.NewReexaminations(postgres.NewCaseReexaminations(d.pool, keys), d.cases, rand.Reader, func() time.Time { return d.now })
	d.second = identity.Own(d.person("GRCDVD91B03F839", "Davide", "Greco").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	d.deputy = identity.Own(d.person("RNLPLA72L58H501", "Paola", "Rinaldi").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	return d
}

// refused is an application of giulia's that two officers found inadmissible.
func (d *reviewDesk) refused(first, last string) indemnity.CaseID {
	d.welfare.Helper()
	d.now = on(last).Add(1).At(9, 0)
	id := d.sent(first, last)
	d.checked(id)
	err := d.find(id, indemnity.Finding{Check: indemnity.CheckIdentity, Verdict: indemnity.NotMet, Note: "È una fattura.", Found: indemnity.Found{Identity: indemnity.IdentityMissing}})
	if err := errors.Join(err, d.propose(id, indemnity.Inadmissible, ""), d.approve(d.approver, id)); err != nil {
		d.Fatal(err)
	}
	return id
}

// asked is a request of giulia's about a case.
func (d *reviewDesk) asked(id indemnity.CaseID, motive indemnity.ReviewMotive) indemnity.ReviewCase {
	d.welfare.Helper()
	err := d.reviews.Write(d.Context(), d.giulia, id, motive, "Il documento c’era.")
	if err := errors.Join(err, d.reviews.Ask(d.Context(), d.giulia, form(d.giulia, "ask"), id)); err != nil {
		d.Fatal(err)
	}
	v, err := d.reviews.Of(d.Context(), d.giulia, id)
	if err != nil {
		d.Fatal(err)
	}
	return d.review(v.Requests[0].ID)
}

func (d *reviewDesk) review(id indemnity.ReexaminationID) indemnity.ReviewCase {
	d.welfare.Helper()
	c, err := d.reviews.Reexamination(d.Context(), id)
	if err != nil {
		d.Fatal(err)
	}
	return c
}

// ends has the second officer propose how a request ends.
func (d *reviewDesk) ends(c indemnity.ReviewCase, grant, reopen bool) error {
	return d.reviews.Propose(d.Context(), d.second, form(d.second, "propose"), c.ID, indemnity.ReviewProposal{Version: d.review(c.ID).Version, Grant: grant, Reopen: reopen, Grounds: "Il documento è agli atti."})
}

func (d *reviewDesk) decides(who identity.Actor, c indemnity.ReviewCase) error {
	return d.reviews.Decide(d.Context(), who, form(who, "decide"), c.ID, d.review(c.ID).Version)
}

func TestWhatIsGrantedAgainstADecisionTakesTheCaseUpAgain(t *testing.T) {
	t.Parallel()
	d := newReviewDesk(t, 10_000*money.Euro)
	id := d.refused("2026-05-01", "2026-05-20")
	d.now = d.now.AddDate(0, 0, 10)
	c := d.asked(id, indemnity.WrongPapers)
	if c.State != indemnity.ReviewAsked || c.Decision == "" || c.Ranking != "" || c.Protocol == "" || len(c.CheckCode) != 12 || c.SetAside <= 0 || c.DecideBy != on("2026-06-30") {
		t.Fatalf("%+v", c.Reexamination)
	}
	d.wants("another while it is open", d.reviews.Write(t.Context(), d.giulia, id, indemnity.OtherMotive, "x"), indemnity.ErrReviewOpen)
	for range 2 { // read twice, on record once
		if _, err := d.reviews.Open(t.Context(), d.second, c.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.count(`SELECT count(*) FROM audit WHERE subject_id::text = $1 AND action = 'indemnity.reexamination_read'`, string(c.ID)); got != 1 || d.review(c.ID).ReadAt.IsZero() {
		t.Errorf("%d receipts", got)
	}
	d.wants("decided before it is proposed", d.decides(d.deputy, c), indemnity.ErrReviewUnproposed)
	if err := d.ends(c, true, false); err != nil {
		t.Fatal(err)
	}
	d.wants("decided by who proposed", d.decides(d.second, c), indemnity.ErrReviewOwn)
	d.wants("by who approved what it is about", d.decides(d.approver, c), indemnity.ErrReviewJudged)
	d.wants("of an older version", d.reviews.Decide(t.Context(), d.deputy, form(d.deputy, "decide"), c.ID, 0), indemnity.ErrReviewMoved)
	if err := d.decides(d.deputy, c); err != nil {
		t.Fatal(err)
	}
	c = d.review(c.ID)
	k := d.kase(id)
	again := k.Decision()
	if c.State != indemnity.ReviewGranted || !c.Reopens || c.AnswerProtocol == "" || k.State != indemnity.InReview || again.To != indemnity.InReview ||
		again.ProposedBy.ID != d.second.Person || again.DecidedBy.ID != d.deputy.Person || again.Protocol == c.AnswerProtocol {
		t.Errorf("%+v, case %s by %+v", c.Reexamination, k.State, again)
	}
	d.wants("decided twice", d.decides(d.deputy, c), indemnity.ErrReviewEnded)
	for _, code := range [][2]string{{c.Protocol, c.CheckCode}, {c.AnswerProtocol, c.AnswerCode}} {
		if _, err := d.cases.Verify(t.Context(), code[0], code[1]); err != nil {
			t.Errorf("%s is not known: %v", code[0], err)
		}
	}
	d.whole()
}

// stopped is how a guard of the database is known to hold.
func (d *reviewDesk) stopped(what string, err error, guard string) {
	d.welfare.Helper()
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.ConstraintName != guard {
		d.Errorf("%s: %v, and %s does not stop it", what, err, guard)
	}
}

func (d *reviewDesk) whole() {
	d.welfare.Helper()
	breaches, err := postgres.Check(d.Context(), d.pool)
	if err != nil || len(breaches) > 0 {
		d.Errorf("%v %v", breaches, err)
	}
}

// F12: who re-examines is neither who asked nor who made what is looked at again, in the
// service as in the database.
func TestNobodyReexaminesTheirOwn(t *testing.T) {
	t.Parallel()
	d := newReviewDesk(t, 10_000*money.Euro)
	ranked, refused := d.suitable("2026-05-01", "2026-05-10"), d.refused("2026-05-14", "2026-05-28")
	d.published()
	ofDecision, ofPlace := d.asked(refused, indemnity.WrongDays), d.asked(ranked, indemnity.WrongAmount)
	both := []identity.Duty{identity.Prepare, identity.Approve}
	finder := identity.Own(d.person("RGGVNI91B03F839", "Ivan", "Ruggeri").ID, identity.Welfare).WithDuties(both)
	for _, c := range []indemnity.ReviewCase{ofDecision, ofPlace} {
		d.alter(`INSERT INTO indemnity_findings (application_id, check_name, verdict, made_by, made_at, case_version) VALUES ($1, 'iban', 'met', $2, now(), 1)`, string(c.Case), string(finder.Person))
		for name, x := range map[string]struct {
			who  identity.Actor
			want error
		}{
			"who proposed it":  {d.officer.WithDuties(both), indemnity.ErrReviewJudged},
			"who approved it":  {d.approver.WithDuties(both), indemnity.ErrReviewJudged},
			"who examined it":  {finder, indemnity.ErrReviewJudged},
			"whose case it is": {identity.Own(d.giulia.Person, identity.Welfare).WithDuties(both), indemnity.ErrOwnCase},
			"who only pays":    {d.second.WithDuties([]identity.Duty{identity.Pay}), identity.ErrNoDuty},
		} {
			p := indemnity.ReviewProposal{Version: c.Version, Grounds: "x"}
			d.wants(name+" proposes", d.reviews.Propose(t.Context(), x.who, form(x.who, "propose"), c.ID, p), x.want)
		}
		if err := d.ends(c, false, false); err != nil {
			t.Fatal(err)
		}
		for name, x := range map[string]struct {
			who   identity.Actor
			want  error
			guard string
		}{
			"who proposed it":         {d.officer.WithDuties(both), indemnity.ErrReviewJudged, "nobody_reexamines_what_they_judged"},
			"who approved it":         {d.approver, indemnity.ErrReviewJudged, "nobody_reexamines_what_they_judged"},
			"who examined it":         {finder, indemnity.ErrReviewJudged, "nobody_reexamines_what_they_judged"},
			"whose case it is":        {identity.Own(d.giulia.Person, identity.Welfare).WithDuties(both), indemnity.ErrOwnCase, "nobody_reexamines_their_own_case"},
			"who proposed the answer": {d.second, indemnity.ErrReviewOwn, "nobody_decides_a_case_reexamination_they_proposed"},
		} {
			d.wants(name+" decides", d.decides(x.who, c), x.want)
			_, err := d.pool.Exec(t.Context(), `UPDATE indemnity_reexaminations SET state = 'denied', decided_by = $2, decided_at = now(), answer_protocol = 'R', answer_code = 'K', set_aside_cents = 0 WHERE id = $1`, string(c.ID), string(x.who.Person))
			d.stopped(name+" decides", err, x.guard)
		}
	}
}

func TestWhatIsGrantedAgainstAPlaceIsCarriedOutByTheNextPublication(t *testing.T) {
	t.Parallel()
	d := newReviewDesk(t, 1_800*money.Euro)
	long, short := d.suitable("2026-04-01", "2026-05-05"), d.suitable("2026-05-07", "2026-05-20")
	first := d.published()
	if d.kase(long).State != indemnity.Funded || d.kase(short).State != indemnity.Unfunded {
		t.Fatalf("%s, %s", d.kase(long).State, d.kase(short).State)
	}
	c := d.asked(short, indemnity.WrongPoints)
	if c.Ranking != first || c.Decision != "" {
		t.Fatalf("%+v", c.Reexamination)
	}
	if err := errors.Join(d.ends(c, true, true), d.decides(d.deputy, c)); err != nil {
		t.Fatal(err)
	}
	if k := d.kase(short); k.State != indemnity.InReview {
		t.Fatalf("the case is %s", k.State)
	}
	if err := errors.Join(d.propose(short, indemnity.Suitable, ""), d.approve(d.approver, short)); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(time.Hour)
	next := d.simulate(indemnity.RankingOrder{Corrects: first, Reason: "Riesame " + c.Protocol})
	d.agreed(next)
	if err := errors.Join(d.put(next), d.accept(d.approver, next), d.publish(d.publisher, next)); err != nil {
		t.Fatal(err)
	}
	if c = d.review(c.ID); c.CarriedOutBy != next || c.Publication != 2 || d.kase(short).State != indemnity.Unfunded {
		t.Errorf("%+v, %d", c.Reexamination, c.Publication)
	}
	d.whole()
}

// The money of an open request is not there for others, and nobody is promised it twice.
func TestAnOpenRequestKeepsItsMoneyFromARanking(t *testing.T) {
	t.Parallel()
	d := newReviewDesk(t, 4_000*money.Euro)
	d.suitable("2026-04-01", "2026-05-05")
	refused := d.refused("2026-05-07", "2026-05-28")
	c := d.asked(refused, indemnity.WrongPapers)
	d.closed()
	id := d.simulate(indemnity.RankingOrder{})
	d.agreed(id)
	r := d.ranked(id)
	if r.SetAside != c.SetAside || c.SetAside <= 0 || *r.Call.Rules.Budget.Is != 4_000*money.Euro-c.SetAside || *r.Budget() != 4_000*money.Euro {
		t.Fatalf("%s set aside for %s, of %s", r.SetAside, c.SetAside, r.Call.Rules.Budget.Is)
	}
	if err := d.reviews.Withdraw(t.Context(), d.giulia, form(d.giulia, "withdraw"), c.ID); err != nil {
		t.Fatal(err)
	}
	d.wants("once it was withdrawn", d.put(id), indemnity.ErrRankingSetAside)
	id = d.simulate(indemnity.RankingOrder{})
	d.agreed(id)
	if err := errors.Join(d.put(id), d.accept(d.approver, id)); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(time.Minute)
	c = d.asked(refused, indemnity.WrongPapers)
	d.wants("published over the head of a request", d.publish(d.publisher, id), indemnity.ErrRankingSetAside)
	_, err := d.pool.Exec(t.Context(), `UPDATE indemnity_rankings SET state = 'published', published_by = $2, published_at = now(), publication = 1, manifest = 'm', signature = 's' WHERE id = $1`, string(id), string(d.publisher.Person))
	d.stopped("the database spends it", err, "publication_keeps_what_is_set_aside")
	if err := errors.Join(d.ends(c, false, false), d.decides(d.deputy, c)); err != nil {
		t.Fatal(err)
	}
	if got := d.review(c.ID); got.State != indemnity.ReviewDenied || got.SetAside != 0 {
		t.Errorf("%+v", got.Reexamination)
	}
	if err := d.publish(d.publisher, id); err != nil {
		t.Error("once it is denied:", err)
	}
	d.whole()
}

func TestARequestIsAskedOnceInItsTermByWhoStandsThere(t *testing.T) {
	t.Parallel()
	d := newReviewDesk(t, 10_000*money.Euro)
	id := d.refused("2026-05-01", "2026-05-20")
	open := d.application()
	d.wants("of a case that nobody decided", d.reviews.Write(t.Context(), d.giulia, open, indemnity.OtherMotive, "x"), indemnity.ErrReviewNoOutcome)
	d.wants("of somebody else's", d.reviews.Write(t.Context(), identity.Own(d.second.Person, identity.Member), id, indemnity.OtherMotive, "x"), fault.ErrNotFound)
	d.wants("without a motive", d.reviews.Write(t.Context(), d.giulia, id, indemnity.WrongPoints, "x"), indemnity.ErrReviewMotive)
	d.wants("without a reason", d.reviews.Write(t.Context(), d.giulia, id, indemnity.OtherMotive, " "), indemnity.ErrReviewText)
	d.wants("before anything was written", d.reviews.Ask(t.Context(), d.giulia, form(d.giulia, "ask"), id), indemnity.ErrReviewNoDraft)
	if err := d.reviews.Write(t.Context(), d.giulia, id, indemnity.OtherMotive, "x"); err != nil {
		t.Fatal(err)
	}
	sent := form(d.giulia, "ask")
	var all sync.WaitGroup
	for _, f := range []once.Form{sent, sent, form(d.giulia, "ask")} {
		all.Go(func() {
			if err := d.reviews.Ask(t.Context(), d.giulia, f, id); err != nil && !errors.Is(err, indemnity.ErrReviewOpen) && !errors.Is(err, indemnity.ErrReviewNoDraft) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := d.count(`SELECT count(*) FROM indemnity_reexaminations`); got != 1 {
		t.Fatalf("%d requests", got)
	}
	v, err := d.reviews.Of(t.Context(), d.giulia, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.reviews.Withdraw(t.Context(), d.giulia, form(d.giulia, "withdraw"), v.Requests[0].ID); err != nil {
		t.Fatal(err)
	}
	last, _ := v.ReviewTerm()
	d.now = last.Add(1).At(0, 0)
	d.wants("when the term is over", d.reviews.Write(t.Context(), d.giulia, id, indemnity.OtherMotive, "x"), indemnity.ErrReviewTooLate)
}

func TestThePapersOfARequestAreReadByItsSideAndTheOffice(t *testing.T) {
	t.Parallel()
	d := newReviewDesk(t, 10_000*money.Euro)
	id := d.refused("2026-05-01", "2026-05-20")
	file := scan(t, 2000)
	d.wants("before a draft", d.reviews.Hand(t.Context(), d.giulia, form(d.giulia, "hand"), id, file), indemnity.ErrReviewNoDraft)
	if err := d.reviews.Write(t.Context(), d.giulia, id, indemnity.WrongPapers, "x"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the same file is kept once
		if err := d.reviews.Hand(t.Context(), d.giulia, form(d.giulia, "hand"), id, file); err != nil {
			t.Fatal(err)
		}
	}
	draft, err := d.reviews.Draft(t.Context(), d.giulia.Person, id)
	if err != nil {
		t.Fatal(err)
	}
	papers, err := d.reviews.Papers(t.Context(), draft.ID)
	if err != nil || len(papers) != 1 {
		t.Fatalf("%v %v", papers, err)
	}
	read := func(who identity.Actor) error {
		_, content, err := d.reviews.Read(t.Context(), who, papers[0].ID)
		if err == nil {
			_, err = io.Copy(io.Discard, content)
		}
		return err
	}
	d.wants("the office, of a draft", read(d.second), fault.ErrNotFound)
	d.wants("who writes it", read(d.giulia), nil)
	if err := d.reviews.Ask(t.Context(), d.giulia, form(d.giulia, "ask"), id); err != nil {
		t.Fatal(err)
	}
	d.wants("who examines", read(d.second), nil)
	d.wants("who approves, while nothing is proposed", read(d.second.WithDuties([]identity.Duty{identity.Approve})), indemnity.ErrHealthPaper)
	d.wants("an officer, of their own case", read(identity.Own(d.giulia.Person, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})), indemnity.ErrOwnCase)
	d.wants("who pays", read(d.second.WithDuties([]identity.Duty{identity.Pay})), fault.ErrNotFound)
	d.wants("somebody else", read(identity.Own(d.second.Person, identity.Member)), fault.ErrNotFound)
	d.wants("taken back once it was sent", d.reviews.TakeBack(t.Context(), d.giulia, form(d.giulia, "back"), papers[0].ID), indemnity.ErrReviewPaperSent)
	if openings, err := d.reviews.Openings(t.Context(), draft.ID); err != nil || len(openings) != 1 || openings[0].Name != "Davide Greco" {
		t.Errorf("%v %v", openings, err)
	}
}
