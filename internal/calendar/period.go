package calendar

// Period is a run of days, both ends in it. The zero Period is no days at all.
type Period struct {
	From Date `json:"from,omitzero"`
	To   Date `json:"to,omitzero"`
}

// IsZero tells whether it is no period at all.
func (p Period) IsZero() bool { return p.From.IsZero() && p.To.IsZero() }

// Valid tells whether it has both ends, and they are not reversed.
func (p Period) Valid() bool { return !p.From.IsZero() && !p.To.IsZero() && !p.To.Before(p.From) }

// Days is how many days it has; 0 where it is not valid.
func (p Period) Days() int {
	if !p.Valid() {
		return 0
	}
	return p.From.Until(p.To) + 1
}

// Has tells whether a day is in it.
func (p Period) Has(d Date) bool { return p.Valid() && !d.Before(p.From) && !d.After(p.To) }

// Clip is what of the period lies within another; zero when they share no day.
func (p Period) Clip(within Period) Period {
	if p.From.Before(within.From) {
		p.From = within.From
	}
	if p.To.After(within.To) {
		p.To = within.To
	}
	if !p.Valid() {
		return Period{}
	}
	return p
}
