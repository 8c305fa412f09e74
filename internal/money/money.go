// Package money counts euro in whole cents. Nothing in it, and nothing near it,
// is a floating-point number: amounts are added, compared and cut, and the rare
// division is a named step of the rule that asks for it.
package money

import (
	"math"
	"strconv"
	"strings"

	"portal/internal/fault"
)

// Amount is a sum of money in euro cents. It may be negative only where a rule
// says so (a difference); what is stored never is.
type Amount int64

// Cent and Euro are the units amounts are written in: 50*money.Euro.
const (
	Cent Amount = 1
	Euro Amount = 100
)

// Why a text is not an amount. The words stand in the catalogue.
var (
	ErrFormat  = fault.Invalid("money.format")
	ErrTooHigh = fault.Invalid("money.max")
	ErrTooLow  = fault.Invalid("money.min")
)

// What bounds Parse before it looks at the number itself, so that a field full of
// nines costs nothing: 13 digits are ten thousand billion.
const (
	mostDigits = 13
	mostBytes  = 64
)

// Parse reads an amount as Italians write it: "50", "50,00", "50,5",
// "1.234,56", with an optional euro sign after it. A dot is a separator of
// thousands and nothing else, save in "50.00", which has too few digits after
// the dot to be thousands and can only mean fifty euro. Signs, exponents, more
// than two decimals and any digit that is not 0-9 are refused with ErrFormat;
// what is too long to be money with ErrTooHigh; a minus with ErrTooLow.
func Parse(text string) (Amount, error) {
	if len(text) > mostBytes {
		return 0, ErrFormat
	}
	s := strings.TrimSpace(strings.ReplaceAll(text, "\u00a0", " "))
	s = strings.TrimSpace(strings.TrimSuffix(s, "€"))
	if minus, ok := strings.CutPrefix(s, "-"); ok {
		if strings.HasPrefix(minus, "-") {
			return 0, ErrFormat
		}
		if _, err := Parse(minus); err != nil {
			return 0, err
		}
		return 0, ErrTooLow
	}
	whole, decimals, comma := strings.Cut(s, ",")
	if !comma {
		if i := strings.LastIndexByte(s, '.'); i >= 0 && strings.Count(s, ".") == 1 && len(s)-i-1 <= 2 {
			whole, decimals, comma = s[:i], s[i+1:], true
		}
	}
	if comma && (len(decimals) == 0 || len(decimals) > 2 || !digits(decimals)) {
		return 0, ErrFormat
	}
	whole, ok := joinThousands(whole)
	if !ok {
		return 0, ErrFormat
	}
	if len(strings.TrimLeft(whole, "0")) > mostDigits {
		return 0, ErrTooHigh
	}
	euros, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || euros > math.MaxInt64/100-1 {
		return 0, ErrTooHigh
	}
	cents := int64(0)
	if comma {
		cents, _ = strconv.ParseInt((decimals + "0")[:2], 10, 64)
	}
	return Amount(euros*100 + cents), nil
}

// joinThousands takes the dots out of "1.234.567", and only out of that.
func joinThousands(s string) (string, bool) {
	groups := strings.Split(s, ".")
	for i, g := range groups {
		if !digits(g) || (len(groups) > 1 && (i > 0 && len(g) != 3 || i == 0 && len(g) > 3)) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// String is the amount as screens and papers print it: "1.234,50 €", with a
// no-break space before the sign.
func (a Amount) String() string {
	return string(append(a.append(make([]byte, 0, 24), true), "\u00a0€"...))
}

// Field is the amount as a form field holds it: "1.234,50", without the sign.
func (a Amount) Field() string {
	return string(a.append(make([]byte, 0, 20), true))
}

// Cell is the amount as a cell of a spreadsheet holds it: "1234,50".
func (a Amount) Cell() string {
	return string(a.append(make([]byte, 0, 20), false))
}

func (a Amount) append(b []byte, dots bool) []byte {
	n := uint64(a)
	if a < 0 {
		b, n = append(b, '-'), uint64(-a)
	}
	var euros [20]byte
	whole := strconv.AppendUint(euros[:0], n/100, 10)
	for i, d := range whole {
		if dots && i > 0 && (len(whole)-i)%3 == 0 {
			b = append(b, '.')
		}
		b = append(b, d)
	}
	return append(b, ',', byte('0'+n%100/10), byte('0'+n%10))
}

// Decimal is the amount as data files carry it: "1234.50".
func (a Amount) Decimal() string {
	b := a.append(make([]byte, 0, 20), false)
	b[len(b)-3] = '.'
	return string(b)
}
