// Package spool is where what people send waits while it is looked at: on disk, so
// that many large files at once take no memory, and encrypted under a key that is
// nowhere but in memory. The file has no name from its first byte on. What is left
// of it after a dropped connection, or when the program is killed, is nothing.
package spool

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// File is first written, from its beginning to its end, and then read, in any order.
type File struct {
	disk  *os.File
	block cipher.Block
	write cipher.Stream
	room  *[room]byte // what was written and is not on disk yet
	held  int
	size  int64
}

// room is how much is written at once.
const room = 64 << 10

var rooms = sync.Pool{New: func() any { return new([room]byte) }}

// New is an empty file in the folder for temporary files.
func New() (*File, error) {
	disk, err := os.CreateTemp("", "portal-paper-")
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if err := os.Remove(disk.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("spool: %w", err), disk.Close())
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("spool: %w", err), disk.Close())
	}
	return &File{disk: disk, block: block, write: cipher.NewCTR(block, counter(0)), room: rooms.Get().(*[room]byte)}, nil
}

// counter is where the key stream of a file stands before a byte whose number is a
// multiple of the length of a block. Each file has a key of its own.
func counter(at int64) []byte {
	iv := make([]byte, aes.BlockSize)
	binary.BigEndian.PutUint64(iv[8:], uint64(at/aes.BlockSize))
	return iv
}

// Write appends.
func (f *File) Write(p []byte) (written int, err error) {
	for len(p) > 0 {
		n := copy(f.room[f.held:], p)
		p = p[n:]
		f.held += n
		written += n
		if f.held == room {
			if err := f.flush(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

func (f *File) flush() error {
	text := f.room[:f.held]
	f.write.XORKeyStream(text, text)
	f.size += int64(f.held)
	f.held = 0
	if _, err := f.disk.Write(text); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

// Written ends the writing: from here on the file is read.
func (f *File) Written() error {
	err := f.flush()
	f.giveRoom()
	return err
}

func (f *File) giveRoom() {
	if f.room != nil {
		clear(f.room[:]) // another file is to find nothing there
		rooms.Put(f.room)
		f.room = nil
	}
}

// Size is how long the file is, once it is written.
func (f *File) Size() int64 { return f.size }

// ReadAt reads from a byte on, as io.ReaderAt.
func (f *File) ReadAt(p []byte, at int64) (int, error) {
	n, err := f.disk.ReadAt(p, at)
	if n > 0 {
		stream := cipher.NewCTR(f.block, counter(at))
		var skipped [aes.BlockSize]byte
		skip := skipped[:at%aes.BlockSize]
		stream.XORKeyStream(skip, skip)
		stream.XORKeyStream(p[:n], p[:n])
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("spool: %w", err)
	}
	return n, err
}

// Close lets go of the file, which is gone with that.
func (f *File) Close() error {
	f.giveRoom()
	return f.disk.Close()
}
