package indemnity

import (
	"slices"

	"portal/internal/calendar"
)

// CoveredSpan is a part of the day line with the papers that cover it: days next to each
// other with one reason, in one calendar year, under the same papers.
type CoveredSpan struct {
	DaySpan
	By []PaperID // in the order of the papers; none where no paper covers it
}

// Cover cuts a day line where a paper begins or ends (F18). Papers that prove nothing,
// and those without their file, cover no day. An order of the ASL is taken to cover what
// it says.
func Cover(line []DaySpan, papers []Paper) (all []CoveredSpan) {
	var proofs []Paper
	for _, p := range papers {
		if p.Kind.Medical() && p.Attachment != "" && p.Covers.Valid() {
			proofs = append(proofs, p)
		}
	}
	for _, part := range line {
		for rest := spanOf(part.Period); rest.days() > 0; {
			piece, by := rest, []PaperID(nil)
			for _, p := range proofs {
				days := spanOf(p.Covers)
				switch {
				case days.to < rest.from:
				case days.from > rest.from:
					piece.to = min(piece.to, days.from-1)
				default:
					piece.to, by = min(piece.to, days.to), append(by, p.ID)
				}
			}
			all = append(all, CoveredSpan{DaySpan{piece.period(), part.Why, part.Of}, by})
			rest.from = piece.to + 1
		}
	}
	return all
}

// LineDays is the days over which a day line and papers are drawn together; zero where
// there are none.
func LineDays(line []DaySpan, papers []Paper) (days calendar.Period) {
	add := func(p calendar.Period) {
		if !p.Valid() {
			return
		}
		if days.From.IsZero() || p.From.Before(days.From) {
			days.From = p.From
		}
		if p.To.After(days.To) {
			days.To = p.To
		}
	}
	for _, s := range line {
		add(s.Period)
	}
	for _, p := range papers {
		if p.Kind.Medical() {
			add(p.Covers)
		}
	}
	return days
}

// MedicalPapers are the papers that prove days, in the order of the days that they cover;
// those that cover none come last.
func MedicalPapers(papers []Paper) []Paper {
	medical := slices.DeleteFunc(slices.Clone(papers), func(p Paper) bool { return !p.Kind.Medical() })
	slices.SortStableFunc(medical, func(a, b Paper) int {
		switch {
		case a.Covers.IsZero() && b.Covers.IsZero():
			return a.IssuedOn.Compare(b.IssuedOn)
		case a.Covers.IsZero():
			return 1
		case b.Covers.IsZero():
			return -1
		}
		return byFirstDay(a.Covers, b.Covers)
	})
	return medical
}
