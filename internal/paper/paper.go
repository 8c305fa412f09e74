// Package paper makes the acts that people keep, as PDF: one sheet of A4 after the
// other, in impersonal words. The same content stands on a page of the portal, which
// is the accessible one.
package paper

import (
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"portal/internal/calendar"
)

// Act is a document.
type Act struct {
	Body  string // who issues it: "INPS"
	Title string // "Ricevuta di presentazione della domanda"
	Lead  string // one sentence that says what it certifies
	Parts []Part
	Foot  string // on every sheet, beside its number
	At    time.Time
}

// Part is a chapter of a document: lines of a name and a value, then paragraphs.
type Part struct {
	Heading string
	Lines   []Line
	Text    []string
}

// Line is a name and its value.
type Line struct{ Name, Value string }

// Titillium Web, SIL Open Font License 1.1: see fonts/OFL.txt.
var (
	//go:embed fonts/titillium-web-regular.ttf
	regular []byte
	//go:embed fonts/titillium-web-600.ttf
	semibold []byte
)

const (
	family        = "Titillium"
	margin        = 20.0 // mm
	nameWidth     = 62.0
	lineHeight    = 6.0
	pageBody      = 210 - 2*margin
	bottomMargin  = 25.0
	footFromBelow = -15.0
)

// Write makes the PDF of a document. The same document makes the same bytes.
func Write(w io.Writer, a Act) error {
	f := fpdf.New("P", "mm", "A4", "")
	f.AddUTF8FontFromBytes(family, "", regular)
	f.AddUTF8FontFromBytes(family, "B", semibold)
	f.SetCatalogSort(true)
	f.SetLang("it-IT")
	f.SetTitle(a.Title, true)
	f.SetAuthor(a.Body, true)
	f.SetCreationDate(a.At.In(calendar.Rome))
	f.SetModificationDate(a.At.In(calendar.Rome))
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(true, bottomMargin)
	f.SetFooterFunc(func() {
		f.SetY(footFromBelow)
		f.SetFont(family, "", 9)
		f.SetTextColor(90, 90, 90)
		f.CellFormat(pageBody-20, 5, a.Foot, "T", 0, "L", false, 0, "")
		f.CellFormat(20, 5, strconv.Itoa(f.PageNo()), "T", 0, "R", false, 0, "")
	})
	f.AddPage()
	f.SetTextColor(0, 0, 0)
	f.SetFont(family, "", 11)
	f.MultiCell(0, lineHeight, a.Body, "", "L", false)
	f.Ln(4)
	f.SetFont(family, "B", 18)
	f.MultiCell(0, 9, a.Title, "", "L", false)
	f.Ln(2)
	f.SetFont(family, "", 11)
	f.MultiCell(0, lineHeight, a.Lead, "", "L", false)
	for _, p := range a.Parts {
		part(f, p)
	}
	if err := f.Output(w); err != nil {
		return fmt.Errorf("document: %w", err)
	}
	return nil
}

func part(f *fpdf.Fpdf, p Part) {
	f.Ln(5)
	f.SetTextColor(0, 0, 0)
	if p.Heading != "" {
		f.SetFont(family, "B", 13)
		f.MultiCell(0, 8, p.Heading, "", "L", false)
	}
	for _, l := range p.Lines {
		f.SetFont(family, "", 11)
		height := lineHeight * float64(len(f.SplitText(l.Value, pageBody-nameWidth)))
		if _, page := f.GetPageSize(); f.GetY()+height > page-bottomMargin {
			f.AddPage() // a name stays with its value
			f.SetTextColor(0, 0, 0)
		}
		y := f.GetY()
		f.SetTextColor(70, 70, 70)
		f.MultiCell(nameWidth-4, lineHeight, l.Name, "", "L", false)
		after := f.GetY()
		f.SetTextColor(0, 0, 0)
		f.SetXY(margin+nameWidth, y)
		f.MultiCell(0, lineHeight, l.Value, "", "L", false)
		f.SetY(max(after, f.GetY()) + 1)
	}
	f.SetFont(family, "", 11)
	for _, t := range p.Text {
		f.MultiCell(0, lineHeight, t, "", "L", false)
		f.Ln(1.5)
	}
}
