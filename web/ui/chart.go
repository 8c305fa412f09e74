package ui

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"
)

// The geometry of the charts: across in percent, so that the same picture fits a
// phone and a sheet; down in pixels, so that texts keep their size.

// A line of Bars is its name, and the bar below.
const (
	barLine  = 52
	barAbove = 22
	barHigh  = 18
)

type barPart struct {
	part     int
	x, width string
}

type barDrawn struct {
	name, label               string
	text, top                 string
	parts                     []barPart
	mark, markTop, markBottom string
}

func (p BarsProps) height() string { return strconv.Itoa(len(p.Rows) * barLine) }

// bars puts every line on the scale of the longest.
func (p BarsProps) bars() []barDrawn {
	var longest int64 = 1
	for _, r := range p.Rows {
		longest = max(longest, total(r.Parts), r.Mark)
	}
	all := make([]barDrawn, len(p.Rows))
	for i, r := range p.Rows {
		y := i * barLine
		b := barDrawn{name: r.Name, label: r.Label, text: strconv.Itoa(y + 16), top: strconv.Itoa(y + barAbove)}
		var at int64
		for part, n := range r.Parts {
			if n > 0 {
				b.parts = append(b.parts, barPart{part, percent(at, longest), percent(n, longest)})
				at += n
			}
		}
		if r.Mark > 0 {
			b.mark = percent(r.Mark, longest)
			b.markTop, b.markBottom = strconv.Itoa(y+barAbove-4), strconv.Itoa(y+barAbove+barHigh+4)
		}
		all[i] = b
	}
	return all
}

// total leaves out what is below nothing: more was spent than there was.
func total(parts []int64) (sum int64) {
	for _, n := range parts {
		sum += max(n, 0)
	}
	return sum
}

// named are the parts that the key names: one alone needs none.
func (p BarsProps) named() []string {
	if len(p.Series) == 1 {
		return nil
	}
	return p.Series
}

// part is the class of a part: the last of several is outlined.
func (p BarsProps) part(i int) string {
	switch {
	case i == 0:
		return "chart-solid"
	case p.hatched(i):
		return "chart-hatched"
	}
	return "chart-outlined"
}

func (p BarsProps) hatched(i int) bool { return i > 0 && i < len(p.Series)-1 }

// fill fills a hatched part with the hatch of its own picture.
func (p BarsProps) fill(suffix string, i int) templ.Attributes {
	if !p.hatched(i) {
		return nil
	}
	return templ.Attributes{"fill": "url(#" + p.ID + suffix + "-tratteggio)"}
}

type stickDrawn struct {
	name, label              string
	x, width, middle, anchor string
	top, height, above       string
}

// Columns stand on a ground at 210 pixels and are 180 high at the most.
const (
	columnGround = 210
	columnHigh   = 180
)

func (p ColumnsProps) sticks() []stickDrawn {
	var highest int64 = 1
	top := -1
	for i, s := range p.Sticks {
		if s.Value > highest || top < 0 {
			highest, top = max(s.Value, 1), i
		}
	}
	all := make([]stickDrawn, len(p.Sticks))
	n := int64(len(p.Sticks))
	for i, s := range p.Sticks {
		at, high := int64(i), int(s.Value*columnHigh/highest)
		d := stickDrawn{
			label: s.Label, x: percent(at*100+10, n*100), width: percent(80, n*100), middle: percent(at*100+50, n*100),
			anchor: anchor(int((at*100 + 50) * 100 / n)),
			top:    strconv.Itoa(columnGround - high), height: strconv.Itoa(high), above: strconv.Itoa(columnGround - high - 6),
		}
		if i == 0 || i == len(p.Sticks)-1 || i == top && i > len(p.Sticks)/5 && i < len(p.Sticks)*4/5 {
			d.name = s.Name
		}
		all[i] = d
	}
	return all
}

// The plot of a CutLine lies between 30 and 240 pixels.
const (
	plotTop  = 30
	plotHigh = 210
)

// scale is what the far corner of the plot stands for.
func (p CutLineProps) scale() (places, cents int64) {
	places, cents = 1, max(p.Budget, 1)
	for _, s := range p.Steps {
		places, cents = max(places, int64(s.Place)), max(cents, s.Total)
	}
	return places, cents + cents/20
}

func (p CutLineProps) line() string { return p.points(p.Steps) }

// area is what lies below the line up to the last place funded.
func (p CutLineProps) area() string {
	funded := slices.DeleteFunc(slices.Clone(p.Steps), func(s CutStep) bool { return s.Place > p.Last })
	if len(funded) == 0 {
		return ""
	}
	return p.points(append(funded, CutStep{Place: funded[len(funded)-1].Place}))
}

// points are the corners of a line, from nothing at the first place.
func (p CutLineProps) points(steps []CutStep) string {
	places, cents := p.scale()
	b := []byte("0,10000")
	for _, s := range steps {
		b = strconv.AppendInt(append(b, ' '), int64(s.Place)*10_000/places, 10)
		b = strconv.AppendInt(append(b, ','), 10_000-s.Total*10_000/cents, 10)
	}
	return string(b)
}

func (p CutLineProps) budgetY(above int) string {
	_, cents := p.scale()
	return strconv.Itoa(plotTop + plotHigh - int(p.Budget*plotHigh/cents) + above)
}

func (p CutLineProps) lastX() string {
	places, _ := p.scale()
	return percent(int64(p.Last), places)
}
