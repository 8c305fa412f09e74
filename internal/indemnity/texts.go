package indemnity

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What is written in the register about standard texts. The subject is the version.
const (
	TextProposed audit.Action = "indemnity.text_proposed"
	TextApproved audit.Action = "indemnity.text_approved"
	TextSentBack audit.Action = "indemnity.text_sent_back"
)

// Why a standard text is not proposed, or not approved.
var (
	ErrTextEmpty    = fault.Invalid("indemnity.text_empty")
	ErrTextSend     = fault.Invalid("indemnity.text_send") // an item says what to send
	ErrTextLong     = fault.Invalid("indemnity.text_long")
	ErrTextVariable = fault.Invalid("indemnity.text_variable") // see StandardText.Unknown
	ErrTextSame     = fault.Refuse("indemnity.text_same")
	ErrTextOpen     = fault.Refuse("indemnity.text_open")    // a version waits for its second person
	ErrTextDecided  = fault.Refuse("indemnity.text_decided") // none waits any more
	ErrOwnText      = fault.Refuse("indemnity.own_text")
	ErrTextWhy      = fault.Invalid("indemnity.text_why")
	ErrTextMoved    = fault.Stale("indemnity.text_moved")
)

// TextKey names a standard text (modello di testo), as addresses do.
type TextKey string

// TextState is where a version of a standard text stands; the database knows the same
// words.
type TextState string

// The states of a version.
const (
	TextWaits    TextState = "proposed"
	TextInUse    TextState = "approved" // in force until the next is
	TextReturned TextState = "sent_back"
)

// TextVersion is a version of a standard text. It never changes once it is proposed.
type TextVersion struct {
	ID     string // in the register
	Key    TextKey
	Number int // 0: it came with the program
	Wording
	State      TextState
	ProposedBy identity.Person
	ProposedAt time.Time
	DecidedBy  identity.Person
	DecidedAt  time.Time
	Why        string // it was sent back
}

// MayDecide tells why somebody can neither approve the version nor send it back: nobody
// decides on what they proposed.
func (v TextVersion) MayDecide(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Approve); err != nil {
		return err
	}
	switch {
	case v.State != TextWaits:
		return ErrTextDecided
	case v.ProposedBy.ID == who.Person:
		return ErrOwnText
	}
	return nil
}

// TextFile is a standard text with all its versions, the newest first; the last of them
// came with the program.
type TextFile struct {
	StandardText
	Versions []TextVersion
}

// InForce is the version that officers are offered.
func (t TextFile) InForce() TextVersion {
	return t.Versions[slices.IndexFunc(t.Versions, func(v TextVersion) bool { return v.State == TextInUse })]
}

// Open is the version that waits for its second person, nil for none.
func (t TextFile) Open() *TextVersion {
	if i := slices.IndexFunc(t.Versions, func(v TextVersion) bool { return v.State == TextWaits }); i >= 0 {
		return &t.Versions[i]
	}
	return nil
}

// Newest is the number of the newest version, whatever came of it.
func (t TextFile) Newest() int { return t.Versions[0].Number }

// MayPropose tells why somebody cannot propose a wording for the text.
func (t TextFile) MayPropose(who identity.Actor, w Wording) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	if t.Open() != nil {
		return ErrTextOpen
	}
	if err := t.flaw(w); err != nil {
		return err
	}
	if w == t.InForce().Wording {
		return ErrTextSame
	}
	return nil
}

// flaw is what stands against a wording by itself.
func (t StandardText) flaw(w Wording) error {
	long := func(s string) bool { return utf8.RuneCountInString(s) > t.Longest() }
	switch {
	case w.Text == "":
		return ErrTextEmpty
	case t.Use == ItemText && w.Send == "":
		return ErrTextSend
	case t.Use != ItemText && w.Send != "" || long(w.Text) || long(w.Send):
		return ErrTextLong
	case len(t.Unknown(w)) > 0:
		return ErrTextVariable
	}
	return nil
}

// TextStore keeps what people made of the standard texts.
type TextStore interface {
	// TextVersions is every version of a text, or of all for "": newest first.
	TextVersions(ctx context.Context, of TextKey) ([]TextVersion, error)
	// ProposeText keeps a version. ErrTextOpen; ErrTextMoved when its number is taken.
	ProposeText(ctx context.Context, form once.Form, v TextVersion, e audit.Entry) error
	// DecideText locks a version, asks what becomes of it, and keeps that;
	// fault.ErrNotFound.
	DecideText(ctx context.Context, form once.Form, key TextKey, number int, decide func(TextVersion) (TextVersion, audit.Entry, error)) error
}

// Texts is the standard texts of the welfare service: officers are offered the version in
// force, and what is sent is what they make of it.
type Texts struct {
	store TextStore
	now   func() time.Time
}

// NewTexts is the service on a store, with a clock.
func NewTexts(s TextStore, now func() time.Time) *Texts { return &Texts{s, now} }

// All lists the standard texts in their order, for who works with them.
func (s *Texts) All(ctx context.Context, who identity.Actor) ([]TextFile, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return nil, err
	}
	versions, err := s.store.TextVersions(ctx, "")
	if err != nil {
		return nil, err
	}
	var all []TextFile
	for _, t := range StandardTexts() {
		all = append(all, t.with(versions))
	}
	return all, nil
}

// One is a standard text with its versions; fault.ErrNotFound.
func (s *Texts) One(ctx context.Context, who identity.Actor, key TextKey) (TextFile, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return TextFile{}, err
	}
	t := standardText(func(t StandardText) bool { return t.Key == key })
	if t.Key == "" {
		return TextFile{}, fault.ErrNotFound
	}
	versions, err := s.store.TextVersions(ctx, key)
	return t.with(versions), err
}

// with is the text with its versions among some, and the one of the program below them.
func (t StandardText) with(versions []TextVersion) TextFile {
	f := TextFile{StandardText: t}
	for _, v := range versions {
		if v.Key == t.Key {
			f.Versions = append(f.Versions, v)
		}
	}
	f.Versions = append(f.Versions, TextVersion{Key: t.Key, Wording: t.Wording, State: TextInUse})
	return f
}

// Propose proposes a wording, as its reader saw the newest version: nothing changes until
// another officer approves.
func (s *Texts) Propose(ctx context.Context, who identity.Actor, form once.Form, key TextKey, newest int, w Wording) error {
	t, err := s.One(ctx, who, key)
	if err != nil {
		return err
	}
	w = w.Trimmed()
	v := TextVersion{ID: newID(), Key: key, Number: newest + 1, Wording: w, State: TextWaits, ProposedBy: identity.Person{ID: who.Person}, ProposedAt: s.now()}
	switch err := who.Must(identity.Welfare, identity.Prepare); {
	case err != nil:
		return err
	case newest > t.Newest():
		return ErrTextMoved
	case newest == t.Newest(): // or else the store tells whether it was this form that moved it
		if err := t.MayPropose(who, w); err != nil {
			return err
		}
	}
	return s.store.ProposeText(ctx, form, v, s.entry(who, TextProposed, v))
}

// Approve puts a proposed version in force.
func (s *Texts) Approve(ctx context.Context, who identity.Actor, form once.Form, key TextKey, number int) error {
	return s.store.DecideText(ctx, form, key, number, func(v TextVersion) (TextVersion, audit.Entry, error) {
		if err := v.MayDecide(who); err != nil {
			return v, audit.Entry{}, err
		}
		v.State, v.DecidedBy, v.DecidedAt = TextInUse, identity.Person{ID: who.Person}, s.now()
		return v, s.entry(who, TextApproved, v), nil
	})
}

// SendBack sends a proposed version back to who proposed it, with the reason.
func (s *Texts) SendBack(ctx context.Context, who identity.Actor, form once.Form, key TextKey, number int, why string) error {
	why = strings.TrimSpace(why)
	return s.store.DecideText(ctx, form, key, number, func(v TextVersion) (TextVersion, audit.Entry, error) {
		if err := v.MayDecide(who); err != nil {
			return v, audit.Entry{}, err
		}
		if why == "" || utf8.RuneCountInString(why) > NoteLength {
			return v, audit.Entry{}, ErrTextWhy
		}
		v.State, v.DecidedBy, v.DecidedAt, v.Why = TextReturned, identity.Person{ID: who.Person}, s.now(), why
		return v, s.entry(who, TextSentBack, v), nil
	})
}

// Offered are the wordings in force, which officers are offered.
type Offered map[TextKey]Wording

// Offered are the wordings in force, read at once.
func (s *Texts) Offered(ctx context.Context) (Offered, error) {
	versions, err := s.store.TextVersions(ctx, "")
	if err != nil {
		return nil, err
	}
	all := Offered{}
	for _, t := range standardTexts {
		all[t.Key] = t.with(versions).InForce().Wording
	}
	return all, nil
}

// ForItem is the wording of something that is asked for on account of a check; empty
// where there is none, and the officer writes it.
func (o Offered) ForItem(check Check, i RequestItem) Wording {
	return o[standardText(func(t StandardText) bool {
		return t.Use == ItemText && t.Asks == i.Asks() && t.Paper == i.Paper && (i.Paper != "" || t.Check == check)
	}).Key]
}

// ForRequest is what a request of a kind begins with.
func (o Offered) ForRequest(kind RequestKind) string {
	return o[standardText(func(t StandardText) bool { return t.Use == RequestText && t.Request == kind }).Key].Text
}

// ForOutcome is what the letter of an outcome says beside its grounds; "" for one that
// only the officer can explain.
func (o Offered) ForOutcome(to State) string {
	return o[standardText(func(t StandardText) bool { return t.Use == OutcomeText && t.Outcome == to }).Key].Text
}

func (s *Texts) entry(who identity.Actor, action audit.Action, v TextVersion) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: action, Subject: v.ID}
}

// DaysToAnswer are the days that the call gives to answer a request of a kind.
func (c CaseFile) DaysToAnswer(kind RequestKind) int {
	return c.term(kind, calendar.On(c.SubmittedAt)).Days
}
