package voucher

import (
	"portal/internal/calendar"
	"portal/internal/term"
)

// The terms of the contribution.
const (
	TermValidity     term.Name = "voucher.validity"
	TermFirstSession term.Name = "voucher.first_session"
	TermConfirmation term.Name = "booking.confirmation"
	TermInvoice      term.Name = "booking.invoice"
	TermCancellation term.Name = "booking.cancellation"
	TermCure         term.Name = "application.isee_cure"
	TermReviewAsk    term.Name = "reexamination.ask"
	TermReviewDecide term.Name = "reexamination.decide"
)

// What happens when a term of the contribution is over.
const (
	MoneyGoesBack     term.Effect = "money_goes_back"     // what is free, to the fund
	VoucherLapses     term.Effect = "voucher_lapses"      // by an act of two officers
	SessionIsAnnulled term.Effect = "session_annulled"    // by an act of two officers
	SessionStays      term.Effect = "session_stays"       // its holder cannot cancel it any more
	NotProcessed      term.Effect = "not_processable"     // the application is not ranked
	OutcomeStands     term.Effect = "outcome_stands"      // no re-examination is asked any more
	DecisionIsOverdue term.Effect = "decision_is_overdue" // the office is late, and nothing else changes
)

// Terms are the days of a voucher, fixed when its ranking is published.
type Terms struct {
	AcceptedOn     calendar.Date // publication: day zero
	LastDay        calendar.Date // last day to book and to hold sessions
	ConfirmBy      calendar.Date // last day to confirm them
	InvoiceBy      calendar.Date // last day to hand in the data of their invoices
	FirstSessionBy calendar.Date // zero where the edition has no such term
}

// Terms counts the days of a voucher of a territory, accepted on a day in a round
// of publication.
func (r Rules) Terms(acceptedOn calendar.Date, round int, territory string) Terms {
	t := Terms{AcceptedOn: acceptedOn}
	for _, x := range r.TermsOf(acceptedOn, round, territory) {
		switch x.Name {
		case TermValidity:
			t.LastDay = x.End()
		case TermFirstSession:
			t.FirstSessionBy = x.End()
		case TermConfirmation:
			t.ConfirmBy = x.End()
		case TermInvoice:
			t.InvoiceBy = x.End()
		}
	}
	return t
}

// TermsOf are the terms of a voucher of a territory, accepted on a day in a round of
// publication, in the order in which a session meets them: its validity, the first
// session where the edition has such a term, the confirmation, the invoice. The last
// two count from the last day of the voucher, wherever an act has put it.
func (r Rules) TermsOf(acceptedOn calendar.Date, round int, territory string) []term.Term {
	validity := r.counted(TermValidity, r.ValidityDays, acceptedOn, MoneyGoesBack)
	first := r.counted(TermFirstSession, r.FirstSessionDays, acceptedOn, VoucherLapses)
	var confirmation, invoice []term.PutOff
	for _, v := range r.Overrides {
		o := v.Is
		if o.Round != round || o.Territory != "" && o.Territory != territory {
			continue
		}
		validity.PutOff = putOff(validity.PutOff, o.LastDay, v.Article)
		if !o.FirstSessionBy.Before(acceptedOn) { // or it is of an act that is over
			first.PutOff = putOff(first.PutOff, o.FirstSessionBy, v.Article)
		}
		confirmation = putOff(confirmation, o.ConfirmBy, v.Article)
		invoice = putOff(invoice, o.InvoiceBy, v.Article)
	}
	confirm := r.counted(TermConfirmation, r.ConfirmDays, validity.End(), SessionIsAnnulled)
	confirm.PutOff = confirmation
	invoiced := r.counted(TermInvoice, r.InvoiceDays, validity.End(), SessionIsAnnulled)
	invoiced.PutOff = putOff(invoice, confirm.End(), confirm.Source) // nobody invoices before they confirm
	if first.Days == 0 && len(first.PutOff) == 0 {
		return []term.Term{validity, confirm, invoiced}
	}
	return []term.Term{validity, first, confirm, invoiced}
}

// counted is a term of so many days from an act; of none, it is over with the day of
// the act, even if that is a holiday.
func (r Rules) counted(name term.Name, days number, from calendar.Date, effect term.Effect) term.Term {
	t := term.Term{Name: name, From: from, Days: days.Is, Effect: effect, Source: days.Article, Reading: days.Reading}
	if days.Is > 0 {
		t.Holidays = r.Holidays.Is
	}
	return t
}

func putOff(all []term.PutOff, to calendar.Date, act string) []term.PutOff {
	if to.IsZero() {
		return all
	}
	return append(all, term.PutOff{Day: to, Act: act})
}

// CureTerm is the time to put right an ISEE that was found defective on a day: nobody
// has less than the whole term from when they are told.
func (r Rules) CureTerm(foundOn calendar.Date) term.Term {
	from := r.ISEECure.Is.From
	if from.IsZero() {
		from = r.Window.Is.LastDay()
	}
	days := number{Is: r.ISEECure.Is.Days, Article: r.ISEECure.Article, Reading: r.ISEECure.Reading}
	return r.counted(TermCure, days, later(from, foundOn), NotProcessed)
}

// CureBy is the last day to put right an ISEE that was found defective on a day.
func (r Rules) CureBy(foundOn calendar.Date) calendar.Date { return r.CureTerm(foundOn).End() }

// CancelTerm is the time in which the holder of a voucher may cancel a session of a
// day: «prima della data dell'appuntamento» (INPS guide).
func (r Rules) CancelTerm(of calendar.Date) term.Term {
	return term.Term{Name: TermCancellation, From: of, Days: r.CancelDaysBefore.Is, Before: true,
		Effect: SessionStays, Source: r.CancelDaysBefore.Article, Reading: r.CancelDaysBefore.Reading}
}

// ReviewTerm is the time to ask that an outcome of a day be looked at again.
func (r Rules) ReviewTerm(decidedOn calendar.Date) term.Term {
	return r.counted(TermReviewAsk, r.ReexaminationAsk, decidedOn, OutcomeStands)
}

// ReviewDecisionTerm is the time of the office to decide a re-examination that was
// asked for on a day.
func (r Rules) ReviewDecisionTerm(askedOn calendar.Date) term.Term {
	return r.counted(TermReviewDecide, r.ReexaminationEnd, askedOn, DecisionIsOverdue)
}
