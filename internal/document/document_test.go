package document_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"portal/internal/document"
)

// pdf is a file with objects, numbered from 1, and the table of where they stand.
func pdf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
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

const (
	catalog = "<< /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /Fit] >>"
	pages   = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
	onePage = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
)

// stream is an object with compressed content.
func stream(dictionary, content string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(content))
	_ = z.Close()
	return fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", dictionary, b.Len(), b.String())
}

func plain() []byte {
	return pdf(catalog, pages, onePage, stream("", "BT (Ciao /JavaScript) Tj ET"), "<< /Title (il mio /JS \\) certificato) >>")
}

func jpegOf(w, h int) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil)
	return b.Bytes()
}

func pngOf(w, h int) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)))
	return b.Bytes()
}

// withSegment puts a segment after the first two bytes of a JPEG.
func withSegment(b []byte, marker byte, body string) []byte {
	segment := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return append(append(append([]byte{}, b[:2]...), append(segment, body...)...), b[2:]...)
}

// huge is a JPEG whose header claims a side that nobody drew.
func huge(side uint16) []byte {
	b := jpegOf(8, 8)
	at := bytes.Index(b, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(b[at+5:], side)
	binary.BigEndian.PutUint16(b[at+7:], side)
	return b
}

func chunk(name, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(b, name+body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(name+body)))
}

// scripted is an object that acts by itself.
const scripted = "9 0 obj\n<< /S /JavaScript /JS (app.alert(1)) >>\nendobj"

// hidden is a PDF with something between its objects.
func hidden(before, object, after string) []byte {
	return pdf(catalog, pages, onePage, "<< >>\nendobj\n"+before+object+after)
}

// photoInBits is a JPEG of a great many small segments, every other one a comment.
func photoInBits() []byte {
	b := jpegOf(8, 8)
	bits := bytes.Repeat([]byte("\xff\xfe\x00\x02\xff\xdd\x00\x04\x00\x00"), 1<<19)
	return append(append(bytes.Clone(b[:2]), bits...), b[2:]...)
}

func zipped() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("a.txt")
	_, _ = w.Write([]byte("ciao"))
	_ = z.Close()
	return b.Bytes()
}

// look inspects a file as it would be inspected when it is sent.
func look(name string, content []byte) (document.File, error) {
	return document.NewInspector(document.Usual, 1, nil).Inspect(context.Background(), name, bytes.NewReader(content))
}

// kept is a paper as it is kept.
func kept(f document.File) []byte {
	b, err := io.ReadAll(f.Reader())
	if err != nil {
		panic(err)
	}
	return b
}

func TestPapersAreTakenForWhatTheyAre(t *testing.T) {
	t.Parallel()
	padded := plain()
	padded = append(padded, bytes.Repeat([]byte("\n"), int(document.Usual.Bytes)-len(padded))...)
	for name, c := range map[string]struct {
		content []byte
		is      document.Type
	}{
		"UP01 a small PDF":            {plain(), document.PDF},
		"UP07 as large as may be":     {padded, document.PDF},
		"a PDF with object streams":   {pdf(catalog, pages, "<< >>", stream("/Type /ObjStm /N 1 /First 4", "3 0 "+onePage)), document.PDF},
		"UP02 a JPEG":                 {jpegOf(30, 20), document.JPEG},
		"a PDF with no files inside":  {pdf(strings.Replace(catalog, ">>", "/Names << /EmbeddedFiles << /Names [] >> >> >>", 1), pages, onePage), document.PDF},
		"a PNG":                       {pngOf(30, 20), document.PNG},
		"a PNG called .pdf is a PNG":  {pngOf(3, 2), document.PNG},
		"a JPEG with something after": {append(jpegOf(3, 2), zipped()...), document.JPEG},
	} {
		f, err := look("certificato.pdf", c.content)
		if err != nil || f.Type != c.is || f.Pages != 1 {
			t.Errorf("%s: %s of %d pages, %v", name, f.Type, f.Pages, err)
			continue
		}
		if b := kept(f); int64(len(b)) != f.Size || sha256.Sum256(b) != f.Digest || f.Type == document.PDF && !bytes.Equal(b, c.content) {
			t.Errorf("%s: %d bytes are kept, %d were said", name, len(b), f.Size)
		}
	}
}

func TestHostileFilesAreRefusedWithTheirReason(t *testing.T) {
	t.Parallel()
	many := []string{catalog, pages}
	for range 10_000 {
		many = append(many, onePage)
	}
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"UP04 nothing":                     {nil, document.ErrDamaged},
		"UP05 one byte":                    {[]byte("x"), document.ErrType},
		"UP08 one byte too many":           {make([]byte, document.Usual.Bytes+1), document.ErrTooBig},
		"UP11 a program":                   {[]byte("MZ\x90\x00"), document.ErrType},
		"UP12 a web page":                  {[]byte("<!DOCTYPE html><script>alert(1)</script>"), document.ErrType},
		"UP13 a drawing with a script":     {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), document.ErrType},
		"UP14 a PDF that is a ZIP":         {append(plain(), zipped()...), document.ErrDamaged},
		"UP15 a GIF with a script":         {[]byte("GIF89a/*alert(1)*/"), document.ErrType},
		"UP16 a script":                    {pdf("<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>", pages, onePage), document.ErrActive},
		"a script spelt with escapes":      {pdf(catalog, pages, onePage, "<< /S /J#61vaScript >>"), document.ErrActive},
		"a script among objects":           {pdf(catalog, pages, onePage, stream("/Type /ObjStm /N 1 /First 4", "5 0 << /S /Launch >>")), document.ErrActive},
		"UP17 a file inside":               {pdf(catalog, pages, onePage, stream("/Type /EmbeddedFile", "MZ")), document.ErrActive},
		"a file inside, of no type":        {pdf(catalog, pages, onePage, "<< /EF << /F 5 0 R >> >>", "<< >>"), document.ErrActive},
		"UP18 a password":                  {bytes.Replace(plain(), []byte("/Root 1 0 R"), []byte("/Root 1 0 R /Encrypt 9 0 R"), 1), document.ErrEncrypted},
		"UP20 cut off":                     {plain()[:120], document.ErrDamaged},
		"UP21 a bomb":                      {pdf(catalog, pages, onePage, stream("", strings.Repeat("\x00", 200_000_000))), document.ErrTooComplex},
		"a bomb of objects":                {pdf(catalog, pages, onePage, stream("/Type /ObjStm", strings.Repeat("\x00", 200_000_000))), document.ErrTooComplex},
		"UP22 ten thousand pages":          {pdf(many...), document.ErrTooLong},
		"UP23 pages that are themselves":   {pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"), document.ErrDamaged},
		"UP24 an archive":                  {zipped(), document.ErrType},
		"UP26 a picture of 2,500 Mpx":      {huge(50_000), document.ErrImageTooBig},
		"UP27 a picture of a phone":        {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), document.ErrHEIC},
		"a picture of another phone":       {[]byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00heicmiaf"), document.ErrHEIC},
		"a film":                           {[]byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"), document.ErrType},
		"UP03 a signed paper":              {append([]byte("0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80"), plain()...), document.ErrSigned},
		"a signed paper in letters":        {[]byte("MIIGkgYJKoZIhvcNAQcCoIIGgzCC\nBn8CAQExDzANBglghkgBZQMEAgEF"), document.ErrSigned},
		"UP29 the text of EICAR":           {[]byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$`), document.ErrType},
		"a script where a text seems":      {hidden("(", scripted, ")"), document.ErrTooComplex},
		"a script where a comment seems":   {hidden("%", strings.ReplaceAll(scripted, "\n", " "), ""), document.ErrTooComplex},
		"a script in a stream":             {pdf(catalog, pages, onePage, "<< /Length 999 >>\nstream\n"+scripted+"\nendstream"), document.ErrTooComplex},
		"a script behind comments":         {hidden("(", strings.Replace(scripted, " 0 obj", " %a\n0 %b\nobj", 1), ")"), document.ErrTooComplex},
		"a script in a text of objects":    {pdf(catalog, pages, onePage, stream("/Type /ObjStm /N 1 /First 4", "5 1 (<< /S /JavaScript >>)")), document.ErrActive},
		"objects that are called nothing":  {pdf(catalog, pages, onePage, stream("/N 1 /First 4", "5 0 << /S /Launch >>")), document.ErrActive},
		"a text without an end":            {pdf(catalog, pages, onePage, "(((((("), document.ErrDamaged},
		"ten million texts without an end": {pdf(catalog, pages, onePage, strings.Repeat("(", 9<<20)), document.ErrDamaged},
		"a photograph in a million bits":   {photoInBits(), document.ErrTooComplex},
		"half a JPEG":                      {jpegOf(300, 200)[:400], document.ErrDamaged},
		"half a PNG":                       {pngOf(300, 200)[:60], document.ErrDamaged},
		"a PNG with a bit turned":          {bytes.Replace(pngOf(30, 20), []byte("IDAT"), []byte("IDAU"), 1), document.ErrDamaged},
		"a PDF without its table":          {bytes.Replace(plain(), []byte("startxref"), []byte("startxxxx"), 1), document.ErrDamaged},
		"objects behind two filters":       {pdf(catalog, pages, onePage, "<< /Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\n00\nendstream"), document.ErrTooComplex},
	} {
		if f, err := look("certificato.pdf", c.content); !errors.Is(err, c.want) {
			t.Errorf("%s: %s, %v; want %v", name, f.Type, err, c.want)
		}
	}
}

func TestAPhotographLosesWhereItWasTakenAndKeepsItsWayUp(t *testing.T) {
	t.Parallel()
	little := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x02\x00" + "\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00" +
		"\x25\x88\x04\x00\x01\x00\x00\x00\x26\x00\x00\x00" + "\x00\x00\x00\x00" + "GPS 45.4642 N"
	photo := withSegment(withSegment(jpegOf(30, 20), 0xfe, "comment of Maria"), 0xe1, little)
	f, err := look("foto.jpeg", photo)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(kept(f), []byte("GPS")) || bytes.Contains(kept(f), []byte("Maria")) {
		t.Error("the photograph still says where it was taken")
	}
	if !bytes.Contains(kept(f), []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06")) {
		t.Error("the photograph has lost its way up")
	}
	if _, err := jpeg.Decode(bytes.NewReader(kept(f))); err != nil {
		t.Error(err)
	}
	again, err := look("foto.jpeg", kept(f))
	if err != nil || again.Digest != f.Digest {
		t.Errorf("cleaned twice it is another: %v", err)
	}

	scan := pngOf(30, 20)
	end := bytes.Index(scan, []byte("IEND")) - 4
	scan = append(append(append(append([]byte{}, scan[:end]...), chunk("tEXt", "Author\x00Maria")...), scan[end:]...), "trailing"...)
	f, err = look("scan.png", scan)
	if err != nil || bytes.Contains(kept(f), []byte("Maria")) || bytes.HasSuffix(kept(f), []byte("trailing")) {
		t.Errorf("the scan still says who made it: %v", err)
	}
	if _, err := png.Decode(bytes.NewReader(kept(f))); err != nil {
		t.Error(err)
	}
}

func TestTheNameOfAPaperIsOnlyToBeShown(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"certificato.pdf": "certificato.pdf", "ISEE 2026.PDF": "ISEE 2026.pdf", "": "documento.pdf", ".pdf": "documento.pdf",
		"../../etc/passwd.pdf": "passwd.pdf", `C:\Users\Maria\isee.pdf`: "isee.pdf", "a.pdf\x00.exe": "a.pdf.pdf",
		"cert\u202efdp.exe": "certfdp.pdf", "a\"\r\nX-Evil: 1.pdf": "aX-Evil 1.pdf", "foto.jpg": "foto.pdf", "perché.pdf": "perché.pdf",
		"\xff\xfe.pdf": "documento.pdf", strings.Repeat("a", 296) + ".pdf": strings.Repeat("a", 76) + ".pdf",
	} {
		f, err := look(name, plain())
		if err != nil || f.Name != want {
			t.Errorf("%q is called %q, %v; want %q", name, f.Name, err, want)
		}
	}
}

func TestAPaperOpensWithItsKeyAndUnderItsName(t *testing.T) {
	t.Parallel()
	key := func(b byte) document.Keys {
		k, err := document.NewKeys(bytes.Repeat([]byte{b}, document.MasterKeyLength))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	seal := func(k document.Keys, id string) []byte {
		r, err := k.Seal(bytes.NewReader(plain()), id)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	open := func(k document.Keys, sealed io.Reader, id string) ([]byte, error) {
		r, err := k.Open(sealed, id)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}
	sealed := seal(key(1), "a")
	if bytes.Contains(sealed, []byte("%PDF")) || bytes.Contains(sealed, []byte("certificato")) {
		t.Fatal("not sealed")
	}
	if b, err := open(key(1), bytes.NewReader(sealed), "a"); err != nil || !bytes.Equal(b, plain()) {
		t.Errorf("it does not open: %v", err)
	}
	if bytes.Equal(seal(key(1), "a"), sealed) {
		t.Error("two papers have the same key")
	}
	torn := bytes.Clone(sealed)
	torn[len(torn)-1] ^= 1
	for why, c := range map[string]struct {
		key    document.Keys
		sealed []byte
		id     string
	}{
		"with another key":         {key(2), sealed, "a"},
		"in another's place":       {key(1), sealed, "b"},
		"with its last byte other": {key(1), torn, "a"},
		"cut off":                  {key(1), sealed[:50], "a"},
		"without its end":          {key(1), sealed[:len(sealed)-1], "a"},
	} {
		if b, err := open(c.key, bytes.NewReader(c.sealed), c.id); !errors.Is(err, document.ErrSealed) || len(b) != 0 {
			t.Errorf("%s it opens: %v", why, err)
		}
	}
	// What stops the source is no fault of the key.
	for _, n := range []int64{10, int64(len(sealed)) - 10} {
		broken := io.MultiReader(io.LimitReader(bytes.NewReader(sealed), n), iotest.ErrReader(errSource))
		if _, err := open(key(1), broken, "a"); !errors.Is(err, errSource) || errors.Is(err, document.ErrSealed) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	if _, err := document.NewKeys([]byte("short")); err == nil {
		t.Error("a short key is taken")
	}
}

var errSource = errors.New("the source has stopped")

func TestPapersWaitTheirTurnAndAreLookedAtForSoLong(t *testing.T) {
	t.Parallel()
	slow := slowContent{bytes.NewReader(plain()), make(chan struct{}), make(chan struct{})}
	desk := document.NewInspector(document.Usual, 1, nil)
	done := make(chan error)
	go func() {
		_, err := desk.Inspect(context.Background(), "a.pdf", slow)
		done <- err
	}()
	<-slow.begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := desk.Inspect(ctx, "b.pdf", bytes.NewReader(plain())); !errors.Is(err, context.Canceled) {
		t.Errorf("a second one does not wait: %v", err)
	}
	close(slow.goOn)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := desk.Inspect(t.Context(), "b.pdf", bytes.NewReader(plain())); err != nil {
		t.Errorf("the place is not given back: %v", err)
	}
	hasty := document.Usual
	hasty.Time = 0
	if _, err := document.NewInspector(hasty, 1, nil).Inspect(t.Context(), "a.pdf", bytes.NewReader(plain())); !errors.Is(err, document.ErrTooComplex) {
		t.Errorf("looked at without time: %v", err)
	}
}

// slowContent is read only once somebody says so.
type slowContent struct {
	*bytes.Reader
	begun, goOn chan struct{}
}

func (c slowContent) ReadAt(p []byte, at int64) (int, error) {
	close(c.begun)
	<-c.goOn
	return c.Reader.ReadAt(p, at)
}

// scanner refuses what it was told to, having read the whole paper.
type scanner struct{ bad, down string }

func (s scanner) Scan(_ context.Context, paper io.Reader) error {
	b, err := io.ReadAll(paper)
	switch {
	case err != nil || bytes.Contains(b, []byte(s.down)):
		return document.ErrScanner
	case bytes.Contains(b, []byte(s.bad)):
		return document.ErrMalware
	}
	return nil
}

func TestNothingIsTakenThatNobodyScanned(t *testing.T) {
	t.Parallel()
	desk := document.NewInspector(document.Usual, 1, scanner{bad: "malvagio", down: "guasto"})
	for title, want := range map[string]error{"buono": nil, "malvagio": document.ErrMalware, "guasto": document.ErrScanner} {
		_, err := desk.Inspect(t.Context(), "a.pdf", bytes.NewReader(pdf(catalog, pages, onePage, "<< >>", "<< /Title ("+title+") >>")))
		if !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%s: %v", title, err)
		}
	}
}

func FuzzNoFileHarmsWhoInspectsIt(f *testing.F) {
	f.Add(plain())
	f.Add(jpegOf(8, 8))
	f.Add(pngOf(8, 8))
	f.Add(pdf(catalog, pages, onePage, stream("/Type /ObjStm", "3 0 "+onePage)))
	f.Fuzz(func(t *testing.T, b []byte) {
		most := document.Usual
		most.Inflated = 1 << 20
		if file, err := document.NewInspector(most, 1, nil).Inspect(t.Context(), "x", bytes.NewReader(b)); err == nil && (file.Type == "" || !utf8.ValidString(file.Name) || len(kept(file)) == 0) {
			t.Errorf("taken as %+v", file.Name)
		}
	})
}
