package voucher

import (
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
)

// SoonDays is how near a term is for the worklist to speak of it.
const SoonDays = 7

// Duties is what waits for an officer today. What needs another person is counted
// only for who may do it: nobody is asked to approve what they proposed.
type Duties struct {
	Unassigned int // open applications that are nobody's, up to CountedAtMost
	Own        int // open applications that are the officer's
	Soon       int // terms to put an ISEE right that end within SoonDays

	Versions         []Waiting // of rules, proposed: to be released
	Rankings         []Waiting // proposed: to be approved
	Publications     []Waiting // approved: to be published
	Reexaminations   []Waiting // proposed: to be decided
	Refusals         []Waiting // proposed: to be decided
	Deliveries       []Waiting // of CNOP's list: to be applied
	Closures         []Waiting // of sessions, proposed: to be decided
	Lapses           []Waiting // of vouchers, proposed: to be decided
	Cases            []Waiting // of one voucher, proposed: to be decided
	Disputes         []Waiting // proposed: to be decided
	Runs             []Waiting // of payments, proposed: to be approved
	Payments         []Waiting // approved: to be sent to the bank
	Accounts         int       // to be verified
	Invoices         int       // to be looked at
	Reports          int       // disputes open, that nobody has proposed to decide
	LateReports      int       // of which the term to answer is over
	Overdue          int       // terms to put an ISEE right that are over, and nothing was decided
	BlockedCodes     int
	StuckImports     int           // begun more than an hour ago, and not ended
	ListDue          calendar.Date // when CNOP's next list is due; zero before the first
	StuckRankings    int           // published more than an hour ago, and not issued everywhere
	DisputedRankings int           // runs on which the two rankers do not agree
}

// Waiting is something that waits for an officer: its address, as far as it is known
// by ids, and since when.
type Waiting struct {
	ID    string // of the thing; the number of the version for rules
	Of    string // what it belongs to: an edition, a protocol number
	By    string // name of who proposed it, "" where nobody did
	Since time.Time
}

// Approvals counts what waits for somebody's approval, publication or application.
func (d Duties) Approvals() int {
	return len(d.Versions) + len(d.Rankings) + len(d.Publications) + len(d.Reexaminations) + len(d.Refusals) + len(d.Deliveries) +
		len(d.Closures) + len(d.Lapses) + len(d.Cases) + len(d.Disputes) + len(d.Runs) + len(d.Payments)
}

// Figures are the numbers of an edition for those who run it.
type Figures struct {
	At           time.Time // as of when
	Applications int
	Awarded      int // in full or in part
	UsedCodes    int // with a session confirmed
	Held         int // sessions confirmed
	ByDay        []DayFigure
	ByTerritory  []TerritoryFigure
}

// DayFigure is how many applications came in on a day.
type DayFigure struct {
	Day          calendar.Date
	Applications int
}

// TerritoryFigure is a territory of an edition: who applied, and what the published
// ranking made of its money.
type TerritoryFigure struct {
	Territory    string
	Applications int
	Awarded      int
	Budget       money.Amount // to award; 0 before a publication
	Spent        money.Amount
	LastRank     int
	LastISEE     money.Amount
}

// CodeFigures are the vouchers of an edition by how they stand.
type CodeFigures struct {
	Active, Blocked, Expired, GivenUp, UsedUp, Closed int // Closed: lapsed, or ended by two officers
	Awarded, Booked, Used                             money.Amount
	LastBlocked                                       []BlockedCode // newest first, some
}

// BlockedCode is a voucher that is blocked.
type BlockedCode struct {
	ID       ID
	Protocol string
	Reason   string
	Since    time.Time
}
