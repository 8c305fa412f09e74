package indemnity

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// LongestNote is how many characters a note to an item may have.
const LongestNote = 2000

// SaveAnswer keeps what is written in answer to a request, as it was read in a version:
// ErrAnswerMoved. When the term is over what came is kept as evidence, beside what stood
// there when it ended, and ErrRequestLate says that it is no answer.
func (s *Applications) SaveAnswer(ctx context.Context, who identity.Actor, form once.Form, of CaseID, id RequestID, version int64, notes map[string]string) error {
	clean, err := cleaned(notes)
	if err != nil {
		return err
	}
	now := s.now()
	outcome, err := s.ChangeCase(ctx, form, now, of, func(c CaseFile) (CaseChange, error) {
		r, err := answerable(c, who, id, now)
		if errors.Is(err, ErrRequestLate) {
			return s.evidence(c, who, r, clean, now), nil
		}
		if err == nil && r.Version != version {
			err = ErrAnswerMoved
		}
		if err != nil {
			return CaseChange{}, err
		}
		r.Answer.Notes = r.known(clean)
		r.Again = !r.AnsweredAt.IsZero()
		r.Version++
		return CaseChange{Request: &r, Entry: s.entry(who, AnswerSaved, string(id), c)}, nil
	})
	if err == nil && outcome == cameLate {
		err = ErrRequestLate
	}
	return err
}

// Answer sends the answer to a request, with its papers, under a number of the protocol.
// Who has sent one may send another while the term runs: the last counts, and each is
// kept (R40).
// What was shown to be sent is named by its mark: ErrAnswerMoved when it has changed. Of
// what lacks its paper the note is enough, and of a regularisation that it is done: an
// officer decides what it is worth. What counts is the instant at which the form arrived;
// when the term was over by then it is refused.
func (s *Applications) Answer(ctx context.Context, who identity.Actor, form once.Form, of CaseID, id RequestID, mark string) error {
	now := s.now()
	outcome, err := s.ChangeCase(ctx, form, now, of, func(c CaseFile) (CaseChange, error) {
		r, err := answerable(c, who, id, now)
		if errors.Is(err, ErrRequestLate) {
			return s.evidence(c, who, r, nil, now), nil
		}
		switch {
		case err != nil:
			return CaseChange{}, err
		case r.Mark(c.Papers) != mark:
			return CaseChange{}, ErrAnswerMoved
		case r.Kind == Supplement && len(r.Silent(c.Papers)) > 0:
			return CaseChange{}, ErrAnswerEmpty
		}
		r.Answer.Regularised = r.Kind == Regularisation
		r.State, r.AnsweredAt, r.AnsweredBy, r.Again = Answered, now, who.Person, false
		e := s.entry(who, AnswerSent, string(id), c)
		e.At = now
		return CaseChange{Request: &r, Answer: true, Tell: true, Entry: e}, nil
	})
	if err == nil && outcome == cameLate {
		err = ErrRequestLate
	}
	return err
}

// answerable is a request that an actor may answer at an instant, or why not, with it.
func answerable(c CaseFile, who identity.Actor, id RequestID, now time.Time) (Request, error) {
	r, err := c.Request(id)
	switch {
	case err != nil:
		return r, err
	case c.Reader(who) == NoReader:
		return r, fault.ErrNotFound
	case c.State != Submitted && c.State != InReview:
		return r, ErrRequestOver
	case r.Heir != "" && r.Heir != c.asHeir(who):
		return r, ErrRequestOther
	}
	return r, r.MayAnswer(now)
}

// cameLate is what comes of a form that arrived when the term was over, however often.
const cameLate = "late"

// mostLate is how many late answers to a request are kept with it. The register has when
// each further one came.
const mostLate = 20

// evidence keeps what came too late.
func (s *Applications) evidence(c CaseFile, who identity.Actor, r Request, notes map[string]string, now time.Time) CaseChange {
	if notes = r.known(notes); len(notes) > 0 && len(r.Answer.Late) < mostLate {
		r.Again = !r.AnsweredAt.IsZero()
		r.Answer.Late = append(r.Answer.Late, LateAnswer{At: now, By: who.Person, Notes: notes})
	}
	return CaseChange{Request: &r, Outcome: cameLate, Entry: s.entry(who, AnswerCameLate, string(r.ID), c)}
}

// known are the notes to items of the request.
func (r Request) known(notes map[string]string) map[string]string {
	all := map[string]string{}
	for _, i := range r.Items {
		if n := notes[i.Code]; n != "" {
			all[i.Code] = n
		}
	}
	return all
}

func cleaned(notes map[string]string) (map[string]string, error) {
	all := map[string]string{}
	for code, n := range notes {
		if n = strings.TrimSpace(n); utf8.RuneCountInString(n) > LongestNote {
			return nil, ErrAnswerLong
		}
		all[code] = n
	}
	return all, nil
}

// Silent are the items of the request that have neither a paper nor a note yet.
func (r Request) Silent(papers []Paper) (all []RequestItem) {
	lacking := r.Lacks(papers)
	for _, i := range r.Items {
		lacks := i.Paper == ""
		for _, l := range lacking {
			lacks = lacks || l.Code == i.Code
		}
		if lacks && r.Answer.Notes[i.Code] == "" {
			all = append(all, i)
		}
	}
	return all
}
