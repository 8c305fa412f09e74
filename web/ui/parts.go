package ui

import (
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/web"
)

// What the templates choose between, kept out of them.

func sprite(name string) string { return web.Path("svg/sprite.svg") + "#" + name }

// stamp is an instant as the datetime attribute takes it.
func stamp(t time.Time) string { return t.In(calendar.Rome).Format(time.RFC3339) }

// bodyKey names the body in full, for the first line of the page.
func bodyKey(body string) string {
	switch body {
	case "INPS":
		return "ui.body.inps"
	case "ENPAP":
		return "ui.body.enpap"
	case "CNOP":
		return "ui.body.cnop"
	}
	return "ui.body.none"
}

// footerLinks hold the key of their text.
var footerLinks = []Link{
	{"ui.footer.privacy", "/privacy"},
	{"ui.footer.cookies", "/cookie"},
	{"ui.footer.legal", "/note-legali"},
	{"ui.footer.accessibility", "/accessibilita"},
	{"ui.footer.report", "/accessibilita/segnala"},
	{"ui.footer.map", "/mappa-del-sito"},
	{"ui.footer.status", "/stato-servizio"},
	{"ui.footer.contacts", "/assistenza"},
	{"ui.footer.code", "/note-legali#licenza"},
}

func toneIcon(t Tone) string {
	switch t {
	case Success:
		return "it-check-circle"
	case Danger:
		return "it-close-circle"
	case Action:
		return "it-warning-circle"
	}
	return "it-info-circle"
}

func toneWord(t Tone) string {
	switch t {
	case Success:
		return "ui.tone.success"
	case Danger:
		return "ui.tone.danger"
	case Action:
		return "ui.tone.action"
	}
	return "ui.tone.working"
}

// noticeTitle is «Fatto» for what went well, and what happened otherwise.
func noticeTitle(f Frame, n Flash) string {
	if n.Tone == Success || n.Title == "" {
		return f.T(toneWord(n.Tone))
	}
	return n.Title
}

func deadlineTone(p DeadlineProps) Tone {
	if p.Last.Before(p.Today) {
		return Closed
	}
	return Action
}

func deadlineLeft(f Frame, p DeadlineProps) string {
	switch days := p.Today.Until(p.Last); {
	case days < 0:
		return f.T("ui.deadline.over")
	case days == 0:
		return f.T("ui.deadline.today")
	default:
		return f.T("ui.deadline.left", "Count", days)
	}
}

// described ties a field to its hint and its error.
func described(f Frame, name, hint string) templ.Attributes {
	a := templ.Attributes{}
	wrong := f.Error(name) != ""
	switch {
	case hint != "" && wrong:
		a["aria-describedby"] = name + "-aiuto " + name + "-errore"
	case hint != "":
		a["aria-describedby"] = name + "-aiuto"
	case wrong:
		a["aria-describedby"] = name + "-errore"
	}
	if wrong {
		a["aria-invalid"] = "true"
	}
	return a
}

// filled is an attribute that has something to say.
func filled(attribute, value string) templ.Attributes {
	if value == "" {
		return nil
	}
	return templ.Attributes{attribute: value}
}

func fieldType(p FieldProps) string {
	if p.Type == "" {
		return "text"
	}
	return p.Type
}

// required is for those who do not see the form: novalidate keeps the browser
// silent.
func (p FieldProps) required() bool { return !p.Optional && !p.Filter }

func (p ChoiceProps) required() bool { return !p.Optional && !p.Filter }

// optionID is the name itself for the first option, so that errors find it.
func optionID(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(i+1)
}

func optionDescribed(f Frame, p ChoiceProps, i int) templ.Attributes {
	a := templ.Attributes{}
	if p.Options[i].Hint != "" {
		a["aria-describedby"] = optionID(p.Name, i) + "-nota"
	}
	if f.Error(p.Name) != "" {
		a["aria-invalid"] = "true"
	}
	return a
}

func (p ChoiceProps) chosen(value string) bool { return slices.Contains(p.Chosen, value) }

// label is the name of a cell's column on a card; a column of links needs none.
func (c Column) label() string {
	if c.Hidden {
		return ""
	}
	return c.Text
}

func proper(yes bool) templ.Attributes {
	if yes {
		return templ.Attributes{"translate": "no"}
	}
	return nil
}

func currentStep(yes bool) templ.Attributes {
	if yes {
		return templ.Attributes{"aria-current": "step"}
	}
	return nil
}

// Step is the Caption of a page in a linear flow: "Passo 1 di 2".
func (f Frame) Step(current, total int) string {
	return f.T("ui.steps.caption", "Current", current, "Total", total)
}

// segment is a part of the balance bar, in percents of its width.
type segment struct{ class, x, width string }

func (p BalanceProps) segments() []segment {
	var all []segment
	var at money.Amount
	for _, s := range []struct {
		class  string
		amount money.Amount
	}{{"bar-held", p.Held}, {"bar-booked", p.Booked}, {"bar-left", p.Left}} {
		if s.amount > 0 && p.Awarded > 0 {
			all = append(all, segment{s.class, percent(at, p.Awarded), percent(s.amount, p.Awarded)})
		}
		at += s.amount
	}
	return all
}

// percent is a share with two decimals, as SVG lengths take it.
func percent[N ~int | ~int64](part, whole N) string {
	basis := int64(part) * 10_000 / int64(whole)
	b := strconv.AppendInt(make([]byte, 0, 8), basis/100, 10)
	return string(append(append2(append(b, '.'), int(basis%100)), '%'))
}

// mark is a point of the timeline: a numbered day, or today without a number.
type mark struct {
	x, number, anchor string
	past              bool
}

// The line runs from 5 to 95 percent, in hundredths of a percent, and dots keep
// a distance at which their numbers can be read on a phone.
const (
	lineStart, lineEnd = 500, 9500
	dotDistance        = 1000
)

func (p TimelineProps) marks() []mark {
	if len(p.Days) < 2 {
		return nil
	}
	first, last := p.Days[0].Day, p.Days[len(p.Days)-1].Day
	at := func(d calendar.Date) int {
		return lineStart + first.Until(d)*(lineEnd-lineStart)/max(first.Until(last), 1)
	}
	places := make([]int, len(p.Days))
	for i, m := range p.Days {
		places[i] = at(m.Day)
		if i > 0 {
			places[i] = max(places[i], places[i-1]+dotDistance)
		}
	}
	for i := len(places) - 1; i >= 0; i-- {
		places[i] = min(places[i], lineEnd-(len(places)-1-i)*dotDistance)
	}
	var all []mark
	if !p.Today.Before(first) && !p.Today.After(last) {
		all = append(all, mark{x: percent(at(p.Today), 10_000), anchor: anchor(at(p.Today))})
	}
	for i, m := range p.Days {
		all = append(all, mark{x: percent(places[i], 10_000), number: strconv.Itoa(i + 1), past: m.Day.Before(p.Today)})
	}
	return all
}

// anchor keeps the word at the ends of the line inside the picture.
func anchor(at int) string {
	switch {
	case at < lineStart+dotDistance:
		return "start"
	case at > lineEnd-dotDistance:
		return "end"
	}
	return "middle"
}

func (p FiltersProps) method() string {
	if p.Private {
		return "post"
	}
	return "get"
}
