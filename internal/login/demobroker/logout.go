package demobroker

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// logout ends a login at a client's wish (OpenID Connect RP-Initiated Logout).
// Nobody is remembered here, so all there is to do is to send the browser back
// to an address that the client has registered, or to say that it is done.
func (b *Broker) logout(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		b.stop(w, r, "broker.refused.request")
		return
	}
	client, ok := b.leaving(r.Form)
	if !ok {
		b.stop(w, r, "broker.refused.client")
		return
	}
	address := r.Form.Get("post_logout_redirect_uri")
	if address == "" {
		b.farewell(w, r)
		return
	}
	if !slices.Contains(client.PostLogoutURIs, address) {
		b.stop(w, r, "broker.refused.address")
		return
	}
	answer := url.Values{}
	if state := r.Form.Get("state"); state != "" {
		answer.Set("state", state)
	}
	leave(w, r, address, answer)
}

// leaving is the client whose login ends: by client_id, or by an id_token of
// ours, however old, and by both only if they agree.
func (b *Broker) leaving(request url.Values) (Client, bool) {
	id := request.Get("client_id")
	if hint := request.Get("id_token_hint"); hint != "" {
		token, err := jwt.ParseSigned(hint, []jose.SignatureAlgorithm{jose.ES256})
		if err != nil {
			return Client{}, false
		}
		var claims jwt.Claims
		if err := token.Claims(b.public, &claims); err != nil || len(claims.Audience) != 1 {
			return Client{}, false
		}
		if id != "" && id != claims.Audience[0] {
			return Client{}, false
		}
		id = claims.Audience[0]
	}
	return b.client(id)
}
