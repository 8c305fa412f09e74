package spool_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"portal/internal/spool"
)

func newFile(t *testing.T) *spool.File {
	t.Helper()
	f, err := spool.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// text is so many bytes that are easy to recognise.
func text(n int) []byte { return bytes.Repeat([]byte("certificato di Maria Rossi "), n/27+1)[:n] }

func TestWhatWasWrittenIsReadFromAnywhere(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 15, 16, 64<<10 - 1, 64 << 10, 64<<10 + 1, 300_001} {
		f, want := newFile(t), text(n)
		for rest := want; len(rest) > 0; {
			some := min(1+rand.IntN(5000), len(rest))
			if m, err := f.Write(rest[:some]); m != some || err != nil {
				t.Fatalf("%d of %d bytes written: %v", m, some, err)
			}
			rest = rest[some:]
		}
		if err := f.Written(); err != nil {
			t.Fatal(err)
		}
		if f.Size() != int64(n) {
			t.Errorf("%d bytes for %d", f.Size(), n)
		}
		if got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size())); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes come back as others: %v", n, err)
		}
		for range 50 {
			from := rand.IntN(n + 1)
			p := make([]byte, rand.IntN(100))
			m, err := f.ReadAt(p, int64(from))
			if m != min(len(p), n-from) || !bytes.Equal(p[:m], want[from:from+m]) || m < len(p) && err != io.EOF {
				t.Fatalf("%d bytes at %d of %d: %d, %v", len(p), from, n, m, err)
			}
		}
	}
}

func TestNobodyElseCanReadIt(t *testing.T) { // not beside others: it counts files
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	f := newFile(t)
	if _, err := f.Write(text(1 << 20)); err != nil {
		t.Fatal(err)
	}
	if err := f.Written(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%d files have a name: %v", len(left), err)
	}
	open, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, name := range open {
		if to, err := os.Readlink(name); err != nil || filepath.Dir(to) != dir {
			continue
		}
		found = true
		if b, err := os.ReadFile(name); err != nil || len(b) != 1<<20 || bytes.Contains(b, []byte("Maria")) {
			t.Errorf("%d bytes lie on the disk as they were sent: %v", len(b), err)
		}
	}
	if len(open) > 0 && !found {
		t.Error("the file is not where temporary files are")
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
		t.Errorf("it is read after it is gone: %v", err)
	}
	t.Setenv("TMPDIR", filepath.Join(dir, "none"))
	if _, err := spool.New(); err == nil {
		t.Error("a file where no folder is")
	}
}
