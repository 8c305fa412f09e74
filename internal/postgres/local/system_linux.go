package local

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// dieWithUs has the system end the child the way stop does when we end, be it
// by kill -9.
func dieWithUs(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// roomyMemory is a folder in memory with more than 1 GiB free, or else the one
// that is given.
func roomyMemory(otherwise string) string {
	const memory = "/dev/shm"
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) <= 1<<30 {
		return otherwise
	}
	return memory
}

// isServer tells whether a process is a live PostgreSQL that works in a data
// folder. A process that has ended and waits to be buried is not.
func isServer(pid int, data string) bool {
	proc := fmt.Sprintf("/proc/%d/", pid)
	stat, err := os.ReadFile(proc + "stat") // "123 (postgres) S …"
	if err != nil || !bytes.Contains(stat, []byte("(postgres) ")) || bytes.Contains(stat, []byte(") Z ")) {
		return false
	}
	works, errWorks := os.Stat(proc + "cwd")
	asked, errAsked := os.Stat(data)
	return errWorks != nil || errAsked != nil || os.SameFile(works, asked) // in doubt it is
}
