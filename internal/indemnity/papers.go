package indemnity

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What is written in the register about papers.
const (
	PaperNoted   audit.Action = "indemnity.paper_noted"   // what it is and covers
	PaperHanded  audit.Action = "indemnity.paper_handed"  // its file
	PaperRemoved audit.Action = "indemnity.paper_removed" // with its file
	PaperOpened  audit.Action = "indemnity.paper_opened"
)

// Why a paper is not taken as it stands, and why none is.
var (
	ErrPaperKind     = fault.Invalid("indemnity.paper_kind")
	ErrIssuedMissing = fault.Invalid("indemnity.issued_missing")
	ErrIssuedToCome  = fault.Invalid("indemnity.issued_to_come")
	ErrPaperSent     = fault.Refuse("indemnity.paper_sent")  // it went with the application or with an answer
	ErrPaperLate     = fault.Refuse("indemnity.paper_late")  // the term of the request is over
	ErrPaperNotAsked = fault.Refuse("indemnity.paper_asked") // the request was answered
)

// PaperStore keeps papers and their files. Every write locks the case, hands it to
// judge as it stands and writes nothing if that refuses; and it carries its form: one
// that was stored before is not acted on again.
type PaperStore interface {
	HealthStore
	// FolderOf is the case of a paper; fault.ErrNotFound.
	FolderOf(ctx context.Context, id PaperID) (Folder, error)
	// Note keeps what a paper is, without its file. The same form again says it better,
	// and the same paper that still waits for its file is that paper: document.ErrTooMany.
	Note(ctx context.Context, form once.Form, p Paper, most document.Limits, judge func(Folder) error, e audit.Entry) (PaperID, error)
	// Amend keeps what a paper is in other words.
	Amend(ctx context.Context, form once.Form, p Paper, judge func(Folder) error, e audit.Entry) error
	// Attach keeps the file of a paper in the place of the one that it had. With a spare
	// name it takes no file's place: where there is one by now, the paper gets that name.
	// The same paper with the same file, handed in twice, is the first: document.ErrTooMany.
	Attach(ctx context.Context, form once.Form, p Paper, spare PaperID, f document.File, most document.Limits, judge func(Folder) error, e audit.Entry) (PaperID, error)
	// Remove forgets a paper with its file. The outcome of its form is what it was.
	Remove(ctx context.Context, form once.Form, p Paper, judge func(Folder) error, e audit.Entry) error
	// Open reads the file of a paper, once it is written down that it was opened.
	Open(ctx context.Context, p Paper, e audit.Entry) (io.Reader, error)
	// Look is Open by somebody who turns its pages: it is written down unless they had
	// opened it since then.
	Look(ctx context.Context, p Paper, e audit.Entry, since time.Time) (io.Reader, error)
	// Disclose keeps that somebody has what is covered of a case shown, with its entry.
	Disclose(ctx context.Context, form once.Form, d audit.Disclosure) error
	// Openings is when the office opened the papers of a case, newest first.
	Openings(ctx context.Context, id CaseID) ([]Opening, error)
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)
}

// Folder is a case as far as its papers matter: whose it is, whether it was sent, and
// what is asked for (fascicolo). The papers are in the order in which they were added.
type Folder struct {
	Case     CaseID
	Member   identity.PersonID
	Heirs    map[identity.PersonID]HeirID // who have linked themselves to it
	Sent     bool
	Officer  identity.PersonID // who examines it, "" while nobody does
	Waits    bool              // what one officer proposed on it waits for its second person
	Again    bool              // it is checked, or looked at again
	State    State             // "" of a draft
	Channel  Channel           // by which it was sent
	Requests []Request         // id, whose, state and last day only
	Papers   []Paper
}

// Opening is that somebody of the office, or an auditor, opened a paper.
type Opening struct {
	Paper PaperID
	At    time.Time
	Name  string // of who did
	Audit bool   // as an auditor
}

// Papers is how people hand in papers, for a draft or in answer to a request, and how
// the office registers what came to it in another way.
type Papers struct {
	PaperStore
	now  func() time.Time
	most func(context.Context) document.Limits
}

// NewPapers is the service on a store, with a clock.
func NewPapers(s PaperStore, now func() time.Time) *Papers {
	return &Papers{s, now, func(context.Context) document.Limits { return document.Usual }}
}

// Within is the service with limits of its own for the files of a case.
func (s *Papers) Within(most func(context.Context) document.Limits) *Papers {
	return &Papers{s.PaperStore, s.now, most}
}

// Note keeps what a paper is and which days it covers, before its file is there:
// whatever becomes of the file, nothing of it is lost. Of the paper are given the case,
// the kind, the days, and what it answers or replaces.
func (s *Papers) Note(ctx context.Context, who identity.Actor, form once.Form, p Paper) (PaperID, error) {
	if err := p.Flaw(calendar.On(s.now())); err != nil {
		return "", err
	}
	c, err := s.Folder(ctx, p.Case)
	if err == nil {
		err = c.takes(who, p, s.now())
	}
	if err != nil {
		return "", err
	}
	p.ID, p.Attachment, p.AddedBy, p.AddedAt, p.SentAt = PaperID(newID()), "", who.Person, s.now(), time.Time{}
	return s.PaperStore.Note(ctx, form, p, s.most(ctx), s.judge(who, p), s.entry(who, PaperNoted, c, p.ID))
}

// Amend says what a paper is in other words. One that was sent stays as it is.
func (s *Papers) Amend(ctx context.Context, who identity.Actor, form once.Form, p Paper) error {
	if err := p.Flaw(calendar.On(s.now())); err != nil {
		return err
	}
	c, kept, err := s.mine(ctx, who, p.ID)
	if err != nil {
		return err
	}
	kept.Kind, kept.IssuedOn, kept.Covers, kept.Expires, kept.AddedAt = p.Kind, p.IssuedOn, p.Covers, p.Expires, s.now()
	return s.PaperStore.Amend(ctx, form, kept, s.judge(who, kept), s.entry(who, PaperNoted, c, kept.ID))
}

// Hand keeps the file of a paper that was just noted. It tells which paper has it in the
// end: the same one, handed in twice, is kept once.
func (s *Papers) Hand(ctx context.Context, who identity.Actor, form once.Form, p Paper, f document.File) (PaperID, error) {
	c, err := s.Folder(ctx, p.Case)
	if err == nil {
		err = c.takes(who, p, s.now())
	}
	if err != nil {
		return "", err
	}
	return s.attach(ctx, who, form, c, p, PaperID(newID()), f)
}

// Attach keeps the file of a paper that was not sent, in the place of the one that it
// had.
func (s *Papers) Attach(ctx context.Context, who identity.Actor, form once.Form, id PaperID, f document.File) (PaperID, error) {
	c, p, err := s.mine(ctx, who, id)
	if err != nil {
		return "", err
	}
	return s.attach(ctx, who, form, c, p, "", f)
}

func (s *Papers) attach(ctx context.Context, who identity.Actor, form once.Form, c Folder, p Paper, spare PaperID, f document.File) (PaperID, error) {
	p.Attachment, p.AddedBy, p.AddedAt, p.Digest = newID(), who.Person, s.now(), f.Digest
	if c.office(who, p) {
		p.SentAt = p.AddedAt // it has come already
	}
	return s.PaperStore.Attach(ctx, form, p, spare, f, s.most(ctx), s.judge(who, p), s.entry(who, PaperHanded, c, p.ID))
}

// Remove forgets a paper that was not sent, with its file. The same form again finds it
// gone, and that is no refusal.
func (s *Papers) Remove(ctx context.Context, who identity.Actor, form once.Form, id PaperID) error {
	c, p, err := s.mine(ctx, who, id)
	if errors.Is(err, fault.ErrNotFound) {
		_, err = s.Removed(ctx, form)
		return err
	}
	if err != nil {
		return err
	}
	return s.PaperStore.Remove(ctx, form, p, s.judge(who, p), s.entry(who, PaperRemoved, c, p.ID))
}

// Removed is what a paper was that a form has removed before; fault.ErrNotFound.
func (s *Papers) Removed(ctx context.Context, form once.Form) (PaperKind, error) {
	kind, done, err := s.Outcome(ctx, form)
	if err == nil && !done {
		err = fault.ErrNotFound
	}
	return PaperKind(kind), err
}

// Paper is one that the actor may open; fault.ErrNotFound, ErrHealthPaper.
func (s *Papers) Paper(ctx context.Context, who identity.Actor, id PaperID) (Paper, error) {
	_, p, err := s.open(ctx, who, id)
	return p, err
}

// Read opens the file of a paper. It is written down, and who applied reads when the
// office did.
func (s *Papers) Read(ctx context.Context, who identity.Actor, id PaperID) (Paper, io.Reader, error) {
	c, p, err := s.open(ctx, who, id)
	if err == nil && p.Attachment == "" {
		err = fault.ErrNotFound
	}
	if err != nil {
		return p, nil, err
	}
	content, err := s.Open(ctx, p, s.entry(who, PaperOpened, c, p.ID))
	return p, content, err
}

func (s *Papers) open(ctx context.Context, who identity.Actor, id PaperID) (Folder, Paper, error) {
	c, err := s.FolderOf(ctx, id)
	if err != nil {
		return c, Paper{}, err
	}
	p, there := c.paper(id)
	if !there || !c.opens(who, p) {
		return c, Paper{}, fault.ErrNotFound
	}
	if who.Role == identity.Welfare {
		if err := s.shows(ctx, who, c, p); err != nil {
			return c, Paper{}, err
		}
	}
	return c, p, nil
}

// mine is a paper that the actor may change, as far as it is known before the case is
// locked.
func (s *Papers) mine(ctx context.Context, who identity.Actor, id PaperID) (Folder, Paper, error) {
	c, err := s.FolderOf(ctx, id)
	if err != nil {
		return c, Paper{}, err
	}
	p, there := c.paper(id)
	if !there {
		return c, p, fault.ErrNotFound
	}
	return c, p, c.takes(who, p, s.now())
}

// judge asks the same of the case as it stands once it is locked.
func (s *Papers) judge(who identity.Actor, p Paper) func(Folder) error {
	return func(c Folder) error {
		if kept, there := c.paper(p.ID); there {
			p.SentAt, p.AddedBy = kept.SentAt, kept.AddedBy
		} else {
			p.SentAt, p.AddedBy = time.Time{}, who.Person
		}
		return c.takes(who, p, s.now())
	}
}

func (s *Papers) entry(who identity.Actor, action audit.Action, c Folder, id PaperID) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: action, Subject: string(id), About: c.Member}
}

func (c Folder) paper(id PaperID) (Paper, bool) {
	if i := slices.IndexFunc(c.Papers, func(p Paper) bool { return p.ID == id }); i >= 0 {
		return c.Papers[i], true
	}
	return Paper{}, false
}

// of tells whether a case is the actor's, or of whom they stand for.
func (c Folder) of(who identity.Actor) bool {
	return who.Role != identity.Welfare && (who.For == c.Member || c.Heirs[who.For] != "")
}

// office tells whether the office may register a paper: what belongs to a case that came
// by another way, and what comes when a member has died (R17, R18).
func (c Folder) office(who identity.Actor, p Paper) bool {
	return who.Role == identity.Welfare && who.Has(identity.Prepare) && c.Sent && p.Request == "" &&
		(c.Channel != Portal || p.Kind == DeathCertificate || p.Kind == Heirship || p.Kind == PECMessage)
}

// Together tells whether two papers are of the same side: of one heir, or of the member
// and who acts for them. Each heir answers for the papers that they brought.
func (c Folder) Together(a, b Paper) bool { return c.Heirs[a.AddedBy] == c.Heirs[b.AddedBy] }

// others tells whether a paper that was not sent is of somebody else than an actor of
// the case: what one heir brought is no other's to change.
func (c Folder) others(who identity.Actor, p Paper) bool {
	return c.Heirs[who.For] != "" && p.AddedBy != "" && p.AddedBy != who.Person
}

// takes tells whether a paper may be added to a case, changed in it or taken out of it:
// before it is sent, or for a request that can still be answered.
func (c Folder) takes(who identity.Actor, p Paper, now time.Time) error {
	switch {
	case !c.of(who) && !c.office(who, p), p.SentAt.IsZero() && c.of(who) && c.others(who, p):
		return fault.ErrNotFound
	case !p.SentAt.IsZero():
		return ErrPaperSent
	case c.office(who, p), p.Request == "" && !c.Sent:
		return nil
	case p.Request == "":
		return ErrDraftSent
	}
	for _, r := range c.Requests {
		switch {
		case string(r.ID) != p.Request:
		case r.Heir != "" && r.Heir != c.Heirs[who.For]:
			return ErrRequestOther
		case errors.Is(r.MayAnswer(now), ErrRequestOver), c.State != Submitted && c.State != InReview:
			return ErrPaperNotAsked
		case r.MayAnswer(now) != nil:
			return ErrPaperLate
		default:
			return nil
		}
	}
	return fault.ErrNotFound
}

// opens tells whether somebody may read a paper: its member and who stands for them; an
// heir what they brought; of the office those who examine, once it was sent, and see shows.
func (c Folder) opens(who identity.Actor, p Paper) bool {
	if who.Role == identity.Welfare {
		return !p.SentAt.IsZero() && (who.Has(identity.Prepare) || who.Has(identity.Approve))
	}
	return who.For == c.Member || c.of(who) && p.AddedBy == who.Person
}

// Flaw is what stands against what is said of a paper, nil for nothing: which it is, and
// the days that a paper of its kind must tell.
func (p Paper) Flaw(today calendar.Date) error {
	missing := p.Missing()
	switch {
	case len(missing) > 0:
		return missing[0]
	case p.IssuedOn.After(today):
		return ErrIssuedToCome
	case !p.Covers.IsZero() && !p.Covers.Valid():
		return ErrDaysReversed
	}
	return nil
}

// Missing is what a paper of its kind must say and does not, in the order of its form.
func (p Paper) Missing() []*fault.Reason {
	days := p.Kind.covers() || !p.Covers.IsZero()
	return untold(gap{!slices.Contains(PaperKinds, p.Kind), ErrPaperKind}, gap{p.Kind.Medical() && p.IssuedOn.IsZero(), ErrIssuedMissing},
		gap{days && p.Covers.From.IsZero(), ErrFirstMissing}, gap{days && p.Covers.To.IsZero(), ErrLastMissing})
}

// covers tells whether a paper must say which days it covers. That of a cycle lists its
// days among the answers.
func (k PaperKind) covers() bool { return k.Medical() && k != CycleFinal }
