package notify

import (
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/web/ui"
)

// The messages about a draft for the indemnity.
const (
	DraftSaved Kind = "b01" // to its member: it was begun, and goes until a day
	DraftDue   Kind = "b02" // to its member: that day comes near
)

// indemnityPath is where the applications of a member are.
const indemnityPath = "/indennita-malattia-infortunio/domande"

// Drafted is what a message needs to know of a draft. Without an ID it was sent or
// dropped meanwhile.
type Drafted struct {
	ID      indemnity.CaseID
	Last    calendar.Date // of the term; zero while nobody knows it
	Days    int           // of the term
	Missing int           // parts that are still to be done
}

// draftLetters tells the member, and who acts for them, of a draft. Which parts are
// missing is not said: their names tell of somebody's health.
func draftLetters(e Event) (letters []Letter) {
	d := e.Drafted
	if d.ID == "" || e.Action == indemnity.DraftReminded && d.Last.IsZero() {
		return nil
	}
	for _, to := range append([]identity.PersonID{e.About}, e.ActingFor...) {
		var l Letter
		link := indemnityPath + "/" + string(d.ID) + "/compila"
		if e.Action == indemnity.DraftReminded {
			l = letter(to, DraftDue, link, []any{"On", ui.OnDay(d.Last), "By", ui.ByDay(d.Last)})
			l.Body = italian.T("notice.b02.missing", "Count", d.Missing) + " " + l.Body
			if d.Missing == 0 {
				l.Body = italian.T("notice.b02.whole") + " " + italian.T("notice.b02.body", "By", ui.ByDay(d.Last))
			}
		} else {
			l = letter(to, DraftSaved, link, []any{"By", ui.ByDay(d.Last)})
			if d.Last.IsZero() {
				l.Body = italian.T("notice.b01.unknown", "Days", d.Days)
			}
		}
		if to != e.About {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}
