// Package internal_test holds the map of the house against the house: who may
// import whom, what a rule may not touch, and the habits that a compiler does
// not see. internal/README.md is the same map for readers.
package internal_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// room says what a package may lean on: packages of the portal, and modules
// beyond the standard library. A name that ends in /… means all below it.
type room struct {
	own     []string
	outside []string
}

// rooms is the map. Tests may import what they like.
var rooms = map[string]room{
	"internal/calendar": {},
	"internal/fault":    {},
	"internal/money":    {own: []string{"internal/fault"}},
	"internal/identity": {own: []string{"internal/calendar", "internal/fault"}},
	"internal/audit":    {own: []string{"internal/calendar", "internal/fault", "internal/identity"}},
	"internal/auditor": {own: []string{"internal/audit", "internal/calendar", "internal/fault", "internal/iban", "internal/identity", "internal/indemnity", "internal/money", "internal/once",
		"internal/payment", "internal/rating", "internal/voucher"}, outside: []string{"github.com/google/uuid"}},
	"internal/document": {own: []string{"internal/fault"}, outside: []string{"filippo.io/age"}},
	"internal/document/pages": {own: []string{"internal/document", "internal/fault"},
		outside: []string{"github.com/klippa-app/go-pdfium/…", "github.com/tetratelabs/wazero"}},
	"internal/spool":   {},
	"internal/rating":  {own: []string{"internal/calendar", "internal/fault"}},
	"internal/clamd":   {own: []string{"internal/document"}},
	"internal/ranking": {own: []string{"internal/money"}},
	"internal/batch":   {own: []string{"internal/money"}},
	"internal/term":    {own: []string{"internal/calendar"}},
	"internal/rules":   {own: []string{"internal/calendar", "internal/fault", "internal/identity", "internal/money"}},
	"internal/once": {
		own:     []string{"internal/fault", "internal/identity"},
		outside: []string{"github.com/google/uuid"},
	},
	"internal/iban": {own: []string{"internal/fault", "internal/identity"}},
	"internal/payment": {
		own:     []string{"internal/audit", "internal/calendar", "internal/fault", "internal/iban", "internal/identity", "internal/money", "internal/once"},
		outside: []string{"github.com/google/uuid"},
	},
	"internal/mandate": {
		own:     []string{"internal/audit", "internal/calendar", "internal/fault", "internal/identity", "internal/once", "internal/rules"},
		outside: []string{"github.com/google/uuid"},
	},
	"internal/office": {
		own:     []string{"internal/audit", "internal/calendar", "internal/fault", "internal/identity", "internal/once"},
		outside: []string{"github.com/google/uuid"},
	},
	"internal/registry": {own: []string{"internal/calendar", "internal/fault", "internal/iban", "internal/identity", "internal/indemnity", "internal/money", "internal/payment", "internal/voucher"}},
	"internal/export":   {own: []string{"internal/calendar", "internal/money"}, outside: []string{"github.com/xuri/excelize/v2"}},
	"internal/paper":    {own: []string{"internal/calendar", "internal/money"}, outside: []string{"codeberg.org/go-pdf/fpdf"}},
	"internal/voucher": {
		own: []string{"internal/audit", "internal/batch", "internal/calendar", "internal/document", "internal/fault", "internal/identity", "internal/money",
			"internal/once", "internal/payment", "internal/ranking", "internal/rules", "internal/term"},
		outside: []string{"github.com/google/uuid"},
	},
	"internal/indemnity": {
		own: []string{"internal/audit", "internal/batch", "internal/calendar", "internal/document", "internal/fault", "internal/iban", "internal/identity",
			"internal/money", "internal/once", "internal/payment", "internal/ranking", "internal/rules", "internal/term"},
		outside: []string{"github.com/google/uuid"},
	},

	"internal/notify": {
		own: []string{"internal/audit", "internal/calendar", "internal/fault", "internal/identity", "internal/indemnity", "internal/mandate", "internal/money",
			"internal/office", "internal/payment", "internal/voucher", "web/ui"},
		outside: []string{"github.com/wneessen/go-mail"},
	},
	"internal/postgres": {
		own: []string{"internal/audit", "internal/calendar", "internal/document", "internal/fault", "internal/identity",
			"internal/indemnity", "internal/mandate", "internal/money", "internal/notify", "internal/office", "internal/once", "internal/auditor", "internal/payment", "internal/ranking",
			"internal/rating", "internal/rules", "internal/voucher", "migrations"},
		outside: []string{"github.com/google/uuid", "github.com/jackc/pgx/v5/…", "github.com/pressly/goose/v3/…", "github.com/riverqueue/river/…"},
	},
	"internal/postgres/local":  {outside: []string{"github.com/jackc/pgx/v5/…"}},
	"internal/postgres/pgtest": {own: []string{"internal/postgres/…", "migrations"}, outside: []string{"github.com/jackc/pgx/v5/…"}},
	"internal/login": {
		own:     []string{"internal/calendar", "internal/fault", "internal/identity"},
		outside: []string{"github.com/coreos/go-oidc/v3/oidc", "github.com/go-jose/go-jose/v4/…", "golang.org/x/oauth2"},
	},
	"internal/login/demobroker": {
		own:     []string{"internal/calendar", "internal/identity", "web", "web/ui"},
		outside: []string{"github.com/a-h/templ/…", "github.com/go-jose/go-jose/v4/…"},
	},
	"internal/jobs": {
		own: []string{"internal/audit", "internal/auditor", "internal/calendar", "internal/fault", "internal/identity", "internal/indemnity",
			"internal/notify", "internal/office", "internal/payment", "internal/voucher"},
		outside: []string{"github.com/jackc/pgx/v5/…", "github.com/riverqueue/river/…"},
	},
	"internal/demo": {
		own:     []string{"internal/…", "migrations"},
		outside: []string{"github.com/google/uuid", "github.com/jackc/pgx/v5/…"},
	},
	"internal/portal": {
		own: []string{"internal/audit", "internal/auditor", "internal/calendar", "internal/document", "internal/document/pages", "internal/fault", "internal/iban", "internal/identity",
			"internal/export", "internal/indemnity", "internal/login", "internal/mandate", "internal/money", "internal/notify", "internal/office", "internal/once",
			"internal/paper", "internal/payment",
			"internal/ranking", "internal/rating", "internal/rules", "internal/spool", "internal/term", "internal/voucher", "web", "web/…"},
		outside: []string{"github.com/a-h/templ", "github.com/alexedwards/scs/v2", "github.com/arran4/golang-ical",
			"github.com/boombuler/barcode/…", "github.com/go-chi/chi/v5/…", "github.com/google/uuid", "github.com/prometheus/client_golang/…"},
	},
	"internal/bench": {own: []string{"internal/…", "migrations", "web/…"}, outside: []string{"github.com/jackc/pgx/v5/…"}},

	"migrations": {},
	"web":        {},
	"web/ui": {
		own: []string{"internal/calendar", "internal/fault", "internal/identity", "internal/money", "internal/voucher", "internal/indemnity", "web"},
		outside: []string{"github.com/a-h/templ/…", "github.com/boombuler/barcode/…", "github.com/nicksnyder/go-i18n/v2/…",
			"golang.org/x/text/…"},
	},
	"web/public":       page,
	"web/citizen":      page,
	"web/psychologist": page,
	"web/inps":         page,
	"web/payments":     page,
	"web/ruleset":      page,
	"web/welfare":      page,
	"web/cnop":         page,
	"web/oversight":    page,
	"web/member":       page,
	"web/heir":         page,
	"web/review":       page,

	"cmd/portal": {
		own: []string{"internal/…", "migrations", "web", "web/…"},
		outside: []string{"github.com/alecthomas/kong", "github.com/alexedwards/scs/…", "github.com/jackc/pgx/v5/…",
			"github.com/prometheus/client_golang/…", "github.com/riverqueue/river/…"},
	},
}

// page is the room of every folder of pages: values and states of the domain,
// never a Service or a Store.
var page = room{
	own: []string{"internal/calendar", "internal/document", "internal/identity", "internal/indemnity", "internal/mandate", "internal/money",
		"internal/payment", "internal/ranking", "internal/rules", "internal/voucher", "web", "web/heir", "web/payments", "web/review", "web/ruleset", "web/ui"},
	outside: []string{"github.com/a-h/templ/…"},
}

// domain are the packages that decide. They know no network, no database, no
// machine, no clock and no chance.
var domain = []string{"audit", "batch", "calendar", "document", "fault", "iban", "identity", "indemnity", "mandate", "money", "office", "once", "payment", "ranking", "rating", "rules", "term", "voucher"}

// impure is what the domain may not import, beside what has an exception.
var impure = []string{"database/sql", "html/template", "math/rand", "math/rand/v2", "net/http", "os", "os/exec"}

// exceptions name a file of the domain and the impurity it may have, and only it.
var exceptions = map[string]string{
	"internal/identity/fiscalcode.go":     "log/slog", // to hide itself from logs
	"internal/identity/actor.go":          "log/slog",
	"internal/iban/iban.go":               "log/slog",
	"internal/money/money.go":             "log/slog",
	"internal/voucher/code.go":            "log/slog",
	"internal/voucher/service.go":         "crypto/rand",
	"internal/voucher/intake.go":          "crypto/rand",
	"internal/voucher/run.go":             "crypto/rand",
	"internal/voucher/imports.go":         "crypto/rand",
	"internal/voucher/participants.go":    "crypto/rand",
	"internal/voucher/reexamination.go":   "crypto/rand",
	"internal/mandate/service.go":         "crypto/rand",
	"internal/office/staff.go":            "crypto/rand",
	"internal/office/stops.go":            "crypto/rand",
	"internal/office/wording_service.go":  "crypto/rand",
	"internal/office/settings.go":         "crypto/rand",
	"internal/office/retention_acts.go":   "crypto/rand",
	"internal/payment/account_service.go": "crypto/rand",
	"internal/payment/run_service.go":     "crypto/rand",
	"internal/indemnity/service.go":       "crypto/rand",
	"internal/once/once.go":               "crypto/rand",
}

func TestEveryPackageKeepsToItsRoom(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		r, ok := rooms[f.pkg]
		if !ok {
			t.Errorf("%s is a package that is not on the map: give it a room in internal/house_test.go and a line in internal/README.md", f.pkg)
			continue
		}
		for _, imported := range f.imports() {
			own, isOwn := strings.CutPrefix(imported, "portal/")
			switch {
			case isOwn && own != f.pkg && !within(own, r.own):
				t.Errorf("%s imports %s, which is not within its reach", f.name, own)
			case !isOwn && strings.Contains(strings.Split(imported, "/")[0], ".") && !within(imported, r.outside):
				t.Errorf("%s imports %s, a module that its package does without", f.name, imported)
			}
		}
	}
}

func TestTheDomainIsPure(t *testing.T) {
	t.Parallel()
	forbidden := append([]string{"crypto/rand", "log/slog", "log"}, impure...)
	for _, f := range sources(t) {
		if !f.isDomain() {
			continue
		}
		for _, imported := range f.imports() {
			if slices.Contains(forbidden, imported) && exceptions[f.name] != imported {
				t.Errorf("%s is domain, and imports %s", f.name, imported)
			}
		}
		for _, draw := range []string{"uuid.New", "uuid.NewString", "uuid.NewRandom", "uuid.NewV7"} {
			if at := f.uses(draw); at != "" && exceptions[f.name] != "crypto/rand" {
				t.Errorf("%s: %s is chance, and a rule has none: draw in service.go", at, draw)
			}
		}
	}
}

func TestTheReadmeNamesEveryRoom(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sources(t) {
		name, inside := strings.CutPrefix(f.pkg, "internal/")
		if inside && !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("internal/README.md does not say what %s is for", f.pkg)
		}
	}
}

func TestNoPackageIsADrawer(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		if slices.Contains([]string{"util", "utils", "common", "helpers", "models", "services", "types", "misc"}, f.syntax.Name.Name) {
			t.Errorf("%s is in package %s: name it after what it knows", f.name, f.syntax.Name.Name)
		}
	}
}

// source is a Go file of ours that is not a test.
type source struct {
	name   string // "internal/money/money.go"
	pkg    string // "internal/money"
	syntax *ast.File
	set    *token.FileSet
	lines  int
}

func (f source) generated() bool { return strings.HasSuffix(f.name, "_templ.go") }

func (f source) isDomain() bool {
	name, inside := strings.CutPrefix(f.pkg, "internal/")
	return inside && slices.Contains(domain, name)
}

func (f source) imports() []string {
	var paths []string
	for _, spec := range f.syntax.Imports {
		p, _ := strconv.Unquote(spec.Path.Value) // the parser has read it
		paths = append(paths, p)
	}
	return paths
}

func (f source) at(n ast.Node) string {
	p := f.set.Position(n.Pos())
	return f.name + ":" + strconv.Itoa(p.Line)
}

// uses finds the first mention of something of another package, as in
// "time.Now"; "" when there is none.
func (f source) uses(qualified string) string {
	pkg, name, _ := strings.Cut(qualified, ".")
	where := ""
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == name && where == "" {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == pkg && x.Obj == nil {
				where = f.at(s)
			}
		}
		return where == ""
	})
	return where
}

var house = sync.OnceValues(func() ([]source, error) {
	var all []source
	set := token.NewFileSet()
	err := walk(".go", func(name string, text []byte) error {
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		syntax, err := parser.ParseFile(set, name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{name, path.Dir(name), syntax, set, strings.Count(string(text), "\n")})
		return nil
	})
	slices.SortFunc(all, func(a, b source) int { return cmp.Compare(a.name, b.name) })
	return all, err
})

func sources(t *testing.T) []source {
	t.Helper()
	all, err := house()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// walk reads every file of ours with an ending, by its path from the root.
func walk(ending string, read func(name string, text []byte) error) error {
	for _, top := range []string{"cmd", "internal", "migrations", "web"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(file string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata"):
				return filepath.SkipDir
			case d.IsDir() || !strings.HasSuffix(file, ending):
				return nil
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			return read(strings.TrimPrefix(filepath.ToSlash(file), "../"), text)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// within tells whether a path is one of the names, or below one that ends in /….
func within(p string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		above, all := strings.CutSuffix(name, "/…")
		return p == above || all && strings.HasPrefix(p, above+"/")
	})
}
