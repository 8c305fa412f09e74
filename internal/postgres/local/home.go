package local

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// home is where a server lives: its data and log in one folder, its socket in
// another, because a socket's path may not be longer than about a hundred bytes.
type home struct {
	dir    string
	socket string
}

// keptHome is below the folder that was asked for, or, when the server's
// account cannot reach that, below /var/tmp under a name of its own.
func keptHome(ctx context.Context, acc account, o Options) (home, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return home{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return home{}, err
	}
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte(dir)))[:8]
	if !acc.canEnter(ctx, dir) {
		closed := dir
		dir = "/var/tmp/portal-" + digest
		o.say("the account %s cannot enter %s: the data are in %s", acc.name, closed, dir)
		if err := privateDir(dir, acc); err != nil {
			return home{}, err
		}
	}
	h := home{dir: dir, socket: fmt.Sprintf("/tmp/portal-%d-%s", acc.uid, digest)}
	return h, privateDir(h.socket, acc)
}

// throwawayHome is a new folder in memory, or in /tmp where memory is scarce.
func throwawayHome(acc account) (home, error) {
	dir, err := os.MkdirTemp(roomyMemory("/tmp"), "portal-")
	if err != nil {
		return home{}, err
	}
	return home{dir: dir, socket: dir}, privateDir(dir, acc)
}

// data is the folder of one major version: none can read another's.
func (h home) data(major int) string { return filepath.Join(h.dir, "pg"+strconv.Itoa(major)) }

func (h home) log() string { return filepath.Join(h.dir, "postgres.log") }

// choose takes the PostgreSQL that has data here, so that installing another
// does not make them disappear, or else the preferred one.
func (h home) choose(installed []binaries) binaries {
	for _, b := range installed {
		if _, err := os.Stat(h.data(b.major)); err == nil {
			return b
		}
	}
	return installed[0]
}

// lock lets one program at a time look at the home and start a server in it.
// The lock goes with the program.
func (h home) lock(ctx context.Context) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(h.dir, "postgres.lock"), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), ctx.Err()), f.Close())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// openLog begins the server's log anew.
func (h home) openLog() (*os.File, error) {
	return os.OpenFile(h.log(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
}

// lastLine is the end of a log, where the reason stands.
func lastLine(log string) string {
	f, err := os.Open(log)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	const enough = 4096
	if info, err := f.Stat(); err == nil && info.Size() > enough {
		if _, err := f.Seek(-enough, io.SeekEnd); err != nil {
			return err.Error()
		}
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}
