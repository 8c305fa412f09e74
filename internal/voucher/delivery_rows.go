package voucher

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"portal/internal/batch"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// The columns of CNOP's file.
const (
	colFiscalCode     = "codice_fiscale"
	colFamilyName     = "cognome"
	colGivenName      = "nome"
	colRegisterRegion = "ordine_regionale"
	colRegisterNumber = "numero_iscrizione"
	colAnnotatedOn    = "data_annotazione_psicoterapeuta"
	colAddress        = "indirizzo"
	colCity           = "comune"
	colPostalCode     = "cap"
	colProvince       = "provincia"
	colRegion         = "regione"
	colPhone          = "telefono"
	colEmail          = "email"
	colJoinedOn       = "data_adesione"
	colLeftOn         = "data_revoca"
	colLanguages      = "lingue"
	colOnline         = "online"
)

// ListColumns are the columns that a file of CNOP's list has, and after them those
// that it may have.
var (
	ListColumns = []string{colFiscalCode, colFamilyName, colGivenName, colRegisterRegion, colRegisterNumber, colAnnotatedOn, colAddress,
		colCity, colPostalCode, colProvince, colRegion, colPhone, colEmail, colJoinedOn, colLeftOn}
	OptionalListColumns = []string{colLanguages, colOnline}
	// ReportColumns are added by the portal to the rows it gives back: who
	// mends them there may send them again as they are.
	ReportColumns = []string{"riga", "motivo"}
)

// Why a file cannot be taken as CNOP's list. The line and the column, where there
// is one, come with a FileError.
var (
	ErrListNotUTF8       = fault.Invalid("list.not_utf8")
	ErrListEmpty         = fault.Invalid("list.empty")
	ErrListColumnMissing = fault.Invalid("list.column_missing")
	ErrListColumnTwice   = fault.Invalid("list.column_twice")
	ErrListColumnUnknown = fault.Invalid("list.column_unknown")
	ErrListQuotes        = fault.Invalid("list.quotes")
)

// FileError says where in a file something is wrong that keeps it from being read.
type FileError struct {
	Reason *fault.Reason
	Line   int
	Column string
}

// Error names no more of the file than the line and a known column.
func (e FileError) Error() string { return e.Reason.Code + " in line " + strconv.Itoa(e.Line) }

// Unwrap is the reason.
func (e FileError) Unwrap() error { return e.Reason }

// Reject is why a row of the list cannot be taken: the column, a code that has
// words in the catalogue, and the other line where two rows do not go together.
type Reject struct {
	Column string // "" for the row as a whole
	Code   RejectCode
	Line   int
}

// RejectCode names a reason to reject a row.
type RejectCode string

// The reasons to reject a row.
const (
	RejectColumns      RejectCode = "columns"         // more or fewer than the header
	RejectMissing      RejectCode = "missing"         // nothing stands where something must
	RejectText         RejectCode = "text"            // too long, or with characters that cannot be kept
	RejectFiscalCode   RejectCode = "fiscal_code"     // is none
	RejectAnnotation   RejectCode = "no_annotation"   // not annotated as a psychotherapist (L. 56/1989, art. 3)
	RejectDate         RejectCode = "date"            // no day of the calendar
	RejectFuture       RejectCode = "future"          // after the day the list speaks of
	RejectOrder        RejectCode = "order"           // before the day that must come first
	RejectPostalCode   RejectCode = "postal_code"     // not five digits
	RejectProvince     RejectCode = "province"        // no province has these letters
	RejectRegion       RejectCode = "region"          // no territory has this name
	RejectOtherRegion  RejectCode = "other_region"    // the province lies elsewhere
	RejectOtherArea    RejectCode = "other_area"      // the postal code is of elsewhere
	RejectRegister     RejectCode = "register"        // no number of a register
	RejectPhone        RejectCode = "phone"           // no telephone number
	RejectEmail        RejectCode = "email"           // no e-mail address
	RejectLanguage     RejectCode = "language"        // not two letters each
	RejectYesNo        RejectCode = "yes_no"          // neither yes nor no
	RejectTwice        RejectCode = "twice"           // the same person stands in another line
	RejectTwoRegisters RejectCode = "two_registers"   // the same, with another register
	RejectRegisterOf   RejectCode = "register_shared" // somebody else has the same place in the register
	RejectTaken        RejectCode = "register_taken"  // somebody on the list has this place in the register
	RejectSuspended    RejectCode = "suspended"       // CNOP itself has suspended who it is
)

// ListRow is a row of the list as it was read: somebody who takes part, or why it
// cannot be taken, with what stood in it.
type ListRow struct {
	Line    int
	Is      Participant
	Rejects []Reject
	Raw     map[string]string // by column, of a rejected row
}

// ListFile is CNOP's list as it was read.
type ListFile struct {
	Rows   []ListRow
	Digest []byte
}

// longestListCell bounds what a cell of the list may hold.
const longestListCell = 200

// ReadList reads a file of CNOP's list that speaks of a day. What is wrong with a
// row rejects the row; a FileError, what is wrong with the file as a whole.
func ReadList(from io.Reader, day calendar.Date) (ListFile, error) {
	text, err := io.ReadAll(from)
	if err != nil {
		return ListFile{}, err
	}
	digest := sha256.Sum256(text)
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 { // without a mark, UTF-16 is full of zeros
		return ListFile{}, FileError{Reason: ErrListNotUTF8, Line: 1}
	}
	cells := csv.NewReader(bytes.NewReader(text))
	cells.FieldsPerRecord, cells.ReuseRecord = -1, true
	header, _, _ := bytes.Cut(text, []byte{'\n'})
	if bytes.Count(header, []byte{';'}) > bytes.Count(header, []byte{','}) {
		cells.Comma = ';'
	}
	file := ListFile{Digest: digest[:]}
	var columns []string
	for {
		record, err := cells.Read()
		var flaw *csv.ParseError
		switch {
		case errors.Is(err, io.EOF) && len(file.Rows) == 0:
			return ListFile{}, FileError{Reason: ErrListEmpty, Line: 1}
		case errors.Is(err, io.EOF):
			rejectTwins(file.Rows)
			return file, nil
		case errors.As(err, &flaw):
			return ListFile{}, FileError{Reason: ErrListQuotes, Line: flaw.StartLine}
		case err != nil:
			return ListFile{}, err
		}
		line, _ := cells.FieldPos(0)
		// A quote left open takes whole rows into its cell, and whoever stands in
		// them would be missing.
		if slices.ContainsFunc(record, func(cell string) bool { return strings.ContainsAny(cell, "\r\n") }) {
			return ListFile{}, FileError{Reason: ErrListQuotes, Line: line}
		}
		if columns == nil {
			if columns, err = readHeader(record); err != nil {
				return ListFile{}, err
			}
			continue
		}
		if !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue // a spreadsheet's empty row
		}
		file.Rows = append(file.Rows, readRow(line, columns, record, day))
	}
}

// readHeader is the names of the columns, in the order of the file.
func readHeader(record []string) ([]string, error) {
	columns := make([]string, len(record))
	for i, cell := range record {
		name := strings.ToLower(strings.TrimSpace(cell))
		switch {
		case slices.Contains(columns[:i], name):
			return nil, FileError{ErrListColumnTwice, 1, visibleName(name)}
		case !slices.Contains(slices.Concat(ListColumns, OptionalListColumns, ReportColumns), name):
			return nil, FileError{ErrListColumnUnknown, 1, visibleName(name)}
		}
		columns[i] = name
	}
	for _, name := range ListColumns {
		if !slices.Contains(columns, name) {
			return nil, FileError{ErrListColumnMissing, 1, name}
		}
	}
	return columns, nil
}

// visibleName keeps a name that a file made up short and within its line.
func visibleName(name string) string {
	short := []rune(strings.Map(batch.Visible, name))
	return string(short[:min(len(short), 40)])
}

// readRow judges one row by itself.
func readRow(line int, columns, record []string, day calendar.Date) ListRow {
	raw := make(map[string]string, len(columns))
	for i, name := range columns {
		if i < len(record) {
			raw[name] = clean(record[i])
		}
	}
	r := rowReader{raw: raw, day: day}
	if len(record) != len(columns) {
		r.reject("", RejectColumns)
		// An extra comma moves everything: whose row it is still counts.
		if _, err := identity.ParseFiscalCode(raw[colFiscalCode]); err != nil {
			for _, cell := range record {
				if code, err := identity.ParseFiscalCode(cell); err == nil {
					raw[colFiscalCode] = string(code)
				}
			}
		}
		return ListRow{Line: line, Rejects: r.rejects, Raw: raw}
	}
	row := ListRow{Line: line, Is: r.participant(), Rejects: r.rejects}
	if len(r.rejects) > 0 {
		row.Raw = raw
	}
	return row
}

// clean is a cell without what nobody means: blanks around and doubled, the
// apostrophe that some keyboards write, and the one that keeps a spreadsheet from
// taking a telephone number for a sum.
func clean(cell string) string {
	cell = strings.ReplaceAll(strings.Join(strings.Fields(cell), " "), "’", "'")
	if len(cell) > 1 && cell[0] == '\'' && strings.IndexByte("=+-@", cell[1]) >= 0 {
		return cell[1:]
	}
	return cell
}

// rejectTwins rejects every row of whoever stands in the list more than once, and
// of those who share a place in a register: nobody knows which row is right.
func rejectTwins(rows []ListRow) {
	people, places := map[string][]int{}, map[string][]int{}
	for i, r := range rows {
		code, place := string(r.Is.FiscalCode), r.Is.register()
		if r.Raw != nil {
			code, place = rawCode(r.Raw), rawRegister(r.Raw)
		}
		if code != "" {
			people[code] = append(people[code], i)
		}
		if place != "" {
			places[place] = append(places[place], i)
		}
	}
	rejected := make([][]Reject, len(rows))
	for i, r := range rows {
		code, place := string(r.Is.FiscalCode), r.Is.register()
		if r.Raw != nil {
			code, place = rawCode(r.Raw), rawRegister(r.Raw)
		}
		if twins := people[code]; code != "" && len(twins) > 1 {
			j := other(twins, i)
			is := RejectTwice
			if registerOf(rows[j]) != place {
				is = RejectTwoRegisters
			}
			rejected[i] = append(rejected[i], Reject{colFiscalCode, is, rows[j].Line})
		} else if twins := places[place]; place != "" && len(twins) > 1 {
			rejected[i] = append(rejected[i], Reject{colRegisterNumber, RejectRegisterOf, rows[other(twins, i)].Line})
		}
	}
	for i, why := range rejected {
		if len(why) > 0 {
			if rows[i].Raw == nil {
				rows[i].Raw = rows[i].Is.Cells()
			}
			rows[i].Rejects = append(rows[i].Rejects, why...)
		}
	}
}

// other is the first of several that is not one.
func other(all []int, one int) int {
	if all[0] == one {
		return all[1]
	}
	return all[0]
}

func registerOf(r ListRow) string {
	if r.Raw != nil {
		return rawRegister(r.Raw)
	}
	return r.Is.register()
}

// rawCode is the fiscal code in a row that was rejected, as far as it is one.
func rawCode(raw map[string]string) string {
	code, err := identity.ParseFiscalCode(raw[colFiscalCode])
	if err != nil {
		return ""
	}
	return string(code)
}

// rawRegister is the place in a register that a rejected row tells, "" for none.
func rawRegister(raw map[string]string) string {
	region, ok := ParseTerritory(raw[colRegisterRegion])
	if !ok || raw[colRegisterNumber] == "" {
		return ""
	}
	return region + " " + strings.ToUpper(raw[colRegisterNumber])
}
