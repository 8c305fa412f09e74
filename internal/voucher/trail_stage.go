package voucher

import (
	"cmp"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
)

// Stage is where the money of a session stands on its way to the professional. A
// session is in exactly one: see Trace.Waypoint for which goes before which.
type Stage string

// The stages, in the order of the way.
const (
	TrailBooked          Stage = "booked"           // prenotata: its day has not come
	TrailToConfirm       Stage = "to_confirm"       // da confermare
	TrailToInvoice       Stage = "to_invoice"       // da fatturare
	TrailToCorrect       Stage = "to_correct"       // its invoice is to be corrected
	TrailInReview        Stage = "in_review"        // the office looks at its invoice
	TrailDisputed        Stage = "disputed"         // a report of its holder keeps the money back
	TrailChecked         Stage = "checked"          // the office looks into its voucher
	TrailAwaitingAccount Stage = "awaiting_account" // no account that can be paid to
	TrailAwaitingFunds   Stage = "awaiting_funds"   // its territory has sent too little
	TrailPayable         Stage = "payable"          // nothing is in the way of the next run
	TrailInPayment       Stage = "in_payment"       // in a run
	TrailPaid            Stage = "paid"             // pagata
	TrailReturned        Stage = "returned"         // the bank gave it back
	TrailCancelled       Stage = "cancelled"        // annullata: nothing is due
)

// Stages lists every stage, in the order of the way.
var Stages = []Stage{TrailBooked, TrailToConfirm, TrailToInvoice, TrailToCorrect, TrailInReview, TrailDisputed, TrailChecked,
	TrailAwaitingAccount, TrailAwaitingFunds, TrailPayable, TrailInPayment, TrailPaid, TrailReturned, TrailCancelled}

// Held tells whether something keeps the money of a session back that was claimed
// already (rimborso sospeso).
func (s Stage) Held() bool {
	switch s {
	case TrailToCorrect, TrailInReview, TrailDisputed, TrailChecked, TrailAwaitingAccount, TrailAwaitingFunds, TrailReturned:
		return true
	}
	return false
}

// Mover is who moves next.
type Mover string

// The movers; Nobody where the way is at its end.
const (
	Nobody       Mover = ""
	TheOwner     Mover = "you" // the professional
	TheOffice    Mover = "inps"
	TheTerritory Mover = "region"
	TheBank      Mover = "bank"
)

// Hindrance says more closely what a stage waits for.
type Hindrance string

// The hindrances.
const (
	NoHindrance     Hindrance = ""
	AccountMissing  Hindrance = "account_missing"   // no IBAN was ever given
	AccountRejected Hindrance = "account_rejected"  // the one given was refused
	AccountToVerify Hindrance = "account_to_verify" // the office has not checked it yet
	AccountTooNew   Hindrance = "account_too_new"   // verified, and not usable before an instant
	TermOver        Hindrance = "term_over"         // the term to act has passed: the office may cancel
	Late            Hindrance = "late"              // the day on which payment was expected has passed
	ReportUpheld    Hindrance = "upheld"            // the office found a report to be true, and has still to carry that out
)

// Waypoint is where a session stands, and what is said of it.
type Waypoint struct {
	Stage     Stage
	Hindrance Hindrance
	Mover     Mover
	By        calendar.Date // the mover's term, or when payment is expected; zero: there is no day
}

// Trace is a session with everything that says where its money stands.
type Trace struct {
	Session
	PaymentMonths int           // see Rules
	Invoice       TracedInvoice // zero while it has no live one
	Disputed      bool          // an open report keeps its money back
	AnswerBy      calendar.Date // of that report
	Upheld        bool          // a report that was found to be true has still to be carried out
	Checked       bool          // its voucher is blocked on suspicion: nothing is paid of it
	Payee         Payee
	Funds         Funds         // of its edition in its territory
	Payment       TracedPayment // the last that it was in; zero for none
}

// TracedInvoice is what the way of the money knows of an invoice.
type TracedInvoice struct {
	ID         InvoiceID
	Number     string
	IssuedOn   calendar.Date
	State      InvoiceState
	ReceivedAt time.Time
	CorrectBy  calendar.Date // of one to correct
}

// Payee is the account of a professional as payments see it: the one in use, or else
// the last that was refused.
type Payee struct {
	State      string // to_verify, verifying, verified, rejected; "" for none
	UsableFrom time.Time
	ExpectedBy calendar.Date // the answer of the office
}

// Hindrance is why nothing is paid to it at an instant, NoHindrance when it can be.
func (p Payee) Hindrance(now time.Time) Hindrance {
	switch p.State {
	case "":
		return AccountMissing
	case "verified":
		if now.Before(p.UsableFrom) {
			return AccountTooNew
		}
		return NoHindrance
	case "to_verify", "verifying":
		return AccountToVerify
	}
	return AccountRejected
}

// TracedPayment is an order of the bank that a session is or was in.
type TracedPayment struct {
	Order     string
	State     string // frozen, sent, paid, returned, released; "" for none
	Run       string // the state of its run
	ValueDay  calendar.Date
	Reference string // of the bank
	Reason    string // why it came back
}

// Funds is the money of an edition in a territory: what was sent to INPS, and what of
// it is in payments that live.
type Funds struct {
	Edition    EditionID
	Territory  string
	Sent       money.Amount
	Live       money.Amount // in orders frozen, sent or paid
	LastOn     calendar.Date
	LastAmount money.Amount // of the last transfer; 0 before the first
	Short      QueuePlace   // the first claim that the money does not reach; zero: it reaches all
}

// Free is what can still be paid; never below nothing.
func (f Funds) Free() money.Amount { return max(f.Sent-f.Live, 0) }

// Reaches tells whether the money is enough for a claim and for all that come before.
func (f Funds) Reaches(t QueuePlace) bool { return f.Short == QueuePlace{} || t.before(f.Short) }

// QueuePlace is where a claim stands among those that a territory pays: by the time at
// which its invoice was received, and then by session. Nobody is paid before who waits
// for longer.
type QueuePlace struct {
	ReceivedAt time.Time
	Booking    BookingID
}

func (t QueuePlace) before(u QueuePlace) bool {
	return cmp.Or(t.ReceivedAt.Compare(u.ReceivedAt), strings.Compare(string(t.Booking), string(u.Booking))) < 0
}

// PaymentExpected is the last day by which an invoice received at an instant is
// expected to be paid: the end of a month, so many after its own (INPS message:
// «di norma entro la fine del mese successivo»).
func PaymentExpected(receivedAt time.Time, months int) calendar.Date {
	on := calendar.On(receivedAt)
	return calendar.NewDate(on.Year, on.Month+time.Month(months)+1, 0)
}

// Waypoint is where the money of the session stands at an instant. What is final goes first, then what
// is in a payment; then whatever the professional has to do, because it has a term and
// would be lost; then what keeps the money back, from what others decide about the
// session to what is missing to pay anything at all.
func (t Trace) Waypoint(now time.Time) Waypoint {
	switch {
	case t.State == Cancelled:
		return Waypoint{Stage: TrailCancelled}
	case t.Payment.State == "paid":
		return Waypoint{Stage: TrailPaid}
	case t.Payment.State == "sent":
		return t.dated(Waypoint{Stage: TrailInPayment, Mover: TheBank}, now)
	case t.Payment.State == "frozen":
		return t.dated(Waypoint{Stage: TrailInPayment, Mover: TheOffice}, now)
	case t.State == Booked:
		return t.booked(now)
	case !t.Invoiced():
		return t.due(TrailToInvoice, t.InvoiceBy, ActInvoice, now)
	case t.Invoice.State == InvoiceToCorrect:
		return t.due(TrailToCorrect, t.Invoice.CorrectBy, "", now)
	case t.Disputed:
		return Waypoint{Stage: TrailDisputed, Mover: TheOffice, By: t.AnswerBy}
	case t.Upheld:
		return Waypoint{Stage: TrailDisputed, Hindrance: ReportUpheld, Mover: TheOffice}
	case t.Invoice.State == InvoiceInReview:
		return t.dated(Waypoint{Stage: TrailInReview, Mover: TheOffice}, now)
	case t.Checked:
		return Waypoint{Stage: TrailChecked, Mover: TheOffice}
	}
	missing := t.Payee.Hindrance(now)
	switch {
	case t.Payment.State == "returned" && (missing == AccountMissing || missing == AccountRejected):
		return Waypoint{Stage: TrailReturned, Mover: TheOwner}
	case missing == AccountToVerify:
		return Waypoint{Stage: TrailAwaitingAccount, Hindrance: missing, Mover: TheOffice, By: t.Payee.ExpectedBy}
	case missing == AccountTooNew:
		return Waypoint{Stage: TrailAwaitingAccount, Hindrance: missing, Mover: TheOffice, By: calendar.On(t.Payee.UsableFrom)}
	case missing != NoHindrance:
		return Waypoint{Stage: TrailAwaitingAccount, Hindrance: missing, Mover: TheOwner}
	case !t.Funds.Reaches(t.queuePlace()):
		return Waypoint{Stage: TrailAwaitingFunds, Mover: TheTerritory}
	}
	return t.dated(Waypoint{Stage: TrailPayable, Mover: TheOffice}, now)
}

// booked is the at of a session that nobody has confirmed.
func (t Trace) booked(now time.Time) Waypoint {
	if calendar.On(now).Before(t.Day) {
		return Waypoint{Stage: TrailBooked, Mover: TheOwner, By: t.Day}
	}
	return t.due(TrailToConfirm, t.ConfirmBy, ActConfirm, now)
}

// due is a stage in which the professional has a term, or has it again for an act. Once
// it has passed the office may cancel the session.
func (t Trace) due(stage Stage, by calendar.Date, act Act, now time.Time) Waypoint {
	if until := t.Reopenings.Until(act, t.Day, now); !until.IsZero() {
		by = later(by, calendar.On(until.Add(-1)))
	}
	if calendar.On(now).After(by) {
		return Waypoint{Stage: stage, Hindrance: TermOver, Mover: TheOffice, By: by}
	}
	return Waypoint{Stage: stage, Mover: TheOwner, By: by}
}

// dated gives a at the day by which payment is expected, and says when it has passed.
func (t Trace) dated(s Waypoint, now time.Time) Waypoint {
	if s.By = t.expected(); calendar.On(now).After(s.By) {
		s.Hindrance = Late
	}
	return s
}

func (t Trace) queuePlace() QueuePlace { return QueuePlace{t.Invoice.ReceivedAt, t.ID} }

func (t Trace) expected() calendar.Date {
	return PaymentExpected(t.Invoice.ReceivedAt, t.PaymentMonths)
}
