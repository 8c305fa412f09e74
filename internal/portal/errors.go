package portal

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/public"
	"portal/web/ui"
)

// What goes wrong before any service is asked.
var (
	errNoPage       = fault.ErrNotFound
	errForeignForm  = fault.Refuse("form.foreign")
	errTooLarge     = fault.Refuse("form.too_large")
	errUnreadable   = fault.Refuse("form.unreadable")
	errMandateEnded = fault.Refuse("mandate.ended")
	errMandateScope = fault.Refuse("mandate.scope")
	errSlow         = fault.Unavailable("service.slow")
	errLogins       = fault.Unavailable("service.logins")
	errBusy         = fault.Unavailable("service.busy")
)

// page makes a handler of a function that returns its error.
func (p *Portal) page(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := handle(w, r); err != nil {
			p.fail(w, r, err)
		}
	}
}

// fail shows and logs an error: the only place where that is done. What the
// person can act on is shown with its reason; anything else is a bland page with
// the number of the request.
func (p *Portal) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody is there to read the answer
	}
	status, page := p.explain(r, err)
	level := slog.LevelInfo
	switch {
	case status >= 500 && status != http.StatusServiceUnavailable:
		level = slog.LevelError
	case status == http.StatusServiceUnavailable:
		level = slog.LevelWarn
	case status == http.StatusNotFound:
		level = slog.LevelDebug
	}
	p.Log.LogAttrs(r.Context(), level, "answered with an error",
		slog.String("id", audit.Request(r.Context())), slog.Int("status", status), slog.String("error", err.Error()))
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "10")
	}
	var retry voucher.RetryError
	if errors.As(err, &retry) {
		seconds := max(int(retry.At.Sub(p.Now())/time.Second)+1, 1)
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	p.write(w, r, status, public.Error(page))
}

var statuses = map[fault.Kind]int{
	fault.KindInvalid:     http.StatusUnprocessableEntity,
	fault.KindRefused:     http.StatusConflict,
	fault.KindNotFound:    http.StatusNotFound,
	fault.KindStale:       http.StatusConflict,
	fault.KindThrottled:   http.StatusTooManyRequests,
	fault.KindUnavailable: http.StatusServiceUnavailable,
}

// refusedHere is the reason of an error that the page with the form says itself. That
// somebody has no duty, or that the form came before with other content, has a page of
// its own.
func refusedHere(err error) (*fault.Reason, bool) {
	reason, refused := fault.Refusal(err)
	return reason, refused && reason != identity.ErrNoDuty && reason != once.ErrOtherContent
}

// explain is the status and the page of an error.
func (p *Portal) explain(r *http.Request, err error) (int, public.ErrorPage) {
	f := p.frame(r, ui.Frame{})
	home := ui.Link{Text: f.T("error.home"), URL: p.home(r)}
	help := ui.Link{Text: f.T("error.help"), URL: "/assistenza"}
	retry := ui.Link{Text: f.T("error.retry"), URL: r.URL.RequestURI()}
	reason := fault.As(err)
	if errors.Is(err, context.DeadlineExceeded) {
		reason = errSlow
	}
	if reason == nil {
		f.Title, f.RequestID = f.T("error.500.title"), audit.Request(r.Context())
		text := f.T("error.500.text")
		var unchanged unchangedError
		switch {
		case errors.As(err, &unchanged):
			text = f.T(unchanged.words)
		case r.Method == http.MethodPost:
			text = f.T("error.500.unknown")
		}
		return http.StatusInternalServerError, public.ErrorPage{Frame: f, Text: []string{text}, Next: []ui.Link{retry, help}}
	}
	status := statuses[reason.Kind]
	switch reason {
	case errForeignForm, identity.ErrNoDuty:
		status = http.StatusForbidden
	case document.ErrErased:
		status = http.StatusGone
	case errTooLarge:
		status = http.StatusRequestEntityTooLarge
	case once.ErrOtherContent:
		status = http.StatusUnprocessableEntity
	case errUnreadable:
		status = http.StatusBadRequest
	}
	if page, ok := p.loginError(r, f, reason, err); ok {
		if status == http.StatusConflict {
			status = http.StatusForbidden
		}
		return status, page
	}
	page := public.ErrorPage{Frame: f, Next: []ui.Link{home, help}}
	if reason == errMandateEnded || reason == errMandateScope {
		page.Next = []ui.Link{{Text: f.T("ui.user.switch"), URL: "/profili"}, help}
	}
	switch reason.Kind {
	case fault.KindNotFound:
		page.Title, page.Text = f.T("error.404.title"), []string{f.T("error.404.text")}
	case fault.KindThrottled:
		page.Title = f.T("error.429.title")
		var again voucher.RetryError
		if errors.As(err, &again) {
			page.Text = []string{f.T("error.429.text", "At", ui.FromClock(again.At))}
		}
		page.Next = []ui.Link{home, help}
	case fault.KindUnavailable:
		page.Title, page.Text = f.T("error.503.title"), []string{f.T("reason." + reason.Code)}
		page.Next = []ui.Link{retry, {Text: f.T("error.status"), URL: "/stato-servizio"}}
	case fault.KindStale:
		page.Title, page.Text = f.T("error.409.title"), []string{rankingReason(f, err)}
	default:
		page.Title, page.Text = f.T("error.refused.title"), []string{rankingReason(f, err)}
	}
	if status == http.StatusGone {
		page.Title, page.Next[0] = f.T("error.410.title"), fromErased(f, r.URL.Path)
	}
	return status, page
}

// fromErased leads on from a paper that was erased: back to the case or the request that it
// is of, as its address says, or else to the personal area.
func fromErased(f ui.Frame, path string) ui.Link {
	of, _, _ := strings.Cut(path, "/documenti/")
	switch id := of[strings.LastIndexByte(of, '/')+1:]; {
	case id == "riesame", uuid.Validate(id) == nil && strings.Contains(of, "/riesami/"):
		return ui.Link{Text: f.T("error.410.review"), URL: of}
	case uuid.Validate(id) == nil:
		return ui.Link{Text: f.T("error.410.case"), URL: of}
	}
	return ui.Link{Text: f.T("error.410.area"), URL: "/area-personale"}
}

// unchangedError is a failed act after which everything was found to be as it
// was before; words is the key of the text that says so.
type unchangedError struct {
	error
	words string
}

// Unwrap is what went wrong.
func (e unchangedError) Unwrap() error { return e.error }

// home is where somebody starts from: the work of their profile, or the front page.
func (p *Portal) home(r *http.Request) string {
	l, ok := current(r)
	switch {
	case !ok:
		return "/"
	case l.Actor.Role == identity.Citizen:
		return "/contributo-psicoterapia/domande"
	case l.Actor.Role == identity.Psychologist:
		return "/professionisti/sedute"
	case l.Actor.Role == identity.INPS:
		return "/gestione/inps"
	case l.Actor.Role == identity.CNOP:
		return "/cnop/elenco"
	}
	return "/area-personale"
}

func (p *Portal) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, ui.Frame{})
	f.Title = f.T("error.404.title")
	p.write(w, r, http.StatusMethodNotAllowed, public.Error(public.ErrorPage{
		Frame: f, Text: []string{f.T("error.404.text")}, Next: []ui.Link{{Text: f.T("error.home"), URL: p.home(r)}}}))
}
