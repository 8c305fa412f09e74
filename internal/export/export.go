// Package export writes the tables that leave the portal as files: for a
// spreadsheet, for people, for another program. It takes one row at a time and keeps
// none of them, so that a list may be as long as it likes; and it is the only place
// that knows how a text is kept from being run as a formula.
package export

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/calendar"
)

// Format is how a table is written.
type Format string

// The formats. Plain is for programs: commas, dots in amounts, ISO days.
const (
	CSV   Format = "csv"   // for an Italian spreadsheet: mark of UTF-8, semicolons, 1234,50, 12/03/2026
	Plain Format = "plain" // comma-separated, as RFC 4180 has it
	XLSX  Format = "xlsx"
	JSON  Format = "json" // an array of objects, one for each row
)

// Of is the format that a file name's ending asks for.
func Of(ending string) (Format, bool) {
	f := Format(ending)
	return f, f == CSV || f == XLSX || f == JSON
}

// Type is the media type of a file in the format.
func (f Format) Type() string {
	switch f {
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case JSON:
		return "application/json"
	}
	return "text/csv; charset=utf-8"
}

// Ending is how the name of a file in the format ends, with its dot.
func (f Format) Ending() string {
	if f == Plain {
		return ".csv"
	}
	return "." + string(f)
}

// Column is one column of a table.
type Column struct {
	Key   string // the name of the field, where rows are objects and in Plain
	Title string // its heading, for people
}

// Writer writes one table. Row after row, then Close; Discard, deferred, drops one
// that was not finished.
type Writer struct {
	columns int
	table
}

// table is a format at work.
type table interface {
	row(cells []any) error
	finish() error
	discard()
}

// New begins a table with its headings. What is written is not a whole file before
// Close has returned nil: a list that breaks off must not look like a short one.
func New(f Format, w io.Writer, columns []Column) (*Writer, error) {
	var t table
	var err error
	switch f {
	case CSV, Plain:
		t, err = newCSV(w, columns, f == Plain)
	case XLSX:
		t, err = newXLSX(w, columns)
	case JSON:
		t, err = newJSON(w, columns)
	default:
		return nil, fmt.Errorf("export: no format %q", f)
	}
	if err != nil {
		return nil, fmt.Errorf("export: begin %s: %w", f, err)
	}
	return &Writer{len(columns), t}, nil
}

// Row writes a row: a cell for each column, each of them nil, a bool, an int, an
// int64, a string, a money.Amount, a calendar.Date (zero: empty) or a time.Time
// (zero: empty; shown in Rome). A string is a text whatever it says, and never a
// formula; everything else keeps its type.
func (w *Writer) Row(cells ...any) error {
	if len(cells) != w.columns {
		return fmt.Errorf("export: %d cells for %d columns", len(cells), w.columns)
	}
	return w.row(cells)
}

// Close finishes the file.
func (w *Writer) Close() error { return w.finish() }

// Discard gives up a table that was not closed, and what it keeps on disk.
func (w *Writer) Discard() { w.discard() }

// inert keeps a spreadsheet from running a text: an apostrophe before what would
// start a formula, in full width too (OWASP, CSV injection).
func inert(text string) string {
	if first, _ := utf8.DecodeRuneInString(text); strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + text
	}
	return text
}

// errCell is a cell of a type that no column holds.
func errCell(cell any) error { return fmt.Errorf("export: a cell cannot hold a %T", cell) }

// empty tells whether a cell says nothing.
func empty(cell any) bool {
	switch c := cell.(type) {
	case nil:
		return true
	case calendar.Date:
		return c.IsZero()
	case time.Time:
		return c.IsZero()
	}
	return false
}
