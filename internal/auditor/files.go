package auditor

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/internal/voucher"
)

// What is written when an auditor reads a case. Who applied finds it among those who
// read it.
const (
	FileSought audit.Action = "oversight.file_sought"
	FileOpened audit.Action = "oversight.file_opened"
	DatumShown audit.Action = "oversight.datum_shown" // with its Reason
)

// Why a datum stays covered.
var (
	ErrNoFile      = fault.Invalid("oversight.no_file")    // of that protocol number
	ErrNoGround    = fault.Invalid("oversight.no_ground")  // none was chosen
	ErrShownBefore = fault.Stale("oversight.shown_before") // with this form: each look has its own reason
	ErrHealthPaper = fault.Refuse("oversight.health_paper")
)

// The grounds that an auditor has.
const (
	ForComplaint audit.Ground = "complaint" // reclamo o segnalazione
	ForSample    audit.Ground = "sample"    // controllo a campione
	ForAct       audit.Ground = "act"       // verifica di un atto
	ForAuthority audit.Ground = "authority" // richiesta di un’autorità
	ForSecurity  audit.Ground = "security"  // sospetto di accesso indebito
)

// Grounds lists them, in the order in which they are offered.
var Grounds = []audit.Ground{ForComplaint, ForSample, ForAct, ForAuthority, ForSecurity}

// clean is a reason as it is kept, and what stands against it.
func clean(why audit.Reason) (audit.Reason, error) {
	if !slices.Contains(Grounds, why.Ground) {
		return why, ErrNoGround
	}
	return why.Clean()
}

// File is a case of either programme as an auditor reads it: what tells who somebody is,
// and what people wrote, is covered. One of the two parts is there.
type File struct {
	ID           string
	Programme    identity.Scope
	Protocol     string
	About        identity.PersonID
	Contribution *Applied
	Indemnity    *Examined
	Papers       []Paper // of its requests for re-examination
	Data         []Datum // what is covered, in the order of the file
}

// Datum is a covered datum by its name in the file; fault.ErrNotFound.
func (f File) Datum(key string) (Datum, error) {
	at := slices.IndexFunc(f.Data, func(d Datum) bool { return d.Key() == key })
	if at < 0 {
		return Datum{}, fault.ErrNotFound
	}
	return f.Data[at], nil
}

// FileStore finds cases and keeps what was shown of them.
type FileStore interface {
	// FileOf is the programme of a case; fault.ErrNotFound.
	FileOf(ctx context.Context, id string) (identity.Scope, error)
	// FileBy is the case of a protocol number, with who it is about; fault.ErrNotFound.
	FileBy(ctx context.Context, protocol string) (id string, about identity.PersonID, err error)
	// Disclose keeps that something is shown, with its entry: ErrShownBefore where this
	// form has shown it.
	Disclose(ctx context.Context, form once.Form, d audit.Disclosure) error
	// Disclosed tells whether something was shown to somebody since then.
	Disclosed(ctx context.Context, to identity.PersonID, file, datum string, since time.Time) (bool, error)
	// Papers are the files of some requests for re-examination, by their ids, the oldest
	// first.
	Papers(ctx context.Context, reviews []string) ([]Paper, error)
	// Money is what was paid for the sessions of an application to the contribution.
	Money(ctx context.Context, id voucher.ApplicationID) (Money, error)
	// Write appends to the register.
	Write(ctx context.Context, e audit.Entry) error
}

// Files is the cases of both programmes, for auditors (U-02).
type Files struct {
	FileStore
	from Sources
	now  func() time.Time
}

// Sources are the services and stores of the programmes that files are read from.
type Sources struct {
	Contribution *voucher.Desk
	Reviews      voucher.ReexaminationStore
	Indemnity    *indemnity.Desk
	Threads      indemnity.ThreadStore
	Papers       indemnity.PaperStore
	CaseReviews  indemnity.ReexaminationStore
	Money        payment.CaseStore
}

// NewFiles is the service on a store and what files are read from, with a clock.
func NewFiles(s FileStore, from Sources, now func() time.Time) *Files {
	return &Files{s, from, now}
}

// Find is the case of a protocol number. That somebody looked for it is written down.
func (s *Files) Find(ctx context.Context, who identity.Actor, protocol string) (string, error) {
	if err := MayAudit(who); err != nil {
		return "", err
	}
	id, about, err := s.FileBy(ctx, strings.ToUpper(strings.Join(strings.Fields(protocol), "")))
	if err != nil && fault.As(err) != fault.ErrNotFound {
		return "", err
	}
	if err := s.Write(ctx, audit.Entry{At: s.now(), Actor: who, Action: FileSought, Subject: id, About: about}); err != nil {
		return "", err
	}
	if id == "" {
		return "", ErrNoFile
	}
	return id, nil
}

// Open is a case, covered. That it was opened is written down.
func (s *Files) Open(ctx context.Context, who identity.Actor, id string) (File, error) {
	if err := MayAudit(who); err != nil {
		return File{}, err
	}
	f, err := s.file(ctx, who.Person, id)
	if err != nil {
		return f, err
	}
	return f, s.Write(ctx, audit.Entry{At: s.now(), Actor: who, Action: FileOpened, Subject: id, About: f.About})
}

// file reads a case and covers it.
func (s *Files) file(ctx context.Context, reader identity.PersonID, id string) (f File, err error) {
	of, err := s.FileOf(ctx, id)
	if err != nil {
		return File{}, err
	}
	var reviews []string
	if of == identity.VoucherOnly {
		c, err := s.applied(ctx, voucher.ApplicationID(id))
		if err != nil {
			return File{}, err
		}
		for _, r := range c.Reviews {
			reviews = append(reviews, string(r.ID))
		}
		f = coverContribution(c)
	} else {
		x, err := s.examined(ctx, reader, indemnity.CaseID(id))
		if err != nil {
			return File{}, err
		}
		for _, r := range x.Reviews {
			reviews = append(reviews, string(r.ID))
		}
		f = coverIndemnity(x)
	}
	if len(reviews) == 0 {
		return f, nil
	}
	f.Papers, err = s.FileStore.Papers(ctx, reviews)
	coverPapers(f.Papers)
	return f, err
}

// History is what the register says of a case, newest first. Of those who do not work for
// an office it has the initials.
func (s *Files) History(ctx context.Context, f File) (looks []audit.Look, err error) {
	if f.Contribution != nil {
		looks, err = s.from.Contribution.History(ctx, f.Contribution.Case)
	} else {
		looks, err = s.from.Indemnity.History(ctx, f.Indemnity.CaseFile)
	}
	for i, l := range looks {
		if !slices.Contains(officeRoles, l.Role) {
			looks[i].Name = initials(l.Name)
		}
	}
	return looks, err
}

// Deliveries are the messages about a request, the oldest first, with the initials of who
// they are to.
func (s *Files) Deliveries(ctx context.Context, id indemnity.RequestID) ([]indemnity.Delivery, error) {
	told, err := s.from.Indemnity.Deliveries(ctx, id)
	for i := range told {
		told[i].Reader = initials(told[i].Reader)
	}
	return told, err
}

// officeRoles are those whose names stand in the register for their work.
var officeRoles = []identity.Role{identity.CNOP, identity.INPS, identity.Welfare, identity.Oversight}

// Show is what a covered datum says, to who has a reason: that it is shown, and why, is
// written down before.
func (s *Files) Show(ctx context.Context, who identity.Actor, form once.Form, id, key string, why audit.Reason) (Datum, string, error) {
	if err := MayAudit(who); err != nil {
		return Datum{}, "", err
	}
	f, err := s.file(ctx, who.Person, id)
	if err != nil {
		return Datum{}, "", err
	}
	d, err := f.Datum(key)
	if err != nil {
		return d, "", err
	}
	if why, err = clean(why); err != nil {
		return d, "", err
	}
	return d, d.says, s.Disclose(ctx, form, audit.Disclosure{File: id, Of: f.Programme, Datum: key, Reason: why,
		Entry: audit.Entry{At: s.now(), Actor: who, Action: DatumShown, Subject: id, About: f.About}})
}

// PaperKey is the datum that a paper is.
func PaperKey(id indemnity.PaperID) string { return "paper." + string(id) }

// Paper is a paper of a case as the list has it: sent, and not about somebody's health;
// fault.ErrNotFound, ErrHealthPaper.
func (f File) Paper(id indemnity.PaperID) (indemnity.Paper, error) {
	if f.Indemnity == nil {
		return indemnity.Paper{}, fault.ErrNotFound
	}
	at := slices.IndexFunc(f.Indemnity.Papers, func(d indemnity.Paper) bool { return d.ID == id && !d.SentAt.IsZero() && d.Attachment != "" })
	switch {
	case at < 0:
		return indemnity.Paper{}, fault.ErrNotFound
	case f.Indemnity.Papers[at].Kind.Medical():
		return indemnity.Paper{}, ErrHealthPaper
	}
	return f.Indemnity.Papers[at], nil
}

// ShowPaper lets an auditor who has a reason look at a paper, for indemnity.LookedFor.
func (s *Files) ShowPaper(ctx context.Context, who identity.Actor, form once.Form, id string, paper indemnity.PaperID, why audit.Reason) error {
	if err := MayAudit(who); err != nil {
		return err
	}
	f, err := s.file(ctx, who.Person, id)
	if err != nil {
		return err
	}
	if _, err = f.Paper(paper); err != nil {
		return err
	}
	if why, err = clean(why); err != nil {
		return err
	}
	return s.Disclose(ctx, form, audit.Disclosure{File: id, Of: f.Programme, Datum: PaperKey(paper), Reason: why,
		Entry: audit.Entry{At: s.now(), Actor: who, Action: DatumShown, Subject: id, About: f.About}})
}

// MayLook tells whether an auditor has said why they look at a paper, and not too long
// ago.
func (s *Files) MayLook(ctx context.Context, who identity.Actor, id string, paper indemnity.PaperID) (bool, error) {
	if err := MayAudit(who); err != nil {
		return false, err
	}
	return s.Disclosed(ctx, who.Person, id, PaperKey(paper), s.now().Add(-indemnity.LookedFor))
}

// Look opens the file of a paper for which MayLook holds; fault.ErrNotFound. It is
// written down once for a look, as of the office.
func (s *Files) Look(ctx context.Context, who identity.Actor, id string, paper indemnity.PaperID) (p indemnity.Paper, content io.Reader, err error) {
	switch may, err := s.MayLook(ctx, who, id, paper); {
	case err != nil:
		return p, nil, err
	case !may:
		return p, nil, fault.ErrNotFound
	}
	f, err := s.file(ctx, who.Person, id)
	if err != nil {
		return p, nil, err
	}
	if p, err = f.Paper(paper); err != nil {
		return p, nil, err
	}
	now := s.now()
	content, err = s.from.Papers.Look(ctx, p, audit.Entry{At: now, Actor: who, Action: indemnity.PaperOpened, Subject: string(paper), About: f.About}, now.Add(-indemnity.LookedFor))
	return p, content, err
}
