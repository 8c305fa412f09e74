// Package batch is what rankings from file to file have in common, whichever the
// scheme: the flaws of a file, told so that somebody can put them right, and money as
// data files carry it.
package batch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// MostFlaws is how many flaws of a file are told; the others are counted.
const MostFlaws = 20

// Flaw is something in a file that is not as it must be. Line is 0 in a file whose
// fields are told by their path.
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
	First []Flaw // by line, MostFlaws of them at the most
}

// Add notes a flaw; they need not come by line. Those of one line stay in the order in
// which they came.
func (f *Flaws) Add(line int, field, what string) {
	f.Count++
	at, _ := slices.BinarySearchFunc(f.First, line+1, func(have Flaw, line int) int { return cmp.Compare(have.Line, line) })
	if at < MostFlaws {
		f.First = slices.Insert(f.First, at, Flaw{line, field, what})
		f.First = f.First[:min(len(f.First), MostFlaws)]
	}
}

// Err is the flaws if there are any.
func (f *Flaws) Err() error {
	if f.Count == 0 {
		return nil
	}
	return f
}

// Error is all that is told of the flaws.
func (f *Flaws) Error() string {
	var text strings.Builder
	for _, flaw := range f.First {
		text.WriteString(f.File)
		if flaw.Line > 0 {
			fmt.Fprintf(&text, ":%d", flaw.Line)
		}
		fmt.Fprintf(&text, ": %s: %s\n", strings.Map(Visible, flaw.Field), flaw.What)
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

// Visible keeps a name, by strings.Map, that a file made up within its line and in the
// order in which it is written: nothing breaks the line, turns it round or hides in it.
func Visible(r rune) rune {
	if !unicode.IsPrint(r) {
		return unicode.ReplacementChar
	}
	return r
}
