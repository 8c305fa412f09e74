package office

import (
	"slices"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// Post is a duty in an office: what somebody is given, and nothing less or more.
type Post struct {
	Office identity.Role
	Duty   identity.Duty
}

// Posts lists every post there is, in the order of the pages; the database knows the
// same ones.
var Posts = []Post{
	{identity.INPS, identity.Prepare}, {identity.INPS, identity.Approve}, {identity.INPS, identity.Publish}, {identity.INPS, identity.Pay},
	{identity.CNOP, identity.Prepare}, {identity.CNOP, identity.Approve},
	{identity.Welfare, identity.Prepare}, {identity.Welfare, identity.Approve}, {identity.Welfare, identity.Publish}, {identity.Welfare, identity.Pay},
	{identity.Oversight, identity.Audit}, {identity.Oversight, identity.Administer},
}

// Offices lists the offices that have posts, in the same order.
var Offices = []identity.Role{identity.INPS, identity.CNOP, identity.Welfare, identity.Oversight}

// Known tells whether there is such a post.
func (p Post) Known() bool { return slices.Contains(Posts, p) }

// Excludes tells whether nobody may hold both posts at a time: within an office, who
// prepares an act, who approves it, who publishes it and who pays are different
// people; and who oversees works in no office.
func (p Post) Excludes(other Post) bool {
	if p.Office == other.Office {
		return p.Duty != other.Duty
	}
	return p.Office == identity.Oversight || other.Office == identity.Oversight
}

// Span is the days on which a grant holds, both included. A zero Until has no end.
type Span struct{ From, Until calendar.Date }

// Holds tells whether a day is one of them.
func (s Span) Holds(on calendar.Date) bool {
	return !s.From.IsZero() && !on.Before(s.From) && (s.Until.IsZero() || !on.After(s.Until))
}

// Meets tells whether two spans have a day in common.
func (s Span) Meets(other Span) bool {
	return !s.From.IsZero() && !other.From.IsZero() &&
		(s.Until.IsZero() || !other.From.After(s.Until)) && (other.Until.IsZero() || !s.From.After(other.Until))
}
