package portal

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// requests is how long answers take, by route pattern: never by path, which
// would name things.
var requests = promauto.NewHistogramVec(prometheus.HistogramOpts{
	Name:    "portal_http_request_seconds",
	Help:    "Time to answer a request, by method, route and status.",
	Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 8},
}, []string{"method", "route", "status"})

// Where machines ask how the program is: by any name of the host.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// healthz says that the process lives.
func (p *Portal) healthz(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// readyz says whether the program takes work: 503 with the reason while it
// starts or drains. A database that goes away later does not take the replica
// out: its visitors are better served by the portal's own page.
func (p *Portal) readyz(w http.ResponseWriter, r *http.Request) {
	if err := p.Ready(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
