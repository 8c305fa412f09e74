package indemnity

import (
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// The registers that may have told nothing when an application was sent.
const (
	SilentMembers       = "members"
	SilentContributions = "contributions"
)

// Told tells whether a register had answered.
func (r Registers) Told(register string) bool { return !slices.Contains(r.Silent, register) }

// frozen is what the registers said, as it is kept with an application. That one
// was silent, or knew nothing, is written down: nobody is kept from sending for it.
func (k Known) frozen() Registers {
	r := k.Registers
	if k.MemberErr != nil {
		r.Silent = append(r.Silent, SilentMembers)
	}
	if k.PositionErr != nil {
		r.Silent = append(r.Silent, SilentContributions)
	}
	return r
}

// Reader is how somebody stands to a case.
type Reader string

// The readers. Officers read by services of their own.
const (
	NoReader  Reader = ""
	ItsMember Reader = "member" // or who acts for them under a mandate
	ItsHeir   Reader = "heir"   // who has linked themselves to it
)

// Reader is how an actor stands to the case: the one rule of who of the public opens it.
func (c CaseFile) Reader(who identity.Actor) Reader {
	switch {
	case who.Role == identity.Welfare:
		return NoReader
	case who.For == c.Member.ID:
		return ItsMember
	case slices.ContainsFunc(c.Heirs, func(h Heir) bool { return h.Person.ID == who.For && !h.LinkedAt.IsZero() && h.Removed.IsZero() }):
		return ItsHeir
	}
	return NoReader
}

// Opens tells whether an actor may read the file of a paper of the case: its member and
// who stands for them each of them, an heir those that they brought.
func (c CaseFile) Opens(who identity.Actor, p Paper) bool {
	reader := c.Reader(who)
	return reader == ItsMember || reader == ItsHeir && p.AddedBy == who.Person
}

// Withheld tells whether who opened the case is an heir who stepped into it. They read
// what was declared of the event and which papers came; the account of the deceased, and
// what the ISEE of their household says, are not theirs to know.
func (c CaseFile) Withheld() bool { return c.As != "" && c.Kind == ByMember }

// OwnedByMember tells whether it is the member's own, and they are alive as far as the office
// knows.
func (c CaseFile) OwnedByMember() bool { return c.Kind == ByMember && c.DiedOn.IsZero() }

// ErrNotToWithdraw says that an application cannot be withdrawn any more.
var ErrNotToWithdraw = fault.Refuse("indemnity.not_to_withdraw")

// MayWithdraw tells why an actor cannot withdraw the application: only the member can,
// and only until the office has examined it. Heirs stand in for each other in nothing.
func (c CaseFile) MayWithdraw(who identity.Actor) error {
	if c.Reader(who) != ItsMember || !c.OwnedByMember() || c.State != Submitted && c.State != InReview || c.Paying.Ordered > 0 {
		return ErrNotToWithdraw
	}
	return nil
}

// CaseStanding is the word for a case today: its state, or what the office waits for.
type CaseStanding string

// What a request adds to the states of an application.
const (
	SupplementAsked     CaseStanding = "supplement_asked"     // documenti richiesti
	RegularisationAsked CaseStanding = "regularisation_asked" // regolarizzazione richiesta
	TermOver            CaseStanding = "term_over"            // of a request, unanswered: an officer will decide
	AnswerReceived      CaseStanding = "answer_received"      // risposta ricevuta
)

// Standing is the word for the case at an instant.
func (c CaseFile) Standing(now time.Time) CaseStanding {
	if word := c.Paying.standing(); c.State == Funded && word != "" {
		return word
	}
	if c.State != Submitted && c.State != InReview {
		return CaseStanding(c.State)
	}
	if r := c.Urgent(now); r != nil {
		if r.Kind == Regularisation {
			return RegularisationAsked
		}
		return SupplementAsked
	}
	over, answered := false, false
	for _, r := range c.Requests {
		over = over || r.State == Asked
		answered = r.State == Answered
	}
	switch {
	case over:
		return TermOver
	case answered:
		return AnswerReceived
	}
	return CaseStanding(c.State)
}

// Urgent is the request that an answer is waited for whose term ends first, nil for none.
// One that has reached nobody comes last: its term has not begun. One to another heir
// than who opened the case comes after all that are theirs to answer.
func (c CaseFile) Urgent(now time.Time) (first *Request) {
	if c.State != Submitted && c.State != InReview {
		return nil
	}
	for i, r := range c.Requests {
		if !r.Open(now) {
			continue
		}
		sooner := first == nil || first.DueOn.IsZero() || !r.DueOn.IsZero() && r.DueOn.Before(first.DueOn)
		if first != nil && c.toOther(r) != c.toOther(*first) {
			sooner = c.toOther(*first)
		}
		if sooner {
			first = &c.Requests[i]
		}
	}
	return first
}

// Request is one of the case; fault.ErrNotFound.
func (c CaseFile) Request(id RequestID) (Request, error) {
	i := slices.IndexFunc(c.Requests, func(r Request) bool { return r.ID == id })
	if i < 0 {
		return Request{}, fault.ErrNotFound
	}
	return c.Requests[i], nil
}

// Current are the papers that count today: those that were sent, without those that a
// later one has taken the place of. Of the papers that were sent for one item of a request
// the last answer's count.
func (c CaseFile) Current() []Paper {
	return slices.DeleteFunc(slices.Clone(c.Papers), func(p Paper) bool {
		return p.SentAt.IsZero() || slices.ContainsFunc(c.Papers, func(later Paper) bool {
			return !later.SentAt.IsZero() && (later.Replaces == p.ID || later.again(p))
		})
	})
}

// again tells whether a paper was sent for the same item of a request as another, later.
func (p Paper) again(before Paper) bool {
	return p.Request != "" && p.Request == before.Request && p.Kind == before.Kind && p.Replaces == before.Replaces && p.AddedBy == before.AddedBy && p.SentAt.After(before.SentAt)
}

// Facts is what the case is examined on: what was declared, the papers that count, what
// the registers said, what came of requests, and over all of it what officers found.
func (c CaseFile) Facts() Facts {
	found := c.standing()
	f := c.facts(asRead(c.Current(), found))
	for _, x := range found {
		x.over(&f)
	}
	return f
}

// AsSent is what the case would be examined on if nobody had looked at it.
func (c CaseFile) AsSent() Facts { return c.facts(c.Current()) }

func (c CaseFile) facts(papers []Paper) Facts {
	f := FactsOf(c.ID, c.Answers, papers, c.Registers)
	f.Kind, f.Channel, f.SubmittedAt, f.DiedOn = c.Kind, c.Channel, c.Arrived(), c.DiedOn
	if c.Kind == ByHeirs {
		f.Declarations.TrueCopy, f.Declarations.NoActivity = c.declaredByHeirs(declaresCopies), c.declaredByHeirs(declaresInactivity)
	}
	if f.Applicant == "" {
		f.Applicant = string(c.Member.ID)
	}
	f.DeathCertificate = slices.ContainsFunc(papers, func(p Paper) bool { return p.Kind == DeathCertificate })
	for _, r := range c.Requests {
		if r.State == CalledOff {
			continue
		}
		if r.Kind == Regularisation {
			f.Contribution.RequestedOn = r.ReachedOn
			continue
		}
		if before := f.Supplement; !before.RequestedOn.IsZero() && before.ReceivedOn.IsZero() {
			continue // of several heirs, who has not answered decides
		}
		f.Supplement = SupplementRequest{RequestedOn: r.ReachedOn}
		if r.State == Answered || r.State == Accepted { // what was not enough is as if it had not come
			f.Supplement.ReceivedOn = calendar.On(r.AnsweredAt)
		}
		f.FormalDefects = append(f.FormalDefects, r.unanswered()...)
	}
	return f
}

// Explain is what the call makes of the case, with what is behind each number; others
// are the same member's that have days before it. False where nothing is known of its
// days.
func (c CaseFile) Explain(on calendar.Date, others ...Other) (Explanation, bool) {
	return Explain(&Call{ID: c.Call, Version: c.CallVersion, Rules: c.Rules}, on, c.Facts(), others...)
}

// Stage is a step on the way of an application (PIC-5).
type Stage struct {
	Name     StageName
	Progress Progress
	On       calendar.Date // when it was done, or when it is expected; zero where nobody knows
	From     calendar.Date // of a request: the day on which it reached somebody
	Other    bool          // of a request: to another heir than who opened the case
	LeftOut  bool          // of the ranking: it came out, without the case
}

// StageName says which step it is.
type StageName string

// The stages, in their order.
const (
	StageSent    StageName = "sent"
	StageReview  StageName = "review"
	StageAsked   StageName = "asked"  // a request runs
	StageLate    StageName = "late"   // the term of a request ended without an answer
	StageAnswer  StageName = "answer" // a request was answered
	StageRanking StageName = "ranking"
	StagePayment StageName = "payment"
	StageOrdered StageName = "ordered" // pagamento disposto
	StagePaid    StageName = "paid"
	StageEnd     StageName = "end" // it ended before the ranking
)

// Progress is how far a step has come.
type Progress string

// The progress of a step.
const (
	StageDone Progress = "done"
	StageNow  Progress = "now"
	StageNext Progress = "next"
)

// Stages is the way of the application at an instant, with the dates that the office
// expects.
func (c CaseFile) Stages(now time.Time) []Stage {
	expected := c.Rules.Expected.Is
	all := []Stage{{Name: StageSent, Progress: StageDone, On: calendar.On(c.SubmittedAt)}}
	for _, r := range c.Requests {
		all = append(all, c.asked(r, now)...)
	}
	review := Stage{Name: StageReview, Progress: StageDone}
	ranking := Stage{Name: StageRanking, Progress: StageNext, On: expected.Ranking}
	payment := Stage{Name: StagePayment, Progress: StageNext, On: expected.Payment}
	switch c.State {
	case Submitted, InReview:
		review.Progress = StageNow
		if c.Urgent(now) != nil {
			review.Progress = StageNext
		}
	case Suitable:
		ranking.Progress = StageNow
	case Funded:
		ranking.Progress, ranking.On = StageDone, calendar.Date{}
		return append(append(all, review, ranking), c.Paying.stages(expected.Payment)...)
	case Unfunded:
		ranking.Progress, ranking.On = StageDone, calendar.Date{}
		return append(all, review, ranking, Stage{Name: StageEnd, Progress: StageDone})
	case WithdrawnByMember:
		return append(all, Stage{Name: StageEnd, Progress: StageDone, On: calendar.On(c.WithdrawnAt)})
	default:
		return append(all, Stage{Name: StageEnd, Progress: StageDone})
	}
	if c.LeftOut != nil { // nobody knows when it is held against the last that was paid
		ranking.On, ranking.LeftOut, payment.On = c.LeftOut.On, true, calendar.Date{}
	}
	return append(all, review, ranking, payment)
}

// asked is the step that a request is, none where it is wanted no more.
func (c CaseFile) asked(r Request, now time.Time) []Stage {
	late := !r.DueOn.IsZero() && !now.Before(r.DueOn.End())
	switch {
	case !r.AnsweredAt.IsZero() && r.State != Asked && r.State != LapsedTerm:
		return []Stage{{Name: StageAnswer, Progress: StageDone, On: calendar.On(r.AnsweredAt)}}
	case r.State == LapsedTerm, r.State == Asked && late:
		return []Stage{{Name: StageLate, Progress: StageDone, On: r.DueOn}}
	case r.State == Asked && (c.State == Submitted || c.State == InReview):
		return []Stage{{Name: StageAsked, Progress: StageNow, On: r.DueOn, From: r.ReachedOn, Other: c.toOther(r)}}
	}
	return nil
}
