// Package portal speaks: routes, handlers, forms, login sessions and error pages.
// A handler parses, asks a service, answers, and returns its error to the one
// place that shows and logs it. It knows no rule and no SQL.
package portal

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/document/pages"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/login"
	"portal/internal/mandate"
	"portal/internal/notify"
	"portal/internal/office"
	"portal/internal/payment"
	"portal/internal/rating"
	"portal/internal/voucher"
	"portal/web"
)

// People is what the portal asks about persons.
type People interface {
	// Enter is the person a broker vouches for, known from now on.
	Enter(ctx context.Context, p identity.Person, born calendar.Date, email string) (identity.Person, error)
	// Email is the address to which the portal writes to somebody, "" if it knows none.
	Email(ctx context.Context, id identity.PersonID) (string, error)
	// Profiles tells what somebody may log in as on a day.
	Profiles(ctx context.Context, id identity.PersonID, on calendar.Date) (identity.Profiles, error)
	// Duties are what somebody does in an office on a day; none for who has no post in it.
	Duties(ctx context.Context, id identity.PersonID, office identity.Role, on calendar.Date) ([]identity.Duty, error)
	// Write appends to the register what happened to a login.
	Write(ctx context.Context, e audit.Entry) error
	// Messages is a page of somebody's inbox, newest first, with how many there are.
	Messages(ctx context.Context, of identity.PersonID, page, size int) ([]notify.Message, int, error)
	// Message is one message of somebody's, read from now on; fault.ErrNotFound.
	Message(ctx context.Context, of identity.PersonID, id string, now time.Time) (notify.Message, error)
	// Unread counts the messages somebody has not opened.
	Unread(ctx context.Context, of identity.PersonID) (int, error)
}

// Portal is the web server's handlers with what they ask.
type Portal struct {
	People         People
	Vouchers       *voucher.Service
	Editions       *voucher.Editions
	Intake         *voucher.Intake
	Imports        *voucher.Imports
	Rankings       *voucher.Rankings
	Participants   *voucher.Participants
	Desk           *voucher.Desk
	Reexaminations *voucher.Reexaminations
	Invoices       *voucher.Invoices
	Disputes       *voucher.Disputes
	Closures       *voucher.Closures
	Feeds          *voucher.Feeds
	Trail          *voucher.Trail
	Residuals      *voucher.Residuals
	Accounts       *payment.Accounts
	Payments       *payment.Runs
	CasePayments   *payment.Cases
	Calls          *indemnity.Calls
	Drafts         *indemnity.Drafts
	Papers         *indemnity.Papers
	Applications   *indemnity.Applications
	Heirs          *indemnity.Heirs
	CaseDesk       *indemnity.Desk
	Controls       *indemnity.Controls
	CaseReviews    *indemnity.Reexaminations
	CallRankings   *indemnity.Rankings
	Watched        *auditor.Rankings
	Register       *auditor.Register
	Figures        *auditor.Service
	Files          *auditor.Files
	Work           *indemnity.Work
	Views          *indemnity.Views
	Texts          *indemnity.Texts
	Threads        *indemnity.Threads
	Ratings        *rating.Ratings
	Mandates       *mandate.Service
	Staff          *office.Staff
	Stops          *office.Stops
	Settings       *office.Settings
	Wordings       *office.Wordings
	Retention      *office.Retention
	Deliveries     *office.Deliveries
	Neighbours     *office.Neighbours
	Broker         *login.Party
	Logins         *scs.SessionManager // see NewLogins
	Scanner        document.Scanner    // of the papers that people hand in; nil where there is none
	Pages          *pages.Reader       // of the papers that are shown; nil for one of its own
	PaperTime      time.Duration       // how long one may take to come or go; 0 for two minutes
	Log            *slog.Logger
	Now            func() time.Time
	URL            string                      // the address people use, without a path
	Proxies        []netip.Prefix              // whose word counts of whom they speak for; none: who calls is who asks
	Ready          func(context.Context) error // why the program cannot serve, nil when it can

	desk paperDesk
}

// Handler is the whole site.
func (p *Portal) Handler() http.Handler {
	p.Logins.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		p.fail(w, r, fmt.Errorf("%w: %w", errLogins, err))
	}
	r := chi.NewRouter()
	r.Use(p.locate, p.identify, p.observe, p.recover, p.harden, middleware.GetHead)
	noPage := p.page(func(http.ResponseWriter, *http.Request) error { return errNoPage })
	r.NotFound(p.withLogin(noPage).ServeHTTP)
	r.MethodNotAllowed(p.withLogin(http.HandlerFunc(p.methodNotAllowed)).ServeHTTP)

	r.Get(healthPath, p.healthz)
	r.Get(readyPath, p.readyz)
	r.Handle("/static/*", web.Handler())

	r.Group(func(r chi.Router) {
		r.Use(p.sameOrigin, p.bounded, p.withLogin)
		p.routes(r)
	})
	return r
}
