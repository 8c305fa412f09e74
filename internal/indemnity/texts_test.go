package indemnity_test

import (
	"slices"
	"testing"

	"portal/internal/indemnity"
)

// Each text that comes with the program keeps to its variables and its length, is easy to
// read, and is for something that officers ask for or decide.
func TestTheTextsOfTheProgramAreSoundAndEasyToRead(t *testing.T) {
	t.Parallel()
	known := map[indemnity.TextKey]bool{}
	uses := map[indemnity.TextUse]int{}
	for _, x := range indemnity.StandardTexts() {
		if uses[x.Use]++; known[x.Key] || x.Key == "" {
			t.Errorf("%q names two texts", x.Key)
		}
		known[x.Key] = true
		if unknown := x.Unknown(x.Wording); len(unknown) > 0 {
			t.Errorf("%s: %v", x.Key, unknown)
		}
		if x.Text == "" || (x.Send == "") != (x.Use != indemnity.ItemText) || x.Trimmed() != x.Wording || len([]rune(x.Text)) > x.Longest() || len([]rune(x.Send)) > x.Longest() {
			t.Errorf("%s says %q, %q", x.Key, x.Text, x.Send)
		}
		for _, s := range append(indemnity.Sentences(x.Text), indemnity.Sentences(x.Send)...) {
			if s.Long() {
				t.Errorf("%s has a sentence of %d words", x.Key, s.Words)
			}
		}
		explains := x.Asks == indemnity.AskExplanation
		if x.Use == indemnity.ItemText && (explains != (x.Check.Number() > 0) || explains == slices.Contains(indemnity.PaperKinds, x.Paper)) {
			t.Errorf("%s is for nothing that is asked for", x.Key)
		}
	}
	if uses[indemnity.RequestText] != 2 || uses[indemnity.ItemText] < 15 || uses[indemnity.OutcomeText] != 4 {
		t.Errorf("%v", uses)
	}
	for _, to := range []indemnity.State{indemnity.Suitable, indemnity.NotEligible, indemnity.Inadmissible, indemnity.Forfeited} {
		if !slices.ContainsFunc(indemnity.StandardTexts(), func(x indemnity.StandardText) bool { return x.Outcome == to }) {
			t.Errorf("no text for %s", to)
		}
	}
}

func TestSentencesEndWherePeopleEndThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int{
		"":                             nil,
		"Una frase senza punto":        {4},
		"Prima. Seconda! E la terza?":  {1, 1, 3},
		"Vale l’art. 6 del bando.":     {5},
		"Vale l’art. Sesto del bando.": {5},
		"Costa 1.234,50 euro. 15 giorni di tempo.": {3, 4},
		"Ha detto «Va bene.» Poi basta.":           {4, 2},
		"Prima riga\nseconda riga\n\nterza":        {2, 2, 1},
		"Continua… e non finisce.":                 {4},
		"Un trattino – non è una parola.":          {6},
		"{bando} con la data. {nome} firma.":       {4, 2},
	} {
		var got []int
		for _, s := range indemnity.Sentences(text) {
			got = append(got, s.Words)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q has sentences of %v words, want %v", text, got, want)
		}
	}
}

func TestVariablesAreReplacedAndOnlyThoseThatATextMayHave(t *testing.T) {
	t.Parallel()
	w := indemnity.Wording{Text: "Domanda {protocollo}, {nome}: {protocollo}.", Send: "{periodo}"}
	got := w.Filled(map[indemnity.Variable]string{indemnity.VarProtocol: "P-1", indemnity.VarPeriod: "{nome}"})
	if want := (indemnity.Wording{Text: "Domanda P-1, {nome}: P-1.", Send: "{nome}"}); got != want {
		t.Errorf("%+v", got)
	}
	outcome := indemnity.StandardText{Use: indemnity.OutcomeText}
	for text, want := range map[string][]string{
		"{nome} {protocollo}": nil, "{giorni}": {"{giorni}"}, "{Nome}": {"{Nome}"}, "{}": {"{}"}, "{ nome }": {"{", "}"}, "a } b {": {"}", "{"}, "{x} {x}": {"{x}"},
	} {
		if got := outcome.Unknown(indemnity.Wording{Text: text}); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
