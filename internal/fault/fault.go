// Package fault is the vocabulary of what can go wrong, cut by whose move it is.
// Domain packages declare their reasons with it, once each; the portal alone
// turns a kind into a status and a page, and the catalogue alone holds the words.
package fault

import "errors"

// Kind says whose move it is after an error.
type Kind int

// The kinds. An error that is none of them is ours: status 500, a bland page
// with an incident number, and a line in the log.
const (
	KindInvalid     Kind = iota + 1 // a field must be corrected: 422, the form again
	KindRefused                     // the rules say no: 409, the page with the reason
	KindNotFound                    // no such thing, or not yours: 404, one page for both
	KindStale                       // someone moved first: 409, the page as it is now
	KindThrottled                   // too many attempts: 429, with the time to come back
	KindUnavailable                 // a neighbour is silent: 503, try again
)

// Reason is a refusal that has a name. Two errors are the same refusal when
// they are the same *Reason: compare with errors.Is.
type Reason struct {
	Code string // "booking.day_has_come": key of its words, stable, safe to show and log
	Kind Kind
}

// Error is the code: reasons carry no personal data, so it can be logged.
func (r *Reason) Error() string { return r.Code }

var declared []*Reason

func declare(code string, k Kind) *Reason {
	r := &Reason{Code: code, Kind: k}
	declared = append(declared, r)
	return r
}

// Invalid declares why a field cannot be taken as it stands.
func Invalid(code string) *Reason { return declare(code, KindInvalid) }

// Refuse declares why the rules say no.
func Refuse(code string) *Reason { return declare(code, KindRefused) }

// Stale declares that somebody else moved first.
func Stale(code string) *Reason { return declare(code, KindStale) }

// Throttle declares that there were too many attempts.
func Throttle(code string) *Reason { return declare(code, KindThrottled) }

// Unavailable declares that a neighbour (broker, mail, database) is silent.
func Unavailable(code string) *Reason { return declare(code, KindUnavailable) }

// ErrNotFound answers for what does not exist and for what is not yours alike.
var ErrNotFound = declare("not_found", KindNotFound)

// Declared lists every reason declared by the packages linked into the program:
// a test asks the catalogue for the words of each.
func Declared() []*Reason { return declared }

// As finds the reason inside an error, however wrapped; nil when there is none.
func As(err error) *Reason {
	var r *Reason
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// Refusal finds the reason of an error that the person in front of the screen
// can understand and act on (invalid, refused or stale), and no other.
func Refusal(err error) (*Reason, bool) {
	r := As(err)
	if r == nil || (r.Kind != KindInvalid && r.Kind != KindRefused && r.Kind != KindStale) {
		return nil, false
	}
	return r, true
}
