package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/net/html"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// The storm: psychologists book and cancel over HTTP as fast as the portal
// answers, and somebody pulls its plug again and again. Who gets no answer sends
// the same form once more. In the end every answered act is there, and none twice.
func TestAStormOfBookingsSurvivesThePlugBeingPulled(t *testing.T) {
	t.Parallel()
	const clients, kills = 16, 4
	pool := world(t)
	env := demoOn(t, pool.Config().ConnString())
	p := launch(t, env, "--demo")
	env["PORTAL_ADDR"], env["PORTAL_URL"] = p.Addr, p.URL // from now on it comes back where it was

	ctx, calm := context.WithTimeout(t.Context(), 30*time.Second)
	defer calm()
	storm := &storm{url: p.URL}
	people := make([]*stormer, clients)
	for i, holder := range grants(t, pool, clients) {
		people[i] = &stormer{TB: t, storm: storm, day: calendar.On(noon).Add(1), acts: map[string]act{}}
		people[i].arrive(ctx, [...]demo.Hint{demo.Psychologist, demo.NewPsychologist}[i%2], holder)
	}
	var all sync.WaitGroup
	for _, s := range people {
		all.Go(func() {
			for !storm.over.Load() && s.round(ctx) {
			}
		})
	}
	for range kills {
		time.Sleep(700 * time.Millisecond)
		p.kill()
		p = launch(t, env, "--demo")
	}
	time.Sleep(300 * time.Millisecond)
	storm.over.Store(true)
	all.Wait()
	p.stop()

	answered := 0
	for _, s := range people {
		answered += s.verify(pool)
	}
	found := one[int](t, pool, `SELECT count(*) FROM bookings b JOIN applications a ON a.beneficiary_id = b.beneficiary_id WHERE a.protocol LIKE 'STORM-%'`)
	booked := 0
	for _, s := range people {
		booked += s.booked
	}
	if found != booked {
		t.Errorf("%d bookings are there, and %d were answered", found, booked)
	}
	if a := ask(t, addressOf(pool), "check"); a.code != done {
		t.Errorf("check: exit code %d\n%s%s", a.code, a.out, a.err)
	}
	t.Logf("%d acts answered, %d of %d sendings went unanswered", answered, storm.unanswered.Load(), storm.sent.Load())
	if storm.unanswered.Load() == 0 || answered < 10*kills {
		t.Error("that was no storm")
	}
}

// holder is somebody whose voucher is booked against.
type holder struct {
	code       voucher.Code
	fiscalCode identity.FiscalCode
}

// grants gives so many people a voucher each.
func grants(t *testing.T, pool *pgxpool.Pool, n int) (holders []holder) {
	t.Helper()
	keys, err := (Config{CodeKey: codeKey}).keys()
	if err != nil {
		t.Fatal(err)
	}
	store, people := postgres.NewVouchers(pool), postgres.NewPeople(pool)
	service := voucher.NewService(store, keys, rand.Reader, func() time.Time { return noon })
	editions, err := store.Editions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		h := holder{fiscalCode: identity.NewFiscalCode(fmt.Sprintf("TMPSTR80A%02dH501", i+1))}
		person, err := people.Enter(t.Context(), identity.Person{FiscalCode: h.fiscalCode, GivenName: "Anna", FamilyName: "Tempesta"}, calendar.Date{}, "")
		if err != nil {
			t.Fatal(err)
		}
		a := voucher.Application{ID: voucher.ApplicationID(uuid.NewString()), Beneficiary: person.ID, Territory: "Lazio"}
		if _, err := pool.Exec(t.Context(), `INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
			VALUES ($1, $2, '2025', $3, $3, 'Lazio', 'RM', $4, 'awarded')`, string(a.ID), fmt.Sprint("STORM-", i), string(person.ID), noon); err != nil {
			t.Fatal(err)
		}
		if h.code, err = service.Grant(t.Context(), identity.Office(), a, editions["2025"].Rules, 1_500*money.Euro, calendar.On(noon).Add(-10), 1); err != nil {
			t.Fatal(err)
		}
		holders = append(holders, h)
	}
	return holders
}

// storm is what all who take part in it share.
type storm struct {
	url              string
	over             atomic.Bool
	sent, unanswered atomic.Int64
}

// act is something the portal said it had done.
type act struct {
	booking string
	state   voucher.BookingState // in which the booking was left
}

// stormer is a psychologist at a screen, with one voucher checked.
type stormer struct {
	testing.TB
	*storm
	client http.Client
	day    calendar.Date  // of the next booking
	open   []string       // bookings made and not cancelled
	booked int            // bookings made
	acts   map[string]act // by the key of the form
}

// arrive logs in through the broker and has the code of a holder checked.
func (s *stormer) arrive(ctx context.Context, as demo.Hint, h holder) {
	s.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	s.client = http.Client{Jar: jar, Timeout: 5 * time.Second}
	if a := s.do(ctx, http.MethodGet, "/accedi?profilo=psicoterapeuta&login_hint="+as, nil); a.err != nil || a.status != http.StatusOK {
		s.Fatalf("login as %s: %d, %v", as, a.status, a.err)
	}
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	const check = "/professionisti/sedute/nuova"
	fields, err := s.form(ctx, check)
	if err != nil {
		s.Fatal(err)
	}
	fields.Set("codice_univoco", h.code.String())
	fields.Set("codice_fiscale", string(h.fiscalCode))
	if a := s.do(ctx, http.MethodPost, check, fields); a.status != http.StatusSeeOther || a.location != check+"/dati" {
		s.Fatalf("the code was not taken: %d, %v", a.status, a.err)
	}
}

// round books a session, or cancels one when a psychologist may have no more open
// ones. It is false when something went wrong.
func (s *stormer) round(ctx context.Context) bool {
	if len(s.open) < 3 {
		const book = "/professionisti/sedute/nuova/dati"
		key, location, err := s.send(ctx, book, url.Values{
			"data-giorno": {strconv.Itoa(s.day.Day)}, "data-mese": {strconv.Itoa(int(s.day.Month))}, "data-anno": {strconv.Itoa(s.day.Year)}})
		id, _, _ := strings.Cut(path.Base(location), "#")
		if err == nil {
			err = uuid.Validate(id)
		}
		if err != nil {
			s.Errorf("book on %s: %v", s.day, err)
			return false
		}
		s.acts[key] = act{id, voucher.Booked}
		s.day, s.open, s.booked = s.day.Add(1), append(s.open, id), s.booked+1
		if s.day.After(calendar.On(noon).Add(150)) {
			s.day = calendar.On(noon).Add(1) // those before are cancelled
		}
		return true
	}
	id := s.open[0]
	key, _, err := s.send(ctx, "/professionisti/sedute/"+id+"/annulla", nil)
	if err != nil {
		s.Errorf("cancel: %v", err)
		return false
	}
	s.acts[key], s.open = act{id, voucher.Cancelled}, s.open[1:]
	return true
}

// send fills in the form of a page and sends it until there is an answer: the
// same form each time, with the same key.
func (s *stormer) send(ctx context.Context, path string, typed url.Values) (key, location string, err error) {
	fields, err := s.form(ctx, path)
	if err != nil {
		return "", "", err
	}
	for name, values := range typed {
		fields[name] = values
	}
	for {
		s.sent.Add(1)
		a := s.do(ctx, http.MethodPost, path, fields)
		switch {
		case ctx.Err() != nil:
			return "", "", ctx.Err()
		case a.lost():
			s.unanswered.Add(1)
			time.Sleep(20 * time.Millisecond)
		case a.status != http.StatusSeeOther:
			return "", "", fmt.Errorf("answered %d: %s", a.status, a.page)
		default:
			return fields.Get("idem"), a.location, nil
		}
	}
}

// form opens a page until it is there and reads the form in it that leads back.
func (s *stormer) form(ctx context.Context, path string) (url.Values, error) {
	for {
		a := s.do(ctx, http.MethodGet, path, nil)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case a.lost():
			time.Sleep(20 * time.Millisecond)
		case a.status != http.StatusOK:
			return nil, fmt.Errorf("%s answered %d to %s: %s", path, a.status, a.location, a.page)
		default:
			return formOf(a.page, path)
		}
	}
}

// formOf is what the form of a page that leads to a path would send as it stands.
func formOf(page []byte, action string) (url.Values, error) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, err
	}
	attribute := func(n *html.Node, name string) (value string, has bool) {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val, true
			}
		}
		return "", false
	}
	for n := range doc.Descendants() {
		if to, _ := attribute(n, "action"); n.Data != "form" || to != action {
			continue
		}
		fields := url.Values{}
		for input := range n.Descendants() {
			name, named := attribute(input, "name")
			kind, _ := attribute(input, "type")
			_, checked := attribute(input, "checked")
			if value, _ := attribute(input, "value"); input.Data == "input" && named && (kind != "radio" || checked) {
				fields.Set(name, value)
			}
		}
		return fields, nil
	}
	return nil, errors.New("the page has no form that leads to " + action)
}

// reply is what came back, if anything did.
type reply struct {
	status   int
	location string
	page     []byte
	err      error
}

// lost tells whether nobody knows what came of a request.
func (a reply) lost() bool { return a.err != nil || a.status == http.StatusServiceUnavailable }

func (s *stormer) do(ctx context.Context, method, path string, fields url.Values) reply {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return reply{err: err}
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header.Get("Location"), page, err}
}

// verify looks for every answered act in the database and tells how many there
// were.
func (s *stormer) verify(pool *pgxpool.Pool) int {
	s.Helper()
	last := map[string]voucher.BookingState{}
	for key, a := range s.acts {
		var outcome string
		if err := pool.QueryRow(s.Context(), `SELECT outcome FROM submissions WHERE key = $1`, key).Scan(&outcome); err != nil || outcome != a.booking {
			s.Errorf("the form about %s left %q, %v", a.booking, outcome, err)
		}
		if last[a.booking] != voucher.Cancelled {
			last[a.booking] = a.state
		}
	}
	for id, want := range last {
		var state voucher.BookingState
		if err := pool.QueryRow(s.Context(), `SELECT state FROM bookings WHERE id = $1`, id).Scan(&state); err != nil || state != want {
			s.Errorf("booking %s is %q and was answered as %s, %v", id, state, want, err)
		}
	}
	if len(last) != s.booked {
		s.Errorf("%d forms made %d bookings", s.booked, len(last))
	}
	return len(s.acts)
}
