package voucher

import (
	"slices"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// FeedContent is what a private calendar is made of.
type FeedContent struct {
	Feed     Feed
	Mandates []identity.Mandate // of a citizen: for whose sessions and terms it is too, in the matters of each
	Files    []CaseFile         // of a citizen and of those, without sessions
	Sessions []Session
	Ends     []FeedEnd // of terms of another programme
}

// FeedEnd is the last day of a term, for a calendar: what it is for, and of what. Both
// stand only in the name of the item, which nobody reads.
type FeedEnd struct {
	What string
	Of   string
	Day  calendar.Date
}

// FeedItem is one thing in a private calendar: a session, or the end of a term. It says
// when and where, never whose or what for.
type FeedItem struct {
	UID       string // stays the same as long as it is the same thing
	Day       calendar.Date
	Start     time.Time // zero: the whole day
	End       time.Time // zero for the end of a term
	Place     string
	Deadline  bool
	Cancelled bool
	Changed   time.Time
	Sequence  int // of its changes: a program keeps the highest that it was told
}

// Items is what stands in the calendar at an instant: the sessions, cancelled ones
// marked, and the terms that are not over and have something left to do. In the order
// of their days.
func (c FeedContent) Items(now time.Time) []FeedItem {
	var items []FeedItem
	for _, s := range c.Sessions {
		items = append(items, s.Item())
		if c.Feed.Role == identity.Psychologist {
			items = c.Feed.add(items, s.deadline(now), now)
		}
	}
	for _, f := range c.Files {
		for _, t := range f.deadlines() {
			items = c.Feed.add(items, t, now)
		}
	}
	for _, e := range c.Ends {
		items = c.Feed.add(items, deadline{what: e.What, of: e.Of, day: e.Day}, now)
	}
	slices.SortStableFunc(items, func(a, b FeedItem) int {
		if d := a.Day.Compare(b.Day); d != 0 {
			return d
		}
		return strings.Compare(a.UID, b.UID)
	})
	return items
}

// Item is the session in a calendar.
func (s Session) Item() FeedItem {
	i := FeedItem{UID: string(s.ID), Day: s.Day, Start: s.Start, End: s.End(), Place: s.Place, Changed: s.changed(), Sequence: s.Moves}
	if s.State == Cancelled {
		i.Cancelled, i.Sequence = true, s.Moves+1
	}
	return i
}

// changed is when the session last became another.
func (s Session) changed() time.Time {
	last := s.BookedAt
	for _, at := range []time.Time{s.MovedAt, s.HeldAt, s.CancelledAt} {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// deadline is the end of a term in a calendar: what for, of what, when.
type deadline struct {
	what string // "confirm"
	of   string // the voucher or the application, "" where one a day is enough
	day  calendar.Date
	hour time.Time // that an act has set, zero: the end of the day
}

// add puts the end of a term into a calendar, unless it is over or in it.
func (f Feed) add(items []FeedItem, d deadline, now time.Time) []FeedItem {
	if d.day.IsZero() || calendar.On(now).After(d.day) {
		return items
	}
	of := d.of
	if of == "" {
		of = f.ID
	}
	item := FeedItem{UID: d.what + "-" + of + "-" + d.day.String(), Day: d.day, Start: d.hour, Deadline: true, Changed: f.MadeAt}
	if slices.ContainsFunc(items, func(i FeedItem) bool { return i.UID == item.UID }) {
		return items
	}
	return append(items, item)
}

// deadline is what the professional of a session has to do for it, and until when.
func (s Session) deadline(now time.Time) deadline {
	act, d := ActConfirm, deadline{what: "confirm", day: s.ConfirmBy}
	switch {
	case s.State == Cancelled || s.Invoiced():
		return deadline{}
	case s.State == Held:
		act, d = ActInvoice, deadline{what: "invoice", day: s.InvoiceBy}
	}
	if until := s.Reopenings.Until(act, s.Day, now); until.After(d.day.End()) {
		d.day = calendar.On(until.Add(-1))
		if !until.Equal(d.day.End()) {
			d.hour = until
		}
	}
	return d
}

// deadlines are the terms that the beneficiary of a file has to keep: to put the ISEE
// right, to hold the first session, to spend what is left.
func (f CaseFile) deadlines() []deadline {
	var all []deadline
	if f.Application.State == AwaitingISEE {
		all = append(all, deadline{what: "isee", of: string(f.Application.ID), day: f.Application.CureBy})
	}
	if v := f.Voucher; f.HasVoucher() && v.State == Active {
		if v.Used == 0 {
			all = append(all, deadline{what: "first", of: string(v.ID), day: v.Terms.FirstSessionBy})
		}
		if v.Balance() > 0 {
			all = append(all, deadline{what: "last", of: string(v.ID), day: v.Terms.LastDay})
		}
	}
	return all
}
