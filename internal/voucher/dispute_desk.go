package voucher

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
)

// DisputeShelf is a part of the worklist of reports.
type DisputeShelf string

// The parts, in the order of work.
const (
	DisputesToJudge   DisputeShelf = "open"
	DisputesToDecide  DisputeShelf = "proposed"
	DisputesDecided   DisputeShelf = "decided"
	DisputesToRecover DisputeShelf = "recover" // upheld when the session had been paid
)

// DisputeShelves lists the parts.
var DisputeShelves = []DisputeShelf{DisputesToJudge, DisputesToDecide, DisputesDecided, DisputesToRecover}

// DisputesPerPage is how many reports a page of the worklist shows.
const DisputesPerPage = 50

// DisputeList asks a part of the worklist.
type DisputeList struct {
	Shelf DisputeShelf
	Page  int // from 1
}

// DisputeLine is a report in the worklist. It names nobody but the officer.
type DisputeLine struct {
	ID        DisputeID
	Protocol  string
	Kind      DisputeKind
	Holds     bool
	State     DisputeState
	MadeAt    time.Time
	AnswerBy  calendar.Date
	Territory string
	Day       calendar.Date // of the session
	Price     money.Amount
	Recover   money.Amount
	Paid      bool // and still is: false where the payment has come back
	Officer   string
}

// DisputePage is a page of the worklist, with how many reports stand in each part and
// what is to be recovered in all.
type DisputePage struct {
	Lines     []DisputeLine
	Counts    map[DisputeShelf]int
	ToRecover money.Amount
}

// SessionsADay is how many sessions of one professional on one day make an officer
// look: a guard of the portal, not a rule of the law.
const SessionsADay = 10

// Anomaly is why an officer should look at a session.
type Anomaly string

// The anomalies.
const (
	AnomalyReported Anomaly = "reported"  // a report about it is open
	AnomalyInReview Anomaly = "in_review" // its invoice waits to be looked at
	AnomalyEarly    Anomaly = "early"     // it was confirmed before it was over
	AnomalyCrowded  Anomaly = "crowded"   // its professional had more than SessionsADay that day
)

// Anomalies lists them, in the order of the page.
var Anomalies = []Anomaly{AnomalyReported, AnomalyInReview, AnomalyEarly, AnomalyCrowded}

// CrowdedSince is how many days back crowded days are looked for.
const CrowdedSince = 90

// SessionList asks for sessions: the last ones first. Empty fields do not restrict.
type SessionList struct {
	Edition   EditionID
	Territory string
	State     SessionShelf
	Anomaly   Anomaly
	After     SessionPlace // the page begins behind it, or with Back ends before it
	Back      bool
	Today     calendar.Date
}

// SessionShelf is how an officer sorts sessions.
type SessionShelf string

// The shelves.
const (
	SessionsBooked    SessionShelf = "booked"
	SessionsToConfirm SessionShelf = "to_confirm" // booked, and its day has passed
	SessionsToInvoice SessionShelf = "to_invoice" // confirmed, without an invoice
	SessionsInvoiced  SessionShelf = "invoiced"
	SessionsCancelled SessionShelf = "cancelled"
)

// SessionShelves lists them, in the order in which a session meets them.
var SessionShelves = []SessionShelf{SessionsBooked, SessionsToConfirm, SessionsToInvoice, SessionsInvoiced, SessionsCancelled}

// BookingFound is written when an officer who looks for somebody finds their sessions.
const BookingFound audit.Action = "booking.found"

// SessionPlace is where in the list a session stands; its ID is "" for nowhere.
type SessionPlace struct {
	Day calendar.Date
	ID  BookingID
}

// String is the place as addresses write it.
func (p SessionPlace) String() string { return p.Day.String() + "_" + string(p.ID) }

// ParseSessionPlace reads it back, nowhere where it says nothing.
func ParseSessionPlace(text string) SessionPlace {
	day, id, _ := strings.Cut(text, "_")
	on, err := calendar.ParseDate(day)
	named, wrong := uuid.Parse(id)
	if err != nil || wrong != nil {
		return SessionPlace{}
	}
	return SessionPlace{on, BookingID(named.String())}
}

// SessionRow is a session in a list of the office. Only a search for somebody says
// whose it is.
type SessionRow struct {
	ID           BookingID
	Day          calendar.Date
	Start        time.Time // zero when no hour was given
	State        BookingState
	Price        money.Amount
	Claimed      bool
	Territory    string
	Edition      EditionID
	Invoice      string // id of the live one, or ""
	InvoiceState string
	Dispute      DisputeID // that is open, or ""
	Payment      string    // state of the live order, or ""
	Early        bool      // it was confirmed before it was over
	Holder       identity.Person
	Professional string
}

// Place is where in the list the session stands.
func (r SessionRow) Place() SessionPlace { return SessionPlace{r.Day, r.ID} }

// SessionsPerPage is how many sessions a page of the list shows.
const SessionsPerPage = 50

// SessionPage is a page of sessions.
type SessionPage struct {
	Rows  []SessionRow
	Next  bool // there is a page after this one
	Prior bool // there is a page before
}
