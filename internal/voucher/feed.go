package voucher

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What is written in the register about private calendars.
const (
	FeedMade    audit.Action = "calendar.made"
	FeedRevoked audit.Action = "calendar.revoked"
	FeedRead    audit.Action = "calendar.read" // by a program that knows the address: once a day at the most
)

// Feed is a private calendar: a file with one's own terms and sessions, at an address
// that only its owner knows. Each hat has one of its own.
type Feed struct {
	ID     string
	Person identity.PersonID
	Role   identity.Role
	MadeAt time.Time
	ReadOn calendar.Date // last day on which a program asked for it, zero before the first
}

// FeedToken is the secret part of the address of a private calendar: 32 random bytes. The
// portal keeps their hash only, so the address is shown once.
type FeedToken string

// NewFeedToken draws a token.
func NewFeedToken(random io.Reader) (FeedToken, error) {
	var b [32]byte
	_, err := io.ReadFull(random, b[:])
	return FeedToken(base64.RawURLEncoding.EncodeToString(b[:])), err
}

// Hash is the token as it is kept, and looked up: whatever it looks like, the work is
// the same.
func (t FeedToken) Hash() []byte {
	h := sha256.Sum256([]byte(t))
	return h[:]
}

// FeedStore keeps private calendars.
type FeedStore interface {
	// Feed is somebody's calendar of a hat; fault.ErrNotFound while there is none.
	Feed(ctx context.Context, of identity.PersonID, role identity.Role) (Feed, error)
	// ReplaceFeed saves a calendar with the hash of its token, instead of the one there
	// was; false when this very form did so before.
	ReplaceFeed(ctx context.Context, form once.Form, f Feed, hash []byte, e audit.Entry) (bool, error)
	// RevokeFeed ends a calendar; nothing happens when it has ended.
	RevokeFeed(ctx context.Context, form once.Form, f Feed, e audit.Entry) error
	// FeedByHash is what stands in the calendar that a token opens, with sessions from a
	// day on; fault.ErrNotFound when it opens none, or no more.
	FeedByHash(ctx context.Context, hash []byte, from calendar.Date, now time.Time) (FeedContent, error)
	// FeedRead writes that a calendar was read on a day, once a day.
	FeedRead(ctx context.Context, f Feed, on calendar.Date, entries []audit.Entry) error
}

// Feeds is private calendars of terms and sessions.
type Feeds struct {
	FeedStore
	random io.Reader
	now    func() time.Time
}

// NewFeeds is the service on a store, with the source that addresses are drawn from
// (crypto/rand) and a clock.
func NewFeeds(s FeedStore, random io.Reader, now func() time.Time) *Feeds {
	return &Feeds{s, random, now}
}

// Make gives somebody a calendar for the hat they wear, in place of the one they had,
// and the token of its address. The token of a form that was sent before is "".
func (s *Feeds) Make(ctx context.Context, who identity.Actor, form once.Form) (FeedToken, error) {
	token, err := NewFeedToken(s.random)
	if err != nil {
		return "", err
	}
	f := Feed{ID: string(NewID()), Person: who.Person, Role: who.Role, MadeAt: s.now()}
	made, err := s.ReplaceFeed(ctx, form, f, token.Hash(), f.entry(who, s.now(), FeedMade))
	if err != nil || !made {
		return "", err
	}
	return token, nil
}

// Revoke ends the calendar of the hat that somebody wears: its address leads nowhere.
func (s *Feeds) Revoke(ctx context.Context, who identity.Actor, form once.Form) error {
	f, err := s.Feed(ctx, who.Person, who.Role)
	if errors.Is(err, fault.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.RevokeFeed(ctx, form, f, f.entry(who, s.now(), FeedRevoked))
}

// feedPast is how long a session stays in a calendar when it is over.
const feedPast = 60

// Open is what stands in the calendar that a token opens. That it was read is written
// in the register once a day, for each person whose sessions are in it.
func (s *Feeds) Open(ctx context.Context, token FeedToken) ([]FeedItem, error) {
	now := s.now()
	today := calendar.On(now)
	c, err := s.FeedByHash(ctx, token.Hash(), today.Add(-feedPast), now)
	if err != nil {
		return nil, err
	}
	if c.Feed.ReadOn != today {
		if err := s.FeedRead(ctx, c.Feed, today, c.reading(now)); err != nil {
			return nil, err
		}
	}
	return c.Items(now), nil
}

// reading is what the register says when the calendar is read: who reads it is whoever
// holds the address, so it is its owner's doing.
func (c FeedContent) reading(now time.Time) []audit.Entry {
	entries := []audit.Entry{c.Feed.entry(identity.Own(c.Feed.Person, c.Feed.Role), now, FeedRead)}
	for _, m := range c.Mandates {
		who := identity.Actor{Person: c.Feed.Person, Role: c.Feed.Role, For: m.Represented.ID, Mandate: m.ID}
		entries = append(entries, c.Feed.entry(who, now, FeedRead))
	}
	return entries
}

func (f Feed) entry(who identity.Actor, now time.Time, what audit.Action) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: f.ID, About: who.For}
}
