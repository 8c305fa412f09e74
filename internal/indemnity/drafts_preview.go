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
	e, known := Explain(&s.Call, calendar.On(now), f)
	return Preview{e, supposed}, known
}
