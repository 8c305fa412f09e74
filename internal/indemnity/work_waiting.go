package indemnity

import (
	"context"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// WorkPart is a part of the work of the office that waits by itself, beside the cases on
// their shelves.
type WorkPart string

// The parts. What one proposed waits for another.
const (
	OutcomesPart     WorkPart = "outcomes"     // decisions on cases, proposed
	SuccessionsPart  WorkPart = "successions"  // of heirs, proposed
	ReviewsPart      WorkPart = "reviews"      // requests for re-examination, to be judged
	ReviewEndsPart   WorkPart = "review_ends"  // of those, how they end, proposed
	ControlsPart     WorkPart = "controls"     // checks under way
	SamplesPart      WorkPart = "samples"      // of checks, proposed
	WriteOffsPart    WorkPart = "write_offs"   // of what is to be given back, proposed
	ThreadsPart      WorkPart = "threads"      // messages not answered
	CallsPart        WorkPart = "calls"        // versions, proposed
	TextsPart        WorkPart = "texts"        // standard texts, proposed
	RankingsPart     WorkPart = "rankings"     // proposed
	PublicationsPart WorkPart = "publications" // rankings that were approved
	AccountsPart     WorkPart = "accounts"     // of who is paid, to be verified
	RunsPart         WorkPart = "runs"         // of payments, proposed
	SendingsPart     WorkPart = "sendings"     // runs that were approved
)

// WorkParts lists the parts with the duty that each waits for, in the order of a case’s way.
var WorkParts = []struct {
	Part WorkPart
	Duty identity.Duty
}{
	{OutcomesPart, identity.Approve}, {SuccessionsPart, identity.Approve}, {ReviewsPart, identity.Prepare}, {ReviewEndsPart, identity.Approve},
	{ControlsPart, identity.Prepare}, {SamplesPart, identity.Approve}, {WriteOffsPart, identity.Approve}, {ThreadsPart, identity.Prepare},
	{CallsPart, identity.Approve}, {TextsPart, identity.Approve}, {RankingsPart, identity.Approve}, {PublicationsPart, identity.Publish},
	{AccountsPart, identity.Prepare}, {RunsPart, identity.Approve}, {SendingsPart, identity.Pay},
}

// WorkWaiting is how much of a part waits for somebody.
type WorkWaiting struct {
	Part  WorkPart
	Count int
}

// OfficerLoad are the undecided cases of an officer by their age in days.
type OfficerLoad struct {
	Officer string // name, "" for what is nobody’s
	Ages    [4]int // as LoadAges parts them
}

// LoadAges are the last days of all ages of OfficerLoad but the last, which has none.
var LoadAges = [3]int{7, 15, 30}

// Waiting tells somebody of the office what waits for them, part by part as far as their
// duties go, also where nothing does.
func (s *Work) Waiting(ctx context.Context, who identity.Actor) (all []WorkWaiting, err error) {
	counts, err := s.store.Waiting(ctx, who.Person)
	if err != nil {
		return nil, err
	}
	for _, x := range WorkParts {
		if who.Must(identity.Welfare, x.Duty) == nil {
			all = append(all, WorkWaiting{x.Part, counts[x.Part]})
		}
	}
	return all, nil
}

// Load is how the undecided cases lie among the officers today, for the head of the
// office: those of nobody first.
func (s *Work) Load(ctx context.Context, who identity.Actor) ([]OfficerLoad, error) {
	if err := who.Must(identity.Welfare, identity.Publish); err != nil {
		return nil, err
	}
	return s.store.Load(ctx, calendar.On(s.now()))
}
