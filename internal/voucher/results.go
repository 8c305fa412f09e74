package voucher

import "time"

// Publication is a published ranking as anybody may know of it: its number within
// the edition and its time. One that was corrected stays readable.
type Publication struct {
	Run         RunID
	Edition     EditionID
	Version     int // of the rules
	Number      int
	Round       int
	Reason      string // of a correction, "" for what corrects nothing
	PublishedAt time.Time
	Superseded  bool
}

// Shown says which figures of a territory everybody may read.
type Shown struct {
	Applications bool // where they are hidden all is
	Eligible     bool
	Awarded      bool // with what was spent, and the ISEE of the last one funded
}

// Shown is what everybody may read of a territory where counts of fewer than so many
// people are not published. Awarded, eligible and applications lie within one
// another: what lies between two that are shown is nobody or so many, or else one
// could take the one from the other. Partial awards are one at the most, which the
// rule of the ranking itself tells.
func (t TerritoryResult) Shown(smallest int) Shown {
	fine := func(n int) bool { return n == 0 || n >= smallest }
	if !fine(t.Candidates) {
		return Shown{}
	}
	s := Shown{Applications: true, Awarded: fine(t.Awarded) && fine(t.Candidates-t.Awarded)}
	s.Eligible = fine(t.Eligible) && fine(t.Candidates-t.Eligible) && (!s.Awarded || fine(t.Eligible-t.Awarded))
	return s
}

// ShownSum is what everybody may read of the sum of all territories. A figure that
// is hidden in any of them has no sum: one could take the others from it.
func (r Run) ShownSum(smallest int) Shown {
	s := r.Total().Shown(smallest)
	for _, t := range r.Territories {
		each := t.Shown(smallest)
		s.Applications = s.Applications && each.Applications
		s.Eligible = s.Eligible && each.Eligible
		s.Awarded = s.Awarded && each.Awarded
	}
	return s
}
