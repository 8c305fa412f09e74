package ui

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

func drawn(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// inside is a component that says a text in a cell.
func inside(cell templ.Component, text string) templ.Component {
	said := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, templ.EscapeString(text))
		return err
	})
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error { return cell.Render(templ.WithChildren(ctx, said), w) })
}

func TestLinesAreRowsOfCells(t *testing.T) {
	t.Parallel()
	columns := []Column{{Text: "Nome & cognome", Row: true}, {Text: "Importo", Number: true}, {Text: "Azioni", Hidden: true}, {Text: "Città"}}
	texts := []string{"Ada", "12,00 €", "Vedi", "Forlì <FC>"}
	line := Line{ID: "7"}
	var cells strings.Builder
	for i, c := range columns {
		line.Cells = append(line.Cells, Value{Text: texts[i]})
		cells.WriteString(strings.TrimSpace(drawn(t, inside(Cell(c), texts[i]))))
	}
	got := drawn(t, Lines(columns, []Line{line}))
	want := `<tr id="r-7" tabindex="-1">` + cells.String() + `</tr>`
	if got != want {
		t.Errorf("a line is\n%s\nand not, as a row of cells,\n%s", got, want)
	}
}

// Whatever somebody wrote stays a text, wherever it stands.
func TestWhatLinesSayIsNeverMarkup(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script><i title='`
	columns := []Column{{Text: evil}, {Text: "b", Hidden: true}, {Text: "c"}, {Text: "d"}, {Text: "e"}}
	lines := []Line{{ID: evil, Cells: []Value{{Text: evil, Proper: true, Note: evil}, {Pick: &Pick{Name: evil, Word: evil, Label: evil}},
		{Text: evil, URL: "/" + evil, More: evil}, {Text: evil, When: time.Unix(0, 0), Tag: Tag{Tone: Action, Text: evil}}, {Text: evil, Missing: true}}}}
	page, err := html.Parse(strings.NewReader("<table><tbody>" + drawn(t, Lines(columns, lines)) + "</tbody></table>"))
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for n := range page.Descendants() {
		switch {
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "i"):
			t.Errorf("a text became <%s>", n.Data)
		case n.Type == html.TextNode && strings.TrimSpace(n.Data) == evil:
			said++
		}
	}
	if said != 9 {
		t.Errorf("%d texts are said, not 9", said)
	}
}
