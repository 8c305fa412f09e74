package voucher

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portal/internal/calendar"
	"portal/internal/money"
)

// InvoiceColumns are the columns of a file of invoices that count, one row for each
// session. Rows with the same number, day and amount are one invoice. Whatever other
// columns there are is for people.
var InvoiceColumns = []string{"seduta", "numero_fattura", "data_fattura", "importo_fattura"}

// The places of the columns in InvoiceColumns.
const (
	columnSession = iota
	columnInvoiceNumber
	columnInvoiceDay
	columnInvoiceAmount
)

// InvoiceFile is how much a file of invoices may hold.
var InvoiceFile = struct{ Bytes, Rows int }{256 << 10, 500}

// What can be wrong with a file of invoices, beside what can be with any.
const (
	FaultSession  FaultKind = "session"   // no name of a session
	FaultTooLarge FaultKind = "too_large" // the file
)

// InvoiceFaultKinds lists everything that can be wrong with a file of invoices: the
// catalogue has the sentence of each under "psychologist.upload.fault.<kind>".
var InvoiceFaultKinds = []FaultKind{FaultEmptyFile, FaultNotText, FaultTooLarge, FaultNoColumn, FaultColumnTwice, FaultQuote, FaultUnclosed,
	FaultLongLine, FaultTooMany, FaultFieldCount, FaultEncoding, FaultControl, FaultTooLong, FaultMissing, FaultSession, FaultDuplicate,
	FaultDate, FaultMoney}

// InvoiceBatch is one invoice of a file, with the lines that say it.
type InvoiceBatch struct {
	Lines    []int
	Sessions []BookingID
	InvoiceData
}

// InvoiceSheet is what a file of invoices says.
type InvoiceSheet struct {
	Batches []InvoiceBatch // in the order of their first lines
	Faults  []ImportFault  // a row that has one is in no batch
	Blank   int            // rows of sessions for which nothing was filled in
}

// ReadInvoices reads a file of invoices: UTF-8 with or without its mark, separated by
// semicolons or commas. The error is one of the reading; what is wrong with the file is
// among the faults.
func ReadInvoices(from io.Reader) (InvoiceSheet, error) {
	text, err := io.ReadAll(io.LimitReader(from, int64(InvoiceFile.Bytes)+1))
	if err != nil {
		return InvoiceSheet{}, err
	}
	s := invoiceReader{rows: newRows(bytes.NewReader(text)), seen: map[BookingID]int{}}
	switch {
	case len(text) > InvoiceFile.Bytes:
		s.wrong(0, "", FaultTooLarge, 0)
	case bytes.IndexByte(text, 0) >= 0 || bytes.HasPrefix(text, []byte("PK\x03\x04")) || bytes.HasPrefix(text, []byte("%PDF-")):
		s.wrong(0, "", FaultNotText, 0)
	case s.header(text):
		s.read()
	}
	return s.sheet, nil
}

type invoiceReader struct {
	rows  *rows
	place [4]int
	width int
	seen  map[BookingID]int // sessions, by the line that names them first
	sheet InvoiceSheet
}

func (s *invoiceReader) wrong(line int, field string, kind FaultKind, arg int) {
	s.sheet.Faults = append(s.sheet.Faults, ImportFault{line, field, kind, arg})
}

// header finds the columns, and tells whether all are there.
func (s *invoiceReader) header(text []byte) bool {
	first, _, _ := bytes.Cut(text, []byte{'\n'})
	if bytes.Count(first, []byte{';'}) > bytes.Count(first, []byte{','}) {
		s.rows.comma = ';'
	}
	if err := s.rows.next(); err != nil {
		s.unreadable(err, FaultEmptyFile)
		return false
	}
	s.width = len(s.rows.fields)
	whole := true
	for column, name := range InvoiceColumns {
		s.place[column] = -1
		for i, cell := range s.rows.fields {
			if strings.ToLower(strings.TrimSpace(string(cell))) != name {
				continue
			}
			if s.place[column] >= 0 {
				s.wrong(s.rows.line, name, FaultColumnTwice, 0)
				whole = false
			}
			s.place[column] = i
		}
		if s.place[column] < 0 {
			s.wrong(s.rows.line, name, FaultNoColumn, 0)
			whole = false
		}
	}
	return whole
}

// unreadable notes why a row cannot be read, and tells whether the next can be.
func (s *invoiceReader) unreadable(err error, end FaultKind) bool {
	switch {
	case errors.Is(err, errQuote):
		s.wrong(s.rows.line, "", FaultQuote, 0)
		return true
	case errors.Is(err, errOpen):
		s.wrong(s.rows.line, "", FaultUnclosed, 0)
	case errors.Is(err, errLong):
		s.wrong(s.rows.line, "", FaultLongLine, 0)
	case end != "":
		s.wrong(0, "", end, 0)
	}
	return false
}

func (s *invoiceReader) read() {
	for n := 1; ; n++ {
		switch err := s.rows.next(); {
		case err != nil:
			if s.unreadable(err, "") {
				continue
			}
			return
		case n > InvoiceFile.Rows:
			s.wrong(s.rows.line, "", FaultTooMany, InvoiceFile.Rows)
			return
		case len(s.rows.fields) != s.width:
			s.wrong(s.rows.line, "", FaultFieldCount, len(s.rows.fields))
			continue
		}
		s.row()
	}
}

// row takes a row, if nothing is wrong with it.
func (s *invoiceReader) row() {
	if s.text(columnInvoiceNumber) == "" && s.text(columnInvoiceDay) == "" && s.text(columnInvoiceAmount) == "" {
		s.sheet.Blank++
		return
	}
	before := len(s.sheet.Faults)
	for column := range InvoiceColumns {
		s.check(column)
	}
	session := BookingID(s.text(columnSession))
	if id, err := uuid.Parse(string(session)); session != "" && (err != nil || id.String() != string(session)) {
		s.wrong(s.rows.line, InvoiceColumns[columnSession], FaultSession, 0)
	} else if first, again := s.seen[session]; again && session != "" {
		s.wrong(s.rows.line, InvoiceColumns[columnSession], FaultDuplicate, first)
	} else {
		s.seen[session] = s.rows.line
	}
	data := InvoiceData{Number: ParseInvoiceNumber(s.text(columnInvoiceNumber))}
	if text := s.text(columnInvoiceDay); text != "" {
		day, ok := dayOfSheet(text)
		if data.IssuedOn = day; !ok {
			s.wrong(s.rows.line, InvoiceColumns[columnInvoiceDay], FaultDate, 0)
		}
	}
	if text := s.text(columnInvoiceAmount); text != "" {
		amount, err := money.Parse(text)
		if data.Amount = amount; err != nil {
			s.wrong(s.rows.line, InvoiceColumns[columnInvoiceAmount], FaultMoney, 0)
		}
	}
	if len(s.sheet.Faults) > before {
		return
	}
	same := func(b InvoiceBatch) bool {
		return SameInvoiceNumber(b.Number, data.Number) && b.IssuedOn == data.IssuedOn && b.Amount == data.Amount
	}
	i := slices.IndexFunc(s.sheet.Batches, same)
	if i < 0 {
		i = len(s.sheet.Batches)
		s.sheet.Batches = append(s.sheet.Batches, InvoiceBatch{InvoiceData: data})
	}
	b := &s.sheet.Batches[i]
	b.Lines, b.Sessions = append(b.Lines, s.rows.line), append(b.Sessions, session)
}

// check notes what keeps a cell from being read at all.
func (s *invoiceReader) check(column int) {
	cell := bytes.TrimSpace(s.rows.fields[s.place[column]])
	name := InvoiceColumns[column]
	switch longest := max(InvoiceGuards.Number, len("00000000-0000-0000-0000-000000000000")); {
	case len(cell) == 0:
		s.wrong(s.rows.line, name, FaultMissing, 0)
	case !utf8.Valid(cell):
		s.wrong(s.rows.line, name, FaultEncoding, 0)
	case bytes.ContainsFunc(cell, unfit):
		s.wrong(s.rows.line, name, FaultControl, 0)
	case utf8.RuneCount(cell) > longest:
		s.wrong(s.rows.line, name, FaultTooLong, longest)
	}
}

// text is a cell without the blanks around it, nor the apostrophe that keeps a
// spreadsheet from running it.
func (s *invoiceReader) text(column int) string {
	return strings.TrimPrefix(string(bytes.TrimSpace(s.rows.fields[s.place[column]])), "'")
}

// dayOfSheet reads a day as a spreadsheet saves it, with or without its zeros.
func dayOfSheet(text string) (calendar.Date, bool) {
	if d, ok := dayOfFile(text); ok {
		return d, true
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '-' || r == '.' })
	if len(parts) != 3 || len(parts[2]) != 4 {
		return calendar.Date{}, false
	}
	for i := range parts[:2] {
		if len(parts[i]) == 1 {
			parts[i] = "0" + parts[i]
		}
	}
	return dayOfFile(parts[0] + "/" + parts[1] + "/" + parts[2])
}
