package voucher

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"portal/internal/batch"
)

// columns are the header of a file of applications.
var columns = []string{"application_id", "territory", "isee", "isee_status", "submitted_at"}

// What a field of a row must be.
const (
	notUTF8      = "is not UTF-8"
	notGiven     = "is missing"
	notEmpty     = "is given though isee_status is missing"
	notStatus    = "is none of valid, defective and missing"
	notAnInstant = "is not an instant in UTC with microseconds, as in 2022-09-28T12:10:48.145508Z"
)

// ReadApplications reads a file of applications, whose name is for its flaws: it
// takes the file as a whole or returns *batch.Flaws. Its rows may stand in any order; the
// candidates come in the byte order of their IDs. The size of the file, or 0 where
// nobody knows it, is for making room at once.
func ReadApplications(file string, r io.Reader, size int64) ([]Candidate, error) {
	p := applicationsReader{rows: newRows(r), flaws: batch.Flaws{File: file}, size: size, territories: map[string]string{}}
	if err := p.header(); err != nil {
		return nil, err
	}
	for more := true; more; {
		switch err := p.rows.next(); {
		case err == nil:
			p.row()
		case errors.Is(err, io.EOF):
			more = false
		case errors.Is(err, errQuote):
			p.flaws.Add(p.rows.line, "row", err.Error())
		case errors.Is(err, errOpen), errors.Is(err, errLong):
			p.flaws.Add(p.rows.line, "row", err.Error())
			more = false
		default:
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	order := orderByID(p.candidates, func(first, again int32) {
		p.flaws.Add(int(p.lines[again]), columns[0], fmt.Sprintf("is given twice, first in line %d", p.lines[first]))
	})
	if err := p.flaws.Err(); err != nil {
		return nil, err
	}
	arrange(p.candidates, order)
	return p.candidates, nil
}

// applicationsReader is a file of applications as far as it is read.
type applicationsReader struct {
	rows        *rows
	flaws       batch.Flaws
	candidates  []Candidate
	lines       []int32 // where each of them stands
	ids         shelf
	size        int64
	territories map[string]string // each name once
}

// header reads the names of the columns, without which nothing can be read.
func (p *applicationsReader) header() error {
	err := p.rows.next()
	switch {
	case errors.Is(err, errQuote), errors.Is(err, errOpen), errors.Is(err, errLong):
		p.flaws.Add(p.rows.line, "header", err.Error())
		return p.flaws.Err()
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("%s: %w", p.flaws.File, err)
	}
	var names []string
	for _, name := range p.rows.fields {
		names = append(names, string(name))
	}
	line := max(p.rows.line, 1) // an empty file has no row
	for _, name := range columns {
		if !slices.Contains(names, name) {
			p.flaws.Add(line, name, "the column is missing")
		}
	}
	for _, name := range names {
		if !slices.Contains(columns, name) {
			p.flaws.Add(line, "header", fmt.Sprintf("%.40q is not a column of this file", name))
		}
	}
	if p.flaws.Count == 0 && !slices.Equal(names, columns) {
		p.flaws.Add(line, "header", "the columns are not "+strings.Join(columns, ","))
	}
	return p.flaws.Err()
}

// row takes a row as a candidate, or notes its flaws. Whoever can be told by an
// ID is kept, so that an ID given twice is found whatever else is wrong.
func (p *applicationsReader) row() {
	fields, line := p.rows.fields, p.rows.line
	wrong := func(field int, what string) { p.flaws.Add(line, columns[field], what) }
	switch {
	case len(fields) < len(columns):
		wrong(len(fields), notGiven)
		return
	case len(fields) > len(columns):
		p.flaws.Add(line, "row", fmt.Sprintf("has %d fields and not %d", len(fields), len(columns)))
		return
	}
	var c Candidate
	switch id := fields[0]; {
	case len(id) == 0:
		wrong(0, notGiven)
	case !utf8.Valid(id):
		wrong(0, notUTF8)
	default:
		c.ID = p.ids.keep(id)
	}
	c.Territory = p.territory(fields[1], wrong)
	c.ISEEStatus = statusOf(fields[3])
	switch {
	case c.ISEEStatus != ISEEMissing:
		var what string
		if c.ISEE, what = batch.Decimal(fields[2]); what != "" {
			wrong(2, what)
		}
	case len(fields[2]) > 0:
		wrong(2, notEmpty)
	}
	if c.ISEEStatus == "" {
		wrong(3, notStatus)
	}
	ok := false
	if c.SubmittedAt, ok = instant(fields[4]); !ok {
		wrong(4, notAnInstant)
	}
	if c.ID != "" {
		if len(p.candidates) == cap(p.candidates) {
			room := p.room()
			p.candidates, p.lines = slices.Grow(p.candidates, room), slices.Grow(p.lines, room)
		}
		p.candidates, p.lines = append(p.candidates, c), append(p.lines, int32(line))
	}
}

// statusOf is the status of an ISEE that a word stands for, "" for any other word.
func statusOf(word []byte) ISEEStatus {
	for _, s := range []ISEEStatus{ISEEValid, ISEEDefective, ISEEMissing} {
		if string(word) == string(s) {
			return s
		}
	}
	return ""
}

// territory is the name of a territory, kept once for all who live there.
func (p *applicationsReader) territory(name []byte, wrong func(field int, what string)) string {
	known, ok := p.territories[string(name)]
	switch {
	case ok:
		return known
	case !utf8.Valid(name):
		wrong(1, notUTF8)
		return ""
	}
	known = string(name)
	p.territories[known] = known
	return known
}

// room is how many more candidates to expect: as many as so far are in the rest
// of a file of known size, and a few more.
func (p *applicationsReader) room() int {
	n, rest := int64(len(p.candidates)), p.size-p.rows.bytes
	if n == 0 || rest <= 0 {
		return int(n + 1000)
	}
	return int(n*rest/p.rows.bytes*101/100 + 1000)
}
