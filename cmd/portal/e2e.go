package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"portal/internal/jobs"
	"portal/internal/postgres"
)

// E2eCmd runs a command against a throw-away portal.
type E2eCmd struct {
	Now     string   `env:"PORTAL_NOW" help:"An RFC 3339 instant at which the clock starts."`
	Command []string `arg:"" passthrough:"" help:"The command and its arguments."`
}

// Run starts the demo on free ports, with a clock that the command may move, and
// runs the command.
func (c *E2eCmd) Run(ctx context.Context, s streams) error {
	server, err := throwaway(ctx, s)
	if err != nil {
		return err
	}
	defer server.Stop()
	dir, err := os.MkdirTemp("", "portal-e2e-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	config := Config{Demo: true, Addr: "localhost:0", BrokerAddr: "localhost:0", DataDir: dir, Now: c.Now, MinLevel: 2, MailFrom: "Portale contributi <non-rispondere@example.org>",
		DebtorName: "INPS", DebtorIBAN: "IT70L0100003245350200020350", WelfareName: "ENPAP"}
	config.Database.URL = server.DSN("portal")
	begin, err := config.clock()
	if err != nil {
		return err
	}
	clock := &movingClock{now: begin}
	config.moving = clock.Now
	hand := httptest.NewServer(clock)
	defer hand.Close()
	site, err := start(ctx, config, s)
	if err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, config.Database.URL)
	if err != nil {
		return errors.Join(err, site.stop())
	}
	defer pool.Close()
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		return errors.Join(err, site.stop())
	}
	clock.moved = func(ctx context.Context) error {
		_, err := client.Insert(ctx, jobs.Due{}, nil)
		return err
	}
	ran := child(ctx, s, c.Command, "PORTAL_URL="+site.url, "BROKER_URL="+site.broker, "PORTAL_CLOCK_URL="+hand.URL, "PORTAL_DATA_DIR="+dir)
	return errors.Join(ran, site.stop())
}

// movingClock is the clock of a portal under test. GET answers what it says; POST
// moves it to the instant in the body, from which it goes on, and has what is due by
// then done.
type movingClock struct {
	now   func() time.Time
	moved func(context.Context) error
	ahead atomic.Int64 // nanoseconds
}

// Now is the time of the portal.
func (c *movingClock) Now() time.Time { return c.now().Add(time.Duration(c.ahead.Load())) }

func (c *movingClock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(io.LimitReader(r.Body, 100))
		to, wrong := time.Parse(time.RFC3339, string(body))
		if err := errors.Join(err, wrong); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.ahead.Store(int64(to.Sub(c.now())))
		if err := c.moved(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	_, _ = io.WriteString(w, c.Now().Format(time.RFC3339))
}
