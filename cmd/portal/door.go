package main

import (
	"fmt"
	"net/http"
)

// door stands before the portal while it starts. It says that the process lives
// and is not ready yet; whoever comes for a page waits until it opens.
type door struct {
	opened chan struct{}
	inside *http.Handler // to be read after opened
}

func newDoor() door { return door{make(chan struct{}), new(http.Handler)} }

// open lets everybody in, once.
func (d door) open(inside http.Handler) {
	*d.inside = inside
	close(d.opened)
}

// ServeHTTP answers for the portal until it is there.
func (d door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case <-d.opened:
	default:
		switch r.URL.Path {
		case "/healthz":
			fmt.Fprintln(w, "ok")
			return
		case "/readyz":
			http.Error(w, "the portal is starting", http.StatusServiceUnavailable)
			return
		}
		select {
		case <-d.opened:
		case <-r.Context().Done():
			return
		}
	}
	(*d.inside).ServeHTTP(w, r)
}
