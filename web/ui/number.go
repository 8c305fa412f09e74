package ui

import "strconv"

// Number is a count as screens print it: "3.997".
func Number(n int) string {
	digits := strconv.Itoa(n)
	b := make([]byte, 0, len(digits)+len(digits)/3)
	for i := range len(digits) {
		if left := len(digits) - i; i > 0 && left%3 == 0 && digits[i-1] != '-' {
			b = append(b, '.')
		}
		b = append(b, digits[i])
	}
	return string(b)
}
