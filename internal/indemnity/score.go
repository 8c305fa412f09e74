package indemnity

import (
	"cmp"
	"iter"
	"math"
	"strings"

	"portal/internal/money"
	"portal/internal/ranking"
)

// Score is the points of an application (art. 4).
type Score struct {
	ISEE, Duration, Exclusivity int
}

// Total is all points together.
func (s Score) Total() int { return s.ISEE + s.Duration + s.Exclusivity }

// score gives the points of R51, R52 and R53.
func (r *RuleSet) score(f *Facts, duration int) Score {
	s := Score{Exclusivity: r.ExclusivityPoints.Is.Other}
	if f.Declarations.Exclusive {
		s.Exclusivity = r.ExclusivityPoints.Is.Exclusive
	}
	if value, ok := r.isee(f); ok {
		for _, b := range r.ISEEPoints.Is {
			if b.UpTo == nil || value <= *b.UpTo {
				s.ISEE = b.Points
				break
			}
		}
	}
	for _, b := range r.DurationPoints.Is {
		if b.UpTo == nil || duration <= *b.UpTo {
			s.Duration = b.Points
			break
		}
	}
	return s
}

// isee is the ISEE that counts, and whether there is one (A29).
func (r *RuleSet) isee(f *Facts) (money.Amount, bool) {
	switch f.ISEE.Status {
	case ISEEValid:
		return f.ISEE.Value, f.ISEE.Given
	case ISEEInvalid:
		return f.ISEE.Value, f.ISEE.Given && !r.Readings.InvalidISEEIsMissing.Is
	}
	return 0, false
}

// The criteria of the ranking (art. 4), in their order. The last three are not of
// the call: they order those whom every criterion of it leaves equal (A28).
const (
	ByScore       = "score"
	ByISEE        = "isee" // presented before missing, then the lower (A53)
	ByDuration    = "duration"
	ByEnrolment   = "enrolment"
	ByRuling      = "ruling" // of the head of the service, where the money ends among equals
	BySubmission  = "submission"
	ByApplication = "application_id"
)

// noISEE stands behind every ISEE.
const noISEE money.Amount = math.MaxInt64

// entry is an application in the ranking, with all that orders it close by.
type entry struct {
	score, duration, enrolled int
	isee                      money.Amount
	submitted                 int64
	ruled                     int // place in a ruling, from 0; behind all where there is none
	at                        int // of the application in the batch
}

func (r *RuleSet) entry(f *Facts, result *Result, at, ruled int) entry {
	if ruled < 0 {
		ruled = math.MaxInt
	}
	e := entry{result.Score.Total(), result.Duration, numberOf(f.EnrolledOn), noISEE, submitted(f), ruled, at}
	if value, ok := r.isee(f); ok {
		e.isee = value
	}
	return e
}

// submitted is when an application was sent; after all others, if it was not.
func submitted(f *Facts) int64 {
	if f.SubmittedAt.IsZero() {
		return math.MaxInt64
	}
	return f.SubmittedAt.UnixMicro() // nanoseconds run out in 2262
}

// places puts the entries in the order of the call, and of rulings where there are any.
func (r *RuleSet) places(ruled bool, entries []entry, all []Facts) iter.Seq[ranking.Place[entry]] {
	criteria := []ranking.Criterion[entry]{
		{Name: ByScore, Compare: func(a, b entry) int { return cmp.Compare(b.score, a.score) }},
		{Name: ByISEE, Compare: func(a, b entry) int { return cmp.Compare(a.isee, b.isee) }},
		{Name: ByDuration, Compare: func(a, b entry) int { return cmp.Compare(b.duration, a.duration) }},
		{Name: ByEnrolment, Compare: func(a, b entry) int { return cmp.Compare(a.enrolled, b.enrolled) }},
	}
	if ruled {
		criteria = append(criteria, ranking.Criterion[entry]{Name: ByRuling, Compare: func(a, b entry) int { return cmp.Compare(a.ruled, b.ruled) }})
	}
	if r.Readings.ResidualTie.Is == TieBySubmission {
		criteria = append(criteria, ranking.Criterion[entry]{Name: BySubmission, Compare: func(a, b entry) int { return cmp.Compare(a.submitted, b.submitted) }})
	}
	criteria = append(criteria, ranking.Criterion[entry]{Name: ByApplication,
		Compare: func(a, b entry) int { return strings.Compare(all[a.at].ID, all[b.at].ID) }})
	return ranking.Rank(entries, criteria...)
}

// tied tells whether a criterion is not one of the call: whom it puts behind another is
// equal to them (ex aequo).
func tied(decided string) bool {
	return decided == ByRuling || decided == BySubmission || decided == ByApplication
}
