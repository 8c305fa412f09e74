package paper_test

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ledongthuc/pdf"

	"portal/internal/calendar"
	"portal/internal/paper"
)

var receipt = paper.Act{
	Body: "INPS – Istituto Nazionale della Previdenza Sociale", Title: "Ricevuta di presentazione della domanda",
	Lead: "La domanda è stata ricevuta.", Foot: "INPS-2026-200123", At: time.Date(2026, 11, 23, 12, 0, 0, 0, calendar.Rome),
	Parts: []paper.Part{
		{Heading: "Domanda", Lines: []paper.Line{
			{Name: "Protocollo", Value: "INPS-2026-200123"}, {Name: "Per chi", Value: "Niccolò D’Agostà Žižek"}, {Name: "ISEE", Value: "12.400,00 €"}}},
		{Heading: "Dichiarazioni", Text: []string{"Chi riceve il contributo risiede in Italia: è così, perché, città, più, giù."}},
	},
}

// read is the text of a PDF as a reader sees it, page by page.
func read(t *testing.T, document []byte) (pages []string) {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(document), int64(len(document)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.NumPage() {
		text, err := r.Page(i + 1).GetPlainText(nil)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, text)
	}
	return pages
}

func TestAReaderFindsTheWordsOfAnAct(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := paper.Write(&out, receipt); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(read(t, out.Bytes()), "\n")
	for _, words := range []string{receipt.Title, receipt.Lead, receipt.Foot, "Niccolò", "perché, città, più, giù"} {
		if !strings.Contains(text, words) {
			t.Errorf("the text lacks %q:\n%s", words, text)
		}
	}
}

// The reader above keeps to the first 256 characters of Unicode; poppler, which
// stands behind most readers of Linux, does not.
func TestPopplerFindsTheEuroAndEveryAccent(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not on this machine")
	}
	var out bytes.Buffer
	if err := paper.Write(&out, receipt); err != nil {
		t.Fatal(err)
	}
	reader := exec.CommandContext(t.Context(), program, "-layout", "-", "-")
	reader.Stdin = &out
	text, err := reader.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"INPS – Istituto", "Niccolò D’Agostà Žižek", "12.400,00\u00a0€"} {
		if !strings.Contains(strings.ReplaceAll(string(text), "\u00a0", " "), strings.ReplaceAll(words, "\u00a0", " ")) {
			t.Errorf("the text lacks %q:\n%s", words, text)
		}
	}
}

func TestALongActGoesOnOnTheNextSheet(t *testing.T) {
	t.Parallel()
	long := receipt
	long.Parts = []paper.Part{{Lines: make([]paper.Line, 80)}}
	for i := range long.Parts[0].Lines {
		long.Parts[0].Lines[i] = paper.Line{Name: "Nome", Value: strings.Repeat("valore ", 20)}
	}
	var out bytes.Buffer
	if err := paper.Write(&out, long); err != nil {
		t.Fatal(err)
	}
	pages := read(t, out.Bytes())
	if len(pages) < 3 {
		t.Fatalf("%d sheets", len(pages))
	}
	for i, text := range pages {
		if !strings.Contains(text, long.Foot) {
			t.Errorf("sheet %d does not say of what it is", i+1)
		}
	}
}

func TestTheSameActMakesTheSameBytes(t *testing.T) {
	t.Parallel()
	var one, two bytes.Buffer
	for _, out := range []io.Writer{&one, &two} {
		if err := paper.Write(out, receipt); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("two documents of one act differ")
	}
}
