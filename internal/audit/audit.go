// Package audit names what is written down about every act: who did, or looked
// at, what, wearing which hat and for whom. The domain names the entry; the
// store writes it in the transaction it speaks of; notices follow from it.
package audit

import (
	"context"
	"net/netip"
	"time"

	"portal/internal/identity"
)

// Action is what was done, as "noun.verb": a stable word, never personal data.
type Action string

// Entry is one line of the register. It holds ids only: no names, no codes, no
// text that somebody typed.
type Entry struct {
	At      time.Time
	Actor   identity.Actor
	Action  Action
	Subject string            // id of the thing done or looked at
	About   identity.PersonID // whose data it is; "" where it is nobody's
}

// Look is an entry as the person it is about may read it.
type Look struct {
	At     time.Time
	Action Action
	Role   identity.Role
	Name   string // of who looked or acted
}

// What is written about logins: the start, the hat put on, the end.
const (
	LoggedIn      Action = "login.started"
	ProfileChosen Action = "login.profile_chosen"
	LoggedOut     Action = "login.ended"
)

// Origin is the request that something is written for.
type Origin struct {
	Request string     // its id, as the log of the portal shows it
	Address netip.Addr // where it came from; not valid where nobody asked
}

type originKey struct{}

// WithOrigin marks what is written under a context with the request that asked for it.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// originOf is the request a context belongs to, zero outside of one.
func originOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

// Request is the id of the request a context belongs to, "" outside of one.
func Request(ctx context.Context) string { return originOf(ctx).Request }

// Address is where the request of a context came from, not valid outside of one.
func Address(ctx context.Context) netip.Addr { return originOf(ctx).Address }
