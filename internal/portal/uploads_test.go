package portal_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"portal/internal/clamd"
	"portal/internal/demo"
	"portal/internal/portal"
)

// uploadPages are the pages that take papers: each bad input is tried on all.
var uploadPages = map[string]func(*site) uploadPage{
	"re-examination": (*site).reviewUpload,
	"certificate":    (*site).certificateUpload,
}

// uploadPage is such a page, before somebody who may hand in papers there.
type uploadPage struct {
	*browser
	at, field string     // where its form is, and the name of its file
	typed     url.Values // in the fields before it
	intact    func()     // fails when what was typed before is not there any more
	forget    func()     // what was handed in, so that the next one is the first
	done      func()     // sends what the papers belong to
}

const typed = "L’ISEE era valido: lo dice l’attestazione."

func (s *site) reviewUpload() uploadPage {
	s.Helper()
	_, path := s.refused(demo.ExcludedCitizen)
	b := s.login(demo.ExcludedCitizen, "")
	b.submit(b.get(path+"/motivo"), url.Values{"motivo": {"isee"}, "testo": {typed}}).wants(200, "Hai documenti da allegare?")
	return uploadPage{b, path + "/documenti", "documento", nil,
		func() { b.get(path+"/riepilogo").wants(200, typed) },
		func() {
			s.exec(`DELETE FROM attachments WHERE subject_id NOT IN (SELECT case_id FROM indemnity_papers)`)
		},
		func() { b.submit(b.get(path+"/riepilogo"), nil).wants(200, "Richiesta inviata") },
	}
}

// certificateUpload is the certificates of an illness.
func (s *site) certificateUpload() uploadPage {
	s.Helper()
	s.withCalls()
	b := s.member(demo.Member)
	tasks := b.begun(flu)
	list := tasks.URL.Path + "/certificati"
	return uploadPage{b, list + "/aggiungi", "documento",
		fields(url.Values{"tipo": {"initial_prognosis"}}, dayOf("data", 2026, 10, 29), dayOf("primo", 2026, 10, 29), dayOf("ultimo", 2026, 11, 12)),
		func() { b.get(list).wants(200, "Iniziale", "29/10/2026 – 12/11/2026") },
		func() {
			s.exec(`UPDATE indemnity_papers SET attachment_id = NULL WHERE case_id = $1`, caseOf(tasks))
			s.exec(`DELETE FROM attachments WHERE subject_id = $1`, caseOf(tasks))
		},
		func() {
			s.exec(`UPDATE indemnity_drafts SET answers = '{}', sent_at = now() WHERE id = $1`, caseOf(tasks))
		},
	}
}

// upload sends a file with the form of the page.
func (u uploadPage) upload(name string, content []byte) page {
	u.Helper()
	return u.hand(u.get(u.at).wants(200), u.field, name, content, u.typed)
}

// boundary of forms that are written by hand.
const boundary = "-------------------------parte"

// head is a form by hand as far as its file, with the headers that its part has.
func (u uploadPage) head(name string) string {
	u.Helper()
	key := ""
	for _, n := range u.get(u.at).form().all("input") {
		if n.attr("name") == "idem" {
			key = n.attr("value")
		}
	}
	head := ""
	for field, values := range fields(u.typed, url.Values{"idem": {key}}) {
		head += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + values[0] + "\r\n"
	}
	return head + u.part(name)
}

func (u uploadPage) part(name string) string {
	return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + u.field + "\"; filename=\"" + name + "\"\r\nContent-Type: application/pdf\r\n\r\n"
}

const tail = "\r\n--" + boundary + "--\r\n"

// stream sends a form by hand without holding it, and with the length it has.
func (u uploadPage) stream(name string, content ...[]byte) page {
	u.Helper()
	head := u.head(name)
	readers := []io.Reader{strings.NewReader(head)}
	length := int64(len(head) + len(tail))
	for _, c := range content {
		readers = append(readers, bytes.NewReader(c))
		length += int64(len(c))
	}
	req, err := http.NewRequestWithContext(u.Context(), "POST", u.URL+u.at, io.MultiReader(append(readers, strings.NewReader(tail))...))
	if err != nil {
		u.Fatal(err)
	}
	req.ContentLength = length
	req.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := u.client.Do(req)
	if err != nil {
		u.Fatal(err)
	}
	defer resp.Body.Close()
	doc, err := html.Parse(resp.Body)
	if err != nil {
		u.Fatal(err)
	}
	return page{node{u.browser, doc}, resp.StatusCode, resp.Request.URL, resp.Header, ""}
}

// dial begins to send a form by hand, of a length that may be wrong.
func (u uploadPage) dial(length int) net.Conn {
	u.Helper()
	at, err := url.Parse(u.URL)
	if err != nil {
		u.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		u.Fatal(err)
	}
	u.Cleanup(func() { _ = conn.Close() })
	var cookies []string
	for _, c := range u.client.Jar.Cookies(at) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=%s\r\nContent-Length: %d\r\n\r\n",
		u.at, at.Host, strings.Join(cookies, "; "), boundary, length)
	return conn
}

// answer is the status of what comes back, 0 when nothing does.
func answer(conn net.Conn) int {
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// pdfOf is a PDF with these objects, numbered from 1.
func pdfOf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}

const (
	pdfCatalog = "<< /Type /Catalog /Pages 2 0 R >>"
	pdfPages   = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
	pdfPage    = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
)

// padded is a PDF of so many bytes.
func padded(size int) []byte {
	b := pdfOf(pdfCatalog, pdfPages, pdfPage)
	return append(b, bytes.Repeat([]byte("\n"), size-len(b))...)
}

// bomb is a stream that becomes so many zeros.
func bomb(size int64) string {
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	_, _ = io.CopyN(z, zeros{}, size)
	_ = z.Close()
	return fmt.Sprintf("<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", b.Len(), b.String())
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// archive is a ZIP with one file of so many zeros.
func archive(name string, size int64) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create(name)
	_, _ = io.CopyN(w, zeros{}, size)
	_ = z.Close()
	return b.Bytes()
}

// photograph is a JPEG that says where it was taken.
func photograph() []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 20)), nil)
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00GPS 45.4642 N"
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	return slices.Concat(b.Bytes()[:2], segment, []byte(exif), b.Bytes()[2:])
}

// wide is a JPEG whose header claims a side that nobody drew.
func wide(side uint16) []byte {
	b := photograph()
	at := bytes.Index(b, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(b[at+5:], side)
	binary.BigEndian.PutUint16(b[at+7:], side)
	return b
}

// eicar is in two parts, so that nobody's scanner objects to this file.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

func encrypted(filter string) []byte {
	return bytes.Replace(pdfOf(pdfCatalog, pdfPages, pdfPage, filter), []byte("/Root 1 0 R"), []byte("/Root 1 0 R /Encrypt 4 0 R"), 1)
}

func tenThousandPages() []byte {
	return pdfOf(append([]string{pdfCatalog, pdfPages}, slices.Repeat([]string{pdfPage}, 10_000)...)...)
}

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
			conn := u.dial(1000)
			go func() { // until the portal hangs up
				_, _ = io.WriteString(conn, u.head("a.pdf"))
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
			// UP37: the twenty-first.
			for i := range 19 {
				u.upload("a.pdf", []byte(small+strings.Repeat(" ", i+1))).wants(200)
			}
			u.upload("a.pdf", []byte(small+"\n\n\n")).wants(422, "al massimo 20")
			if n := u.kept(); n != 20 {
				t.Errorf("UP37: %d papers", n)
			}
			// UP44: after what they belong to was sent.
			form := u.get(u.at)
			u.done()
			u.hand(form, u.field, "b.pdf", []byte(small+"\n"), u.typed).wants(409)
			if n := u.kept(); n != 20 {
				t.Errorf("UP44: %d papers", n)
			}
			s.whole()
		})
	}
}

func TestABrokenUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, open := range uploadPages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(p *portal.Portal) { p.PaperTime = 2 * time.Second })
			u := open(s)
			head, content := u.head("a.pdf"), padded(10<<20)
			// UP43: the connection breaks at nine tenths.
			conn := u.dial(len(head) + len(content) + len(tail))
			if _, err := conn.Write(append([]byte(head), content[:9<<20]...)); err != nil {
				t.Fatal(err)
			}
			_ = conn.Close()
			// UP42: a byte now and then. Others are served meanwhile.
			slow := u.dial(len(head) + len(content) + len(tail))
			stop := make(chan struct{})
			go func() {
				_, _ = slow.Write(append([]byte(head), content[:1000]...))
				for {
					select {
					case <-stop:
						return
					case <-time.After(100 * time.Millisecond):
						_, _ = slow.Write([]byte("\n"))
					}
				}
			}()
			u.upload("b.pdf", content[:5<<20]).wants(200, "b.pdf")
			if status := answer(slow); status != 408 {
				t.Errorf("UP42: %d", status)
			}
			close(stop)
			u.nothingLeft("UP42 and UP43", true)
			noSpool(t)
		})
	}
}

// noSpool waits until nothing that was sent lies on the disk.
func noSpool(t *testing.T) {
	t.Helper()
	if named, err := filepath.Glob(filepath.Join(os.TempDir(), "portal-paper-*")); err != nil || len(named) > 0 {
		t.Errorf("%v lie in the folder of temporary files: %v", named, err)
	}
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) { // other tests have theirs
		var open []string
		links, _ := filepath.Glob("/proc/self/fd/*")
		for _, l := range links {
			if to, err := os.Readlink(l); err == nil && strings.Contains(to, "portal-paper-") {
				open = append(open, to)
			}
		}
		if len(open) == 0 {
			return
		}
		if time.Now().After(until) {
			t.Errorf("%v are open still", open)
			return
		}
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

// Not beside other tests: it weighs the whole process.
func TestManyLargePapersAtOnceTakeNoMemory(t *testing.T) {
	for name, open := range uploadPages {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			u := open(s)
			content := padded(10 << 20)
			head := u.head("a.pdf")
			runtime.GC()
			before, done, peak := inUse(), make(chan struct{}), make(chan uint64)
			go func() {
				most := uint64(0)
				for {
					select {
					case <-done:
						peak <- most
						return
					case <-time.After(5 * time.Millisecond):
						most = max(most, inUse())
					}
				}
			}()
			// Half of them stop before the end and wait, as on a bad line.
			var all sync.WaitGroup
			var slow []net.Conn
			for range 16 {
				conn := u.dial(len(head) + len(content) + len(tail))
				slow = append(slow, conn)
				all.Go(func() {
					_, _ = io.WriteString(conn, head)
					_, _ = conn.Write(content[:9<<20])
				})
			}
			for range 13 { // with the three below as many as the portal has places for
				all.Go(func() {
					if p := u.stream("a.pdf", content); p.Status != 200 {
						t.Errorf("%d, %s", p.Status, p.one("main").text())
					}
				})
			}
			bombs := map[string][]byte{
				"a.pdf": pdfOf(pdfCatalog, pdfPages, pdfPage, bomb(200_000_000)),
				"b.pdf": pdfOf(pdfCatalog, pdfPages, pdfPage, strings.Replace(bomb(200_000_000), "<<", "<< /Type /ObjStm", 1)),
				"c.jpg": wide(50_000),
			}
			for name, content := range bombs {
				all.Go(func() {
					if p := u.stream(name, content); p.Status != 422 {
						t.Errorf("%s: %d, %s", name, p.Status, p.one("main").text())
					}
				})
			}
			all.Wait()
			for _, conn := range slow {
				all.Go(func() {
					_, _ = conn.Write(content[9<<20:])
					_, _ = io.WriteString(conn, tail)
					if status := answer(conn); status != 303 {
						t.Errorf("a slow one: %d", status)
					}
				})
			}
			all.Wait()
			close(done)
			grown := (max(<-peak, before) - before) >> 20
			t.Logf("%d MB more for 32 papers of 10 MB", grown)
			if grown > 96 {
				t.Errorf("32 papers of 10 MB at once take %d MB", grown)
			}
			u.nothingLeft("many", true)
			noSpool(t)
		})
	}
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
