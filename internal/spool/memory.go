package spool

import (
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
)

// inMemory is a file in memory of its own: outside of Go's, which would count it to
// what may lie about before it collects, and would not give it back at once.
type inMemory struct {
	places <-chan struct{}
	size   int

	closing sync.RWMutex // a reader may be slower than whoever closes
	memory  []byte       // nil when it is closed
}

func newInMemory(most int, places <-chan struct{}) (*inMemory, error) {
	memory, err := syscall.Mmap(-1, 0, most, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	return &inMemory{places: places, memory: memory}, nil
}

// Write appends.
func (f *inMemory) Write(p []byte) (int, error) {
	f.closing.RLock()
	defer f.closing.RUnlock()
	switch {
	case f.memory == nil:
		return 0, os.ErrClosed
	case f.size+len(p) > len(f.memory):
		return 0, ErrFull
	}
	f.size += copy(f.memory[f.size:], p)
	return len(p), nil
}

// Written has nothing left to do.
func (f *inMemory) Written() error { return nil }

// Size is its length.
func (f *inMemory) Size() int64 { return int64(f.size) }

// ReadAt reads from a byte on.
func (f *inMemory) ReadAt(p []byte, at int64) (int, error) {
	f.closing.RLock()
	defer f.closing.RUnlock()
	switch {
	case f.memory == nil:
		return 0, os.ErrClosed
	case at >= int64(f.size):
		return 0, io.EOF
	}
	n := copy(p, f.memory[at:f.size])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Close gives the memory back, and the place.
func (f *inMemory) Close() error {
	f.closing.Lock()
	defer f.closing.Unlock()
	if f.memory == nil {
		return os.ErrClosed
	}
	err := syscall.Munmap(f.memory)
	f.memory = nil
	<-f.places
	return err
}
