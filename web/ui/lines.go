package ui

import (
	"context"
	"io"
	"time"

	"github.com/a-h/templ"
)

// Line is a row of a long list: see Lines.
type Line struct {
	ID    string
	Cells []Value // one of each column
}

// Value is what a cell of a Line says. A part that is empty is left out.
type Value struct {
	Pick    *Pick     // a box instead of all the rest
	Text    string    // what it says,
	URL     string    // and where that leads
	More    string    // of a link, what is heard after its text
	When    time.Time // the instant that the text tells
	Proper  bool      // a name of a person or place, a code: not to be translated
	Missing bool      // the text says that there is nothing
	Tag     Tag       // after the text
	Note    string    // a plain explanation below
}

// Pick is the box that chooses a Line.
type Pick struct {
	Name   string // of the field; its value is the id of the line
	Word   string // «Scegli», where there is no head of a column
	Label  string // which one, in full
	Chosen bool
}

// Lines are the rows of a Table of many, the same as Rows of Cells. Its rows are nearly all
// of such a page, and drawing each cell as a component of its own costs more than finding
// what they say: they are written out here.
func Lines(columns []Column, lines []Line) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, to io.Writer) error {
		w := writer{to: to}
		open := make([]string, len(columns))
		for i, c := range columns {
			open[i] = c.cell()
		}
		for _, l := range lines {
			id := templ.EscapeString(l.ID)
			w.markup(`<tr id="r-`, id, `" tabindex="-1">`)
			for i, v := range l.Cells {
				w.markup(open[i])
				w.value(id, v)
				w.markup(columns[i].end())
			}
			w.markup(`</tr>`)
		}
		return w.err
	})
}

// cell opens a cell of a column, as Cell does.
func (c Column) cell() string {
	label := ` data-label="` + templ.EscapeString(c.label()) + `"`
	switch {
	case c.Row:
		return `<th scope="row"` + label + `>`
	case c.Number:
		return `<td` + label + ` class="number">`
	case c.Hidden:
		return `<td` + label + ` class="no-print">`
	}
	return `<td` + label + `>`
}

func (c Column) end() string {
	if c.Row {
		return `</th>`
	}
	return `</td>`
}

// writer writes markup until that fails.
type writer struct {
	to  io.Writer
	err error
}

func (w *writer) markup(parts ...string) {
	for _, s := range parts {
		if w.err == nil {
			_, w.err = io.WriteString(w.to, s)
		}
	}
}

func (w *writer) value(id string, v Value) {
	if v.Pick != nil {
		w.pick(id, v.Pick)
		return
	}
	several := v.Note != "" || v.Text != "" && v.Tag.Text != ""
	if several {
		w.markup(`<span>`)
	}
	w.text(v)
	if v.Tag.Text != "" {
		w.markup(` <span class="tag tone-`, string(v.Tag.Tone), `">`, templ.EscapeString(v.Tag.Text), `</span>`)
	}
	if v.Note != "" {
		w.markup(` <span class="data-note">`, templ.EscapeString(v.Note), `</span>`)
	}
	if several {
		w.markup(`</span>`)
	}
}

// text is what a cell says in words, within one element that says what kind of words.
func (w *writer) text(v Value) {
	text := templ.EscapeString(v.Text)
	switch {
	case v.Text == "":
	case v.Missing:
		w.markup(`<span class="data-missing">`, text, `</span>`)
	case !v.When.IsZero():
		w.markup(`<time datetime="`, stamp(v.When), `">`, text, `</time>`)
	case v.URL != "":
		w.markup(`<a href="`, templ.EscapeString(v.URL), `"`, untranslated(v.Proper), `>`, text)
		if v.More != "" {
			w.markup(` <span class="visually-hidden">`, templ.EscapeString(v.More), `</span>`)
		}
		w.markup(`</a>`)
	case v.Proper:
		w.markup(`<span translate="no">`, text, `</span>`)
	default:
		w.markup(text)
	}
}

func untranslated(yes bool) string {
	if yes {
		return ` translate="no"`
	}
	return ""
}

func (w *writer) pick(id string, p *Pick) {
	w.markup(`<span class="choice"><input type="checkbox" id="scegli-`, id, `" name="`, templ.EscapeString(p.Name), `" value="`, id, `"`)
	if p.Chosen {
		w.markup(` checked`)
	}
	w.markup(`> <label for="scegli-`, id, `"><span class="choice-word" aria-hidden="true">`, templ.EscapeString(p.Word),
		`</span> <span class="visually-hidden">`, templ.EscapeString(p.Label), `</span></label></span>`)
}
