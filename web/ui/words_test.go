package ui

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"portal/internal/calendar"
	"portal/internal/money"
)

// sources are the hand-written files that may ask for a text.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, root := range []string{"..", "../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			written := strings.HasSuffix(name, ".templ") || strings.HasSuffix(name, ".go") &&
				!strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, "_templ.go")
			if err != nil || !written {
				return err
			}
			text, err := os.ReadFile(name)
			all[name] = string(text)
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return all
}

var (
	asked   = regexp.MustCompile(`(?:\bT\(|@(?:ui\.)?Text\([\w.]+, )"([a-z0-9_.]*[a-z0-9_])"`)
	literal = regexp.MustCompile(`"([a-z0-9_.]*[a-z0-9_])"`)
	family  = regexp.MustCompile(`"([a-z0-9_.]+\.)" ?\+`)
)

func TestEveryTextThatIsAskedForExists(t *testing.T) {
	t.Parallel()
	for name, source := range sources(t) {
		for _, m := range asked.FindAllStringSubmatch(source, -1) {
			if _, ok := words.texts[Italian][m[1]]; !ok {
				t.Errorf("%s: %q has no words in Italian", name, m[1])
			}
		}
	}
}

// A key is used when it stands in the source, or begins like a family of keys
// that the source completes ("role." + string(r)), or is put together of texts
// that stand there: article.key + "." + section.key + ".text".
func TestNoTextIsLeftOver(t *testing.T) {
	t.Parallel()
	written, families := map[string]bool{}, map[string]bool{}
	for _, source := range sources(t) {
		for _, m := range literal.FindAllStringSubmatch(source, -1) {
			written[m[1]] = true
		}
		for _, m := range family.FindAllStringSubmatch(source, -1) {
			families[m[1]] = true
		}
	}
	for key := range words.texts[Italian] {
		begins := slices.ContainsFunc(slices.Collect(maps.Keys(families)), func(f string) bool { return strings.HasPrefix(key, f) })
		if !begins && !composed(key, written) {
			t.Errorf("%q is in the catalogue and on no page", key)
		}
	}
}

// composed tells whether a key is written whole, or a beginning of it with a dot
// in it and then each of its other parts.
func composed(key string, written map[string]bool) bool {
	for key != "" {
		if written[key] {
			return true
		}
		dot := strings.LastIndexByte(key, '.')
		if dot < 0 || !written[key[dot:]] && !written[key[dot+1:]] {
			return false
		}
		key = key[:dot]
		if !strings.Contains(key, ".") {
			return false
		}
	}
	return false
}

// go-i18n and encoding/json keep the last of two equal keys and say nothing.
func TestNoKeyStandsTwiceInAFile(t *testing.T) {
	t.Parallel()
	names, _ := fs.Glob(wordFiles, "words/*.json") // the pattern is well formed
	for _, name := range names {
		text, err := fs.ReadFile(wordFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(strings.NewReader(string(text)))
		seen := map[string]bool{}
		for depth, atKey := 0, false; ; {
			token, err := d.Token()
			if err != nil {
				break
			}
			switch token {
			case json.Delim('{'):
				depth++
				atKey = true
				continue
			case json.Delim('}'):
				depth--
				atKey = true
				continue
			}
			if key, ok := token.(string); ok && atKey && depth == 1 {
				if seen[key] {
					t.Errorf("%s: %q stands twice", name, key)
				}
				seen[key] = true
			}
			atKey = !atKey
		}
	}
}

func TestTheSameKeyInTwoAreasIsRefused(t *testing.T) {
	t.Parallel()
	_, err := load(fstest.MapFS{
		"words/it.a.json": {Data: []byte(`{"x": "uno"}`)},
		"words/it.b.json": {Data: []byte(`{"x": "due"}`)},
	})
	if err == nil || !strings.Contains(err.Error(), `"x" stands twice`) {
		t.Errorf("got %v", err)
	}
}

func TestOtherLanguagesSayOnlyWhatItalianSays(t *testing.T) {
	t.Parallel()
	for _, lang := range []Lang{German, Slovene} {
		for key, text := range words.texts[lang] {
			italian, ok := words.texts[Italian][key]
			if !ok {
				t.Errorf("%s: %q does not exist in Italian", lang, key)
				continue
			}
			if got, want := names(text), names(italian); !slices.Equal(got, want) {
				t.Errorf("%s: %q has placeholders %v, Italian %v", lang, key, got, want)
			}
			if text.counted != italian.counted {
				t.Errorf("%s: %q has plural forms in one language only", lang, key)
			}
		}
	}
}

func names(t text) []string {
	var all []string
	for _, p := range t.pieces {
		if p.name != "" {
			all = append(all, p.name)
		}
	}
	slices.Sort(all)
	return all
}

func TestTextsTakeValuesAsScreensWriteThem(t *testing.T) {
	t.Parallel()
	c := must(load(fstest.MapFS{
		"words/it.json": {Data: []byte(`{
			"day":   "Vale fino al {{.Day}}.",
			"sum":   "{{.Sum}} su {{.Count}}",
			"count": {"one": "{{.Count}} seduta", "other": "{{.Count}} sedute"},
			"only":  "Solo qui"
		}`)},
		"words/sl.json": {Data: []byte(`{
			"day":   "Velja do {{.Day}}.",
			"count": {"one": "{{.Count}} seansa", "two": "{{.Count}} seansi", "few": "{{.Count}} seanse", "other": "{{.Count}} seans"}
		}`)},
	}))
	for _, tt := range []struct {
		lang Lang
		key  string
		args []any
		want string
	}{
		{Italian, "day", []any{"Day", calendar.NewDate(2026, 6, 3)}, "Vale fino al 3 giugno 2026."},
		{Italian, "sum", []any{"Count", 3, "Sum", 1234*money.Euro + 50}, "1.234,50 € su 3"},
		{Italian, "count", []any{"Count", 1}, "1 seduta"},
		{Italian, "count", []any{"Count", 0}, "0 sedute"},
		{Slovene, "count", []any{"Count", 2}, "2 seansi"},
		{Slovene, "count", []any{"Count", 4}, "4 seanse"},
		{Slovene, "count", []any{"Count", 5}, "5 seans"},
		{Slovene, "only", nil, "Solo qui"},
		{German, "count", []any{"Count", 1}, "1 seduta"},
		{Italian, "nowhere", nil, "nowhere"},
	} {
		if got := c.say(tt.lang, tt.key, tt.args); strings.ReplaceAll(got, "\u00a0", " ") != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.lang, tt.key, got, tt.want)
		}
	}
}

func TestAPlaceholderIsANameAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"{{.}}", "{{Name}}", "{{.Name | upper}}", "{{if .Name}}x{{end}}", "{{.Name"} {
		if _, err := parse(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func BenchmarkT(b *testing.B) {
	f := Frame{}
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.T("ui.help.title")
		}
	})
	b.Run("filled", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.T("ui.pages.here", "Page", 2, "Pages", 5)
		}
	})
	b.Run("counted", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.T("ui.deadline.left", "Count", 9)
		}
	})
}
