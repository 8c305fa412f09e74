package ui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"portal/internal/calendar"
	"portal/internal/money"
)

// markup is what a component writes, as a browser reads it.
func markup(t *testing.T, c templ.Component, children ...templ.Component) *html.Node {
	t.Helper()
	ctx := context.Background()
	if len(children) > 0 {
		ctx = templ.WithChildren(ctx, templ.Join(children...))
	}
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// elements are those of a name, or all for "", in the order of the document.
func elements(root *html.Node, name string) []*html.Node {
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && (name == "" || n.Data == name) {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func byID(t *testing.T, root *html.Node, id string) *html.Node {
	t.Helper()
	for _, n := range elements(root, "") {
		if attribute(n, "id") == id {
			return n
		}
	}
	t.Fatalf("nothing has the id %q", id)
	return nil
}

func content(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

var (
	today = calendar.NewDate(2026, 3, 12)
	noon  = today.At(12, 0)

	// citizen is a page in the middle of things: logged in, something to say.
	citizen = Frame{
		Title: "Seduta del 12 marzo 2026", Body: "INPS", Service: "Contributo sessioni di psicoterapia",
		Badge: &Tag{Working, "Prenotata"}, Back: &Link{"Torna alle sedute", "/sedute"},
		Path:  []Crumb{{"Le tue domande", "/domande"}, {"Seduta", ""}},
		Menu:  []MenuItem{{"Le tue domande", "/domande", true}, {"Messaggi", "/messaggi", false}},
		User:  &User{Name: "Maria Rossi", Profile: "Cittadino", ActingFor: "Luca Rossi", SwitchURL: "/profili"},
		Flash: &Flash{Success, "Seduta annullata", "Seduta annullata. 50,00 € sono di nuovo disponibili.", nil},

		LoginExpires: noon.Add(30 * time.Minute),
	}
)

// everything puts each part on one page, in error where it can be.
func everything(t *testing.T) *html.Node {
	t.Helper()
	f := citizen
	for _, field := range []string{"nome", "codice", "cf", "importo", "ora", "data", "scelta", "scelte", "sede", "dichiaro"} {
		f.Errors = append(f.Errors, FieldError{field, "Inserisci " + field})
	}
	options := []Option{{"1", "Uno", "Il primo"}, {"2", "Due", ""}}
	number := Column{Text: "Importo", Number: true}
	return markup(t, Page(f),
		Field(f, FieldProps{Name: "nome", Label: "Nome", Hint: "Come sul documento"}),
		CodeField(f, FieldProps{Name: "codice", Label: "Codice univoco"}),
		FiscalCodeField(f, FieldProps{Name: "cf", Label: "Codice fiscale"}),
		AmountField(f, FieldProps{Name: "importo", Label: "Importo"}),
		TimeField(f, FieldProps{Name: "ora", Label: "Ora", Optional: true}),
		DateField(f, DateFieldProps{Name: "data", Legend: "Data", Hint: "Per esempio 12 3 2026"}),
		RadioGroup(f, ChoiceProps{Name: "scelta", Legend: "Scelta", Options: options, Chosen: []string{"2"}}),
		CheckboxGroup(f, ChoiceProps{Name: "scelte", Legend: "Scelte", Options: options}),
		Select(f, ChoiceProps{Name: "sede", Legend: "Sede", Options: options}),
		Declaration(f, DeclarationProps{Name: "dichiaro", Text: "Dichiaro"}),
		Balance(f, BalanceProps{Awarded: 600 * money.Euro, Held: 150 * money.Euro, Booked: 100 * money.Euro, Left: 350 * money.Euro}),
		Timeline(f, TimelineProps{Caption: "Le date", Today: today, Days: []Milestone{{Day: today.Add(-60), Text: "Pubblicazione"}, {Day: today.Add(80), Text: "Scadenza", Ends: true}}}),
		Code(f, CodeProps{Code: "A7K2 9QXM 4TRB"}),
		DataList(f, []Entry{{Name: "Telefono"}, {Name: "Professionista", Value: "Ada Neri", Proper: true}}),
		Tabs("Parti", []Tab{{Text: "Sedute", URL: "/s", Current: true}, {Text: "Comunicazioni", Why: "Ancora nessuna"}}),
		Table("Sedute", []Column{{Text: "Data", Row: true}, number}),
		Pagination(f, PaginationProps{Label: "Pagine", Page: 1, Pages: 2, NextURL: "?p=2"}),
		Filters(f, FiltersProps{Label: "Cerca", Action: "/x"}),
		ConfirmAction(ConfirmProps{Form: FormProps{Action: "/annulla", Key: "k1", Version: "7"}, Buttons: ButtonsProps{Submit: "Annulla seduta", Danger: true, Cancel: &Link{"Mantieni la seduta", "/s"}}}),
		Deadline(f, DeadlineProps{What: "Fai una seduta", Last: today.Add(1), Today: today}),
		History([]Event{{noon, "INPS", "Seduta annullata"}}),
		Details("Perché?", false),
		Steps(f, []string{"Codice", "Data"}, 2),
	)
}

func TestAPageIsInTheSameOrderEverywhere(t *testing.T) {
	t.Parallel()
	page := markup(t, Page(citizen), templ.Raw(`<p id="content">…</p>`))
	order := []string{"menu", "contenuto", "esito", "titolo", "content", "aiuto", "pie-di-pagina"}
	var got []string
	for _, n := range elements(page, "") {
		if id := attribute(n, "id"); slices.Contains(order, id) {
			got = append(got, id)
		}
	}
	if !slices.Equal(got, order) {
		t.Errorf("order is %v, want %v", got, order)
	}
	if first := elements(page, "a")[0]; attribute(first, "href") != "#contenuto" {
		t.Errorf("the first link is %q, not the way to the content", content(first))
	}
}

func TestEveryPartHoldsTogether(t *testing.T) {
	t.Parallel()
	page := everything(t)
	ids := map[string]bool{}
	for _, n := range elements(page, "") {
		if id := attribute(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("two elements have the id %q", id)
			}
			ids[id] = true
		}
	}
	for _, n := range elements(page, "") {
		refs := append(strings.Fields(attribute(n, "aria-describedby")), strings.Fields(attribute(n, "aria-labelledby"))...)
		if href := attribute(n, "href"); n.Data == "a" && strings.HasPrefix(href, "#") {
			refs = append(refs, href[1:])
		}
		for _, id := range append(refs, strings.Fields(attribute(n, "for"))...) {
			if !ids[id] {
				t.Errorf("<%s> speaks of #%s, which is not there", n.Data, id)
			}
		}
	}
	if n := len(elements(page, "h1")); n != 1 {
		t.Errorf("%d h1", n)
	}
}

// The content security policy allows nothing inline: such markup would do nothing.
func TestNothingIsInline(t *testing.T) {
	t.Parallel()
	page := everything(t)
	for _, n := range elements(page, "") {
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
	for _, script := range elements(page, "script") {
		if attribute(script, "src") == "" {
			t.Error("a script is inline")
		}
	}
	if len(elements(page, "style")) > 0 {
		t.Error("a style is inline")
	}
}

func TestEachErrorIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	page := everything(t)
	for _, field := range []string{"nome", "codice", "cf", "importo", "ora", "data", "sede", "dichiaro"} {
		input := byID(t, page, field)
		if attribute(input, "aria-invalid") != "true" || !strings.Contains(attribute(input, "aria-describedby"), field+"-errore") {
			t.Errorf("%s does not point at its error", field)
		}
		if got := content(byID(t, page, field+"-errore")); !strings.HasSuffix(got, "Inserisci "+field) {
			t.Errorf("%s says %q", field, got)
		}
	}
	if summary := byID(t, page, "esito"); len(elements(summary, "li")) != 10 {
		t.Errorf("the summary has %d errors, want 10", len(elements(summary, "li")))
	}
}

func TestWindowTitles(t *testing.T) {
	t.Parallel()
	after, wrong, public, discreet, enpap, both := citizen, citizen, citizen, citizen, citizen, citizen
	wrong.Errors = []FieldError{{"codice", "Inserisci il codice"}}
	public.Flash, public.PublicPage = nil, true
	discreet.Flash, discreet.HeadTitle = nil, "Domanda 2026"
	enpap.Flash, enpap.Body, enpap.Service = nil, "ENPAP", "Indennità"
	both.Flash, both.Title, both.Body, both.Service = nil, "Messaggi", "", ""
	for _, tt := range []struct {
		frame Frame
		want  string
	}{
		{after, "Seduta annullata – Contributo – INPS"},
		{wrong, "Errore: Seduta del 12 marzo 2026 – Contributo – INPS"},
		{public, "Seduta del 12 marzo 2026 – Contributo sessioni di psicoterapia – INPS"},
		{discreet, "Domanda 2026 – Contributo – INPS"},
		{enpap, "Seduta del 12 marzo 2026 – Indennità – ENPAP"},
		{both, "Messaggi – Contributi e indennità"},
	} {
		page := markup(t, Page(tt.frame))
		if got := content(elements(page, "title")[0]); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestADeadlineSaysTheDayAndHowFarItIs(t *testing.T) {
	t.Parallel()
	for days, want := range map[int]string{-1: "il termine è passato", 0: "è oggi", 1: "manca 1 giorno", 9: "mancano 9 giorni"} {
		got := content(markup(t, Deadline(Frame{}, DeadlineProps{What: "Conferma", Last: today.Add(days), Today: today})))
		if !strings.Contains(got, want) || !strings.Contains(got, WeekDay(today.Add(days))+", ore 23:59") {
			t.Errorf("%d days: %q", days, got)
		}
	}
}

func TestTheBalanceBarIsAsLongAsTheMoney(t *testing.T) {
	t.Parallel()
	p := BalanceProps{Awarded: 600 * money.Euro, Held: 150 * money.Euro, Booked: 0, Left: 450 * money.Euro}
	want := []segment{{"bar-held", "0.00%", "25.00%"}, {"bar-left", "25.00%", "75.00%"}}
	if got := p.segments(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := (BalanceProps{}).segments(); got != nil {
		t.Errorf("nothing awarded is drawn as %v", got)
	}
}

func TestDaysTooCloseStandApartOnTheLine(t *testing.T) {
	t.Parallel()
	p := TimelineProps{Today: today, Days: []Milestone{{Day: today}, {Day: today.Add(1)}, {Day: today.Add(98)}, {Day: today.Add(99)}, {Day: today.Add(100)}}}
	var at []string
	for _, m := range p.marks() {
		at = append(at, m.number+" "+m.x)
	}
	want := []string{" 5.00%", "1 5.00%", "2 15.00%", "3 75.00%", "4 85.00%", "5 95.00%"}
	if !slices.Equal(at, want) {
		t.Errorf("%v, want %v", at, want)
	}
}

func TestItalianTextOnAGermanPageSaysSo(t *testing.T) {
	t.Parallel()
	f := Frame{Lang: German}
	if spans := elements(markup(t, Text(f, "ui.help.questions")), "span"); len(spans) != 1 || attribute(spans[0], "lang") != "it" {
		t.Error("an Italian text is not marked")
	}
	if spans := elements(markup(t, Text(f, "ui.help.title")), "span"); len(spans) != 0 {
		t.Error("a German text is marked")
	}
}

func BenchmarkPage(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var s strings.Builder
		if err := Page(citizen).Render(context.Background(), &s); err != nil {
			b.Fatal(err)
		}
	}
}
