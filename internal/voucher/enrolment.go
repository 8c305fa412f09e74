package voucher

import (
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// What is written about the card of a professional.
const (
	ProfessionalSeen   audit.Action = "professional.seen"
	EnrolmentSuspended audit.Action = "enrolment.suspended"
	EnrolmentResumed   audit.Action = "enrolment.resumed"
	RollTaken          audit.Action = "list.taken" // the list in force, away in a file
	ReportAsked        audit.Action = "report.asked"
	ReportAnswered     audit.Action = "report.answered"
)

// Why an enrolment stays as it is, or a report is not taken.
var (
	ErrNotOnList    = fault.Refuse("enrolment.not_on_list")
	ErrNotSuspended = fault.Refuse("enrolment.not_suspended")
	ErrEnrolmentDay = fault.Invalid("enrolment.day")
	ErrWhy          = fault.Invalid("enrolment.why")
	ErrReportText   = fault.Invalid("report.text")
	ErrAnswered     = fault.Stale("report.answered")
)

// Stretch is a time in which a professional takes part. It is ended, never
// deleted. One that began and ended on the same day lasted no day at all.
type Stretch struct {
	From      calendar.Date
	Until     calendar.Date // the first day off the list, zero while it is open
	Entered   int           // number of the delivery that began it, 0 for none
	Left      int           // number of the delivery that ended it, 0 for none
	Why       string        // of a suspension, which no delivery made
	ResumeWhy string        // of what began it, where no delivery did
	Empty     bool          // it lasted no day
}

// Suspended tells whether CNOP ended the stretch by hand.
func (s Stretch) Suspended() bool { return s.Left == 0 && s.Why != "" }

// Card is what CNOP's office and INPS know of a professional on the list.
type Card struct {
	Person    identity.PersonID
	Is        Participant
	Stretches []Stretch // newest first
	Bookings  int       // booked, from today on
}

// On tells whether the professional is on the list on a day.
func (c Card) On(day calendar.Date) bool {
	for _, s := range c.Stretches {
		if !s.Empty && !day.Before(s.From) && (s.Until.IsZero() || day.Before(s.Until)) {
			return true
		}
	}
	return false
}

// MaySuspend tells why somebody of CNOP may not suspend the professional.
func (c Card) MaySuspend(who identity.Actor) error {
	if len(c.Stretches) == 0 || !c.Stretches[0].Until.IsZero() {
		return ErrNotOnList
	}
	return may(who, identity.CNOP, identity.Prepare, identity.Approve)
}

// MayResume tells why somebody of CNOP may not let the professional back: only a
// suspension is taken back by hand, whoever left comes back with a list.
func (c Card) MayResume(who identity.Actor) error {
	if len(c.Stretches) == 0 || c.Stretches[0].Until.IsZero() || !c.Stretches[0].Suspended() {
		return ErrNotSuspended
	}
	return may(who, identity.CNOP, identity.Prepare, identity.Approve)
}

// Turn is a change to an enrolment made by hand: its end, or a new one.
type Turn struct {
	Resumes bool
	Day     calendar.Date
	Why     string
}

// Suspend ends the enrolment from a day on. Sessions booked stay booked.
func (c Card) Suspend(who identity.Actor, from, today calendar.Date, why string) (Turn, error) {
	if err := c.MaySuspend(who); err != nil {
		return Turn{}, err
	}
	return turn(false, from, later(today, c.Stretches[0].From), why)
}

// Resume begins a new stretch, on the very day of the suspension at the earliest.
func (c Card) Resume(who identity.Actor, from, today calendar.Date, why string) (Turn, error) {
	if err := c.MayResume(who); err != nil {
		return Turn{}, err
	}
	return turn(true, from, later(today, c.Stretches[0].Until), why)
}

// longestWhy bounds a reason that somebody types.
const longestWhy = 1000

func turn(resumes bool, from, first calendar.Date, why string) (Turn, error) {
	why = strings.TrimSpace(why)
	switch {
	case from.IsZero() || from.Before(first):
		return Turn{}, ErrEnrolmentDay
	case why == "" || utf8.RuneCountInString(why) > longestWhy:
		return Turn{}, ErrWhy
	}
	return Turn{resumes, from, why}, nil
}

func later(a, b calendar.Date) calendar.Date {
	if a.Before(b) {
		return b
	}
	return a
}

// RollState is how the list in force sorts professionals.
type RollState string

// The states of a professional on the list.
const (
	RollActive    RollState = "active"    // attivi
	RollSuspended RollState = "suspended" // sospesi by CNOP
	RollLeft      RollState = "left"      // usciti
)

// RollStates lists them in the order in which they are shown.
var RollStates = []RollState{RollActive, RollSuspended, RollLeft}

// RollAsk asks the list of everybody who takes part or did.
type RollAsk struct {
	State  RollState // "" for all
	Region string
	Name   string
	Today  calendar.Date
	Page   int // from 1
}

// RollPageSize is how many professionals a page of the list shows to the offices.
const RollPageSize = 100

// RollRow is a professional in the list of the offices.
type RollRow struct {
	Person identity.PersonID
	Is     Participant
	State  RollState
	Since  calendar.Date // of the last stretch: its beginning, or its end for who is off the list
}

// RollPage is a page of the list, with how many there are in each state whatever
// the filter.
type RollPage struct {
	Rows   []RollRow
	Total  int
	Counts map[RollState]int
}

// Area is how many professionals are on the list in a province.
type Area struct {
	Region, Province string
	Enrolled         int
	Online           int // of them, also on line
}

// Report is what INPS asks CNOP about somebody on the list (segnalazione).
type Report struct {
	ID           string
	Person       identity.PersonID
	Name         string // of who it is about
	FiscalCode   identity.FiscalCode
	Text         string
	AskedName    string
	AskedAt      time.Time
	Answer       string // "" until there is one
	AnsweredName string
	AnsweredAt   time.Time
}

func reportText(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > 4*longestWhy {
		return "", ErrReportText
	}
	return text, nil
}
