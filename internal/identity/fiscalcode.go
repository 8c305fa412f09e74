// Package identity says who somebody is to the portal: a fiscal code that
// checks, a role worn at login, and the mandate under which one acts for another.
package identity

import (
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/calendar"
	"portal/internal/fault"
)

// FiscalCode is a codice fiscale of sixteen characters, upper case, whose check
// letter is right (DM 23 December 1976 n. 13813). It says nothing on whether
// the code was ever given to anybody.
type FiscalCode string

// Why a text is not a fiscal code.
var (
	ErrFiscalCodeLength = fault.Invalid("fiscal_code.length")
	ErrFiscalCode       = fault.Invalid("fiscal_code.invalid")
)

// ParseFiscalCode reads a fiscal code as people and brokers write it: any case,
// blanks inside, and the prefix TINIT- of eIDAS and SPID.
func ParseFiscalCode(text string) (FiscalCode, error) {
	s := strings.Join(strings.Fields(text), "")
	if len(s) >= 6 && strings.EqualFold(s[:6], "TINIT-") {
		s = s[6:]
	}
	if utf8.RuneCountInString(s) != 16 {
		return "", ErrFiscalCodeLength
	}
	if len(s) != 16 { // a letter that is not ASCII, even one whose capital is
		return "", ErrFiscalCode
	}
	if s = strings.ToUpper(s); !wellFormed(s) || CheckLetter(s[:15]) != s[15] {
		return "", ErrFiscalCode
	}
	if _, ok := FiscalCode(s).birth(); !ok {
		return "", ErrFiscalCode
	}
	return FiscalCode(s), nil
}

// The place of each digit in the code, and the letters that may stand for
// digits when two people would share a code (omocodia).
const (
	shape    = "AAAAAA00A00A000A"
	omocodes = "LMNPQRSTUV"
	months   = "ABCDEHLMPRST"
)

func wellFormed(s string) bool {
	for i := range 16 {
		c := s[i]
		letter := c >= 'A' && c <= 'Z'
		digit := c >= '0' && c <= '9'
		if shape[i] == 'A' && !letter {
			return false
		}
		if shape[i] == '0' && !digit && strings.IndexByte(omocodes, c) < 0 {
			return false
		}
	}
	return true
}

// oddValues are the values of 0-9 and of A-J at the odd places (counted from 1),
// then of K-Z: the table of the decree.
var oddValues = [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// CheckLetter is the letter that closes a text of capitals and digits: the last of a
// fiscal code, and also the CIN of an Italian IBAN, which the banks reckon by the
// same table.
func CheckLetter(s string) byte {
	sum := 0
	for i := range len(s) {
		v := int(s[i] - '0')
		if s[i] >= 'A' {
			v = int(s[i] - 'A')
		}
		if i%2 == 0 {
			v = oddValues[v]
		}
		sum += v
	}
	return byte('A' + sum%26)
}

// birth is the day of birth inside the code: year without its century, month,
// day without the 40 added for women.
func (c FiscalCode) birth() (d struct{ year, month, day int }, ok bool) {
	digit := func(i int) int {
		if n := strings.IndexByte(omocodes, c[i]); n >= 0 {
			return n
		}
		return int(c[i] - '0')
	}
	d.year = digit(6)*10 + digit(7)
	d.month = strings.IndexByte(months, c[8]) + 1
	d.day = digit(9)*10 + digit(10)
	if d.day > 40 {
		d.day -= 40
	}
	_, exists := calendar.CheckedDate(2000, max(d.month, 1), d.day) // a leap year, as the century is unknown
	return d, d.month > 0 && exists
}

// Born tells whether the code agrees with a date of birth, the century aside.
func (c FiscalCode) Born(on calendar.Date) bool {
	b, ok := c.birth()
	return ok && b.year == on.Year%100 && time.Month(b.month) == on.Month && b.day == on.Day
}

// Masked is the code as lists show it: "RSSMRA••••••••1U".
func (c FiscalCode) Masked() string {
	if len(c) != 16 {
		return ""
	}
	return string(c[:6]) + "••••••••" + string(c[14:])
}

// LogValue keeps the code out of every log.
func (c FiscalCode) LogValue() slog.Value { return slog.StringValue("[fiscal code]") }

// NewFiscalCode adds its check letter to the first fifteen characters: for made-up
// people of demonstrations and tests. The law lets only the Revenue Agency give one.
func NewFiscalCode(fifteen string) FiscalCode {
	return FiscalCode(fifteen + string(CheckLetter(fifteen)))
}
