package login

import (
	"fmt"
	"net/url"
	"regexp"

	"portal/internal/fault"
)

// Why a login did not come about.
var (
	ErrCancelled       = fault.Refuse("login.cancelled")         // the person stopped, or kept their data
	ErrTimedOut        = fault.Refuse("login.timed_out")         // too many minutes at the identity provider
	ErrLevelTooLow     = fault.Refuse("login.level_too_low")     // below Config.MinLevel, or not stated
	ErrSuspended       = fault.Refuse("login.suspended")         // the credentials are suspended or revoked
	ErrTooManyAttempts = fault.Refuse("login.too_many_attempts") // the identity provider has blocked them
	ErrNoFiscalCode    = fault.Refuse("login.no_fiscal_code")    // none, or not a valid one: eIDAS
	ErrNoName          = fault.Refuse("login.no_name")           // none, or not in plain text
	ErrState           = fault.Refuse("login.state")             // not an answer to this browser's attempt
	ErrRefused         = fault.Refuse("login.refused")           // an answer that does not hold
	ErrUnavailable     = fault.Unavailable("login.unavailable")  // the broker is silent
)

// Denied is the broker's answer that somebody is not logged in. It wraps the
// reason; Code is for the bottom of the page and for the help desk.
type Denied struct {
	Reason *fault.Reason
	Code   string // "nr22" of SPID and CIE, else OAuth's error: "access_denied"
}

// Error says what the broker answered: a code, nothing of the person.
func (d *Denied) Error() string { return "broker answered " + d.Code + ": " + d.Reason.Code }

// Unwrap is the reason.
func (d *Denied) Unwrap() error { return d.Reason }

// anomalies are what went wrong for the person at a SPID or CIE identity
// provider (AgID, «SPID – Tabella messaggi di anomalie»; CIE, «Anomalie utente»).
// Brokers pass the number on inside error_description: "ErrorCode nr22".
var anomalies = map[string]*fault.Reason{
	"19": ErrTooManyAttempts,
	"20": ErrLevelTooLow,
	"21": ErrTimedOut,
	"22": ErrCancelled, // no consent to hand over the data
	"23": ErrSuspended,
	"25": ErrCancelled,
}

var anomaly = regexp.MustCompile(`(?i)\bnr[ _]?([0-9]{2})\b`)

// answers are the errors of OAuth 2.0 (RFC 6749 §4.1.2.1) and OpenID Connect
// that have a reason of their own; any other is a refusal.
var answers = map[string]*fault.Reason{
	"access_denied":                     ErrCancelled,
	"unmet_authentication_requirements": ErrLevelTooLow,
	"server_error":                      ErrUnavailable,
	"temporarily_unavailable":           ErrUnavailable,
}

var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// denied reads an error answer. Its description is for developers and may name
// somebody: nothing of it but the number is kept.
func denied(callback url.Values) error {
	if nr := anomaly.FindStringSubmatch(callback.Get("error_description")); nr != nil {
		if reason, known := anomalies[nr[1]]; known {
			return &Denied{reason, "nr" + nr[1]}
		}
	}
	code := callback.Get("error")
	if reason, known := answers[code]; known {
		return &Denied{reason, code}
	}
	if !errorCode.MatchString(code) {
		return fmt.Errorf("broker answered an error of no known form: %w", ErrRefused)
	}
	return &Denied{ErrRefused, code}
}
