package export

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
)

// objects writes an array of objects. An amount is a number with two decimals, a
// day is "2026-03-12", a moment has its offset. A text stays as it is: no program
// that reads JSON runs it.
type objects struct {
	out  *bufio.Writer
	keys []string // as they stand in an object: `"key":`
	rows int
	line []byte
}

func newJSON(w io.Writer, columns []Column) (*objects, error) {
	o := &objects{out: bufio.NewWriter(w)}
	for _, c := range columns {
		key, err := json.Marshal(c.Key)
		if err != nil {
			return nil, err
		}
		o.keys = append(o.keys, string(key)+":")
	}
	return o, nil
}

func (o *objects) row(cells []any) (err error) {
	o.line = append(o.line[:0], ",\n{"...)
	if o.rows == 0 {
		o.line[0] = '['
	}
	o.rows++
	for i, c := range cells {
		if i > 0 {
			o.line = append(o.line, ',')
		}
		o.line = append(o.line, o.keys[i]...)
		if o.line, err = appendJSON(o.line, c); err != nil {
			return err
		}
	}
	_, err = o.out.Write(append(o.line, '}'))
	return err
}

func appendJSON(line []byte, cell any) ([]byte, error) {
	if empty(cell) {
		return append(line, "null"...), nil
	}
	switch c := cell.(type) {
	case string:
		text, err := json.Marshal(c)
		return append(line, text...), err
	case bool:
		return strconv.AppendBool(line, c), nil
	case int:
		return strconv.AppendInt(line, int64(c), 10), nil
	case int64:
		return strconv.AppendInt(line, c, 10), nil
	case money.Amount:
		return append(line, c.Decimal()...), nil
	case calendar.Date:
		return append(append(append(line, '"'), c.String()...), '"'), nil
	case time.Time:
		return append(c.In(calendar.Rome).AppendFormat(append(line, '"'), time.RFC3339), '"'), nil
	}
	return line, errCell(cell)
}

func (o *objects) finish() error {
	end := "\n]\n"
	if o.rows == 0 {
		end = "[]\n"
	}
	if _, err := o.out.WriteString(end); err != nil {
		return err
	}
	return o.out.Flush()
}

func (o *objects) discard() {}
