package voucher

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"portal/internal/fault"
)

// Code is the codice univoco: the secret that lets a psychologist book against
// a voucher. Twelve symbols: eleven random ones (55 bits) and a check symbol
// that catches any one wrong symbol and any two swapped.
type Code string

// codeSymbols leaves out I, L, O and U, which are misread or read badly aloud.
const codeSymbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLength = 12

// ErrCodeLength says that what was typed is not twelve characters long.
var ErrCodeLength = fault.Invalid("code.length")

// ErrNoMatch answers alike for a code that does not exist, one mistyped, and one
// that belongs to somebody else: the answer must teach nothing.
var ErrNoMatch = fault.Invalid("code.no_match")

// NewCode draws a code from a source of randomness.
func NewCode(random io.Reader) (Code, error) {
	var raw [codeLength - 1]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	var b [codeLength]byte
	for i, r := range raw {
		b[i] = codeSymbols[r&31]
	}
	b[codeLength-1] = codeSymbols[checkSymbol(b[:codeLength-1])]
	return Code(b[:]), nil
}

// ParseCode reads a code as people type it: any case, blanks and hyphens inside,
// O for 0, I and L for 1. A wrong check symbol is ErrNoMatch, like any other
// code that opens nothing.
func ParseCode(text string) (Code, error) {
	var b []byte
	for _, r := range text {
		if r >= 'a' && r <= 'z' {
			r += 'A' - 'a'
		}
		switch r {
		case ' ', '-', '\t', '\u00a0', '\u202f', '\u2011', '\u2013':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if r > 'Z' {
			r = '?'
		}
		b = append(b, byte(r))
	}
	if len(b) != codeLength {
		return "", ErrCodeLength
	}
	for _, c := range b {
		if strings.IndexByte(codeSymbols, c) < 0 {
			return "", ErrNoMatch
		}
	}
	if codeSymbols[checkSymbol(b[:codeLength-1])] != b[codeLength-1] {
		return "", ErrNoMatch
	}
	return Code(b), nil
}

// checkSymbol evaluates the symbols as a polynomial over GF(32) at a primitive
// element (x^5 + x^2 + 1): each place has its own weight, none of them zero, so a
// changed symbol or a swap of two different ones always changes the result.
func checkSymbol(symbols []byte) byte {
	var sum byte
	for _, c := range symbols {
		sum = timesAlpha(sum) ^ byte(strings.IndexByte(codeSymbols, c))
	}
	return timesAlpha(sum)
}

func timesAlpha(v byte) byte {
	v <<= 1
	if v&32 != 0 {
		v ^= 0b100101
	}
	return v
}

// String is the code as screens and papers print it: "A7K2 9QXM 4TRB".
func (c Code) String() string {
	if len(c) != codeLength {
		return ""
	}
	return string(c[:4] + " " + c[4:8] + " " + c[8:])
}

// Masked is the code as lists show it: "A7K2 •••• ••••".
func (c Code) Masked() string {
	if len(c) != codeLength {
		return ""
	}
	return string(c[:4]) + " •••• ••••"
}

// LogValue keeps the code out of every log.
func (c Code) LogValue() slog.Value { return slog.StringValue("[code]") }
