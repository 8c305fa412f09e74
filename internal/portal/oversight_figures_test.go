package portal_test

import (
	"strings"
	"testing"

	"portal/internal/demo"
)

// section is the part of a page under a heading with an id.
func (p page) section(id string) (s node) {
	p.Helper()
	for _, n := range p.all("section") {
		if n.attr("aria-labelledby") == id {
			return n
		}
	}
	p.Fatalf("there is no section %s", id)
	return s
}

func TestServiceTimesAreToldByMonthAndNotOfAFew(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	// In March five members had an answer after one to five days; in April four had one on
	// the next day, and in November, which is not over, five did, besides the one of the demo.
	s.past(`
		INSERT INTO audit (at, person_id, role, action, subject_id)
		SELECT x.at, p.id, 'member', x.action, x.thread FROM (SELECT id FROM persons LIMIT 1) p, (
			SELECT m.began + (a.answered * (m.days * n) || ' days')::interval - a.answered * interval '1 hour' AS at, a.action, m.thread AS thread, a.answered
			FROM (SELECT began, days, n, gen_random_uuid() AS thread FROM (VALUES ('2026-03-02 10:00'::timestamptz, 1, 5, true), ('2026-04-02 10:00', 1, 4, false), ('2026-11-02 10:00', 1, 5, false)) v (began, days, many, grows), generate_series(1, many) g,
				LATERAL (SELECT CASE WHEN grows THEN g ELSE 1 END AS n) k) m,
				(VALUES ('indemnity.message_sent', 0), ('indemnity.message_answered', 1)) a (action, answered)) x ORDER BY x.answered`)
	all := s.login(demo.Auditor, "oversight").get("/controlli/indicatori").wants(200).section("fase-indemnity-messages")
	rows := func(n node) (all []string) {
		for _, r := range n.all("tr")[1:] {
			all = append(all, strings.Join(strings.Fields(r.text()), " "))
		}
		return all
	}
	if got := strings.Join(rows(all), "|"); !strings.Contains(got, "novembre 2026 6 1 giorno 1 giorno") || !strings.Contains(got, "aprile 2026 4 1 giorno 1 giorno") || !strings.Contains(got, "marzo 2026 5 3 giorni 5 giorni") {
		t.Errorf("an auditor reads %s", got)
	}
	public := s.browser().get("/tempi-del-servizio").wants(200, "Non pubblichiamo i mesi con meno di 5 casi")
	if got := strings.Join(rows(public.section("fase-indemnity-messages")), "|"); got != "marzo 2026 5 3 giorni 5 giorni" {
		t.Errorf("everybody reads %s", got)
	}
}
