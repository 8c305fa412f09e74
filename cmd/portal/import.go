package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// ImportCmd takes in what comes in files.
type ImportCmd struct {
	Applications  ImportApplicationsCmd  `cmd:"" help:"Take in applications for the contributo sessioni di psicoterapia."`
	Professionals ImportProfessionalsCmd `cmd:"" help:"Compare CNOP's list of professionals with the one in force, and put it in force."`
}

// ImportApplicationsCmd checks a file of applications and, when it is told to,
// takes them in.
type ImportApplicationsCmd struct {
	Database
	File     string `arg:"" placeholder:"APPLICATIONS.csv" help:"The applications; - for standard input."`
	Edition  string `required:"" placeholder:"ID" help:"The edition they are for."`
	Apply    bool   `help:"Take the applications in. Without it they are only checked, and nothing is kept."`
	Declared int    `placeholder:"N" help:"How many applications the file must hold."`
	Report   string `placeholder:"FAULTS.csv" help:"Where to write all that is wrong with the file; - for standard output."`
}

// Validate refuses what cannot be meant.
func (c *ImportApplicationsCmd) Validate() error {
	if c.Declared < 0 {
		return errors.New("--declared is a number of applications")
	}
	return nil
}

// Run reads and checks the file, tells what is wrong with it and, if nothing is and
// it is asked for, makes the applications: all of them or none.
func (c *ImportApplicationsCmd) Run(ctx context.Context, s streams) error {
	if c.URL == "" {
		return errors.New("DATABASE_URL is not set")
	}
	pool, err := postgres.Open(ctx, c.URL)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.CheckSchema(ctx, pool); err != nil {
		return err
	}
	imports := voucher.NewImports(postgres.NewImports(pool), time.Now)
	bar := newProgress(s.err)
	id, err := read(ctx, c.File, func(r io.Reader, size int64) (voucher.ImportID, error) {
		counted := &counter{Reader: r}
		return imports.Read(ctx, identity.Office(), once.Form{},
			voucher.ImportAsk{Edition: voucher.EditionID(c.Edition), Declared: c.Declared}, counted,
			func(rows int) { bar.tell("read", rows, counted.n, size) })
	})
	bar.end()
	if err != nil {
		return explained(err)
	}
	f, err := imports.ImportFile(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case f.State == voucher.ImportRefused:
		return c.refuse(ctx, s, imports, id)
	case !c.Apply:
		if err := imports.Drop(ctx, identity.Office(), once.Form{}, id); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%d applications are as they must be; none was taken in, because --apply was not given\n", f.Read)
		return nil
	}
	if err := imports.Order(ctx, identity.Office(), once.Form{}, id); err != nil {
		return explained(err)
	}
	err = imports.Apply(ctx, id, func(applied int) { bar.tell("taken in", applied, int64(applied), int64(f.Read)) })
	bar.end()
	if errors.Is(err, voucher.ErrImportFaults) {
		return c.refuse(ctx, s, imports, id)
	}
	if err != nil {
		return explained(err)
	}
	fmt.Fprintf(s.out, "%d applications taken in\n", f.Read)
	return nil
}

// mostTold is how many faults are told on standard error; the report has them all.
const mostTold = 20

// refuse tells what is wrong with a file, line by line, as an editor finds them.
func (c *ImportApplicationsCmd) refuse(ctx context.Context, s streams, imports *voucher.Imports, id voucher.ImportID) error {
	found := 0
	tell := func(f voucher.ImportFault) error {
		if found++; found <= mostTold {
			fmt.Fprintf(s.err, "%s:%d: %s: %s\n", c.File, f.Line, cmp.Or(f.Field, "row"), faultText(f))
		}
		return nil
	}
	var err error
	if c.Report == "" {
		err = imports.EachFault(ctx, id, tell)
	} else {
		err = write(ctx, c.Report, s.out, func(w io.Writer) error {
			buffered := bufio.NewWriter(w)
			report := csv.NewWriter(buffered)
			_ = report.Write([]string{"line", "field", "kind", "what"}) // Error tells
			err := imports.EachFault(ctx, id, func(f voucher.ImportFault) error {
				_ = report.Write([]string{strconv.Itoa(f.Line), f.Field, string(f.Kind), faultText(f)})
				return tell(f)
			})
			report.Flush()
			return errors.Join(err, report.Error(), buffered.Flush())
		})
	}
	if err != nil {
		return err
	}
	switch {
	case found == 1:
		fmt.Fprintf(s.err, "%s: 1 thing is wrong; nothing was taken in\n", c.File)
	case found > mostTold:
		fmt.Fprintf(s.err, "%s: %d things are wrong, of which these are the first %d; nothing was taken in\n", c.File, found, mostTold)
	default:
		fmt.Fprintf(s.err, "%s: %d things are wrong; nothing was taken in\n", c.File, found)
	}
	return exitCode(failed)
}

// explained is an error in the words of the command line.
func explained(err error) error {
	switch fault.As(err) {
	case voucher.ErrNoEdition:
		return errors.New("there is no such edition in force")
	case voucher.ErrImportedBefore:
		return errors.New("this very file was taken in before")
	case voucher.ErrImportNotReady, voucher.ErrImportRowsLost:
		return errors.New("the rows that were read are gone: start again")
	}
	return err
}

// faultTexts say what is wrong, as the last word after FILE:LINE: field. A %d is the
// argument of the fault.
var faultTexts = map[voucher.FaultKind]string{
	voucher.FaultEmptyFile:      "the file has no applications",
	voucher.FaultNotText:        "the file is no CSV: it looks like a spreadsheet, an archive or another kind of file",
	voucher.FaultNoColumn:       "this column is missing",
	voucher.FaultUnknownColumn:  "column %d has an unknown name",
	voucher.FaultColumnTwice:    "this column is there twice",
	voucher.FaultQuote:          "a quote stands where none may stand (RFC 4180)",
	voucher.FaultUnclosed:       "a quoted field is never closed: nothing after it was read",
	voucher.FaultLongLine:       "is longer than a mebibyte: nothing after it was read",
	voucher.FaultDeclared:       "%d applications were read, and other than that were declared",
	voucher.FaultImported:       "this very file was taken in before",
	voucher.FaultTooMany:        "too many things are wrong: the rest of the file was not read",
	voucher.FaultFieldCount:     "has %d fields, and the header another number",
	voucher.FaultEncoding:       "is not UTF-8",
	voucher.FaultControl:        "has a control character",
	voucher.FaultTooLong:        "is longer than %d characters",
	voucher.FaultMissing:        "is empty",
	voucher.FaultCodeLength:     "has not 16 characters",
	voucher.FaultCodeForm:       "is no fiscal code: letters and digits are not where they must be",
	voucher.FaultCodeCheck:      "is no fiscal code: its last letter does not follow from the others",
	voucher.FaultCodeBirth:      "is another day than the fiscal code says",
	voucher.FaultDuplicate:      "is the same as in line %d: one person, one application",
	voucher.FaultApplied:        "this person has applied in this edition before",
	voucher.FaultDate:           "is not a day, as in 1985-03-12 or 12/03/1985",
	voucher.FaultFuture:         "is a day to come",
	voucher.FaultTerritory:      "is no territory of the edition",
	voucher.FaultClosed:         "is a territory that takes no part in the edition",
	voucher.FaultProvince:       "is no province",
	voucher.FaultElsewhere:      "is not in the territory of the row",
	voucher.FaultMoney:          "is not money: digits and two decimals are wanted, as in 8412.30",
	voucher.FaultNegative:       "is negative",
	voucher.FaultISEEMissing:    "is empty, and the ISEE is said to be valid",
	voucher.FaultISEEUnexpected: "is there, and the ISEE is said to be absent",
	voucher.FaultISEEStatus:     "is neither valido nor difforme nor assente",
	voucher.FaultInstant:        "is not an instant to the microsecond, as in 2025-09-15T10:02:31.123456+02:00",
	voucher.FaultWindow:         "lies outside the days on which applications were taken",
	voucher.FaultEmail:          "is no e-mail address",
	voucher.FaultPhone:          "is no telephone number",
	voucher.FaultProtocol:       "has other characters than letters, digits and - . /",
	voucher.FaultProtocolTwice:  "is the same as in line %d",
	voucher.FaultProtocolTaken:  "is the number of another application",
}

func faultText(f voucher.ImportFault) string {
	text := faultTexts[f.Kind]
	if f.Arg == 0 {
		return text
	}
	return fmt.Sprintf(text, f.Arg)
}

// counter counts what is read.
type counter struct {
	io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	return n, err
}

// progress tells how far a long work has come: on a terminal as a bar that grows in
// its place, elsewhere as a line for each tenth.
type progress struct {
	w        io.Writer
	terminal bool
	tenth    int64
	open     bool // a bar stands there, without an end of line
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w}
	if f, ok := w.(*os.File); ok {
		about, err := f.Stat()
		p.terminal = err == nil && about.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// tell says what was done with so many rows, which is part of a whole; the whole is
// 0 when nobody knows it.
func (p *progress) tell(what string, rows int, part, whole int64) {
	percent := int64(0)
	if whole > 0 {
		percent = min(100*part/whole, 100)
	}
	if p.terminal {
		const width = 30
		filled := int(percent) * width / 100
		fmt.Fprintf(p.w, "\r[%-*.*s] %3d%%  %d %s ", width, filled, "##############################", percent, rows, what)
		p.open = true
		return
	}
	if tenth := percent / 10; tenth != p.tenth {
		p.tenth = tenth
		fmt.Fprintf(p.w, "%d %s, %d%%\n", rows, what, percent)
	}
}

// end leaves the bar as it is and goes on below it.
func (p *progress) end() {
	if p.open {
		fmt.Fprintln(p.w)
	}
	p.open, p.tenth = false, 0
}
