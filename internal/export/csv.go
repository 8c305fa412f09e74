package export

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
)

// sheet writes comma- or semicolon-separated values.
type sheet struct {
	out   *csv.Writer
	plain bool
	cells []string
	text  []byte
}

func newCSV(w io.Writer, columns []Column, plain bool) (*sheet, error) {
	s := &sheet{out: csv.NewWriter(w), plain: plain, cells: make([]string, len(columns))}
	for i, c := range columns {
		if s.cells[i] = c.Title; plain {
			s.cells[i] = c.Key
		}
	}
	if !plain {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, err
		}
		s.out.Comma = ';'
	}
	s.out.UseCRLF = true
	return s, s.out.Write(s.cells)
}

func (s *sheet) row(cells []any) error {
	for i, c := range cells {
		text, err := s.cell(c)
		if err != nil {
			return err
		}
		s.cells[i] = text
	}
	return s.out.Write(s.cells)
}

func (s *sheet) cell(cell any) (string, error) {
	if empty(cell) {
		return "", nil
	}
	switch c := cell.(type) {
	case string:
		return inert(c), nil
	case bool:
		return s.truth(c), nil
	case int:
		return strconv.Itoa(c), nil
	case int64:
		return strconv.FormatInt(c, 10), nil
	case money.Amount:
		if s.plain {
			return c.Decimal(), nil
		}
		return c.Cell(), nil
	case calendar.Date:
		if s.plain {
			return c.String(), nil
		}
		return string(s.day(c)), nil
	case time.Time:
		return s.moment(c), nil
	}
	return "", errCell(cell)
}

func (s *sheet) truth(is bool) string {
	switch {
	case s.plain:
		return strconv.FormatBool(is)
	case is:
		return "sì"
	}
	return "no"
}

// day is 12/03/2026.
func (s *sheet) day(d calendar.Date) []byte {
	s.text = append(s.text[:0], byte('0'+d.Day/10), byte('0'+d.Day%10), '/', byte('0'+d.Month/10), byte('0'+d.Month%10), '/')
	s.text = strconv.AppendInt(s.text, int64(d.Year), 10)
	return s.text
}

// moment is 12/03/2026 10:02:31 in Rome, or the same with its offset.
func (s *sheet) moment(t time.Time) string {
	t = t.In(calendar.Rome)
	if s.plain {
		return t.Format(time.RFC3339)
	}
	return string(t.AppendFormat(append(s.day(calendar.On(t)), ' '), time.TimeOnly))
}

func (s *sheet) finish() error {
	s.out.Flush()
	return s.out.Error()
}

func (s *sheet) discard() {}
