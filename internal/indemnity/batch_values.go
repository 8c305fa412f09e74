package indemnity

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"portal/internal/batch"
	"portal/internal/calendar"
	"portal/internal/money"
)

// What a value must be.
const (
	notGiven     = "is missing"
	givenTwice   = "is given twice"
	notText      = `text: "…"`
	notADate     = `a date in quotes, as in "2026-05-31"`
	notAnInstant = `an instant of Rome in quotes, as in "2026-06-10T23:59:59"`
	notInQuotes  = `money in quotes, as in "1234.50"`
	notACount    = "a count: a number without sign and decimals"
)

// shape is the fields of an object, in the order in which they usually come.
type shape struct {
	what     string // "an application"
	fields   []string
	required uint64 // by the place of the field
}

// shapeOf is the shape of an object; a field that may be left out ends in ?.
func shapeOf(what string, fields ...string) shape {
	s := shape{what: what}
	for i, f := range fields {
		name, optional := strings.CutSuffix(f, "?")
		s.fields = append(s.fields, name)
		if !optional {
			s.required |= 1 << i
		}
	}
	return s
}

// object reads the fields of a shape, each once, and wants the required ones to be there.
func (p *jsonReader) object(s *shape, read func(name string)) {
	seen, expected := uint64(0), 0
	ok := p.members(func(name []byte) {
		i := expected
		if i >= len(s.fields) || s.fields[i] != string(name) {
			i = slices.IndexFunc(s.fields, func(f string) bool { return f == string(name) })
		}
		if i < 0 {
			p.within(step{name: shortened(name)}, func() {
				p.skip(0)
				p.wrong("is not a field of " + s.what)
			})
			return
		}
		p.within(step{name: s.fields[i]}, func() {
			if seen&(1<<i) != 0 {
				p.skip(0)
				p.wrong(givenTwice)
				return
			}
			seen |= 1 << i
			read(s.fields[i])
		})
		expected = i + 1
	})
	if !ok || s.required&^seen == 0 {
		return
	}
	for i, name := range s.fields {
		if (s.required&^seen)&(1<<i) != 0 {
			p.about(name, notGiven)
		}
	}
}

// about notes a flaw of a field of the object at hand.
func (p *jsonReader) about(field, what string) {
	p.within(step{name: field}, func() { p.wrong(what) })
}

// shortened is a name that a file made up, not empty and not too long.
func shortened(name []byte) string {
	runes := []rune(string(name))
	switch {
	case len(runes) == 0:
		return `""`
	case len(runes) > mostName:
		return string(runes[:mostName]) + "…"
	}
	return string(runes)
}

// bytes reads a string that is wanted for something; nil where there is none.
func (p *jsonReader) bytes(wanted string) []byte {
	if p.broken || p.peek() != '"' {
		p.not(wanted)
		return nil
	}
	text, ok := p.quoted()
	switch {
	case !ok:
		return nil
	case len(text) == 0:
		p.wrong("is empty")
		return nil
	}
	return text
}

func (p *jsonReader) string() string { return string(p.bytes(notText)) }

// remark reads a text that may be empty.
func (p *jsonReader) remark() string {
	if p.broken || p.peek() != '"' {
		p.not(notText)
		return ""
	}
	text, _ := p.quoted()
	return string(text)
}

func (p *jsonReader) bool() bool {
	if c := p.peek(); c != 't' && c != 'f' {
		p.not("true or false")
		return false
	}
	return p.word() == "true"
}

func (p *jsonReader) date() calendar.Date {
	text := p.bytes(notADate)
	if text == nil {
		return calendar.Date{}
	}
	d, ok := parseDate(text)
	if !ok {
		p.wrong("is not " + notADate)
	}
	return d
}

// dateOrNull reads a date that there may not be.
func (p *jsonReader) dateOrNull() calendar.Date {
	if p.null() {
		return calendar.Date{}
	}
	return p.date()
}

func (p *jsonReader) instant() time.Time {
	text := p.bytes(notAnInstant)
	if text == nil {
		return time.Time{}
	}
	const date, clock = len("2026-06-10"), len("T23:59:59")
	if len(text) == date+clock && text[date] == 'T' && text[date+3] == ':' && text[date+6] == ':' {
		day, ok := parseDate(text[:date])
		hour, minute, second := digits(text[date+1:date+3]), digits(text[date+4:date+6]), digits(text[date+7:])
		if ok && 0 <= hour && hour < 24 && 0 <= minute && minute < 60 && 0 <= second && second < 60 {
			return time.Date(day.Year, day.Month, day.Day, hour, minute, second, 0, calendar.Rome)
		}
	}
	p.wrong("is not " + notAnInstant)
	return time.Time{}
}

// money reads an amount; one that is owed is negative, and only taken where it may be.
func (p *jsonReader) money(parse func([]byte) (money.Amount, string)) money.Amount {
	text := p.bytes(notInQuotes)
	if text == nil {
		return 0
	}
	amount, what := parse(text)
	if what != "" {
		p.wrong(what)
	}
	return amount
}

func (p *jsonReader) amount() money.Amount { return p.money(batch.Decimal) }

func (p *jsonReader) rate() Rate {
	text := p.bytes("a percentage in quotes, as in \"20.00\"")
	if text == nil {
		return 0
	}
	rate, what := parseRate(text)
	if what != "" {
		p.wrong(what)
	}
	return rate
}

// count reads a number of days.
func (p *jsonReader) count() int {
	if c := p.peek(); c != '-' && (c < '0' || c > '9') {
		p.not(notACount)
		return 0
	}
	text := p.number()
	n, err := strconv.ParseUint(text, 10, 20)
	switch {
	case p.broken:
	case strings.HasPrefix(text, "-"):
		p.wrong(batch.Negative)
	case err != nil:
		p.wrong("is not " + notACount)
	}
	return int(n)
}

// oneOf reads one of some words.
func oneOf[T ~string](p *jsonReader, words ...T) T {
	text := p.bytes(notText)
	for _, w := range words {
		if string(text) == string(w) {
			return w
		}
	}
	if text != nil {
		var all []string
		for _, w := range words {
			all = append(all, string(w))
		}
		p.wrong("is none of " + strings.Join(all, ", "))
	}
	return ""
}

// perYear reads an object whose fields are calendar years.
func perYear[T any](p *jsonReader, value func() T) (years Yearly[T]) {
	p.members(func(name []byte) {
		p.within(step{name: shortened(name)}, func() {
			year := -1
			if len(name) == 4 {
				year = digits(name)
			}
			_, again := years.Of(year)
			switch {
			case year < 1:
				p.skip(0)
				p.wrong("is not a year, as in 2024")
			case again:
				p.skip(0)
				p.wrong(givenTwice)
			default:
				if years == nil {
					years = make(Yearly[T], 0, 3)
				}
				years = append(years, InYear[T]{year, value()})
			}
		})
	})
	return years
}

// parseDate reads "2026-05-31".
func parseDate(text []byte) (calendar.Date, bool) {
	if len(text) != len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return calendar.Date{}, false
	}
	return calendar.CheckedDate(digits(text[:4]), digits(text[5:7]), digits(text[8:]))
}

// digits is the number that a text of digits stands for, -1 for any other text.
func digits(text []byte) int {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}
