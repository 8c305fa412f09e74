package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// ImportProfessionalsCmd compares CNOP's list with the one in force and, when it is
// told to, puts it in force. A list that CNOP has sent on screen is applied as the
// very delivery that its people prepared and sent: two of CNOP and the operator. Any
// other is recorded as the operator's alone, in the register too.
type ImportProfessionalsCmd struct {
	Database
	File   string `arg:"" placeholder:"LIST.csv" help:"CNOP's list; - for standard input."`
	Extent string `enum:"full,changes" default:"full" help:"full: whoever is missing has left. changes: whoever is missing stays."`
	Day    string `placeholder:"YYYY-MM-DD" help:"The day the list speaks of. Empty: today."`
	Apply  bool   `help:"Put the list in force. Without it the list is only compared, and nothing is kept."`
	Remove int    `default:"-1" placeholder:"N" help:"How many professionals are to be removed: wanted when they are more than one in twenty."`
}

// Run reads the list, tells what it would do, row by row, and does it if it is asked.
func (c *ImportProfessionalsCmd) Run(ctx context.Context, s streams) error {
	if c.URL == "" {
		return errors.New("DATABASE_URL is not set")
	}
	day := calendar.On(time.Now())
	if c.Day != "" {
		var err error
		if day, err = calendar.ParseDate(c.Day); err != nil {
			return errors.New("--day is a day, as in 2026-03-12")
		}
	}
	pool, err := postgres.Open(ctx, c.URL)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.CheckSchema(ctx, pool); err != nil {
		return err
	}
	list, err := read(ctx, c.File, func(r io.Reader, _ int64) (voucher.ListFile, error) { return voucher.ReadList(r, day) })
	if err != nil {
		return c.unread(s, err)
	}
	service := voucher.NewParticipants(postgres.NewParticipants(pool), time.Now)
	found, err := service.Preview(ctx, day, voucher.Extent(c.Extent), list)
	if err != nil {
		return err
	}
	c.tell(s, found)
	if !c.Apply {
		fmt.Fprintln(s.out, "nothing was changed, because --apply was not given")
		return nil
	}
	if err := c.apply(ctx, service, day, list, found); err != nil {
		return explainedList(err)
	}
	fmt.Fprintln(s.out, "the list is in force")
	return nil
}

// tell is the report: a line for each row that does something or is rejected, then
// the sums. It names nobody: rows by their line, who is missing by their id.
func (c *ImportProfessionalsCmd) tell(s streams, found voucher.Comparison) {
	for _, r := range found.Rows {
		where := fmt.Sprintf("%s:%d", c.File, r.Line)
		if r.Line < 0 {
			where = c.File + ": professional " + string(r.Person)
		}
		switch r.Change {
		case voucher.RowAdded:
			fmt.Fprintf(s.out, "%s: added\n", where)
		case voucher.RowChanged:
			fmt.Fprintf(s.out, "%s: changed: %s\n", where, strings.Join(r.After.Changes(*r.Before), ", "))
		case voucher.RowRemoved:
			why := "withdrawn"
			if r.After == nil {
				why = "not in the file"
			}
			fmt.Fprintf(s.out, "%s: removed, %s: %d sessions booked\n", where, why, r.Bookings)
		case voucher.RowRejected:
			for _, x := range r.Rejects {
				fmt.Fprintf(s.err, "%s: %s: %s\n", where, cmp.Or(x.Column, "row"), rejectText(x))
			}
		}
	}
	t := found.Tally
	fmt.Fprintf(s.out, "%d added, %d changed, %d removed with %d sessions booked, %d unchanged, %d rejected; %d were on the list\n",
		t.Added, t.Changed, t.Removed, t.Touched, t.Unchanged, t.Rejected, t.Standing)
}

// apply puts the list in force: the delivery that CNOP sent, when it is of this very
// file, or else one of the operator's own.
func (c *ImportProfessionalsCmd) apply(ctx context.Context, service *voucher.Participants, day calendar.Date, list voucher.ListFile, found voucher.Comparison) error {
	confirmed := c.Remove == found.Removed
	if (voucher.Delivery{Tally: found.Tally}).ManyRemoved() && !confirmed {
		return fmt.Errorf("more than one professional in twenty would be removed: confirm with --remove=%d", found.Removed)
	}
	all, err := service.Deliveries(ctx)
	if err != nil {
		return err
	}
	who, none := identity.Office(), once.Form{}
	for _, d := range all {
		if d.State == voucher.DeliverySent && bytes.Equal(d.Digest, list.Digest) && d.Day == day && d.Extent == voucher.Extent(c.Extent) {
			return service.Apply(ctx, who, none, d.ID, d.Revision)
		}
	}
	id, err := service.Prepare(ctx, who, none, day, voucher.Extent(c.Extent), list)
	if err != nil {
		return err
	}
	if err = service.Send(ctx, who, none, id, 0, confirmed); err == nil {
		err = service.Apply(ctx, who, none, id, 0)
	}
	if err != nil {
		return errors.Join(err, service.Drop(ctx, who, none, id))
	}
	return nil
}

// unread tells why a file is no list, as an editor finds the place.
func (c *ImportProfessionalsCmd) unread(s streams, err error) error {
	var at voucher.FileError
	if !errors.As(err, &at) {
		return err
	}
	what := map[*fault.Reason]string{
		voucher.ErrListNotUTF8:       "the file is not UTF-8",
		voucher.ErrListEmpty:         "the file has no professionals",
		voucher.ErrListColumnMissing: "this column is missing",
		voucher.ErrListColumnTwice:   "this column is there twice",
		voucher.ErrListColumnUnknown: "this column has an unknown name",
		voucher.ErrListQuotes:        "a quote is not closed, or stands where none may stand: nothing after it can be trusted",
	}[at.Reason]
	fmt.Fprintf(s.err, "%s:%d: %s: %s\n", c.File, at.Line, cmp.Or(at.Column, "file"), what)
	return exitCode(failed)
}

// explainedList is an error in the words of the command line.
func explainedList(err error) error {
	switch fault.As(err) {
	case voucher.ErrOpenDelivery:
		return errors.New("another delivery waits to be sent or applied: that one comes first, or is taken back")
	case voucher.ErrListDay:
		return errors.New("the list speaks of a day to come, or of one before the list in force")
	case voucher.ErrListMoved:
		return errors.New("the list in force changed meanwhile: look at the comparison and start again")
	}
	return err
}

// rejectTexts say what is wrong with a row, as the last word after FILE:LINE: field. A
// %d is the other line.
var rejectTexts = map[voucher.RejectCode]string{
	voucher.RejectColumns:      "has more or fewer cells than the header",
	voucher.RejectMissing:      "is empty",
	voucher.RejectText:         "is too long, or has characters that cannot be kept",
	voucher.RejectFiscalCode:   "is no fiscal code",
	voucher.RejectAnnotation:   "is empty: without it nobody takes part",
	voucher.RejectDate:         "is not a day, as in 2026-03-12 or 12/03/2026",
	voucher.RejectFuture:       "is after the day the list speaks of",
	voucher.RejectOrder:        "is before the day that must come first",
	voucher.RejectPostalCode:   "has not five digits",
	voucher.RejectProvince:     "is no province",
	voucher.RejectRegion:       "is no region",
	voucher.RejectOtherRegion:  "is not where the province lies",
	voucher.RejectOtherArea:    "is not of the region of the province",
	voucher.RejectRegister:     "is no number of a register",
	voucher.RejectPhone:        "is no telephone number",
	voucher.RejectEmail:        "is no e-mail address",
	voucher.RejectLanguage:     "has not two letters each",
	voucher.RejectYesNo:        "is neither si nor no",
	voucher.RejectTwice:        "is the same person as in line %d",
	voucher.RejectTwoRegisters: "is the same person as in line %d, with another register",
	voucher.RejectRegisterOf:   "is the same place in the register as in line %d",
	voucher.RejectTaken:        "is the place in the register of somebody on the list",
	voucher.RejectSuspended:    "is somebody whom CNOP suspended: they come back by hand",
}

func rejectText(x voucher.Reject) string {
	if x.Line == 0 {
		return rejectTexts[x.Code]
	}
	return fmt.Sprintf(rejectTexts[x.Code], x.Line)
}
