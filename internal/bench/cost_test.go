package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// clockTick is the unit of /proc/PID/stat: proc(5), sysconf(_SC_CLK_TCK).
const clockTick = 10 * time.Millisecond

// cost is processor time: that of this program, and that of PostgreSQL.
type cost struct{ program, postgres time.Duration }

// per is what each of so many requests cost since before, in microseconds: all
// of it, and the program's part.
func (c cost) per(before cost, requests int) (all, program float64) {
	own, others := c.program-before.program, c.postgres-before.postgres
	return float64((own + others).Microseconds()) / float64(requests), float64(own.Microseconds()) / float64(requests)
}

// cost is the processor time spent until now.
func (s *server) cost(b *testing.B) (spent cost) {
	b.Helper()
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		b.Fatal(err)
	}
	spent.program = time.Duration(own.Utime.Nano() + own.Stime.Nano())
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range files {
		p, err := readStat(file)
		switch {
		case err != nil: // it has ended since
		case p.pid == s.postmaster:
			spent.postgres += p.self + p.waitedFor
		case p.parent == s.postmaster:
			spent.postgres += p.self
		}
	}
	return spent
}

// stat is what /proc/PID/stat says of a process.
type stat struct {
	pid, parent     int
	self, waitedFor time.Duration // of processor time, and that of its children that have ended
}

func readStat(file string) (stat, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return stat{}, err
	}
	// 123 (a name) S 1 …: a name may hold spaces and brackets.
	end := bytes.LastIndexByte(text, ')')
	fields := strings.Fields(string(text[end+1:]))
	if end < 0 || len(fields) < 15 {
		return stat{}, fmt.Errorf("%s: %q", file, text)
	}
	number := func(s string) int {
		n, _ := strconv.Atoi(s) // the kernel writes numbers
		return n
	}
	ticks := func(i int) time.Duration { return time.Duration(number(fields[i])+number(fields[i+1])) * clockTick }
	return stat{number(filepath.Base(filepath.Dir(file))), number(fields[1]), ticks(11), ticks(13)}, nil
}

// memory is one line of a file of /proc/PID that counts kB, in MB.
func memory(b *testing.B, pid int, file, line string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		b.Fatal(err)
	}
	for l := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(l, line+":"); ok {
			kB, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kB / 1024
		}
	}
	b.Fatalf("/proc/%d/%s has no line %s", pid, file, line)
	return 0
}
