package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/demo"
	"portal/internal/login/demobroker"
	"portal/internal/postgres"
	"portal/internal/postgres/local"
)

// ownDatabase starts the demo's own PostgreSQL server.
func ownDatabase(ctx context.Context, dir, bin string, log io.Writer) (*local.Server, string, error) {
	server, err := local.Start(ctx, local.Options{Dir: filepath.Join(dir, "postgres"), Bin: bin, Log: log})
	if err != nil {
		return nil, "", err
	}
	if err := server.CreateDatabase(ctx, "portal"); err != nil {
		return nil, "", errors.Join(err, server.Stop())
	}
	return server, server.DSN("portal"), nil
}

// ownKey is a secret of the demo, made once and kept where only its owner reads.
func ownKey(dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	b, err := os.ReadFile(path)
	if err == nil {
		return string(b), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("demo key: %w", err)
	}
	// The data directory stays open to the account of the database server.
	if err := errors.Join(os.MkdirAll(filepath.Dir(dir), 0o755), os.MkdirAll(dir, 0o700)); err != nil {
		return "", fmt.Errorf("demo key: %w", err)
	}
	var raw [32]byte
	rand.Read(raw[:])
	key := base64.StdEncoding.EncodeToString(raw[:])
	if err := os.WriteFile(path, []byte(key), 0o600); err != nil {
		return "", fmt.Errorf("demo key: %w", err)
	}
	return key, nil
}

// serveBroker runs the demo's broker on a listener, for one portal.
func serveBroker(l net.Listener, issuer, clientID, secret, portal string, now func() time.Time) (*http.Server, error) {
	broker, err := demobroker.New(demobroker.Config{
		Issuer: issuer,
		Clients: []demobroker.Client{{
			ID: clientID, Secret: secret,
			RedirectURIs: []string{portal + callbackPath}, PostLogoutURIs: []string{portal + loggedOutPath},
		}},
		Personas: demo.Personas,
		Now:      now,
	})
	if err != nil {
		return nil, err
	}
	s := &http.Server{Handler: broker, ReadHeaderTimeout: 5 * time.Second}
	go s.Serve(l)
	return s, nil
}

// mark is the comment that the demo leaves on the schema of a database before it
// fills it, so that it knows it again.
const mark = "The made-up world of portal serve --demo."

// errNotMadeUp says that a database holds what the demo did not put there. Beside
// real people nothing may be open that the demo leaves open.
var errNotMadeUp = errors.New("DATABASE_URL holds data that are not the demo's: give --demo an empty database, or none")

// claim marks an empty database as the demo's; errNotMadeUp when there are people
// in it, or tables of another program, and no mark.
func claim(ctx context.Context, pool *pgxpool.Pool) error {
	var marked, tables, ours, people bool
	err := pool.QueryRow(ctx, `
		SELECT coalesce(obj_description('public'::regnamespace), '') = $1, to_regclass('public.persons') IS NOT NULL,
			EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p'))`, mark).
		Scan(&marked, &ours, &tables)
	if err == nil && ours {
		err = pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM public.persons)`).Scan(&people)
	}
	switch {
	case err != nil || marked:
	case people || tables && !ours:
		return errNotMadeUp
	default:
		_, err = pool.Exec(ctx, `COMMENT ON SCHEMA public IS '`+mark+`'`)
	}
	if err != nil {
		return fmt.Errorf("mark the demo's database: %w", err)
	}
	return nil
}

// makeWorld fills an empty database with the made-up world. What an interrupted
// start left in the demo's own database, which nobody has seen yet, is thrown
// away; a database that it was given must be empty, or hold such a world.
func makeWorld(ctx context.Context, pool *pgxpool.Pool, c Config, own bool, now time.Time) error {
	if !own {
		if err := claim(ctx, pool); err != nil {
			return err
		}
	}
	if err := postgres.Migrate(ctx, pool); err != nil {
		return err
	}
	built, err := demo.Built(ctx, pool)
	if errors.Is(err, demo.ErrUnfinished) && own {
		_, err = pool.Exec(ctx, `DROP SCHEMA public CASCADE; CREATE SCHEMA public`)
		err = errors.Join(err, postgres.Migrate(ctx, pool))
	}
	if err != nil || built {
		return err
	}
	keys, err := c.keys()
	if err != nil {
		return err
	}
	papers, err := c.papers()
	if err != nil {
		return err
	}
	signing, err := c.signing()
	if err != nil {
		return err
	}
	_, err = demo.Build(ctx, pool, keys, papers, signing, now)
	return err
}

// introduce says where the demo is and who can log in.
func introduce(out io.Writer, portal string) {
	fmt.Fprintf(out, "\n  %s\n\n", portal)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range demo.Personas {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", p.Hint, p.Name(), p.About)
	}
	t.Flush()
	fmt.Fprintf(out, "\n  Log in as one of them: %s/accedi?login_hint=%s\n  Stop with Ctrl-C.\n\n", portal, demo.Citizen)
}
