package voucher

import (
	"context"
	"slices"
	"strings"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// DetailsChanged is written when a professional changes what people read of them.
const DetailsChanged audit.Action = "details.changed"

// Why a professional's details are not taken.
var (
	ErrNoPhone      = fault.Invalid("details.phone_missing")
	ErrNoLanguage   = fault.Invalid("details.no_language")
	ErrDetailsMoved = fault.Stale("details.moved")
)

// Details is what professionals themselves say to who looks for one. It goes before
// what CNOP's list says of the same; who they are and where they practise, CNOP says
// alone.
type Details struct {
	Phone     string
	Languages []string // ISO 639-1, in alphabetical order
	Online    bool
	Visible   bool // in the list of those whom a beneficiary may look for
	Version   int64
}

// NewDetails reads details as they were typed. Whoever is hidden from the list can
// still be given a code, and book: they asked only not to be found by strangers.
func NewDetails(phone string, languages []string, online, visible bool) (d Details, err error) {
	if d.Phone, err = ParsePhone(phone); err != nil {
		return d, err
	}
	d.Languages = slices.Compact(slices.Sorted(slices.Values(languages)))
	switch {
	case d.Phone == "":
		return d, ErrNoPhone
	case len(d.Languages) == 0 || slices.ContainsFunc(d.Languages, notALanguage):
		return d, ErrNoLanguage
	}
	d.Online, d.Visible = online, visible
	return d, nil
}

func notALanguage(code string) bool {
	return len(code) != 2 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz") != ""
}

// DetailStore keeps what professionals say of themselves.
type DetailStore interface {
	// Details is what people read of a professional; fault.ErrNotFound for who never
	// was on CNOP's list.
	Details(ctx context.Context, of identity.PersonID) (Details, error)
	// SaveDetails keeps it; ErrDetailsMoved when it is not the version that was read.
	SaveDetails(ctx context.Context, form once.Form, d Details, e audit.Entry) error
}

// ChangeDetails changes what people read of a professional who does it themselves. The
// version is the one they saw.
func (s *Participants) ChangeDetails(ctx context.Context, who identity.Actor, form once.Form, d Details) error {
	return s.SaveDetails(ctx, form, d, audit.Entry{At: s.now(), Actor: who, Action: DetailsChanged, Subject: string(who.Person), About: who.Person})
}
