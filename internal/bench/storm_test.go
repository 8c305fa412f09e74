package bench

import (
	"net/http"
	"slices"
	"testing"
)

// What the storm is made of: each voucher is sent twice what it can pay for.
const (
	stormers  = 32
	stormEach = 2
)

// BenchmarkP5Storm is one client who books against vouchers of its own, first
// alone and then while 32 others book against one voucher, all at once, and when
// that is spent against the next. What the lock of the hot voucher costs is what
// is left when the same 32 book against vouchers of their own instead.
func BenchmarkP5Storm(b *testing.B) {
	r := newReport(b, "P5", "one client's bookings while 32 clients book against one voucher, over the same client alone")
	w := &ways{site: newSite(b, "p5"), loader: newLoader(b), rate: map[string]float64{}, lasting: round(b)}
	addEdition(b, w.site.pool)
	measure := func(storm ...group) (other, others tally) {
		groups := append([]group{w.apart(b, 1)}, storm...)
		all := w.loader.run(b, load{Addr: w.site.addr, For: w.lasting, Groups: groups})
		if t := all[0]; len(t.Statuses) != 1 || t.Statuses[http.StatusSeeOther] == 0 {
			b.Fatalf("the client apart was not always served: %v", t.Statuses)
		}
		return all[0], all[len(all)-1]
	}
	seen := map[int]int{}
	var table figures
	var alone, hot tally
	turns(b, func(counted bool) {
		a, _ := measure()
		h, storm := measure(w.onOneVoucher(b))
		s, _ := measure(w.apart(b, stormers))
		if !counted {
			return
		}
		for status, n := range storm.Statuses {
			seen[status] += n
		}
		table.compare("p50 ms, storm over alone", "", a.wait(0.5), h.wait(0.5))
		table.compare("p99 ms, storm over alone", "≤ 1.2", a.wait(0.99), h.wait(0.99))
		table.compare("p99 ms, storm over as many apart", "", s.wait(0.99), h.wait(0.99))
		table.note("booked/s in the storm", "", storm.rate(http.StatusSeeOther))
		table.note("refused/s in the storm", "", storm.rate(http.StatusConflict)+storm.rate(http.StatusUnprocessableEntity))
		alone.Waits, hot.Waits = append(alone.Waits, a.Waits...), append(hot.Waits, h.Waits...)
	})
	slices.Sort(alone.Waits)
	slices.Sort(hot.Waits)
	table.compare("p99 ms of all turns together", "≤ 1.2", alone.wait(0.99), hot.wait(0.99))
	for status := range seen {
		if !slices.Contains([]int{http.StatusSeeOther, http.StatusConflict, http.StatusUnprocessableEntity}, status) {
			b.Errorf("in the storm, some were answered neither with a booking nor with a refusal: %v", seen)
		}
	}
	w.site.whole(b)
	table.publish(b, r)
	r.keep(b)
}

// onOneVoucher is clients who all book against the same voucher, each two sessions
// on days of their own, and then against the next.
func (w *ways) onOneVoucher(b *testing.B) group {
	b.Helper()
	const fresh = 25 // vouchers in a second, more than are ever spent
	hot := int(fresh*w.lasting.Seconds()) + 1
	first := w.next
	w.next += hot + stormers // of the last ones, only the professionals are needed
	addVouchers(b, w.site.pool, first, hot+stormers)
	storm := group{Clients: make([][][]byte, stormers)}
	for c := range stormers {
		for n := first; n < first+hot; n++ {
			token := w.site.login(b, professional(first+hot+c), voucherID(n))
			for i := range stormEach {
				storm.Clients[c] = append(storm.Clients[c], bookRequest(voucherID(n), token, c*stormEach+i))
			}
		}
	}
	return storm
}
