package indemnity

import (
	"cmp"
	"context"
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
)

// TermsAtMost is how many terms a calendar shows: nobody reads on.
const TermsAtMost = 500

// TermRow is a term that runs, or is over and the office has not moved: of a request to
// who applied.
type TermRow struct {
	Request RequestID
	Review  ReexaminationID // that the office is to decide, in the place of a request
	Kind    RequestKind
	AskedAt time.Time
	DueOn   calendar.Date // its last day
	Case    WorkRow
}

// Reexamined is what a term is for that is the office's own, to decide a request for
// re-examination.
const Reexamined RequestKind = "reexamination"

// TermCalendar is the terms of undecided cases by day, those that are over first.
type TermCalendar struct {
	Rows                        []TermRow // up to TermsAtMost
	Late, Today, Tomorrow, Week int       // Week: within WeekDays after today, tomorrow too
	All                         int
}

// With is the calendar with terms of the office's own among the others, by their days.
func (c TermCalendar) With(more []TermRow, today calendar.Date) TermCalendar {
	for _, t := range more {
		switch left := today.Until(t.DueOn); {
		case left < 0:
			c.Late++
		case left == 0:
			c.Today++
		case left <= WeekDays:
			c.Week++
			if left == 1 {
				c.Tomorrow++
			}
		}
	}
	c.All += len(more)
	c.Rows = append(c.Rows, more...)
	slices.SortStableFunc(c.Rows, func(a, b TermRow) int { return cmp.Or(a.DueOn.Compare(b.DueOn), a.AskedAt.Compare(b.AskedAt)) })
	c.Rows = c.Rows[:min(len(c.Rows), TermsAtMost)]
	return c
}

// TermStore keeps the terms.
type TermStore interface {
	// Terms are those of an officer, of all for "", as a day has them, with the entry that
	// they were read.
	Terms(ctx context.Context, officer identity.PersonID, today calendar.Date, e audit.Entry) (TermCalendar, error)
	// TakeTerms are the same as a file takes them away, with what it had on record.
	TakeTerms(ctx context.Context, officer identity.PersonID, today calendar.Date, format string, e audit.Entry) (TermCalendar, error)
}

// Terms are the terms of all cases, or of those assigned to who asks. That they were
// read is written down.
func (s *Work) Terms(ctx context.Context, who identity.Actor, own bool) (TermCalendar, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve, identity.Pay); err != nil {
		return TermCalendar{}, err
	}
	return s.store.Terms(ctx, whose(who, own), calendar.On(s.now()), s.entry(who, CaseListSeen))
}

// TakeTerms are the same for a calendar that is taken away, which is on record.
func (s *Work) TakeTerms(ctx context.Context, who identity.Actor, own bool, format string) (TermCalendar, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return TermCalendar{}, err
	}
	return s.store.TakeTerms(ctx, whose(who, own), calendar.On(s.now()), format, s.entry(who, CasesTaken))
}

// NextOf is the undecided case of an officer that comes after another in the order of
// their first page, or their first one after the last; "" when they have no other.
func (s *Work) NextOf(ctx context.Context, who identity.Actor, after CaseFile) (CaseID, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return "", err
	}
	return s.store.NextOf(ctx, who.Person, WorkPlace{after.SubmittedAt, after.ID})
}

func whose(who identity.Actor, own bool) identity.PersonID {
	if own {
		return who.Person
	}
	return ""
}
