package indemnity

import (
	"errors"
	"testing"
	"time"

	"portal/internal/calendar"
)

func TestARequestSaysWhatItWantsOnceEach(t *testing.T) {
	t.Parallel()
	item := func(code string, paper PaperKind, of PaperID) RequestItem {
		return RequestItem{Code: code, Paper: paper, Of: of, Wrong: "manca la durata", Send: "una copia"}
	}
	for what, c := range map[string]struct {
		r    Request
		want error
	}{
		"a paper":                     {Request{Kind: Supplement, Text: "x", Items: []RequestItem{item("V6", InitialPrognosis, "p1")}}, nil},
		"the same paper of another":   {Request{Kind: Supplement, Text: "x", Items: []RequestItem{item("V6", ExtensionPrognosis, "p1"), item("V7", ExtensionPrognosis, "p2")}}, nil},
		"an explanation":              {Request{Kind: Supplement, Text: "x", Items: []RequestItem{item("V10", "", "")}}, nil},
		"contributions and no item":   {Request{Kind: Regularisation, Text: "x"}, nil},
		"papers and no item":          {Request{Kind: Supplement, Text: "x"}, ErrRequestItems},
		"no words":                    {Request{Kind: Supplement, Items: []RequestItem{item("V6", InitialPrognosis, "")}}, ErrRequestText},
		"something else":              {Request{Kind: "favour", Text: "x"}, ErrRequestText},
		"one code twice":              {Request{Kind: Supplement, Text: "x", Items: []RequestItem{item("V6", InitialPrognosis, ""), item("V6", "", "")}}, ErrRequestItems},
		"one slot twice":              {Request{Kind: Supplement, Text: "x", Items: []RequestItem{item("V6", InitialPrognosis, ""), item("V7", InitialPrognosis, "")}}, ErrRequestItems},
		"a code that is no word":      {Request{Kind: Supplement, Text: "x", Items: []RequestItem{item("../V6", InitialPrognosis, "")}}, ErrRequestItems},
		"a paper that nobody knows":   {Request{Kind: Supplement, Text: "x", Items: []RequestItem{item("V6", "poem", "")}}, ErrRequestItems},
		"an item that says nothing":   {Request{Kind: Supplement, Text: "x", Items: []RequestItem{{Code: "V6", Paper: InitialPrognosis}}}, ErrRequestItems},
		"an item with blanks to read": {Request{Kind: Supplement, Text: "x", Items: []RequestItem{{Code: "V6", Wrong: " ", Send: "\n"}}}, ErrRequestItems},
	} {
		if err := c.r.flaw(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAnItemIsAnsweredByItsOwnPaperOrANote(t *testing.T) {
	t.Parallel()
	r := Request{ID: "r1", Kind: Supplement, Items: []RequestItem{{Code: "V6", Paper: ExtensionPrognosis, Of: "p1"}, {Code: "V7", Paper: ExtensionPrognosis, Of: "p2"}, {Code: "V10"}}}
	papers := []Paper{{Kind: ExtensionPrognosis, Request: "r1", Replaces: "p2", Attachment: "a"}, {Kind: ExtensionPrognosis, Request: "r1", Replaces: "p1"}, {Kind: ExtensionPrognosis, Request: "r2", Replaces: "p1", Attachment: "b"}}
	if lacks := r.Lacks(papers); len(lacks) != 1 || lacks[0].Code != "V6" {
		t.Errorf("it lacks %+v", lacks)
	}
	if silent := r.Silent(papers); len(silent) != 2 || silent[0].Code != "V6" || silent[1].Code != "V10" {
		t.Errorf("silent: %+v", silent)
	}
	r.Answer.Notes = map[string]string{"V6": "non l’ho", "V10": "ecco"}
	if silent := r.Silent(papers); len(silent) != 0 {
		t.Errorf("silent with notes: %+v", silent)
	}
	cure := Request{Kind: Regularisation}
	if slots := cure.Slots(); len(slots) != 1 || slots[0].Paper != PaymentReceipt {
		t.Errorf("contributions take %+v", slots)
	}
}

func TestACaseSaysWhoseMoveItIs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 10, 12, 0, 0, 0, calendar.Rome)
	due := func(days int) calendar.Date { return calendar.On(now).Add(days) }
	for what, c := range map[string]struct {
		state    State
		requests []Request
		want     CaseStanding
		urgent   RequestID
	}{
		"just sent":                       {Submitted, nil, CaseStanding(Submitted), ""},
		"asked for papers":                {InReview, []Request{{ID: "a", Kind: Supplement, State: Asked, DueOn: due(3)}}, SupplementAsked, "a"},
		"asked, on the last day":          {InReview, []Request{{ID: "a", Kind: Supplement, State: Asked, DueOn: due(0)}}, SupplementAsked, "a"},
		"asked twice, the nearest first":  {InReview, []Request{{ID: "a", Kind: Supplement, State: Asked, DueOn: due(9)}, {ID: "b", Kind: Regularisation, State: Asked, DueOn: due(3)}}, RegularisationAsked, "b"},
		"asked, and told to nobody":       {InReview, []Request{{ID: "a", Kind: Supplement, State: Asked}, {ID: "b", Kind: Regularisation, State: Asked, DueOn: due(3)}}, RegularisationAsked, "b"},
		"the term is over":                {InReview, []Request{{ID: "a", Kind: Supplement, State: Asked, DueOn: due(-1)}}, TermOver, ""},
		"answered":                        {InReview, []Request{{ID: "a", Kind: Supplement, State: Answered, DueOn: due(-1)}}, AnswerReceived, ""},
		"accepted":                        {InReview, []Request{{ID: "a", Kind: Supplement, State: Accepted, DueOn: due(-1)}}, CaseStanding(InReview), ""},
		"withdrawn with something to ask": {WithdrawnByMember, []Request{{ID: "a", Kind: Supplement, State: CalledOff, DueOn: due(3)}}, CaseStanding(WithdrawnByMember), ""},
		"forfeited":                       {State(OutcomeForfeited), []Request{{ID: "a", Kind: Supplement, State: LapsedTerm, DueOn: due(-1)}}, CaseStanding(OutcomeForfeited), ""},
	} {
		file := CaseFile{State: c.state, Requests: c.requests, SubmittedAt: now}
		if got := file.Standing(now); got != c.want {
			t.Errorf("%s: %s", what, got)
		}
		switch q := file.Urgent(now); {
		case q == nil && c.urgent != "", q != nil && q.ID != c.urgent:
			t.Errorf("%s: urgent is %+v", what, q)
		}
		if stages := file.Stages(now); stages[0].Name != StageSent || stages[0].Progress != StageDone {
			t.Errorf("%s: it begins with %+v", what, stages[0])
		}
	}
}

func TestRemindersComeOnTheirDays(t *testing.T) {
	t.Parallel()
	last := calendar.NewDate(2026, 6, 24)
	for left, want := range map[int]int{8: -1, 7: 7, 6: 7, 4: 7, 3: 3, 2: 3, 1: 1, 0: 0, -1: -1} {
		since := reminderOf(last, last.Add(-left), RequestReminders)
		if want < 0 != since.IsZero() || want >= 0 && since != last.Add(-want) {
			t.Errorf("%d days before: since %s", left, since)
		}
	}
}
