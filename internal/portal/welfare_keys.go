package portal

import (
	"net/http"

	"portal/web/ui"
	"portal/web/welfare"
)

// welfareKeys lists the keyboard shortcuts of the desk. They are off until an officer
// turns them on in their browser (WCAG 2.1.4), and every place that they lead to has a
// link.
func (p *Portal) welfareKeys(w http.ResponseWriter, r *http.Request) error {
	f := p.welfareFrame(r, ui.Frame{}.T("keys.title"))
	page := welfare.KeysPage{Frame: f, Back: ui.Link{Text: f.T("keys.back"), URL: welfarePath}}
	for _, k := range []struct{ key, does string }{{"A", "next_check"}, {"I", "previous_check"}, {"F", "case"}, {"P", "next_case"}, {"L", "list"}, {"C", "search"}, {"?", "help"}} {
		page.Keys = append(page.Keys, welfare.KeyRow{Key: k.key, Does: f.T("keys.does." + k.does)})
	}
	return p.show(w, r, welfare.Keys(page))
}
