package indemnity

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What officers write in the register about the list of cases. CaseListSeen is of it too.
const (
	CaseAssigned audit.Action = "indemnity.case_assigned"
	CasesFound   audit.Action = "indemnity.cases_found" // looked for by number, code or name
	CasesTaken   audit.Action = "indemnity.cases_taken" // as a file
)

// Why an assignment is refused.
var (
	ErrNoCaseChosen = fault.Refuse("indemnity.no_case_chosen")
	ErrCasesTooMany = fault.Invalid("indemnity.cases_too_many")
	ErrNoOfficer    = fault.Invalid("indemnity.no_officer")
	ErrCaseTaken    = fault.Stale("indemnity.case_taken") // a colleague was quicker
)

// Limits of the list.
const (
	WorklistPageSize = 50
	AssignedAtOnce   = 100
	CountedAtMost    = 1000 // where counting a list ends: beyond it nobody reads the number
	FoundAtMost      = 50   // that a search shows
	OwnAtMost        = 50   // that the first page of an officer shows
	WeekDays         = 7    // that ShelfWeek looks ahead
)

// Shelf is where a case that is not decided lies, by the terms of what was asked for and
// by whose turn it is.
type Shelf string

// The shelves. Today is in ShelfRunning, and not in ShelfWeek.
const (
	ShelfLate     Shelf = "late"     // a term is over and the office has not moved
	ShelfToday    Shelf = "today"    // a term ends today
	ShelfWeek     Shelf = "week"     // a term ends within WeekDays
	ShelfRunning  Shelf = "running"  // a term runs
	ShelfWaits    Shelf = "waits"    // it is the member’s turn: a term runs, or the request has not reached them yet
	ShelfApproval Shelf = "approval" // a decision waits for a second person
)

// WorkKind is a kind of case that has a filter of its own.
type WorkKind string

// The kinds.
const (
	SeriousWork WorkKind = "serious" // cycles of therapy for a serious illness
	HeirsWork   WorkKind = "heirs"   // applied for by heirs
)

// Worklist asks for cases as officers work on them. Empty fields do not restrict.
type Worklist struct {
	Call     CallID
	Standing CaseStanding
	Officer  identity.PersonID // it is assigned to
	Nobodys  bool              // it is assigned to nobody; Officer is empty then
	Kind     WorkKind
	Shelf    Shelf
	Today    calendar.Date // of the standings and the shelves
	Oldest   bool          // the oldest first, not the newest
	After    WorkPlace     // the last of the page before, in the order; zero: from the beginning
	Back     bool          // the page that ends before After
}

// Codes are the filters as the register keeps them: words of the program, never what
// somebody typed.
func (w Worklist) Codes() string {
	var all []string
	for _, f := range [][2]string{{"call", string(w.Call)}, {"standing", string(w.Standing)}, {"officer", string(w.Officer)}, {"kind", string(w.Kind)}, {"shelf", string(w.Shelf)}} {
		if f[1] != "" {
			all = append(all, f[0]+"="+f[1])
		}
	}
	if w.Nobodys {
		all = append(all, "officer=nobody")
	}
	return strings.Join(all, " ")
}

// WorkPlace is a place in a worklist: pages are asked for by where the one before ended.
type WorkPlace struct {
	At time.Time // of submission
	ID CaseID
}

// String is the place as addresses write it; "" at the beginning.
func (p WorkPlace) String() string {
	if p.ID == "" {
		return ""
	}
	return strconv.FormatInt(p.At.UnixMicro(), 36) + "." + string(p.ID)
}

// ParseWorkPlace reads a place; the zero one from anything else.
func ParseWorkPlace(text string) WorkPlace {
	at, id, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(at, 36, 64)
	if u, wrong := uuid.Parse(id); err != nil || wrong != nil || u.String() != id || n < 0 || n > 4_102_444_800_000_000 {
		return WorkPlace{}
	}
	return WorkPlace{time.UnixMicro(n), CaseID(id)}
}

// WorkRow is a case in a worklist.
type WorkRow struct {
	ID          CaseID
	Protocol    string
	Call        CallID
	Member      string // name of the member
	Kind        ApplicantKind
	Cause       Cause
	State       State
	SubmittedAt time.Time
	Officer     string        // name of who it is assigned to, "" for nobody
	DueOn       calendar.Date // last day of the first term that runs or is over; zero for none
	Asked       RequestKind   // what was asked for last and not answered; "" for nothing
	Answered    bool          // an answer waits for a judgement
	Proposed    bool          // a decision waits for a second person
	Paying      Paying        // of one with money: what is ordered and paid of it
}

// Place is where the row stands.
func (r WorkRow) Place() WorkPlace { return WorkPlace{r.SubmittedAt, r.ID} }

// Standings lists every standing of a case, from where it begins.
var Standings = []CaseStanding{CaseStanding(Submitted), CaseStanding(InReview), SupplementAsked, RegularisationAsked, TermOver, AnswerReceived, CaseStanding(Suitable),
	CaseStanding(Funded), BeingPaid, PaidWhole, PaymentBack, CaseStanding(Unfunded), CaseStanding(NotEligible), CaseStanding(Inadmissible), CaseStanding(Forfeited),
	CaseStanding(Revoked), CaseStanding(WithdrawnByMember)}

// Standing is where the case stands, as far as its row tells, on a day. A list is
// restricted by it.
func (r WorkRow) Standing(today calendar.Date) CaseStanding {
	if word := r.Paying.standing(); r.State == Funded && word != "" {
		return word
	}
	switch {
	case slices.Contains(OpenCaseStates, r.State) && r.Asked == "" && r.Answered:
		return AnswerReceived
	case !slices.Contains(OpenCaseStates, r.State) || r.Asked == "":
		return CaseStanding(r.State)
	case !r.DueOn.IsZero() && today.After(r.DueOn):
		return TermOver
	case r.Asked == Regularisation:
		return RegularisationAsked
	}
	return SupplementAsked
}

// OpenCaseStates are those of a case that has no outcome yet.
var OpenCaseStates = []State{Submitted, InReview}

// WorkPage is a page of a worklist.
type WorkPage struct {
	Rows  []WorkRow
	Count int  // how many there are in all, up to CountedAtMost
	More  bool // there are more than Count
	Next  bool // there is a page after this one
	Prior bool // there is a page before
	WorkChoices
}

// WorkChoices are what an officer may restrict a worklist to.
type WorkChoices struct {
	Calls    []CallID          // with rules in force, the latest month first
	Officers []identity.Person // who may work on cases
	Views    []View            // that the officer keeps
}

// WorkCounts are how many undecided cases lie on each shelf.
type WorkCounts struct{ Late, Today, Week, Waits, Approval, Unassigned int }

// OwnCase is a case of an officer, with how far its checks have come.
type OwnCase struct {
	CaseFile
	Checked, Checks int
}

// WorkQuest is what an officer looks for. What they typed is kept nowhere.
type WorkQuest struct {
	FiscalCode identity.FiscalCode
	Protocol   string
	Number     string // of enrolment in the register of the members
	Family     string // beginning of a family name
	Given      string // beginning of a given name after it
}

// ParseWorkQuest tells what a text looks for: a fiscal code, a protocol number, a number
// of enrolment, or the name of somebody, family name first. False for what is too short
// to be any.
func ParseWorkQuest(text string) (WorkQuest, bool) {
	text = strings.Join(strings.Fields(text), " ")
	if code, err := identity.ParseFiscalCode(text); err == nil {
		return WorkQuest{FiscalCode: code}, true
	}
	if p := strings.ToUpper(text); strings.HasPrefix(p, "ENPAP-") {
		return WorkQuest{Protocol: p}, true
	}
	if text != "" && strings.Trim(text, "0123456789") == "" {
		return WorkQuest{Number: text}, len(text) >= 3
	}
	family, given, _ := strings.Cut(text, " ")
	return WorkQuest{Family: family, Given: given}, len([]rune(family)) >= 2
}

// WorkStore keeps the cases as a list.
type WorkStore interface {
	// Worklist is a page of cases with the choices of the officer of an entry, and writes
	// that it was read.
	Worklist(ctx context.Context, ask Worklist, e audit.Entry) (WorkPage, error)
	// Choices are what an officer may restrict a worklist to on a day.
	Choices(ctx context.Context, who identity.PersonID, on calendar.Date) (WorkChoices, error)
	// Counts are the shelves on a day, as an officer has them: of what waits for a
	// second person, only what others proposed.
	Counts(ctx context.Context, who identity.PersonID, today calendar.Date) (WorkCounts, error)
	// Waiting is how much of each part of the work waits for somebody: of what is proposed,
	// only what others proposed.
	Waiting(ctx context.Context, who identity.PersonID) (map[WorkPart]int, error)
	// Load is how the undecided cases lie among the officers on a day, by their age.
	Load(ctx context.Context, today calendar.Date) ([]OfficerLoad, error)
	// Own are the undecided cases of the officer of an entry, oldest first, with that
	// they were read.
	Own(ctx context.Context, e audit.Entry) ([]CaseFile, error)
	// Next gives the officer of an entry the oldest undecided case that is nobody’s, and
	// not their own; "" when there is none.
	Next(ctx context.Context, form once.Form, e audit.Entry) (CaseID, error)
	// TakeOn gives the officer of an entry a case that is nobody’s. It is ErrCaseTaken when it
	// is somebody’s by now.
	TakeOn(ctx context.Context, form once.Form, id CaseID, e audit.Entry) error
	// Assign gives cases to an officer, "" for nobody, and tells how many were not theirs
	// before. What an officer applied for is left out.
	Assign(ctx context.Context, form once.Form, ids []CaseID, officer identity.PersonID, e audit.Entry) (int, error)
	// Search lists the cases that a quest finds, and writes that somebody looked.
	Search(ctx context.Context, ask WorkQuest, e audit.Entry) ([]WorkRow, error)
	// TakeAway writes that a list was taken away, and hands over each of its rows, oldest
	// first, as they are read.
	TakeAway(ctx context.Context, ask Worklist, format string, e audit.Entry, each func(WorkRow) error) error
	// Officers are who may work on cases on a day.
	Officers(ctx context.Context, on calendar.Date) ([]identity.Person, error)
	// NextOf is the undecided case of an officer after a place, or else their first; "" when
	// there is no other.
	NextOf(ctx context.Context, who identity.PersonID, after WorkPlace) (CaseID, error)
	TermStore
}

// Work is the list of cases that the officers of the welfare service work on.
type Work struct {
	store WorkStore
	now   func() time.Time
}

// NewWork is the service on a store, with a clock.
func NewWork(s WorkStore, now func() time.Time) *Work { return &Work{s, now} }

func (s *Work) entry(who identity.Actor, action audit.Action) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: action}
}

// List is a page of cases. That somebody read it is written down.
func (s *Work) List(ctx context.Context, who identity.Actor, ask Worklist) (WorkPage, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve, identity.Pay); err != nil {
		return WorkPage{}, err
	}
	ask.Today = calendar.On(s.now())
	return s.store.Worklist(ctx, ask, s.entry(who, CaseListSeen))
}

// Choices are what who asks may restrict a worklist to today.
func (s *Work) Choices(ctx context.Context, who identity.Actor) (WorkChoices, error) {
	return s.store.Choices(ctx, who.Person, calendar.On(s.now()))
}

// Counts are how much lies on each shelf today.
func (s *Work) Counts(ctx context.Context, who identity.Actor) (WorkCounts, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve, identity.Pay); err != nil {
		return WorkCounts{}, err
	}
	return s.store.Counts(ctx, who.Person, calendar.On(s.now()))
}

// Begin is where an officer begins: how much lies on each shelf, and the cases assigned
// to them.
func (s *Work) Begin(ctx context.Context, who identity.Actor) (WorkCounts, []OwnCase, error) {
	counts, err := s.Counts(ctx, who)
	if err != nil {
		return counts, nil, err
	}
	files, err := s.store.Own(ctx, s.entry(who, CaseListSeen))
	if err != nil {
		return counts, nil, err
	}
	today := calendar.On(s.now())
	var own []OwnCase
	for _, c := range files {
		list := examine(c, nil, today).Checklist // how many are done does not hang on the member’s other cases
		own = append(own, OwnCase{c, len(list) - len(Unchecked(list)), len(list)})
	}
	return counts, own, nil
}

// Next gives who asks the oldest undecided case that is nobody’s. Two who ask at once
// never get the same; "" when there is none.
func (s *Work) Next(ctx context.Context, who identity.Actor, form once.Form) (CaseID, error) {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return "", err
	}
	return s.store.Next(ctx, form, s.entry(who, CaseAssigned))
}

// TakeOn gives who asks a case that is nobody’s. Of two who ask at once one has it, and the
// other is told.
func (s *Work) TakeOn(ctx context.Context, who identity.Actor, form once.Form, id CaseID) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	return s.store.TakeOn(ctx, form, id, s.entry(who, CaseAssigned))
}

// Officers are who cases may be assigned to today.
func (s *Work) Officers(ctx context.Context) ([]identity.Person, error) {
	return s.store.Officers(ctx, calendar.On(s.now()))
}

// Assign gives some cases to an officer at once, "" for nobody, and tells how many were
// not theirs before.
func (s *Work) Assign(ctx context.Context, who identity.Actor, form once.Form, ids []CaseID, officer identity.PersonID) (int, error) {
	switch err := who.Must(identity.Welfare, identity.Prepare); {
	case err != nil:
		return 0, err
	case len(ids) == 0:
		return 0, ErrNoCaseChosen
	case len(ids) > AssignedAtOnce:
		return 0, ErrCasesTooMany
	}
	if officer != "" {
		officers, err := s.Officers(ctx)
		if err != nil {
			return 0, err
		}
		if !slices.ContainsFunc(officers, func(p identity.Person) bool { return p.ID == officer }) {
			return 0, ErrNoOfficer
		}
	}
	return s.store.Assign(ctx, form, ids, officer, s.entry(who, CaseAssigned))
}

// Search finds cases by number, fiscal code or name. That somebody looked is written
// down, and not for what.
func (s *Work) Search(ctx context.Context, who identity.Actor, ask WorkQuest) ([]WorkRow, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return nil, err
	}
	return s.store.Search(ctx, ask, s.entry(who, CasesFound))
}

// Export hands over a whole list, row by row, and writes that it was taken away.
func (s *Work) Export(ctx context.Context, who identity.Actor, ask Worklist, format string, each func(WorkRow) error) error {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return err
	}
	ask.Today = calendar.On(s.now())
	return s.store.TakeAway(ctx, ask, format, s.entry(who, CasesTaken), each)
}
