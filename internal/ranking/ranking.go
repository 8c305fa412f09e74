// Package ranking puts entries in the order of some criteria, says which of them
// decided each place, and lets a budget go down the places. It knows nothing of
// what is ranked: a scheme brings its entries, its criteria and their law.
package ranking

import (
	"iter"
	"slices"

	"portal/internal/money"
)

// Criterion compares two entries by one thing, as cmp.Compare does: negative
// when a comes before b. Its name is what the outcome tells of it.
type Criterion[E any] struct {
	Name    string
	Compare func(a, b E) int
}

// Place is where an entry stands in a ranking (posizione).
type Place[E any] struct {
	Entry   E
	Rank    int    // from 1
	Decided string // the criterion that put it behind the one before; "" for the first, and in a tie that none breaks
}

// Rank orders entries by the first criterion that tells them apart, in the slice
// they stand in, and goes through their places from the first. Where the
// criteria break every tie, the order in which the entries came does not matter.
func Rank[E any](entries []E, criteria ...Criterion[E]) iter.Seq[Place[E]] {
	slices.SortFunc(entries, func(a, b E) int {
		for _, c := range criteria {
			if order := c.Compare(a, b); order != 0 {
				return order
			}
		}
		return 0
	})
	return func(yield func(Place[E]) bool) {
		for i, e := range entries {
			p := Place[E]{Entry: e, Rank: i + 1}
			if i > 0 {
				p.Decided = decided(entries[i-1], e, criteria)
			}
			if !yield(p) {
				return
			}
		}
	}
}

// decided names the first criterion that tells two entries apart.
func decided[E any](a, b E, criteria []Criterion[E]) string {
	for _, c := range criteria {
		if c.Compare(a, b) != 0 {
			return c.Name
		}
	}
	return ""
}

// Cut says what happens at the first place that cannot be paid in full.
type Cut string

// The cuts. Where the law is silent, which one it is, is a reading of it.
const (
	Partial Cut = "partial" // it takes what is left; after it nobody is paid, even where a smaller amount would still fit
	Stop    Cut = "stop"    // it gets nothing, and nobody after it
	Skip    Cut = "skip"    // it gets nothing; whoever comes after is paid where their amount still fits
)

// Fund is a budget on its way down a ranking.
type Fund struct {
	residual money.Amount
	cut      Cut
	spent    bool // nobody is paid any more
}

// NewFund is a budget before the first place, with what happens where it ends.
func NewFund(budget money.Amount, cut Cut) Fund { return Fund{residual: max(budget, 0), cut: cut} }

// Award pays the next place: in full while the money lasts, and then as the cut says.
func (f *Fund) Award(entitled money.Amount) money.Amount {
	if f.spent {
		return 0
	}
	awarded := entitled
	if entitled > f.residual {
		f.spent = f.cut != Skip
		awarded = 0
		if f.cut == Partial {
			awarded = f.residual
		}
	}
	f.residual -= awarded
	return awarded
}

// Residual is what the places so far have left (residuo).
func (f *Fund) Residual() money.Amount { return f.residual }

// Spent tells whether somebody could not be paid and nobody is any more.
func (f *Fund) Spent() bool { return f.spent }
