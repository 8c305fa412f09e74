package indemnity

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// Limits of the views that an officer keeps.
const (
	ViewsAtMost = 20
	ViewName    = 60 // characters
)

// Why a view is not kept.
var (
	ErrViewName   = fault.Invalid("indemnity.view_name")
	ErrViewTwice  = fault.Invalid("indemnity.view_twice")   // another has its name
	ErrViewPlain  = fault.Invalid("indemnity.view_plain")   // it is the whole list
	ErrViewsEnded = fault.Refuse("indemnity.views_at_most") // there are ViewsAtMost
)

// ViewID names a view: a random UUID.
type ViewID string

// View is the list of cases as an officer likes to see it, kept by name for them alone.
type View struct {
	ID      ViewID
	Name    string
	Filters string // as the address of the list writes them
	First   bool   // the list opens with it
}

// ViewStore keeps the views of officers. What is not somebody’s is fault.ErrNotFound.
type ViewStore interface {
	// Views are those of an officer by name, the first one before all.
	Views(ctx context.Context, of identity.PersonID) ([]View, error)
	// SaveView keeps a new view, or the name of one that is there and whether it is first.
	// ErrViewTwice, ErrViewsEnded.
	SaveView(ctx context.Context, form once.Form, v View, of identity.PersonID, isNew bool, now time.Time) error
	// DropView forgets a view.
	DropView(ctx context.Context, form once.Form, id ViewID, of identity.PersonID, now time.Time) error
}

// Views is the views of the list that officers keep.
type Views struct {
	store ViewStore
	now   func() time.Time
}

// NewViews is the service on a store, with a clock.
func NewViews(s ViewStore, now func() time.Time) *Views { return &Views{s, now} }

// Of are the views of an officer by name, the first one before all.
func (s *Views) Of(ctx context.Context, who identity.Actor) ([]View, error) {
	return s.store.Views(ctx, who.Person)
}

// One is a view of an officer’s; fault.ErrNotFound.
func (s *Views) One(ctx context.Context, who identity.Actor, id ViewID) (View, error) {
	all, err := s.Of(ctx, who)
	if i := slices.IndexFunc(all, func(v View) bool { return v.ID == id }); err == nil && i >= 0 {
		return all[i], nil
	} else if err == nil {
		err = fault.ErrNotFound
	}
	return View{}, err
}

// Save keeps a new view of an officer’s. Its filters are what the list understood of
// them: who asks has seen to that.
func (s *Views) Save(ctx context.Context, who identity.Actor, form once.Form, v View) error {
	if v.Filters == "" {
		return ErrViewPlain
	}
	v.ID = ViewID(newID())
	return s.save(ctx, who, form, v, true)
}

// Change renames a view, and says whether the list opens with it: of two the later counts.
func (s *Views) Change(ctx context.Context, who identity.Actor, form once.Form, v View) error {
	return s.save(ctx, who, form, v, false)
}

func (s *Views) save(ctx context.Context, who identity.Actor, form once.Form, v View, isNew bool) error {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve, identity.Pay); err != nil {
		return err
	}
	v.Name = strings.Join(strings.Fields(v.Name), " ")
	if v.Name == "" || utf8.RuneCountInString(v.Name) > ViewName {
		return ErrViewName
	}
	return s.store.SaveView(ctx, form, v, who.Person, isNew, s.now())
}

// Drop forgets a view.
func (s *Views) Drop(ctx context.Context, who identity.Actor, form once.Form, id ViewID) error {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve, identity.Pay); err != nil {
		return err
	}
	return s.store.DropView(ctx, form, id, who.Person, s.now())
}
