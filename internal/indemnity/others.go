package indemnity

import (
	"cmp"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// Other is another application of the same member, with the call that it is judged by.
// The days that it has are nobody else's, and count against the cap of their year before
// those of what comes after it: an earlier call comes before a later one, and in one call
// the event that began first (R6, A54).
type Other struct {
	Call     CallID
	Protocol string // by which its member knows it
	Rules    *RuleSet
	Facts    Facts
}

// CapYear is how the days of a calendar year count against its cap (R6).
type CapYear struct {
	Year     int
	Cap      int
	Register int     // days that the register of members tells of
	Others   []Share // of the member's other applications, in their order
	Own      int     // of the application itself
}

// Share is the days of a year that another application has.
type Share struct {
	Protocol string
	Call     CallID
	Days     int
}

// Elsewhere is the days that other applications have.
func (y CapYear) Elsewhere() (days int) {
	for _, s := range y.Others {
		days += s.Days
	}
	return days
}

// Left is the days that nobody has used up yet.
func (y CapYear) Left() int { return max(y.Cap-y.Register-y.Elsewhere()-y.Own, 0) }

// ahead are the others that are worked before an application, in their order.
func ahead(call *Call, f *Facts, others []Other) []Other {
	compare := func(a, b Other) int {
		return cmp.Or(cmp.Compare(a.Call, b.Call), a.Rules.turn(&a.Facts).compare(b.Rules.turn(&b.Facts)))
	}
	own := Other{Call: call.ID, Rules: &call.Rules, Facts: *f}
	all := slices.DeleteFunc(slices.Clone(others), func(o Other) bool { return compare(o, own) >= 0 })
	slices.SortFunc(all, compare)
	return all
}

// holder is an application that has days, with what it has.
type holder struct {
	*Other
	recognised []span
	charged    Yearly[int]
}

// take lets applications use up days and cap, one after the other.
func take(before *used, on calendar.Date, others []Other) (holders []holder) {
	for i := range others {
		var r Result
		o := &others[i]
		x := examination{rules: o.Rules, terms: o.Rules.Terms(), on: on, facts: &o.Facts, result: &r}
		if w := x.run(before, nil); r.keepsDays() {
			holders = append(holders, holder{o, x.evidence.recognised, w.charged})
		}
	}
	return holders
}

// named says of the days that other applications have which one it is.
func named(line []DaySpan, holders []holder) (all []DaySpan) {
	for _, s := range line {
		if s.Why != WhyOtherCase {
			all = append(all, s)
			continue
		}
		rest := []span{spanOf(s.Period)}
		for _, h := range holders {
			var left []span
			for _, part := range rest {
				for _, taken := range within(h.recognised, part) {
					all = append(all, DaySpan{taken.period(), s.Why, h.Protocol})
				}
				left = append(left, without(part, h.recognised)...)
			}
			rest = left
		}
	}
	slices.SortStableFunc(all, func(a, b DaySpan) int { return a.From.Compare(b.From) })
	return all
}

// capYears is who uses up what of the years that an application has days in.
func capYears(r *RuleSet, f *Facts, own Yearly[int], holders []holder) (years []CapYear) {
	for _, y := range own {
		year := CapYear{Year: y.Year, Cap: r.YearlyCap.Is, Own: y.Is}
		year.Register, _ = f.DaysUsed.Of(y.Year)
		for _, h := range holders {
			if days, _ := h.charged.Of(y.Year); days > 0 {
				year.Others = append(year.Others, Share{h.Protocol, h.Call, days})
			}
		}
		years = append(years, year)
	}
	return years
}

// others are the cases of a member, of all that somebody sees, that may have days before
// an application in a call, whose facts come from a register that was asked at an instant.
//
// What came to nothing has no days. An application that no ranking has decided counts as
// the portal knows it. One that was funded by an earlier call counts likewise until the
// day on which it was paid, or that call expects to pay it, and stands in the register from then on. One
// for which an earlier call had no money has used nothing of a year up; in its own call it
// has (A54).
func others(cases []CaseFile, member identity.PersonID, of CaseID, call CallID, asked time.Time) (all []Other) {
	for _, c := range cases {
		if c.ID != of && c.Member.ID == member && c.hasDays(call, asked) {
			all = append(all, Other{c.Call, c.Protocol, &c.Rules, c.Facts()})
		}
	}
	return all
}

func (c *CaseFile) hasDays(call CallID, asked time.Time) bool {
	switch c.State {
	case Submitted, InReview, Suitable:
		return true
	case Funded:
		paid := c.paidOn()
		return c.Call == call || paid.IsZero() || calendar.On(asked).Before(paid)
	case Unfunded:
		return c.Call == call
	}
	return false
}
