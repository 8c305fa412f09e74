package batch

import (
	"bytes"
	"strconv"

	"portal/internal/money"
)

// What is wrong with an amount. Negative is what Decimal says of one below nothing.
const (
	notMoney = "is not money: digits, a point and two decimals are wanted, as in 1234.50"
	Negative = "is negative"
)

// Decimal reads money as data files carry it, "1234.50", or says what is wrong.
// Thirteen digits before the point are more than any budget.
func Decimal(text []byte) (money.Amount, string) {
	amount, what := Signed(text)
	if what == "" && text[0] == '-' {
		return 0, Negative
	}
	return amount, what
}

// Signed reads money that may also be owed: "-1234.50".
func Signed(text []byte) (money.Amount, string) {
	digits, minus := bytes.CutPrefix(text, []byte{'-'})
	point := len(digits) - 3
	if point < 1 || point > 13 || digits[point] != '.' {
		return 0, notMoney
	}
	cents := money.Amount(0)
	for i, c := range digits {
		switch {
		case i == point:
		case '0' <= c && c <= '9':
			cents = 10*cents + money.Amount(c-'0')
		default:
			return 0, notMoney
		}
	}
	if minus {
		cents = -cents
	}
	return cents, ""
}

// AppendDecimal appends money as data files carry it.
func AppendDecimal(b []byte, a money.Amount) []byte {
	if a < 0 {
		b, a = append(b, '-'), -a
	}
	b = strconv.AppendInt(b, int64(a/money.Euro), 10)
	cents := byte(a % money.Euro)
	return append(b, '.', '0'+cents/10, '0'+cents%10)
}
