package ui

// at is where today begins on a band, in hundredths of a percent.
func (p BandProps) at() int {
	days := p.From.Until(p.Last) + 1
	return min(max(p.From.Until(p.Today), 0), days) * 10_000 / max(days, 1)
}

func (p BandProps) over() string { return percent(p.at(), 10_000) }

func (p BandProps) anchor() string { return anchor(p.at()) }
