package auditor

import (
	"context"
	"net/netip"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
)

// How much of the register is on a page, and in a file.
const (
	LinesPerPage = 50
	LinesPerFile = 100_000
)

// Search is what an auditor looks for in the register. Zero fields ask for nothing.
type Search struct {
	Who    identity.PersonID
	About  identity.PersonID
	Action audit.Action
	Role   identity.Role
	Thing  string // id of what was done or looked at
	From   calendar.Date
	To     calendar.Date // included
	Before int64         // only entries with a lower number: the next page
}

// Line is an entry of the register as an auditor reads it.
type Line struct {
	ID      int64
	At      time.Time
	Action  audit.Action
	Role    identity.Role
	Who     identity.Person // without the fiscal code; "" for the calendar
	For     string          // for whom, where it is somebody else
	About   identity.Person
	Subject string
	File    string // the case that the subject is, or is of, where that is known; or ""
	Number  string // of that case: its protocol
	Changes []Change
	Why     audit.Reason // of a datum that was shown
	Request string
	Address netip.Addr // where the request came from; not valid where nobody asked
	Sealed  bool
}

// Change is what an act changed of what is kept, so many times over.
type Change struct {
	Thing  string `json:"thing"` // its table
	Field  string `json:"field"` // its column; of a case that is examined, the check
	Before string `json:"before"`
	After  string `json:"after"`
	Times  int    `json:"times"`
}

// SearchStore searches the register.
type SearchStore interface {
	// Lines are entries from the newest, so many at most.
	Lines(ctx context.Context, s Search, most int) ([]Line, error)
	// People are those who are meant by a fiscal code or a name, so many at most.
	People(ctx context.Context, text string, most int) ([]identity.Person, error)
	// Person is somebody; fault.ErrNotFound.
	Person(ctx context.Context, id identity.PersonID) (identity.Person, error)
	// Write appends to the register.
	Write(ctx context.Context, e audit.Entry) error
}

// MostPeople is how many people a search for a name offers.
const MostPeople = 20

// Search is a page of the register, one line more where there is another page. That
// somebody searched, and about whom, is written down before.
func (s *Register) Search(ctx context.Context, who identity.Actor, ask Search) ([]Line, error) {
	return s.search(ctx, who, ask, Searched, LinesPerPage+1)
}

// Take is what a search finds, to take away as a file.
func (s *Register) Take(ctx context.Context, who identity.Actor, ask Search) ([]Line, error) {
	ask.Before = 0
	return s.search(ctx, who, ask, Taken, LinesPerFile)
}

func (s *Register) search(ctx context.Context, who identity.Actor, ask Search, as audit.Action, most int) ([]Line, error) {
	if err := MayAudit(who); err != nil {
		return nil, err
	}
	if !ask.To.IsZero() && ask.To.Before(ask.From) {
		return nil, ErrWrongRange
	}
	about := ask.About
	if about == "" {
		about = ask.Who
	}
	if err := s.Write(ctx, audit.Entry{At: s.now(), Actor: who, Action: as, About: about}); err != nil {
		return nil, err
	}
	return s.Lines(ctx, ask, most)
}

// Find are the people whom an auditor means by a fiscal code or a name.
func (s *Register) Find(ctx context.Context, who identity.Actor, text string) ([]identity.Person, error) {
	if err := MayAudit(who); err != nil {
		return nil, err
	}
	if err := s.Write(ctx, audit.Entry{At: s.now(), Actor: who, Action: Searched}); err != nil {
		return nil, err
	}
	found, err := s.People(ctx, text, MostPeople)
	if err == nil && len(found) == 0 {
		err = ErrNobody
	}
	return found, err
}
