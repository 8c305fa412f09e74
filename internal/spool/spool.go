// Package spool is where what people send waits while it is looked at. The first few
// files wait in memory, which is given back; the others, however many come at once, on
// disk, encrypted under a key that is nowhere but in memory, in a file that has no
// name from its first byte on. What is left of either after a dropped connection, or
// when the program is killed, is nothing.
//
//	spool.go   Spool, and what a File does
//	memory.go  a File in memory
//	disk.go    a File on disk
package spool

import (
	"errors"
	"io"
)

// File is first written, from its beginning to its end, and then read, in any order.
// When it is closed, which may happen while it is read, it is gone.
type File interface {
	io.Writer // ErrFull where there is too much
	io.ReaderAt
	io.Closer

	// Written ends the writing: from here on the file is read.
	Written() error

	// Size is how long the file is, once it is written.
	Size() int64
}

// ErrFull says that a file is longer than any may be.
var ErrFull = errors.New("spool: the file is full")

// Spool has the places of the files.
type Spool struct {
	most   int
	places chan struct{} // in memory
}

// New is a place for files of so many bytes at the most, so many of them in memory.
func New(most int64, inMemory int) *Spool {
	return &Spool{int(most), make(chan struct{}, inMemory)}
}

// File is an empty file: in memory where there is room, or else in the folder for
// temporary files.
func (s *Spool) File() (File, error) {
	select {
	case s.places <- struct{}{}:
		if f, err := newInMemory(s.most, s.places); err == nil {
			return f, nil
		}
		<-s.places
	default:
	}
	return newOnDisk(s.most)
}
