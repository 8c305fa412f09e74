package bench

import (
	"net/http"
	"regexp"
	"strconv"
	"testing"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/voucher"
)

// BenchmarkP1Page is the citizen's page of her sessions (C-03), with a login
// session from PostgreSQL and twelve bookings, over as many bytes that net/http
// serves from memory.
func BenchmarkP1Page(b *testing.B) {
	r := newReport(b, "P1", "page C-03 with twelve bookings, over static bytes of the same size; 16 connections")
	s, db, from := newSite(b, "p1"), databases(b), newLoader(b)
	path, token := s.citizensPage(b)
	body := s.page(b, path, token)
	shown := map[string]bool{}
	for _, link := range regexp.MustCompile(`"/contributo-psicoterapia/sedute/[^"]+"`).FindAll(body, -1) {
		shown[string(link)] = true
	}
	if len(shown) != sessions {
		b.Fatalf("the page shows %d sessions: %d were booked", len(shown), sessions)
	}
	static := serve(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // the reader may have gone
	}))

	clients := make([][][]byte, 16)
	for i := range clients {
		clients[i] = [][]byte{getRequest(path, token)}
	}
	measure := func(addr string) (t tally, all, program float64) {
		before := db.cost(b)
		t = from.run(b, load{Addr: addr, For: round(b), Groups: []group{{clients, true}}})[0]
		if len(t.Statuses) != 1 || t.Statuses[http.StatusOK] == 0 {
			b.Fatalf("not every page was shown: %v", t.Statuses)
		}
		all, program = db.cost(b).per(before, t.Statuses[http.StatusOK])
		return t, all, program
	}
	var table figures
	turns(b, func(counted bool) {
		limit, limitCost, limitOwn := measure(static)
		page, pageCost, pageOwn := measure(s.addr)
		if !counted {
			return
		}
		table.compare("requests/s", "≥ 0.20", limit.rate(http.StatusOK), page.rate(http.StatusOK))
		table.compare("CPU µs", "≤ 6", limitCost, pageCost)
		table.compare("CPU µs without PostgreSQL", "", limitOwn, pageOwn)
		table.compare("p50 ms", "", limit.wait(0.5), page.wait(0.5))
		table.compare("p99 ms", "", limit.wait(0.99), page.wait(0.99))
		table.note("bytes of the page", "", float64(len(body)))
	})
	table.publish(b, r)
	r.keep(b)
}

// citizensPage is the page of a persona with twelve sessions in every state, and
// the token of her login.
func (s *site) citizensPage(b *testing.B) (path, token string) {
	b.Helper()
	var holder identity.PersonID
	var application voucher.ApplicationID
	for _, p := range demo.Personas {
		if p.Hint != demo.Citizen {
			continue
		}
		if err := s.pool.QueryRow(b.Context(), `SELECT v.beneficiary_id, v.application_id FROM vouchers v JOIN persons p ON p.id = v.beneficiary_id
			WHERE p.fiscal_code = $1 ORDER BY v.accepted_on DESC LIMIT 1`, string(p.FiscalCode)).Scan(&holder, &application); err != nil {
			b.Fatal(err)
		}
	}
	file, err := s.service.File(b.Context(), holder, application)
	if err != nil {
		b.Fatal(err)
	}
	addEdition(b, s.pool)
	addVouchers(b, s.pool, 0, 1) // and with it a professional
	for i := len(file.Bookings); i < sessions; i++ {
		form, err := sending(professional(0))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.service.Book(b.Context(), professional(0), form, file.Voucher.ID, session(i+20)); err != nil {
			b.Fatal(err)
		}
	}
	return "/contributo-psicoterapia/domande/" + string(application) + "/sedute", s.login(b, identity.Own(holder, identity.Citizen), "")
}
