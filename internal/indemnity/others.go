package indemnity

import (
	"cmp"
	"slices"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// Other is another application of the same member, with the call that it is judged by.
// The days that it has are nobody else's, and count against the cap of their year before
// those of what comes after it: an earlier call comes before a later one, and in one call
// the event that began first (R6, A54).
//
// An application that an earlier call funded counts as the portal knows it until it was
// paid whole, and the register that was asked for what comes after it says that it has
// that payment: then the days are the register's. So none of them counts twice, and none
// is lost where the register has them late, or the payment comes late or back. One for
// which an earlier call had no money has used nothing of a year up; in its own call it has.
type Other struct {
	Call     CallID
	Protocol string // by which its member knows it
	Rules    *RuleSet
	Facts    Facts
	PaidOn   calendar.Date // the last of it arrived; zero while it is not paid whole
	Unfunded bool          // its call had no money for it
}

// countsFor tells whether the portal counts its days before those of an application in a
// call, whose register has what was paid up to a day.
func (o *Other) countsFor(call CallID, paidTo calendar.Date) bool {
	if o.Call == call {
		return true
	}
	return !o.Unfunded && (o.PaidOn.IsZero() || o.PaidOn.After(paidTo))
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
	PaidOn   calendar.Date // zero while it is not paid whole
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

// take lets applications use up days and cap in their order, each as its own call worked
// it, and tells which of them have days before one in a call, with what they use up.
func take(on calendar.Date, others []Other, call CallID, paidTo calendar.Date) (before used, holders []holder) {
	var all []holder
	var own used // by the applications of one call
	for i := range others {
		o := &others[i]
		if i > 0 && o.Call != others[i-1].Call {
			own = used{}
		}
		f := o.Facts
		for _, h := range all {
			if h.Call != o.Call && h.countsFor(o.Call, f.DaysUsedTo) {
				f.use(h.charged)
			}
		}
		var r Result
		x := examination{rules: o.Rules, terms: o.Rules.Terms(), on: on, facts: &f, result: &r}
		if w := x.run(&own, nil); r.keepsDays() {
			all = append(all, holder{o, x.evidence.recognised, w.charged})
		}
	}
	for _, h := range all {
		if h.countsFor(call, paidTo) {
			before.add(h.recognised, h.charged)
			holders = append(holders, h)
		}
	}
	return before, holders
}

// use adds days that earlier calls have paid, or will, to those that are used up.
func (f *Facts) use(days Yearly[int]) {
	f.DaysUsed = slices.Clone(f.DaysUsed)
	for _, y := range days {
		*f.DaysUsed.at(y.Year) += y.Is
	}
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
				year.Others = append(year.Others, Share{h.Protocol, h.Call, days, h.PaidOn})
			}
		}
		years = append(years, year)
	}
	return years
}

// others are the other cases of a member, of all that somebody sees, that may have days
// before an application: those that came to nothing have none.
func others(cases []CaseFile, member identity.PersonID, of CaseID) (all []Other) {
	for i := range cases {
		c := &cases[i]
		if c.ID == of || c.Member.ID != member || !slices.Contains([]State{Submitted, InReview, Suitable, Funded, Unfunded}, c.State) {
			continue
		}
		o := Other{Call: c.Call, Protocol: c.Protocol, Rules: &c.Rules, Facts: c.Facts(), Unfunded: c.State == Unfunded}
		if c.PaidWhole() {
			o.PaidOn = c.Paying.PaidOn
		}
		all = append(all, o)
	}
	return all
}
