package voucher

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portal/internal/batch"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
)

// ImportColumns are the columns of a file of applications, in the order of the
// template. The last one may be left out: the portal then gives the numbers.
var ImportColumns = []string{"codice_fiscale", "cognome", "nome", "data_nascita", "territorio", "provincia",
	"isee", "stato_isee", "presentata_il", "email", "telefono", "protocollo"}

// The places of the columns in ImportColumns.
const (
	columnFiscalCode = iota
	columnFamilyName
	columnGivenName
	columnBornOn
	columnTerritory
	columnProvince
	columnISEE
	columnISEEStatus
	columnSubmittedAt
	columnEmail
	columnPhone
	columnProtocol
)

// longestColumn is how many characters a column may have.
var longestColumn = [...]int{16, 100, 100, 10, 40, 2, 16, 10, 40, 254, 30, 40}

// ImportRow is a row of a file of applications. What could not be read is zero.
type ImportRow struct {
	Line        int
	FiscalCode  identity.FiscalCode
	GivenName   string
	FamilyName  string
	BornOn      calendar.Date
	Territory   string
	Province    string
	ISEE        money.Amount
	HasISEE     bool
	ISEEStatus  ISEEStatus
	Entitled    money.Amount // by the band of the ISEE, once it is valid
	SubmittedAt time.Time
	Email       string
	Phone       string
	Protocol    string // "" where the portal gives it
}

// ImportReader reads a file of applications row by row and checks each against the
// rules of an edition, in constant memory.
type ImportReader struct {
	rows   *rows
	rules  Rules
	today  calendar.Date
	open   map[string]bool   // territories, and whether they take part
	named  map[string]string // territories, by names that were read
	within map[string]string // and by provinces
	place  [len(longestColumn)]int
	width  int // of a row; 0 before the header was read
	row    ImportRow
	faults []ImportFault
	ended  bool
}

// NewImportReader is a reader of a file for an edition, on a day.
func NewImportReader(r io.Reader, rules Rules, today calendar.Date) *ImportReader {
	open := map[string]bool{}
	for territory := range rules.Budget().Of {
		open[territory] = true
	}
	for _, territory := range rules.Closed.Is {
		open[territory] = false
	}
	return &ImportReader{rows: newRows(r), rules: rules, today: today, open: open, named: map[string]string{}, within: map[string]string{}}
}

// Next is the next row with all that is wrong with it, both until the next call;
// io.EOF after the last. What is wrong with the file comes with a nil row. Any
// other error is one of the reading.
func (r *ImportReader) Next() (*ImportRow, []ImportFault, error) {
	r.faults = r.faults[:0]
	if r.ended {
		return nil, nil, io.EOF
	}
	if r.width == 0 {
		return r.header()
	}
	switch err := r.rows.next(); {
	case errors.Is(err, io.EOF):
		r.ended = true
		return nil, nil, io.EOF
	case err != nil:
		return r.unreadable(err)
	}
	if len(r.rows.fields) != r.width {
		r.row = ImportRow{Line: r.rows.line}
		r.wrong("", FaultFieldCount, len(r.rows.fields))
		return &r.row, r.faults, nil
	}
	r.read()
	return &r.row, r.faults, nil
}

// unreadable is a row that is not CSV. After an open quote, or a line without an
// end, nobody knows where the next row begins.
func (r *ImportReader) unreadable(err error) (*ImportRow, []ImportFault, error) {
	r.row = ImportRow{Line: r.rows.line}
	switch {
	case errors.Is(err, errQuote):
		r.wrong("", FaultQuote, 0)
		return &r.row, r.faults, nil
	case errors.Is(err, errOpen):
		r.wrong("", FaultUnclosed, 0)
	case errors.Is(err, errLong):
		r.wrong("", FaultLongLine, 0)
	default:
		return nil, nil, err
	}
	r.ended = true
	return &r.row, r.faults, nil
}

// header reads the names of the columns, and by what they are separated.
func (r *ImportReader) header() (*ImportRow, []ImportFault, error) {
	head, _ := r.rows.from.Peek(1024) // its error comes again
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("%PDF-")) || bytes.IndexByte(head, 0) >= 0 {
		return r.noTable(FaultNotText)
	}
	first, _, _ := bytes.Cut(head, []byte{'\n'})
	if bytes.Count(first, []byte{';'}) > bytes.Count(first, []byte{','}) {
		r.rows.comma = ';'
	}
	switch err := r.rows.next(); {
	case errors.Is(err, io.EOF):
		return r.noTable(FaultEmptyFile)
	case err != nil:
		_, faults, err := r.unreadable(err)
		r.ended = true
		return nil, faults, err
	}
	line := r.rows.line
	r.row.Line = line
	for i := range r.place {
		r.place[i] = -1
	}
	for i, cell := range r.rows.fields {
		name := strings.ToLower(strings.TrimSpace(string(cell)))
		switch column := slices.Index(ImportColumns, name); {
		case column < 0:
			r.wrong("", FaultUnknownColumn, i+1)
		case r.place[column] >= 0:
			r.wrong(name, FaultColumnTwice, 0)
		default:
			r.place[column] = i
		}
	}
	for column, i := range r.place {
		if i < 0 && column != columnProtocol {
			r.wrong(ImportColumns[column], FaultNoColumn, 0)
		}
	}
	r.width = len(r.rows.fields)
	r.ended = len(r.faults) > 0
	if r.ended {
		return nil, r.faults, nil
	}
	return r.Next()
}

// noTable is a file that is no table at all.
func (r *ImportReader) noTable(kind FaultKind) (*ImportRow, []ImportFault, error) {
	r.ended = true
	return nil, append(r.faults, ImportFault{Kind: kind}), nil
}

func (r *ImportReader) wrong(field string, kind FaultKind, arg int) {
	r.faults = append(r.faults, ImportFault{r.row.Line, field, kind, arg})
}

// read reads the fields of the row and checks each.
func (r *ImportReader) read() {
	r.row = ImportRow{Line: r.rows.line}
	row := &r.row
	row.FamilyName = r.text(columnFamilyName, true)
	row.GivenName = r.text(columnGivenName, true)
	r.fiscalCode(row)
	r.residence(row)
	r.isee(row)
	r.submission(row)
	r.contacts(row)
}

// text is a field without the blanks around it, "" when it cannot be kept.
func (r *ImportReader) text(column int, needed bool) string {
	at := r.place[column]
	if at < 0 {
		return ""
	}
	cell := bytes.TrimSpace(r.rows.fields[at])
	name := ImportColumns[column]
	switch {
	case len(cell) == 0:
		if needed {
			r.wrong(name, FaultMissing, 0)
		}
		return ""
	case !utf8.Valid(cell):
		r.wrong(name, FaultEncoding, 0)
		return ""
	case bytes.ContainsFunc(cell, unfit):
		r.wrong(name, FaultControl, 0)
		return ""
	case len(cell) > longestColumn[column] && utf8.RuneCount(cell) > longestColumn[column]:
		r.wrong(name, FaultTooLong, longestColumn[column])
		return ""
	}
	return string(cell)
}

// unfit is a character that has no place in a line of text.
func unfit(r rune) bool {
	return r < ' ' || r == 0x7f || r > 0x7f && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r))
}

// fiscalCode reads the fiscal code and the day of birth, which must agree.
func (r *ImportReader) fiscalCode(row *ImportRow) {
	const name = "codice_fiscale"
	if text := r.text(columnFiscalCode, true); text != "" {
		code, err := identity.ParseFiscalCode(text)
		switch {
		case err == nil:
			row.FiscalCode = code
		case errors.Is(err, identity.ErrFiscalCodeLength):
			r.wrong(name, FaultCodeLength, 0)
		case otherLetter(text):
			r.wrong(name, FaultCodeCheck, 0)
		default:
			r.wrong(name, FaultCodeForm, 0)
		}
	}
	text := r.text(columnBornOn, true)
	if text == "" {
		return
	}
	born, ok := dayOfFile(text)
	switch {
	case !ok || r.today.Year-born.Year > 130:
		r.wrong("data_nascita", FaultDate, 0)
	case born.After(r.today):
		r.wrong("data_nascita", FaultFuture, 0)
	default:
		row.BornOn = born
		if row.FiscalCode != "" && !row.FiscalCode.Born(born) {
			r.wrong("data_nascita", FaultCodeBirth, 0)
		}
	}
}

// otherLetter tells whether a text would be a fiscal code with another last letter.
func otherLetter(text string) bool {
	text = strings.ToUpper(text)
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	_, err := identity.ParseFiscalCode(string(identity.NewFiscalCode(text[:15])))
	return err == nil
}

// dayOfFile reads a day as data carry it, "1985-03-12", or as Italian spreadsheets
// save it, "12/03/1985".
func dayOfFile(text string) (calendar.Date, bool) {
	if len(text) != 10 {
		return calendar.Date{}, false
	}
	year, month, day := text[:4], text[5:7], text[8:]
	if text[2] == '/' && text[5] == '/' {
		day, month, year = text[:2], text[3:5], text[6:]
	} else if text[4] != '-' || text[7] != '-' {
		return calendar.Date{}, false
	}
	y, okYear := digitsOf(year)
	m, okMonth := digitsOf(month)
	d, okDay := digitsOf(day)
	if !okYear || !okMonth || !okDay {
		return calendar.Date{}, false
	}
	return calendar.CheckedDate(y, m, d)
}

func digitsOf(digits string) (int, bool) {
	n := 0
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		n = 10*n + int(digits[i]-'0')
	}
	return n, true
}

// residence reads where the person lives.
func (r *ImportReader) residence(row *ImportRow) {
	name := r.text(columnTerritory, true)
	row.Territory = remember(r.named, name, func(name string) string { t, _ := ParseTerritory(name); return t })
	row.Province = strings.ToUpper(r.text(columnProvince, true))
	open, known := r.open[row.Territory]
	switch {
	case name == "":
	case !known:
		r.wrong("territorio", FaultTerritory, 0)
	case !open:
		r.wrong("territorio", FaultClosed, 0)
	}
	switch of := remember(r.within, row.Province, TerritoryOf); {
	case row.Province == "":
	case of == "":
		r.wrong("provincia", FaultProvince, 0)
	case known && of != row.Territory:
		r.wrong("provincia", FaultElsewhere, 0)
	}
}

// remember is what a text was found to stand for. What stands for nothing is not
// kept: there is no end to it.
func remember(kept map[string]string, text string, find func(string) string) string {
	found, ok := kept[text]
	if !ok {
		if found = find(text); found != "" {
			kept[text] = found
		}
	}
	return found
}

var importStatuses = map[string]ISEEStatus{"valido": ISEEValid, "difforme": ISEEDefective, "assente": ISEEMissing}

// isee reads the ISEE and its status, which must agree.
func (r *ImportReader) isee(row *ImportRow) {
	status := r.text(columnISEEStatus, true)
	row.ISEEStatus = importStatuses[status]
	if status != "" && row.ISEEStatus == "" {
		r.wrong("stato_isee", FaultISEEStatus, 0)
	}
	text := r.text(columnISEE, false)
	if text == "" {
		if row.ISEEStatus == ISEEValid && len(bytes.TrimSpace(r.rows.fields[r.place[columnISEE]])) == 0 {
			r.wrong("isee", FaultISEEMissing, 0)
		}
		return
	}
	cents, what := batch.Decimal([]byte(strings.Replace(text, ",", ".", 1)))
	switch {
	case what == batch.Negative:
		r.wrong("isee", FaultNegative, 0)
	case what != "":
		r.wrong("isee", FaultMoney, 0)
	case row.ISEEStatus == ISEEMissing:
		r.wrong("isee", FaultISEEUnexpected, 0)
	default:
		row.ISEE, row.HasISEE = cents, true
		if row.ISEEStatus == ISEEValid {
			band, _ := r.rules.Band(cents) // above the last one there is no right
			row.Entitled = band.Amount
		}
	}
}

// submission reads when the application came in: to the microsecond, because it
// decides between equal ISEEs.
func (r *ImportReader) submission(row *ImportRow) {
	text := r.text(columnSubmittedAt, true)
	if text == "" {
		return
	}
	const name = "presentata_il"
	at, err := time.Parse(time.RFC3339, text)
	const dot = len("2025-09-15T10:02:31")
	if err != nil || len(text) < dot+8 || text[dot] != '.' || text[dot+7] >= '0' && text[dot+7] <= '9' {
		r.wrong(name, FaultInstant, 0)
		return
	}
	if !r.rules.Window.Is.Open(at) {
		r.wrong(name, FaultWindow, 0)
		return
	}
	row.SubmittedAt = at
}

// contacts reads where to write, where to call, and the number a register gave.
func (r *ImportReader) contacts(row *ImportRow) {
	row.Email = r.text(columnEmail, false)
	if name, host, ok := strings.Cut(row.Email, "@"); row.Email != "" &&
		(!ok || name == "" || !strings.Contains(strings.Trim(host, "."), ".") || strings.ContainsAny(row.Email, " ,;<>\"") || strings.Contains(host, "@")) {
		r.wrong("email", FaultEmail, 0)
	}
	row.Phone = r.text(columnPhone, false)
	if strings.Trim(row.Phone, "0123456789+ ./-") != "" {
		r.wrong("telefono", FaultPhone, 0)
	}
	row.Protocol = r.text(columnProtocol, false)
	for i := range len(row.Protocol) {
		if c := row.Protocol[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !strings.ContainsRune("-./", rune(c)) {
			r.wrong("protocollo", FaultProtocol, 0)
			break
		}
	}
}
