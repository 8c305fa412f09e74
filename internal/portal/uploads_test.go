package portal_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/clamd"
	"portal/internal/portal"
)

// The sentences of ux.md for files.
const (
	saysTooBig  = "Il file supera 10 MB. Riducilo o fotografalo di nuovo"
	saysType    = "Carica un file PDF, JPG o PNG"
	saysDamaged = "Il file è vuoto o danneggiato"
	saysLocked  = "Il file è protetto da password: carica una copia senza password"
	saysActive  = "Il file contiene programmi, moduli attivi o altri file"
	saysComplex = "Il file è troppo complesso da controllare"
	saysMalware = "Non possiamo accettare questo file perché contiene un virus"
	saysNobody  = "Non riusciamo a controllare il file in questo momento"
)

func TestEveryBadFileIsRefusedWithItsSentence(t *testing.T) {
	t.Parallel()
	small := onePagePDF()
	cases := []struct {
		row, name string
		content   []byte
		status    int
		says      string
	}{
		{"UP01", "certificato.pdf", small, 200, "certificato.pdf"},
		{"UP02", "foto.jpg", photograph(), 200, "foto.jpg"},
		{"UP03", "certificato.pdf.p7m", append([]byte("0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80"), small...), 422, saysType},
		{"UP04", "a.pdf", nil, 422, saysDamaged},
		{"UP05", "a.pdf", []byte("%"), 422, saysType},
		{"UP07", "grande.pdf", padded(10 << 20), 200, "10,0 MB"},
		{"UP08", "a.pdf", padded(10<<20 + 1), 413, saysTooBig},
		{"UP11", "a.pdf", []byte("MZ\x90\x00\x03\x00\x00\x00"), 422, saysType},
		{"UP12", "a.pdf", []byte("<!DOCTYPE html><script>alert(1)</script>"), 422, saysType},
		{"UP13", "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), 422, saysType},
		{"UP14", "a.pdf", append(bytes.Clone(small), archive("a.txt", 10)...), 422, saysDamaged},
		{"UP15", "a.gif", []byte("GIF89a/*\x00*/=1;alert(1)"), 422, saysType},
		{"UP16", "a.pdf", pdfOf("<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>", pdfPages, pdfPage), 422, saysActive},
		{"UP17", "a.pdf", pdfOf(pdfCatalog, pdfPages, pdfPage, "<< /Type /EmbeddedFile /Length 2 >>\nstream\nMZ\nendstream"), 422, saysActive},
		{"UP18", "a.pdf", encrypted("<< /Filter /Standard /V 5 /R 6 /Length 256 /P -4 /O (o) /U (u) >>"), 422, saysLocked},
		{"UP19", "a.pdf", encrypted("<< /Filter /Standard /V 5 /R 6 /Length 256 /P -44 /O (o) /U () >>"), 422, saysLocked},
		{"UP20", "a.pdf", small[:120], 422, saysDamaged},
		{"UP21", "a.pdf", pdfOf(pdfCatalog, pdfPages, pdfPage, bomb(200_000_000)), 422, saysComplex},
		{"UP22", "a.pdf", tenThousandPages(), 422, "Il file ha troppe pagine: al massimo 200"},
		{"UP23", "a.pdf", pdfOf(pdfCatalog, "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"), 422, saysDamaged},
		{"UP24", "a.zip", archive("zeri", 1<<30), 422, saysType},
		{"UP25", "a.docx", archive("word/document.xml", 2000), 422, saysType},
		{"UP26", "a.jpg", wide(50_000), 422, "L’immagine ha troppi punti"},
		{"UP27", "IMG_0001.HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), 422, "Impostazioni › Fotocamera › Formati › Più compatibile"},
		{"UP29", "eicar.pdf", []byte(eicar), 422, saysType},
		{"UP31", "../../etc/passwd.pdf", small, 200, "passwd.pdf"},
		{"UP33", "cert\u202efdp.exe", small, 200, "certfdp.pdf"},
		{"UP35", strings.Repeat("a", 296) + ".pdf", small, 200, strings.Repeat("a", 76) + ".pdf"},
	}
	for name, open := range uploadPages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			u := open(s)
			for _, c := range cases {
				p := u.upload(c.name, c.content)
				if p.Status != c.status || !strings.Contains(p.text(), c.says) {
					t.Errorf("%s: %d, %s", c.row, p.Status, p.one("main").text())
				}
				u.nothingLeft(c.row, c.status == 200)
			}
			u.upload("", nil).wants(422, "Scegli il file da caricare") // UP06
			u.nothingLeft("UP06", false)
			s.whole()
		})
	}
}

// kept is how many papers were handed in since the demo world was made.
func (u uploadPage) kept() int {
	u.Helper()
	return u.count(`SELECT count(*) FROM attachments WHERE at >= $1`, noon)
}

// nothingLeft fails when a refused file left something, and forgets one that was
// taken.
func (u uploadPage) nothingLeft(row string, taken bool) {
	u.Helper()
	if n := u.kept(); (n == 1) != taken || n > 1 {
		u.Errorf("%s: %d papers are kept", row, n)
	}
	if n := u.count(`SELECT count(*) FROM attachment_chunks WHERE attachment_id NOT IN (SELECT id FROM attachments)`); n != 0 {
		u.Errorf("%s: %d chunks of nothing", row, n)
	}
	u.forget()
	u.intact()
}

func TestEveryBadFormOfAFileIsRefused(t *testing.T) {
	t.Parallel()
	small := string(onePagePDF())
	for name, open := range uploadPages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			u := open(s)
			multipart := func(body string) page {
				return u.send(u.at, "multipart/form-data; boundary="+boundary, bytes.NewBufferString(body))
			}
			for _, c := range []struct {
				row    string
				page   page
				status []int
				says   string
				taken  bool
			}{
				{"UP09", u.stream("a.pdf", slices.Repeat([][]byte{padded(10 << 20)}, 5)...), []int{413}, saysTooBig, false},
				{"UP09, and the end is waited for", u.stream("a.pdf", padded(10<<20), padded(10<<20)), []int{413}, saysTooBig, false},
				{"UP32", multipart(u.head("a.pdf\x00.exe") + small + tail), []int{400}, "", false},
				{"UP36", multipart(u.head("a.pdf") + small + "\r\n" + u.part("b.pdf") + small + tail), []int{422}, "Il modulo contiene due volte lo stesso campo", false},
				{"UP39", multipart(u.head("a.pdf") + small), []int{400}, "", false},
				{"UP39, in a field", multipart("--" + boundary + "\r\nContent-Disposition: form-data; name=\"idem\"\r\n\r\nx"), []int{400}, "", false},
				{"UP40", u.send(u.at, "multipart/form-data; boundary=", bytes.NewBufferString("x")), []int{400}, "", false},
				{"UP41", multipart(strings.Repeat("--"+boundary+"\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n", 1001) + u.part("a.pdf") + small + tail), []int{400, 422}, "", false},
				{"no upload at all", u.send(u.at, "application/x-www-form-urlencoded", bytes.NewBufferString(u.field+"=x")), []int{400}, "", false},
				{"a field that is no text", multipart("--" + boundary + "\r\nContent-Disposition: form-data; name=\"nota\"\r\n\r\na\x00b\r\n" + u.part("a.pdf") + small + tail), []int{422}, "", false},
			} {
				if !slices.Contains(c.status, c.page.Status) || !strings.Contains(c.page.text(), c.says) {
					t.Errorf("%s: %d, %s", c.row, c.page.Status, c.page.one("main").text())
				}
				u.nothingLeft(c.row, c.taken)
			}
			// Names that nobody could type. They are shown cleaned.
			for row, c := range map[string]struct{ sent, shown string }{
				"UP34":                      {`a\"` + "%0D%0AX-Evil: 1.pdf", "a%0D%0AX-Evil 1.pdf"},
				"UP34, a true end of line":  {"a\"\r\nX-Evil: 1.pdf", "a.pdf"},
				"UP31, as Windows has them": {`C:\\Users\\Maria\\referto.pdf`, "referto.pdf"},
			} {
				p := multipart(u.head(c.sent) + small + tail)
				if p.Status != 200 || !strings.Contains(p.text(), c.shown) {
					t.Errorf("%s: %d, %s", row, p.Status, p.one("main").text())
				}
				u.nothingLeft(row, true)
			}

			// UP10: more follows than was announced.
			head := u.head("a.pdf") + "%PDF-1.7\n"
			conn := u.dial(len(head) + 500)
			go func() { // until the portal hangs up
				_, _ = io.WriteString(conn, head)
				_, _ = io.CopyN(conn, zeros{}, 50<<20)
			}()
			if status := answer(conn); status != 400 && status != 413 {
				t.Errorf("UP10: %d", status)
			}
			u.nothingLeft("UP10", false)

			// UP38: the same file twice, with two forms, is one.
			for range 2 {
				u.upload("a.pdf", []byte(small)).wants(200, "a.pdf")
			}
			if n := u.kept(); n != 1 {
				t.Errorf("UP38: %d papers", n)
			}
			// UP37: the twenty-first. Where there is a place for one, the last stays.
			for i := range 19 {
				u.upload("a.pdf", []byte(small+strings.Repeat(" ", i+1))).wants(200)
			}
			if u.most > 1 {
				u.upload("a.pdf", []byte(small+"\n\n\n")).wants(422, "al massimo 20")
			}
			if n := u.kept(); n != u.most {
				t.Errorf("UP37: %d papers", n)
			}
			u.intact()
			// UP44: after what they belong to was sent.
			form := u.get(u.at)
			u.done()
			u.hand(form, u.field, "b.pdf", []byte(small+"\n"), u.typed).wants(409)
			if n := u.kept(); n != u.most {
				t.Errorf("UP44: %d papers", n)
			}
			s.whole()
		})
	}
}

// antivirus is a clamd on loopback that knows one piece of malware.
func antivirus(t *testing.T) (address string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				_, _ = r.ReadString(0)
				var paper bytes.Buffer
				for n := uint32(1); n > 0; {
					if binary.Read(r, binary.BigEndian, &n) != nil {
						return
					}
					_, _ = io.CopyN(&paper, r, int64(n))
				}
				says := "stream: OK\x00"
				if strings.Contains(paper.String(), eicar) {
					says = "stream: Eicar-Test-Signature FOUND\x00"
				}
				_, _ = io.WriteString(conn, says)
			}()
		}
	}()
	return l.Addr().String(), func() { _ = l.Close() }
}

func TestWhatIsMalwareOrCannotBeScannedIsNotTaken(t *testing.T) {
	t.Parallel()
	for name, open := range uploadPages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, stop := antivirus(t)
			s := newSite(t, func(p *portal.Portal) { p.Scanner = clamd.New(address, 5*time.Second) })
			u := open(s)
			u.upload("buono.pdf", onePagePDF()).wants(200, "buono.pdf")
			u.nothingLeft("UP01", true)
			bad := pdfOf(pdfCatalog, pdfPages, pdfPage, "<< /Length 68 >>\nstream\n"+eicar+"\nendstream")
			u.upload("cartella-clinica.pdf", bad).wants(422, saysMalware)
			u.nothingLeft("UP28", false)
			if log := s.Logged.String(); !strings.Contains(log, "malware was handed in") || strings.Contains(log, "cartella-clinica") {
				t.Error("UP28: the log does not say so, or says the name")
			}
			stop()
			u.upload("buono.pdf", onePagePDF()).wants(503, saysNobody)
			u.nothingLeft("UP30", false)
		})
	}
}

func TestAPaperLeavesAsAFileAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	u := s.reviewUpload()
	for name, disposition := range map[string]string{
		"isee.pdf":           `attachment; filename=isee.pdf`,
		"l’attestazione.pdf": `attachment; filename*=utf-8''l%E2%80%99attestazione.pdf`,
		"a; b c.pdf":         `attachment; filename="a; b c.pdf"`,
	} {
		content := padded(700 << 10)
		at := u.upload(name, content).wants(200).link(name)
		opened := s.count(`SELECT count(*) FROM audit WHERE action = 'document.opened'`)
		many := strings.TrimSuffix("bytes="+strings.Repeat("0-1,", 1000), ",") // HD27
		p := u.do("GET", at, nil, http.Header{"Range": {many}})
		if p.Status != 200 || p.Body != string(content) || p.Header.Get("Content-Length") != fmt.Sprint(len(content)) {
			t.Errorf("%s: %d, %d bytes of %d", name, p.Status, len(p.Body), len(content))
		}
		for header, want := range map[string]string{
			"Content-Type": "application/pdf", "Content-Disposition": disposition, "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store", "Accept-Ranges": "none",
		} {
			if got := p.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		if !strings.HasSuffix(p.Header.Get("Content-Security-Policy"), "; sandbox") {
			t.Errorf("%s may act in the browser", name)
		}
		if n := s.count(`SELECT count(*) FROM audit WHERE action = 'document.opened'`); n != opened+1 {
			t.Errorf("%s: opened once, written down %d times", name, n-opened)
		}
		u.nothingLeft(name, true)
	}
	u.upload("foto.jpg", photograph()).wants(200)
	if p := u.get(u.get(u.at).link("foto.jpg")); strings.Contains(p.Body, "GPS") || !strings.Contains(p.Body, "\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06") {
		t.Error("UP02: the photograph says where it was taken, or has lost its way up")
	}
}
