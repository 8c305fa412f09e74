package indemnity

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What is written in the register about applications. The subject is the case.
const (
	ApplicationSent      audit.Action = "indemnity.sent"
	ApplicationSentLate  audit.Action = "indemnity.sent_late" // refused: the term was over
	ApplicationWithdrawn audit.Action = "indemnity.withdrawn"
	CaseSeen             audit.Action = "indemnity.case_seen" // by who stands for the member, or an heir
)

// Why a draft is not sent.
var (
	ErrTooEarly      = fault.Refuse("indemnity.too_early")     // the event has not ended: see Standing.From
	ErrTooLate       = fault.Refuse("indemnity.too_late")      // the term is over
	ErrEndUnknown    = fault.Refuse("indemnity.end_unknown")   // nobody knows when the event ends
	ErrCallToCome    = fault.Refuse("indemnity.call_to_come")  // its own call was not published yet
	ErrIncomplete    = fault.Refuse("indemnity.incomplete")    // parts are to be done: see Draft.Missing
	ErrPapersMissing = fault.Refuse("indemnity.papers_wanted") // see Draft.MissingPapers
	ErrCallMoved     = fault.Stale("indemnity.call_moved")     // another version of its call came into force
)

// ApplicationStore keeps what was sent. Every write carries its form: one that was
// stored before is not acted on again.
type ApplicationStore interface {
	// CaseFile is a case with all that belongs to it; fault.ErrNotFound.
	CaseFile(ctx context.Context, id CaseID) (CaseFile, error)
	// CasesOf are those of which somebody is the member, or an heir who has linked
	// themselves, last sent first.
	CasesOf(ctx context.Context, person identity.PersonID) ([]CaseFile, error)
	// Receive makes an application of a draft, with the papers that have their file,
	// under a number of the protocol. The draft, locked, and the periods that its member
	// has applied for are judged first, and its version of the call must be the one in
	// force: ErrCallMoved. The draft holds no answers afterwards.
	Receive(ctx context.Context, form once.Form, c CaseFile, judge func(Draft, []Applied) error, e audit.Entry) error
	// ChangeCase locks a case, asks for a decision on what it then is, and saves it: the
	// outcome is what came of the form.
	ChangeCase(ctx context.Context, form once.Form, now time.Time, id CaseID, decide func(CaseFile) (CaseChange, error)) (outcome string, err error)
	// Written are the messages to a reader about a case, newest first.
	Written(ctx context.Context, reader identity.PersonID, id CaseID) ([]Written, error)
	// Issued is when the document with a number and a check code was issued;
	// fault.ErrNotFound.
	Issued(ctx context.Context, protocol, code string) (time.Time, error)
	// Running are the cases with a request whose term runs and that was not answered,
	// with when who applied was last reminded, by request.
	Running(ctx context.Context, today calendar.Date) ([]CaseFile, map[RequestID]calendar.Date, error)
	// RemindRequest notes that who applied is reminded of a request on a day, once a day.
	RemindRequest(ctx context.Context, id RequestID, on calendar.Date, e audit.Entry) (first bool, err error)
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)
}

// CaseChange is what an act makes of a case: all of it is saved, or nothing. One without
// an entry changes nothing.
type CaseChange struct {
	State       State // "" where it stays
	WithdrawnAt time.Time
	Officer     identity.PersonID // "" where it stays
	Request     *Request          // that is new or has changed
	Answer      bool              // the answer to the request is sent, and its papers with it
	Judged      *Judgement        // of the last answer to the request
	SetOff      *SetOff           // that who applied is told of
	CallOff     bool              // whatever else was asked for is not wanted any more
	Lapse       bool              // what was asked for and not answered in its term has lapsed
	Finding     *Finding          // that is new
	Decision    *Decision         // that is new or has changed
	Read        DecisionID        // that who applied has opened; "" for none
	RecoverBy   calendar.Date     // last day to give back what was paid, of a decision that revokes it
	Outcome     string            // of the form
	Tell        bool              // people are told
	Entry       audit.Entry
}

// Written is a message of the portal about a case.
type Written struct {
	ID      string
	Subject string
	SentAt  time.Time
	Mailed  bool
	Read    bool
}

// Applications is how drafts are sent, and what becomes of them.
type Applications struct {
	ApplicationStore
	drafts *Drafts
	random io.Reader
	now    func() time.Time
}

// NewApplications is the service on a store and the drafts, with a source of chance
// and a clock.
func NewApplications(s ApplicationStore, d *Drafts, random io.Reader, now func() time.Time) *Applications {
	return &Applications{s, d, random, now}
}

func (s *Applications) entry(who identity.Actor, action audit.Action, subject string, of CaseFile) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: action, Subject: subject, About: of.Member.ID}
}

// Send makes an application of a draft. What its reader was shown is named by its mark
// (see Draft.Mark): ErrDraftMoved when it has changed since. What counts is the instant
// at which the form arrived: from the day after the event to the last second of the
// term, which is counted once and kept. That a register is silent, or says that somebody
// owes, keeps nobody from sending. A draft that was sent before gives the application
// that it is; first is false then.
func (s *Applications) Send(ctx context.Context, who identity.Actor, form once.Form, id CaseID, mark string) (first bool, err error) {
	now := s.now().UTC().Truncate(time.Microsecond) // as the database keeps it
	if _, done, err := s.Outcome(ctx, form); done || err != nil {
		return true, err
	}
	for range judgedAgain {
		if first, err = s.sendAt(ctx, now, who, form, id, mark); !errors.Is(err, ErrCallMoved) {
			break
		}
	}
	return first, err
}

// judgedAgain is how often a draft is judged whose call changes while it is sent: that
// keeps nobody from sending at the last second.
const judgedAgain = 3

func (s *Applications) sendAt(ctx context.Context, now time.Time, who identity.Actor, form once.Form, id CaseID, mark string) (first bool, err error) {
	d, err := s.drafts.Draft(ctx, who, id)
	if err != nil {
		return false, err
	}
	if !d.SentAt.IsZero() {
		_, first, err = s.Outcome(ctx, form)
		return first, err
	}
	calls, err := s.drafts.CallsInForce(ctx)
	if err == nil && len(calls) == 0 {
		err = ErrNoCall
	}
	if err != nil {
		return false, err
	}
	standing := Stand(calls, d, now)
	e := audit.Entry{At: now, Actor: who, Action: ApplicationSent, Subject: string(id), About: d.Member}
	if err := d.maySend(standing, calendar.On(now)); err != nil {
		if errors.Is(err, ErrTooLate) { // when it was last saved stands in the draft
			e.Action = ApplicationSentLate
			return false, errors.Join(err, s.See(ctx, e))
		}
		return false, err
	}
	known, err := s.drafts.Known(ctx, who)
	if err != nil {
		return false, err
	}
	c := CaseFile{
		ID: d.ID, Call: standing.Call.ID, CallVersion: standing.Call.Version, Member: identity.Person{ID: d.Member}, Kind: ByMember, Channel: Portal,
		Sender: who.Person, SubmittedAt: now, TermEndedOn: standing.Last(), Answers: d.Answers, Declarations: d.declared(&standing.Call.Rules),
		Registers: known.frozen(), Papers: withFile(d.Papers), State: Submitted,
	}
	c.Digest = c.Seal()
	if c.CheckCode, err = newCheckCode(s.random); err != nil {
		return false, err
	}
	return true, s.Receive(ctx, form, c, func(now Draft, applied []Applied) error {
		if !now.SentAt.IsZero() {
			return ErrDraftSent
		}
		if now.Mark() != mark || now.Version != d.Version {
			return ErrDraftMoved
		}
		for _, other := range applied {
			if d.Answers.shares(other) {
				return TakenError{other.Protocol}
			}
		}
		return nil
	}, e)
}

// MaySend tells why a draft cannot be sent at an instant, as it stands by then.
func (d Draft) MaySend(s Standing, now time.Time) error { return d.maySend(s, calendar.On(now)) }

func (d Draft) maySend(s Standing, today calendar.Date) error {
	rules := &s.Call.Rules
	switch {
	case s.When == WhenUnknown:
		return ErrEndUnknown
	case s.When == WhenEarly:
		return ErrTooEarly
	case s.When == WhenLate:
		return ErrTooLate
	case !s.Own:
		return ErrCallToCome
	case len(d.Missing(rules, today)) > 0:
		return ErrIncomplete
	case slices.ContainsFunc(d.MissingPapers(rules), func(m Missing) bool { return m.Lack == LackInadmissible }):
		return ErrPapersMissing
	}
	return nil
}

// withFile are the papers that are sent: one without its file stays behind.
func withFile(papers []Paper) []Paper {
	return slices.DeleteFunc(slices.Clone(papers), func(p Paper) bool { return p.Attachment == "" })
}

// declared freezes the words of the declarations that were made.
func (d Draft) declared(r *RuleSet) (made []Declared) {
	for _, x := range r.Declarations.Is {
		if slices.Contains(d.Answers.Declared, x.Mark()) {
			made = append(made, Declared{x.ID, x.Version, x.Whole(), d.Answers.DeclaredAt})
		}
	}
	return made
}

// CaseFile is a case that the actor may open, as its member, for them, or as an heir;
// fault.ErrNotFound. That somebody else than the member looked is written down.
func (s *Applications) CaseFile(ctx context.Context, who identity.Actor, id CaseID) (CaseFile, error) {
	c, err := s.ApplicationStore.CaseFile(ctx, id)
	if err == nil && c.Reader(who) == NoReader {
		err = fault.ErrNotFound
	}
	if err == nil && who.Person != c.Member.ID {
		err = s.See(ctx, s.entry(who, CaseSeen, string(id), c))
	}
	if err != nil {
		return CaseFile{}, err
	}
	c.As = c.asHeir(who)
	c.Paying = c.Paying.as(c.As)
	return c, nil
}

// Mine are the cases of the actor, of whom they stand for, or of which they are heirs.
func (s *Applications) Mine(ctx context.Context, who identity.Actor) ([]CaseFile, error) {
	all, err := s.CasesOf(ctx, who.For)
	for i, c := range all {
		all[i].As = c.asHeir(who)
		all[i].Paying = c.Paying.as(all[i].As)
	}
	return all, err
}

// Explained is what the call makes of a case today, after the other cases of its member
// that have days before it. False where nothing is known of its days.
func (s *Applications) Explained(ctx context.Context, c CaseFile) (Explanation, bool, error) {
	others, err := s.others(ctx, c)
	if err != nil {
		return Explanation{}, false, err
	}
	e, known := c.Explain(calendar.On(s.now()), others...)
	return e, known, nil
}

// others are the other cases of the same member that may have days before a case.
func (s *Applications) others(ctx context.Context, c CaseFile) ([]Other, error) {
	all, err := s.CasesOf(ctx, c.Member.ID)
	return others(all, c.Member.ID, c.ID), err
}

// Withdraw takes an application back: the office examines it no more, and what was asked
// for is not wanted any more. It is told until when another can be sent.
func (s *Applications) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id CaseID) error {
	_, err := s.ChangeCase(ctx, form, s.now(), id, func(c CaseFile) (CaseChange, error) {
		if c.Reader(who) == NoReader {
			return CaseChange{}, fault.ErrNotFound
		}
		if err := c.MayWithdraw(who); err != nil {
			return CaseChange{}, err
		}
		return CaseChange{State: WithdrawnByMember, WithdrawnAt: s.now(), CallOff: true, Tell: true, Entry: s.entry(who, ApplicationWithdrawn, string(id), c)}, nil
	})
	return err
}

// Verify tells when the document with a number of the protocol and a check code was
// issued (P-15); fault.ErrNotFound, whichever of the two is wrong.
func (s *Applications) Verify(ctx context.Context, protocol, code string) (time.Time, error) {
	return s.Issued(ctx, readProtocol(protocol), readCheckCode(code))
}
