package ui

import (
	"testing"

	"portal/internal/calendar"
)

// published is the catalogue with some texts in other words: beside the one that pages of
// other tests speak.
func published(t testing.TB, texts map[Lang]map[string]Wording) *catalogue {
	t.Helper()
	c, err := words.with(texts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAPublishedTextIsSaidInsteadOfTheShippedOne(t *testing.T) {
	t.Parallel()
	c := published(t, map[Lang]map[string]Wording{
		Italian: {"ui.logout": {Other: "Chiudi <b>qui</b>"}, "ui.deadline.left": {One: "un giorno ancora", Other: "ancora {{.Count}} giorni"}, "no.such.key": {Other: "x"}},
		Slovene: {"ui.deadline.left": {One: "{{.Count}} dan", Two: "{{.Count}} dneva", Few: "{{.Count}} dnevi", Other: "{{.Count}} dni"}},
	})
	for _, x := range []struct {
		in   Lang
		key  string
		args []any
		want string
	}{
		{Italian, "ui.logout", nil, "Chiudi <b>qui</b>"},
		{Slovene, "ui.skip.content", nil, words.say(Slovene, "ui.skip.content", nil)},
		{German, "ui.logout", nil, "Abmelden"},
		{Italian, "ui.deadline.left", []any{"Count", 1}, "un giorno ancora"},
		{Italian, "ui.deadline.left", []any{"Count", 5}, "ancora 5 giorni"},
		{German, "ui.deadline.left", []any{"Count", 1}, "noch 1 Tag"},
		{Slovene, "ui.deadline.left", []any{"Count", 2}, "2 dneva"},
		{Slovene, "ui.deadline.left", []any{"Count", 4}, "4 dnevi"},
	} {
		if got := c.say(x.in, x.key, x.args); got != x.want {
			t.Errorf("%s %s: %q, want %q", x.in, x.key, got, x.want)
		}
	}
	if words.say(Italian, "ui.logout", nil) == "Chiudi <b>qui</b>" {
		t.Error("the shipped text is gone")
	}
	if err := Speak(map[Lang]map[string]Wording{Italian: {"ui.logout": {Other: "{{end}}"}}}); err == nil {
		t.Error("a text that cannot be read is said")
	}
}

func TestEveryShippedTextIsInTheCatalogueWithItsArea(t *testing.T) {
	t.Parallel()
	all := Catalogue()
	if len(all) != len(words.texts[Italian]) {
		t.Fatalf("%d of %d texts", len(all), len(words.texts[Italian]))
	}
	for _, x := range all {
		if x.Area == "" || x.Words[Italian].Other == "" {
			t.Errorf("%+v", x)
		}
	}
}

// BenchmarkALookup is a text of the catalogue as it comes with the program, and with a
// thousand others published.
func BenchmarkALookup(b *testing.B) {
	thousand := map[Lang]map[string]Wording{Italian: {}}
	for _, x := range Catalogue() {
		if w := x.Words[Italian]; w.One == "" && len(thousand[Italian]) < 1000 {
			thousand[Italian][x.Key] = w
		}
	}
	day := calendar.NewDate(2026, 11, 23)
	for name, c := range map[string]*catalogue{"shipped": &words, "published": published(b, thousand)} {
		spoken := at(c)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				spoken.Load().say(Italian, "ui.logout", nil)
				spoken.Load().say(Italian, "ui.deadline.by", []any{"Day", day})
			}
		})
	}
}
