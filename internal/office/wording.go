package office

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
)

// What is written in the register about the texts of the portal.
const (
	WordingProposed  audit.Action = "wording.proposed"
	WordingPublished audit.Action = "wording.published"
	WordingRefused   audit.Action = "wording.refused"
	WordingWithdrawn audit.Action = "wording.withdrawn"
	WordingTaken     audit.Action = "wording.taken" // as a file
	WordingRead      audit.Action = "wording.read"  // a file of them, for a proposal
)

// Why a text is not taken, or not published.
var (
	ErrWordingEmpty   = fault.Invalid("wording.empty")
	ErrWordingLong    = fault.Invalid("wording.long")
	ErrWordingPlain   = fault.Invalid("wording.plain")  // a character that is no text
	ErrWordingPlaces  = fault.Invalid("wording.places") // the placeholders are others
	ErrWordingSame    = fault.Invalid("wording.same")
	ErrWordingUnknown = fault.Invalid("wording.unknown") // no text has this key, or this form
	ErrWordingFile    = fault.Invalid("wording.file")
	ErrWordingOwn     = fault.Refuse("wording.own")
	ErrWordingMoved   = fault.Stale("wording.moved") // another text is in force than when it was proposed
	ErrWordingDecided = fault.Stale("wording.decided")
	ErrWordingWhy     = fault.Invalid("wording.why")
)

// Lang is a language of the portal, as addresses write it.
type Lang string

// Langs lists the languages, the one that is complete first.
var Langs = []Lang{"it", "de", "sl"}

// Wording is a text with its placeholders. Where it changes with a number it has a form
// for each case of its language; Other is there always.
type Wording struct {
	One   string `json:"one,omitempty"`
	Two   string `json:"two,omitempty"`
	Few   string `json:"few,omitempty"`
	Other string `json:"other"`
}

// WordingForms names the forms of a wording, as files and fields name them.
var WordingForms = []string{"one", "two", "few", "other"}

// Form is one of the forms.
func (w *Wording) Form(name string) *string {
	switch name {
	case "one":
		return &w.One
	case "two":
		return &w.Two
	case "few":
		return &w.Few
	}
	return &w.Other
}

// ShippedText is a text as it comes with the program.
type ShippedText struct {
	Key   string
	Area  string
	Words map[Lang]Wording
}

// Forms are the forms that the text has in a language.
func (t ShippedText) Forms(in Lang) []string {
	switch {
	case t.Words["it"].One == "":
		return []string{"other"}
	case in == "sl":
		return WordingForms
	}
	return []string{"one", "other"}
}

// TextFlaw says what is wrong with a form of a wording. It is its Reason.
type TextFlaw struct {
	Form     string
	Reason   *fault.Reason
	Missing  []string // placeholders
	Unknown  []string
	Longest  int
	Language Lang
}

// Error is the reason.
func (f TextFlaw) Error() string { return f.Reason.Error() }

// Unwrap is the reason.
func (f TextFlaw) Unwrap() error { return f.Reason }

var placeholder = regexp.MustCompile(`\{\{\.[A-Za-z][A-Za-z0-9]*\}\}`)

// places are the placeholders of a text, each once. What looks like one and is none is
// told by its braces.
func places(text string) (all []string) {
	for _, p := range placeholder.FindAllString(text, -1) {
		if name := p[3 : len(p)-2]; !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if strings.ContainsAny(placeholder.ReplaceAllString(text, ""), "{}") {
		all = append(all, "{ }")
	}
	return all
}

// countPlace is the placeholder of the number that a text changes with. "Una domanda"
// needs it not.
const countPlace = "Count"

// Longest is how many characters a form may have: what stands in its place on a page
// does not become a page.
func (t ShippedText) Longest(form string) int {
	w := t.Words["it"]
	return 60 + 3*utf8.RuneCountInString(*w.Form(like(form)))
}

// like is the form of the complete language that a form of any is held against.
func like(form string) string {
	if form == "one" {
		return "one"
	}
	return "other"
}

// Flaws are what is wrong with a wording of the text in a language, in the order of its
// forms; and the wording without blanks around it.
func (t ShippedText) Flaws(in Lang, w Wording) (Wording, []TextFlaw) {
	var flaws []TextFlaw
	was := t.Words["it"]
	for _, form := range WordingForms {
		text := w.Form(form)
		*text = strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n"))
		if !slices.Contains(t.Forms(in), form) {
			if *text != "" {
				flaws = append(flaws, TextFlaw{Form: form, Reason: ErrWordingUnknown, Language: in})
			}
			continue
		}
		shipped := *was.Form(like(form))
		f := TextFlaw{Form: form, Longest: t.Longest(form), Language: in}
		has, wants := places(*text), places(shipped)
		for _, p := range wants {
			if !slices.Contains(has, p) && (p != countPlace || form == "other") {
				f.Missing = append(f.Missing, p)
			}
		}
		for _, p := range has {
			if !slices.Contains(wants, p) && (p != countPlace || t.Words["it"].One == "") {
				f.Unknown = append(f.Unknown, p)
			}
		}
		lines := strings.Contains(shipped, "\n")
		switch {
		case *text == "":
			f.Reason = ErrWordingEmpty
		case utf8.RuneCountInString(*text) > f.Longest:
			f.Reason = ErrWordingLong
		case strings.ContainsFunc(*text, func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) && (r != '\n' || !lines) }):
			f.Reason = ErrWordingPlain
		case len(f.Missing)+len(f.Unknown) > 0:
			f.Reason = ErrWordingPlaces
		default:
			continue
		}
		flaws = append(flaws, f)
	}
	return w, flaws
}

// WordingID names a proposal of texts: a random UUID.
type WordingID string

// WordingState is where a proposal stands; the database knows the same words.
type WordingState string

// The states. A draft is a file that was read: nobody but who read it decides whether it
// is proposed.
const (
	WordingDraft   WordingState = "draft"
	WordingOpen    WordingState = "proposed"
	WordingIsOut   WordingState = "published"
	WordingIsNot   WordingState = "refused"
	WordingDropped WordingState = "withdrawn"
)

// WordingChange is another wording of one text in one language, or the way back to the
// shipped one.
type WordingChange struct {
	Key    string
	In     Lang
	To     Wording // zero where it is Back
	Back   bool
	Before int64 // publication that was in force when it was proposed, 0 for the shipped text
}

// WordingProposal is texts that were proposed together: one, or those of a file.
type WordingProposal struct {
	ID       WordingID
	Number   int64 // of its publication, 0 before
	Size     int   // how many changes
	Changes  []WordingChange
	FromFile bool
	Proposed identity.Hand
	Decided  identity.Hand
	State    WordingState
	Why      string // it was refused
}

// InForce is what was published last of each text.
type InForce map[Lang]map[string]PublishedWording

// PublishedWording is a wording with the publication that it came with; Back is the
// shipped one again.
type PublishedWording struct {
	Wording
	Back   bool
	Number int64
}

// Of is what is in force of a text in a language; its number is 0 for the shipped text.
func (f InForce) Of(key string, in Lang) PublishedWording { return f[in][key] }

// Says is what the portal says in a language; false where it has no words in it.
func (f InForce) Says(t ShippedText, in Lang) (Wording, bool) {
	if p := f.Of(t.Key, in); p.Number > 0 && !p.Back {
		return p.Wording, true
	}
	w, ok := t.Words[in]
	return w, ok
}

// MayPublish tells why somebody cannot decide on a proposal.
func (p WordingProposal) MayPublish(who identity.Actor) error {
	return mayDecide(who, p.Proposed, p.State == WordingOpen, ErrWordingDecided, ErrWordingOwn)
}

// decided is the proposal with what came of it.
func (p WordingProposal) decided(state WordingState, who identity.Actor, now time.Time) WordingProposal {
	p.State, p.Decided = state, who.At(now)
	return p
}

// Publish publishes a proposal: nothing of it may have moved since.
func (p WordingProposal) Publish(who identity.Actor, now time.Time, f InForce) (WordingProposal, error) {
	if err := p.MayPublish(who); err != nil {
		return p, err
	}
	for _, c := range p.Changes {
		if f.Of(c.Key, c.In).Number != c.Before {
			return p, fmt.Errorf("%s: %w", c.Key, ErrWordingMoved)
		}
	}
	return p.decided(WordingIsOut, who, now), nil
}

// Refuse sends a proposal back, with the reason.
func (p WordingProposal) Refuse(who identity.Actor, now time.Time, why string) (WordingProposal, error) {
	if err := p.MayPublish(who); err != nil {
		return p, err
	}
	if p.Why = strings.TrimSpace(why); p.Why == "" || utf8.RuneCountInString(p.Why) > LongestStopText {
		return p, ErrWordingWhy
	}
	return p.decided(WordingIsNot, who, now), nil
}

// Withdraw takes one’s own proposal, or draft, back.
func (p WordingProposal) Withdraw(who identity.Actor, now time.Time) (WordingProposal, error) {
	if err := mayWithdraw(who, p.Proposed, p.State == WordingOpen || p.State == WordingDraft, ErrWordingDecided); err != nil {
		return p, err
	}
	return p.decided(WordingDropped, who, now), nil
}
