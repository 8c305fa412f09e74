package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/indemnity"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// Checked is the database that a check reads.
type Checked struct {
	Database
	DataDir string `env:"PORTAL_DATA_DIR" default:"./var" help:"Without a database: the demo's own, started for the check."`
	PGBin   string `name:"pg-bin" env:"PORTAL_PG_BIN" help:"Folder of PostgreSQL's programs, to start it with. Empty: found."`
}

// open opens a database whose schema is known, and says how to leave it.
func (c *Checked) open(ctx context.Context, s streams) (_ *pgxpool.Pool, leave func(), err error) {
	url, stop := c.URL, func() {}
	if url == "" {
		server, dsn, err := ownDatabase(ctx, c.DataDir, c.PGBin, s.err)
		if err != nil {
			return nil, nil, err
		}
		url, stop = dsn, func() { _ = server.Stop() }
	}
	pool, err := postgres.Open(ctx, url)
	if err != nil {
		stop()
		return nil, nil, err
	}
	leave = func() { pool.Close(); stop() }
	if err := postgres.CheckSchema(ctx, pool); err != nil {
		leave()
		return nil, nil, err
	}
	return pool, leave, nil
}

// CheckLogCmd recomputes the chain of the register and makes every ranking again.
type CheckLogCmd struct {
	Anchors string `placeholder:"FILE" help:"Anchors that were published and kept elsewhere, a line each; - for standard input. With them also a register that was written anew, with all its chain, is found."`
	Key     string `placeholder:"KEY" help:"The public key that anchors are signed with, in base64. Empty: the one that each of them names."`
}

// Run names each entry, anchor and row that is not as it was written.
func (c *CheckLogCmd) Run(ctx context.Context, check *CheckCmd, s streams) error {
	kept, key, err := c.kept(ctx)
	if err != nil {
		return err
	}
	pool, leave, err := check.open(ctx, s)
	if err != nil {
		return err
	}
	defer leave()
	return checkLog(ctx, pool, s, kept, key)
}

// kept are the anchors of the file, and the key.
func (c *CheckLogCmd) kept(ctx context.Context) (kept []audit.Anchor, key ed25519.PublicKey, err error) {
	if c.Key != "" {
		if key, err = base64.StdEncoding.DecodeString(c.Key); err != nil || len(key) != ed25519.PublicKeySize {
			return nil, nil, errors.New("--key is not a public key of Ed25519 in base64")
		}
	}
	if c.Anchors == "" {
		return nil, key, nil
	}
	text, err := read(ctx, c.Anchors, func(r io.Reader, _ int64) ([]byte, error) { return io.ReadAll(r) })
	if err != nil {
		return nil, nil, err
	}
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		a, err := audit.ParseAnchor(lines.Text())
		if err != nil {
			return nil, nil, fmt.Errorf("%s: not an anchor: %q", c.Anchors, lines.Text())
		}
		kept = append(kept, a)
	}
	return kept, key, nil
}

// checkLog verifies the register and the rankings of a database.
func checkLog(ctx context.Context, pool *pgxpool.Pool, s streams, kept []audit.Anchor, key ed25519.PublicKey) error {
	store := postgres.NewRegister(pool)
	applications := indemnity.NewApplications(postgres.NewCaseFiles(pool), nil, nil, time.Now)
	rankings := auditor.NewRankings(store, voucher.NewRankings(postgres.NewRankings(pool), time.Now),
		indemnity.NewRankings(postgres.NewCallRankings(pool), applications, nil, time.Now), time.Now)
	c, err := auditor.NewRegister(store, rankings, nil, time.Now).Verify(ctx, kept, key)
	if err != nil {
		return err
	}
	for _, f := range c.Faults {
		fmt.Fprintf(s.out, "I12\t%s\n", f.Sentence())
	}
	if len(c.Faults) > 0 {
		return fmt.Errorf("%d things are not as they were written", len(c.Faults))
	}
	fmt.Fprintf(s.out, "%d entries are as they were sealed, %d are not sealed yet; %d rankings are identical; head %s\n",
		c.Entries, c.Unsealed, c.Rankings, hex.EncodeToString(c.Head))
	return nil
}
