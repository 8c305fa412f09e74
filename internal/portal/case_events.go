package portal

import (
	"slices"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/voucher"
	"portal/web/ui"
)

// caseEvent is what the register says that was done, in its own words.
func caseEvent(f ui.Frame, what audit.Action) string { return f.T("audit.action." + string(what)) }

// pageLooks are what every page of a case writes.
var pageLooks = []audit.Action{voucher.ApplicationOpened, indemnity.CaseOpened, auditor.FileOpened}

// caseEvents are what the register says of a case of either benefit. Every page of a case
// is a look at it: those in a row are told once.
func caseEvents(f ui.Frame, looks []audit.Look) (all []ui.Event) {
	var last audit.Look
	for _, l := range looks {
		if slices.Contains(pageLooks, l.Action) && l.Action == last.Action && l.Name == last.Name && calendar.On(l.At) == calendar.On(last.At) {
			continue
		}
		last = l
		who := f.T("role." + string(l.Role))
		if l.Name != "" {
			who = f.T("inps.desk.who", "Name", l.Name, "Role", who)
		}
		all = append(all, ui.Event{When: l.At, Who: who, Text: caseEvent(f, l.Action)})
	}
	return all
}
