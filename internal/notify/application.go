package notify

import (
	"slices"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/ui"
)

// The messages about an application.
const (
	Received      Kind = "a00"  // to who sent it, and who acts for the beneficiary: it was received
	ReceivedAgain Kind = "a00b" // the same, when one had been received before
	ISEEToCorrect Kind = "a02"  // the ISEE is to be corrected by a day; also as a reminder
	ISEECorrected Kind = "a02b" // the ISEE was corrected
	TakenBack     Kind = "a00c" // the application was withdrawn
	GivenUp       Kind = "a15"  // the contribution was renounced
)

// Applied is what a message needs to know of an application.
type Applied struct {
	Application voucher.Application
	WindowEnds  calendar.Date
	Today       calendar.Date // of the entry
}

// applicationLetters is what an event of an application tells whom: the
// beneficiary, who sent it for them, and who acts for them.
func applicationLetters(e Event) []Letter {
	a := e.Applied.Application
	path := "/contributo-psicoterapia/domande/" + string(a.ID)
	var letters []Letter
	tell := func(k Kind, page string, args ...any) {
		for _, to := range e.readers(a) {
			l := letter(to, k, path+page, args)
			if to != a.Beneficiary {
				l.Body += " " + italian.T("notice.acting_for")
			}
			letters = append(letters, l)
		}
	}
	toCorrect := func() { tell(ISEEToCorrect, "/isee", "On", ui.OnDay(a.CureBy), "By", ui.ByDay(a.CureBy)) }
	switch e.Action {
	case voucher.ApplicationSubmitted:
		received := []any{"At", ui.OnMoment(a.SubmittedAt), "Protocol", a.Protocol, "Closes", ui.OnDay(e.Applied.WindowEnds)}
		tell(Received, "/ricevuta", received...)
		if !slices.Contains(e.readers(a), a.Applicant) {
			letters = append(letters, letter(a.Applicant, Received, path+"/ricevuta", received))
		}
		if a.State == voucher.AwaitingISEE {
			toCorrect()
		}
	case voucher.ApplicationRepeated:
		tell(ReceivedAgain, "/ricevuta", "At", ui.OnMoment(a.SubmittedAt), "Protocol", a.Protocol)
	case voucher.ApplicationReminded:
		if a.State == voucher.AwaitingISEE { // it may have been corrected meanwhile
			toCorrect()
		}
	case voucher.ApplicationCured:
		tell(ISEECorrected, "/dati", "Protocol", a.Protocol)
	case voucher.ApplicationWithdrawn:
		tell(TakenBack, "/dati", "Day", ui.OnDay(e.Applied.Today), "Protocol", a.Protocol)
	case voucher.VoucherRenounced:
		tell(GivenUp, "/dati", "Day", ui.OnDay(e.Applied.Today), "Protocol", a.Protocol)
	}
	return letters
}

// readers are the beneficiary and who acts for them, each once. A parent who sent an
// application on their own word does not: they are told that it arrived, and no more.
func (e Event) readers(a voucher.Application) []identity.PersonID {
	return append([]identity.PersonID{a.Beneficiary}, e.ActingFor...)
}
