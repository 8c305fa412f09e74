package document_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
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

func zipped() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("a.txt")
	_, _ = w.Write([]byte("ciao"))
	_ = z.Close()
	return b.Bytes()
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
		"a PNG":                       {pngOf(30, 20), document.PNG},
		"a PNG called .pdf is a PNG":  {pngOf(3, 2), document.PNG},
		"a JPEG with something after": {append(jpegOf(3, 2), zipped()...), document.JPEG},
	} {
		f, err := document.Inspect("certificato.pdf", c.content, document.Usual)
		if err != nil || f.Type != c.is {
			t.Errorf("%s: %s, %v", name, f.Type, err)
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
		"UP04 nothing":                   {nil, document.ErrDamaged},
		"UP05 one byte":                  {[]byte("x"), document.ErrType},
		"UP08 one byte too many":         {make([]byte, document.Usual.Bytes+1), document.ErrTooBig},
		"UP11 a program":                 {[]byte("MZ\x90\x00"), document.ErrType},
		"UP12 a web page":                {[]byte("<!DOCTYPE html><script>alert(1)</script>"), document.ErrType},
		"UP13 a drawing with a script":   {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), document.ErrType},
		"UP14 a PDF that is a ZIP":       {append(plain(), zipped()...), document.ErrDamaged},
		"UP15 a GIF with a script":       {[]byte("GIF89a/*alert(1)*/"), document.ErrType},
		"UP16 a script":                  {pdf("<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>", pages, onePage), document.ErrActive},
		"a script spelt with escapes":    {pdf(catalog, pages, onePage, "<< /S /J#61vaScript >>"), document.ErrActive},
		"a script among objects":         {pdf(catalog, pages, onePage, stream("/Type /ObjStm /N 1 /First 4", "5 0 << /S /Launch >>")), document.ErrActive},
		"UP17 a file inside":             {pdf(catalog, pages, onePage, stream("/Type /EmbeddedFile", "MZ")), document.ErrActive},
		"UP18 a password":                {bytes.Replace(plain(), []byte("/Root 1 0 R"), []byte("/Root 1 0 R /Encrypt 9 0 R"), 1), document.ErrEncrypted},
		"UP20 cut off":                   {plain()[:120], document.ErrDamaged},
		"UP21 a bomb":                    {pdf(catalog, pages, onePage, stream("", strings.Repeat("\x00", 200_000_000))), document.ErrTooComplex},
		"a bomb of objects":              {pdf(catalog, pages, onePage, stream("/Type /ObjStm", strings.Repeat("\x00", 200_000_000))), document.ErrTooComplex},
		"UP22 ten thousand pages":        {pdf(many...), document.ErrTooLong},
		"UP23 pages that are themselves": {pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"), document.ErrDamaged},
		"UP24 an archive":                {zipped(), document.ErrType},
		"UP26 a picture of 2,500 Mpx":    {huge(50_000), document.ErrImageTooBig},
		"UP27 a picture of a phone":      {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), document.ErrType},
		"UP29 the text of EICAR":         {[]byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$`), document.ErrType},
		"half a JPEG":                    {jpegOf(300, 200)[:400], document.ErrDamaged},
		"half a PNG":                     {pngOf(300, 200)[:60], document.ErrDamaged},
		"a PNG with a bit turned":        {bytes.Replace(pngOf(30, 20), []byte("IDAT"), []byte("IDAU"), 1), document.ErrDamaged},
		"a PDF without its table":        {bytes.Replace(plain(), []byte("startxref"), []byte("startxxxx"), 1), document.ErrDamaged},
		"objects behind two filters":     {pdf(catalog, pages, onePage, "<< /Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\n00\nendstream"), document.ErrTooComplex},
	} {
		if f, err := document.Inspect("certificato.pdf", c.content, document.Usual); !errors.Is(err, c.want) {
			t.Errorf("%s: %s, %v; want %v", name, f.Type, err, c.want)
		}
	}
}

func TestAPhotographLosesWhereItWasTakenAndKeepsItsWayUp(t *testing.T) {
	t.Parallel()
	little := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x02\x00" + "\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00" +
		"\x25\x88\x04\x00\x01\x00\x00\x00\x26\x00\x00\x00" + "\x00\x00\x00\x00" + "GPS 45.4642 N"
	photo := withSegment(withSegment(jpegOf(30, 20), 0xfe, "comment of Maria"), 0xe1, little)
	f, err := document.Inspect("foto.jpeg", photo, document.Usual)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(f.Content, []byte("GPS")) || bytes.Contains(f.Content, []byte("Maria")) {
		t.Error("the photograph still says where it was taken")
	}
	if !bytes.Contains(f.Content, []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06")) {
		t.Error("the photograph has lost its way up")
	}
	if _, err := jpeg.Decode(bytes.NewReader(f.Content)); err != nil {
		t.Error(err)
	}
	again, err := document.Inspect("foto.jpeg", f.Content, document.Usual)
	if err != nil || again.Digest != f.Digest {
		t.Errorf("cleaned twice it is another: %v", err)
	}

	scan := pngOf(30, 20)
	end := bytes.Index(scan, []byte("IEND")) - 4
	scan = append(append(append(append([]byte{}, scan[:end]...), chunk("tEXt", "Author\x00Maria")...), scan[end:]...), "trailing"...)
	f, err = document.Inspect("scan.png", scan, document.Usual)
	if err != nil || bytes.Contains(f.Content, []byte("Maria")) || bytes.HasSuffix(f.Content, []byte("trailing")) {
		t.Errorf("the scan still says who made it: %v", err)
	}
	if _, err := png.Decode(bytes.NewReader(f.Content)); err != nil {
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
		f, err := document.Inspect(name, plain(), document.Usual)
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
	sealed, err := key(1).Seal(plain(), "a")
	if err != nil || bytes.Contains(sealed, []byte("%PDF")) || bytes.Contains(sealed, []byte("certificato")) {
		t.Fatalf("not sealed: %v", err)
	}
	if b, err := key(1).Open(sealed, "a"); err != nil || !bytes.Equal(b, plain()) {
		t.Errorf("it does not open: %v", err)
	}
	if other, _ := key(1).Seal(plain(), "a"); bytes.Equal(other, sealed) {
		t.Error("two papers have the same key")
	}
	torn := bytes.Clone(sealed)
	torn[len(torn)-1] ^= 1
	for why, try := range map[string]func() ([]byte, error){
		"with another key":         func() ([]byte, error) { return key(2).Open(sealed, "a") },
		"in another's place":       func() ([]byte, error) { return key(1).Open(sealed, "b") },
		"with its last byte other": func() ([]byte, error) { return key(1).Open(torn, "a") },
		"cut off":                  func() ([]byte, error) { return key(1).Open(sealed[:50], "a") },
	} {
		if b, err := try(); !errors.Is(err, document.ErrSealed) || b != nil {
			t.Errorf("%s it opens: %v", why, err)
		}
	}
	if _, err := document.NewKeys([]byte("short")); err == nil {
		t.Error("a short key is taken")
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
		if file, err := document.Inspect("x", b, most); err == nil && (file.Type == "" || !utf8.ValidString(file.Name) || len(file.Content) == 0) {
			t.Errorf("taken as %+v", file.Name)
		}
	})
}
