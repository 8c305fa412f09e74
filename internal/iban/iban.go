// Package iban reads the numbers of bank accounts (ISO 13616): of every country of
// SEPA by length, structure and check digits, of Italy and San Marino by the check
// letter of their banks too (CIN). It says nothing on whether an account exists.
package iban

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"portal/internal/fault"
	"portal/internal/identity"
)

// IBAN is the number of an account of a country of SEPA, in capitals and without
// blanks, whose checks come out right.
type IBAN string

// Why a text is no IBAN: each is one check that did not come out.
var (
	ErrMissing    = fault.Invalid("iban.missing")
	ErrCharacters = fault.Invalid("iban.characters") // one that IBANs of the country do not have there
	ErrCountry    = fault.Invalid("iban.country")    // not of SEPA, or none at all
	ErrLength     = fault.Invalid("iban.length")     // see LengthError
	ErrCheck      = fault.Invalid("iban.check")      // the two digits after the country
	ErrCIN        = fault.Invalid("iban.cin")        // the letter after them
)

// LengthError says how long an IBAN is and how long it should be. It is an ErrLength.
type LengthError struct {
	Country     string
	Wanted, Got int
}

// Error is the reason with the two numbers.
func (e LengthError) Error() string {
	return fmt.Sprintf("%s: %d characters for %d of %s", ErrLength.Code, e.Got, e.Wanted, e.Country)
}

// Unwrap is the reason.
func (e LengthError) Unwrap() error { return ErrLength }

// Parse reads an IBAN as people write and paste it: any case, with blanks and dashes.
// Letters are not guessed from digits, nor digits from letters.
//
// The checks come in the order in which they help: what a typing error most likely
// broke is told first. Two checks may miss what a third sees: mod 97 finds every
// wrong digit, every wrong letter and every two of a kind that changed places; a
// letter where an account may have a digit slips through it once in 97 times.
func Parse(text string) (IBAN, error) {
	s := strings.Map(bare, text)
	switch {
	case s == "":
		return "", ErrMissing
	case strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" || !fits(s[0], 'a') || len(s) > 1 && !fits(s[1], 'a'):
		return "", ErrCharacters
	}
	of, known := countries[s[:min(2, len(s))]]
	switch {
	case !known:
		return "", ErrCountry
	case len(s) != of.length:
		return "", LengthError{s[:2], of.length, len(s)}
	case !of.shapes(s):
		return "", ErrCharacters
	case s[2:4] < "02" || s[2:4] > "98" || mod97(s[4:]+s[:4]) != 1:
		return "", ErrCheck
	case IBAN(s).hasCIN() && identity.CheckLetter(s[5:]) != s[4]:
		return "", ErrCIN
	}
	return IBAN(s), nil
}

// bare drops blanks and dashes and makes capitals of ASCII letters.
func bare(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.Is(unicode.Pd, r):
		return -1
	case r >= 'a' && r <= 'z':
		return r - 'a' + 'A'
	}
	return r
}

// shapes tells whether a text of the right length has digits and letters where IBANs
// of the country have them.
func (c country) shapes(s string) bool {
	for i := 2; i < len(s); i++ {
		kind := byte('n')
		if i >= 4 {
			kind = c.kinds[i-4]
		}
		if !fits(s[i], kind) {
			return false
		}
	}
	return true
}

// mod97 is the rest of a number in which letters count from 10 to 35 (ISO 7064).
func mod97(s string) int {
	rest := 0
	for _, c := range []byte(s) {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest
}

// Country is the two letters that an IBAN begins with.
func (i IBAN) Country() string { return string(i[:2]) }

// hasCIN tells whether the banks of the country add a check letter of their own: San
// Marino has the structure of Italy.
func (i IBAN) hasCIN() bool { return i.Country() == "IT" || i.Country() == "SM" }

// Parts is an account of Italy or San Marino as its bank writes it.
type Parts struct {
	CIN     string
	ABI     string // the bank
	CAB     string // the branch
	Account string
}

// Parts takes an IBAN of Italy or San Marino apart; false for any other.
func (i IBAN) Parts() (Parts, bool) {
	if !i.hasCIN() {
		return Parts{}, false
	}
	return Parts{string(i[4:5]), string(i[5:10]), string(i[10:15]), string(i[15:])}, true
}

// Format is the IBAN in groups of four, as it is printed: for pages that show it
// whole.
func (i IBAN) Format() string {
	var b strings.Builder
	for n, c := range []byte(i) {
		if n > 0 && n%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// Masked is the IBAN as lists show it: "IT60 •••• 3456".
func (i IBAN) Masked() string {
	if len(i) < 8 {
		return ""
	}
	return string(i[:4]) + " •••• " + string(i[len(i)-4:])
}

// LogValue keeps the IBAN out of every log.
func (i IBAN) LogValue() slog.Value { return slog.StringValue("[iban]") }

// New puts the check digits, and in Italy and San Marino the CIN, before a bank's own
// number of an account: for made-up accounts of demonstrations and tests. The number
// is of the country's structure, without the CIN.
func New(country, number string) IBAN {
	if IBAN(country).hasCIN() {
		number = string(identity.CheckLetter(number)) + number
	}
	return IBAN(fmt.Sprintf("%s%02d%s", country, 98-mod97(number+country+"00"), number))
}
