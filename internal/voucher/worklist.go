package voucher

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
)

// WorklistPageSize is how many applications a page of the worklist shows, and
// AssignedAtOnce how many are assigned by one act.
const (
	WorklistPageSize = 50
	AssignedAtOnce   = 100
)

// CountedAtMost is where counting a worklist ends: beyond it nobody reads the number.
const CountedAtMost = 10_000

// Worklist asks for applications of an edition as officers work on them. Empty
// fields do not restrict.
type Worklist struct {
	Edition   EditionID
	Territory string
	State     ApplicationState
	ISEE      ISEEStatus
	Channel   Channel
	Whose     Whose
	Me        identity.PersonID // who asks
	Order     WorkOrder
	After     Cursor // the last of the page before, in the order; zero: from the beginning
	Back      bool   // the page that ends before After
}

// Whose says to whom applications are assigned, seen by who asks.
type Whose string

// The answers.
const (
	Anybodys Whose = ""
	Mine     Whose = "mine"
	Nobodys  Whose = "nobody"
	Others   Whose = "others"
)

// WorkOrder is the order of a worklist.
type WorkOrder string

// The orders. ByTerm lists only applications that wait for an ISEE.
const (
	Newest WorkOrder = ""
	Oldest WorkOrder = "oldest"
	ByTerm WorkOrder = "term"
)

// Codes are the filters of a worklist as the register keeps them: words of the
// program, never what somebody typed.
func (w Worklist) Codes() string {
	var all []string
	for _, f := range [][2]string{{"edition", string(w.Edition)}, {"territory", w.Territory}, {"state", string(w.State)},
		{"isee", string(w.ISEE)}, {"channel", string(w.Channel)}, {"whose", string(w.Whose)}} {
		if f[1] != "" {
			all = append(all, f[0]+"="+f[1])
		}
	}
	return strings.Join(all, " ")
}

// Cursor is a place in a worklist: pages are asked for by where the one before
// ended, so that the ten-thousandth costs no more than the second.
type Cursor struct {
	At time.Time // of submission, or the beginning of the last day of a term
	ID ApplicationID
}

// String is the cursor as addresses write it; "" at the beginning.
func (c Cursor) String() string {
	if c.ID == "" {
		return ""
	}
	return strconv.FormatInt(c.At.UnixMicro(), 36) + "." + string(c.ID)
}

// ParseCursor reads a cursor; the zero one from anything else.
func ParseCursor(text string) Cursor {
	at, id, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(at, 36, 64)
	if u, wrong := uuid.Parse(id); err != nil || wrong != nil || u.String() != id || n < 0 || n > 4_102_444_800_000_000 {
		return Cursor{}
	}
	return Cursor{time.UnixMicro(n), ApplicationID(id)}
}

// WorkRow is an application in a worklist. It names nobody but the officer.
type WorkRow struct {
	ID          ApplicationID
	Protocol    string
	SubmittedAt time.Time
	Territory   string
	Province    string
	ISEE        money.Amount
	HasISEE     bool
	ISEEStatus  ISEEStatus
	State       ApplicationState
	Reason      string
	Channel     Channel
	CureBy      calendar.Date
	DecidedOn   calendar.Date
	Rank        int
	Entitled    money.Amount
	Officer     string // name of who it is assigned to, "" for nobody
}

// Place is where the row stands in an order.
func (r WorkRow) Place(o WorkOrder) Cursor {
	if o == ByTerm {
		return Cursor{r.CureBy.Start(), r.ID}
	}
	return Cursor{r.SubmittedAt, r.ID}
}

// WorkPage is a page of a worklist.
type WorkPage struct {
	Rows  []WorkRow
	Count int  // how many there are in all, up to CountedAtMost
	More  bool // there are more than Count
	Next  bool // there is a page after this one
	Prior bool // there is a page before
}

// Quest is what an officer looks for by name, by fiscal code or by protocol
// number. What they typed is kept nowhere.
type Quest struct {
	FiscalCode identity.FiscalCode
	Protocol   string
	Family     string // beginning of a family name
	Given      string // beginning of a given name after it
}

// ParseQuest tells what a text looks for: a fiscal code, a protocol number, or the
// name of somebody, family name first. False for what is too short to be any.
func ParseQuest(text string) (Quest, bool) {
	text = strings.Join(strings.Fields(text), " ")
	if code, err := identity.ParseFiscalCode(text); err == nil {
		return Quest{FiscalCode: code}, true
	}
	if p := strings.ToUpper(text); strings.HasPrefix(p, "INPS-") {
		return Quest{Protocol: p}, true
	}
	family, given, _ := strings.Cut(text, " ")
	return Quest{Family: family, Given: given}, len([]rune(family)) >= 2
}

// FoundAtMost is how many applications a search shows.
const FoundAtMost = 50

// Named is an application with its beneficiary, as a search finds it.
type Named struct {
	WorkRow
	Edition     EditionID
	Beneficiary identity.Person
}

// OpenStates are those of an application that has no outcome yet.
var OpenStates = []ApplicationState{Submitted, InReview, AwaitingISEE}

// Pending tells whether the application has no outcome yet.
func (a Application) Pending() bool { return slices.Contains(OpenStates, a.State) && a.Run == "" }
