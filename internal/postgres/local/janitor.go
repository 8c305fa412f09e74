package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// cleanUp waits for the end of its input, ends the server that lives in the
// folder $1, and removes the folder. A server whose process was not buried by
// anybody counts as ended when its lock file is gone, or else after 5 seconds.
const cleanUp = `
cat >/dev/null
for lock in "$1"/pg[0-9][0-9]/postmaster.pid; do
	read -r pid <"$lock" || continue
	kill -QUIT "$pid"
	tries=100
	while [ -e "$lock" ] && kill -0 "$pid" && [ $tries -gt 0 ]; do
		sleep 0.05
		tries=$((tries - 1))
	done
done
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }`

// janitor is a child that clears a throw-away server up. It reads from a pipe
// to which nobody writes and whose other end is ours: the system closes it when
// we end, be it by kill -9, so that the janitor always learns of it.
type janitor struct {
	process *process
	duty    io.Closer
}

func hire(acc account, dir string) (*janitor, error) {
	cmd := acc.command(context.Background(), "/", "/bin/sh", "-c", cleanUp, "sh", dir)
	duty, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p, err := launch(cmd)
	if err != nil {
		return nil, fmt.Errorf("start the cleaning up: %w", err)
	}
	return &janitor{process: p, duty: duty}, nil
}

// dismiss has the cleaning up done, and returns when it is.
func (j *janitor) dismiss() error {
	if err := j.duty.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	<-j.process.done
	return j.process.err
}
