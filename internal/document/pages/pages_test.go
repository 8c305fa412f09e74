package pages_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/document/pages"
	"portal/internal/fault"
	"portal/internal/paper"
)

// reader is one for all tests: to compile its engine takes long.
var reader = pages.NewReader(pages.Usual, 2)

// certificate is a paper of the office, long enough for three pages.
func certificate(t testing.TB) []byte {
	t.Helper()
	act := paper.Act{Body: "Azienda sanitaria", Title: "Certificato di prognosi", Lead: "Niccolò D’Agostà è inabile dal 12 ottobre al 20 novembre: 40 giorni, 1.240,50 €.",
		Foot: "Certificato", At: time.Date(2026, 10, 12, 9, 0, 0, 0, calendar.Rome)}
	for i := range 50 {
		act.Parts = append(act.Parts, paper.Part{Lines: []paper.Line{{Name: fmt.Sprintf("Visita %d", i+1), Value: "controllo"}}})
	}
	var b bytes.Buffer
	if err := paper.Write(&b, act); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pdf is a file with objects, numbered from 1, and the table of where they stand.
func pdf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}

// page is a PDF of one page with what draws it, of a size, and more of its entries.
func page(box, more, draws string, others ...string) []byte {
	return pdf(append([]string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [" + box + "] /Contents 4 0 R " + more + " >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(draws), draws)}, others...)...)
}

// picture reads an image back.
func picture(t *testing.T, drawn pages.Image) image.Image {
	t.Helper()
	m, kind, err := image.Decode(bytes.NewReader(drawn.Content))
	if err != nil || "image/"+kind != string(drawn.Type) || m.Bounds().Dx() != drawn.Width || m.Bounds().Dy() != drawn.Height {
		t.Fatalf("%s of %d × %d is %s, %v", drawn.Type, drawn.Width, drawn.Height, kind, err)
	}
	return m
}

// dark is how many of a hundred pixels are dark within a part of an image, given in
// hundredths of its sides.
func dark(m image.Image, left, top, right, bottom int) int {
	b, n, all := m.Bounds(), 0, 0
	for y := b.Dy() * top / 100; y < b.Dy()*bottom/100; y++ {
		for x := b.Dx() * left / 100; x < b.Dx()*right/100; x++ {
			if r, g, b, _ := m.At(x, y).RGBA(); r+g+b < 3*0x8000 {
				n++
			}
			all++
		}
	}
	return 100 * n / all
}

func TestAPageSaysWhatIsWrittenOnIt(t *testing.T) {
	t.Parallel()
	c := certificate(t)
	for n, want := range map[int]string{1: "Niccolò D’Agostà è inabile dal 12 ottobre al 20 novembre", 2: "Visita 30 controllo"} {
		said, err := reader.Text(t.Context(), c, n)
		if err != nil || said.Pages != 3 || !strings.Contains(strings.ReplaceAll(strings.Join(said.Lines, " "), "\u00a0", " "), want) {
			t.Errorf("page %d of %d lacks %q: %v\n%s", n, said.Pages, want, err, strings.Join(said.Lines, "\n"))
		}
	}
}

func TestAPageIsDrawnAsWideAsAskedFor(t *testing.T) {
	t.Parallel()
	c := certificate(t)
	for _, width := range []int{300, 1000, 2000} {
		drawn, err := reader.Draw(t.Context(), c, 1, width)
		if err != nil {
			t.Fatal(err)
		}
		m := picture(t, drawn)
		if drawn.Width != width || drawn.Height < width*141/100 || drawn.Height > width*142/100 || drawn.Type != document.PNG {
			t.Errorf("%d wide: %s of %d × %d", width, drawn.Type, drawn.Width, drawn.Height)
		}
		if dark(m, 10, 5, 90, 25) == 0 || dark(m, 0, 0, 5, 100) != 0 {
			t.Errorf("%d wide: the letters are not where they were written", width)
		}
	}
}

func TestColoursStampsAndTurnsAreDrawnAsTheyAre(t *testing.T) {
	t.Parallel()
	drawn, err := reader.Draw(t.Context(), page("0 0 200 400", "/Rotate 90", "1 0 0 rg 0 0 200 100 re f"), 1, 400)
	if err != nil {
		t.Fatal(err)
	}
	m := picture(t, drawn)
	red := func(x, y int) bool { r, g, _, _ := m.At(x, y).RGBA(); return r > 0xd000 && g < 0x3000 }
	if drawn.Type != document.JPEG || drawn.Height != 200 || !red(50, 100) || red(200, 100) {
		t.Errorf("%s of %d × %d, red on the left: %v", drawn.Type, drawn.Width, drawn.Height, red(50, 100))
	}
	// What somebody has filled into a form is an annotation over the page.
	filled, err := reader.Draw(t.Context(), page("0 0 200 200", "/Annots [5 0 R]", "", "<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (x) /F 4 /Rect [0 0 200 100] /AP << /N 6 0 R >> >>",
		"<< /Type /XObject /Subtype /Form /BBox [0 0 200 100] /Length 22 >>\nstream\n0 g 0 0 200 100 re f  \nendstream"), 1, 200)
	if err != nil {
		t.Fatal(err)
	}
	if m := picture(t, filled); dark(m, 0, 51, 100, 100) < 95 || dark(m, 0, 0, 100, 49) > 5 {
		t.Error("what was filled into a form is not on the page")
	}
}

func TestAPageIsNeverMoreThanItMayBe(t *testing.T) {
	t.Parallel()
	for box, most := range map[string]int{"0 0 10 14400": pages.Usual.Pixels, "0 0 14400 1": pages.Usual.Pixels, "0 0 0 0": pages.Usual.Pixels,
		"0 0 1e30 1e30": pages.Usual.Pixels, "0 0 -5 nan": pages.Usual.Pixels} {
		drawn, err := reader.Draw(t.Context(), page(box, "", "0 0 1 1 re f"), 1, 1_000_000)
		if err != nil && fault.As(err) == nil || drawn.Width*drawn.Height > most || drawn.Width > pages.Widest {
			t.Errorf("[%s]: %d × %d, %v", box, drawn.Width, drawn.Height, err)
		}
	}
	said, err := reader.Text(t.Context(), page("0 0 595 842", "/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>",
		"BT /F 1 Tf ("+strings.Repeat("parola ", 20_000)+") Tj ET"), 1)
	if got := len([]rune(strings.Join(said.Lines, " "))); err != nil || got > pages.Usual.Text || got < pages.Usual.Text/2 {
		t.Errorf("%d letters: %v", got, err)
	}
}

func TestThereIsNoPageBeforeTheFirstAndAfterTheLast(t *testing.T) {
	t.Parallel()
	c := certificate(t)
	for _, n := range []int{-1, 0, 4, 1 << 40} {
		_, text := reader.Text(t.Context(), c, n)
		_, drawn := reader.Draw(t.Context(), c, n, 500)
		if !errors.Is(text, fault.ErrNotFound) || !errors.Is(drawn, fault.ErrNotFound) {
			t.Errorf("page %d: %v, %v", n, text, drawn)
		}
	}
}

// loop draws a form that draws itself twice, and so on, each time a whole page.
func loop() []byte {
	many := strings.Repeat("/X Do ", 60)
	objects := []string{}
	for i := range 12 {
		objects = append(objects, fmt.Sprintf("<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X %d 0 R >> >> /Length %d >>\nstream\n%s\nendstream", i+6, len(many), many))
	}
	objects = append(objects, "<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Length 22 >>\nstream\n0 g 0 0 595 842 re f  \nendstream")
	return page("0 0 595 842", "/Resources << /XObject << /X 5 0 R >> >>", many, objects...)
}

func TestHostilePapersCostTimeThatHasAnEnd(t *testing.T) {
	t.Parallel()
	most := pages.Usual
	most.Time, most.Memory = time.Second, 64<<20
	strict := pages.NewReader(most, 1)
	if _, err := strict.Draw(t.Context(), page("0 0 100 100", "", "0 0 1 1 re f"), 1, 100); err != nil {
		t.Fatal(err)
	}
	whole := certificate(t)
	for name, content := range map[string][]byte{
		"forms that draw forms":              loop(),
		"nothing":                            {},
		"no PDF":                             []byte("<html>"),
		"UP20 cut off":                       whole[:len(whole)/3],
		"UP23 its own page":                  pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
		"a page that is a picture of itself": page("0 0 595 842", "/Resources << /XObject << /X 3 0 R >> >>", "/X Do"),
		"UP26 a picture of 2,500 Mpx": page("0 0 595 842", "/Resources << /XObject << /X 5 0 R >> >>", "595 0 0 842 0 0 cm /X Do",
			"<< /Type /XObject /Subtype /Image /Width 50000 /Height 50000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length 3 >>\nstream\nabc\nendstream"),
	} {
		began := time.Now()
		drawn, err := strict.Draw(t.Context(), content, 1, 1000)
		if took := time.Since(began); took > 10*time.Second || err != nil && fault.As(err) == nil || err == nil && len(drawn.Content) == 0 {
			t.Errorf("%s: after %s, %v", name, took, err)
		}
	}
	if _, err := strict.Draw(t.Context(), whole, 1, 1000); err != nil {
		t.Errorf("a good page after the bad ones: %v", err)
	}
}

func TestAPageThatTakesTooLongIsGivenUp(t *testing.T) {
	t.Parallel()
	most := pages.Usual
	most.Time = 20 * time.Millisecond
	hasty := pages.NewReader(most, 1)
	if _, err := hasty.Draw(t.Context(), certificate(t), 1, pages.Widest); !errors.Is(err, pages.ErrTooHard) {
		t.Error(err)
	}
}

func TestWhoGoesAwayIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := reader.Draw(gone, certificate(t), 1, 500); !errors.Is(err, pages.ErrBusy) {
		t.Error(err)
	}
}

func TestManyPagesAtOnceAreAllReadAndDrawn(t *testing.T) {
	t.Parallel()
	c := certificate(t)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			if said, err := reader.Text(t.Context(), c, n%3+1); err != nil || said.Pages != 3 {
				t.Error(err)
			}
		})
		all.Go(func() {
			if drawn, err := reader.Draw(t.Context(), c, n%3+1, 400); err != nil || drawn.Width != 400 {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func FuzzNoPaperHarmsTheReader(f *testing.F) {
	f.Add(certificate(f))
	f.Add(loop())
	f.Add(page("0 0 200 200", "", "0 0 10 10 re f"))
	most := pages.Usual
	most.Time, most.Memory = time.Second, 64<<20
	strict := pages.NewReader(most, 2)
	f.Fuzz(func(t *testing.T, b []byte) {
		drawn, err := strict.Draw(t.Context(), b, 1, 300)
		if err != nil && fault.As(err) == nil || err == nil && drawn.Width*drawn.Height > most.Pixels {
			t.Errorf("%d × %d, %v", drawn.Width, drawn.Height, err)
		}
	})
}

// BenchmarkPage is what a page costs: the first one of a reader, with its engine, and
// those after it.
func BenchmarkPage(b *testing.B) {
	c := certificate(b)
	if _, err := reader.Text(b.Context(), c, 1); err != nil { // the engine is there
		b.Fatal(err)
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			if _, err := pages.NewReader(pages.Usual, 1).Draw(b.Context(), c, 1, 1000); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, width := range []int{1000, 2000} {
		b.Run(fmt.Sprintf("drawn/%d", width), func(b *testing.B) {
			for b.Loop() {
				drawn, err := reader.Draw(b.Context(), c, 1, width)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(drawn.Content)))
			}
		})
	}
	b.Run("text", func(b *testing.B) {
		for b.Loop() {
			if _, err := reader.Text(b.Context(), c, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}
