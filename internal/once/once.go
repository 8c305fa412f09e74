// Package once lets a form act once. Each form that changes something carries a
// random key from the moment it is shown. The key is stored with what the form
// said and what came of it, in the transaction of the effect: a second sending
// of the same form, from a double click or after a lost answer, gets the first
// outcome. A refusal stores nothing, so the next try is judged anew.
package once

import (
	"crypto/sha256"
	"maps"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"portal/internal/fault"
	"portal/internal/identity"
)

// ErrOtherContent says that a key came back with a form that says something
// else: a page left open and filled in again after it had been sent.
var ErrOtherContent = fault.Stale("form.already_sent")

// ErrNoKey says that the form came without its key.
var ErrNoKey = fault.Invalid("form.no_key")

// Form is one sending of a form.
type Form struct {
	Person identity.PersonID // keys of others are unknown keys
	Action string            // which form: "voucher.book"
	Key    string            // random UUID made when the form was shown
	Digest []byte            // of the meaningful fields
}

// New is the sending of a form with the fields that carry meaning.
func New(person identity.PersonID, action, key string, fields url.Values) (Form, error) {
	if id, err := uuid.Parse(key); err != nil || id.String() != key {
		return Form{}, ErrNoKey
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, v := range fields[name] {
			h.Write([]byte(name))
			h.Write([]byte{0})
			h.Write([]byte(v))
			h.Write([]byte{0})
		}
	}
	return Form{person, action, key, h.Sum(nil)}, nil
}

// NewKey draws the key of a form that is about to be shown.
func NewKey() string { return uuid.NewString() }
