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

// onDisk is a file on disk.
type onDisk struct {
	most  int
	disk  *os.File
	block cipher.Block
	write cipher.Stream
	room  *[room]byte // what was written and is not on disk yet
	held  int
	size  int
}

// room is how much is written at once.
const room = 64 << 10

var rooms = sync.Pool{New: func() any { return new([room]byte) }}

func newOnDisk(most int) (*onDisk, error) {
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
	return &onDisk{most: most, disk: disk, block: block, write: cipher.NewCTR(block, counter(0)), room: rooms.Get().(*[room]byte)}, nil
}

// counter is where the key stream of a file stands before a byte whose number is a
// multiple of the length of a block. Each file has a key of its own.
func counter(at int64) []byte {
	iv := make([]byte, aes.BlockSize)
	binary.BigEndian.PutUint64(iv[8:], uint64(at/aes.BlockSize))
	return iv
}

// Write appends.
func (f *onDisk) Write(p []byte) (written int, err error) {
	switch {
	case f.room == nil:
		return 0, os.ErrClosed
	case f.size+f.held+len(p) > f.most:
		return 0, ErrFull
	}
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

func (f *onDisk) flush() error {
	text := f.room[:f.held]
	f.write.XORKeyStream(text, text)
	f.size += f.held
	f.held = 0
	if _, err := f.disk.Write(text); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

// Written brings what is left to the disk.
func (f *onDisk) Written() error {
	err := f.flush()
	f.giveRoom()
	return err
}

func (f *onDisk) giveRoom() {
	if f.room != nil {
		clear(f.room[:]) // another file is to find nothing there
		rooms.Put(f.room)
		f.room = nil
	}
}

// Size is its length.
func (f *onDisk) Size() int64 { return int64(f.size) }

// ReadAt reads from a byte on.
func (f *onDisk) ReadAt(p []byte, at int64) (int, error) {
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
func (f *onDisk) Close() error {
	f.giveRoom()
	return f.disk.Close()
}
