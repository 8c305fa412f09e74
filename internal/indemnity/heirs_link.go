package indemnity

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// Why somebody does not come to a case with the code of an heir. That the number, the
// code or the person is not the right one is one answer.
var (
	ErrNoLink     = fault.Refuse("heirs.no_link")
	ErrLinkLocked = fault.Refuse("heirs.link_locked") // wrong too often: the office gives another code
)

// LinkTries is how often an heir may try a code, before the office must give another.
const LinkTries = 5

// Invitation is an heir with what their code is told by. The code itself is not kept.
type Invitation struct {
	Heir
	Hash  []byte // nil once it was used
	Tries int    // wrong ones
}

// HeirCode is the code of an heir, as it is told once to the office; "" where it was told
// before.
type HeirCode struct {
	Heir Heir
	Code string
}

// Reply is what becomes of an heir who gave a code.
type Reply struct {
	Outcome string // of the form
	Linked  bool
	Wrong   bool // one try more
	Entry   audit.Entry
}

// What came of a code that was given, beside the case that it leads to.
const (
	replyWrong  = "wrong"
	replyLocked = "locked"
)

// invite draws a name and a code for each heir.
func (s *Heirs) invite(heirs []Heir) (invitations []Invitation, codes []HeirCode, err error) {
	for _, h := range heirs {
		h.ID = HeirID(newID())
		code, err := newCheckCode(s.random)
		if err != nil {
			return nil, nil, err
		}
		invitations = append(invitations, Invitation{Heir: h, Hash: linkHash(h.ID, code)})
		codes = append(codes, HeirCode{h, code})
	}
	return invitations, codes, nil
}

// linkHash is by what the code of an heir is told. Codes are drawn with 60 bits: nobody
// finds one by trying.
func linkHash(id HeirID, code string) []byte {
	h := sha256.Sum256([]byte("heir " + string(id) + " " + code))
	return h[:]
}

// Link lets an heir into a case, by its number and the code that the office sent them.
// They must be who the office registered: to anybody else, and for another number or
// code, the answer is ErrNoLink. After five wrong codes it is ErrLinkLocked. Who is
// linked already finds the case again.
func (s *Heirs) Link(ctx context.Context, who identity.Actor, form once.Form, protocol, code string) (CaseID, error) {
	if who.Person != who.For {
		return "", ErrNoLink // nobody inherits for another
	}
	outcome, err := s.Answer(ctx, form, s.now(), readProtocol(protocol), who.Person, func(c CaseFile, i Invitation) Reply {
		given := linkHash(i.ID, readCheckCode(code))
		switch {
		case i.Person.ID == who.Person:
			return Reply{Outcome: string(c.ID)}
		case i.Tries >= LinkTries:
			return Reply{Outcome: replyLocked}
		case len(i.Hash) > 0 && subtle.ConstantTimeCompare(given, i.Hash) == 1:
			return Reply{Outcome: string(c.ID), Linked: true, Entry: s.entry(who, HeirLinked, c)}
		case i.Tries+1 >= LinkTries:
			return Reply{Outcome: replyLocked, Wrong: true, Entry: s.entry(who, HeirCodeWrong, c)}
		}
		return Reply{Outcome: replyWrong, Wrong: true, Entry: s.entry(who, HeirCodeWrong, c)}
	})
	switch {
	case err != nil:
		return "", err
	case outcome == "" || outcome == replyWrong:
		return "", ErrNoLink
	case outcome == replyLocked:
		return "", ErrLinkLocked
	}
	return CaseID(outcome), nil
}

// Renew gives an heir another code, in the place of one that was lost or tried too
// often. It is told once: of a form that is sent again, also at the same time, none is.
func (s *Heirs) Renew(ctx context.Context, who identity.Actor, form once.Form, id CaseID, heir HeirID) (HeirCode, error) {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return HeirCode{}, err
	}
	c, err := s.CaseFile(ctx, id)
	if err != nil {
		return HeirCode{}, err
	}
	for _, h := range c.Heirs {
		if h.ID != heir {
			continue
		}
		if _, done, err := s.Outcome(ctx, form); done || err != nil {
			return HeirCode{Heir: h}, err
		}
		code, err := newCheckCode(s.random)
		if err != nil {
			return HeirCode{}, err
		}
		first, err := s.HeirStore.Renew(ctx, form, id, Invitation{Heir: h, Hash: linkHash(h.ID, code)}, s.entry(who, HeirCodeRenewed, c))
		if err != nil || !first {
			return HeirCode{Heir: h}, err
		}
		return HeirCode{h, code}, nil
	}
	return HeirCode{}, fault.ErrNotFound
}
