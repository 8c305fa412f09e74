package spool_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"portal/internal/spool"
)

const most = 2 << 20

// kinds are the places where a file waits, by how many of them are in memory.
var kinds = map[string]int{"in memory": 1, "on disk": 0}

func newFile(t *testing.T, inMemory int) spool.File {
	t.Helper()
	f, err := spool.New(most, inMemory).File()
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
	for kind, inMemory := range kinds {
		for _, n := range []int{0, 1, 15, 16, 64<<10 - 1, 64 << 10, 64<<10 + 1, 300_001} {
			f, want := newFile(t, inMemory), text(n)
			for rest := want; len(rest) > 0; {
				some := min(1+rand.IntN(5000), len(rest))
				if m, err := f.Write(rest[:some]); m != some || err != nil {
					t.Fatalf("%s: %d of %d bytes written: %v", kind, m, some, err)
				}
				rest = rest[some:]
			}
			if err := f.Written(); err != nil {
				t.Fatal(err)
			}
			if f.Size() != int64(n) {
				t.Errorf("%s: %d bytes for %d", kind, f.Size(), n)
			}
			if got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size())); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes come back as others: %v", kind, n, err)
			}
			for range 50 {
				from := rand.IntN(n + 1)
				p := make([]byte, rand.IntN(100))
				m, err := f.ReadAt(p, int64(from))
				if m != min(len(p), n-from) || !bytes.Equal(p[:m], want[from:from+m]) || m < len(p) && err != io.EOF {
					t.Fatalf("%s: %d bytes at %d of %d: %d, %v", kind, len(p), from, n, m, err)
				}
			}
		}
	}
}

func TestAFileIsNotLongerThanAnyMayBe(t *testing.T) {
	t.Parallel()
	for kind, inMemory := range kinds {
		f := newFile(t, inMemory)
		if n, err := f.Write(text(most)); n != most || err != nil {
			t.Fatalf("%s: %d bytes of %d: %v", kind, n, most, err)
		}
		if n, err := f.Write(text(1)); n != 0 || !errors.Is(err, spool.ErrFull) {
			t.Errorf("%s: %d bytes too many: %v", kind, n, err)
		}
	}
}

func TestWhatIsClosedIsGone(t *testing.T) {
	t.Parallel()
	for kind, inMemory := range kinds {
		f := newFile(t, inMemory)
		if _, err := f.Write(text(1000)); err != nil {
			t.Fatal(err)
		}
		if err := f.Written(); err != nil {
			t.Fatal(err)
		}
		var reading sync.WaitGroup
		for range 4 { // as whoever sends it to the database, when that breaks off
			reading.Go(func() {
				for p := make([]byte, 1000); ; {
					switch n, err := f.ReadAt(p, 0); {
					case errors.Is(err, os.ErrClosed):
						return
					case err != nil || !bytes.Equal(p[:n], text(1000)):
						t.Errorf("%s: %d bytes, %v", kind, n, err)
						return
					}
				}
			})
		}
		if err := f.Close(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		reading.Wait()
		if _, err := f.Write(text(1)); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: it is written after it is gone: %v", kind, err)
		}
		if err := f.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: gone twice: %v", kind, err)
		}
	}
}

func TestWhoComesWhenTheMemoryIsFullWaitsOnDisk(t *testing.T) { // not beside others: it hides the disk
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	s := spool.New(most, 2)
	first, err := s.File()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.File(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.File(); err == nil {
		t.Error("a third in memory")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.File(); err != nil {
		t.Errorf("the place is not given back: %v", err)
	}
}

func TestNobodyElseCanReadIt(t *testing.T) { // not beside others: it counts files
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	f := newFile(t, 0)
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
	if _, err := spool.New(most, 0).File(); err == nil {
		t.Error("a file where no folder is")
	}
}
