package web

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// small is a tree like the real one.
func small(t *testing.T) tree {
	t.Helper()
	read, err := read(fstest.MapFS{
		"static/favicon.svg":            {Data: []byte("<svg/>")},
		"static/dist/.gitkeep":          {},
		"static/dist/css/portal.css":    {Data: []byte("body{}")},
		"static/dist/css/portal.css.gz": {Data: []byte("squeezed")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func (t tree) get(target, encodings string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("Accept-Encoding", encodings)
	w := httptest.NewRecorder()
	t.serve(w, r)
	return w
}

func TestAssetsMayBeKeptForEver(t *testing.T) {
	t.Parallel()
	s := small(t)
	w := s.get(prefix+s.digest+"/favicon.svg", "gzip")
	if w.Code != http.StatusOK || w.Body.String() != "<svg/>" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Cache-Control":          "public, max-age=31536000, immutable",
		"X-Content-Type-Options": "nosniff",
		"Content-Type":           "image/svg+xml",
		"Content-Encoding":       "",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestCompressedTwinsGoToWhoTakesThem(t *testing.T) {
	t.Parallel()
	s := small(t)
	for encodings, body := range map[string]string{
		"gzip, br": "squeezed", "*": "squeezed", "GZIP;q=0.5": "squeezed",
		"": "body{}", "br": "body{}", "gzip;q=0": "body{}", "gzip;q=x": "body{}",
	} {
		w := s.get(prefix+s.digest+"/css/portal.css", encodings)
		if w.Body.String() != body || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %q, Vary %q", encodings, w.Body, w.Header().Get("Vary"))
		}
		if got := w.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
			t.Errorf("Content-Type %q", got)
		}
	}
}

func TestAnOlderPageStillFindsItsStyles(t *testing.T) {
	t.Parallel()
	w := small(t).get("/static/000000000000/css/portal.css", "")
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
	}
}

func TestWhatIsNoAssetIsNotFound(t *testing.T) {
	t.Parallel()
	s := small(t)
	for _, target := range []string{"/static/", "/static/x", prefix + s.digest + "/", prefix + s.digest + "/css", prefix + s.digest + "/.gitkeep",
		prefix + s.digest + "/../web.go", prefix + s.digest + "/dist/css/portal.css", prefix + s.digest + "/css/portal.css.gz"} {
		if w := s.get(target, "gzip"); w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %s", target, w.Code, w.Header().Get("Cache-Control"))
		}
	}
}

func TestTheAddressFollowsTheContent(t *testing.T) {
	t.Parallel()
	other, err := read(fstest.MapFS{"static/favicon.svg": {Data: []byte("<svg></svg>")}})
	if err != nil {
		t.Fatal(err)
	}
	if other.digest == small(t).digest {
		t.Error("two trees have one address")
	}
}

func TestOneNameIsOneFile(t *testing.T) {
	t.Parallel()
	_, err := read(fstest.MapFS{"static/a.svg": {Data: []byte("a")}, "static/dist/a.svg": {Data: []byte("b")}})
	if err == nil {
		t.Error("static/a.svg and static/dist/a.svg were both taken")
	}
}

func TestMissingStylesSayWhatToDo(t *testing.T) {
	t.Parallel()
	err := tree{}.check()
	if !errors.Is(err, ErrNotBuilt) || !strings.Contains(err.Error(), "make assets") {
		t.Errorf("got %v", err)
	}
}

func TestTheStylesFindTheirFonts(t *testing.T) {
	t.Parallel()
	if err := Check(); err != nil {
		t.Fatal(err)
	}
	real, err := assets()
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`url\(([^)#]+\.woff2)\)`).FindAllStringSubmatch(string(real.files["css/portal.css"].plain), -1)
	if len(named) == 0 {
		t.Fatal("the styles name no font")
	}
	for _, m := range named {
		if name := path.Join("css", strings.Trim(m[1], `"'`)); real.files[name].plain == nil {
			t.Errorf("the styles ask for %s", name)
		}
	}
}

// Icons are drawn from a sprite that holds those of assets/icons.json alone.
func TestEveryIconIsInTheSprite(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("assets/icons.json")
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	if err := json.Unmarshal(text, &known); err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`(?:Icon\(|return )"(it-[a-z0-9-]+)"`)
	err = filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if d.IsDir() && d.Name() == "node_modules" {
			return fs.SkipDir
		}
		if ext := filepath.Ext(name); err != nil || ext != ".templ" && ext != ".go" {
			return err
		}
		source, err := os.ReadFile(name)
		for _, m := range used.FindAllStringSubmatch(string(source), -1) {
			if !slices.Contains(known, m[1]) {
				t.Errorf("%s draws %s: add it to assets/icons.json", name, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
