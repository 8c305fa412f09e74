package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// lockFile is what a server says of itself in postmaster.pid. The lines are
// described in PostgreSQL's src/include/utils/pidfile.h.
type lockFile struct {
	pid    int
	port   string
	socket string
}

func readLockFile(path string) (lockFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return lockFile{}, err
	}
	defer f.Close()
	var l lockFile
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		switch n {
		case 1:
			// A file cut short names no process, and 0 says so.
			l.pid, _ = strconv.Atoi(lines.Text())
		case 4:
			l.port = lines.Text()
		case 5:
			l.socket = lines.Text()
		}
	}
	return l, lines.Err()
}

// makeWay lets a server start on a data folder. PostgreSQL refuses to when
// postmaster.pid names a live process of the same account, whatever that does;
// after a crash in a container, where numbers start low again, it often does
// something else. So: a server that answers is ErrRunning, one that is going is
// waited for, and what was left by one that is gone is removed.
func makeWay(ctx context.Context, data string) error {
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	path := filepath.Join(data, "postmaster.pid")
	for {
		l, err := readLockFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if ping(ctx, l.socket, l.port) == nil {
			return fmt.Errorf("PostgreSQL is %w (pid %d) on %s", ErrRunning, l.pid, data)
		}
		if !isServer(l.pid, data) {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err // a server that was just ending may have removed it first
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL (pid %d) on %s neither answers nor ends: %w", l.pid, data, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
