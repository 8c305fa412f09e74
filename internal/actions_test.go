package internal_test

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// actions are the stable words of what is written in the register.
func actions(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, f := range sources(t) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			d, ok := n.(*ast.GenDecl)
			if !ok || d.Tok != token.CONST {
				return true
			}
			for _, s := range d.Specs {
				v := s.(*ast.ValueSpec)
				if !isAction(v.Type) {
					continue
				}
				for _, value := range v.Values {
					if literal, ok := value.(*ast.BasicLit); ok {
						word, err := strconv.Unquote(literal.Value)
						if err != nil {
							t.Fatal(err)
						}
						all[word] = f.name
					}
				}
			}
			return false
		})
	}
	return all
}

func isAction(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name == "Action"
	case *ast.SelectorExpr:
		return x.Sel.Name == "Action"
	}
	return false
}

func TestEveryActionOfTheRegisterHasWords(t *testing.T) {
	t.Parallel()
	words := map[string]bool{}
	files, err := filepath.Glob("../web/ui/words/it.*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		some := map[string]any{}
		if err := json.Unmarshal(text, &some); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key := range some {
			words[key] = true
		}
	}
	all := actions(t)
	if len(all) < 200 {
		t.Fatalf("only %d actions were found", len(all))
	}
	for action, file := range all {
		if !words["audit.action."+action] {
			t.Errorf("%s (%s) has no words: audit.action.%s", action, file, action)
		}
	}
}
