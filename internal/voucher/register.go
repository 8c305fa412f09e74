package voucher

import (
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
)

// Listing is a professional as the list shows them (lista professionisti).
type Listing struct {
	Person     identity.PersonID
	GivenName  string
	FamilyName string
	Address    string
	City       string
	PostalCode string
	Province   string
	Region     string
	Phone      string
	Languages  []string // ISO 639-1
	Online     bool
}

// Name is the professional's name as lists order it: family name first.
func (l Listing) Name() string { return l.FamilyName + " " + l.GivenName }

// Place is the address in one line, as a booking keeps it.
func (l Listing) Place() string {
	return l.Address + ", " + l.PostalCode + " " + l.City + " (" + l.Province + ")"
}

// Participation is a professional's own standing on CNOP's list.
type Participation struct {
	Listing  Listing
	Listed   bool          // ever on the list
	Enrolled bool          // on the list on the day asked
	LeftOn   calendar.Date // first day off the list, where it is known
}

// ParticipantList is the last list that CNOP delivered.
type ParticipantList struct {
	DeliveredOn calendar.Date
	NextDueOn   calendar.Date
}

// Search asks the list of professionals. Empty fields do not restrict; names and
// places match without accents or capitals.
type Search struct {
	Region, Province, City, PostalCode string
	Name                               string // part of the given or family name
	Language                           string // ISO 639-1
	Online                             bool   // only who also works on line
	Hour                               int64  // hours since 1970: the order changes with it, so that nobody is always first
	Page                               int    // from 1
}

// PageSize is how many professionals a page of the list shows.
const PageSize = 20

// Found is a page of the list.
type Found struct {
	Listings []Listing
	Total    int
	Near     []string // cities like the one asked for in which the rest of the search finds somebody, when it has nobody
}

// Agenda asks a professional's own sessions.
type Agenda struct {
	State    AgendaState // "" for all
	From, To calendar.Date
	Holder   string // part of the beneficiary's name
	Today    calendar.Date
	Page     int // from 1
}

// AgendaState is how a professional sorts sessions: by what is to be done.
type AgendaState string

// The shelves of the agenda.
const (
	ToCome    AgendaState = "to_come"    // prenotate
	ToConfirm AgendaState = "to_confirm" // da confermare: the day has come
	ToInvoice AgendaState = "to_invoice" // da fatturare: confirmed
	Billed    AgendaState = "invoiced"   // fatturate
	BeingPaid AgendaState = "in_payment" // in pagamento
	PaidOut   AgendaState = "paid"       // pagate
	CalledOff AgendaState = "cancelled"  // annullate
)

// AgendaStates lists the shelves in the order of work.
var AgendaStates = []AgendaState{ToConfirm, ToInvoice, ToCome, Billed, BeingPaid, PaidOut, CalledOff}

// AgendaPage is a page of a professional's sessions, with what stands on each shelf
// whatever the filter.
type AgendaPage struct {
	Sessions  []AgendaSession
	Total     int
	Counts    map[AgendaState]int
	BeingPaid money.Amount  // of what is in payment
	AtRisk    Sum           // what is not complete: to confirm, to invoice or to correct
	RiskBy    calendar.Date // the first of its terms that is not over; zero for none
	Payee     Payee
}

// AgendaPageSize is how many sessions a page of the agenda shows.
const AgendaPageSize = 50

// AgendaSession is a session in the agenda, with what became of its invoice.
type AgendaSession struct {
	Session
	Invoice   InvoiceID     // its live one, or ""
	CorrectBy calendar.Date // where that is to be corrected
	Payment   string        // the state of the live order that it is in: frozen, sent, paid; or ""
}

// ToCorrect tells whether its invoice is to be corrected.
func (s AgendaSession) ToCorrect() bool { return !s.CorrectBy.IsZero() }

// MayCorrect tells whether its professional still corrects that invoice on a day.
func (s AgendaSession) MayCorrect(today calendar.Date) bool {
	return s.ToCorrect() && !today.After(s.CorrectBy)
}

// Shelf is where the session stands in the agenda on a day.
func (s AgendaSession) Shelf(today calendar.Date) AgendaState {
	switch s.Payment {
	case "":
		return s.Booking.Shelf(today)
	case "paid":
		return PaidOut
	}
	return BeingPaid
}

// Shelf is where a session stands in the agenda on a day, as far as it knows itself: of
// payments it knows nothing.
func (b Booking) Shelf(today calendar.Date) AgendaState {
	switch {
	case b.State == Cancelled:
		return CalledOff
	case b.Invoiced():
		return Billed
	case b.State == Held:
		return ToInvoice
	case b.Day.After(today):
		return ToCome
	}
	return ToConfirm
}
