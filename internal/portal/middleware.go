package portal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"portal/internal/audit"
)

// locate finds from where a request comes: who called, or whom the proxies in front say
// that they were called by. What others say of themselves counts for nothing.
func (p *Portal) locate(next http.Handler) http.Handler {
	if len(p.Proxies) == 0 {
		return middleware.ClientIPFromRemoteAddr(next)
	}
	var proxies []string
	for _, prefix := range p.Proxies {
		proxies = append(proxies, prefix.String())
	}
	return middleware.ClientIPFromXFF(proxies...)(next)
}

// identify gives each request an id, for the log, the register and the help desk. The
// register also keeps from where it came; the log never does.
func (p *Portal) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o := audit.Origin{Request: rand.Text()[:12], Address: middleware.GetClientIPAddr(r.Context())}
		w.Header().Set("X-Request-Id", o.Request)
		next.ServeHTTP(w, r.WithContext(audit.WithOrigin(r.Context(), o)))
	})
}

// recover turns a panic into the page of an unexpected error.
func (p *Portal) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				p.fail(w, r, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// harden sets the headers of every answer, whatever its status. Nothing is
// cached by anybody unless a handler of public files says otherwise: a shared
// cache in front of private pages is how another portal once showed people each
// other's data.
//
// A request for another host is sent away: nothing of ours is to be had under a
// name that is not ours.
func (p *Portal) harden(next http.Handler) http.Handler {
	https := strings.HasPrefix(p.URL, "https://")
	_, host, _ := strings.Cut(p.URL, "://")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", p.contentPolicy())
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if https {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		if r.Host != host && r.URL.Path != healthPath && r.URL.Path != readyPath {
			http.Error(w, "Questo indirizzo non è del portale.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// contentPolicy lets a page load what is ours, and a form lead here or, through
// a logout, to the broker: browsers apply form-action to redirects too.
func (p *Portal) contentPolicy() string {
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; form-action 'self' " + strings.Join(p.Broker.Origins(), " ") +
		"; frame-ancestors 'none'; base-uri 'none'"
}

// sameOrigin refuses forms that another site sends.
func (p *Portal) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(p.page(func(http.ResponseWriter, *http.Request) error { return errForeignForm }))
	return guard.Handler(next)
}

// The most a form may carry.
const (
	mostBody   = 64 << 10
	mostFields = 200
)

// How many requests are worked on at once, and how long one waits to be.
const (
	mostAtOnce = 64
	patience   = time.Second
)

// bounded limits what requests may cost: how many at once, and of each the bytes,
// the fields and the time.
func (p *Portal) bounded(next http.Handler) http.Handler {
	places := make(chan struct{}, mostAtOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
		default:
			select {
			case places <- struct{}{}:
			case <-time.After(patience):
				p.fail(w, r, errBusy)
				return
			}
		}
		defer func() { <-places }()
		ctx, cancel := context.WithTimeout(r.Context(), 8*time.Second)
		defer cancel()
		r = r.WithContext(context.WithValue(ctx, bodyKey{}, r.Body))
		r.Body = http.MaxBytesReader(w, r.Body, mostBody)
		next.ServeHTTP(w, r)
	})
}

type bodyKey struct{}

// toAnswer is how long the answer may take when all the time to bring a file is over.
const toAnswer = 10 * time.Second

// roomy lets the requests of a route carry a file of so many bytes, and take so
// long to bring it.
func (p *Portal) roomy(most int64, long time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			control := http.NewResponseController(w)
			until := time.Now().Add(long)
			if err := errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until.Add(toAnswer))); err != nil {
				p.fail(w, r, err)
				return
			}
			ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), long+toAnswer)
			defer cancel()
			body := r.Context().Value(bodyKey{}).(io.ReadCloser)
			r = r.WithContext(ctx)
			r.Body = http.MaxBytesReader(w, body, most)
			next.ServeHTTP(w, r)
		})
	}
}

// observe logs each request by the pattern of its route, never by its path.
func (p *Portal) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		answer := &statusWriter{ResponseWriter: w}
		defer func() {
			route := chi.RouteContext(r.Context()).RoutePattern()
			took := time.Since(started)
			requests.WithLabelValues(knownMethod(r.Method), route, strconv.Itoa(answer.status())).Observe(took.Seconds())
			p.Log.LogAttrs(r.Context(), slog.LevelDebug, "request",
				slog.String("id", audit.Request(r.Context())), slog.String("method", knownMethod(r.Method)),
				slog.String("route", route), slog.Int("status", answer.status()), slog.Duration("took", took))
		}()
		next.ServeHTTP(answer, r)
	})
}

// knownMethod keeps methods that somebody made up out of metrics and logs.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return method
	}
	return "other"
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	code int
}

// WriteHeader is called once by whoever answers.
func (w *statusWriter) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}
