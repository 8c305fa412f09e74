package postgres_test

import (
	"errors"
	"regexp"
	"slices"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/postgres"
)

// certificate is the one that an application was sent with.
func (w *welfare) certificate(id indemnity.CaseID) indemnity.Paper {
	w.Helper()
	papers := w.kase(id).Papers
	return papers[slices.IndexFunc(papers, func(p indemnity.Paper) bool { return p.Kind == indemnity.InitialPrognosis })]
}

// ask asks for the certificate of an application once more.
func (w *welfare) ask(id indemnity.CaseID) indemnity.RequestID {
	w.Helper()
	q := indemnity.Request{Kind: indemnity.Supplement, Text: "Serve una copia leggibile.", Items: []indemnity.RequestItem{
		{Code: "V6", Paper: indemnity.InitialPrognosis, Of: w.certificate(id).ID, Wrong: "manca la durata", Send: "una copia leggibile"},
		{Code: "V10", Wrong: "non è chiaro chi ha firmato", Send: "una spiegazione"}}}
	request, err := w.cases.Ask(w.Context(), w.officer, form(w.officer, "ask"), id, q)
	if err != nil {
		w.Fatal(err)
	}
	return request
}

func TestARequestRunsFromTheDayOnWhichItStandsInThePortal(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	w.now = on("2026-05-15").At(23, 30) // the fifteenth day is Saturday 30 May, which does not move
	request := w.ask(id)
	c := w.kase(id)
	r := c.Requests[0]
	if r.DueOn != on("2026-05-30") || r.ReachedOn != on("2026-05-15") || r.ReachedBy != indemnity.ReachedByPortal || !r.ReadAt.IsZero() || r.Days != 15 {
		t.Errorf("it reached her on %s, by %s, and runs until %s", r.ReachedOn, r.ReachedBy, r.DueOn)
	}
	if c.State != indemnity.InReview || c.Officer != w.officer.Person || c.Standing(w.now) != indemnity.SupplementAsked {
		t.Errorf("the case is %s, with %s", c.State, c.Officer)
	}
	if _, err := w.cases.Ask(t.Context(), w.officer, form(w.officer, "ask"), id, indemnity.Request{Kind: indemnity.Supplement, Text: "x", Items: r.Items}); !errors.Is(err, indemnity.ErrRequestOpen) {
		t.Errorf("another of the same kind: %v", err)
	}
	if _, err := w.cases.Ask(t.Context(), w.giulia, form(w.giulia, "ask"), id, indemnity.Request{Kind: indemnity.Supplement, Text: "x", Items: r.Items}); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("by no officer: %v", err)
	}
	if err := w.cases.Reach(t.Context(), w.officer, form(w.officer, "reach"), id, request, on("2026-05-15"), indemnity.ReachedByPEC); !errors.Is(err, indemnity.ErrReachedAlready) {
		t.Errorf("reached twice: %v", err)
	}
	w.now = on("2026-05-17").At(9, 0)
	for range 2 {
		if err := w.cases.Read(t.Context(), w.giulia, id, request); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Hour)
	}
	if r := w.kase(id).Requests[0]; !r.ReadAt.Equal(on("2026-05-17").At(9, 0)) || r.DueOn != on("2026-05-30") {
		t.Errorf("it was read at %s, and is due on %s", r.ReadAt, r.DueOn)
	}
}

func TestARequestThatReachedNobodyRunsFromTheDeliveryOrTheFirstLook(t *testing.T) {
	t.Parallel()
	for name, reach := range map[string]func(w *welfare, id indemnity.CaseID, r indemnity.RequestID) error{
		"pec": func(w *welfare, id indemnity.CaseID, r indemnity.RequestID) error {
			return w.cases.Reach(w.Context(), w.officer, form(w.officer, "reach"), id, r, on("2026-05-14"), indemnity.ReachedByPEC)
		},
		"portal": func(w *welfare, id indemnity.CaseID, r indemnity.RequestID) error {
			w.now = on("2026-05-14").At(9, 0)
			return w.cases.Read(w.Context(), w.giulia, id, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWelfare(t, "")
			id := w.sent("2026-04-20", "2026-05-07")
			// It came by another way than the portal: nobody looks there by themselves.
			w.exec(`ALTER TABLE indemnity_applications DISABLE TRIGGER USER`)
			w.exec(`UPDATE indemnity_applications SET channel = 'pec', sender_id = NULL, received_by = $1`, string(w.officer.Person))
			w.now = on("2026-05-12").At(9, 0)
			request := w.ask(id)
			if r := w.kase(id).Requests[0]; !r.DueOn.IsZero() || r.MayAnswer(w.now.AddDate(1, 0, 0)) != nil {
				t.Errorf("its term runs until %s", r.DueOn)
			}
			w.now = on("2026-05-15").At(9, 0)
			if err := w.cases.Reach(t.Context(), w.officer, form(w.officer, "reach"), id, request, on("2026-05-11"), indemnity.ReachedByPEC); !errors.Is(err, indemnity.ErrReachedBefore) {
				t.Errorf("before it was asked: %v", err)
			}
			if err := reach(w, id, request); err != nil {
				t.Fatal(err)
			}
			if r := w.kase(id).Requests[0]; r.ReachedBy != name || r.DueOn != on("2026-05-29") {
				t.Errorf("reached by %s, due on %s", r.ReachedBy, r.DueOn)
			}
		})
	}
}

func TestAnAnswerIsTakenUntilTheLastInstantAndKeptAsEvidenceAfterwards(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	w.now = on("2026-05-12").At(9, 0)
	request := w.ask(id)
	old := w.certificate(id)
	due := w.kase(id).Requests[0].DueOn
	answer := func() error {
		c := w.kase(id)
		return w.cases.Answer(t.Context(), w.giulia, form(w.giulia, "answer"), id, request, c.Requests[0].Mark(c.Papers))
	}
	if err := answer(); !errors.Is(err, indemnity.ErrAnswerEmpty) {
		t.Errorf("with nothing in it: %v", err)
	}
	if err := w.cases.SaveAnswer(t.Context(), w.giulia, form(w.giulia, "save"), id, request, 0, map[string]string{"V10": " Ha firmato il mio medico. ", "nobody": "x"}); err != nil {
		t.Fatal(err)
	}
	if err := w.cases.SaveAnswer(t.Context(), w.giulia, form(w.giulia, "save"), id, request, 0, map[string]string{"V10": "altro"}); !errors.Is(err, indemnity.ErrAnswerMoved) {
		t.Errorf("from a page that was read before: %v", err)
	}
	paper, err := w.papers.Note(t.Context(), w.giulia, form(w.giulia, "note"), indemnity.Paper{Case: id, Kind: old.Kind, IssuedOn: old.IssuedOn, Covers: old.Covers, Request: string(request), Replaces: old.ID})
	if err == nil {
		_, err = w.papers.Attach(t.Context(), w.giulia, form(w.giulia, "attach"), paper, scan(t, 3000))
	}
	if err != nil {
		t.Fatal(err)
	}
	shown := w.kase(id).Requests[0].Mark(nil)
	if err := w.cases.Answer(t.Context(), w.giulia, form(w.giulia, "answer"), id, request, shown); !errors.Is(err, indemnity.ErrAnswerMoved) {
		t.Errorf("a paper came since: %v", err)
	}

	w.now = due.End()
	if err := answer(); !errors.Is(err, indemnity.ErrRequestLate) {
		t.Errorf("after midnight: %v", err)
	}
	if err := w.cases.SaveAnswer(t.Context(), w.giulia, form(w.giulia, "save"), id, request, 1, map[string]string{"V10": "Scusate il ritardo."}); !errors.Is(err, indemnity.ErrRequestLate) {
		t.Errorf("a note after midnight: %v", err)
	}
	r := w.kase(id).Requests[0]
	if r.Answer.Notes["V10"] != "Ha firmato il mio medico." || len(r.Answer.Late) != 1 || r.Answer.Late[0].Notes["V10"] != "Scusate il ritardo." || r.State != indemnity.Asked {
		t.Errorf("it keeps %+v, and is %s", r.Answer, r.State)
	}

	w.now = due.End().Add(-time.Microsecond)
	if err := answer(); err != nil {
		t.Fatalf("at the last instant: %v", err)
	}
	c := w.kase(id)
	r = c.Requests[0]
	if r.State != indemnity.Answered || !regexp.MustCompile(`^ENPAP-2026-\d{6}$`).MatchString(r.Protocol) || r.Protocol == c.Protocol || c.Standing(w.now) != indemnity.AnswerReceived {
		t.Errorf("it is %s, under %q", r.State, r.Protocol)
	}
	if current := c.Current(); len(current) != 3 || current[2].ID != paper || c.Digest != c.Seal() {
		t.Errorf("the papers that count: %+v", current)
	}
	if err := answer(); err != nil {
		t.Errorf("another one in its term: %v", err)
	}
	if r := w.kase(id).Requests[0]; len(r.Answers) != 2 || r.Answers[0].Protocol == r.Protocol || r.Last().Protocol != r.Protocol || r.Last().Number != 2 {
		t.Errorf("the answers: %+v", r.Answers)
	}
	w.now = due.End()
	if err := answer(); !errors.Is(err, indemnity.ErrRequestOver) {
		t.Errorf("once more, late: %v", err)
	}
}

func TestRequestsAreRemindedOfOnTheirDaysAndOnce(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	w.now = on("2026-05-12").At(9, 0)
	w.ask(id)
	due := w.kase(id).Requests[0].DueOn // 27 May
	reminded := map[calendar.Date]int{}
	for day := on("2026-05-12"); !day.After(due.Add(3)); day = day.Add(1) {
		for range 2 {
			w.now = day.At(9, 30)
			n, err := w.cases.RemindDue(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			reminded[day] += n
		}
	}
	for day, n := range reminded {
		want := 0
		if left := day.Until(due); left == 7 || left == 3 || left == 1 || left == 0 {
			want = 1
		}
		if n != want {
			t.Errorf("on %s, %d days before: reminded %d times", day, day.Until(due), n)
		}
	}
}

// answered sends a note in answer to a request.
func (d *welfareDesk) answered(id indemnity.CaseID, request indemnity.RequestID, note string) {
	d.welfare.Helper()
	c := d.kase(id)
	if err := d.cases.SaveAnswer(d.Context(), d.giulia, form(d.giulia, "save"), id, request, c.Requests[0].Version, map[string]string{"V6": note, "V10": note}); err != nil {
		d.Fatal(err)
	}
	c = d.kase(id)
	if err := d.cases.Answer(d.Context(), d.giulia, form(d.giulia, "answer"), id, request, c.Requests[0].Mark(c.Papers)); err != nil {
		d.Fatal(err)
	}
}

func TestAnAnswerIsJudgedAndTheTermRunsToItsEnd(t *testing.T) {
	t.Parallel()
	d := newWelfareDesk(t)
	id := d.application()
	request := d.ask(id)
	if o := d.opened(id); o.Found.Outcome != indemnity.OutcomePending || !slices.Contains(o.Found.Codes, indemnity.SupplementOpen) {
		t.Errorf("while the term runs it comes to %s, %v", o.Found.Outcome, o.Found.Codes)
	}
	judge := func(answer string, verdict indemnity.RequestState, why string) error {
		return d.Judge(t.Context(), d.officer, form(d.officer, "judge"), id, d.opened(id).Version, request, answer, verdict, why)
	}
	if err := judge("", indemnity.Accepted, ""); !errors.Is(err, indemnity.ErrNoAnswer) {
		t.Errorf("before there is one: %v", err)
	}
	d.answered(id, request, "prima")
	first := d.kase(id).Requests[0].Protocol
	if err := d.propose(id, indemnity.Suitable, ""); !errors.Is(err, indemnity.ErrAnswerWaits) {
		t.Errorf("an outcome while an answer waits: %v", err)
	}
	d.answered(id, request, "seconda")
	second := d.kase(id).Requests[0].Protocol
	for answer, c := range map[string]struct {
		verdict indemnity.RequestState
		why     string
		want    error
	}{first: {indemnity.Accepted, "", indemnity.ErrAnswerNewer}, second: {indemnity.Insufficient, " ", indemnity.ErrJudgementWhy}} {
		if err := judge(answer, c.verdict, c.why); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	if err := judge(second, indemnity.Answered, ""); !errors.Is(err, indemnity.ErrJudgement) {
		t.Errorf("as something else: %v", err)
	}
	if err := judge(second, indemnity.Insufficient, "Non si legge."); err != nil {
		t.Fatal(err)
	}
	r := d.kase(id).Requests[0]
	if v := r.Last().Verdict(); r.State != indemnity.Asked || v.Verdict != indemnity.Insufficient || v.Why != "Non si legge." || v.By != d.officer.Person || len(r.Answers[0].Judged) != 0 {
		t.Errorf("%s, judged %+v", r.State, v)
	}

	// Nothing more comes, and the term ends: forfeiture can be proposed, and is by nobody.
	d.now = r.DueOn.End().Add(time.Hour)
	o := d.opened(id)
	if o.Standing(d.now) != indemnity.TermOver || o.Found.Outcome != indemnity.OutcomeForfeited {
		t.Errorf("over: %s, %s %v", o.Standing(d.now), o.Found.Outcome, o.Found.Codes)
	}
	if err := judge(second, indemnity.Accepted, ""); err != nil { // they change their mind
		t.Fatal(err)
	}
	if o := d.opened(id); o.Found.Outcome == indemnity.OutcomeForfeited || o.Requests[0].State != indemnity.Accepted || len(o.Requests[0].Last().Judged) != 2 {
		t.Errorf("accepted after all: %s, %+v", o.Found.Outcome, o.Requests[0].Last())
	}
	if err := judge(second, indemnity.Insufficient, "No."); err != nil {
		t.Fatal(err)
	}
	if o := d.opened(id); o.Requests[0].State != indemnity.Insufficient || o.Found.Outcome != indemnity.OutcomeForfeited {
		t.Errorf("not enough, and no time left: %s, %s", o.Requests[0].State, o.Found.Outcome)
	}
	if err := d.opened(id).MayAsk(d.officer, indemnity.Supplement, ""); !errors.Is(err, indemnity.ErrRequestSpent) {
		t.Errorf("another term: %v", err)
	}
}

func TestADebtThatTheIndemnityCoversIsToldOnceForItsFigures(t *testing.T) {
	t.Parallel()
	d := newWelfareDesk(t)
	id := d.application()
	tell := func(who identity.Actor) error {
		return d.TellSetOff(t.Context(), who, form(who, "tell"), id, d.opened(id).Version)
	}
	owes := func(amount money.Amount) {
		if err := d.find(id, indemnity.Finding{Check: indemnity.CheckRegularity, Verdict: indemnity.NotMet, Note: "x",
			Found: indemnity.Found{Position: &indemnity.Contribution{IncomeCommunicated: true, DebtAtSubmission: amount}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := tell(d.officer); !errors.Is(err, indemnity.ErrNoSetOff) {
		t.Errorf("with nothing owed: %v", err)
	}
	owes(100 * money.Euro)
	if o := d.opened(id); o.Cure() != indemnity.CureSetOff || !errors.Is(o.MayAsk(d.officer, indemnity.Regularisation, ""), indemnity.ErrDebtSetOff) {
		t.Errorf("it is cured by %q", o.Cure())
	}
	if err := tell(d.approver); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("by who approves: %v", err)
	}
	for n, want := range []error{nil, indemnity.ErrSetOffTold} {
		if err := tell(d.officer); !errors.Is(err, want) {
			t.Errorf("told %d times: %v", n, err)
		}
	}
	owes(90_000 * money.Euro)
	o := d.opened(id)
	if o.Cure() != indemnity.CureInTerm || o.MayAsk(d.officer, indemnity.Regularisation, "") != nil || !errors.Is(tell(d.officer), indemnity.ErrNoSetOff) {
		t.Errorf("it is cured by %q", o.Cure())
	}
	if lines := o.Irregularities(); len(lines) != 1 || lines[0].Amount != 90_000*money.Euro || lines[0].Code != "V9-1" {
		t.Errorf("%+v", lines)
	}
	told, err := postgres.NewCaseFiles(d.pool).SetOffs(t.Context(), id)
	if err != nil || len(told) != 1 || told[0].Debt != 100*money.Euro || told[0].Net <= told[0].Debt {
		t.Errorf("%+v, %v", told, err)
	}
}

func TestTheFiguresOfACaseAreToldAsTheyChange(t *testing.T) {
	t.Parallel()
	d := newWelfareDesk(t)
	id := d.application()
	yes := true
	for _, f := range []indemnity.Finding{
		{Check: indemnity.CheckIBAN, Verdict: indemnity.Met},
		{Check: indemnity.CheckCover, Verdict: indemnity.NotMet, Note: "INAIL", Found: indemnity.Found{OtherCover: &yes}},
		{Check: indemnity.CheckIncome, Verdict: indemnity.Met, Note: "y", Found: indemnity.Found{Incomes: indemnity.Yearly[money.Amount]{{Year: 2024, Is: 36_500 * money.Euro}}}},
	} {
		d.now = d.now.Add(time.Hour)
		if err := d.find(id, f); err != nil {
			t.Fatal(err)
		}
	}
	o := d.opened(id)
	all := o.Computations()
	if len(all) != 3 || all[0].Check != "" || all[1].Check != indemnity.CheckCover || all[2].Check != indemnity.CheckIncome || all[2].Figures != o.Found.Figures() || all[0].Figures != o.Sent.Figures() {
		t.Fatalf("%+v", all)
	}
	if all[1].Reduction*5 != all[0].Gross || all[2].Daily != 100*money.Euro {
		t.Errorf("%+v", all)
	}
	no := false
	x, known := o.Supposing(map[indemnity.Check]indemnity.Found{indemnity.CheckCover: {OtherCover: &no}})
	if !known || x.Entitlement.Reduction != 0 || x.Entitlement.Daily != 100*money.Euro || o.Found.Entitlement.Reduction == 0 {
		t.Errorf("supposing: %+v", x.Entitlement)
	}
}
