package voucher

import (
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
)

// ApplicationState is what the office has made of an application.
//
//	Submitted ─> InReview ─┬─> Awarded            (accolta)
//	     │          ▲ │    ├─> PartiallyAwarded   (parzialmente accolta)
//	     │          │ ▼    ├─> Unfunded           (non accolta provvisoria)
//	     │    AwaitingISEE └─> Refused
//	     │          └─> NotProcessable            (improcedibile)
//	     └─> Withdrawn;  Awarded, PartiallyAwarded ─> Lapsed (decaduta), Withdrawn
//
// That a code has expired or is used up is told by the voucher, not by the state.
type ApplicationState string

// The states; the database knows the same words.
const (
	Submitted        ApplicationState = "submitted"
	InReview         ApplicationState = "in_review"
	AwaitingISEE     ApplicationState = "awaiting_isee"
	NotProcessable   ApplicationState = "not_processable"
	Awarded          ApplicationState = "awarded"
	PartiallyAwarded ApplicationState = "partially_awarded"
	Unfunded         ApplicationState = "unfunded"
	Refused          ApplicationState = "refused"
	Lapsed           ApplicationState = "lapsed"
	Withdrawn        ApplicationState = "withdrawn"
)

// ApplicationStates lists every state.
var ApplicationStates = []ApplicationState{Submitted, InReview, AwaitingISEE, NotProcessable,
	Awarded, PartiallyAwarded, Unfunded, Refused, Lapsed, Withdrawn}

// Application is what a person asked for in an edition (domanda), with its place
// in the ranking of the territory once there is one.
type Application struct {
	ID          ApplicationID
	Protocol    string
	Edition     EditionID
	Beneficiary identity.PersonID
	Applicant   identity.PersonID // who sent it: the beneficiary, or who answers for them
	Channel     Channel
	Territory   string // of residence when submitted
	Province    string
	ISEE        money.Amount // of the attestation used; see HasISEE
	HasISEE     bool
	ISEEStatus  ISEEStatus
	Attestation Attestation
	CureBy      calendar.Date // last day to put a defective ISEE right, zero without one
	Email       string        // where it was asked to write, also for somebody represented
	Phone       string
	SubmittedAt time.Time
	State       ApplicationState
	Reason      string        // code of the ground, where refused or not processable
	DecidedOn   calendar.Date // zero until there is an outcome
	Rank        int           // place in its territory, 0 until ranked
	Entitled    money.Amount  // by rule, before the money of the territory is counted
	LastRank    int           // last funded place of its territory, 0 until published
	LastISEE    money.Amount  // ISEE of the last funded place
	Run         RunID         // the publication in which it has its place, "" until ranked
	Version     int64         // moves with each change
}

// Channel is how an application came in.
type Channel string

// The channels; the database knows the same words.
const (
	Online  Channel = "online"
	Counter Channel = "counter" // contact centre, sportello
	Import  Channel = "import"
)

// Attestation is an ISEE as the register of INPS attests it. Its value stands
// beside it; see Application.ISEE.
type Attestation struct {
	Kind       string // "ordinary" or "current", "" for none
	Protocol   string // of the DSU
	IssuedOn   calendar.Date
	ValidUntil calendar.Date
	Defects    []string // codes of the omissions and differences (omissioni, difformità)
}

// Standing is an application as its holder sees it today: the state of the
// office, or what the calendar and the balance make of the voucher.
type Standing string

// What the voucher adds to the states of the application.
const (
	CodeExpired Standing = "expired"   // scaduta
	UsedUp      Standing = "exhausted" // conclusa: everything is used
)

// CaseFile is an application with its voucher and bookings: one citizen's page.
type CaseFile struct {
	Application Application
	Edition     Edition
	Voucher     Voucher // its ID is "" while there is none
	Sealed      []byte
	Bookings    []Session
}

// HasVoucher tells whether money was awarded.
func (f CaseFile) HasVoucher() bool { return f.Voucher.ID != "" }

// Standing is the word for the file on a day.
func (f CaseFile) Standing(today calendar.Date) Standing {
	v := f.Voucher
	switch {
	case !f.HasVoucher() || f.Application.State == Lapsed || f.Application.State == Withdrawn:
		return Standing(f.Application.State)
	case v.Used == v.Awarded:
		return UsedUp
	case v.State != Active || today.After(v.Terms.LastDay):
		return CodeExpired
	}
	return Standing(f.Application.State)
}

// Account is the part of the file that rules judge.
func (f CaseFile) Account() Account {
	a := Account{Voucher: f.Voucher, Rules: f.Edition.Rules, Province: f.Application.Province}
	for _, s := range f.Bookings {
		a.Bookings = append(a.Bookings, s.Booking)
	}
	return a
}

// Session is a booking with the people in it, as far as the reader may know them.
type Session struct {
	Booking
	ProfessionalName string
	Phone            string
	Holder           identity.Person // the beneficiary
	LastDay          calendar.Date   // of the voucher
	ConfirmBy        calendar.Date
	InvoiceBy        calendar.Date
	VoucherState     State
	Edition          EditionID
	RulesVersion     int // of the edition, in force
	Application      ApplicationID
	Territory        string
	Province         string    // of residence of the applicant
	Round            int       // of the publication that granted the voucher
	Moves            int       // how often its professional moved it
	MovedAt          time.Time // the last of them, zero for none
	Reopenings       Reopenings
}

// Terms are the terms of its voucher that judge a session.
func (s Session) Terms() Terms {
	return Terms{LastDay: s.LastDay, ConfirmBy: s.ConfirmBy, InvoiceBy: s.InvoiceBy}
}
