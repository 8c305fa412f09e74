package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/voucher"
)

// citizenSessionPage is a page of a session. One that belongs to somebody else for
// whom the reader may act, or to the reader while they act for another, leads to
// the choice of that profile: a message links to it from any of them.
func (p *Portal) citizenSessionPage(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		err := handle(w, r)
		if !errors.Is(err, fault.ErrNotFound) {
			return err
		}
		id, wrong := idParam(r, "id")
		if wrong != nil {
			return err
		}
		all, failed := p.profiles(r)
		if failed != nil {
			return failed
		}
		for _, h := range openProfiles(all) {
			if h.actor.Role != identity.Citizen || h.actor == actor(r) {
				continue
			}
			if _, other := p.Vouchers.Session(r.Context(), h.actor, voucher.BookingID(id)); other == nil {
				return goTo(w, r, "/profili", url.Values{"profilo": {h.name}, "ritorno": {r.URL.Path}})
			}
		}
		return err
	})
}
