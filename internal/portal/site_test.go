package portal_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	crypto "crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/net/html"

	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/document"
	"portal/internal/indemnity"
	"portal/internal/login"
	"portal/internal/login/demobroker"
	"portal/internal/mandate"
	"portal/internal/office"
	"portal/internal/payment"
	"portal/internal/portal"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/rating"
	"portal/internal/registry"
	"portal/internal/voucher"
)

// noon is when the tests happen, unless they move the clock: a Monday on which
// the demo world was made.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, calendar.Rome)

var keys = func() voucher.Keys {
	k, err := voucher.NewKeys(bytes.Repeat([]byte{7}, voucher.MasterKeyLength))
	if err != nil {
		panic(err)
	}
	return k
}()

// papers is how the tests keep what people hand in.
var papers = func() document.Keys {
	k, err := document.NewKeys(bytes.Repeat([]byte{8}, document.MasterKeyLength))
	if err != nil {
		panic(err)
	}
	return k
}()

// signing is the key that signs the publications of the tests.
var signing = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))

// site is the whole portal on a database of its own that holds the demo world,
// with a broker beside it. Both are real servers on loopback.
type site struct {
	testing.TB
	URL       string
	Portal    *portal.Portal
	Pool      *pgxpool.Pool
	Broker    *httptest.Server
	Logged    *syncBuffer
	Registers demo.RegisterFiles
	clock     atomic.Pointer[time.Time]
	stopped   atomic.Bool
}

// newSite starts a site at noon. Options change the portal before it serves.
func newSite(t testing.TB, options ...func(*portal.Portal)) *site {
	t.Helper()
	s := &site{TB: t, Logged: &syncBuffer{}}
	s.At(noon)
	s.Pool = pgtest.OpenFilled(t, "_world", func(ctx context.Context, pool *pgxpool.Pool) error {
		_, err := demo.Build(ctx, pool, keys, papers, signing, noon)
		return err
	})
	front := httptest.NewUnstartedServer(nil)
	s.URL = "http://" + front.Listener.Addr().String()
	s.Broker = s.broker()
	files, err := demo.Registers(t.TempDir(), noon)
	if err != nil {
		t.Fatal(err)
	}
	s.Registers = files
	const patience = 2 * time.Second
	members, positions := registry.NewMembers(files.Members, patience), registry.NewPositions(files.Positions, patience)
	drafts := indemnity.NewDrafts(postgres.NewDrafts(s.Pool), members, positions, s.Now)
	applications := indemnity.NewApplications(postgres.NewCaseFiles(s.Pool), drafts, crypto.Reader, s.Now)
	settings := office.NewSettings(postgres.NewAdministration(s.Pool), s.Now)
	watchedFiles := auditor.NewFiles(postgres.NewRegister(s.Pool), auditor.Sources{Contribution: voucher.NewDesk(postgres.NewDesk(s.Pool), s.Now), Reviews: postgres.NewReexaminations(s.Pool, papers),
		Indemnity: indemnity.NewDesk(postgres.NewCaseFiles(s.Pool), applications, crypto.Reader, s.Now), Threads: postgres.NewThreads(s.Pool),
		Papers: postgres.NewPapers(s.Pool, papers), CaseReviews: postgres.NewCaseReexaminations(s.Pool, papers), Money: postgres.NewCasePayments(s.Pool)}, s.Now)
	watched := auditor.NewRankings(postgres.NewRegister(s.Pool), voucher.NewRankings(postgres.NewRankings(s.Pool), s.Now),
		indemnity.NewRankings(postgres.NewCallRankings(s.Pool), applications, signing, s.Now), s.Now)
	s.Portal = &portal.Portal{
		People:         postgres.NewPeople(s.Pool),
		Vouchers:       voucher.NewService(postgres.NewVouchers(s.Pool), keys, rand.NewChaCha8([32]byte{}), s.Now),
		Editions:       voucher.NewEditions(postgres.NewEditions(s.Pool), s.Now),
		Intake:         voucher.NewIntake(postgres.NewIntake(s.Pool), registry.NewISEE(files.ISEE, patience), registry.NewResidences(files.Homes, patience), s.Now),
		Imports:        voucher.NewImports(postgres.NewImports(s.Pool), s.Now),
		Rankings:       voucher.NewRankings(postgres.NewRankings(s.Pool), s.Now),
		Participants:   voucher.NewParticipants(postgres.NewParticipants(s.Pool), s.Now),
		Desk:           voucher.NewDesk(postgres.NewDesk(s.Pool), s.Now),
		Reexaminations: voucher.NewReexaminations(postgres.NewReexaminations(s.Pool, papers), s.Now).Within(portal.PaperLimits(settings)),
		Invoices:       voucher.NewInvoices(postgres.NewInvoices(s.Pool), s.Now),
		Disputes:       voucher.NewDisputes(postgres.NewDisputes(s.Pool), s.Now),
		Closures:       voucher.NewClosures(postgres.NewClosures(s.Pool), s.Now),
		Feeds:          voucher.NewFeeds(postgres.NewFeeds(s.Pool), crypto.Reader, s.Now),
		Trail:          voucher.NewTrail(postgres.NewTrail(s.Pool), s.Now),
		Residuals:      voucher.NewResiduals(postgres.NewResiduals(s.Pool), s.Now),
		Accounts:       payment.NewAccounts(postgres.NewAccounts(s.Pool), registry.NewBank(files.Banks, patience), s.Now),
		Payments:       payment.NewRuns(postgres.NewPaymentRuns(s.Pool), payment.Debtors{payment.Voucher: {Name: "INPS", IBAN: "IT70L0100003245350200020350"}, payment.Indemnity: {Name: "ENPAP", IBAN: "IT24D0542811101000000654321"}}, s.Now),
		CasePayments:   payment.NewCases(postgres.NewCasePayments(s.Pool), s.Now),
		Calls:          indemnity.NewCalls(postgres.NewCalls(s.Pool), s.Now),
		Drafts:         drafts,
		Papers:         indemnity.NewPapers(postgres.NewPapers(s.Pool, papers), s.Now).Within(portal.PaperLimits(settings)),
		Applications:   applications,
		CaseDesk:       indemnity.NewDesk(postgres.NewCaseFiles(s.Pool), applications, crypto.Reader, s.Now),
		CaseReviews:    indemnity.NewReexaminations(postgres.NewCaseReexaminations(s.Pool, papers), applications, crypto.Reader, s.Now).Within(portal.PaperLimits(settings)),
		Controls:       indemnity.NewControls(postgres.NewControls(s.Pool), applications, crypto.Reader, s.Now),
		CallRankings:   indemnity.NewRankings(postgres.NewCallRankings(s.Pool), applications, signing, s.Now),
		Work:           indemnity.NewWork(postgres.NewIndemnityWork(s.Pool), s.Now),
		Watched:        watched,
		Register:       auditor.NewRegister(postgres.NewRegister(s.Pool), watched, signing, s.Now),
		Figures:        auditor.NewService(postgres.NewRegister(s.Pool), s.Now),
		Files:          watchedFiles,
		Views:          indemnity.NewViews(postgres.NewWorkViews(s.Pool), s.Now),
		Texts:          indemnity.NewTexts(postgres.NewIndemnityTexts(s.Pool), s.Now),
		Ratings:        rating.NewRatings(postgres.NewRatings(s.Pool), s.Now),
		Threads:        indemnity.NewThreads(postgres.NewThreads(s.Pool), s.Now),
		Heirs:          indemnity.NewHeirs(postgres.NewHeirs(s.Pool), members, positions, crypto.Reader, s.Now),
		Mandates:       mandate.NewService(postgres.NewMandates(s.Pool), s.Now),
		Staff:          office.NewStaff(postgres.NewStaff(s.Pool), s.Now),
		Stops:          office.NewStops(postgres.NewAdministration(s.Pool), s.Now),
		Settings:       settings,
		Wordings:       office.NewWordings(postgres.NewWordings(s.Pool), portal.ShippedTexts(), portal.SpeakTexts, s.Now),
		Retention:      office.NewRetention(postgres.NewAdministration(s.Pool), s.Now),
		Deliveries:     office.NewDeliveries(postgres.NewAdministration(s.Pool), s.Now),
		Broker: login.New(login.Config{Issuer: s.Broker.URL, ClientID: "portal", ClientSecret: "secret",
			RedirectURL: s.URL + "/accedi/risposta", PostLogoutURL: s.URL + "/esci/fatto"}, nil, s.Now),
		Logins: portal.NewLogins(postgres.NewLogins(s.Pool), false),
		Pages:  reader,
		Log:    slog.New(slog.NewJSONHandler(s.Logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:    s.Now,
		URL:    s.URL,
		Ready: func(context.Context) error {
			if s.stopped.Load() {
				return fmt.Errorf("the portal is stopping")
			}
			return nil
		},
	}
	s.Portal.Neighbours = office.NewNeighbours(postgres.NewAdministration(s.Pool), []office.Neighbour{
		{Name: "broker", Ask: s.Portal.Broker.Answers}, {Name: "members", Ask: members.Answers}, {Name: "scanner"},
	}, s.Now)
	for _, change := range options {
		change(s.Portal)
	}
	front.Config.Handler = s.Portal.Handler()
	front.Start()
	t.Cleanup(front.Close)
	return s
}

func (s *site) broker() *httptest.Server {
	s.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Fatal(err)
	}
	b, err := demobroker.New(demobroker.Config{
		Issuer: "http://" + l.Addr().String(),
		Clients: []demobroker.Client{{ID: "portal", Secret: "secret",
			RedirectURIs: []string{s.URL + "/accedi/risposta"}, PostLogoutURIs: []string{s.URL + "/esci/fatto"}}},
		Personas: append([]demobroker.Persona{
			{Hint: "debole", FiscalCode: demo.Personas[0].FiscalCode, GivenName: "Maria", FamilyName: "Rossi", ACR: "https://www.spid.gov.it/SpidL1"},
			{Hint: "europeo", GivenName: "Jean", FamilyName: "Dupont", NoFiscalCode: true},
		}, demo.Personas...),
		Now: s.Now,
	})
	if err != nil {
		s.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: b}}
	server.Start()
	s.Cleanup(server.Close)
	return server
}

// Now is the clock of the site; At sets it.
func (s *site) Now() time.Time { return *s.clock.Load() }

func (s *site) At(t time.Time) { s.clock.Store(&t) }

// code is the codice univoco of a persona, as she would read it on her page.
func (s *site) code(hint demo.Hint) string {
	s.Helper()
	b := s.login(hint, "cittadino")
	first := b.get("/contributo-psicoterapia/domande").link("Visualizza")
	return b.get(first).one("#codice-univoco, .code-value").text()
}

// whole fails the test when anything in the database is not as it must be.
func (s *site) whole() {
	s.Helper()
	breaches, err := postgres.Check(s.Context(), s.Pool)
	if err != nil {
		s.Fatal(err)
	}
	for _, b := range breaches {
		s.Errorf("%s (%s) is broken by %s", b.Invariant, b.What, b.Thing)
	}
}

// count asks the database for a number.
func (s *site) count(sql string, args ...any) (n int) {
	s.Helper()
	if err := s.Pool.QueryRow(s.Context(), sql, args...).Scan(&n); err != nil {
		s.Fatal(err)
	}
	return n
}

// browser is somebody at a screen: it keeps cookies and follows redirects.
type browser struct {
	*site
	client *http.Client
}

// browser opens a new one.
func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	return &browser{s, &http.Client{Jar: jar}}
}

// login is a browser in which a persona is logged in with a profile, "" for one
// who has only one.
func (s *site) login(hint demo.Hint, profile string) *browser {
	s.Helper()
	b := s.browser()
	q := url.Values{"login_hint": {hint}}
	if profile != "" {
		q.Set("profilo", profile)
	}
	p := b.get("/accedi?" + q.Encode())
	if p.Status != http.StatusOK || p.URL.Path == "/accedi" || p.URL.Path == "/accedi/esito" {
		s.Fatalf("login as %s ended at %s (%d): %s", hint, p.URL, p.Status, p.h1())
	}
	return b
}

// get opens an address of the portal.
func (b *browser) get(path string) page {
	b.Helper()
	return b.do("GET", path, nil, nil)
}

// post sends fields to an address of the portal.
func (b *browser) post(path string, fields url.Values) page {
	b.Helper()
	return b.do("POST", path, fields, nil)
}

// submit fills in the form of a page and sends it: hidden fields and what was
// there stay, fields replace. The form is the one that posts to where the page is,
// or the only other one.
func (b *browser) submit(p page, fields url.Values) page {
	b.Helper()
	form := p.form()
	values := url.Values{}
	for _, n := range form.all("input, select, textarea") {
		name, kind := n.attr("name"), n.attr("type")
		switch {
		case name == "" || kind == "submit" || (kind == "radio" || kind == "checkbox") && !n.has("checked"):
		case n.Data == "select":
			values.Add(name, n.chosenOption())
		case n.Data == "textarea" && n.FirstChild != nil:
			values.Add(name, n.FirstChild.Data)
		default:
			values.Add(name, n.attr("value"))
		}
	}
	for name, v := range fields {
		values[name] = v
	}
	action := form.attr("action")
	if action == "" {
		action = p.URL.Path
	}
	return b.post(action, values)
}

func (b *browser) do(method, path string, fields url.Values, header http.Header) page {
	b.Helper()
	path, _, _ = strings.Cut(path, "#")
	address := path
	if strings.HasPrefix(path, "/") {
		address = b.URL + path
	}
	req, err := http.NewRequestWithContext(b.Context(), method, address, strings.NewReader(fields.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, v := range header {
		req.Header[name] = v
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	return page{node{b, doc}, resp.StatusCode, resp.Request.URL, resp.Header, string(body)}
}

// syncBuffer is a log that many may write and a test reads.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
