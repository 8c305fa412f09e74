package portal_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"portal/internal/document"
	"portal/internal/portal"
)

func TestABrokenUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, open := range uploadPages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(p *portal.Portal) { p.PaperTime = 2 * time.Second })
			u := open(s)
			head, content := u.head("a.pdf"), padded(10<<20)
			// UP43: the connection breaks at nine tenths.
			conn := u.dial(len(head) + len(content) + len(tail))
			if _, err := conn.Write(append([]byte(head), content[:9<<20]...)); err != nil {
				t.Fatal(err)
			}
			_ = conn.Close()
			// UP42: a byte now and then. Others are served meanwhile.
			slow := u.dial(len(head) + len(content) + len(tail))
			stop := make(chan struct{})
			go func() {
				_, _ = slow.Write(append([]byte(head), content[:1000]...))
				for {
					select {
					case <-stop:
						return
					case <-time.After(100 * time.Millisecond):
						_, _ = slow.Write([]byte("\n"))
					}
				}
			}()
			u.upload("b.pdf", content[:5<<20]).wants(200, "b.pdf")
			if status := answer(slow); status != 408 {
				t.Errorf("UP42: %d", status)
			}
			close(stop)
			u.nothingLeft("UP42 and UP43", true)
			noSpool(t)
		})
	}
}

// noSpool waits until nothing that was sent lies on the disk.
func noSpool(t *testing.T) {
	t.Helper()
	if named, err := filepath.Glob(filepath.Join(os.TempDir(), "portal-paper-*")); err != nil || len(named) > 0 {
		t.Errorf("%v lie in the folder of temporary files: %v", named, err)
	}
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) { // other tests have theirs
		var open []string
		links, _ := filepath.Glob("/proc/self/fd/*")
		for _, l := range links {
			if to, err := os.Readlink(l); err == nil && strings.Contains(to, "portal-paper-") {
				open = append(open, to)
			}
		}
		if len(open) == 0 {
			return
		}
		if time.Now().After(until) {
			t.Errorf("%v are open still", open)
			return
		}
	}
}

// Not beside other tests: it weighs the whole process. What many papers take is of all
// pages alike, which one is enough for: the tests above try each of them. Its papers are
// of 4 MB: all of them in memory, 128 MB, would be far more than they may take. And each
// bomb swells just past what is looked at: a larger one is left at the same byte. The
// detector of races makes each byte cost as much as fifty.
func TestManyLargePapersAtOnceTakeNoMemory(t *testing.T) {
	const large, most = 4 << 20, 80
	s := newSite(t)
	u := s.certificateUpload()
	content := padded(large)
	head := u.head("a.pdf")
	swells := bomb(document.Usual.Inflated + 1<<20)
	bombs := map[string][]byte{
		"a.pdf": pdfOf(pdfCatalog, pdfPages, pdfPage, swells),
		"b.pdf": pdfOf(pdfCatalog, pdfPages, pdfPage, strings.Replace(swells, "<<", "<< /Type /ObjStm", 1)),
		"c.jpg": wide(50_000),
	}
	runtime.GC()
	before, done, peak := inUse(), make(chan struct{}), make(chan uint64)
	go func() {
		most := uint64(0)
		for {
			select {
			case <-done:
				peak <- most
				return
			case <-time.After(5 * time.Millisecond):
				most = max(most, inUse())
			}
		}
	}()
	// Half of them stop before the end and wait, as on a bad line.
	var all sync.WaitGroup
	var slow []net.Conn
	for range 16 {
		conn := u.dial(len(head) + len(content) + len(tail))
		slow = append(slow, conn)
		all.Go(func() {
			_, _ = io.WriteString(conn, head)
			_, _ = conn.Write(content[:large*9/10])
		})
	}
	for range 13 { // with the three below as many as the portal has places for
		all.Go(func() {
			if p := u.stream("a.pdf", content); p.Status != 200 {
				t.Errorf("%d, %s", p.Status, p.one("main").text())
			}
		})
	}
	for name, content := range bombs {
		all.Go(func() {
			if p := u.stream(name, content); p.Status != 422 {
				t.Errorf("%s: %d, %s", name, p.Status, p.one("main").text())
			}
		})
	}
	all.Wait()
	for _, conn := range slow {
		all.Go(func() {
			_, _ = conn.Write(content[large*9/10:])
			_, _ = io.WriteString(conn, tail)
			if status := answer(conn); status != 303 {
				t.Errorf("a slow one: %d", status)
			}
		})
	}
	all.Wait()
	close(done)
	grown := (max(<-peak, before) - before) >> 20
	t.Logf("%d MB more for 32 papers of %d MB", grown, large>>20)
	if grown > most {
		t.Errorf("32 papers of %d MB at once take %d MB", large>>20, grown)
	}
	u.nothingLeft("many", true)
	noSpool(t)
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
