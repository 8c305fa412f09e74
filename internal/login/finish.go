package login

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Finish ends the login that an attempt began, with the parameters the browser
// came back with. It returns who the broker says it is, or an error whose
// reason is one of this package's: ErrState before anything else when the
// answer is not to this attempt, a *Denied when the broker said no.
//
// The caller takes the attempt out of the login session first, so that no
// answer can be given twice.
func (p *Party) Finish(ctx context.Context, a Attempt, callback url.Values) (Person, error) {
	if !same(a.State, only(callback, "state")) {
		return Person{}, fmt.Errorf("callback: state: %w", ErrState)
	}
	b, err := p.broker(ctx)
	if err != nil {
		return Person{}, err
	}
	code, err := p.code(b, callback)
	if err != nil {
		return Person{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := b.oauth.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Person{}, exchangeError(err)
	}
	idToken, err := p.verify(ctx, b, a, token)
	if err != nil {
		return Person{}, err
	}
	var signed attributes
	if err := idToken.Claims(&signed); err != nil {
		return Person{}, fmt.Errorf("id_token: %w: %w", ErrRefused, err)
	}
	level, known := p.cfg.Levels[signed.text("acr")]
	if !known || level < p.cfg.MinLevel {
		return Person{}, fmt.Errorf("id_token: acr is level %d of %d: %w", level, p.cfg.MinLevel, ErrLevelTooLow)
	}
	told, err := p.userInfo(ctx, b, idToken.Subject, token)
	if err != nil {
		return Person{}, err
	}
	person, err := p.cfg.Claims.person(signed, told)
	if err != nil {
		return Person{}, err
	}
	person.Issuer, person.Level = idToken.Issuer, level
	if seconds, ok := signed["auth_time"].(float64); ok {
		person.AuthTime = time.Unix(int64(seconds), 0)
	}
	if p.cfg.Claims.nameless(signed) {
		person.IDToken, _ = token.Extra("id_token").(string)
	}
	return person, nil
}

// code reads the answer in the callback: is it from this broker, is it a yes.
func (p *Party) code(b *broker, callback url.Values) (string, error) {
	if (b.namesItself || callback.Has("iss")) && only(callback, "iss") != p.cfg.Issuer {
		return "", fmt.Errorf("callback: iss is not our broker: %w", ErrRefused) // mix-up, RFC 9207
	}
	if callback.Has("error") {
		return "", denied(callback)
	}
	code := only(callback, "code")
	if code == "" {
		return "", fmt.Errorf("callback: no code: %w", ErrRefused)
	}
	return code, nil
}

// only is a parameter that stands there once, as RFC 6749 §3.1 wants it.
func only(values url.Values, name string) string {
	if v := values[name]; len(v) == 1 {
		return v[0]
	}
	return ""
}

// same compares a secret of ours with what came back, in constant time.
func same(ours, theirs string) bool {
	return ours != "" && subtle.ConstantTimeCompare([]byte(ours), []byte(theirs)) == 1
}

// exchangeError tells a code that is not good from a broker that is not. The
// answer's body stays out of it.
func exchangeError(err error) error {
	var answer *oauth2.RetrieveError
	switch {
	case !errors.As(err, &answer):
		return fmt.Errorf("exchange code: %w: %w", ErrUnavailable, err)
	case answer.ErrorCode == "invalid_grant":
		return fmt.Errorf("exchange code: invalid_grant: %w", ErrRefused)
	}
	return fmt.Errorf("exchange code: status %d %.40q: %w", answer.Response.StatusCode, answer.ErrorCode, ErrUnavailable)
}

// verify checks the id_token (OpenID Connect Core §3.1.3.7). go-oidc looks at
// signature, algorithm, iss, aud and exp; the rest is ours.
func (p *Party) verify(ctx context.Context, b *broker, a Attempt, token *oauth2.Token) (*oidc.IDToken, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, fmt.Errorf("exchange code: no id_token: %w", ErrRefused)
	}
	idToken, err := b.verifier.Verify(ctx, raw)
	if err != nil {
		reason := ErrRefused
		if strings.Contains(err.Error(), "fetching keys") { // said in words only
			reason = ErrUnavailable
		}
		return nil, fmt.Errorf("id_token: %w: %.200s", reason, err)
	}
	var party struct {
		Authorized string `json:"azp"`
	}
	if err := idToken.Claims(&party); err != nil {
		return nil, fmt.Errorf("id_token: %w: %w", ErrRefused, err)
	}
	switch {
	case !same(a.Nonce, idToken.Nonce):
		err = errors.New("nonce is not the attempt's")
	case idToken.Subject == "":
		err = errors.New("no sub")
	case idToken.IssuedAt.IsZero() || idToken.IssuedAt.After(p.now().Add(leeway)):
		err = errors.New("iat is missing, or in the future")
	case len(idToken.Audience) > 1 && party.Authorized == "",
		party.Authorized != "" && party.Authorized != p.cfg.ClientID:
		err = errors.New("azp is not us")
	case idToken.AccessTokenHash != "":
		err = idToken.VerifyAccessToken(token.AccessToken)
	}
	if err != nil {
		return nil, fmt.Errorf("id_token: %w: %w", ErrRefused, err)
	}
	return idToken, nil
}

// userInfo asks the broker for what the id_token does not say. An answer about
// somebody else is refused; a broker without the endpoint says nothing.
func (p *Party) userInfo(ctx context.Context, b *broker, subject string, token *oauth2.Token) (attributes, error) {
	if b.provider.UserInfoEndpoint() == "" {
		return nil, nil
	}
	info, err := b.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, userInfoError(err)
	}
	if info.Subject != subject {
		return nil, fmt.Errorf("userinfo: sub is not the id_token's: %w", ErrRefused)
	}
	var told attributes
	if err := info.Claims(&told); err != nil {
		return nil, fmt.Errorf("userinfo: %w: %w", ErrRefused, err)
	}
	return told, nil
}

// userInfoError keeps of go-oidc's words what quotes no claim: its own begin
// with "oidc:", those about an answer with the status, and then the whole body.
func userInfoError(err error) error {
	var silent *url.Error
	if errors.As(err, &silent) {
		return fmt.Errorf("userinfo: %w: %w", ErrUnavailable, err)
	}
	if strings.HasPrefix(err.Error(), "oidc:") {
		return fmt.Errorf("userinfo: %w: %w", ErrRefused, err)
	}
	status, _, _ := strings.Cut(err.Error(), ":")
	return fmt.Errorf("userinfo: %s: %w", status, ErrUnavailable)
}
