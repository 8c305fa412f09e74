package indemnity

import (
	"time"

	"portal/internal/calendar"
)

// Preview is what a draft would come to if it were sent as it is (F19). Nobody has
// looked at it: it is reckoned on what its writer says, and on what the registers say.
type Preview struct {
	Explanation
	Supposed bool // no paper covers the days yet: they are taken as proved
}

// Preview reckons a draft at an instant, or at the first from which it can be sent;
// false while nothing is known of its days.
func (d Draft) Preview(s Standing, k Known, now time.Time) (Preview, bool) {
	f, supposed := d.Supposed(k.Registers)
	e, known := d.explain(s, k, now, f)
	return Preview{e, supposed}, known
}

// Explain reckons it with the papers that are there.
func (d Draft) Explain(s Standing, k Known, now time.Time) (Explanation, bool) {
	return d.explain(s, k, now, d.Facts(k.Registers))
}

// ExplainProved reckons it as if papers covered every declared day; see Draft.Proven.
func (d Draft) ExplainProved(s Standing, k Known, now time.Time) (Explanation, bool) {
	return d.explain(s, k, now, d.Proven(k.Registers))
}

func (d Draft) explain(s Standing, k Known, now time.Time, f Facts) (Explanation, bool) {
	return Explain(&s.Call, calendar.On(now), f, others(k.Cases, d.Member, d.ID)...)
}
