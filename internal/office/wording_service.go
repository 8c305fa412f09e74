package office

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// WordingStore keeps what was proposed and published.
type WordingStore interface {
	// LastWording is the number of the last publication, 0 before the first.
	LastWording(ctx context.Context) (int64, error)
	// WordingsInForce are what was published last of each text.
	WordingsInForce(ctx context.Context) (InForce, error)
	// WordingProposals are the proposals that wait, and the last that were decided, the
	// newest first, without their changes; drafts only of somebody.
	WordingProposals(ctx context.Context, of identity.PersonID, most int) ([]WordingProposal, error)
	// WordingProposal is one of them; fault.ErrNotFound.
	WordingProposal(ctx context.Context, id WordingID) (WordingProposal, error)
	// WordingsOf are the proposals of one text in a language that wait or were published,
	// the newest first.
	WordingsOf(ctx context.Context, key string, in Lang) ([]WordingProposal, error)
	// SaveWording keeps a proposal, or a draft. The same form again gives the first.
	SaveWording(ctx context.Context, form once.Form, p WordingProposal, e audit.Entry) (WordingID, error)
	// ChangeWording locks a proposal and what is in force, and saves what comes of it.
	ChangeWording(ctx context.Context, form once.Form, id WordingID, e audit.Entry, decide func(WordingProposal, InForce) (WordingProposal, error)) error
	// Write appends to the register.
	Write(ctx context.Context, e audit.Entry) error
}

// Wordings is the texts of the portal, for administrators.
type Wordings struct {
	WordingStore
	shipped []ShippedText
	speak   func(map[Lang]map[string]Wording) error
	spoken  atomic.Int64
	now     func() time.Time
}

// NewWordings is the service on a store, with the texts that come with the program, what
// has pages say others, and a clock.
func NewWordings(s WordingStore, shipped []ShippedText, speak func(map[Lang]map[string]Wording) error, now func() time.Time) *Wordings {
	return &Wordings{WordingStore: s, shipped: shipped, speak: speak, now: now}
}

// Shipped lists the texts that come with the program, by key.
func (s *Wordings) Shipped() []ShippedText { return s.shipped }

// Text is one of them; fault.ErrNotFound.
func (s *Wordings) Text(key string) (ShippedText, error) {
	at, found := slices.BinarySearchFunc(s.shipped, key, func(t ShippedText, key string) int {
		switch {
		case t.Key < key:
			return -1
		case t.Key > key:
			return 1
		}
		return 0
	})
	if !found {
		return ShippedText{}, fault.ErrNotFound
	}
	return s.shipped[at], nil
}

// Refresh has pages say what was published, where that is not what they say. What does
// not fit the texts of this program any more is left out.
func (s *Wordings) Refresh(ctx context.Context) error {
	last, err := s.LastWording(ctx)
	if err != nil || last == s.spoken.Load() {
		return err
	}
	f, err := s.WordingsInForce(ctx)
	if err != nil {
		return err
	}
	all := map[Lang]map[string]Wording{}
	for in, texts := range f {
		all[in] = map[string]Wording{}
		for key, p := range texts {
			t, err := s.Text(key)
			if err != nil || p.Back {
				continue
			}
			if w, flaws := t.Flaws(in, p.Wording); len(flaws) == 0 {
				all[in][key] = w
			}
		}
	}
	if err := s.speak(all); err != nil {
		return err
	}
	s.spoken.Store(last)
	return nil
}

// Watch refreshes again and again until the context ends: what another program has
// published is said by this one too. What goes wrong is told, and tried again.
func (s *Wordings) Watch(ctx context.Context, every time.Duration, failed func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Propose proposes another wording of a text, or the shipped one again. The flaws are
// what is wrong with it: then nothing is proposed.
func (s *Wordings) Propose(ctx context.Context, who identity.Actor, form once.Form, c WordingChange) (id WordingID, flaws []TextFlaw, err error) {
	if err := mayAdminister(who); err != nil {
		return "", nil, err
	}
	f, err := s.WordingsInForce(ctx)
	if err != nil {
		return "", nil, err
	}
	if c, flaws, err = s.change(f, c); err != nil || len(flaws) > 0 {
		return "", flaws, err
	}
	p := s.proposal(who, WordingOpen, c)
	id, err = s.SaveWording(ctx, form, p, audit.Entry{At: s.now(), Actor: who, Action: WordingProposed, Subject: string(p.ID)})
	return id, nil, err
}

func (s *Wordings) proposal(who identity.Actor, state WordingState, changes ...WordingChange) WordingProposal {
	return WordingProposal{ID: WordingID(uuid.NewString()), Changes: changes, Proposed: who.At(s.now()), State: state}
}

// change is a change against what is in force, with what is wrong with it; fault.ErrNotFound
// for a text or a language that there is not, ErrWordingSame where nothing changes.
func (s *Wordings) change(f InForce, c WordingChange) (WordingChange, []TextFlaw, error) {
	t, err := s.Text(c.Key)
	if err != nil || !slices.Contains(Langs, c.In) {
		return c, nil, fault.ErrNotFound
	}
	is := f.Of(c.Key, c.In)
	c.Before = is.Number
	if c.Back {
		if c.To = (Wording{}); is.Number == 0 || is.Back {
			return c, nil, ErrWordingSame
		}
		return c, nil, nil
	}
	var flaws []TextFlaw
	if c.To, flaws = t.Flaws(c.In, c.To); len(flaws) > 0 {
		return c, flaws, nil
	}
	if says, there := f.Says(t, c.In); there && says == c.To {
		return c, nil, ErrWordingSame
	}
	return c, nil, nil
}

// Publish has the portal say what somebody else proposed: at once in this program, and
// in the others as soon as they watch again.
func (s *Wordings) Publish(ctx context.Context, who identity.Actor, form once.Form, id WordingID) error {
	err := s.decide(ctx, who, form, id, WordingPublished, func(p WordingProposal, f InForce) (WordingProposal, error) { return p.Publish(who, s.now(), f) })
	if err != nil {
		return err
	}
	return s.Refresh(ctx)
}

// Refuse sends it back, with the reason.
func (s *Wordings) Refuse(ctx context.Context, who identity.Actor, form once.Form, id WordingID, why string) error {
	return s.decide(ctx, who, form, id, WordingRefused, func(p WordingProposal, _ InForce) (WordingProposal, error) { return p.Refuse(who, s.now(), why) })
}

// Withdraw takes one’s own back.
func (s *Wordings) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id WordingID) error {
	return s.decide(ctx, who, form, id, WordingWithdrawn, func(p WordingProposal, _ InForce) (WordingProposal, error) { return p.Withdraw(who, s.now()) })
}

// Send proposes one’s own draft, as it was read.
func (s *Wordings) Send(ctx context.Context, who identity.Actor, form once.Form, id WordingID) error {
	return s.decide(ctx, who, form, id, WordingProposed, func(p WordingProposal, _ InForce) (WordingProposal, error) {
		switch {
		case p.Proposed.Person != who.Person:
			return p, fault.ErrNotFound
		case p.State != WordingDraft:
			return p, ErrWordingDecided
		}
		p.State = WordingOpen
		return p, nil
	})
}

func (s *Wordings) decide(ctx context.Context, who identity.Actor, form once.Form, id WordingID, what audit.Action, decide func(WordingProposal, InForce) (WordingProposal, error)) error {
	if err := mayAdminister(who); err != nil {
		return err
	}
	return s.ChangeWording(ctx, form, id, audit.Entry{At: s.now(), Actor: who, Action: what, Subject: string(id)}, decide)
}

// Take writes that somebody took the texts away as a file.
func (s *Wordings) Take(ctx context.Context, who identity.Actor) error {
	if err := mayAdminister(who); err != nil {
		return err
	}
	return s.Write(ctx, audit.Entry{At: s.now(), Actor: who, Action: WordingTaken})
}
