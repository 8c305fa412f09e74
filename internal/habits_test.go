package internal_test

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// clocks are the packages and files that measure the machine itself, or hand the
// clock to the others, which take a now func() time.Time.
var clocks = []string{
	"cmd/portal", "internal/bench", "internal/postgres/local", "internal/postgres/pgtest",
	"internal/portal/middleware.go", // how long an answer took
}

func TestOnlyMainReadsTheClock(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		for _, look := range []string{"time.Now", "time.Since", "time.Until"} {
			if at := f.uses(look); at != "" && !slices.Contains(clocks, f.pkg) && !slices.Contains(clocks, f.name) {
				t.Errorf("%s: %s reads the machine's clock: take the time as an argument, or now() from the constructor", at, look)
			}
		}
	}
}

func TestNoPageTrustsRawHTML(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		for _, raw := range []string{"templ.Raw", "templ.SafeScript", "templ.JSUnsafeFuncCall", "template.HTML"} {
			if at := f.uses(raw); at != "" {
				t.Errorf("%s: %s lets a text become markup", at, raw)
			}
		}
	}
}

func TestNoFileGrewTooLong(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		if f.lines > 500 && !f.generated() {
			t.Errorf("%s has %d lines: it wants to be two files", f.name, f.lines)
		}
	}
	err := walk(".templ", func(name string, text []byte) error {
		if n := strings.Count(string(text), "\n"); n > 500 {
			t.Errorf("%s has %d lines: it wants to be two files", name, n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryExportedThingIsDocumented(t *testing.T) {
	t.Parallel()
	undocumented := func(f source, n ast.Node, name string) {
		t.Errorf("%s: %s is exported and says nothing to its caller", f.at(n), name)
	}
	for _, f := range sources(t) {
		if f.generated() || f.syntax.Name.Name == "main" {
			continue
		}
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					undocumented(f, d, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
							undocumented(f, s, s.Name.Name)
						}
					case *ast.ValueSpec:
						if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
							undocumented(f, s, s.Names[0].Name)
						}
					}
				}
			}
		}
	}
}

// exportedReceiver tells whether a function is seen from outside: it has no
// receiver, or one whose type is exported.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	of := d.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	name, ok := of.(*ast.Ident)
	return ok && name.IsExported()
}

// A statement that is put together at run time is where injection starts. What
// goes to PostgreSQL is a constant, or is called sql (or bookingsSQL), and what
// is called so is only ever given constants. Names of databases cannot be
// parameters of a statement: the packages that create some are left out.
func TestEveryStatementIsAConstant(t *testing.T) {
	t.Parallel()
	var files []source
	for _, f := range sources(t) {
		if f.pkg != "internal/postgres/local" && f.pkg != "internal/postgres/pgtest" && within("github.com/jackc/pgx/v5", f.imports()) {
			files = append(files, f)
		}
	}
	constants := map[string]bool{}
	sinks := map[string][]int{"Query": {1}, "QueryRow": {1}, "Exec": {1}, "Queue": {0}}
	for _, f := range files {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GenDecl:
				if n.Tok != token.CONST {
					return true
				}
				for _, spec := range n.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						constants[name.Name] = true
					}
				}
			case *ast.FuncDecl:
				if statements := statementParameters(n); statements != nil {
					sinks[n.Name.Name] = statements
				}
			}
			return true
		})
	}
	for _, f := range files {
		complain := func(n ast.Node) { t.Errorf("%s: a statement is put together at run time", f.at(n)) }
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				for _, i := range sinks[called(n)] {
					if i < len(n.Args) && !constant(n.Args[i], constants) {
						complain(n)
					}
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if isStatement(left) && (len(n.Rhs) != len(n.Lhs) || !constant(n.Rhs[i], constants)) {
						complain(n)
					}
				}
			case *ast.KeyValueExpr:
				if isStatement(n.Key) && !constant(n.Value, constants) {
					complain(n)
				}
			case *ast.RangeStmt:
				list, ok := n.X.(*ast.CompositeLit)
				if n.Value != nil && isStatement(n.Value) &&
					(!ok || slices.ContainsFunc(list.Elts, func(e ast.Expr) bool { return !constant(e, constants) })) {
					complain(n)
				}
			}
			return true
		})
	}
}

// statementParameters are the places of the parameters of a function that are
// statements by their name.
func statementParameters(f *ast.FuncDecl) []int {
	var places []int
	i := 0
	for _, field := range f.Type.Params.List {
		for _, name := range field.Names {
			if isStatement(name) {
				places = append(places, i)
			}
			i++
		}
	}
	return places
}

// isStatement tells whether a variable or a field is a statement by its name.
func isStatement(e ast.Expr) bool {
	if s, ok := e.(*ast.SelectorExpr); ok {
		e = s.Sel
	}
	name, ok := e.(*ast.Ident)
	return ok && (name.Name == "sql" || strings.HasSuffix(name.Name, "SQL"))
}

// called is the name of the function or method in a call.
func called(call *ast.CallExpr) string {
	fun := call.Fun
	if generic, ok := fun.(*ast.IndexExpr); ok {
		fun = generic.X
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}

// constant tells whether an expression is a string literal, a known constant, a
// statement by its name, or a sum of these.
func constant(e ast.Expr, known map[string]bool) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.Ident:
		return known[e.Name] || isStatement(e)
	case *ast.SelectorExpr:
		return isStatement(e)
	case *ast.BinaryExpr:
		return e.Op == token.ADD && constant(e.X, known) && constant(e.Y, known)
	case *ast.ParenExpr:
		return constant(e.X, known)
	}
	return false
}

// words are the Italian texts of the catalogue by key.
func words(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../web/ui/words/it*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("the catalogue of Italian words is not in web/ui/words: %v", err)
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var entries map[string]json.RawMessage
		if err := json.Unmarshal(text, &entries); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for key, raw := range entries {
			all[key] = string(raw)
		}
	}
	return all
}

func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	known := words(t)
	declare := []string{"Invalid", "Refuse", "Stale", "Throttle", "Unavailable"}
	for _, f := range sources(t) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 || !slices.Contains(declare, called(call)) {
				return true
			}
			fun, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := fun.X.(*ast.Ident); !ok || pkg.Name != "fault" {
				return true
			}
			literal, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: the code of a reason is written where it is declared", f.at(call))
				return true
			}
			code, _ := strconv.Unquote(literal.Value) // the parser has read it
			if _, ok := known["reason."+code]; !ok {
				t.Errorf("%s: the reason %q has no words: write reason.%s in the catalogue", f.at(call), code, code)
			}
			return true
		})
	}
}

// The voice of the portal (ux, 0.4), as far as a machine hears it.
func TestTheWordsKeepTheVoice(t *testing.T) {
	t.Parallel()
	avoid := []string{"ops", "con successo", "sei sicuro", "si prega", "per favore", "clicca qui", "in data odierna"}
	for key, text := range words(t) {
		if strings.Contains(text, "'") {
			t.Errorf("%s has a straight apostrophe where Italian wants ’: %s", key, text)
		}
		if strings.Contains(text, "!") {
			t.Errorf("%s exclaims: %s", key, text)
		}
		spoken := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzàèéìòù", r) })
		for _, phrase := range avoid {
			if strings.Contains(" "+strings.Join(spoken, " ")+" ", " "+phrase+" ") {
				t.Errorf("%s says «%s», which the portal does not: %s", key, phrase, text)
			}
		}
	}
}
