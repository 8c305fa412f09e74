package audit

import (
	"bytes"
	"crypto/sha256"
	"strconv"
)

// Line is an entry as the database keeps it: each column as a text, nil where there is
// none, in the order of the columns. A line without columns is of an entry that is gone.
type Line []*string

// Genesis is what the first entry of the register is sealed with.
var Genesis = digest([]byte("portal: register of acts, 1\n"))

// Seal is the digest that seals a line after another one: SHA-256 of the digest before
// and of the columns, each behind its length in bytes, "-" for none. One byte that is
// changed changes it, and so does a byte that moves from one column to the next.
func Seal(before []byte, line Line) []byte {
	b := make([]byte, 0, 512)
	b = append(b, before...)
	for _, column := range line {
		if column == nil {
			b = append(b, '-', '\n')
			continue
		}
		b = append(append(strconv.AppendInt(b, int64(len(*column)), 10), ':'), *column...)
		b = append(b, '\n')
	}
	return digest(b)
}

func digest(b []byte) []byte {
	d := sha256.Sum256(b)
	return d[:]
}

// Link is a line in the chain: its place and the digest that it was sealed with.
type Link struct {
	Position int64 // from 1
	Entry    int64 // number of the entry
	Digest   []byte
	Line     Line
}

// What does not hold, as a stable word.
const (
	FaultAltered = "altered" // an entry is not what was sealed
	FaultGone    = "gone"    // an entry that was sealed is not there
	FaultSlipped = "slipped" // an entry stands among older ones and was not sealed with them
	FaultGap     = "gap"     // a link of the chain is not there
	FaultCut     = "cut"     // the chain is shorter than it was
	FaultAnchor  = "anchor"  // the chain is not the one that was anchored on a day
	FaultSigned  = "signed"  // an anchor is not what was signed
	FaultRow     = "row"     // a row of a ranking is not what was kept
	FaultRanking = "ranking" // a ranking comes out otherwise, or its digests do
)

// Fault is something that is not as it was written.
type Fault struct {
	What  string `json:"what"`
	Thing string `json:"thing"`          // number of an entry, place in the chain, day of an anchor, protocol or id of a row
	Of    string `json:"of,omitempty"`   // ranking that a row is of
	Part  string `json:"part,omitempty"` // of the row that differs
}

// Sentence names the fault for operators.
func (f Fault) Sentence() string {
	switch f.What {
	case FaultAltered:
		return "entry " + f.Thing + " of the register is not what was sealed"
	case FaultGone:
		return "entry " + f.Thing + " of the register was sealed and is gone"
	case FaultSlipped:
		return "entry " + f.Thing + " of the register stands among sealed ones and was not sealed"
	case FaultGap:
		return "link " + f.Thing + " of the chain is gone"
	case FaultCut:
		return "the chain ends before link " + f.Thing + ", which was sealed"
	case FaultAnchor:
		return "the chain is not the one that was anchored on " + f.Thing
	case FaultSigned:
		return "the anchor of " + f.Thing + " is not what was signed"
	case FaultRow:
		return "row " + f.Thing + " of ranking " + f.Of + " is not what was kept: " + f.Part
	default:
		return "ranking " + f.Of + " is not what was kept: " + f.Part
	}
}

// Chain walks along the links in the order of their places. The zero Chain stands before
// the first.
type Chain struct {
	Position int64
	Entry    int64 // highest that it has met
	head     []byte
}

// Head is the digest where the chain stands.
func (c *Chain) Head() []byte {
	if c.head == nil {
		return Genesis
	}
	return c.head
}

// Begin stands the chain on a link, to go on from it.
func (c *Chain) Begin(position, entry int64, head []byte) {
	c.Position, c.Entry, c.head = position, entry, head
}

// Add seals a line after all others.
func (c *Chain) Add(entry int64, line Line) Link {
	l := Link{Position: c.Position + 1, Entry: entry, Digest: Seal(c.Head(), line), Line: line}
	c.Position, c.Entry, c.head = l.Position, max(c.Entry, entry), l.Digest
	return l
}

// Follow goes on to the next link and tells what of it does not hold. After a fault the
// chain goes on from what is kept, so that each link answers for its own line.
func (c *Chain) Follow(l Link) (faults []Fault) {
	for c.Position+1 < l.Position {
		c.Position++
		faults = append(faults, Fault{What: FaultGap, Thing: strconv.FormatInt(c.Position, 10)})
	}
	whole := len(faults) == 0
	switch number := strconv.FormatInt(l.Entry, 10); {
	case len(l.Line) == 0:
		faults = append(faults, Fault{What: FaultGone, Thing: number})
	case whole && !bytes.Equal(Seal(c.Head(), l.Line), l.Digest):
		faults = append(faults, Fault{What: FaultAltered, Thing: number})
	}
	c.Position, c.Entry, c.head = l.Position, max(c.Entry, l.Entry), l.Digest
	return faults
}
