// Package notify says what each entry of the register tells whom. The inbox of the
// portal holds the whole message; an e-mail repeats it only in neutral words:
// mailboxes and phones are shared, and that somebody sees a psychologist is
// health data.
package notify

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/mandate"
	"portal/internal/office"
	"portal/internal/payment"
	"portal/internal/voucher"
	"portal/web/ui"
)

// Kind says which message it is, by its number in the catalogue of notices.
type Kind string

// The messages.
const (
	Booked               Kind = "a03"  // to the beneficiary: a session was booked
	BookedLate           Kind = "a03b" // to the beneficiary: one that cannot be cancelled online any more
	CancelledByYou       Kind = "a05"  // to who cancelled, as the beneficiary or for them
	CancelledForYou      Kind = "a05b" // to the beneficiary, when somebody else cancelled
	CancelledForYouLate  Kind = "a05c" // the same, when the money cannot be spent any more
	Held                 Kind = "a06"  // to the beneficiary: a session was confirmed
	CancelledOfficially  Kind = "a08"  // to the beneficiary, when the office cancelled
	CancelledAtTheEnd    Kind = "a08b" // the same, when the money cannot be spent any more
	BeneficiaryCancelled Kind = "s03"  // to the professional
)

// Kinds lists every message.
var Kinds = append(closureKinds, []Kind{RoleGiven, RoleEnded, HeirsRegistered, HeirsSucceeded, MessageWaits, DraftSaved, DraftDue, IndemnityReceived, IndemnityWithdrawn, RequestMade, RequestUndated, RequestDue, RequestAnswered, RequestJudged, DebtSetOff, IndemnityExamined, IndemnityRefused, IndemnityDecided, IndemnityRanked, IndemnityLeftOut, CaseReviewAsked, CaseReviewRead, CaseReviewDecided, ReportReceived, ReportAnswered, ReportHeld, ReportOver, ReportAnnulled, ReportLowered, ReportRecover, Moved, MovedLate, CodeChanged, CodeStopped, CodeFree, Received, ReceivedAgain, ISEEToCorrect, ISEECorrected, TakenBack, GivenUp, Decided, ReviewAsked, ReviewDecided, MandateHeld, MandateGiven, MandateEnded, ListEntered, ListLeft, AccountChanged, AccountVerified, AccountRejected, PaymentMade, PaymentReturned, PaymentToMend, IndemnityPaid, IndemnityReturned, IndemnityToMend, AccountGiven, AccountChecked, AccountRefused, BalanceMoved, BalanceChanged, InvoiceToCorrect, Booked, BookedLate, CancelledByYou, CancelledForYou, CancelledForYouLate, Held, CancelledOfficially, CancelledAtTheEnd, BeneficiaryCancelled}...)

// Event is an entry of the register with what a message needs to know of it.
type Event struct {
	Action        audit.Action
	About         identity.PersonID // whose data the entry is about
	Session       voucher.Session
	Dispute       voucher.Dispute
	Move          voucher.Move
	Rules         voucher.Rules
	Life          Life
	Work          Work
	Credit        Credit
	Invoiced      Invoiced
	Mandate       mandate.Mandate
	Reexamination voucher.Reexamination
	Applied       Applied
	Enrolment     Enrolment
	Drafted       Drafted
	Case          CaseNews
	// ActingFor hold a mandate for the beneficiary on the day of the entry: a child
	// does not log in, and who answers for them reads in their stead.
	ActingFor []identity.PersonID
}

// Message is a line of somebody's inbox.
type Message struct {
	ID      string
	Kind    Kind
	Subject string
	Body    string
	Link    string // path in the portal, "" for none
	SentAt  time.Time
	Read    bool
}

// Letter is a message on its way to somebody.
type Letter struct {
	To      identity.PersonID
	Kind    Kind
	Subject string
	Body    string
	Link    string

	InboxOnly bool // it is not mailed
}

// tellers are who writes the letters of each action that somebody may be told of.
var tellers = map[audit.Action]func(Event) []Letter{}

func init() {
	for _, t := range []struct {
		write func(Event) []Letter
		of    []audit.Action
	}{
		{applicationLetters, []audit.Action{voucher.ApplicationSubmitted, voucher.ApplicationRepeated, voucher.ApplicationReminded, voucher.ApplicationCured,
			voucher.ApplicationWithdrawn, voucher.VoucherRenounced}},
		{deskLetters, []audit.Action{voucher.ApplicationISEERequested, voucher.ApplicationRefused, voucher.CodeReplaced, voucher.CodeBlocked, voucher.CodeUnblocked}},
		{draftLetters, []audit.Action{indemnity.DraftBegun, indemnity.DraftReminded}},
		{caseLetters, []audit.Action{indemnity.ApplicationSent, indemnity.ApplicationWithdrawn, indemnity.RequestMade, indemnity.RequestReached, indemnity.RequestReminded, indemnity.AnswerSent, indemnity.AnswerJudged, indemnity.SetOffTold}},
		{decisionLetters, []audit.Action{indemnity.DecisionApproved}},
		{rankedLetters, []audit.Action{indemnity.CaseRanked, indemnity.CaseLeftOut}},
		{threadLetters, []audit.Action{indemnity.MessageAnswered}},
		{heirLetters, []audit.Action{indemnity.HeirsRegistered, indemnity.SuccessionConfirmed}},
		{mandateLetters, []audit.Action{mandate.Made, mandate.Revoked}},
		{roleLetters, []audit.Action{office.GrantConfirmed, office.GrantEnded}},
		{balanceLetters, []audit.Action{voucher.BalanceChanged}},
		{lifeLetters, []audit.Action{voucher.FirstSessionReminded, voucher.FirstConfirmReminded, voucher.ExpiryReminded, voucher.VoucherLapsed, voucher.VoucherEnded, voucher.VoucherReinstated}},
		{workLetters, []audit.Action{voucher.ConfirmReminded, voucher.InvoiceReminded, voucher.SessionsAnnulled}},
		{reinstatedLetters, []audit.Action{voucher.BookingReinstated}},
		{ofAgeLetters, []audit.Action{voucher.CameOfAge}},
		{enrolmentLetters, []audit.Action{voucher.EnrolmentStarted, voucher.EnrolmentEnded, voucher.EnrolmentSuspended, voucher.EnrolmentResumed}},
		{accountLetters, []audit.Action{payment.AccountSubmitted, payment.AccountVerified, payment.AccountRejected}},
		{paymentLetters, []audit.Action{payment.OrderWasPaid, payment.OrderCameBack}},
		{caseAccountLetters, []audit.Action{payment.CaseAccountGiven, payment.CaseAccountVerified, payment.CaseAccountRejected}},
		{invoiceLetters, []audit.Action{voucher.InvoiceSent, voucher.InvoiceReturned}},
		{caseReviewLetters, []audit.Action{indemnity.ReexaminationAsked, indemnity.ReexaminationRead, indemnity.ReexaminationDecided}},
		{reviewLetters, []audit.Action{voucher.ReexaminationAsked, voucher.ReexaminationDecided}},
		{disputeLetters, []audit.Action{voucher.DisputeMade, voucher.DisputeTakenBack, voucher.DisputeDecided, voucher.DisputeCarriedOut}},
		{moveLetters, []audit.Action{voucher.BookingMoved}},
		{bookingLetters, []audit.Action{voucher.BookingBooked, voucher.BookingHeld, voucher.BookingCancelled}},
	} {
		for _, a := range t.of {
			tellers[a] = t.write
		}
	}
}

// Told tells whether an action is one that somebody may be told of: of any other nobody
// needs to be asked for letters.
func Told(a audit.Action) bool { return tellers[a] != nil }

// Letters is what an event tells whom: nobody, for most of what is written. What
// the beneficiary is told, who acts for them is told too.
func Letters(e Event) []Letter {
	if !Told(e.Action) {
		return nil
	}
	letters := tellers[e.Action](e)
	for i, l := range letters { // who acts for somebody reads their pages under that profile
		if slices.Contains(e.ActingFor, l.To) && (strings.HasPrefix(l.Link, "/contributo-psicoterapia/") || strings.HasPrefix(l.Link, indemnityPath)) {
			letters[i].Link = "/profili?ritorno=" + url.QueryEscape(l.Link)
		}
	}
	return letters
}

func balanceLetters(e Event) []Letter {
	return e.toHolder(BalanceChanged, "/contributo-psicoterapia/domande/"+string(e.Applied.Application.ID)+"/sedute")
}

// bookingLetters tell of a session that was booked, held or cancelled.
func bookingLetters(e Event) []Letter {
	b := e.Session.Booking
	readers := append([]identity.PersonID{b.Beneficiary}, e.ActingFor...)
	day, when := ui.OfDay(b.Day), ui.OnDay(b.Day)
	if !b.Start.IsZero() {
		day, when = ui.OfMoment(b.Start), ui.OnMoment(b.Start)
	}
	var letters []Letter
	tell := func(to identity.PersonID, k Kind, args ...any) {
		l := letter(to, k, "/contributo-psicoterapia/sedute/"+string(b.ID), args)
		if to != b.Beneficiary {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	tellAll := func(k Kind, args ...any) {
		for _, to := range readers {
			tell(to, k, args...)
		}
	}
	switch e.Action {
	case voucher.BookingBooked:
		last := b.LastDayToCancel(e.Rules)
		if last.Before(calendar.On(b.BookedAt)) {
			tellAll(BookedLate, "When", when)
		} else {
			tellAll(Booked, "When", when, "Last", ui.OfDay(last))
		}
	case voucher.BookingHeld:
		tellAll(Held, "Day", day)
	case voucher.BookingCancelled:
		byOther, byOffice := CancelledForYou, CancelledOfficially
		if lapsed(e.Session) {
			byOther, byOffice = CancelledForYouLate, CancelledAtTheEnd
		}
		switch b.CancelReason {
		case voucher.ByBeneficiary:
			for _, to := range readers {
				if e.Session.VoucherState == voucher.GivenUp {
					break // who renounced is told of that, once
				}
				if to == b.CancelledBy {
					tell(to, CancelledByYou, "Day", day)
				} else {
					tell(to, byOther, "Day", day)
				}
			}
			letters = append(letters, letter(b.Professional, BeneficiaryCancelled, "/professionisti/sedute/"+string(b.ID), []any{"Day", day}))
		case voucher.ByProfessional:
			tellAll(byOther, "Day", day)
		case voucher.ByOffice:
			if b.CancelGround == voucher.CancelledAsDisputed {
				break // the answer to the report says it
			}
			letters = append(letters, byOfficeLetters(e, func() { tellAll(byOffice, "Day", day) })...)
		}
	}
	return letters
}

// lapsed tells whether the price of a cancelled session has gone back to the fund
// and not to the holder: its voucher is past its last day, was closed or given up.
func lapsed(s voucher.Session) bool {
	return s.VoucherState != voucher.Active || calendar.On(s.CancelledAt).After(s.LastDay)
}

var italian = ui.Frame{Lang: ui.Italian}

func letter(to identity.PersonID, k Kind, link string, args []any) Letter {
	key := "notice." + string(k)
	return Letter{To: to, Kind: k, Subject: italian.T(key+".subject", args...), Body: italian.T(key+".body", args...), Link: link}
}

// Reminder ends every e-mail: where the whole text is, and what the portal will
// never ask for.
func Reminder(host string) string { return italian.T("notice.mail.end", "Host", host) }

// Quiet tells whether it is an hour at which nobody wants to hear a phone: from
// 21 to 8 in Rome.
func Quiet(now time.Time) bool {
	h := now.In(calendar.Rome).Hour()
	return h >= 21 || h < 8
}

// Morning is when the quiet hours around an instant end.
func Morning(now time.Time) time.Time {
	d := calendar.On(now)
	if now.In(calendar.Rome).Hour() >= 21 {
		d = d.Add(1)
	}
	return d.At(8, 0)
}
