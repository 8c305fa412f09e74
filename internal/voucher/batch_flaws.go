package voucher

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// mostFlaws is how many flaws of a file are told; the others are counted.
const mostFlaws = 20

// Flaw is something in a file that is not as it must be.
type Flaw struct {
	Line  int
	Field string
	What  string
}

// Flaws is why a file cannot be taken: an error of one line for each flaw, as
// FILE:LINE: field: what is wrong, and a last one with their number. It repeats
// nothing of what the file says of persons.
type Flaws struct {
	File  string
	Count int
	First []Flaw // by line, mostFlaws of them at the most
}

// add notes a flaw; they need not come by line.
func (f *Flaws) add(line int, field, what string) {
	f.Count++
	at, _ := slices.BinarySearchFunc(f.First, line+1, func(have Flaw, line int) int { return cmp.Compare(have.Line, line) })
	if at < mostFlaws {
		f.First = slices.Insert(f.First, at, Flaw{line, field, what})
		f.First = f.First[:min(len(f.First), mostFlaws)]
	}
}

// err is the flaws if there are any.
func (f *Flaws) err() error {
	if f.Count == 0 {
		return nil
	}
	return f
}

// Error is all that is told of the flaws.
func (f *Flaws) Error() string {
	var text strings.Builder
	for _, flaw := range f.First {
		field := strings.Map(visible, flaw.Field)
		fmt.Fprintf(&text, "%s:%d: %s: %s\n", f.File, flaw.Line, field, flaw.What)
	}
	switch {
	case f.Count == 1:
		fmt.Fprintf(&text, "%s: 1 thing is wrong", f.File)
	case f.Count > len(f.First):
		fmt.Fprintf(&text, "%s: %d things are wrong, of which these are the first %d", f.File, f.Count, len(f.First))
	default:
		fmt.Fprintf(&text, "%s: %d things are wrong", f.File, f.Count)
	}
	return text.String()
}

// visible keeps a name that a file made up within its line.
func visible(r rune) rune {
	if unicode.IsControl(r) {
		return unicode.ReplacementChar
	}
	return r
}
