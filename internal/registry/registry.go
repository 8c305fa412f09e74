// Package registry asks the registers outside the portal: who has which ISEE, who
// lives where, whose an account is. Its adapters read files, in which a row may also be slow, silent or
// wrong, as a register across a network is.
package registry

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

// Patience is how long a register is waited for.
const Patience = 2 * time.Second

// The columns of the two files. behaviour is empty, "silent", or "slow:" and how
// long, as in "slow:300ms".
var (
	iseeColumns = []string{"fiscal_code", "status", "value", "kind", "protocol", "issued_on", "valid_until", "defects", "behaviour"}
	homeColumns = []string{"fiscal_code", "given_name", "family_name", "born_on", "city", "province", "territory", "responsible", "behaviour"}
)

// file is a register in a CSV file with a header. It is read for each question, so
// that a row may be added while the portal runs: the last row of a person counts.
type file struct {
	path     string
	columns  []string
	patience time.Duration
	since    string // a column that an older file lacks: its cells are empty there
}

var errSilent = errors.New("the register does not answer")

// row is the last row of a person, or of an account; fault.ErrNotFound. It takes as long as the row
// says, and no longer than the patience there is.
func (f file) row(ctx context.Context, of string) (row map[string]string, err error) {
	in, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	defer in.Close()
	r := csv.NewReader(in)
	r.ReuseRecord = true // of as many cells as the first line
	header, err := r.Read()
	columns := slices.Clone(f.columns)
	if f.since != "" && !slices.Contains(header, f.since) {
		columns = slices.DeleteFunc(columns, func(name string) bool { return name == f.since })
	}
	if err != nil || !slices.Equal(header, columns) {
		return nil, fmt.Errorf("register: the first line is not %s", strings.Join(f.columns, ","))
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("register: line %d cannot be read", line) // without what stands there
		}
		if record[0] == of {
			row = map[string]string{}
			for i, name := range columns {
				row[name] = record[i]
			}
		}
	}
	if row == nil {
		return nil, fault.ErrNotFound
	}
	return row, f.wait(ctx, row["behaviour"])
}

// wait makes a row behave.
func (f file) wait(ctx context.Context, behaviour string) error {
	ctx, cancel := context.WithTimeout(ctx, f.patience)
	defer cancel()
	slow, isSlow := strings.CutPrefix(behaviour, "slow:")
	switch {
	case behaviour == "":
		return nil
	case behaviour == "silent":
		<-ctx.Done()
		return errSilent
	case !isSlow:
		return fmt.Errorf("register: the behaviour %q is unknown", behaviour)
	}
	long, err := time.ParseDuration(slow)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	select {
	case <-ctx.Done():
		return errSilent
	case <-time.After(long):
		return nil
	}
}

// ISEE is a voucher.ISEESource on a file.
type ISEE struct{ file }

// NewISEE is the register of ISEE in a file, waited for no longer than a patience.
// Without a file it never answers.
func NewISEE(path string, patience time.Duration) ISEE {
	return ISEE{file{path: path, columns: iseeColumns, patience: patience}}
}

// ISEE is what the file says of somebody on a day: an attestation that was not
// issued yet, or is over, is none.
func (r ISEE) ISEE(ctx context.Context, of identity.FiscalCode, on calendar.Date) (voucher.ISEEAnswer, error) {
	missing := voucher.ISEEAnswer{Status: voucher.ISEEMissing}
	row, err := r.row(ctx, string(of))
	if errors.Is(err, fault.ErrNotFound) {
		return missing, nil
	}
	if err != nil {
		return missing, fmt.Errorf("%w: %w", voucher.ErrISEESilent, err)
	}
	a, err := readISEE(row)
	if err != nil {
		return missing, fmt.Errorf("%w: %w", voucher.ErrISEESilent, err)
	}
	if a.Status != voucher.ISEEMissing && a.Attestation.ValidUntil.Before(on) {
		return missing, nil
	}
	return a, nil
}

func readISEE(row map[string]string) (a voucher.ISEEAnswer, err error) {
	var wrong []error
	day := func(column string) (d calendar.Date) {
		if row[column] == "" {
			return d
		}
		d, err := calendar.ParseDate(row[column])
		wrong = append(wrong, err)
		return d
	}
	a.Status = voucher.ISEEStatus(row["status"])
	if row["value"] != "" {
		a.HasValue = true
		a.Value, err = money.Parse(row["value"])
		wrong = append(wrong, err)
	}
	a.Attestation = voucher.Attestation{
		Kind: row["kind"], Protocol: row["protocol"], IssuedOn: day("issued_on"), ValidUntil: day("valid_until"),
		Defects: strings.Fields(row["defects"]),
	}
	return a, errors.Join(wrong...)
}

// Residences is a voucher.Residences on a file.
type Residences struct{ file }

// NewResidences is the register of residents in a file, waited for no longer than
// a patience. Without a file it never answers.
func NewResidences(path string, patience time.Duration) Residences {
	return Residences{file{path: path, columns: homeColumns, patience: patience}}
}

// Residence is where the file says that somebody lives.
func (r Residences) Residence(ctx context.Context, of identity.FiscalCode, _ calendar.Date) (home voucher.Residence, err error) {
	row, err := r.row(ctx, string(of))
	if errors.Is(err, fault.ErrNotFound) {
		return home, err
	}
	if err != nil {
		return home, fmt.Errorf("%w: %w", voucher.ErrResidenceSilent, err)
	}
	home = voucher.Residence{
		GivenName: row["given_name"], FamilyName: row["family_name"],
		City: row["city"], Province: row["province"], Territory: row["territory"],
	}
	for _, code := range strings.Fields(row["responsible"]) {
		parent, err := identity.ParseFiscalCode(code)
		if err != nil {
			return home, fmt.Errorf("%w: %w", voucher.ErrResidenceSilent, err)
		}
		home.Responsible = append(home.Responsible, parent)
	}
	if home.BornOn, err = calendar.ParseDate(row["born_on"]); err != nil {
		return home, fmt.Errorf("%w: %w", voucher.ErrResidenceSilent, err)
	}
	return home, nil
}

// WriteISEE and WriteResidences write a register, as lines of the columns above
// without the header: for demonstrations and tests.
func WriteISEE(path string, rows [][]string) error { return write(path, iseeColumns, rows) }

// WriteResidences writes a register of residents: see WriteISEE.
func WriteResidences(path string, rows [][]string) error { return write(path, homeColumns, rows) }

func write(path string, columns []string, rows [][]string) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	err = csv.NewWriter(out).WriteAll(append([][]string{columns}, rows...))
	return errors.Join(err, out.Close())
}
