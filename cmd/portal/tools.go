package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"portal/internal/indemnity"
	"portal/internal/postgres"
	"portal/internal/postgres/local"
	"portal/internal/voucher"
)

// MigrateCmd brings the schema up to date and puts in the editions and calls that the
// program comes with.
type MigrateCmd struct {
	Database
}

// Run migrates.
func (c *MigrateCmd) Run(ctx context.Context, s streams) error {
	if c.URL == "" {
		return errors.New("DATABASE_URL is not set")
	}
	pool, err := postgres.Open(ctx, c.URL)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool); err != nil {
		return err
	}
	editions, err := voucher.Shipped()
	if err != nil {
		return err
	}
	if err := postgres.NewEditions(pool).Ship(ctx, editions); err != nil {
		return err
	}
	calls, err := indemnity.Shipped()
	if err != nil {
		return err
	}
	if err := postgres.NewCalls(pool).Ship(ctx, calls); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "schema %d\n", postgres.SchemaVersion())
	return nil
}

// CheckCmd asks every invariant.
type CheckCmd struct {
	Checked
	All CheckAllCmd `cmd:"" default:"withargs" help:"Ask every invariant, those of the register too."`
	Log CheckLogCmd `cmd:"" help:"Recompute the chain of the register and make every ranking again; name the first entry or row that does not hold."`
}

// CheckAllCmd asks every invariant.
type CheckAllCmd struct{}

// Run checks and names what breaks an invariant.
func (*CheckAllCmd) Run(ctx context.Context, check *CheckCmd, s streams) error {
	pool, leave, err := check.open(ctx, s)
	if err != nil {
		return err
	}
	defer leave()
	breaches, err := postgres.Check(ctx, pool)
	if err != nil {
		return err
	}
	for _, b := range breaches {
		fmt.Fprintf(s.out, "%s\t%s\t%s\n", b.Invariant, b.What, b.Thing)
	}
	if len(breaches) > 0 {
		err = fmt.Errorf("%d things are not as they must be", len(breaches))
	} else {
		fmt.Fprintf(s.out, "%d invariants hold\n", postgres.Invariants())
	}
	return errors.Join(err, checkLog(ctx, pool, s, nil, nil))
}

// VersionCmd prints what this program is.
type VersionCmd struct{}

// Run prints it.
func (VersionCmd) Run(s streams) error {
	fmt.Fprintf(s.out, "portal %s, schema %d\n", version, postgres.SchemaVersion())
	return nil
}

// SchemaCmd prints the schema that the migrations make.
type SchemaCmd struct{}

// Run migrates an empty database of a throw-away server and prints what it holds.
func (SchemaCmd) Run(ctx context.Context, s streams) error {
	server, err := throwaway(ctx, s)
	if err != nil {
		return err
	}
	defer server.Stop()
	pool, err := postgres.Open(ctx, server.DSN("portal"))
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool); err != nil {
		return err
	}
	schema, err := postgres.Schema(ctx, pool)
	fmt.Fprint(s.out, schema)
	return err
}

// throwaway is a server in memory with an empty database "portal".
func throwaway(ctx context.Context, s streams) (*local.Server, error) {
	server, err := local.Start(ctx, local.Options{Throwaway: true, Log: s.err})
	if err != nil {
		return nil, err
	}
	if err := server.CreateDatabase(ctx, "portal"); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	return server, nil
}

// WithpgCmd runs a command with a throw-away server.
type WithpgCmd struct {
	Command []string `arg:"" passthrough:"" help:"The command and its arguments."`
}

// Run runs the command.
func (c *WithpgCmd) Run(ctx context.Context, s streams) error {
	server, err := throwaway(ctx, s)
	if err != nil {
		return err
	}
	defer server.Stop()
	return child(ctx, s, c.Command, "PORTAL_TEST_DATABASE_URL="+server.DSN("postgres"))
}

// child runs a command with more environment; its failure is the program's.
func child(ctx context.Context, s streams, command []string, env ...string) error {
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		return errors.New("no command to run")
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, s.out, s.err
	cmd.Env = append(os.Environ(), env...)
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exitCode(max(exit.ExitCode(), failed))
	}
	return err
}
