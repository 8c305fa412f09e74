package indemnity

import (
	"context"
	"errors"
	"io"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// ReexaminationStore keeps requests for re-examination and their papers. Every write
// carries its form: one that was stored before is not acted on again.
type ReexaminationStore interface {
	// Reviewable is a case with what may be looked at again; fault.ErrNotFound.
	Reviewable(ctx context.Context, id CaseID) (Reviewable, error)
	// Draft is the request that somebody is writing; its ID is "" where there is none.
	Draft(ctx context.Context, writer identity.PersonID, of CaseID) (ReviewDraft, error)
	// SaveDraft keeps it.
	SaveDraft(ctx context.Context, writer identity.PersonID, d ReviewDraft) error
	// Ask makes a request of a draft, under a number of the protocol: ask judges the case
	// as it then is, with what is left of its call, of which nobody else is promised any
	// meanwhile.
	Ask(ctx context.Context, form once.Form, now time.Time, of CaseID, ask func(v Reviewable, left money.Amount) (Reexamination, audit.Entry, error)) error

	// Reexamination is one with what it is about, for who is to judge it; fault.ErrNotFound.
	Reexamination(ctx context.Context, id ReexaminationID) (ReviewCase, error)
	// Worklist is a page of the requests in some states, the nearest term first, with how
	// many there are in each.
	Worklist(ctx context.Context, ask ReviewList) (ReviewPage, error)
	// Change locks a request and its case, and saves what is decided of both.
	Change(ctx context.Context, form once.Form, now time.Time, id ReexaminationID, decide func(ReviewCase) (ReviewDecision, error)) error
	// Receipt notes that the office read a request, the first time that it does.
	Receipt(ctx context.Context, id ReexaminationID, e audit.Entry) error

	// Papers are what was handed in with a request or a draft.
	Papers(ctx context.Context, subject ReexaminationID) ([]ReviewPaper, error)
	// Paper is one of them; fault.ErrNotFound.
	Paper(ctx context.Context, id string) (ReviewPaper, error)
	// AddPaper seals and keeps one; the same file twice is kept once: document.ErrTooMany.
	AddPaper(ctx context.Context, form once.Form, p ReviewPaper, f document.File, most document.Limits, e audit.Entry) error
	// RemovePaper takes one away from a draft.
	RemovePaper(ctx context.Context, form once.Form, id string, e audit.Entry) error
	// OpenPaper reads one, with the entry that it was opened.
	OpenPaper(ctx context.Context, id string, e audit.Entry) (io.Reader, error)
	// Openings are when the office opened the papers of a request, newest first.
	Openings(ctx context.Context, of ReexaminationID) ([]ReviewOpening, error)
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)
	// See writes that a request was looked at.
	See(ctx context.Context, e audit.Entry) error

	HealthStore
}

// ReviewList asks for a page of the requests in some states.
type ReviewList struct {
	States []ReviewState
	Page   int
}

// ReviewsPerPage is how many requests a page of the list has.
const ReviewsPerPage = 20

// ReviewPage is what the list answers.
type ReviewPage struct {
	Lines  []ReviewLine
	Total  int
	Counts map[ReviewState]int // of all requests
}

// ReviewLine is a request on the list: no names.
type ReviewLine struct {
	ID       ReexaminationID
	Protocol string
	Of       string // protocol number of the application
	Call     CallID
	Motive   ReviewMotive
	State    ReviewState
	AskedAt  time.Time
	DecideBy calendar.Date
}

// Reexaminations is the requests to look at an outcome again (riesame): who applied asks,
// one officer proposes, another decides.
type Reexaminations struct {
	ReexaminationStore
	cases  *Applications
	random io.Reader
	now    func() time.Time
	most   func(context.Context) document.Limits
}

// NewReexaminations is the service on a store and the applications, with a source of chance
// and a clock.
func NewReexaminations(s ReexaminationStore, a *Applications, random io.Reader, now func() time.Time) *Reexaminations {
	return &Reexaminations{s, a, random, now, func(context.Context) document.Limits { return document.Usual }}
}

// Within is the service with limits of its own for the papers of a request.
func (s *Reexaminations) Within(most func(context.Context) document.Limits) *Reexaminations {
	return &Reexaminations{s.ReexaminationStore, s.cases, s.random, s.now, most}
}

// Of is a case that the actor may open, with its requests: see Applications.CaseFile.
func (s *Reexaminations) Of(ctx context.Context, who identity.Actor, id CaseID) (Reviewable, error) {
	v, err := s.Reviewable(ctx, id)
	if err == nil && v.Reader(who) == NoReader {
		err = fault.ErrNotFound
	}
	if err == nil && who.Person != v.Member.ID {
		err = s.See(ctx, s.cases.entry(who, CaseSeen, string(id), v.CaseFile))
	}
	if err != nil {
		return Reviewable{}, err
	}
	v.As = v.asHeir(who)
	return v, nil
}

// Write keeps what somebody has written so far of a request. The draft has the id that the
// request will have, so that papers find it.
func (s *Reexaminations) Write(ctx context.Context, who identity.Actor, id CaseID, motive ReviewMotive, text string) error {
	v, err := s.Of(ctx, who, id)
	if err != nil {
		return err
	}
	if err := v.MayAskReview(calendar.On(s.now())); err != nil {
		return err
	}
	d, err := s.Draft(ctx, who.Person, id)
	if err != nil {
		return err
	}
	if d.ID == "" {
		d.ID, d.Case = ReexaminationID(newID()), id
	}
	d.Motive, d.Text, d.SavedAt = motive, text, s.now()
	if err := d.check(v); err != nil {
		return err
	}
	return s.SaveDraft(ctx, who.Person, d)
}

// Ask sends the draft of a request, and keeps money back for it.
func (s *Reexaminations) Ask(ctx context.Context, who identity.Actor, form once.Form, id CaseID) error {
	if _, done, err := s.Outcome(ctx, form); done || err != nil {
		return err
	}
	v, err := s.Of(ctx, who, id)
	if err != nil {
		return err
	}
	d, err := s.Draft(ctx, who.Person, id)
	if err != nil {
		return err
	}
	others, err := s.cases.others(ctx, v.CaseFile)
	if err != nil {
		return err
	}
	now := s.now()
	o := examine(v.CaseFile, others, calendar.On(now))
	return s.ReexaminationStore.Ask(ctx, form, now, id, func(v Reviewable, left money.Amount) (Reexamination, audit.Entry, error) {
		r, err := v.AskReview(d, who, now)
		if err == nil {
			r.CheckCode, err = newCheckCode(s.random)
		}
		r.SetAside = v.keepFor(o.Sent, o.Found, left)
		return r, r.entry(who, ReexaminationAsked, v.Member.ID, now), err
	})
}

// Withdraw takes a request back, while nobody has decided it.
func (s *Reexaminations) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id ReexaminationID) error {
	return s.Change(ctx, form, s.now(), id, func(c ReviewCase) (ReviewDecision, error) { return c.Withdraw(who, s.now()) })
}

// Open is a request as an officer opens it: that they did is written down, and the first
// time is the receipt that who asked sees.
func (s *Reexaminations) Open(ctx context.Context, who identity.Actor, id ReexaminationID) (ReviewCase, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return ReviewCase{}, err
	}
	c, err := s.Reexamination(ctx, id)
	if err != nil {
		return c, err
	}
	if c.State.Open() && c.ReadAt.IsZero() && !errors.Is(c.judged(who), ErrOwnCase) {
		if err := s.Receipt(ctx, id, c.entry(who, ReexaminationRead, c.File.Member.ID, s.now())); err != nil {
			return c, err
		}
		return s.Reexamination(ctx, id)
	}
	return c, s.See(ctx, c.entry(who, ReexaminationSeen, c.File.Member.ID, s.now()))
}

// Propose writes how a request should end.
func (s *Reexaminations) Propose(ctx context.Context, who identity.Actor, form once.Form, id ReexaminationID, p ReviewProposal) error {
	return s.Change(ctx, form, s.now(), id, func(c ReviewCase) (ReviewDecision, error) { return c.Propose(p, who, s.now()) })
}

// Decide ends a request as it was proposed, by another person: the letter gets a number of
// the protocol, and who asked is told.
func (s *Reexaminations) Decide(ctx context.Context, who identity.Actor, form once.Form, id ReexaminationID, version int64) error {
	return s.Change(ctx, form, s.now(), id, func(c ReviewCase) (ReviewDecision, error) {
		d, err := c.Decide(version, who, s.now())
		if err == nil {
			d.Reexamination.AnswerCode, err = newCheckCode(s.random)
		}
		if err == nil && d.Again != nil {
			d.Again.CheckCode, err = newCheckCode(s.random)
		}
		return d, err
	})
}

// Return sends a proposal back to be thought over.
func (s *Reexaminations) Return(ctx context.Context, who identity.Actor, form once.Form, id ReexaminationID, version int64, why string) error {
	return s.Change(ctx, form, s.now(), id, func(c ReviewCase) (ReviewDecision, error) { return c.Return(version, why, who, s.now()) })
}

// Hand adds a paper to a draft.
func (s *Reexaminations) Hand(ctx context.Context, who identity.Actor, form once.Form, id CaseID, f document.File) error {
	v, err := s.Of(ctx, who, id)
	if err != nil {
		return err
	}
	d, err := s.Draft(ctx, who.Person, id)
	switch {
	case err != nil:
		return err
	case d.ID == "":
		return ErrReviewNoDraft
	}
	p := ReviewPaper{ID: newID(), Subject: d.ID, Owner: v.Member.ID, Name: f.Name, Type: f.Type, Size: f.Size, At: s.now()}
	return s.AddPaper(ctx, form, p, f, s.most(ctx), s.paperEntry(who, PaperHanded, p))
}

// TakeBack removes a paper from a draft. What was sent stays.
func (s *Reexaminations) TakeBack(ctx context.Context, who identity.Actor, form once.Form, paper string) error {
	p, err := s.OwnPaper(ctx, who, paper)
	switch {
	case err != nil:
		return err
	case p.Sent:
		return ErrReviewPaperSent
	}
	return s.RemovePaper(ctx, form, paper, s.paperEntry(who, PaperRemoved, p))
}

// OwnPaper is a paper that the actor reads of a case of theirs; fault.ErrNotFound.
func (s *Reexaminations) OwnPaper(ctx context.Context, who identity.Actor, paper string) (ReviewPaper, error) {
	p, err := s.Paper(ctx, paper)
	if err != nil {
		return p, err
	}
	v, err := s.Reviewable(ctx, p.Case)
	if err != nil {
		return p, err
	}
	if !v.Reads(who, p) {
		return ReviewPaper{}, fault.ErrNotFound
	}
	return p, nil
}

// MayRead tells why an officer cannot open a paper that was sent with a request: it may be
// about somebody's health, and is before whom the health papers of the case are.
func (s *Reexaminations) MayRead(ctx context.Context, who identity.Actor, p ReviewPaper) error {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return err
	}
	c, err := s.Folder(ctx, p.Case)
	if err != nil {
		return err
	}
	return healthShown(ctx, s, who, c, s.now())
}

// Read opens a paper, for whom it is of or for an officer. It is written down, and who
// asked reads who of the office did.
func (s *Reexaminations) Read(ctx context.Context, who identity.Actor, paper string) (ReviewPaper, io.Reader, error) {
	p, err := s.Paper(ctx, paper)
	switch {
	case err != nil:
		return p, nil, err
	case p.Sent && who.Must(identity.Welfare, identity.Prepare, identity.Approve) == nil:
		if err := s.MayRead(ctx, who, p); err != nil {
			return p, nil, err
		}
	default:
		if p, err = s.OwnPaper(ctx, who, paper); err != nil {
			return p, nil, err
		}
	}
	content, err := s.OpenPaper(ctx, paper, s.paperEntry(who, PaperOpened, p))
	return p, content, err
}

func (s *Reexaminations) paperEntry(who identity.Actor, what audit.Action, p ReviewPaper) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: what, Subject: p.ID, About: p.Owner}
}
