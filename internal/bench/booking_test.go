package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/ui"
)

const bookPath = "/professionisti/sedute/nuova/dati"

// bookRequest is the form of the i-th session against a voucher (S-03), as its
// professional sends it.
func bookRequest(id voucher.ID, token string, i int) []byte {
	asked := session(i)[0]
	day, month, year := ui.DateNames("data")
	return postRequest(bookPath, token, url.Values{
		"idem": {once.NewKey()}, "versione": {string(id) + " 0"}, "quando": {"da-fare"},
		day: {strconv.Itoa(asked.Day.Day)}, month: {strconv.Itoa(int(asked.Day.Month))}, year: {strconv.Itoa(asked.Day.Year)},
		"ora": {"15:00"}, "importo": {"50,00"},
	})
}

// ways are those of making a booking, each with the vouchers it needs: from a
// number on, so many for each client.
type ways struct {
	site    *site
	pgbench pgbench
	loader  loader
	next    int                // the first voucher that nobody has used
	rate    map[string]float64 // of the turn before
	lasting time.Duration
}

// vouchers makes twice as many as the last turn used, for the clients of a way.
func (w *ways) vouchers(b *testing.B, way string, clients int) (first, each int) {
	b.Helper()
	rate := max(w.rate[way], 1000)
	first, each = w.next, int(2*rate*w.lasting.Seconds())/sessions/clients+2
	w.next += clients * each
	if way == "pgbench" {
		addVouchers(b, w.pgbench.pool, first, clients*each)
	} else {
		addVouchers(b, w.site.pool, first, clients*each)
	}
	return first, each
}

func (w *ways) byPgbench(b *testing.B, clients int) float64 {
	b.Helper()
	first, each := w.vouchers(b, "pgbench", clients)
	w.rate["pgbench"] = w.pgbench.book(b, clients, first, each, w.lasting)
	return w.rate["pgbench"]
}

// byService books as a handler does: who may, what is there, one statement.
func (w *ways) byService(b *testing.B, clients int) float64 {
	b.Helper()
	return w.together(b, "service", clients, func(ctx context.Context, n, i int) error {
		form, err := sending(professional(n))
		if err != nil {
			return err
		}
		_, err = w.site.service.Book(ctx, professional(n), form, voucherID(n), session(i))
		return err
	})
}

// byPlace only saves: the decision is taken on an account that is kept.
func (w *ways) byPlace(b *testing.B, clients int) float64 {
	b.Helper()
	var accounts sync.Map
	return w.together(b, "place", clients, func(ctx context.Context, n, i int) error {
		if i == 0 {
			a, _, err := w.site.service.Account(ctx, voucherID(n))
			if err != nil {
				return err
			}
			accounts.Store(n, a)
		}
		kept, _ := accounts.Load(n)
		a := kept.(voucher.Account)
		asked, who := session(i), professional(n)
		d, err := a.Book(voucher.Professional{Person: who.Person, Enrolled: true, Place: "Via Roma 1, 00195 Roma (RM)"}, asked, who, time.Now())
		if err != nil {
			return err
		}
		form, err := sending(who)
		if err != nil {
			return err
		}
		if _, err := w.site.service.Place(ctx, form, string(asked[0].ID), a.Voucher, d); err != nil {
			return err
		}
		a.Voucher, a.Bookings = d.Voucher, append(a.Bookings, d.Bookings...)
		a.Voucher.Version++
		accounts.Store(n, a)
		return nil
	})
}

// together has clients of this process book, each the twelve sessions of one
// voucher after the other, and tells how many bookings were made in a second.
func (w *ways) together(b *testing.B, way string, clients int, book func(ctx context.Context, n, i int) error) float64 {
	b.Helper()
	first, each := w.vouchers(b, way, clients)
	var made atomic.Int64
	errs := make(chan error, clients)
	from := time.Now()
	for c := range clients {
		go func() {
			for k := 0; time.Since(from) < w.lasting; k++ {
				if k == each*sessions {
					errs <- errSupply
					return
				}
				if err := book(b.Context(), first+c*each+k/sessions, k%sessions); err != nil {
					errs <- err
					return
				}
				made.Add(1)
			}
			errs <- nil
		}()
	}
	for range clients {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	w.rate[way] = float64(made.Load()) / time.Since(from).Seconds()
	return w.rate[way]
}

// apart is clients who book through HTTP, each against vouchers of its own.
func (w *ways) apart(b *testing.B, clients int) group {
	b.Helper()
	first, each := w.vouchers(b, "HTTP", clients)
	all := group{Clients: make([][][]byte, clients)}
	for c := range clients {
		for n := first + c*each; n < first+(c+1)*each; n++ {
			token := w.site.login(b, professional(n), voucherID(n))
			for i := range sessions {
				all.Clients[c] = append(all.Clients[c], bookRequest(voucherID(n), token, i))
			}
		}
	}
	return all
}

// byHTTP sends forms as browsers do.
func (w *ways) byHTTP(b *testing.B, forms group) tally {
	b.Helper()
	t := w.loader.run(b, load{Addr: w.site.addr, For: w.lasting, Groups: []group{forms}})[0]
	if len(t.Statuses) != 1 || t.Statuses[http.StatusSeeOther] == 0 {
		b.Fatalf("not every session was booked: %v", t.Statuses)
	}
	w.rate["HTTP"] = t.rate(http.StatusSeeOther)
	return t
}

// BenchmarkP4Booking is a booking, by the store alone and through HTTP, over
// pgbench making its statements in turn.
func BenchmarkP4Booking(b *testing.B) {
	r := newReport(b, "P4", "bookings per second on different vouchers, over pgbench making the same statements in turn")
	for _, c := range []struct {
		clients     int
		store, HTTP string
	}{{1, "≥ 1.0", "≥ 0.5"}, {8, "≥ 1.2", "≥ 0.7"}, {32, "≥ 1.5", "≥ 0.7"}} {
		b.Run(fmt.Sprintf("%d-at-once", c.clients), func(b *testing.B) {
			db := databases(b)
			w := &ways{site: newSite(b, "p4"), pgbench: newPgbench(b, "p4_limit"), loader: newLoader(b), rate: map[string]float64{}, lasting: wholeRound(b)}
			addEdition(b, w.site.pool)
			var table figures
			name := func(what string) string { return fmt.Sprintf("%s, %d at once", what, c.clients) }
			turns(b, func(counted bool) {
				limit := w.byPgbench(b, c.clients)
				place := w.byPlace(b, c.clients)
				book := w.byService(b, c.clients)
				forms := w.apart(b, c.clients)
				before := db.cost(b)
				web := w.byHTTP(b, forms)
				all, program := db.cost(b).per(before, web.Statuses[http.StatusSeeOther])
				if !counted {
					return
				}
				table.compare(name("Place alone"), c.store, limit, place)
				table.compare(name("Service.Book"), c.store, limit, book)
				table.compare(name("through HTTP"), c.HTTP, limit, web.rate(http.StatusSeeOther))
				table.note(name("HTTP p50 ms"), "", web.wait(0.5))
				table.note(name("HTTP p99 ms"), "", web.wait(0.99))
				table.note(name("HTTP CPU µs"), "", all)
				table.note(name("HTTP CPU µs without PostgreSQL"), "", program)
			})
			w.site.whole(b)
			table.publish(b, r)
		})
	}
	r.keep(b)
}
