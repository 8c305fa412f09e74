package office

import (
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// VersionID names a version of the parameters: a random UUID. "" is what comes with the
// program.
type VersionID string

// ParameterVersion is parameters that are, were, will be or are to be in force from a
// day until the next version is.
type ParameterVersion struct {
	ID VersionID
	Parameters
	From     calendar.Date
	Grounds  string // the act or the reason
	Proposed identity.Hand
	State    ProposalState
	Decided  identity.Hand
	Why      string // it was refused
}

// What is written in the register about parameters.
const (
	ParametersProposed  audit.Action = "parameters.proposed"
	ParametersConfirmed audit.Action = "parameters.confirmed"
	ParametersRefused   audit.Action = "parameters.refused"
	ParametersWithdrawn audit.Action = "parameters.withdrawn"
)

// Why parameters are not proposed, or not decided on.
var (
	ErrParametersGrounds = fault.Invalid("parameters.grounds")
	ErrParametersFrom    = fault.Invalid("parameters.from")
	ErrParametersSame    = fault.Refuse("parameters.same")
	ErrParametersOpen    = fault.Refuse("parameters.open")
	ErrParametersLate    = fault.Refuse("parameters.late")
	ErrParametersOwn     = fault.Refuse("parameters.own")
	ErrParametersMoved   = fault.Stale("parameters.moved")
	ErrParametersDecided = fault.Stale("parameters.decided")
)

// MayDecide tells whether an administrator may confirm or refuse a version.
func (v ParameterVersion) MayDecide(who identity.Actor) error {
	return mayDecide(who, v.Proposed, v.State == Proposed, ErrParametersDecided, ErrParametersOwn)
}

// MayWithdraw tells whether a version is the actor's own, and still open.
func (v ParameterVersion) MayWithdraw(who identity.Actor) error {
	return mayWithdraw(who, v.Proposed, v.State == Proposed, ErrParametersDecided)
}

// History is every version, the latest first.
type History []ParameterVersion

// On is the version in force on a day.
func (h History) On(day calendar.Date) ParameterVersion {
	var in ParameterVersion
	for _, v := range h {
		if v.State == Confirmed && !v.From.After(day) && !v.From.Before(in.From) {
			in = v
		}
	}
	return in.orShipped()
}

// Last is the version that comes after all others that are confirmed.
func (h History) Last() (last ParameterVersion) {
	for _, v := range h {
		if v.State == Confirmed && !v.From.Before(last.From) {
			last = v
		}
	}
	return last.orShipped()
}

// Before is the version that another follows, or would follow.
func (h History) Before(v ParameterVersion) ParameterVersion { return h.On(v.From.Add(-1)) }

// Open is the version that waits for a second person, false for none.
func (h History) Open() (ParameterVersion, bool) {
	for _, v := range h {
		if v.State == Proposed {
			return v, true
		}
	}
	return ParameterVersion{}, false
}

func (v ParameterVersion) orShipped() ParameterVersion {
	if v.ID == "" {
		return ParameterVersion{Parameters: Shipped(), State: Confirmed}
	}
	return v
}

// Change is what an administrator wants, having seen a version.
type Change struct {
	Parameters
	From    calendar.Date
	Grounds string
	Seen    VersionID
}

// propose is the version that a change would be.
func (h History) propose(c Change, id VersionID, who identity.Actor, now time.Time) (ParameterVersion, error) {
	c.Grounds = strings.TrimSpace(c.Grounds)
	last := h.Last()
	if _, open := h.Open(); open {
		return ParameterVersion{}, ErrParametersOpen
	}
	if c.Seen != last.ID {
		return ParameterVersion{}, ErrParametersMoved
	}
	var flaws Flaws
	if today := calendar.On(now); !c.From.After(today) || !c.From.After(last.From) || today.Until(c.From) > mostAhead {
		flaws = append(flaws, Flaw{"from", ErrParametersFrom})
	}
	if flaws = append(flaws, c.check(last.Parameters, c.From)...); c.Grounds == "" {
		flaws = append(flaws, Flaw{"grounds", ErrParametersGrounds})
	}
	switch {
	case len(flaws) > 0:
		return ParameterVersion{}, flaws
	case c.Same(last.Parameters):
		return ParameterVersion{}, ErrParametersSame
	}
	return ParameterVersion{ID: id, Parameters: c.Parameters, From: c.From, Grounds: c.Grounds,
		Proposed: who.At(now), State: Proposed}, nil
}

// Version is one of all; fault.ErrNotFound.
func (h History) Version(id VersionID) (ParameterVersion, error) {
	for _, v := range h {
		if v.ID == id {
			return v, nil
		}
	}
	return ParameterVersion{}, fault.ErrNotFound
}
