package portal

import (
	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/web/member"
	"portal/web/ui"
)

// heirBoard is what heirs read beside how their case stands (H-04): who receives which
// share and who has signed, and by when a signature that is missing can be added.
func (p *Portal) heirBoard(f ui.Frame, c indemnity.CaseFile) (t *member.NoteTable, notes []member.Note) {
	t = &member.NoteTable{Caption: f.T("member.case.shares"), Columns: []ui.Column{{Text: f.T("member.case.heir"), Row: true}, {Text: f.T("member.case.share")}}}
	signs := c.Kind == indemnity.ByHeirs
	if signs {
		t.Columns = append(t.Columns, ui.Column{Text: f.T("heirs.col.signed")})
	}
	t.Columns = append(t.Columns, ui.Column{Text: f.T("heirs.col.account")}, ui.Column{Text: f.T("member.case.linked")})
	for _, h := range c.Heirs {
		row := []string{h.Person.Name(), shareText(f, h)}
		if signs {
			row = append(row, signedText(f, h))
		}
		account, linked := f.T("heirs.iban.none"), f.T("member.case.linked.not")
		if h.IBAN != "" {
			account = f.T("heirs.iban.there")
		}
		if !h.LinkedAt.IsZero() {
			linked = ui.Day(calendar.On(h.LinkedAt))
		}
		t.Rows = append(t.Rows, append(row, account, linked))
	}
	for _, h := range c.Unsigned() {
		notes = append(notes, p.unsignedNote(f, c, h))
	}
	return t, notes
}

// unsignedNote says whose signature is missing, and until when it can be added. Only to
// that heir it leads to where they do.
func (p *Portal) unsignedNote(f ui.Frame, c indemnity.CaseFile, h indemnity.Heir) member.Note {
	n := member.Note{Tone: ui.Action, Title: f.T("heirs.unsigned", "Name", h.Person.Name())}
	last, err := c.MaySign(h, p.Now())
	switch {
	case err != nil:
		n.Text = []string{f.T("heirs.unsigned.late", "On", ui.OnDay(c.TermEndedOn))}
	case h.ID == c.As:
		n.Text = []string{f.T("heirs.unsigned.you", "By", ui.ByDay(last))}
		n.Links = []ui.Link{{Text: f.T("heirs.sign.go"), URL: signPath(c.ID)}}
	default:
		n.Text = []string{f.T("heirs.unsigned.other", "By", ui.ByDay(last))}
	}
	return n
}

// signedText is when and how an heir has signed.
func signedText(f ui.Frame, h indemnity.Heir) string {
	if h.SignedAt.IsZero() {
		return f.T("heirs.signed.not")
	}
	return f.T("heirs.signed."+string(h.SignedBy), "On", ui.OnDay(calendar.On(h.SignedAt)))
}

// otherHeir is the heir whom a request is to, where it is to another than who reads it.
func otherHeir(c indemnity.CaseFile, q indemnity.Request) (indemnity.Heir, bool) {
	if q.Heir == "" || c.As == "" || q.Heir == c.As {
		return indemnity.Heir{}, false
	}
	h, err := c.Heir(q.Heir)
	return h, err == nil
}
