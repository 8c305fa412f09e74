package auditor

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/once"
)

// LateAfter is how long an entry may take from its number to its commit. One that is not
// sealed by then, and has a lower number than others that are, was put among them.
const LateAfter = 6 * time.Hour

// MostFaults is how many faults a verification keeps.
const MostFaults = 100

// Beside is what stands beside the chain.
type Beside struct {
	Sealed   int64 // last place that was ever sealed
	Slipped  []int64
	Unsealed int
}

// Check is a verification of register and rankings.
type Check struct {
	ID       string
	By       string // who asked for it, "" for the calendar
	AskedAt  time.Time
	EndedAt  time.Time // zero while it is under way
	Entries  int64     // that are sealed
	Unsealed int       // written since
	Rankings int
	Head     []byte
	Faults   []audit.Fault // MostFaults at the most
}

// RegisterStore keeps the register.
type RegisterStore interface {
	// Seal adds to the chain what was written since, and tells how much. While somebody
	// else does it, it does nothing.
	Seal(ctx context.Context, now time.Time) (int, error)
	// Chain goes through the links in the order of their places, all at one instant.
	Chain(ctx context.Context, late time.Time, do func(audit.Link)) (Beside, error)
	// Head is the last link, without its line; its place is 0 for an empty chain.
	Head(ctx context.Context) (audit.Link, error)
	// Anchors are the anchors from the newest, so many at most, 0 for all.
	Anchors(ctx context.Context, most int) ([]audit.Anchor, error)
	// Anchor keeps the anchor of a day. Done twice, it changes nothing.
	Anchor(ctx context.Context, a audit.Anchor) error

	// Checks are the verifications from the newest, so many at most.
	Checks(ctx context.Context, most int) ([]Check, error)
	// AskCheck keeps that a verification is wanted, with a job that does it; ErrCheckRuns
	// while one is under way. The form is "" for the calendar.
	AskCheck(ctx context.Context, form once.Form, c Check, e audit.Entry) error
	// OpenCheck is the verification that is wanted; fault.ErrNotFound.
	OpenCheck(ctx context.Context) (Check, error)
	// EndCheck keeps how it came out.
	EndCheck(ctx context.Context, c Check) error

	SearchStore
}

// Register is the register of acts, for those who watch.
type Register struct {
	RegisterStore
	rankings *Rankings
	key      ed25519.PrivateKey
	now      func() time.Time
}

// NewRegister is the service on a store and the rankings, with the key that signs
// publications and a clock.
func NewRegister(s RegisterStore, r *Rankings, key ed25519.PrivateKey, now func() time.Time) *Register {
	return &Register{s, r, key, now}
}

// Keep seals what was written since the last time, the rows of new rankings too, and
// anchors the chain once a day. The anchor is there when it is new.
func (s *Register) Keep(ctx context.Context) (sealed int, anchored *audit.Anchor, err error) {
	if sealed, err = s.Seal(ctx, s.now()); err != nil {
		return sealed, nil, err
	}
	if _, err := s.rankings.contribution.SealRuns(ctx); err != nil {
		return sealed, nil, err
	}
	today := calendar.On(s.now())
	last, err := s.Anchors(ctx, 1)
	if err != nil || len(last) > 0 && last[0].Day == today {
		return sealed, nil, err
	}
	head, err := s.Head(ctx)
	if err != nil || head.Position == 0 {
		return sealed, nil, err
	}
	a := audit.Anchor{Day: today, Position: head.Position, Digest: head.Digest, At: s.now()}
	a.Sign(s.key)
	if err := s.Anchor(ctx, a); err != nil {
		return sealed, nil, err
	}
	return sealed, &a, nil
}

// Key is the public key of the anchors.
func (s *Register) Key() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// AskVerify has register and rankings verified, by a job.
func (s *Register) AskVerify(ctx context.Context, who identity.Actor, form once.Form) error {
	if err := MayAudit(who); err != nil {
		return err
	}
	c := Check{ID: uuid.NewString(), By: string(who.Person), AskedAt: s.now()}
	return s.AskCheck(ctx, form, c, audit.Entry{At: s.now(), Actor: who, Action: Asked, Subject: c.ID})
}

// VerifyDaily wants a verification where none was made today.
func (s *Register) VerifyDaily(ctx context.Context) error {
	last, err := s.Checks(ctx, 1)
	if err != nil || len(last) > 0 && calendar.On(last[0].AskedAt) == calendar.On(s.now()) {
		return err
	}
	c := Check{ID: uuid.NewString(), AskedAt: s.now()}
	return s.AskCheck(ctx, once.Form{}, c, audit.Entry{At: s.now(), Actor: identity.Office(), Action: Asked, Subject: c.ID})
}

// VerifyDue does the verification that is wanted; fault.ErrNotFound where none is.
func (s *Register) VerifyDue(ctx context.Context) (Check, error) {
	c, err := s.OpenCheck(ctx)
	if err != nil {
		return c, err
	}
	found, err := s.Verify(ctx, nil, nil)
	if err != nil {
		return c, err
	}
	found.ID, found.By, found.AskedAt, found.EndedAt = c.ID, c.By, c.AskedAt, s.now()
	return found, s.EndCheck(ctx, found)
}

// Verify recomputes the chain and makes every ranking again. Anchors that somebody kept
// elsewhere are held against the chain too, and all of them against a key, nil for none.
// The first fault is the oldest.
func (s *Register) Verify(ctx context.Context, kept []audit.Anchor, key ed25519.PublicKey) (c Check, err error) {
	c, err = s.verifyChain(ctx, kept, key)
	if err != nil {
		return c, err
	}
	all, err := s.rankings.Rankings(ctx)
	if err != nil {
		return c, err
	}
	for _, r := range all {
		faults, err := s.rankings.remake(ctx, r)
		if err != nil {
			return c, err
		}
		c.Rankings++
		c.Faults = append(c.Faults, faults...)
	}
	c.Faults = c.Faults[:min(len(c.Faults), MostFaults)]
	return c, nil
}

func (s *Register) verifyChain(ctx context.Context, kept []audit.Anchor, key ed25519.PublicKey) (c Check, err error) {
	anchors, err := s.Anchors(ctx, 0)
	if err != nil {
		return c, err
	}
	anchors = append(anchors, kept...)
	slices.SortStableFunc(anchors, func(a, b audit.Anchor) int { return cmp.Compare(a.Position, b.Position) })
	var chain audit.Chain
	next := 0
	beside, err := s.Chain(ctx, s.now().Add(-LateAfter), func(l audit.Link) {
		if len(c.Faults) < MostFaults {
			c.Faults = append(c.Faults, chain.Follow(l)...)
		}
		c.Entries, c.Head = c.Entries+1, l.Digest
		for ; next < len(anchors) && anchors[next].Position <= l.Position; next++ {
			c.Faults = append(c.Faults, unanchored(anchors[next], l, key)...)
		}
	})
	if err != nil {
		return c, err
	}
	if beside.Sealed > chain.Position && len(c.Faults) < MostFaults {
		c.Faults = append(c.Faults, audit.Fault{What: audit.FaultCut, Thing: strconv.FormatInt(chain.Position+1, 10)})
	}
	for _, a := range anchors[next:] {
		c.Faults = append(c.Faults, audit.Fault{What: audit.FaultAnchor, Thing: a.Day.String()})
	}
	for _, id := range beside.Slipped {
		c.Faults = append(c.Faults, audit.Fault{What: audit.FaultSlipped, Thing: strconv.FormatInt(id, 10)})
	}
	c.Unsealed, c.Head = beside.Unsealed, chain.Head()
	return c, nil
}

// unanchored tells what is wrong with an anchor whose place the chain has reached.
func unanchored(a audit.Anchor, l audit.Link, key ed25519.PublicKey) (faults []audit.Fault) {
	if !a.Signed() || key != nil && !key.Equal(a.Key) {
		faults = append(faults, audit.Fault{What: audit.FaultSigned, Thing: a.Day.String()})
	}
	if a.Position != l.Position || !bytes.Equal(a.Digest, l.Digest) {
		faults = append(faults, audit.Fault{What: audit.FaultAnchor, Thing: a.Day.String()})
	}
	return faults
}

// SignText signs a text that leaves the portal with the key of the anchors.
func (s *Register) SignText(text string) (signature []byte, key ed25519.PublicKey) {
	return ed25519.Sign(s.key, []byte(text)), s.Key()
}
