package voucher

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// What is written in the register about invoices, and about the sessions on them.
const (
	InvoiceSent      audit.Action = "invoice.sent"
	InvoiceCorrected audit.Action = "invoice.corrected"
	InvoiceTakenBack audit.Action = "invoice.withdrawn"
	InvoiceDropped   audit.Action = "invoice.dropped" // by the office, which cancelled its last session
	InvoicePassed    audit.Action = "invoice.accepted"
	InvoiceReturned  audit.Action = "invoice.returned"
	InvoiceReopened  audit.Action = "invoice.reopened"
	InvoiceAmended   audit.Action = "invoice.amended" // by an officer, once it is in a payment
	BookingInvoiced  audit.Action = "booking.invoiced"
	BookingUnbilled  audit.Action = "booking.uninvoiced"
)

// Why the data of an invoice are not taken.
var (
	ErrNoSessions          = fault.Invalid("invoice.no_sessions")
	ErrSeveralHolders      = fault.Refuse("invoice.several_holders")
	ErrInvoiceNumber       = fault.Invalid("invoice.number_missing")
	ErrInvoiceNumberLong   = fault.Invalid("invoice.number_long")
	ErrInvoiceNumberUsed   = fault.Invalid("invoice.number_used")
	ErrInvoiceDay          = fault.Invalid("invoice.day_missing")
	ErrInvoiceDayEarly     = fault.Invalid("invoice.day_early")
	ErrInvoiceDayToCome    = fault.Invalid("invoice.day_to_come")
	ErrInvoiceAmount       = fault.Invalid("invoice.amount_missing")
	ErrInvoiceAmountLow    = fault.Invalid("invoice.amount_low")
	ErrInvoiceUnchanged    = fault.Invalid("invoice.unchanged")
	ErrInvoiceNoRoom       = fault.Refuse("invoice.no_room")
	ErrInvoiceInPayment    = fault.Refuse("invoice.in_payment")
	ErrInvoiceNotInPayment = fault.Refuse("invoice.not_in_payment")
	ErrInvoiceWithdrawn    = fault.Refuse("invoice.withdrawn")
	ErrInvoiceState        = fault.Stale("invoice.moved")
	ErrTooLateToCorrect    = fault.Refuse("invoice.too_late_to_correct")
	ErrTooLateToUnbill     = fault.Refuse("invoice.too_late_to_withdraw")
	ErrInvoiceLowered      = fault.Refuse("invoice.lowered")
	ErrOwnInvoice          = fault.Refuse("invoice.own")
	ErrInvoiceReason       = fault.Invalid("invoice.reason_missing")
	ErrInvoiceReasonLong   = fault.Invalid("invoice.reason_long")
	ErrInvoiceField        = fault.Invalid("invoice.field_missing")
)

// InvoiceGuards are what the portal looks at in an invoice before it lets it be
// paid. They are guards of the portal, not rules of the law: whoever is stopped by one
// waits for an officer, and loses nothing.
var InvoiceGuards = struct {
	Number      int          // characters of a number, at most
	Reason      int          // and of an officer's reason
	SessionsDay int          // that one professional confirms with a day, before somebody looks
	OneSession  money.Amount // an invoice may ask for each of its sessions, before somebody looks
	NumberAgain int          // days within which a number of the year before is looked at
}{40, 500, 12, 300 * money.Euro, 60}

// InvoiceID names an invoice: a random UUID.
type InvoiceID string

// InvoiceState is where the data of an invoice stand.
//
//	   ┌──> Accepted ◄──┐
//	sent        ▲ │     │ corrected
//	   └──> InReview ──> ToCorrect
//
// Each of them can be withdrawn while nothing of it is in a payment.
type InvoiceState string

// The states; the database knows the same words.
const (
	InvoiceInReview  InvoiceState = "in_review"  // in controllo: the portal found something, an officer looks
	InvoiceAccepted  InvoiceState = "accepted"   // accettata: it can be paid
	InvoiceToCorrect InvoiceState = "to_correct" // da correggere by its professional
	InvoiceWithdrawn InvoiceState = "withdrawn"  // ritirata: its sessions are to be invoiced again
)

// InvoiceStates lists every state.
var InvoiceStates = []InvoiceState{InvoiceInReview, InvoiceAccepted, InvoiceToCorrect, InvoiceWithdrawn}

// InvoiceShelf is how a professional sorts invoices: its state, or what the
// payments make of it.
type InvoiceShelf string

// The shelves.
const (
	ShelfInReview  InvoiceShelf = "in_review"
	ShelfToCorrect InvoiceShelf = "to_correct"
	ShelfAccepted  InvoiceShelf = "accepted"
	ShelfInPayment InvoiceShelf = "in_payment"
	ShelfPaid      InvoiceShelf = "paid"
	ShelfWithdrawn InvoiceShelf = "withdrawn"
)

// InvoiceShelves lists every shelf, in the order of what is to be done.
var InvoiceShelves = []InvoiceShelf{ShelfToCorrect, ShelfInReview, ShelfAccepted, ShelfInPayment, ShelfPaid, ShelfWithdrawn}

// InvoiceFinding is what made the portal stop at an invoice.
type InvoiceFinding string

// The findings.
const (
	FoundEarly    InvoiceFinding = "confirmed_early" // a session was confirmed before its hour was over
	FoundAlike    InvoiceFinding = "number_alike"    // a number like one that was used, written in another way
	FoundCrowd    InvoiceFinding = "many_sessions"   // more sessions on a day than one holds
	FoundHigh     InvoiceFinding = "amount_high"     // for so few sessions
	FoundAnswered InvoiceFinding = "corrected"       // what an officer had asked for
	FoundReopened InvoiceFinding = "reopened"        // by an officer
)

func (f InvoiceFinding) byOffice() bool { return f == FoundAnswered || f == FoundReopened }

// InvoiceFindings lists every finding.
var InvoiceFindings = []InvoiceFinding{FoundEarly, FoundAlike, FoundCrowd, FoundHigh, FoundAnswered, FoundReopened}

// InvoiceField is one of the data of an invoice, where an officer wants it corrected.
type InvoiceField string

// InvoiceFields lists every field.
var InvoiceFields = []InvoiceField{"number", "day", "amount"}

// InvoiceData is what a professional writes of an invoice.
type InvoiceData struct {
	Number   string
	IssuedOn calendar.Date
	Amount   money.Amount // of the whole document, the patient's part too
}

// Invoice is the data of an invoice to a beneficiary (fattura), for one session or for
// several.
type Invoice struct {
	ID           InvoiceID
	Professional identity.PersonID
	Beneficiary  identity.PersonID
	InvoiceData
	State      InvoiceState
	Findings   []InvoiceFinding
	Reason     string        // what is to be corrected, in an officer's words; "" otherwise
	Field      InvoiceField  // and where
	CorrectBy  calendar.Date // the last day for it
	ReceivedAt time.Time     // its first data
	ChangedAt  time.Time     // its last
	DecidedBy  identity.PersonID
	DecidedAt  time.Time // zero while nobody in the office looked at it
	Version    int64
	Sessions   int // on it
	InPayment  int // of these, in a payment that is not through
	Paid       int // and paid
}

// Shelf is where an invoice stands for its professional.
func (i Invoice) Shelf() InvoiceShelf {
	switch {
	case i.State != InvoiceAccepted:
		return InvoiceShelf(i.State)
	case i.InPayment > 0, i.Paid > 0 && i.Paid < i.Sessions:
		return ShelfInPayment
	case i.Paid > 0:
		return ShelfPaid
	}
	return ShelfAccepted
}

// asked are the findings of an officer that wait for an officer, whatever its
// professional writes meanwhile.
func (i Invoice) asked() []InvoiceFinding {
	switch i.State {
	case InvoiceToCorrect:
		return []InvoiceFinding{FoundAnswered}
	case InvoiceInReview:
		return slices.DeleteFunc(slices.Clone(i.Findings), func(f InvoiceFinding) bool { return !f.byOffice() })
	}
	return nil
}

// frozen tells whether something of it is in a payment.
func (i Invoice) frozen() bool { return i.InPayment+i.Paid > 0 }

// MayCorrect tells why its professional may not correct the data any more, nil when
// they may: until the term, if an officer has asked for it, and until they are in a
// payment.
func (i Invoice) MayCorrect(now time.Time) error {
	switch {
	case i.State == InvoiceWithdrawn:
		return ErrInvoiceWithdrawn
	case i.frozen():
		return ErrInvoiceInPayment
	case i.State == InvoiceToCorrect && calendar.On(now).After(i.CorrectBy):
		return ErrTooLateToCorrect
	}
	return nil
}

// MayAccept tells why an officer cannot accept it.
func (i Invoice) MayAccept(who identity.Actor) error { return i.mayJudge(who, InvoiceInReview) }

// MayReturn tells why an officer cannot send it back to its professional.
func (i Invoice) MayReturn(who identity.Actor) error {
	return i.mayJudge(who, InvoiceInReview, InvoiceAccepted)
}

// MayReopen tells why an officer cannot take it into review again.
func (i Invoice) MayReopen(who identity.Actor) error { return i.mayJudge(who, InvoiceAccepted) }

// MayAmend tells why an officer cannot correct its number and day: as long as nothing
// of it is in a payment, that is for its professional.
func (i Invoice) MayAmend(who identity.Actor) error {
	switch err := i.mayWork(who); {
	case err != nil:
		return err
	case !i.frozen():
		return ErrInvoiceNotInPayment
	}
	return nil
}

func (i Invoice) mayWork(who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	if who.Person == i.Professional || who.Person == i.Beneficiary {
		return ErrOwnInvoice
	}
	return nil
}

func (i Invoice) mayJudge(who identity.Actor, in ...InvoiceState) error {
	switch err := i.mayWork(who); {
	case err != nil:
		return err
	case i.frozen():
		return ErrInvoiceInPayment
	case !slices.Contains(in, i.State):
		return ErrInvoiceState
	}
	return nil
}

// ParseInvoiceNumber is a number as it is kept: without blanks around it, and with one
// where several were typed.
func ParseInvoiceNumber(text string) string { return strings.Join(strings.Fields(text), " ") }

// SameInvoiceNumber tells whether two numbers are one, whatever their capitals and
// blanks.
func SameInvoiceNumber(a, b string) bool { return plainNumber(a) == plainNumber(b) }

func plainNumber(n string) string {
	return strings.ToUpper(strings.Join(strings.Fields(n), ""))
}

// likeNumber is what is left of a number without zeros in front, separators and the
// year of its invoice: "012/2026", "12-26" and "12" are alike in 2026.
func likeNumber(d InvoiceData) string {
	kind := func(r rune) int {
		switch {
		case unicode.IsDigit(r):
			return 1
		case unicode.IsLetter(r):
			return 2
		}
		return 0
	}
	var runs []string
	last := 0
	for _, r := range strings.ToUpper(d.Number) {
		switch k := kind(r); {
		case k == 0:
			last = 0
		case k == last:
			runs[len(runs)-1] += string(r)
		default:
			runs, last = append(runs, string(r)), k
		}
	}
	year := d.IssuedOn.String()[:4]
	for _, y := range []string{year, year[2:]} {
		if i := slices.Index(runs, y); i >= 0 && len(runs) > 1 {
			runs = slices.Delete(runs, i, i+1)
			break
		}
	}
	for i, run := range runs {
		if short := strings.TrimLeft(run, "0"); short != "" {
			runs[i] = short
		}
	}
	return strings.Join(runs, " ")
}
