package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"portal/internal/auditor"
	"portal/internal/clamd"
	"portal/internal/demo"
	"portal/internal/document"
	"portal/internal/indemnity"
	"portal/internal/jobs"
	"portal/internal/login"
	"portal/internal/mandate"
	"portal/internal/notify"
	"portal/internal/office"
	"portal/internal/payment"
	"portal/internal/portal"
	"portal/internal/postgres"
	"portal/internal/rating"
	"portal/internal/registry"
	"portal/internal/voucher"
	"portal/web"
)

// Where the broker sends the browser back to.
const (
	callbackPath  = "/accedi/risposta"
	loggedOutPath = "/esci/fatto"
)

// ServeCmd serves the portal until it is told to stop.
type ServeCmd struct {
	Config
}

// Run serves until the context ends, then drains.
func (c *ServeCmd) Run(ctx context.Context, s streams) error {
	if s.getenv("GOGC") == "" {
		debug.SetGCPercent(portal.Garbage)
	}
	site, err := start(ctx, c.Config, s)
	if err != nil {
		return err
	}
	if c.Demo {
		introduce(s.out, site.url)
	}
	select {
	case <-ctx.Done():
	case err = <-site.broken:
	}
	return errors.Join(err, site.stop())
}

// site is a portal that serves.
type site struct {
	url, broker string
	door        door
	broken      chan error // what ended it by itself
	drain       time.Duration
	draining    atomic.Bool
	undo        []func(context.Context) error // how to stop, last started first
}

func (s *site) onStop(f func(context.Context) error) { s.undo = append(s.undo, f) }

// stop says at /readyz that it takes no more work, goes on serving until who sends
// some has heard it, lets what is under way finish, and takes down what start
// built, in the opposite order.
func (s *site) stop() error {
	s.draining.Store(true)
	time.Sleep(s.drain)
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	var wrong []error
	for i := len(s.undo) - 1; i >= 0; i-- {
		if err := s.undo[i](ctx); err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

// start builds a portal: database, broker, jobs, server. Whatever it started is
// stopped again when a later step fails.
func start(ctx context.Context, c Config, s streams) (_ *site, err error) {
	if err := errors.Join(c.check(), web.Check()); err != nil {
		return nil, err
	}
	now, err := c.clock()
	if err != nil {
		return nil, err
	}
	site := &site{broken: make(chan error, 2), door: newDoor()}
	defer func() {
		if err != nil {
			err = errors.Join(err, site.stop())
		}
	}()
	log := slog.New(slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: c.LogLevel}))

	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return nil, fmt.Errorf("PORTAL_ADDR: %w", err)
	}
	front := site.serve(site.door, listener, log)
	site.onStop(func(context.Context) error { return front.Close() })
	if site.url = c.URL; site.url == "" {
		site.url = "http://" + address(c.Addr, listener)
	}

	own := c.Demo && c.Database.URL == ""
	if c.Demo {
		if err := site.embed(ctx, &c, s, now); err != nil {
			return nil, err
		}
	}
	pool, err := postgres.Open(ctx, c.Database.URL)
	if err != nil {
		return nil, err
	}
	site.onStop(func(context.Context) error { pool.Close(); return nil })
	if c.Demo {
		if err := makeWorld(ctx, pool, c, own, now()); err != nil {
			return nil, err
		}
	}
	if err := postgres.CheckSchema(ctx, pool); err != nil {
		return nil, err
	}
	p, err := c.portal(pool, site, log, now)
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: max(c.LogLevel, slog.LevelWarn)}))
	if err := site.work(ctx, c, pool, p, quiet, now); err != nil {
		return nil, err
	}
	if err := site.watchTexts(ctx, p.Wordings, log); err != nil {
		return nil, err
	}
	if err := site.metrics(c, log); err != nil {
		return nil, err
	}
	site.door.open(p.Handler())
	site.onStop(front.Shutdown)
	if !c.Demo {
		site.drain = c.Drain
	}
	log.Info("ready", "url", site.url, "addr", listener.Addr().String(), "version", version)
	return site, nil
}

// embed gives the demo what it was not given: a database, keys, registers, a broker.
func (s *site) embed(ctx context.Context, c *Config, out streams, now func() time.Time) (err error) {
	if c.Database.URL == "" {
		server, dsn, err := ownDatabase(ctx, c.DataDir, c.PGBin, out.err)
		if err != nil {
			return err
		}
		s.onStop(func(context.Context) error { return server.Stop() })
		c.Database.URL = dsn
	}
	if c.CodeKey == "" {
		if c.CodeKey, err = ownKey(filepath.Join(c.DataDir, "keys"), "codes"); err != nil {
			return err
		}
	}
	if c.DocumentKey == "" {
		if c.DocumentKey, err = ownKey(filepath.Join(c.DataDir, "keys"), "documents"); err != nil {
			return err
		}
	}
	if c.SigningKey == "" {
		if c.SigningKey, err = ownKey(filepath.Join(c.DataDir, "keys"), "signing"); err != nil {
			return err
		}
	}
	files, err := demo.Registers(filepath.Join(c.DataDir, "registers"), now())
	if err != nil {
		return err
	}
	c.ISEEFile, c.HomesFile, c.BanksFile = cmp.Or(c.ISEEFile, files.ISEE), cmp.Or(c.HomesFile, files.Homes), cmp.Or(c.BanksFile, files.Banks)
	c.MembersFile, c.PositionsFile = cmp.Or(c.MembersFile, files.Members), cmp.Or(c.PositionsFile, files.Positions)
	if c.Issuer != "" {
		return nil
	}
	if c.Secret, err = ownKey(filepath.Join(c.DataDir, "keys"), "broker"); err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.BrokerAddr)
	if err != nil {
		return fmt.Errorf("PORTAL_BROKER_ADDR: %w", err)
	}
	c.ClientID, c.Issuer = "portal", "http://"+address(c.BrokerAddr, l)
	broker, err := serveBroker(l, c.Issuer, c.ClientID, c.Secret, s.url, now)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	s.broker = c.Issuer
	s.onStop(broker.Shutdown)
	return nil
}

// address is how a browser on this machine reaches a listener: by the name it
// was asked to listen on, with the port it got.
func address(asked string, l net.Listener) string {
	host, _, err := net.SplitHostPort(asked)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if err != nil || host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func (c Config) portal(pool *pgxpool.Pool, s *site, log *slog.Logger, now func() time.Time) (*portal.Portal, error) {
	keys, err := c.keys()
	if err != nil {
		return nil, err
	}
	papers, err := c.papers()
	if err != nil {
		return nil, err
	}
	signing, err := c.signing()
	if err != nil {
		return nil, err
	}
	debtors, err := c.debtors()
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(s.url)
	if err != nil {
		return nil, fmt.Errorf("PORTAL_URL: %w", err)
	}
	logins, err := postgres.OpenLogins(context.Background(), c.Database.URL)
	if err != nil {
		return nil, err
	}
	s.onStop(func(context.Context) error { logins.Close(); return nil })
	members := registry.NewMembers(c.MembersFile, registry.Patience)
	positions := registry.NewPositions(c.PositionsFile, registry.Patience)
	drafts := indemnity.NewDrafts(postgres.NewDrafts(pool), members, positions, now)
	applications := indemnity.NewApplications(postgres.NewCaseFiles(pool), drafts, rand.Reader, now)
	var scanner document.Scanner
	if c.Clamd != "" {
		scanner = clamd.New(c.Clamd, clamd.Patience)
	}
	settings := office.NewSettings(postgres.NewAdministration(pool), now)
	watchedFiles := auditor.NewFiles(postgres.NewRegister(pool), auditor.Sources{Contribution: voucher.NewDesk(postgres.NewDesk(pool), now), Reviews: postgres.NewReexaminations(pool, papers),
		Indemnity: indemnity.NewDesk(postgres.NewCaseFiles(pool), applications, rand.Reader, now), Threads: postgres.NewThreads(pool),
		Papers: postgres.NewPapers(pool, papers), CaseReviews: postgres.NewCaseReexaminations(pool, papers), Money: postgres.NewCasePayments(pool)}, now)
	watched := auditor.NewRankings(postgres.NewRegister(pool), voucher.NewRankings(postgres.NewRankings(pool), now),
		indemnity.NewRankings(postgres.NewCallRankings(pool), applications, signing, now), now)
	return &portal.Portal{
		People:         postgres.NewPeople(pool),
		Vouchers:       voucher.NewService(postgres.NewVouchers(pool), keys, rand.Reader, now),
		Editions:       voucher.NewEditions(postgres.NewEditions(pool), now),
		Intake:         voucher.NewIntake(postgres.NewIntake(pool), registry.NewISEE(c.ISEEFile, registry.Patience), registry.NewResidences(c.HomesFile, registry.Patience), now),
		Imports:        voucher.NewImports(postgres.NewImports(pool), now),
		Rankings:       voucher.NewRankings(postgres.NewRankings(pool), now),
		Participants:   voucher.NewParticipants(postgres.NewParticipants(pool), now),
		Desk:           voucher.NewDesk(postgres.NewDesk(pool), now),
		Reexaminations: voucher.NewReexaminations(postgres.NewReexaminations(pool, papers), now).Within(portal.PaperLimits(settings)),
		Invoices:       voucher.NewInvoices(postgres.NewInvoices(pool), now),
		Disputes:       voucher.NewDisputes(postgres.NewDisputes(pool), now),
		Closures:       voucher.NewClosures(postgres.NewClosures(pool), now),
		Feeds:          voucher.NewFeeds(postgres.NewFeeds(pool), rand.Reader, now),
		Trail:          voucher.NewTrail(postgres.NewTrail(pool), now),
		Residuals:      voucher.NewResiduals(postgres.NewResiduals(pool), now),
		Accounts:       payment.NewAccounts(postgres.NewAccounts(pool), registry.NewBank(c.BanksFile, registry.Patience), now),
		Payments:       payment.NewRuns(postgres.NewPaymentRuns(pool), debtors, now),
		CasePayments:   payment.NewCases(postgres.NewCasePayments(pool), now),
		Calls:          indemnity.NewCalls(postgres.NewCalls(pool), now),
		Drafts:         drafts,
		Papers:         indemnity.NewPapers(postgres.NewPapers(pool, papers), now).Within(portal.PaperLimits(settings)),
		Applications:   applications,
		CaseDesk:       indemnity.NewDesk(postgres.NewCaseFiles(pool), applications, rand.Reader, now),
		CaseReviews:    indemnity.NewReexaminations(postgres.NewCaseReexaminations(pool, papers), applications, rand.Reader, now).Within(portal.PaperLimits(settings)),
		Controls:       indemnity.NewControls(postgres.NewControls(pool), applications, rand.Reader, now),
		CallRankings:   indemnity.NewRankings(postgres.NewCallRankings(pool), applications, signing, now),
		Work:           indemnity.NewWork(postgres.NewIndemnityWork(pool), now),
		Watched:        watched,
		Register:       auditor.NewRegister(postgres.NewRegister(pool), watched, signing, now),
		Figures:        auditor.NewService(postgres.NewRegister(pool), now),
		Files:          watchedFiles,
		Views:          indemnity.NewViews(postgres.NewWorkViews(pool), now),
		Texts:          indemnity.NewTexts(postgres.NewIndemnityTexts(pool), now),
		Ratings:        rating.NewRatings(postgres.NewRatings(pool), now),
		Threads:        indemnity.NewThreads(postgres.NewThreads(pool), now),
		Heirs:          indemnity.NewHeirs(postgres.NewHeirs(pool), members, positions, rand.Reader, now),
		Mandates:       mandate.NewService(postgres.NewMandates(pool), now),
		Staff:          office.NewStaff(postgres.NewStaff(pool), now),
		Stops:          office.NewStops(postgres.NewAdministration(pool), now),
		Settings:       settings,
		Wordings:       office.NewWordings(postgres.NewWordings(pool), portal.ShippedTexts(), portal.SpeakTexts, now),
		Retention:      office.NewRetention(postgres.NewAdministration(pool), now),
		Deliveries:     office.NewDeliveries(postgres.NewAdministration(pool), now),
		Broker: login.New(login.Config{
			Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: c.Secret,
			RedirectURL: s.url + callbackPath, PostLogoutURL: s.url + loggedOutPath,
			Scopes: c.Scopes, ACRValues: c.ACRValues, MinLevel: c.MinLevel, Levels: c.Levels, Claims: c.Claims,
		}, nil, now),
		Logins:  portal.NewLogins(postgres.NewLogins(logins), u.Scheme == "https"),
		Scanner: scanner,
		Log:     log,
		Now:     now,
		Proxies: c.Proxies,
		URL:     s.url,
		Ready: func(context.Context) error {
			if s.draining.Load() {
				return errors.New("the portal is stopping")
			}
			return nil
		},
	}, nil
}

// work starts the jobs.
func (s *site) work(ctx context.Context, c Config, pool *pgxpool.Pool, p *portal.Portal, log *slog.Logger, now func() time.Time) error {
	mailer, err := notify.NewMailer(c.SMTP, filepath.Join(c.DataDir, "mail"), c.MailFrom)
	if err != nil {
		return err
	}
	u, err := url.Parse(s.url)
	if err != nil {
		return fmt.Errorf("PORTAL_URL: %w", err)
	}
	p.Neighbours = office.NewNeighbours(postgres.NewAdministration(pool), c.neighbours(pool, p, mailer), now)
	var notices jobs.Notices = postgres.NewNotices(pool)
	if c.Demo {
		notices = demo.NewNotices(pool)
	}
	stop, err := jobs.Start(context.WithoutCancel(ctx), jobs.Workers{
		Pool: pool, Notices: notices, Vouchers: p.Vouchers, Imports: p.Imports, Rankings: p.Rankings, Intake: p.Intake, Closures: p.Closures, Residuals: p.Residuals, Payments: p.Payments, CallRankings: p.CallRankings, Drafts: p.Drafts, Applications: p.Applications, Retention: p.Retention, Neighbours: p.Neighbours, Register: p.Register, Mailer: mailer, Host: u.Host, Now: now, Log: log,
	})
	if err != nil {
		return err
	}
	s.onStop(stop)
	return nil
}

// serve serves a handler with the time limits of the security notes.
func (s *site) serve(h http.Handler, l net.Listener, log *slog.Logger) *http.Server {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      20 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.broken <- err
		}
	}()
	return server
}

// metrics serves Prometheus on an address of its own.
func (s *site) metrics(c Config, log *slog.Logger) error {
	if c.MetricsAddr == "" {
		return nil
	}
	l, err := net.Listen("tcp", c.MetricsAddr)
	if err != nil {
		return fmt.Errorf("PORTAL_METRICS_ADDR: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.Handler())
	s.onStop(s.serve(mux, l, log).Shutdown)
	return nil
}
