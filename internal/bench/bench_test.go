// Package bench measures the goals of performance: each against the limit of
// what the machine can do, the two taking turns in one run, so that whoever else
// uses the machine slows both. It judges nothing; make bench prints what it
// found and keeps it in var/bench, a file for each goal.
//
//	PORTAL_BENCH_DIR     where the figures are kept, beside the database's data
//	PORTAL_BENCH_ROUND   how long one turn lasts (1s)
//	PORTAL_BENCH_ROUNDS  how many turns are counted (7)
//	PORTAL_BIN           the program that P13 and P14 start (bin/portal)
//
// It counts processor time and memory as Linux tells them.
package bench

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"portal/internal/portal"
)

// A process that makes load is this program once more, told by the environment.
const actAsLoad = "BENCH_ACT_AS_LOAD"

func TestMain(m *testing.M) {
	if os.Getenv(actAsLoad) != "" {
		if err := makeLoads(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	debug.SetGCPercent(portal.Garbage) // as portal serve does
	code := m.Run()
	if s := started.Load(); s != nil {
		if err := s.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// folder is below where the figures are kept.
func folder(b *testing.B, names ...string) string {
	b.Helper()
	dir, err := filepath.Abs(filepath.Join(append([]string{cmp.Or(os.Getenv("PORTAL_BENCH_DIR"), "../../var/bench")}, names...)...))
	if err != nil {
		b.Fatal(err)
	}
	return dir
}

// round is how long one turn lasts, in whole seconds where pgbench takes part.
func round(b *testing.B) time.Duration {
	b.Helper()
	d, err := time.ParseDuration(cmp.Or(os.Getenv("PORTAL_BENCH_ROUND"), "1s"))
	if err != nil {
		b.Fatalf("PORTAL_BENCH_ROUND: %v", err)
	}
	return d
}

func wholeRound(b *testing.B) time.Duration {
	b.Helper()
	return time.Duration(math.Ceil(round(b).Seconds())) * time.Second
}

// turns calls what is measured once to warm up and then so many times to count.
func turns(b *testing.B, once func(counted bool)) {
	b.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("PORTAL_BENCH_ROUNDS"), "7"))
	if err != nil {
		b.Fatalf("PORTAL_BENCH_ROUNDS: %v", err)
	}
	for i := range n + 1 {
		once(i > 0)
	}
	b.ReportMetric(0, "ns/op") // a turn has the length it was given
}
