package indemnity

import (
	"context"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// HealthExplained is written when an officer says why they open the health papers of a
// case that is not theirs: its Reason is kept with it. The subject is the case.
const HealthExplained audit.Action = "indemnity.health_explained"

// ForColleague is the ground of who looks at a case beside the officer who has it.
const ForColleague audit.Ground = "colleague"

// HealthPapers is what such a reason opens of a case: all of them.
const HealthPapers = "health"

// ErrHealthPaper says that a paper is about somebody's health, and that the case is not
// with who wants to open it: they say why first.
var ErrHealthPaper = fault.Refuse("indemnity.health_paper")

// handles tells whether the health papers of the case are before an officer by their work:
// it is assigned to them; they approve, and what a colleague proposed on it waits for its
// second person; they prepare, and it is checked, or looked at again, which is assigned to
// nobody. That they have its page open is no reason: whoever opens it has.
func (c Folder) handles(who identity.Actor) bool {
	return c.Officer == who.Person || who.Has(identity.Approve) && c.Waits || who.Has(identity.Prepare) && c.Again
}

// own tells whether the case is an officer's own, or they inherit from it.
func (c Folder) own(who identity.PersonID) bool { return who == c.Member || c.Heirs[who] != "" }

// shows tells why an officer cannot open a paper that was sent.
func (s *Papers) shows(ctx context.Context, who identity.Actor, c Folder, p Paper) error {
	if !p.Kind.Medical() {
		return nil
	}
	return healthShown(ctx, s, who, c, s.now())
}

// HealthStore is what tells before whom the health papers of a case are.
type HealthStore interface {
	// Folder is a case as far as papers matter, with them; fault.ErrNotFound.
	Folder(ctx context.Context, id CaseID) (Folder, error)
	// Disclosed tells whether something was shown to somebody since then.
	Disclosed(ctx context.Context, to identity.PersonID, file, datum string, since time.Time) (bool, error)
}

// healthShown tells why an officer cannot open what may be about somebody's health in a
// case: it is for who handles the case, and for today for who has said why.
func healthShown(ctx context.Context, s HealthStore, who identity.Actor, c Folder, now time.Time) error {
	switch {
	case c.own(who.Person):
		return ErrOwnCase
	case c.handles(who):
		return nil
	}
	explained, err := s.Disclosed(ctx, who.Person, string(c.Case), HealthPapers, calendar.On(now).Start())
	if err == nil && !explained {
		err = ErrHealthPaper
	}
	return err
}

// Explain keeps why an officer opens the health papers of a case that is not theirs: until
// the day is over they may.
func (s *Papers) Explain(ctx context.Context, who identity.Actor, form once.Form, of CaseID, why string) error {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return err
	}
	c, err := s.Folder(ctx, of)
	switch {
	case err != nil:
		return err
	case !c.Sent:
		return fault.ErrNotFound
	case c.own(who.Person):
		return ErrOwnCase
	}
	reason, err := audit.Reason{Ground: ForColleague, Text: why}.Clean()
	if err != nil {
		return err
	}
	return s.Disclose(ctx, form, audit.Disclosure{File: string(of), Of: identity.IndemnityOnly, Datum: HealthPapers, Reason: reason,
		Entry: audit.Entry{At: s.now(), Actor: who, Action: HealthExplained, Subject: string(of), About: c.Member}})
}
