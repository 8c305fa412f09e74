package export

import (
	"archive/zip"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"portal/internal/calendar"
	"portal/internal/money"
)

// workbook writes a sheet whose first row is frozen. Rows wait on disk until it is
// finished; nothing goes out before.
type workbook struct {
	file                *excelize.File
	rows                *excelize.StreamWriter
	cells               []any
	last                int
	amount, day, moment int // styles
}

// Formats of cells: those that every spreadsheet knows by number, and a moment.
const amountFormat, dayFormat, momentFormat = 4, 14, "dd/mm/yyyy hh:mm:ss"

func newXLSX(w io.Writer, columns []Column) (_ *workbook, err error) {
	b := &workbook{file: excelize.NewFile(), cells: make([]any, len(columns)), last: 1}
	defer func() {
		if err != nil {
			b.discard()
		}
	}()
	// The library would keep the whole file in memory: it is sent as it is packed.
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	moment := momentFormat
	var heading int
	for style, is := range map[*int]excelize.Style{
		&b.amount: {NumFmt: amountFormat},
		&b.day:    {NumFmt: dayFormat},
		&b.moment: {CustomNumFmt: &moment},
		&heading:  {Font: &excelize.Font{Bold: true}},
	} {
		if *style, err = b.file.NewStyle(&is); err != nil {
			return nil, err
		}
	}
	if b.rows, err = b.file.NewStreamWriter(b.file.GetSheetName(0)); err != nil {
		return nil, err
	}
	if err := b.rows.SetColWidth(1, max(len(columns), 1), 20); err != nil {
		return nil, err
	}
	if err := b.rows.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	for i, c := range columns {
		b.cells[i] = excelize.Cell{StyleID: heading, Value: c.Title}
	}
	return b, b.rows.SetRow("A1", b.cells)
}

func (b *workbook) row(cells []any) error {
	for i, c := range cells {
		cell, err := b.cell(c)
		if err != nil {
			return err
		}
		b.cells[i] = cell
	}
	b.last++
	return b.rows.SetRow("A"+strconv.Itoa(b.last), b.cells)
}

// cell is a value as the library takes it. A string becomes a cell of text, which
// no spreadsheet runs; it is escaped all the same, for the day it is saved as CSV.
func (b *workbook) cell(cell any) (any, error) {
	if empty(cell) {
		return nil, nil
	}
	switch c := cell.(type) {
	case string:
		return inert(c), nil
	case bool, int, int64:
		return c, nil
	case money.Amount:
		return excelize.Cell{StyleID: b.amount, Value: float64(c) / 100}, nil // the nearest there is, and it shows two decimals
	case calendar.Date:
		return excelize.Cell{StyleID: b.day, Value: c.Start()}, nil
	case time.Time:
		return excelize.Cell{StyleID: b.moment, Value: c.In(calendar.Rome)}, nil
	}
	return nil, errCell(cell)
}

func (b *workbook) finish() error {
	defer b.discard()
	if err := b.rows.Flush(); err != nil {
		return err
	}
	_, err := b.file.WriteToBuffer() // through SetZipWriter, which leaves the buffer empty
	return err
}

// discard also takes away the rows on disk.
func (b *workbook) discard() { _ = b.file.Close() }
