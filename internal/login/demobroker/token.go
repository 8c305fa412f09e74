package demobroker

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	codeLife  = time.Minute
	tokenLife = 5 * time.Minute
)

// token changes a code for an id_token and an access token. A code is spent by
// asking, even by asking wrongly.
func (b *Broker) token(w http.ResponseWriter, r *http.Request) {
	client, ok := b.authenticate(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", "Basic")
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	if r.PostFormValue("grant_type") != "authorization_code" {
		refuse(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	l, ok := b.find(b.codes, r.PostFormValue("code"), true)
	if !ok || l.client != client.ID ||
		l.redirectURI != r.PostFormValue("redirect_uri") ||
		l.challenge != digest(r.PostFormValue("code_verifier")) {
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	access := b.keep(b.logins, l, tokenLife)
	id, err := b.idToken(l, access)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	reply(w, http.StatusOK, map[string]any{
		"access_token": access,
		"id_token":     id,
		"token_type":   "Bearer",
		"expires_in":   int(tokenLife.Seconds()),
	})
}

// authenticate finds the client that asks, by client_secret_basic or
// client_secret_post.
func (b *Broker) authenticate(r *http.Request) (Client, bool) {
	id, secret, basic := r.BasicAuth()
	if basic { // form-encoded inside, RFC 6749 §2.3.1
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	client, ok := b.client(id)
	return client, ok && subtle.ConstantTimeCompare([]byte(client.Secret), []byte(secret)) == 1
}

// idToken says who logged in, when and how surely, and no more: as with SPID,
// the attributes are at userinfo.
func (b *Broker) idToken(l login, access string) (string, error) {
	now := b.cfg.Now()
	half := sha256.Sum256([]byte(access))
	return jwt.Signed(b.signer).Claims(map[string]any{
		"iss":       b.cfg.Issuer,
		"sub":       l.persona.Hint,
		"aud":       l.client,
		"iat":       now.Unix(),
		"exp":       now.Add(tokenLife).Unix(),
		"auth_time": l.at.Unix(),
		"acr":       l.persona.level(),
		"nonce":     l.nonce,
		"at_hash":   base64.RawURLEncoding.EncodeToString(half[:len(half)/2]),
	}).Serialize()
}

// userInfo tells the attributes of who logged in, under the names of the
// national rules (AgID, «Linee guida OpenID Connect in SPID»).
func (b *Broker) userInfo(w http.ResponseWriter, r *http.Request) {
	access, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	l, ok := b.find(b.logins, access, false)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		refuse(w, http.StatusUnauthorized, "invalid_token")
		return
	}
	p := l.persona
	claims := map[string]any{
		"sub":         p.Hint,
		"given_name":  p.GivenName,
		"family_name": p.FamilyName,
		"birthdate":   p.Birth.String(),
		"email":       p.Email,
	}
	if !p.NoFiscalCode {
		claims["https://attributes.eid.gov.it/fiscal_number"] = "TINIT-" + string(p.FiscalCode)
	}
	reply(w, http.StatusOK, claims)
}

// digest is the challenge of a verifier by S256 (RFC 7636 §4.2).
func digest(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// refuse answers a program with an error of OAuth 2.0 (RFC 6749 §5.2).
func refuse(w http.ResponseWriter, status int, code string) {
	reply(w, status, map[string]string{"error": code})
}
