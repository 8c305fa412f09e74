package voucher

import (
	"cmp"
	"slices"

	"portal/internal/identity"
)

// Extent says what a list leaves out.
type Extent string

// The extents; the database knows the same words.
const (
	FullList    Extent = "full"    // elenco completo: whoever is missing has left
	ChangesOnly Extent = "changes" // solo variazioni: whoever is missing stays as they are
)

// Extents lists every extent.
var Extents = []Extent{FullList, ChangesOnly}

// Known is a professional as the portal knows them when a list is compared.
type Known struct {
	Person    identity.PersonID
	Is        Participant // without the days of adhesion and withdrawal
	Enrolled  bool        // on the day the list speaks of, or from a later one
	Suspended bool        // off the list because CNOP suspended them
	Bookings  int         // booked, from today on
}

// Change is what a row of the list would do.
type Change string

// The changes; the database knows the same words.
const (
	RowAdded     Change = "added"
	RowChanged   Change = "changed"
	RowRemoved   Change = "removed"
	RowUnchanged Change = "unchanged"
	RowRejected  Change = "rejected"
)

// Changes lists every change, in the order in which they are shown.
var Changes = []Change{RowAdded, RowChanged, RowRemoved, RowRejected, RowUnchanged}

// DeliveryRow is a row of a list beside what stands.
type DeliveryRow struct {
	Line       int // of the file; below 0 for who is missing from it
	Change     Change
	FiscalCode string            // as it stood in the file, where it is none
	Person     identity.PersonID // "" for who is new
	Rejects    []Reject
	Before     *Participant      // as known; nil for who is new
	After      *Participant      // as the list says; nil for who is missing from it
	Raw        map[string]string // by column, of a row that could not be read
	Bookings   int               // still to come, of who would be removed
}

// Tally counts the rows of a comparison.
type Tally struct {
	Added, Changed, Removed, Unchanged, Rejected int
	Touched                                      int // sessions booked with who would be removed
	Standing                                     int // professionals enrolled when it was compared
}

// Comparison is a list beside what stands, row by row.
type Comparison struct {
	Tally
	Rows []DeliveryRow
}

// Same tells whether two comparisons would do the same to the same people. How
// many sessions a removal touches changes by the hour and makes no difference.
func (c Comparison) Same(rows []DeliveryRow) bool {
	return slices.EqualFunc(c.Rows, rows, func(a, b DeliveryRow) bool {
		return a.Line == b.Line && a.Change == b.Change && a.FiscalCode == b.FiscalCode && a.Person == b.Person &&
			slices.Equal(a.Rejects, b.Rejects) && sameParticipant(a.Before, b.Before)
	})
}

func sameParticipant(a, b *Participant) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.FiscalCode == b.FiscalCode && len(a.Changes(*b)) == 0
}

// Compare says what a list would do to what stands. Nobody who is on the list now
// is removed while the file has a row of theirs that could not be taken: they are
// recognised by their fiscal code, their place in the register or their name.
func Compare(file []ListRow, extent Extent, known []Known) Comparison {
	c := comparer{
		byCode: make(map[string]*Known, len(known)), byRegister: make(map[string]*Known, len(known)),
		inFile: make(map[string]*ListRow, len(file)), spoken: make(map[identity.PersonID]bool, len(file)),
	}
	names := make(map[string][]*Known, len(known))
	for i := range known {
		k := &known[i]
		c.byCode[string(k.Is.FiscalCode)] = k
		if k.Enrolled {
			c.out.Standing++
			c.byRegister[k.Is.register()] = k
			name := letters(k.Is.FamilyName) + " " + letters(k.Is.GivenName)
			names[name] = append(names[name], k)
		}
	}
	for i := range file {
		if r := &file[i]; len(r.Rejects) == 0 {
			c.inFile[string(r.Is.FiscalCode)] = r
		}
	}
	for i := range file {
		row := c.row(&file[i])
		if row.Change == RowRejected {
			c.recognise(&row, names)
		}
		if row.Person != "" {
			c.spoken[row.Person] = true
		}
		c.add(row)
	}
	if extent == FullList {
		c.missing(known)
	}
	slices.SortFunc(c.out.Rows, func(a, b DeliveryRow) int { return cmp.Compare(a.Line, b.Line) })
	return c.out
}

type comparer struct {
	byCode     map[string]*Known
	byRegister map[string]*Known   // who is enrolled
	inFile     map[string]*ListRow // rows that can be taken, by fiscal code
	spoken     map[identity.PersonID]bool
	out        Comparison
}

// row compares one row.
func (c *comparer) row(r *ListRow) DeliveryRow {
	if len(r.Rejects) > 0 {
		row := DeliveryRow{Line: r.Line, Change: RowRejected, FiscalCode: r.Raw[colFiscalCode], Rejects: r.Rejects, Raw: r.Raw}
		if k := c.byCode[rawCode(r.Raw)]; k != nil {
			row.Person = k.Person
		}
		return row
	}
	is := r.Is
	row := DeliveryRow{Line: r.Line, FiscalCode: string(is.FiscalCode), After: &is}
	k := c.byCode[row.FiscalCode]
	if k != nil {
		row.Person = k.Person
		if letters(is.FamilyName) == letters(k.Is.FamilyName) && letters(is.GivenName) == letters(k.Is.GivenName) {
			is.FamilyName, is.GivenName = k.Is.FamilyName, k.Is.GivenName
		}
	}
	switch {
	case k != nil && k.Enrolled && !is.LeftOn.IsZero():
		row.Change, row.Bookings, row.Before = RowRemoved, k.Bookings, &k.Is
	case k != nil && k.Enrolled && len(is.Changes(k.Is)) > 0:
		row.Change, row.Before = RowChanged, &k.Is
	case k != nil && k.Enrolled, !is.LeftOn.IsZero():
		row.Change = RowUnchanged
	case k != nil && k.Suspended:
		row.Change, row.Rejects = RowRejected, []Reject{{Column: "", Code: RejectSuspended}}
	case c.taken(is):
		row.Change, row.Rejects = RowRejected, []Reject{{Column: colRegisterNumber, Code: RejectTaken}}
	default:
		row.Change = RowAdded
		if k != nil {
			row.Before = &k.Is
		}
	}
	return row
}

// taken tells whether somebody on the list has the place in the register that a
// new one claims, and the file does not say that they give it up: one of the two
// fiscal codes is wrong.
func (c *comparer) taken(is Participant) bool {
	holder := c.byRegister[is.register()]
	if holder == nil || holder.Is.FiscalCode == is.FiscalCode {
		return false
	}
	theirs := c.inFile[string(holder.Is.FiscalCode)]
	return theirs == nil || theirs.Is.LeftOn.IsZero() && theirs.Is.register() == is.register()
}

// recognise says whose row was rejected, by whatever can be read in it.
func (c *comparer) recognise(row *DeliveryRow, names map[string][]*Known) {
	raw := row.Raw
	if raw == nil {
		raw = row.After.Cells()
	}
	if k := c.byRegister[rawRegister(raw)]; k != nil {
		c.spoken[k.Person] = true
		row.Person = cmp.Or(row.Person, k.Person)
	}
	if row.Person == "" {
		for _, k := range names[letters(raw[colFamilyName])+" "+letters(raw[colGivenName])] {
			c.spoken[k.Person] = true
			row.Person = k.Person
		}
	}
}

// missing removes who is enrolled and in no row.
func (c *comparer) missing(known []Known) {
	var gone []*Known
	for i := range known {
		if k := &known[i]; k.Enrolled && !c.spoken[k.Person] {
			gone = append(gone, k)
		}
	}
	slices.SortFunc(gone, func(a, b *Known) int { return cmp.Compare(a.Is.FiscalCode, b.Is.FiscalCode) })
	for i, k := range gone {
		c.add(DeliveryRow{Line: i - len(gone), Change: RowRemoved, FiscalCode: string(k.Is.FiscalCode), Person: k.Person, Before: &k.Is, Bookings: k.Bookings})
	}
}

func (c *comparer) add(row DeliveryRow) {
	switch row.Change {
	case RowAdded:
		c.out.Added++
	case RowChanged:
		c.out.Changed++
	case RowRemoved:
		c.out.Removed++
		c.out.Touched += row.Bookings
	case RowUnchanged:
		c.out.Unchanged++
	case RowRejected:
		c.out.Rejected++
	}
	c.out.Rows = append(c.out.Rows, row)
}

// Again is the row as the file had it, to be compared anew; false for who is
// missing from the file.
func (r DeliveryRow) Again() (ListRow, bool) {
	switch {
	case r.Line < 0:
		return ListRow{}, false
	case r.After != nil:
		return ListRow{Line: r.Line, Is: *r.After}, true
	}
	return ListRow{Line: r.Line, Rejects: r.Rejects, Raw: r.Raw}, true
}
