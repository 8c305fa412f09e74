package notify

import (
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/web/ui"
)

// The messages about an application for the indemnity.
const (
	IndemnityReceived  Kind = "b03"  // it was received
	IndemnityWithdrawn Kind = "b03b" // it was withdrawn
	RequestMade        Kind = "b04"  // something is asked for, by a day
	RequestUndated     Kind = "b04b" // the same, while nobody knows the day
	RequestDue         Kind = "b05"  // that day comes near
	RequestAnswered    Kind = "b06"  // the answer was received
	RequestJudged      Kind = "b06b" // an officer has said what it is worth
	DebtSetOff         Kind = "b09"  // what is owed is taken out of the indemnity
)

// CaseNews is what a message needs to know of a case: the case as it is now, and the
// request that the entry is about, if it is about one.
type CaseNews struct {
	File    indemnity.CaseFile
	Request indemnity.Request
	Today   calendar.Date           // of the entry
	Invited []identity.PersonID     // heirs with a code that they have not used
	Review  indemnity.Reexamination // that the entry is about, if it is about one
	Thread  indemnity.ThreadID      // that the entry is about, if it is about one
}

// readers are the member and who acts for them; of who has died, the heirs who have
// linked themselves to the case, and of them only whom a request is to.
func (n CaseNews) readers(actingFor []identity.PersonID) []identity.PersonID {
	if n.File.OwnedByMember() {
		return append([]identity.PersonID{n.File.Member.ID}, actingFor...)
	}
	var heirs []identity.PersonID
	for _, h := range n.File.Heirs {
		if !h.LinkedAt.IsZero() && (n.Request.Heir == "" || n.Request.Heir == h.ID) {
			heirs = append(heirs, h.Person.ID)
		}
	}
	return heirs
}

// caseLetters tells who applied what became of a case. What is asked for is not said:
// it may tell of somebody's health.
func caseLetters(e Event) (letters []Letter) {
	c, r := e.Case.File, e.Case.Request
	path := indemnityPath + "/" + string(c.ID)
	request := path + "/richieste/" + string(r.ID)
	before, after := "", "" // what else the body says
	tell := func(k Kind, link string, args ...any) {
		for _, to := range e.Case.readers(e.ActingFor) {
			l := letter(to, k, link, append(args, "Protocol", c.Protocol))
			l.Body = before + l.Body + after
			if c.OwnedByMember() && to != c.Member.ID {
				l.Body += " " + italian.T("notice.acting_for")
			}
			letters = append(letters, l)
		}
	}
	switch e.Action {
	case indemnity.ApplicationSent:
		tell(IndemnityReceived, path+"/ricevuta", "At", ui.OnMoment(c.SubmittedAt))
	case indemnity.ApplicationWithdrawn:
		tell(IndemnityWithdrawn, path, "On", ui.OnDay(e.Case.Today))
	case indemnity.RequestMade, indemnity.RequestReached:
		if r.DueOn.IsZero() {
			tell(RequestUndated, request, "Days", r.Days, "Count", max(len(r.Items), 1))
		} else {
			tell(RequestMade, request, "By", ui.ByDay(r.DueOn), "On", ui.OnDay(r.DueOn), "Count", max(len(r.Items), 1))
		}
	case indemnity.RequestReminded:
		if r.State != indemnity.Asked {
			break // it was answered meanwhile
		}
		before = italian.T("notice.b05.today", "Protocol", c.Protocol) + " "
		if left := e.Case.Today.Until(r.DueOn); left > 0 {
			before = italian.T("notice.b05.left", "Count", left, "Protocol", c.Protocol) + " "
		}
		if r.Version > 0 {
			after = " " + italian.T("notice.b05.draft")
		}
		tell(RequestDue, request, "On", ui.OnDay(r.DueOn), "By", ui.ByDay(r.DueOn))
	case indemnity.AnswerSent:
		tell(RequestAnswered, request, "At", ui.OnMoment(r.AnsweredAt), "Answer", r.Protocol)
	case indemnity.AnswerJudged:
		tell(RequestJudged, request)
	case indemnity.SetOffTold:
		tell(DebtSetOff, path+"/calcolo")
	}
	return letters
}
