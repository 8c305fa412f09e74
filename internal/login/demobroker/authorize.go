package demobroker

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// authorize is where the browser arrives: it asks who to be, unless the
// login_hint names a persona already, and sends the browser back with a code.
// The page's buttons come here again, with a hint or with "cancel".
func (b *Broker) authorize(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		b.stop(w, r, "broker.refused.request")
		return
	}
	client, ok := b.client(r.Form.Get("client_id"))
	if !ok {
		b.stop(w, r, "broker.refused.client")
		return
	}
	if !slices.Contains(client.RedirectURIs, r.Form.Get("redirect_uri")) {
		b.stop(w, r, "broker.refused.address")
		return
	}
	if code := wrong(r.Form); code != "" {
		b.answer(w, r, url.Values{"error": {code}})
		return
	}
	persona, known := b.persona(r.Form.Get("login_hint"))
	switch {
	case r.Form.Has("cancel"):
		b.answer(w, r, url.Values{"error": {"access_denied"}, "error_description": {"ErrorCode nr25"}})
	case known:
		code := b.keep(b.codes, login{
			persona:     persona,
			client:      client.ID,
			redirectURI: r.Form.Get("redirect_uri"),
			challenge:   r.Form.Get("code_challenge"),
			nonce:       r.Form.Get("nonce"),
			at:          b.cfg.Now(),
		}, codeLife)
		b.answer(w, r, url.Values{"code": {code}})
	case slices.Contains(strings.Fields(r.Form.Get("prompt")), "none"):
		b.answer(w, r, url.Values{"error": {"login_required"}})
	default:
		b.ask(w, r)
	}
}

// wrong is the error of a request that cannot be granted (RFC 6749 §4.1.2.1), or "".
func wrong(request url.Values) string {
	switch {
	case request.Get("response_type") != "code":
		return "unsupported_response_type"
	case !slices.Contains(strings.Fields(request.Get("scope")), "openid"):
		return "invalid_scope"
	case request.Get("code_challenge") == "" || request.Get("code_challenge_method") != "S256",
		request.Get("response_mode") != "" && request.Get("response_mode") != "query":
		return "invalid_request"
	}
	return ""
}

// answer sends the browser back to the client, with the client's state and with
// our name (RFC 9207).
func (b *Broker) answer(w http.ResponseWriter, r *http.Request, answer url.Values) {
	answer.Set("iss", b.cfg.Issuer)
	if state := r.Form.Get("state"); state != "" {
		answer.Set("state", state)
	}
	leave(w, r, r.Form.Get("redirect_uri"), answer)
}

// leave sends the browser to a registered address, with something to say there.
func leave(w http.ResponseWriter, r *http.Request, address string, query url.Values) {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	if len(query) == 0 {
		separator = ""
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address+separator+query.Encode(), http.StatusSeeOther)
}
