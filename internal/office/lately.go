package office

import (
	"sync"
	"time"
)

// refresh is how long what a store said serves.
const refresh = 30 * time.Second

// lately is what a store said not long ago, for what each page needs: it is asked at most
// once in refresh.
type lately[T any] struct {
	mu    sync.Mutex
	known T
	asked time.Time
}

// at is what the store says now. One that is silent leaves what it last said, and nobody
// waits while another asks it.
func (l *lately[T]) at(now time.Time, ask func() (T, error)) T {
	l.mu.Lock()
	asks := l.asked.IsZero() || now.Sub(l.asked).Abs() > refresh
	if asks {
		l.asked = now
	}
	known := l.known
	l.mu.Unlock()
	if !asks {
		return known
	}
	said, err := ask()
	if err != nil {
		return known
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = said
	return said
}

// forget makes the next page ask the store again.
func (l *lately[T]) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = time.Time{}
}
