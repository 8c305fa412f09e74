// Command portal is the whole portal in one program: portal --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the build.
var version = "unknown"

// CLI is the command line. Each flag has an environment variable behind it.
type CLI struct {
	Serve   ServeCmd   `cmd:"" help:"Serve the portal."`
	Migrate MigrateCmd `cmd:"" help:"Bring the schema of the database up to date. Safe to run from several replicas at once."`
	Check   CheckCmd   `cmd:"" help:"Ask the database every invariant and name what breaks one."`
	Rank    RankCmd    `cmd:"" help:"Rank applications from file to file."`
	Verify  VerifyCmd  `cmd:"" help:"Make a published ranking again from its file and say whether it holds."`
	Import  ImportCmd  `cmd:"" help:"Take in what comes in files."`
	Version VersionCmd `cmd:"" help:"Print version and schema number."`

	Schema SchemaCmd `cmd:"" hidden:"" help:"Print the schema that the migrations make."`
	Withpg WithpgCmd `cmd:"" hidden:"" help:"Run a command with a throw-away PostgreSQL server: PORTAL_TEST_DATABASE_URL."`
	E2e    E2eCmd    `cmd:"" name:"e2e" hidden:"" help:"Run a command against a throw-away portal: PORTAL_URL, BROKER_URL."`
}

// streams are where a command reads its environment and writes.
type streams struct {
	getenv   func(string) string
	out, err io.Writer
}

func main() {
	unsetEmpty()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait
	os.Exit(run(ctx, os.Args[1:], streams{os.Getenv, os.Stdout, os.Stderr}))
}

// unsetEmpty takes an empty variable for one that is not set, as compose files
// write it: the parser of the flags would take it for a value, and no bool is empty.
func unsetEmpty() {
	for _, variable := range os.Environ() {
		if name, empty := strings.CutSuffix(variable, "="); empty {
			os.Unsetenv(name)
		}
	}
}

// Exit codes: done, refused or failed, wrong usage.
const (
	done = iota
	failed
	wrongUsage
)

// run is main without the process: arguments and environment in, exit code out.
func run(ctx context.Context, args []string, s streams) int {
	var cli CLI
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("portal"),
		kong.Description("One web portal for two Italian public benefits: the contributo sessioni di psicoterapia (INPS) and the indennità di malattia o infortunio (ENPAP)."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { exit = code }),
		kong.Resolvers(environment(s.getenv)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		fmt.Fprintln(s.err, "portal:", err)
		return failed
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		fmt.Fprintln(s.err, "portal:", err)
		return wrongUsage
	}
	err = command.Run()
	var code exitCode
	switch {
	case errors.As(err, &code):
		return int(code)
	case err != nil:
		fmt.Fprintln(s.err, "portal:", err)
		return failed
	}
	return done
}

// exitCode ends the program with the code of a command it ran.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// secrets may also be read from a file, named by NAME_FILE.
var secrets = map[string]bool{"DATABASE_URL": true, "OIDC_CLIENT_SECRET": true, "SMTP_URL": true, "PORTAL_CODE_KEY": true, "PORTAL_DOCUMENT_KEY": true, "PORTAL_SIGNING_KEY": true}

// environment resolves flags from their variables, and secrets from files too.
func environment(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if v := getenv(name); v != "" {
				return v, nil
			}
			if file := getenv(name + "_FILE"); file != "" && secrets[name] {
				b, err := os.ReadFile(file)
				if err != nil {
					return nil, fmt.Errorf("%s_FILE: %w", name, err)
				}
				return strings.TrimSpace(string(b)), nil
			}
		}
		return nil, nil
	})
}
