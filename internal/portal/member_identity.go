package portal

import (
	"net/http"
	"net/url"
	"slices"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/web/member"
	"portal/web/ui"
)

// identitySides are the sides of a document, as the page lists them.
var identitySides = []string{"fronte", "retro", "intero"}

// showIdentity asks for an identity document: its sides, or both in one file, and until
// when it is valid (M-07).
func (p *Portal) showIdentity(w http.ResponseWriter, r *http.Request, s memberStep) error {
	page := member.IdentityPage{Part: p.partPage(r, s)}
	f, rules, back := page.Frame, &s.standing.Call.Rules, partPath(s.draft.ID, s.part)
	page.Lead = f.T("papers.identity.lead")
	page.Need = member.NeedRow{Name: f.T("papers.need.identity"), State: ui.Tag{Tone: ui.Success, Text: f.T("papers.state.there")}}
	for _, m := range s.draft.MissingPapers(rules) {
		if isIdentity(m) {
			page.Need = member.NeedRow{Name: f.T("papers.need." + string(m.Kind)), State: ui.Tag{Tone: ui.Action, Text: f.T("papers.state.missing")}, Means: lackText(f, m.Lack, rules)}
		}
	}
	for _, word := range identitySides {
		kind := slots[indemnity.PartIdentity][word]
		row := member.SideRow{Name: kindName(f, kind)}
		upload := ui.Link{Text: f.T("papers.upload.of", "Kind", row.Name), URL: back + "/" + word}
		for _, paper := range s.draft.Papers {
			if paper.Kind == kind && paper.Attachment != "" {
				row.File, row.Size, row.URL = paper.Name, fileSize(f, paper.Size), paperFilePath(paper)
				upload.Text = f.T("papers.replace.of", "Name", paper.Name)
				row.Actions = []ui.Link{{Text: f.T("papers.remove.of", "Name", paper.Name), URL: legiblePath(s.draft.ID, paper.ID) + "/togli"}}
			}
		}
		if missing := slices.ContainsFunc(s.draft.MissingPapers(rules), isIdentity); row.File == "" && !missing {
			continue // the other way was taken
		}
		row.Actions = append([]ui.Link{upload}, row.Actions...)
		page.Sides = append(page.Sides, row)
	}
	page.Expires = s.day(f, "scadenza", "papers.identity.expires", s.draft.Answers.IdentityExpires)
	page.Expires.Hint = f.T("papers.identity.expires.hint")
	if expires := s.draft.Answers.IdentityExpires; s.fields == nil && !expires.IsZero() && expires.Before(calendar.On(p.Now())) {
		page.Notes = append(page.Notes, member.Note{Tone: ui.Action, Text: []string{f.T("papers.identity.expired", "On", ui.OnDay(expires)), lackText(f, indemnity.LackSupplement, rules)}})
	}
	return p.showAs(w, r, s.status, member.Identity(page))
}

// isIdentity tells whether what is missing is a document, or a side of it.
func isIdentity(m indemnity.Missing) bool {
	return m.Kind == indemnity.IdentityWhole || m.Kind == indemnity.IdentityFront || m.Kind == indemnity.IdentityBack
}

// fillIdentity reads until when a document is valid.
func fillIdentity(fields url.Values, a *indemnity.Answers, today calendar.Date) (wrong []ui.FieldError) {
	var f ui.Frame
	expires, wrong := readDay(f, fields, "scadenza", nil)
	switch {
	case len(wrong) > 0:
		return wrong
	case expires.IsZero():
		return []ui.FieldError{{Field: "scadenza", Text: f.T("papers.identity.expires.missing")}}
	case expires.Before(today):
		return []ui.FieldError{{Field: "scadenza", Text: f.T("papers.identity.expired", "On", ui.OnDay(expires))}}
	}
	a.IdentityExpires = expires
	return nil
}
