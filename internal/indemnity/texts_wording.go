package indemnity

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// TextUse is what a standard text is for.
type TextUse string

// The uses.
const (
	RequestText TextUse = "request" // how a request to who applied begins
	ItemText    TextUse = "item"    // something that is asked for in it
	OutcomeText TextUse = "outcome" // of the letter of a decision, beside its grounds
)

// Asking is what an item of a request asks for.
type Asking string

// The askings.
const (
	AskAgain       Asking = "again"       // a paper that is there, once more
	AskMissing     Asking = "missing"     // a paper that is not there
	AskExplanation Asking = "explanation" // no paper at all
)

// Asks is what the item asks for.
func (i RequestItem) Asks() Asking {
	switch {
	case i.Paper == "":
		return AskExplanation
	case i.Of == "":
		return AskMissing
	}
	return AskAgain
}

// StandardText is a text that officers begin from, as it comes with the program.
type StandardText struct {
	Key     TextKey     `json:"key"`
	Use     TextUse     `json:"use"`
	Request RequestKind `json:"request,omitempty"` // it begins
	Asks    Asking      `json:"asks,omitempty"`    // what the item asks for
	Paper   PaperKind   `json:"paper,omitempty"`   // of the item
	Check   Check       `json:"check,omitempty"`   // of an explanation
	Outcome State       `json:"outcome,omitempty"` // of the letter
	Wording
}

// Wording is what a text says.
type Wording struct {
	Text string `json:"text"`           // of an item: what is wrong
	Send string `json:"send,omitempty"` // of an item: what to send, or do
}

// Trimmed is the wording as it is kept: without blanks around it.
func (w Wording) Trimmed() Wording {
	clean := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	return Wording{clean(w.Text), clean(w.Send)}
}

// ItemLength is how many characters each part of an item may have. Other texts have as
// many as a note: see NoteLength.
const ItemLength = 500

// Longest is how many characters each part of the text may have.
func (t StandardText) Longest() int {
	if t.Use == ItemText {
		return ItemLength
	}
	return NoteLength
}

//go:embed texts.json
var shippedTexts []byte

var standardTexts = func() (all []StandardText) {
	if err := json.Unmarshal(shippedTexts, &all); err != nil {
		panic(err) // a test reads it first
	}
	return all
}()

// StandardTexts lists every standard text in its order, as the program brings it.
func StandardTexts() []StandardText { return slices.Clone(standardTexts) }

// standardText is the first that is what is wanted; the zero one when there is none.
func standardText(is func(StandardText) bool) (t StandardText) {
	if i := slices.IndexFunc(standardTexts, is); i >= 0 {
		t = standardTexts[i]
	}
	return t
}

// Variable is a name in braces that stands for something of the case: {protocollo}.
type Variable string

// The variables, as officers write them.
const (
	VarName     Variable = "nome"       // of the member
	VarProtocol Variable = "protocollo" // of the application
	VarCall     Variable = "bando"      // its month: "maggio 2026"
	VarPeriod   Variable = "periodo"    // of the event: "dal 4 al 17 maggio 2026"
	VarDays     Variable = "giorni"     // to answer in: "15"
	VarArticle  Variable = "articolo"   // of the call, where the check stands
)

// Variables are those that a text may have.
func (t StandardText) Variables() []Variable {
	switch t.Use {
	case RequestText:
		return []Variable{VarName, VarProtocol, VarCall, VarPeriod, VarDays}
	case ItemText:
		return []Variable{VarPeriod, VarDays, VarArticle, VarProtocol, VarCall}
	}
	return []Variable{VarName, VarProtocol, VarCall, VarPeriod}
}

var variable = regexp.MustCompile(`\{[^{}\s]*\}|[{}]`)

// Unknown are the variables in a wording that the text may not have, as they were
// written, each once; a brace by itself is one.
func (t StandardText) Unknown(w Wording) (all []string) {
	for _, found := range variable.FindAllString(w.Text+"\n"+w.Send, -1) {
		if !slices.Contains(t.Variables(), Variable(strings.Trim(found, "{}"))) && !slices.Contains(all, found) {
			all = append(all, found)
		}
	}
	return all
}

// Filled is the wording with what its variables stand for. One without a value stays as
// it is written, for the officer to replace.
func (w Wording) Filled(values map[Variable]string) Wording {
	fill := func(s string) string {
		return variable.ReplaceAllStringFunc(s, func(found string) string {
			if v := values[Variable(strings.Trim(found, "{}"))]; v != "" {
				return v
			}
			return found
		})
	}
	return Wording{fill(w.Text), fill(w.Send)}
}

// SentenceWords is how many words a sentence may have that people read at once.
const SentenceWords = 25

// Sentence is a sentence of a text.
type Sentence struct {
	Text  string
	Words int
}

// Long tells whether the sentence is hard to read.
func (s Sentence) Long() bool { return s.Words > SentenceWords }

// abbreviations are words after whose full stop a sentence goes on.
var abbreviations = []string{"art", "artt", "n", "nn", "co", "lett", "cfr", "pag", "pagg", "all", "sig", "dott", "dr", "d", "lgs", "l", "es"}

// Sentences are the sentences of a text. A line break ends one too.
func Sentences(text string) (all []Sentence) {
	for line := range strings.Lines(text) {
		runes := []rune(line)
		begin := 0
		end := func(i int) {
			if s := strings.TrimSpace(string(runes[begin:i])); s != "" {
				words := slices.DeleteFunc(strings.Fields(s), func(w string) bool { return !strings.ContainsFunc(w, isWordRune) })
				all = append(all, Sentence{s, len(words)})
			}
			begin = i
		}
		for i, r := range runes {
			if strings.ContainsRune(".!?…", r) && endsSentence(runes, begin, i) {
				end(i + 1)
			}
		}
		end(len(runes))
	}
	return all
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// endsSentence tells whether the stop at a place ends the sentence that began at another:
// a blank follows, and then no small letter, and what stands before it is no abbreviation.
func endsSentence(runes []rune, begin, at int) bool {
	next := at + 1
	for next < len(runes) && strings.ContainsRune("»”\")", runes[next]) {
		next++
	}
	if next >= len(runes) {
		return true
	}
	if !unicode.IsSpace(runes[next]) {
		return false
	}
	for next < len(runes) && unicode.IsSpace(runes[next]) {
		next++
	}
	if next < len(runes) && unicode.IsLower(runes[next]) {
		return false
	}
	word := at
	for word > begin && unicode.IsLetter(runes[word-1]) {
		word--
	}
	return runes[at] != '.' || !slices.Contains(abbreviations, strings.ToLower(string(runes[word:at])))
}
