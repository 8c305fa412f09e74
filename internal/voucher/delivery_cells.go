package voucher

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// Participant is what CNOP says of a professional who takes part. It is kept under
// the names of the columns of the list.
type Participant struct {
	FiscalCode     identity.FiscalCode `json:"codice_fiscale"`
	FamilyName     string              `json:"cognome"`
	GivenName      string              `json:"nome"`
	RegisterRegion string              `json:"ordine_regionale"`
	RegisterNumber string              `json:"numero_iscrizione"`
	AnnotatedOn    calendar.Date       `json:"data_annotazione_psicoterapeuta,omitzero"`
	Address        string              `json:"indirizzo"`
	City           string              `json:"comune"`
	PostalCode     string              `json:"cap"`
	Province       string              `json:"provincia"`
	Region         string              `json:"regione"`
	Phone          string              `json:"telefono"`
	Email          string              `json:"email,omitempty"`
	JoinedOn       calendar.Date       `json:"data_adesione,omitzero"`
	LeftOn         calendar.Date       `json:"data_revoca,omitzero"`
	Languages      []string            `json:"lingue,omitempty"` // nil: the list says nothing of them
	Online         *bool               `json:"online,omitempty"` // nil: the list says nothing of it
}

// Name is the professional's name as lists order it: family name first.
func (p Participant) Name() string { return p.FamilyName + " " + p.GivenName }

// register is the place in the register of an Order, "" for none.
func (p Participant) register() string {
	if p.RegisterNumber == "" {
		return ""
	}
	return p.RegisterRegion + " " + p.RegisterNumber
}

// Cell is what stands in a column of the list.
func (p Participant) Cell(column string) string {
	switch column {
	case colFiscalCode:
		return string(p.FiscalCode)
	case colFamilyName:
		return p.FamilyName
	case colGivenName:
		return p.GivenName
	case colRegisterRegion:
		return p.RegisterRegion
	case colRegisterNumber:
		return p.RegisterNumber
	case colAnnotatedOn:
		return dayCell(p.AnnotatedOn)
	case colAddress:
		return p.Address
	case colCity:
		return p.City
	case colPostalCode:
		return p.PostalCode
	case colProvince:
		return p.Province
	case colRegion:
		return p.Region
	case colPhone:
		return p.Phone
	case colEmail:
		return p.Email
	case colJoinedOn:
		return dayCell(p.JoinedOn)
	case colLeftOn:
		return dayCell(p.LeftOn)
	case colLanguages:
		return strings.Join(p.Languages, " ")
	case colOnline:
		switch {
		case p.Online == nil:
			return ""
		case *p.Online:
			return "si"
		}
		return "no"
	}
	return ""
}

// Cells is the whole row by column.
func (p Participant) Cells() map[string]string {
	cells := make(map[string]string, len(ListColumns)+len(OptionalListColumns))
	for _, c := range slices.Concat(ListColumns, OptionalListColumns) {
		cells[c] = p.Cell(c)
	}
	return cells
}

// compared are the columns in which a professional may change. The days of adhesion
// and withdrawal make no change.
var compared = []string{colFamilyName, colGivenName, colRegisterRegion, colRegisterNumber, colAnnotatedOn, colAddress, colCity,
	colPostalCode, colProvince, colRegion, colPhone, colEmail, colLanguages, colOnline}

// Changes are the columns in which what the list says now differs from what
// stood. A name that differs in capitals and accents alone is the same name.
func (p Participant) Changes(before Participant) []string {
	var changed []string
	for _, c := range compared {
		was, is := before.Cell(c), p.Cell(c)
		same := was == is
		switch c {
		case colFamilyName, colGivenName:
			same = letters(was) == letters(is)
		case colEmail, colLanguages, colOnline:
			same = same || is == ""
		}
		if !same {
			changed = append(changed, c)
		}
	}
	return changed
}

func dayCell(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// rowReader reads the cells of one row and notes what is wrong with each.
type rowReader struct {
	raw     map[string]string
	day     calendar.Date // the list speaks of
	rejects []Reject
}

func (r *rowReader) reject(column string, code RejectCode) {
	r.rejects = append(r.rejects, Reject{Column: column, Code: code})
}

var (
	registerNumber = regexp.MustCompile(`^[0-9A-Z][0-9A-Z/.-]{0,15}$`)
	postalCode     = regexp.MustCompile(`^[0-9]{5}$`)
	phoneNumber    = regexp.MustCompile(`^\+?[0-9][0-9 ./-]{4,20}$`)
	emailAddress   = regexp.MustCompile(`^[^@\s,;<>"]+@[^@\s,;<>"]+\.[^@\s,;<>".]+$`)
	languageCode   = regexp.MustCompile(`^[a-z]{2}$`)
)

// participant reads every column.
func (r *rowReader) participant() Participant {
	for _, column := range slices.Concat(ListColumns, OptionalListColumns) {
		if cell := r.raw[column]; utf8.RuneCountInString(cell) > longestListCell || strings.ContainsFunc(cell, hidden) {
			r.reject(column, RejectText)
			r.raw[column] = visibleCell(cell)
		}
	}
	if len(r.rejects) > 0 {
		return Participant{} // what cannot be kept cannot be judged
	}
	p := Participant{
		FamilyName: r.needed(colFamilyName), GivenName: r.needed(colGivenName),
		Address: r.needed(colAddress), City: r.needed(colCity),
		RegisterNumber: strings.ToUpper(r.shaped(colRegisterNumber, RejectRegister, registerNumber)),
		Phone:          r.shaped(colPhone, RejectPhone, phoneNumber),
	}
	if text := r.needed(colFiscalCode); text != "" {
		code, err := identity.ParseFiscalCode(text)
		if err != nil {
			r.reject(colFiscalCode, RejectFiscalCode)
		}
		p.FiscalCode = code
	}
	if p.Email = r.raw[colEmail]; p.Email != "" && !emailAddress.MatchString(p.Email) {
		r.reject(colEmail, RejectEmail)
	}
	p.RegisterRegion = r.territory(colRegisterRegion)
	r.place(&p)
	r.days(&p)
	r.optional(&p)
	return p
}

// needed is a cell that must hold something.
func (r *rowReader) needed(column string) string {
	if r.raw[column] == "" {
		r.reject(column, RejectMissing)
	}
	return r.raw[column]
}

// shaped is a cell that must hold something of a shape.
func (r *rowReader) shaped(column string, wrong RejectCode, shape *regexp.Regexp) string {
	text := r.needed(column)
	if text != "" && !shape.MatchString(strings.ToUpper(text)) {
		r.reject(column, wrong)
	}
	return text
}

func (r *rowReader) territory(column string) string {
	text := r.needed(column)
	name, known := ParseTerritory(text)
	if text != "" && !known {
		r.reject(column, RejectRegion)
	}
	return name
}

// place reads where somebody works: postal code, province and region must be of
// the same territory.
func (r *rowReader) place(p *Participant) {
	p.PostalCode = r.shaped(colPostalCode, RejectPostalCode, postalCode)
	p.Province = strings.ToUpper(r.needed(colProvince))
	p.Region = r.territory(colRegion)
	lies := TerritoryOf(p.Province)
	switch {
	case p.Province == "":
	case lies == "":
		r.reject(colProvince, RejectProvince)
	case p.Region != "" && lies != p.Region:
		r.reject(colRegion, RejectOtherRegion)
	case postalCode.MatchString(p.PostalCode) && !reachedBy(lies, p.PostalCode):
		r.reject(colPostalCode, RejectOtherArea)
	}
}

// days reads the annotation, the adhesion and the withdrawal: in this order, none
// of them after the day the list speaks of.
func (r *rowReader) days(p *Participant) {
	if r.raw[colAnnotatedOn] == "" {
		r.reject(colAnnotatedOn, RejectAnnotation)
	}
	p.AnnotatedOn = r.date(colAnnotatedOn)
	r.needed(colJoinedOn)
	p.JoinedOn, p.LeftOn = r.date(colJoinedOn), r.date(colLeftOn)
	if !p.AnnotatedOn.IsZero() && !p.JoinedOn.IsZero() && p.JoinedOn.Before(p.AnnotatedOn) {
		r.reject(colJoinedOn, RejectOrder)
	}
	if !p.LeftOn.IsZero() && p.LeftOn.Before(p.JoinedOn) {
		r.reject(colLeftOn, RejectOrder)
	}
}

// firstYear is the earliest that a day of the list may be of: anything before is a
// slip of the pen.
const firstYear = 1900

// date reads "2026-03-12" or "12/03/2026"; nothing is the zero Date.
func (r *rowReader) date(column string) calendar.Date {
	text := r.raw[column]
	if text == "" {
		return calendar.Date{}
	}
	d, err := calendar.ParseDate(text)
	if t, other := time.Parse("2/1/2006", text); err != nil && other == nil {
		d, err = calendar.NewDate(t.Year(), t.Month(), t.Day()), nil
	}
	switch {
	case err != nil || d.Year < firstYear:
		r.reject(column, RejectDate)
		return calendar.Date{}
	case d.After(r.day):
		r.reject(column, RejectFuture)
	}
	return d
}

// optional reads the columns that a list may do without.
func (r *rowReader) optional(p *Participant) {
	if text := r.raw[colLanguages]; text != "" {
		for _, code := range strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return strings.ContainsRune(" ,;/", c) }) {
			switch {
			case !languageCode.MatchString(code):
				r.reject(colLanguages, RejectLanguage)
				return
			case !slices.Contains(p.Languages, code):
				p.Languages = append(p.Languages, code)
			}
		}
	}
	switch strings.ToLower(r.raw[colOnline]) {
	case "":
	case "si", "sì", "s", "1", "true":
		yes := true
		p.Online = &yes
	case "no", "n", "0", "false":
		no := false
		p.Online = &no
	default:
		r.reject(colOnline, RejectYesNo)
	}
}

// hidden are characters that cannot be kept: controls, and those that turn the
// direction of what follows.
func hidden(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// visibleCell is a cell as it can be shown to whoever has to mend it.
func visibleCell(cell string) string {
	short := []rune(strings.Map(func(r rune) rune {
		if hidden(r) {
			return -1
		}
		return r
	}, cell))
	return string(short[:min(len(short), longestListCell)])
}

// EncodeRejects is the reasons of a rejected row as they are kept: column:code or
// column:code:line, with blanks between.
func EncodeRejects(rejects []Reject) string {
	texts := make([]string, len(rejects))
	for i, r := range rejects {
		texts[i] = r.Column + ":" + string(r.Code)
		if r.Line != 0 {
			texts[i] += ":" + strconv.Itoa(r.Line)
		}
	}
	return strings.Join(texts, " ")
}

// ParseRejects reads what EncodeRejects wrote.
func ParseRejects(text string) []Reject {
	var all []Reject
	for _, one := range strings.Fields(text) {
		column, rest, _ := strings.Cut(one, ":")
		code, line, _ := strings.Cut(rest, ":")
		n, _ := strconv.Atoi(line) // none is 0
		all = append(all, Reject{column, RejectCode(code), n})
	}
	return all
}
