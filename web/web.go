// Package web holds what browsers download as it stands: styles, fonts, icons
// and one script. Its folders hold the pages, one .templ file each.
package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed all:static
var static embed.FS

// prefix is where every asset lives. The digest that follows it is that of the
// whole tree, so that a style sheet finds its fonts by their relative names.
const prefix = "/static/"

// asset is a file as it goes out.
type asset struct {
	kind    string // Content-Type
	plain   []byte
	gzipped []byte // nil when the build made no compressed twin
}

// tree is every file under its public name: static/dist/css/portal.css, which
// the build makes, and static/favicon.svg, which is ours, are both at the root.
type tree struct {
	digest string
	files  map[string]asset
}

var assets = sync.OnceValues(func() (tree, error) { return read(static) })

func read(from fs.FS) (tree, error) {
	t := tree{files: map[string]asset{}}
	sum := sha256.New()
	err := fs.WalkDir(from, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".gitkeep" {
			return err
		}
		body, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(body))
		sum.Write(body)
		return t.add(strings.TrimPrefix(strings.TrimPrefix(name, "static/"), "dist/"), body)
	})
	t.digest = hex.EncodeToString(sum.Sum(nil))[:12]
	return t, err
}

func (t tree) add(name string, body []byte) error {
	plain, compressed := strings.CutSuffix(name, ".gz")
	a := t.files[plain]
	switch {
	case compressed:
		a.gzipped = body
	case a.plain != nil:
		return fmt.Errorf("asset %s is both in static and in static/dist", name)
	default:
		a.plain, a.kind = body, contentType(name)
	}
	t.files[plain] = a
	return nil
}

// contentType does not leave to the machine's own tables what must be the same
// everywhere.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".woff2":
		return "font/woff2"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".txt", "":
		return "text/plain; charset=utf-8"
	default:
		return mime.TypeByExtension(ext)
	}
}

// Path is the address of an asset, as in Path("css/portal.css"). The address
// changes with any change of any asset, so that browsers may keep it for ever.
func Path(name string) string {
	t, _ := assets() // Check has the error; an address is always given
	return prefix + t.digest + "/" + name
}

// built are the assets without which no page looks like one.
var built = []string{"css/portal.css", "js/portal.js", "svg/sprite.svg"}

// ErrNotBuilt says that the styles were never built.
var ErrNotBuilt = errors.New("the styles of the pages are not built: run `make assets`, then build the program again")

// Check tells whether the program carries the assets that its pages need. The
// server asks before it starts: a portal without styles is worse than none.
func Check() error {
	t, err := assets()
	if err != nil {
		return fmt.Errorf("assets: %w", err)
	}
	return t.check()
}

func (t tree) check() error {
	for _, name := range built {
		if t.files[name].plain == nil {
			return fmt.Errorf("%w (%s is missing)", ErrNotBuilt, name)
		}
	}
	return nil
}

// Handler serves the assets under /static/. Under their present address they
// may be kept for a year; a page of an older release that still asks for them
// under the older one gets the present file, to be used once.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, err := assets()
		if err != nil {
			http.Error(w, "assets", http.StatusInternalServerError)
			return
		}
		t.serve(w, r)
	})
}

func (t tree) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	digest, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, prefix), "/")
	a, ok := t.files[name]
	if !ok || a.plain == nil {
		h.Set("Cache-Control", "no-store")
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	h.Set("Cache-Control", "no-store")
	if digest == t.digest {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Type", a.kind)
	body := a.plain
	if a.gzipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = a.gzipped
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the browser went away: nobody is left to tell
	}
}

// acceptsGzip reads Accept-Encoding (RFC 9110 §12.5.3): gzip, or *, with a
// weight that is not zero.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		coding = strings.TrimSpace(coding)
		if !strings.EqualFold(coding, "gzip") && coding != "*" {
			continue
		}
		_, value, weighted := strings.Cut(weight, "=")
		if !weighted {
			return true
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		return err == nil && q > 0
	}
	return false
}
