package audit

import (
	"strings"
	"unicode/utf8"

	"portal/internal/fault"
	"portal/internal/identity"
)

// Why a reason does not do.
var (
	ErrReasonShort = fault.Invalid("disclosure.reason_short") // fewer than ReasonAtLeast characters
	ErrReasonLong  = fault.Invalid("disclosure.reason_long")
)

// How long a reason is, in characters.
const (
	ReasonAtLeast = 10
	ReasonAtMost  = 500
)

// Ground is what kind of reason somebody has to see what their work alone does not put
// before them; the database knows the same words.
type Ground string

// Reason is why somebody has something shown.
type Reason struct {
	Ground Ground
	Text   string
}

// Clean is the reason without the blanks around it, and what stands against its text.
func (r Reason) Clean() (Reason, error) {
	r.Text = strings.TrimSpace(r.Text)
	switch n := utf8.RuneCountInString(r.Text); {
	case n < ReasonAtLeast:
		return r, ErrReasonShort
	case n > ReasonAtMost:
		return r, ErrReasonLong
	}
	return r, nil
}

// Disclosure is that somebody had something of a case shown, and why: the one thing typed
// that is kept with an entry.
type Disclosure struct {
	File   string
	Of     identity.Scope
	Datum  string // what of it
	Reason Reason
	Entry  Entry
}
