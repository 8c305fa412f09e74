package portal

import (
	"slices"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/web/ui"
	"portal/web/welfare"
)

// askedFacts are when a request was sent, how it reached who applied, until when it could
// be answered, and the answers.
func (p *Portal) askedFacts(f ui.Frame, c indemnity.CaseFile, q indemnity.Request) []ui.Entry {
	facts := []ui.Entry{{Name: f.T("requests.asked"), Value: ui.Moment(q.AskedAt), Note: requestTo(f, c, q)}}
	if q.ReachedOn.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("request.reached"), Value: f.T("request.not_yet")},
			ui.Entry{Name: f.T("request.due"), Value: f.T("request.due.from"), Note: f.T("request.due.days", "Days", q.Days)})
	} else {
		facts = append(facts, ui.Entry{Name: f.T("request.reached"), Value: ui.Day(q.ReachedOn), Note: f.T("requests.reached." + q.ReachedBy)},
			ui.Entry{Name: f.T("request.due"), Value: ui.DayEnd(q.DueOn), Note: f.T("request.due.days", "Days", q.Days)})
	}
	read := f.T("request.not_yet")
	if !q.ReadAt.IsZero() {
		read = ui.Moment(q.ReadAt)
	}
	facts = append(facts, ui.Entry{Name: f.T("request.read"), Value: read})
	for _, a := range q.Answers {
		facts = append(facts, ui.Entry{Name: f.T("request.answer", "Number", a.Number, "Count", len(q.Answers)), Value: ui.Moment(a.At), Note: f.T("request.answer.protocol", "Protocol", a.Protocol)})
	}
	return facts
}

// mailTones are the colours of what became of a mail.
var mailTones = map[indemnity.MailState]ui.Tone{indemnity.MailSent: ui.Success, indemnity.MailWaits: ui.Working, indemnity.MailFailed: ui.Danger, indemnity.MailNowhere: ui.Action}

func deliveryRow(f ui.Frame, d indemnity.Delivery) welfare.DeliveryRow {
	row := welfare.DeliveryRow{Kind: f.T("request.delivery.other"), Reader: d.Reader, At: ui.ShortMoment(d.At), Read: f.T("request.not_yet"), Mail: ui.Tag{Tone: mailTones[d.Mail], Text: f.T("request.mail." + string(d.Mail))}}
	if slices.Contains([]string{"b04", "b04b", "b05", "b06", "b06b"}, d.Kind) {
		row.Kind = f.T("request.delivery." + d.Kind)
	}
	if !d.ReadAt.IsZero() {
		row.Read = ui.ShortMoment(d.ReadAt)
	}
	return row
}

// askedName is what an item of a request is called.
func askedName(f ui.Frame, i indemnity.RequestItem, at int) string {
	if i.Paper != "" {
		return f.T("requests.item.paper", "Number", at+1, "Kind", caseKind(f, i.Paper))
	}
	return f.T("requests.item", "Number", at+1)
}

// answeredItems are the things that were asked for, each with what was there before and
// with what every answer says of it.
func answeredItems(f ui.Frame, c indemnity.CaseFile, q indemnity.Request) (all []welfare.ItemAnswered) {
	items := slices.Clone(q.Items)
	for _, slot := range q.Slots() { // the receipt of a payment, which nobody has to send
		if !slices.ContainsFunc(items, func(i indemnity.RequestItem) bool { return i.Code == slot.Code }) {
			slot.Send = f.T("requests.receipt")
			items = append(items, slot)
		}
	}
	for n, i := range items {
		item := welfare.ItemAnswered{ID: i.Code, Title: askedName(f, i, n), Wrong: i.Wrong, Send: i.Send}
		if len(q.Answers) > 0 {
			item.Columns, item.Rows = itemDiff(f, c, q, i)
		}
		all = append(all, item)
	}
	return all
}

// itemDiff puts the answers to an item beside what was there before, the oldest first.
func itemDiff(f ui.Frame, c indemnity.CaseFile, q indemnity.Request, i indemnity.RequestItem) (columns []string, rows []welfare.DiffRow) {
	type stand struct {
		papers []indemnity.Paper
		note   string
	}
	columns = []string{f.T("request.diff.before")}
	stands := []stand{{papers: slices.DeleteFunc(slices.Clone(c.Papers), func(p indemnity.Paper) bool { return i.Of == "" || p.ID != i.Of })}}
	for n, a := range q.Answers {
		columns = append(columns, f.T("request.diff.answer", "Number", n+1, "Count", len(q.Answers), "On", ui.OfDay(calendar.On(a.At))))
		now := stand{note: a.Says.Notes[i.Code]}
		for _, p := range c.Papers {
			if i.Answers(q, p) && p.SentAt.Equal(a.At) {
				now.papers = append(now.papers, p)
			}
		}
		if before := stands[len(stands)-1]; len(now.papers) == 0 && n > 0 { // what was sent before stays
			now.papers = before.papers
		}
		stands = append(stands, now)
	}
	row := func(name string, text func(s stand) string, links bool) {
		line := welfare.DiffRow{Name: f.T(name)}
		blank := true
		for n, s := range stands {
			cell := welfare.DiffCell{Text: text(s)}
			if links {
				for _, p := range s.papers {
					link := ui.Link{Text: p.Name}
					if !p.Erased {
						link.URL = welfarePaperPath(p)
					}
					cell.Links = append(cell.Links, link)
				}
			}
			blank = blank && cell.Text == "" && len(cell.Links) == 0
			if n > 0 && len(s.papers) > 0 && len(stands[n-1].papers) > 0 || name == "request.diff.note" && n > 1 {
				cell.Changed = cell.Text != "" && cell.Text != line.Cells[n-1].Text
			}
			line.Cells = append(line.Cells, cell)
		}
		if blank {
			return
		}
		for n := range line.Cells {
			if line.Cells[n].Text == "" && len(line.Cells[n].Links) == 0 {
				line.Cells[n].Text = f.T("heirs.none")
			}
		}
		rows = append(rows, line)
	}
	each := func(say func(indemnity.Paper) string) func(stand) string {
		return func(s stand) (text string) {
			for _, p := range s.papers {
				if said := say(p); text == "" {
					text = said
				} else {
					text += " · " + said
				}
			}
			return text
		}
	}
	if i.Paper != "" {
		row("request.diff.file", each(func(p indemnity.Paper) string { return fileSize(f, p.Size) }), true)
		if i.Paper.Medical() {
			row("papers.issued", each(func(p indemnity.Paper) string { return paperDay(f, p.IssuedOn) }), false)
			row("papers.days", each(func(p indemnity.Paper) string { return daysText(f, p.Covers) }), false)
		}
	}
	row("request.diff.note", func(s stand) string { return s.note }, false)
	return columns, rows
}
