package voucher

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// ReexaminationStore keeps requests for re-examination and their papers. Every
// write carries its form.
type ReexaminationStore interface {
	// File is an application of a beneficiary; fault.ErrNotFound.
	File(ctx context.Context, of identity.PersonID, id ApplicationID) (CaseFile, error)
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)

	// Draft is the request that somebody is writing; its ID is "" where there is none.
	Draft(ctx context.Context, who identity.Actor, of ApplicationID) (ReviewDraft, error)
	// SaveDraft keeps it.
	SaveDraft(ctx context.Context, who identity.Actor, d ReviewDraft) error
	// Ask makes a request of a draft, with its protocol number and the money kept back
	// for it: keep tells how much, from what is left of the territory.
	Ask(ctx context.Context, form once.Form, r Reexamination, e audit.Entry, keep func(left money.Amount) money.Amount) error

	// Of lists the requests about an application, newest first.
	Of(ctx context.Context, of ApplicationID) ([]Reexamination, error)
	// Reexamination is one with its application, for who is to judge it;
	// fault.ErrNotFound.
	Reexamination(ctx context.Context, id ReexaminationID) (ReviewCase, error)
	// Worklist is a page of the requests in some states, the nearest term first, with
	// how many there are in each.
	Worklist(ctx context.Context, ask ReviewList) (ReviewPage, error)
	// Change locks a request with its application and saves what is decided of it.
	Change(ctx context.Context, form once.Form, id ReexaminationID, decide func(ReviewCase) (ReviewDecision, error)) error
	// Promise is Change for what keeps money back: decide is told what is left of a
	// territory, "" for that of the application, and nobody else is promised it meanwhile.
	Promise(ctx context.Context, form once.Form, id ReexaminationID, territory string, decide func(c ReviewCase, left money.Amount) (ReviewDecision, error)) error

	// Papers lists what was handed in with a request or a draft, by its id.
	Papers(ctx context.Context, subject string) ([]Paper, error)
	// Paper is one of them, with the application it belongs to; fault.ErrNotFound.
	Paper(ctx context.Context, id string) (Paper, error)
	// AddPaper seals and keeps one; the same file twice is kept once.
	AddPaper(ctx context.Context, form once.Form, p Paper, f document.File, most document.Limits, e audit.Entry) error
	// RemovePaper takes one away from a draft.
	RemovePaper(ctx context.Context, form once.Form, id string, e audit.Entry) error
	// OpenPaper reads one, with the entry that it was opened. It is whole when it was
	// read to io.EOF.
	OpenPaper(ctx context.Context, id string, e audit.Entry) (io.Reader, error)
	// Openings lists who of the office opened the papers of a request.
	Openings(ctx context.Context, of ReexaminationID) ([]Opening, error)
	// See writes that a request was looked at.
	See(ctx context.Context, e audit.Entry) error
}

// Reexaminations is the requests to look at an outcome again (riesame): the citizen
// asks, one officer proposes, another decides; what is granted is put right in the
// application, for a corrected ranking to see.
type Reexaminations struct {
	ReexaminationStore
	now  func() time.Time
	most func(context.Context) document.Limits
}

// NewReexaminations is the service on a store, with a clock.
func NewReexaminations(s ReexaminationStore, now func() time.Time) *Reexaminations {
	return &Reexaminations{s, now, func(context.Context) document.Limits { return document.Usual }}
}

// Within is the service with limits of its own for the papers of a request.
func (s *Reexaminations) Within(most func(context.Context) document.Limits) *Reexaminations {
	return &Reexaminations{s.ReexaminationStore, s.now, most}
}

// mine is the application that the actor stands for.
func (s *Reexaminations) mine(ctx context.Context, who identity.Actor, id ApplicationID) (CaseFile, []Reexamination, error) {
	if who.Role != identity.Citizen {
		return CaseFile{}, nil, fault.ErrNotFound
	}
	file, err := s.File(ctx, who.For, id)
	if err != nil {
		return file, nil, err
	}
	all, err := s.Of(ctx, id)
	return file, all, err
}

// Write keeps what somebody has written so far of a request. The draft has the id
// that the request will have, so that papers find it.
func (s *Reexaminations) Write(ctx context.Context, who identity.Actor, id ApplicationID, motive Motive, text string) (ReviewDraft, error) {
	file, all, err := s.mine(ctx, who, id)
	if err != nil {
		return ReviewDraft{}, err
	}
	if err := file.MayAskReview(all, calendar.On(s.now())); err != nil {
		return ReviewDraft{}, err
	}
	d, err := s.Draft(ctx, who, id)
	if err != nil {
		return d, err
	}
	if d.ID == "" {
		d.ID, d.Application = ReexaminationID(uuid.NewString()), id
	}
	d.Motive, d.Text, d.SavedAt = motive, text, s.now()
	if err := d.check(); err != nil {
		return d, err
	}
	return d, s.SaveDraft(ctx, who, d)
}

// Hand adds a paper to a draft.
func (s *Reexaminations) Hand(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID, f document.File) error {
	if _, err := s.File(ctx, who.For, id); err != nil {
		return err
	}
	d, err := s.Draft(ctx, who, id)
	switch {
	case err != nil:
		return err
	case d.ID == "":
		return ErrReviewNoDraft
	}
	p := Paper{ID: uuid.NewString(), Subject: string(d.ID), Owner: who.For, Name: f.Name, Type: f.Type, Size: f.Size, At: s.now()}
	return s.AddPaper(ctx, form, p, f, s.most(ctx), audit.Entry{At: s.now(), Actor: who, Action: PaperHanded, Subject: p.ID, About: who.For})
}

// TakeBack removes a paper from a draft. What was sent stays.
func (s *Reexaminations) TakeBack(ctx context.Context, who identity.Actor, form once.Form, paper string) error {
	p, err := s.OwnPaper(ctx, who, paper)
	switch {
	case err != nil:
		return err
	case p.Sent:
		return ErrPaperSent
	}
	return s.RemovePaper(ctx, form, paper, audit.Entry{At: s.now(), Actor: who, Action: PaperTakenBack, Subject: paper, About: p.Owner})
}

// OwnPaper is a paper of whom the actor stands for; fault.ErrNotFound. A draft is
// seen by who writes it alone.
func (s *Reexaminations) OwnPaper(ctx context.Context, who identity.Actor, paper string) (Paper, error) {
	p, err := s.Paper(ctx, paper)
	if err == nil && (who.Role != identity.Citizen || p.Owner != who.For || !p.Sent && p.Writer != who.Person) {
		return Paper{}, fault.ErrNotFound
	}
	return p, err
}

// Read opens a paper, for whom it is of or for an officer. It is written down, and
// its owner reads who did.
func (s *Reexaminations) Read(ctx context.Context, who identity.Actor, paper string) (Paper, io.Reader, error) {
	p, err := s.Paper(ctx, paper)
	switch {
	case err != nil:
		return p, nil, err
	case who.Role == identity.INPS && p.Sent && (who.Has(identity.Prepare) || who.Has(identity.Approve)):
	default:
		if p, err = s.OwnPaper(ctx, who, paper); err != nil {
			return p, nil, err
		}
	}
	content, err := s.OpenPaper(ctx, paper, audit.Entry{At: s.now(), Actor: who, Action: PaperOpened, Subject: paper, About: p.Owner})
	return p, content, err
}

// Ask sends the draft of a request.
func (s *Reexaminations) Ask(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID) (ReexaminationID, error) {
	if outcome, done, err := s.Outcome(ctx, form); done || err != nil {
		return ReexaminationID(outcome), err
	}
	file, all, err := s.mine(ctx, who, id)
	if err != nil {
		return "", err
	}
	d, err := s.Draft(ctx, who, id)
	if err != nil {
		return "", err
	}
	r, err := file.AskReview(d, all, who, s.now())
	if err != nil {
		return "", err
	}
	return r.ID, s.ReexaminationStore.Ask(ctx, form, r, r.entry(who, ReexaminationAsked, file.Application.Beneficiary, s.now()),
		func(left money.Amount) money.Amount { return file.keepFor(file.Application, left) })
}

// Withdraw takes a request back, while nobody has decided it.
func (s *Reexaminations) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id ReexaminationID) error {
	return s.Change(ctx, form, id, func(c ReviewCase) (ReviewDecision, error) {
		return c.Withdraw(who, s.now())
	})
}

// Propose writes how a request should end.
func (s *Reexaminations) Propose(ctx context.Context, who identity.Actor, form once.Form, id ReexaminationID, p ReviewProposal) error {
	if !p.Grant {
		return s.Change(ctx, form, id, func(c ReviewCase) (ReviewDecision, error) { return c.Propose(p, who, 0, s.now()) })
	}
	return s.Promise(ctx, form, id, p.Correction.Territory, func(c ReviewCase, left money.Amount) (ReviewDecision, error) {
		return c.Propose(p, who, left, s.now())
	})
}

// Decide ends a request as it was proposed, by another person.
func (s *Reexaminations) Decide(ctx context.Context, who identity.Actor, form once.Form, id ReexaminationID, version int64) error {
	return s.Change(ctx, form, id, func(c ReviewCase) (ReviewDecision, error) {
		return c.Decide(version, who, s.now())
	})
}

// Return sends a proposal back to be thought over.
func (s *Reexaminations) Return(ctx context.Context, who identity.Actor, form once.Form, id ReexaminationID, version int64, why string) error {
	return s.Change(ctx, form, id, func(c ReviewCase) (ReviewDecision, error) {
		return c.Return(version, why, who, s.now())
	})
}

// Case is a request as an officer opens it: that they did is written down.
func (s *Reexaminations) Case(ctx context.Context, who identity.Actor, id ReexaminationID) (ReviewCase, error) {
	if err := works(who); err != nil {
		return ReviewCase{}, err
	}
	c, err := s.Reexamination(ctx, id)
	if err != nil {
		return c, err
	}
	return c, s.See(ctx, c.entry(who, ReexaminationSeen, c.File.Application.Beneficiary, s.now()))
}
