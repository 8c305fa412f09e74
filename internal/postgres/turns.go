package postgres

import (
	"context"
	"sync"
	"time"
)

// turns lets one act at a time at each thing, before it takes a connection: a
// crowd at one voucher waits here, and leaves the connections to the others. The
// lock in the database is what guards; this only keeps the queue out of the pool.
type turns[K comparable] struct {
	mu    sync.Mutex
	queue map[K]*turn
}

type turn struct {
	token   chan struct{} // holds one token while nobody acts
	waiting int
}

// patience is how long an act waits for its turn: as long as for a lock.
const patience = 1500 * time.Millisecond

// take waits for the turn at a thing; ErrUnavailable when it does not come. The
// caller gives it back by calling done.
func (t *turns[K]) take(ctx context.Context, key K) (done func(), err error) {
	t.mu.Lock()
	if t.queue == nil {
		t.queue = map[K]*turn{}
	}
	q := t.queue[key]
	if q == nil {
		q = &turn{token: make(chan struct{}, 1)}
		q.token <- struct{}{}
		t.queue[key] = q
	}
	q.waiting++
	t.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-q.token:
		return func() { q.token <- struct{}{}; t.leave(key, q) }, nil
	case <-ctx.Done():
		t.leave(key, q)
		return nil, ErrUnavailable
	}
}

func (t *turns[K]) leave(key K, q *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.waiting--; q.waiting == 0 {
		delete(t.queue, key)
	}
}
