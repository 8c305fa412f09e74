package indemnity

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/term"
)

// What is written in the register about heirs. The subject is the case.
const (
	HeirsRegistered     audit.Action = "indemnity.heirs_registered"  // an application that came by PEC
	HeirCodeRenewed     audit.Action = "indemnity.heir_code_renewed" // another code for one of them
	HeirLinked          audit.Action = "indemnity.heir_linked"
	HeirCodeWrong       audit.Action = "indemnity.heir_code_wrong"
	SuccessionProposed  audit.Action = "indemnity.succession_proposed"
	SuccessionConfirmed audit.Action = "indemnity.succession_confirmed"
	SuccessionSentBack  audit.Action = "indemnity.succession_sent_back"
	CaseListSeen        audit.Action = "indemnity.cases_listed" // by an officer
	CaseOpened          audit.Action = "indemnity.case_opened"  // by an officer
	HeirSigned          audit.Action = "indemnity.heir_signed"  // in the portal
	MessageReceived     audit.Action = "indemnity.pec_received" // one more for a case
	MessageRighted      audit.Action = "indemnity.pec_righted"
)

// Why what came by PEC is not registered as it is typed.
var (
	ErrPECSender      = fault.Invalid("heirs.pec_sender")
	ErrPECAccepted    = fault.Invalid("heirs.pec_accepted")
	ErrPECDelivered   = fault.Invalid("heirs.pec_delivered")
	ErrPECOrder       = fault.Invalid("heirs.pec_order") // delivered before it was accepted
	ErrPECToCome      = fault.Invalid("heirs.pec_to_come")
	ErrDeceasedName   = fault.Invalid("heirs.deceased_name")
	ErrDeathMissing   = fault.Invalid("heirs.death_missing")
	ErrDeathToCome    = fault.Invalid("heirs.death_to_come")
	ErrDeathBefore    = fault.Invalid("heirs.death_before") // the event began
	ErrAlreadyHeirs   = fault.Refuse("heirs.already")       // the case has heirs, or is of heirs
	ErrCaseNotOpen    = fault.Refuse("heirs.case_closed")   // it was withdrawn: nobody takes a place in it
	ErrDiedBeforeSent = fault.Invalid("heirs.died_before_sent")
)

// Registration is an application of heirs as it came (R17).
type Registration struct {
	Deceased identity.Person // the name counts where the register knows none
	DiedOn   calendar.Date
	Answers  Answers // the event, and what the form declares of the deceased (A38)
	PEC      Certified
	Heirs    []Heir // with SignedBy PEC for who signed it
}

// HeirStore keeps heirs and what came by PEC. Every write carries its form: one that was
// stored before is not acted on again.
type HeirStore interface {
	// CallsInForce is every call with its released rules, the earliest month first.
	CallsInForce(ctx context.Context) ([]Call, error)
	// AppliedBy is the periods that somebody has applied for, by fiscal code.
	AppliedBy(ctx context.Context, member identity.FiscalCode) ([]Applied, error)
	// CaseFile is a case with all that belongs to it; fault.ErrNotFound.
	CaseFile(ctx context.Context, id CaseID) (CaseFile, error)
	// Register keeps an application of heirs under a number of the protocol, with whom
	// it is about and its heirs, and seals it. What the deceased had applied for is judged first;
	// their mandates end.
	Register(ctx context.Context, form once.Form, c CaseFile, m Certified, heirs []Invitation, judge func([]Applied) error, e audit.Entry) (CaseID, error)
	// ChangeHeirs locks a case, asks for a decision on its heirs or on what they sent, and
	// saves that.
	ChangeHeirs(ctx context.Context, form once.Form, now time.Time, id CaseID, decide func(CaseFile) (HeirsChange, error)) error
	// Renew gives an heir of a case another code in the place of the one that they had;
	// fault.ErrNotFound for who is linked already. Of a form that was stored before, or is
	// at the same time, first is false and the code is not the one that counts.
	Renew(ctx context.Context, form once.Form, id CaseID, i Invitation, e audit.Entry) (first bool, err error)
	// Answer finds the heir of a case, by its number, who has the fiscal code of a
	// person, locks them, asks what becomes of it and saves that; "" where there is
	// none. The outcome of the form is what came of it.
	Answer(ctx context.Context, form once.Form, now time.Time, protocol string, by identity.PersonID, decide func(CaseFile, Invitation) Reply) (outcome string, err error)
	// Successions are those of a case: the one that waits, then the newest first.
	Successions(ctx context.Context, id CaseID) ([]Succession, error)
	// ToConfirm are the successions that wait for a second person, oldest first.
	ToConfirm(ctx context.Context) ([]Succession, error)
	// Succeed locks a case, asks for a decision on it and saves that.
	Succeed(ctx context.Context, form once.Form, now time.Time, id CaseID, decide func(CaseFile, []Succession) (SuccessionChange, error)) error
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)
}

// Heirs is how heirs apply and step into an application.
type Heirs struct {
	HeirStore
	members       MemberRegister
	contributions Contributions
	random        io.Reader
	now           func() time.Time
}

// NewHeirs is the service on a store and two registers, with a source of chance and a
// clock.
func NewHeirs(s HeirStore, m MemberRegister, c Contributions, random io.Reader, now func() time.Time) *Heirs {
	return &Heirs{s, m, c, random, now}
}

func (s *Heirs) entry(who identity.Actor, action audit.Action, of CaseFile) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: action, Subject: string(of.ID), About: of.Member.ID}
}

// HeirsTerm is the term within which heirs may apply for a death, by the call that takes
// an event which ended then; ErrNoCall (R17).
func (s *Heirs) HeirsTerm(ctx context.Context, death, end calendar.Date) (term.Term, Call, error) {
	calls, err := s.CallsInForce(ctx)
	if err == nil && len(calls) == 0 {
		err = ErrNoCall
	}
	if err != nil {
		return term.Term{}, Call{}, err
	}
	call, _ := CallFor(calls, end)
	return call.Rules.Terms().Heirs(death, end), call, nil
}

// Received is an application of heirs before it is registered, with what its reader
// should know. None of it stands in the way: registration is an act of receipt.
type Received struct {
	Case     CaseFile // without an id and a number
	Own      bool     // the call takes the event
	Term     term.Term
	InTime   bool // accepted before the term was over
	NoMember bool // the register knows nobody with the fiscal code
}

// Review tells what would be registered.
func (s *Heirs) Review(ctx context.Context, who identity.Actor, r Registration) (o Received, err error) {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return o, err
	}
	if err := r.flaw(s.now()); err != nil {
		return o, err
	}
	applied, err := s.AppliedBy(ctx, r.Deceased.FiscalCode)
	if err == nil {
		err = r.taken(applied)
	}
	if err != nil {
		return o, err
	}
	end := r.end()
	var call Call
	if o.Term, call, err = s.HeirsTerm(ctx, r.DiedOn, end); err != nil {
		return o, err
	}
	o.Own = call.Rules.Window.Is.Has(end)
	o.InTime = o.Term.Open(r.PEC.AcceptedAt)
	registers, known, err := s.ask(ctx, r)
	if err != nil {
		return o, err
	}
	o.NoMember = !known
	member := identity.Person{FiscalCode: r.Deceased.FiscalCode, GivenName: r.Deceased.GivenName, FamilyName: r.Deceased.FamilyName}
	if registers.Member.GivenName != "" && registers.Member.FamilyName != "" {
		member.GivenName, member.FamilyName = registers.Member.GivenName, registers.Member.FamilyName
	}
	answers := r.Answers
	answers.DeclaredAt = r.PEC.AcceptedAt.UTC()
	declared := call.Rules.asHeirs(answers.Declared, answers.DeclaredAt)
	heirs := slices.Clone(r.Heirs)
	for i, h := range heirs {
		if h.SignedBy == PEC {
			heirs[i].SignedAt, heirs[i].Declared = answers.DeclaredAt, declared
		}
	}
	o.Case = CaseFile{
		Call: call.ID, CallVersion: call.Version, Rules: call.Rules, Member: member, Kind: ByHeirs, Channel: PEC,
		SubmittedAt: r.PEC.AcceptedAt.UTC(), TermEndedOn: o.Term.End(), Answers: answers, Declarations: declared,
		Registers: registers, DiedOn: r.DiedOn, State: Submitted, Heirs: heirs,
	}
	return o, nil
}

// Register keeps an application of heirs that came by PEC, under a number of the
// protocol, whatever it is worth: also one that came late. Each heir gets a code with
// which they find it; the codes are told once, and of a form that is sent again none.
func (s *Heirs) Register(ctx context.Context, who identity.Actor, form once.Form, r Registration) (CaseID, []HeirCode, error) {
	if before, done, err := s.Outcome(ctx, form); done || err != nil {
		return CaseID(before), nil, err
	}
	o, err := s.Review(ctx, who, r)
	if err != nil {
		// The same form may have been sent twice, and the other taken the days.
		if before, done, failed := s.Outcome(ctx, form); done || failed != nil {
			return CaseID(before), nil, failed
		}
		return "", nil, err
	}
	c := o.Case
	c.ID = CaseID(newID()) // it is sealed once the store knows whose it is
	if c.CheckCode, err = newCheckCode(s.random); err != nil {
		return "", nil, err
	}
	invitations, codes, err := s.invite(c.Heirs)
	if err != nil {
		return "", nil, err
	}
	id, err := s.HeirStore.Register(ctx, form, c, r.PEC, invitations, r.taken, s.entry(who, HeirsRegistered, c))
	if err != nil || id != c.ID {
		return id, nil, err
	}
	return id, codes, nil
}

// end is the last day of the event: that of the death, where it came first.
func (r Registration) end() calendar.Date {
	if end := r.Answers.Period().To; !end.IsZero() && end.Before(r.DiedOn) {
		return end
	}
	return r.DiedOn
}

// flaw is what stands against a registration by itself.
func (r Registration) flaw(now time.Time) error {
	if err := r.PEC.flaw(now); err != nil {
		return err
	}
	today, event := calendar.On(now), r.Answers.Period()
	switch {
	case r.Deceased.GivenName == "" || r.Deceased.FamilyName == "":
		return ErrDeceasedName
	case r.Answers.Cause == "":
		return ErrCauseMissing
	case event.From.IsZero():
		return ErrFirstMissing
	case event.To.IsZero():
		return ErrLastMissing
	}
	if err := deathFlaw(r.DiedOn, today); err != nil {
		return err
	}
	if r.DiedOn.Before(event.From) {
		return ErrDeathBefore
	}
	if err := r.Answers.Flaw(today); err != nil {
		return err
	}
	return heirsFlaw(r.Heirs, r.Deceased.FiscalCode)
}

func deathFlaw(death, today calendar.Date) error {
	switch {
	case death.IsZero():
		return ErrDeathMissing
	case death.After(today):
		return ErrDeathToCome
	}
	return nil
}

// taken is TakenError where the deceased has applied for a day of the event: then heirs
// step into that application (R18).
func (r Registration) taken(applied []Applied) error {
	for _, other := range applied {
		if r.Answers.shares(other) {
			return TakenError{other.Protocol}
		}
	}
	return nil
}

// ask is what the registers say: of the member on the day of the death (A36), of what
// was owed on the day of the application (A38). Who never was a member is not known.
func (s *Heirs) ask(ctx context.Context, r Registration) (k Registers, known bool, err error) {
	known, k.At = true, r.PEC.AcceptedAt.UTC()
	k.Member, err = askMember(ctx, s.members, r.Deceased.FiscalCode, r.DiedOn, calendar.On(s.now()))
	switch {
	case errors.Is(err, ErrMembersSilent):
		k.Silent = append(k.Silent, SilentMembers)
	case errors.Is(err, fault.ErrNotFound):
		known = false
	case err != nil:
		return k, false, err
	}
	k.Position, err = s.contributions.Position(ctx, r.Deceased.FiscalCode, calendar.On(r.PEC.AcceptedAt))
	switch {
	case errors.Is(err, ErrContributionsSilent):
		k.Silent = append(k.Silent, SilentContributions)
	case err != nil:
		return k, false, err
	}
	return k, known, nil
}

// Case is one case, for an officer. That they opened it is written down, and its member
// or heirs can read it.
func (s *Heirs) Case(ctx context.Context, who identity.Actor, id CaseID) (CaseFile, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return CaseFile{}, err
	}
	c, err := s.CaseFile(ctx, id)
	if err != nil {
		return c, err
	}
	return c, s.See(ctx, s.entry(who, CaseOpened, c))
}
