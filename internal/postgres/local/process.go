package local

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a program that is our child.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; to be read after done
}

// launch starts a program from a thread that stays for as long as it runs: the
// signal of dieWithUs comes when the thread ends that started the program, not
// the program that it belongs to.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
		}
		close(p.done)
	}()
	return p, <-started
}

// stop asks PostgreSQL to write everything down and end (its "fast" shutdown),
// and after a while to end at once.
func (p *process) stop() error {
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		select {
		case <-p.done:
			return p.err
		case <-time.After(stopPatience):
		}
	}
	return fmt.Errorf("process %d does not end", p.cmd.Process.Pid)
}
