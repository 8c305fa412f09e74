package voucher

import (
	"context"
	"errors"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// DeskStore asks and changes what officers work on. Every write carries its form:
// one that was stored before is not acted on again.
type DeskStore interface {
	// Editions is every edition in force, by name.
	Editions(ctx context.Context) (map[EditionID]Edition, error)
	// Worklist is a page of applications.
	Worklist(ctx context.Context, ask Worklist) (WorkPage, error)
	// Find lists the applications of whom a quest finds, and writes that somebody
	// looked for them.
	Find(ctx context.Context, ask Quest, e audit.Entry) ([]Named, error)
	// Take writes that a list was taken away, and hands over each of its rows, oldest
	// first, as they are read.
	Take(ctx context.Context, ask Worklist, format string, e audit.Entry, each func(WorkRow) error) error
	// Officers are who may work on applications on a day.
	Officers(ctx context.Context, on calendar.Date) ([]identity.Person, error)
	// Assign gives applications to an officer, "" for nobody, and tells how many of
	// them were somebody else's. Those that are not there are left out.
	Assign(ctx context.Context, form once.Form, ids []ApplicationID, officer identity.PersonID, e audit.Entry) (int, error)
	// Case is an application with all that is known of it; fault.ErrNotFound.
	Case(ctx context.Context, id ApplicationID) (Case, error)
	// Enter writes that an officer has opened an application and, unless somebody else
	// has it open, that it is they who have.
	Enter(ctx context.Context, c Case, takeover bool, e audit.Entry) error
	// ChangeCase locks an application, asks for a ruling on what it then is, and saves
	// it; ErrApplicationMoved when it is not the version that was read.
	ChangeCase(ctx context.Context, form once.Form, id ApplicationID, version int64, now time.Time, decide func(Case) (Ruling, error)) error
	// Write keeps a note.
	Write(ctx context.Context, form once.Form, text string, e audit.Entry) error
	// History is what the register says of an application and its voucher, newest first.
	History(ctx context.Context, c Case) ([]audit.Look, error)
	// Told are the messages that were sent about an application, newest first.
	Told(ctx context.Context, id ApplicationID) ([]Sent, error)
	// Caller is somebody by fiscal code; fault.ErrNotFound.
	Caller(ctx context.Context, code identity.FiscalCode) (identity.PersonID, error)
	// Called is what the contact centre may tell somebody; fault.ErrNotFound.
	Called(ctx context.Context, id identity.PersonID) (Caller, error)
	// Resend sends a message of somebody's by e-mail again; fault.ErrNotFound,
	// ErrNoMailAddress.
	Resend(ctx context.Context, form once.Form, message string, e audit.Entry) error
	// Codes are the vouchers of an edition by how they stand on a day.
	Codes(ctx context.Context, of EditionID, on calendar.Date) (CodeFigures, error)
	// Vouchers are those of somebody, newest first.
	Vouchers(ctx context.Context, of identity.PersonID) ([]CaseFile, error)
	// CaseOf is the application of a voucher; fault.ErrNotFound.
	CaseOf(ctx context.Context, id ID) (ApplicationID, error)
	// Duties counts what waits for an officer.
	Duties(ctx context.Context, who identity.Actor, of EditionID, on calendar.Date, now time.Time) (Duties, error)
	// Figures are the numbers of an edition, no older than an age.
	Figures(ctx context.Context, of EditionID, now time.Time) (Figures, error)
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
}

// Desk is what officers see and do on single applications and codes.
type Desk struct {
	DeskStore
	now func() time.Time
}

// NewDesk is the service on a store, with a clock.
func NewDesk(s DeskStore, now func() time.Time) *Desk { return &Desk{s, now} }

// works is identity.ErrNoDuty for who neither prepares nor approves at INPS: what
// people handed in is not for them.
func works(who identity.Actor) error {
	return who.Must(identity.INPS, identity.Prepare, identity.Approve)
}

// Open is an application for an officer who looks at it: that is written down. They
// count from now on as working on it, unless somebody else does: see Case.Busy.
func (d *Desk) Open(ctx context.Context, who identity.Actor, id ApplicationID) (Case, error) {
	if err := works(who); err != nil {
		return Case{}, err
	}
	c, err := d.Case(ctx, id)
	if err != nil {
		return c, err
	}
	now := d.now()
	return c, d.Enter(ctx, c, !c.Busy(who.Person, now), c.Application.entry(who, now, ApplicationOpened))
}

// Search finds applications by protocol number, fiscal code or name.
func (d *Desk) Search(ctx context.Context, who identity.Actor, ask Quest) ([]Named, error) {
	if err := works(who); err != nil {
		return nil, err
	}
	return d.Find(ctx, ask, audit.Entry{At: d.now(), Actor: who, Action: ApplicationFound})
}

// Export hands over a whole worklist, row by row, and writes that it was taken away.
func (d *Desk) Export(ctx context.Context, who identity.Actor, ask Worklist, format string, each func(WorkRow) error) error {
	if err := works(who); err != nil {
		return err
	}
	return d.Take(ctx, ask, format, audit.Entry{At: d.now(), Actor: who, Action: ApplicationTaken}, each)
}

// Assign gives some applications to an officer at once, "" for nobody, and tells how
// many were not theirs before.
func (d *Desk) Assign(ctx context.Context, who identity.Actor, form once.Form, ids []ApplicationID, officer identity.PersonID) (int, error) {
	switch err := who.Must(identity.INPS, identity.Prepare); {
	case err != nil:
		return 0, err
	case len(ids) == 0:
		return 0, ErrNoneChosen
	case len(ids) > AssignedAtOnce:
		return 0, ErrTooManyChosen
	}
	now := d.now()
	if officer != "" {
		officers, err := d.Officers(ctx, calendar.On(now))
		if err != nil {
			return 0, err
		}
		if !named(officers, officer) {
			return 0, ErrNotAnOfficer
		}
	}
	return d.DeskStore.Assign(ctx, form, ids, officer, audit.Entry{At: now, Actor: who, Action: ApplicationAssigned})
}

func named(people []identity.Person, id identity.PersonID) bool {
	for _, p := range people {
		if p.ID == id {
			return true
		}
	}
	return false
}

// Verify marks an application as verified: see Case.Verify.
func (d *Desk) Verify(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID, version int64) error {
	return d.rule(ctx, who, identity.Prepare, form, id, version, func(c Case) (Ruling, error) { return c.Verify(who, d.now()) })
}

// AskISEE asks to put an ISEE right: see Case.AskISEE.
func (d *Desk) AskISEE(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID, version int64, defects []string) error {
	return d.rule(ctx, who, identity.Prepare, form, id, version, func(c Case) (Ruling, error) { return c.AskISEE(who, defects, d.now()) })
}

// ProposeRefusal proposes to refuse an application: see Case.ProposeRefusal.
func (d *Desk) ProposeRefusal(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID, version int64, reason string) error {
	return d.rule(ctx, who, identity.Prepare, form, id, version, func(c Case) (Ruling, error) { return c.ProposeRefusal(who, reason, d.now()) })
}

// ApproveRefusal refuses an application as a colleague proposed.
func (d *Desk) ApproveRefusal(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID, version int64) error {
	return d.rule(ctx, who, identity.Approve, form, id, version, func(c Case) (Ruling, error) { return c.ApproveRefusal(who, d.now()) })
}

// ReturnRefusal sends a proposal to refuse back to who made it.
func (d *Desk) ReturnRefusal(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID, version int64, note string) error {
	return d.rule(ctx, who, identity.Approve, form, id, version, func(c Case) (Ruling, error) {
		return c.ReturnRefusal(who, strings.TrimSpace(note), d.now())
	})
}

// Reopen takes an application up again: see Case.Reopen.
func (d *Desk) Reopen(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID, version int64) error {
	return d.rule(ctx, who, identity.Approve, form, id, version, func(c Case) (Ruling, error) { return c.Reopen(who, d.now()) })
}

func (d *Desk) rule(ctx context.Context, who identity.Actor, duty identity.Duty, form once.Form, id ApplicationID, version int64, decide func(Case) (Ruling, error)) error {
	if err := who.Must(identity.INPS, duty); err != nil {
		return err
	}
	return d.ChangeCase(ctx, form, id, version, d.now(), decide)
}

// Note writes a note on an application for the other officers.
func (d *Desk) Note(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID, text string) error {
	if err := works(who); err != nil {
		return err
	}
	if text = strings.TrimSpace(text); text == "" {
		return ErrUnexplained
	}
	c, err := d.Case(ctx, id)
	if err != nil {
		return err
	}
	return d.Write(ctx, form, text, c.Application.entry(who, d.now(), ApplicationNoted))
}

// Identify finds who calls the contact centre by their fiscal code. That nobody was
// found is written too; fault.ErrNotFound.
func (d *Desk) Identify(ctx context.Context, who identity.Actor, code identity.FiscalCode) (identity.PersonID, error) {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return "", err
	}
	id, err := d.Caller(ctx, code)
	if errors.Is(err, fault.ErrNotFound) {
		if err := d.See(ctx, audit.Entry{At: d.now(), Actor: who, Action: CallerIdentified}); err != nil {
			return "", err
		}
	}
	return id, err
}

// Serve is what the contact centre may tell somebody who called. Each look is
// written down.
func (d *Desk) Serve(ctx context.Context, who identity.Actor, id identity.PersonID) (Caller, error) {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return Caller{}, err
	}
	c, err := d.Called(ctx, id)
	if err != nil {
		return c, err
	}
	return c, d.See(ctx, audit.Entry{At: d.now(), Actor: who, Action: CallerIdentified, About: id})
}

// Again sends a message to somebody who called once more, by e-mail.
func (d *Desk) Again(ctx context.Context, who identity.Actor, form once.Form, to identity.PersonID, message string) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	return d.Resend(ctx, form, message, audit.Entry{At: d.now(), Actor: who, Action: MessageResent, Subject: message, About: to})
}
