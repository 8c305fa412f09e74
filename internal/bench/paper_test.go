package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// The papers of P12, and how many come at once.
const (
	paperBytes   = 10 << 20
	papersAtOnce = 32
	plainChunk   = 256 << 10
)

// BenchmarkP12Paper is a paper of 10 MB that is handed in: kept by the store, and sent
// through HTTP with all its checks, each over writing as many plain bytes to
// PostgreSQL, in chunks as large. Then many at once, and the memory they take.
func BenchmarkP12Paper(b *testing.B) {
	r := newReport(b, "P12", "seconds and megabytes of a paper of 10 MB, sealed and kept, over writing plain bytes")
	s := newSite(b, "papers")
	keys := documents(b)
	addEdition(b, s.pool)
	store := postgres.NewReexaminations(s.pool, keys)
	s.portal.Reexaminations = voucher.NewReexaminations(store, time.Now)
	for _, sql := range []string{
		`CREATE TABLE plain_chunks (attachment_id uuid NOT NULL, number integer NOT NULL, content bytea NOT NULL, PRIMARY KEY (attachment_id, number))`,
		`ALTER TABLE plain_chunks ALTER COLUMN content SET STORAGE EXTERNAL`,
	} {
		if _, err := s.pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	content := largePaper()
	paper, err := document.NewInspector(document.Usual, 1, nil).Inspect(b.Context(), "certificato.pdf", bytes.NewReader(content))
	if err != nil {
		b.Fatal(err)
	}
	next := 0
	ask := func(n int) []asked { // that nobody has handed papers in for
		addVouchers(b, s.pool, next, n)
		all := s.askReviews(b, next, n)
		next += n
		return all
	}

	const pairs = 5
	plain := func() error { return writePlain(b.Context(), s.pool, content) }
	var processor float64 // that what was done last took, with PostgreSQL's
	timed := func(do func() error) (took float64) {
		before := databases(b).cost(b)
		took = seconds(b, do)
		after := databases(b).cost(b)
		processor = (after.program + after.postgres - before.program - before.postgres).Seconds()
		return took
	}
	var table figures
	turns(b, func(counted bool) {
		all := ask(2*pairs + papersAtOnce)
		kept, sent, many := all[:pairs], all[pairs:2*pairs], all[2*pairs:]
		var floors, stores, webs float64 // of processor, whose clock is too coarse for one paper
		for i := range pairs {
			floor := timed(plain)
			floors += processor
			store := timed(func() error { return kept[i].keep(b.Context(), store, paper) })
			stores += processor
			again := timed(plain)
			floors += processor
			web := timed(func() error { return sent[i].send(s.addr, content) })
			webs += processor
			if counted {
				table.compare("sealed and kept, s", "≤ 1.5", floor, store)
				table.compare("through HTTP, s", "≤ 1.5", again, web)
			}
		}
		floor := timed(func() error { return atOnce(papersAtOnce, func(int) error { return plain() }) })
		floorOfMany := processor
		var megabytes float64
		took := timed(func() error {
			_, megabytes = measured(b, func() error {
				return atOnce(papersAtOnce, func(i int) error { return many[i].send(s.addr, content) })
			})
			return nil
		})
		if counted {
			table.compare("sealed and kept, s of processor", "", floors/2/pairs, stores/pairs)
			table.compare("through HTTP, s of processor", "", floors/2/pairs, webs/pairs)
			table.compare("32 at once through HTTP, s", "", floor, took)
			table.compare("32 at once, s of processor", "", floorOfMany, processor)
			table.note("32 at once, MB", "", megabytes)
		}
		// Not those of the made-up world.
		if _, err := s.pool.Exec(b.Context(), `DELETE FROM attachments WHERE subject_id IN (SELECT id FROM reexamination_drafts)`); err != nil {
			b.Fatal(err)
		}
		if _, err := s.pool.Exec(b.Context(), `TRUNCATE plain_chunks`); err != nil {
			b.Fatal(err)
		}
	})
	table.publish(b, r)
	r.keep(b)
	s.whole(b)
}

// largePaper is a scan, whose bytes no compression makes fewer.
func largePaper() []byte {
	head := "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n" +
		"3 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n4 0 obj\n<< /Filter /DCTDecode >>\nstream\n"
	const tail = "\nendstream\nendobj\n"
	const room = 200 // for the end of the file
	picture := make([]byte, paperBytes-len(head)-len(tail)-room)
	_, _ = rand.NewChaCha8([32]byte{}).Read(picture)
	b := append(append([]byte(head), picture...), tail...)
	b = append(b, fmt.Sprintf("xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(b))...)
	return append(b, bytes.Repeat([]byte("\n"), paperBytes-len(b))...)
}

// writePlain is the limit: the same bytes in one transaction, as they are.
func writePlain(ctx context.Context, pool *pgxpool.Pool, content []byte) error {
	id, at := uuid.New(), 0
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"plain_chunks"}, []string{"attachment_id", "number", "content"}, pgx.CopyFromFunc(func() ([]any, error) {
			if at == len(content) {
				return nil, nil
			}
			from := at
			at = min(at+plainChunk, len(content))
			return []any{id, from / plainChunk, content[from:at]}, nil
		}))
		return err
	})
}

// asked is a request for re-examination that somebody writes.
type asked struct {
	who         identity.Actor
	application voucher.ApplicationID
	draft       string
	token       string
}

// askReviews begins a request about each of so many applications, which were refused.
func (s *site) askReviews(b *testing.B, from, n int) []asked {
	b.Helper()
	if _, err := s.pool.Exec(b.Context(), `
		UPDATE applications SET state = 'not_processable', reason = 'isee_not_corrected', isee_status = 'defective', decided_on = $3
		WHERE id IN (SELECT md5('application ' || j)::uuid FROM generate_series($1::int, $2::int) j)`, from, from+n-1, calendar.On(time.Now())); err != nil {
		b.Fatal(err)
	}
	all := make([]asked, n)
	for i := range all {
		who := identity.Own(identity.PersonID(numbered("holder", from+i)), identity.Citizen)
		all[i] = asked{who, voucher.ApplicationID(numbered("application", from+i)), uuid.NewString(), s.login(b, who, "")}
		if _, err := s.pool.Exec(b.Context(), `INSERT INTO reexamination_drafts (id, application_id, writer_id, motive, text, saved_at) VALUES ($1, $2, $3, 'other', '', now())`,
			all[i].draft, string(all[i].application), string(who.Person)); err != nil {
			b.Fatal(err)
		}
	}
	return all
}

// keep hands a paper to the store.
func (a asked) keep(ctx context.Context, store *postgres.Reexaminations, f document.File) error {
	form, err := once.New(a.who.Person, "reexamination.hand", once.NewKey(), nil)
	if err != nil {
		return err
	}
	p := voucher.Paper{ID: uuid.NewString(), Subject: a.draft, Owner: a.who.For, At: time.Now()}
	return store.AddPaper(ctx, form, p, f, document.Usual, audit.Entry{At: p.At, Actor: a.who, Action: voucher.PaperHanded, Subject: p.ID, About: a.who.For})
}

// send sends a paper as a browser does.
func (a asked) send(addr string, content []byte) error {
	const boundary = "-----------------parte"
	head := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"idem\"\r\n\r\n" + once.NewKey() +
		"\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"documento\"; filename=\"certificato.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"
	const tail = "\r\n--" + boundary + "--\r\n"
	body := io.MultiReader(strings.NewReader(head), bytes.NewReader(content), strings.NewReader(tail))
	r, err := http.NewRequest("POST", "http://"+addr+"/contributo-psicoterapia/domande/"+string(a.application)+"/riesame/documenti", body)
	if err != nil {
		return err
	}
	r.Host, r.ContentLength = "localhost", int64(len(head)+len(content)+len(tail))
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "sid", Value: a.token})
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("answered with %s", answer.Status)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// atOnce does something so many times at once.
func atOnce(n int, do func(i int) error) error {
	var all sync.WaitGroup
	wrong := make([]error, n)
	for i := range n {
		all.Go(func() { wrong[i] = do(i) })
	}
	all.Wait()
	for _, err := range wrong {
		if err != nil {
			return err
		}
	}
	return nil
}
