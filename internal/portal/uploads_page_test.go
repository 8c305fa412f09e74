package portal_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"

	"portal/internal/demo"
)

// uploadPages are the pages that take papers: each bad input is tried on all.
var uploadPages = map[string]func(*site) uploadPage{
	"re-examination": (*site).reviewUpload,
	"certificate":    (*site).certificateUpload,
	"answer":         (*site).answerUpload,
}

// uploadPage is such a page, before somebody who may hand in papers there.
type uploadPage struct {
	*browser
	at, field string     // where its form is, and the name of its file
	most      int        // papers that it takes: one, where each takes the place of the one before
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
	return uploadPage{b, path + "/documenti", "documento", 20, nil,
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
	return uploadPage{b, list + "/aggiungi", "documento", 20,
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

// answerUpload is the answer to a request of the office (M-19): a note is written, and the
// file of another item is there.
func (s *site) answerUpload() uploadPage {
	s.Helper()
	b := s.member(demo.Member)
	request := b.get(b.get(memberCases).wants(200, "Documenti richiesti").link("Rispondi"))
	at, id := request.URL.Path, caseOf(request)
	b.submit(request, url.Values{"nota-V1": {typed}}).wants(200, "Risposta salvata")
	b.hand(b.get(at+"/voci/V1"), "documento", "retro.pdf", onePagePDF()).wants(200, "retro.pdf")
	s.exec(`UPDATE attachments SET at = at - interval '1 hour' WHERE subject_id = $1 AND at >= $2`, id, noon) // the others are told from it
	return uploadPage{b, at + "/voci/V6", "documento", 1, fields(dayOf("data", 2026, 9, 24), dayOf("primo", 2026, 9, 24), dayOf("ultimo", 2026, 10, 8)),
		func() { b.get(at).wants(200, typed, "retro.pdf") },
		func() {
			s.exec(`UPDATE indemnity_papers SET attachment_id = NULL WHERE attachment_id IN (SELECT id FROM attachments WHERE subject_id = $1 AND at >= $2)`, id, noon)
			s.exec(`DELETE FROM attachments WHERE subject_id = $1 AND at >= $2`, id, noon)
		},
		func() {
			b.submit(b.get(at+"/riepilogo").wants(200, typed, "retro.pdf"), nil).wants(200, "Risposta inviata")
			b.submit(b.get(memberCases+"/"+id+"/ritira"), nil).wants(200, "Domanda ritirata") // within the term another answer might follow
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
