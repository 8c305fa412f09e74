package office

import (
	"context"
	"time"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/once"
)

// Channel is a way on which people are told.
type Channel string

// The channels. The words on screens stand in the catalogue under
// "administration.channel.".
const (
	Inbox Channel = "inbox" // the messages in the portal
	EMail Channel = "mail"
)

// Channels lists them in their order.
var Channels = []Channel{Inbox, EMail}

// Queue is how the messages of a channel go: how many, never what or to whom.
type Queue struct {
	Channel Channel
	Sent    int       // in the last day
	Waiting int       // to be sent, or by night to the morning
	Retried int       // that failed, and are tried again by themselves
	Failed  int       // that were given up after many tries
	Refused int       // that the other side will never take
	Oldest  time.Time // of those that wait or are tried again
	NextTry time.Time // of those that are tried again
}

// DeliveriesRetried is written in the register when failed messages are sent again.
const DeliveriesRetried audit.Action = "deliveries.retried"

// DeliveryStore knows what is to be sent.
type DeliveryStore interface {
	// Queues is how each channel goes; sent since an instant.
	Queues(ctx context.Context, since time.Time) ([]Queue, error)
	// Retry puts what was given up, or waits to be tried again, first in the queue, once,
	// and tells how many they are.
	Retry(ctx context.Context, form once.Form, e audit.Entry) (int, error)
}

// Deliveries is whether what the portal sends arrives.
type Deliveries struct {
	store DeliveryStore
	now   func() time.Time
}

// NewDeliveries is the service on a store, with a clock.
func NewDeliveries(s DeliveryStore, now func() time.Time) *Deliveries { return &Deliveries{s, now} }

// Queues is how each channel goes, for an administrator.
func (s *Deliveries) Queues(ctx context.Context, who identity.Actor) ([]Queue, error) {
	if err := mayAdminister(who); err != nil {
		return nil, err
	}
	return s.store.Queues(ctx, s.now().Add(-24*time.Hour))
}

// Retry sends what failed again.
func (s *Deliveries) Retry(ctx context.Context, who identity.Actor, form once.Form) (int, error) {
	if err := mayAdminister(who); err != nil {
		return 0, err
	}
	return s.store.Retry(ctx, form, audit.Entry{At: s.now(), Actor: who, Action: DeliveriesRetried})
}
