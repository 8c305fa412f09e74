//go:build unix && !linux

package local

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// dieWithUs does nothing here: only Linux ends a child with its parent. The
// next start finds the server that was left and says so.
func dieWithUs(*syscall.SysProcAttr) {}

// roomyMemory is the folder that is given: here none is known to be in memory.
func roomyMemory(otherwise string) string { return otherwise }

// isServer tells whether a process is a live PostgreSQL. A process that has
// ended and waits to be buried is not.
func isServer(pid int, _ string) bool {
	out, err := exec.Command("ps", "-o", "stat=,comm=", "-p", strconv.Itoa(pid)).Output()
	state, program, found := strings.Cut(strings.TrimSpace(string(out)), " ")
	return err == nil && found && state[0] != 'Z' && filepath.Base(strings.TrimSpace(program)) == "postgres"
}
