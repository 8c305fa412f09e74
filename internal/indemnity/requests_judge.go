package indemnity

import (
	"context"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// AnswerJudged is written in the register when an officer says what an answer is worth.
// The subject is the request.
const AnswerJudged audit.Action = "indemnity.answer_judged"

// Why an answer is not judged.
var (
	ErrNoAnswer     = fault.Refuse("indemnity.no_answer") // none was sent, or nobody waits for one any more
	ErrAnswerNewer  = fault.Stale("indemnity.answer_newer")
	ErrJudgementWhy = fault.Invalid("indemnity.judgement_why")
	ErrJudgement    = fault.Invalid("indemnity.judgement")
)

// SentAnswer is an answer as it was sent. Its papers are those of the request that were
// sent at the same instant.
type SentAnswer struct {
	Number   int               `json:"number"` // from 1
	Says     RequestAnswer     `json:"says"`
	At       time.Time         `json:"at"`
	By       identity.PersonID `json:"by"`
	Protocol string            `json:"protocol"`
	Judged   []Judgement       `json:"judged"` // the oldest first
}

// Judgement is what an officer made of an answer.
type Judgement struct {
	Verdict RequestState      `json:"verdict"` // Accepted or Insufficient
	Why     string            `json:"why"`     // it was not enough
	By      identity.PersonID `json:"by"`
	Name    string            `json:"name"`
	At      time.Time         `json:"at"`
}

// Last is the answer that counts, the last that was sent; nil for none.
func (r Request) Last() *SentAnswer {
	if n := len(r.Answers); n > 0 {
		return &r.Answers[n-1]
	}
	return nil
}

// Verdict is what was made of the answer last; the zero Judgement while nobody has judged
// it.
func (a SentAnswer) Verdict() Judgement {
	if n := len(a.Judged); n > 0 {
		return a.Judged[n-1]
	}
	return Judgement{}
}

// MayJudge tells why somebody cannot say what the answer to a request is worth. They may
// change their mind until the case is decided.
func (c CaseFile) MayJudge(who identity.Actor, r Request) error {
	if err := c.MayFind(who); err != nil {
		return err
	}
	if r.Last() == nil || r.State == CalledOff || r.State == LapsedTerm {
		return ErrNoAnswer
	}
	return nil
}

// Judge says what the answer to a request is worth, as its reader saw the case and the
// answer, by its number of the protocol. One that is not enough while the term runs leaves
// the request open: who applied has their days to the end (R40). After it there is no
// other term, and forfeiture is proposed by an act of its own (R41).
func (s *Desk) Judge(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64, request RequestID, answer string, verdict RequestState, why string) error {
	why = strings.TrimSpace(why)
	return s.rule(ctx, who, form, id, version, func(o Opened) (CaseChange, error) {
		r, err := o.Request(request)
		if err == nil {
			err = o.MayJudge(who, r)
		}
		switch {
		case err != nil:
			return CaseChange{}, err
		case r.Last().Protocol != answer:
			return CaseChange{}, ErrAnswerNewer
		case verdict != Accepted && verdict != Insufficient:
			return CaseChange{}, ErrJudgement
		case verdict == Accepted:
			why = ""
		case why == "":
			return CaseChange{}, ErrJudgementWhy
		case len([]rune(why)) > NoteLength:
			return CaseChange{}, ErrNoteLong
		}
		now := s.now()
		r.State = verdict
		if verdict == Insufficient && !r.Late(now) {
			r.State = Asked
		}
		return CaseChange{State: InReview, Request: &r, Judged: &Judgement{Verdict: verdict, Why: why, By: who.Person, At: now}, Tell: true,
			Entry: s.cases.entry(who, AnswerJudged, string(request), o.CaseFile)}, nil
	})
}

// Delivery is a message about a request, and what became of it.
type Delivery struct {
	Reader string // name of who it is to
	Kind   string // of the message
	At     time.Time
	ReadAt time.Time // in the portal; zero while they have not
	Mail   MailState
}

// MailState is what the portal knows of a mail: that the server of its reader has taken
// it tells it, and what comes back to the sender it does not read.
type MailState string

// The states of a mail.
const (
	MailSent    MailState = "sent"    // a mail server has taken it
	MailWaits   MailState = "waits"   // it is on its way, or tried again
	MailFailed  MailState = "failed"  // it was given up
	MailNowhere MailState = "nowhere" // its reader has given no address
)

// unanswered are the codes of what a request asks for and has not got: each is a formal
// defect of the application (R40).
func (r Request) unanswered() (codes []string) {
	if r.Kind != Supplement || slices.Contains([]RequestState{Answered, Accepted, CalledOff}, r.State) {
		return nil
	}
	for _, i := range r.Items {
		codes = append(codes, i.Code)
	}
	return codes
}
