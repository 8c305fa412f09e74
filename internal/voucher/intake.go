package voucher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// IntakeStore keeps drafts and takes applications in. Every write carries its
// form: one that was stored before is not acted on again.
type IntakeStore interface {
	// Editions is every edition in force, by name.
	Editions(ctx context.Context) (map[EditionID]Edition, error)
	// Person is somebody by id, and the contacts they gave; fault.ErrNotFound.
	Person(ctx context.Context, id identity.PersonID) (p identity.Person, email, phone string, err error)
	// ByFiscalCode is somebody the portal knows; fault.ErrNotFound.
	ByFiscalCode(ctx context.Context, code identity.FiscalCode) (identity.Person, error)
	// Mandates are those in force on a day under which somebody may act in this scheme.
	Mandates(ctx context.Context, holder identity.PersonID, on calendar.Date) ([]identity.Mandate, error)
	// Drafts are somebody's that were not sent, last saved first.
	Drafts(ctx context.Context, writer identity.PersonID) ([]Draft, error)
	// Draft is one of somebody's, sent or not; fault.ErrNotFound.
	Draft(ctx context.Context, writer identity.PersonID, id DraftID) (Draft, error)
	// Start keeps a new draft, or gives back the one that the writer has for the
	// same edition and beneficiary.
	Start(ctx context.Context, form once.Form, d Draft, e audit.Entry) (DraftID, error)
	// Save keeps the answers of a draft if it is still the one that was read: ErrDraftMoved.
	Save(ctx context.Context, form once.Form, d Draft, now time.Time) error
	// Drop forgets a draft that was not sent.
	Drop(ctx context.Context, form once.Form, writer identity.PersonID, id DraftID, now time.Time) error
	// Receive takes an application in, with the mandate it needs, and tells whether
	// it is the first for its edition and beneficiary: otherwise the one that is comes
	// back. ErrNotYourChild when only the parent's own word would open what another
	// person sent.
	Receive(ctx context.Context, form once.Form, s Submission) (id ApplicationID, first bool, err error)
	// Receipt is an application for who stands for its beneficiary on a day, and
	// Unconfirmed for who sent it on their own word; fault.ErrNotFound.
	Receipt(ctx context.Context, who identity.Actor, id ApplicationID, on calendar.Date) (Receipt, error)
	// Correct saves what an application has become if it is still the one that was
	// judged: ErrApplicationMoved.
	Correct(ctx context.Context, form once.Form, was, is Application, e audit.Entry) error
	// Communications are what was written to a reader about an application, newest first.
	Communications(ctx context.Context, reader identity.PersonID, id ApplicationID) ([]Communication, error)
	// Remind writes, for each application whose ISEE is to be corrected within one of
	// so many days, that its holder is reminded, once for each; it tells how many.
	Remind(ctx context.Context, today calendar.Date, days []int, now time.Time) (int, error)
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)
}

// Submission is an application on its way in.
type Submission struct {
	Application  Application
	Applicant    identity.Person // without an id where the portal may not know them yet
	Beneficiary  identity.Person // as above
	BornOn       calendar.Date
	Parent       *ParentMandate // for a parent; nil otherwise
	Mandate      identity.MandateID
	Declarations []Declared
	Draft        DraftID           // that it was, or ""
	ReceivedBy   identity.PersonID // the officer, at the counter
	Actor        identity.Actor
}

// ParentMandate is the mandate of a parent who applies for a minor, to the day
// before they come of age: made, unless there is one, for whom the register confirms.
// On the parent's own word none is made: an officer does that at the counter.
type ParentMandate struct {
	Until    calendar.Date
	Declared bool // on the parent's own word
}

// Communication is a message of the portal about an application.
type Communication struct {
	ID      string
	Subject string
	SentAt  time.Time
	Mailed  bool
	Read    bool
}

// Intake is how applications come in one at a time: drafts, the sending, the cure of a
// defective ISEE, the withdrawal.
type Intake struct {
	IntakeStore
	isee       ISEESource
	residences Residences
	now        func() time.Time
}

// NewIntake is the service on a store and two registers, with a clock.
func NewIntake(s IntakeStore, i ISEESource, r Residences, now func() time.Time) *Intake {
	return &Intake{s, i, r, now}
}

// Open lists the editions that take applications now, the one that closes first
// before the others, and those whose window is still to come.
func (s *Intake) Open(ctx context.Context) (open, coming []Edition, err error) {
	all, err := s.Editions(ctx)
	if err != nil {
		return nil, nil, err
	}
	now := s.now()
	for _, e := range all {
		switch e.Rules.Takes(now) {
		case nil:
			open = append(open, e)
		case ErrWindowNotOpen:
			coming = append(coming, e)
		}
	}
	slices.SortFunc(open, func(a, b Edition) int { return a.Rules.Window.Is.Closes.Compare(b.Rules.Window.Is.Closes) })
	slices.SortFunc(coming, func(a, b Edition) int { return a.Rules.Window.Is.Opens.Compare(b.Rules.Window.Is.Opens) })
	return open, coming, nil
}

// Edition is one that takes applications now; fault.ErrNotFound for one that is
// none, or the reason why its window is shut.
func (s *Intake) Edition(ctx context.Context, id EditionID) (Edition, error) {
	all, err := s.Editions(ctx)
	if err != nil {
		return Edition{}, err
	}
	e, ok := all[id]
	if !ok {
		return e, fault.ErrNotFound
	}
	return e, e.Rules.Takes(s.now())
}

// Begin makes the draft of an application, or takes up the one there is. Who acts
// under a mandate applies for whom they stand for and for nobody else. A child is
// looked up in the register of residents: where that does not name the writer as
// responsible, ErrUnconfirmed, until the writer declares it.
func (s *Intake) Begin(ctx context.Context, who identity.Actor, form once.Form, edition EditionID, of Beneficiary) (DraftID, error) {
	if outcome, done, err := s.Outcome(ctx, form); done || err != nil {
		return DraftID(outcome), err
	}
	if _, err := s.Edition(ctx, edition); err != nil {
		return "", err
	}
	now := s.now()
	of, about, err := s.beneficiary(ctx, who, of, calendar.On(now))
	if err != nil {
		return "", err
	}
	writer, _, _, err := s.Person(ctx, who.Person)
	if err != nil {
		return "", err
	}
	d := Draft{ID: DraftID(uuid.NewString()), Edition: edition, Writer: writer.ID, Of: of, SavedAt: now}
	return s.Start(ctx, form, d, audit.Entry{At: now, Actor: who, Action: ApplicationBegun, Subject: string(d.ID), About: about})
}

// beneficiary completes who is to receive the contribution, if the actor may apply
// for them on a day.
func (s *Intake) beneficiary(ctx context.Context, who identity.Actor, of Beneficiary, today calendar.Date) (Beneficiary, identity.PersonID, error) {
	if who.For != who.Person {
		of = Beneficiary{Tie: Represented, Mandate: who.Mandate}
	}
	writer, _, _, err := s.Person(ctx, who.Person)
	if err != nil {
		return of, "", err
	}
	switch of.Tie {
	case Myself:
		r, err := s.residence(ctx, writer.FiscalCode, today)
		if err == nil && r.Minor(today) {
			err = ErrMinor
		}
		return Beneficiary{Tie: Myself, FiscalCode: writer.FiscalCode, GivenName: writer.GivenName, FamilyName: writer.FamilyName}, writer.ID, err
	case Represented:
		m, err := s.mandate(ctx, who.Person, func(m identity.Mandate) bool { return m.ID == of.Mandate }, today)
		p := m.Represented
		return Beneficiary{Tie: Represented, FiscalCode: p.FiscalCode, GivenName: p.GivenName, FamilyName: p.FamilyName, Mandate: m.ID}, p.ID, err
	case MyChild:
		if of.FiscalCode == writer.FiscalCode {
			return of, "", ErrOwnCode
		}
		m, err := s.mandate(ctx, who.Person, func(m identity.Mandate) bool { return m.Represented.FiscalCode == of.FiscalCode }, today)
		if err == nil {
			p := m.Represented
			return Beneficiary{Tie: Represented, FiscalCode: p.FiscalCode, GivenName: p.GivenName, FamilyName: p.FamilyName, Mandate: m.ID}, p.ID, nil
		}
		if !errors.Is(err, ErrMandateEnded) {
			return of, "", err
		}
		r, err := s.residence(ctx, of.FiscalCode, today)
		switch {
		case errors.Is(err, ErrNotResident):
			return of, "", ErrChildName // says as much as a wrong name does
		case err != nil:
			return of, "", err
		case !r.Named(of.GivenName, of.FamilyName):
			return of, "", ErrChildName
		case !r.Minor(today):
			return of, "", ErrChildOfAge
		case slices.Contains(r.Responsible, writer.FiscalCode):
			of.Declared = false
		case !of.Declared:
			return of, "", ErrUnconfirmed
		}
		of.GivenName, of.FamilyName, of.Mandate = r.GivenName, r.FamilyName, ""
		return of, "", nil
	}
	return of, "", fault.ErrNotFound
}

// mandate is one in force; ErrMandateEnded when there is none.
func (s *Intake) mandate(ctx context.Context, holder identity.PersonID, which func(identity.Mandate) bool, today calendar.Date) (identity.Mandate, error) {
	all, err := s.Mandates(ctx, holder, today)
	if err != nil {
		return identity.Mandate{}, err
	}
	i := slices.IndexFunc(all, which)
	if i < 0 {
		return identity.Mandate{}, ErrMandateEnded
	}
	return all[i], nil
}

// residence asks the register of residents, and believes only what can be.
func (s *Intake) residence(ctx context.Context, of identity.FiscalCode, on calendar.Date) (Residence, error) {
	r, err := s.residences.Residence(ctx, of, on)
	if errors.Is(err, fault.ErrNotFound) {
		return r, ErrNotResident
	}
	if err != nil {
		return r, fmt.Errorf("%w: %w", ErrResidenceSilent, err)
	}
	return r, r.Check(of)
}

// attested asks the register of ISEE, and believes only what can be.
func (s *Intake) attested(ctx context.Context, of identity.FiscalCode, on calendar.Date) (ISEEAnswer, error) {
	a, err := s.isee.ISEE(ctx, of, on)
	if err != nil {
		return a, fmt.Errorf("%w: %w", ErrISEESilent, err)
	}
	return a, a.Check(on)
}

// Draft is one of the actor's, with its edition. Under a mandate only those for
// whom it stands are there; ErrMandateEnded for one under a mandate that has ended.
func (s *Intake) Draft(ctx context.Context, who identity.Actor, id DraftID) (Draft, Edition, error) {
	d, err := s.IntakeStore.Draft(ctx, who.Person, id)
	if err != nil {
		return d, Edition{}, err
	}
	if who.For != who.Person && d.Of.Mandate != who.Mandate {
		return Draft{}, Edition{}, fault.ErrNotFound
	}
	if d.Of.Tie == Represented {
		if _, err := s.mandate(ctx, who.Person, func(m identity.Mandate) bool { return m.ID == d.Of.Mandate }, calendar.On(s.now())); err != nil {
			return Draft{}, Edition{}, err
		}
	}
	all, err := s.Editions(ctx)
	return d, all[d.Edition], err
}

// Drafts are the actor's that were not sent: see Draft.
func (s *Intake) Drafts(ctx context.Context, who identity.Actor) ([]Draft, error) {
	all, err := s.IntakeStore.Drafts(ctx, who.Person)
	return slices.DeleteFunc(all, func(d Draft) bool { return who.For != who.Person && d.Of.Mandate != who.Mandate }), err
}

// Fill saves the answers of a draft that was read in a version: ErrDraftMoved when
// another page moved first.
func (s *Intake) Fill(ctx context.Context, who identity.Actor, form once.Form, id DraftID, version int64, answers Answers) error {
	if _, done, err := s.Outcome(ctx, form); done || err != nil {
		return err
	}
	d, e, err := s.Draft(ctx, who, id)
	if err != nil {
		return err
	}
	now := s.now()
	switch err := e.Rules.Takes(now); {
	case err != nil:
		return err
	case d.Sent != "" || d.Version != version:
		return ErrDraftMoved
	}
	d.Answers = answers
	return s.Save(ctx, form, d, now)
}

// Home is where the beneficiary of a draft lives, asked from the register;
// ErrTerritoryClosed with it where the edition takes nobody from there.
func (s *Intake) Home(ctx context.Context, who identity.Actor, d Draft, e Edition) (Residence, error) {
	if err := s.note(ctx, who, d); err != nil {
		return Residence{}, err
	}
	r, err := s.residence(ctx, d.Of.FiscalCode, calendar.On(s.now()))
	if err != nil {
		return Residence{}, err
	}
	return r, e.Rules.Funds(r.Territory)
}

// Means is the ISEE of the beneficiary of a draft, asked from the register.
func (s *Intake) Means(ctx context.Context, who identity.Actor, d Draft) (ISEEAnswer, error) {
	if err := s.note(ctx, who, d); err != nil {
		return ISEEAnswer{}, err
	}
	return s.attested(ctx, d.Of.FiscalCode, calendar.On(s.now()))
}

// note writes that the registers are asked about somebody else.
func (s *Intake) note(ctx context.Context, who identity.Actor, d Draft) error {
	if d.Of.Tie == Myself {
		return nil
	}
	return s.See(ctx, audit.Entry{At: s.now(), Actor: who, Action: RegistersAsked, Subject: string(d.ID)})
}

// Submit sends a draft. What the registers say is asked anew: seen is the mark of
// what the applicant was shown (see Registers.Mark), and ErrRegistersMoved says
// that it has changed since. The second for an edition and a beneficiary is
// answered with the first: then first is false. What counts is the instant at
// which the form arrived.
func (s *Intake) Submit(ctx context.Context, who identity.Actor, form once.Form, id DraftID, seen string) (sent ApplicationID, first bool, err error) {
	now := s.now()
	if outcome, done, err := s.Outcome(ctx, form); done || err != nil {
		return ApplicationID(outcome), true, err
	}
	d, e, err := s.Draft(ctx, who, id)
	if err != nil {
		return "", false, err
	}
	if d.Sent != "" {
		return d.Sent, false, nil
	}
	if err := e.Rules.Takes(now); err != nil {
		return "", false, err
	}
	if d.Next(e.Rules) != StepReview {
		return "", false, ErrIncomplete
	}
	today := calendar.On(now)
	of, about, err := s.beneficiary(ctx, who, d.Of, today)
	if err != nil {
		return "", false, err
	}
	found, err := s.registers(ctx, of.FiscalCode, today)
	if err != nil {
		return "", false, err
	}
	if found.Mark() != seen {
		return "", false, ErrRegistersMoved
	}
	a, err := e.receive(found, now)
	if err != nil {
		return "", false, err
	}
	a.ID, a.Applicant, a.Channel, a.Email, a.Phone = NewApplicationID(), who.Person, Online, d.Answers.Email, d.Answers.Phone
	return s.Receive(ctx, form, Submission{
		Application: a, Draft: d.ID, Actor: who, Mandate: of.Mandate, Parent: parentMandate(of, found.Residence),
		Applicant:    identity.Person{ID: who.Person},
		Beneficiary:  identity.Person{ID: about, FiscalCode: of.FiscalCode, GivenName: of.GivenName, FamilyName: of.FamilyName},
		BornOn:       found.Residence.BornOn,
		Declarations: declared(e.Rules, of.Declared, d.Answers.DeclaredAt),
	})
}

func (s *Intake) registers(ctx context.Context, of identity.FiscalCode, today calendar.Date) (found Registers, err error) {
	if found.Residence, err = s.residence(ctx, of, today); err != nil {
		return found, err
	}
	found.ISEE, err = s.attested(ctx, of, today)
	return found, err
}

// Mark stands for what the registers said, so that a page can carry what its
// reader saw.
func (f Registers) Mark() string {
	h := sha256.Sum256(fmt.Append(nil, f.Residence.Territory, 0, f.ISEE.Status, 0, int64(f.ISEE.Value), 0, f.ISEE.Attestation.Protocol))
	return hex.EncodeToString(h[:8])
}

func parentMandate(of Beneficiary, r Residence) *ParentMandate {
	if of.Tie != MyChild {
		return nil
	}
	return &ParentMandate{Until: r.Majority().Add(-1), Declared: of.Declared}
}

// declared freezes the words of the declarations.
func declared(r Rules, parent bool, at time.Time) []Declared {
	all := r.Declarations.Is
	if parent {
		all = append([]Declaration{ParentDeclaration}, all...)
	}
	made := make([]Declared, len(all))
	for i, d := range all {
		made[i] = Declared{d.ID, d.Version, d.Text, at}
	}
	return made
}

// NewApplicationID draws the name of an application.
func NewApplicationID() ApplicationID { return ApplicationID(uuid.NewString()) }
