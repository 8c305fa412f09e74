package voucher

import (
	"strings"
	"time"
)

// instant reads an instant as data files carry it: RFC 3339, UTC, microseconds.
func instant(text []byte) (microseconds int64, ok bool) {
	const shape = "0000-00-00T00:00:00.000000Z"
	if len(text) != len(shape) {
		return 0, false
	}
	var parts [8]int // year, month, day, hour, minute, second, microsecond; after Z nothing
	part := 0
	for i, c := range text {
		switch {
		case shape[i] != '0' && c == shape[i]:
			part++
		case shape[i] == '0' && '0' <= c && c <= '9':
			parts[part] = 10*parts[part] + int(c-'0')
		default:
			return 0, false
		}
	}
	year, month, day, hour, minute, second := parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]
	t := time.Date(year, time.Month(month), day, hour, minute, second, 1000*parts[6], time.UTC)
	// A day that its month does not have would have become another.
	return t.UnixMicro(), 1 <= month && month <= 12 && t.Day() == day && hour < 24 && minute < 60 && second < 60
}

// appendQuoted appends a text, in quotes where it would be read otherwise.
func appendQuoted(b []byte, text string) []byte {
	for i := range len(text) {
		switch text[i] {
		case '"', ',', '\r', '\n':
			b = append(b, '"')
			b = append(b, strings.ReplaceAll(text, `"`, `""`)...)
			return append(b, '"')
		}
	}
	return append(b, text...)
}
