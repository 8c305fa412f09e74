package portal_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"portal/internal/demo"
	"portal/web/ui"
)

func TestTheRegisterTellsFromWhereAndWhatChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Auditor, "oversight")
	approved := b.get("/controlli/registro?azione=indemnity.decision_approved").wants(200, "Stato della decisione: proposta → approvata", "Stato della domanda: in verifica → idonea", "ENPAP-").
		silent("indemnity.decision_approved")
	b.get("/controlli/registro?azione=indemnity.finding_written").wants(200, "Verifica V1 · Documento valido, fronte e retro: nulla → superata")
	b.get("/controlli/registro?azione=indemnity.finding_written&prima=99999").wants(200, "Assegnata a: nulla → ", "Stato della domanda: inviata → in verifica")
	b.get("/controlli/registro?azione=payment.run_sent").wants(200, "Stato del lotto di pagamento: approvato → inviato", "Stato del pagamento: nel lotto → inviato alla banca")
	if p := b.get("/controlli/registro?azione=login.started").wants(200, "da 127.0.0.1"); strings.Contains(p.text(), "→") {
		t.Error("a login changed something")
	}

	// All that was written about one thing.
	all := b.get(approved.link("Tutte le righe")).wants(200, "Sullo stesso oggetto", "Decisione proposta", "Decisione approvata")
	if id := all.URL.Query().Get("cosa"); id == "" || s.count(`SELECT count(*) FROM audit WHERE subject_id = $1 AND action = 'indemnity.decision_approved'`, id) != 1 {
		t.Error(all.URL)
	}
	b.get("/controlli/registro?cosa=x").wants(200).silent("Sullo stesso oggetto")
}

func TestOnlyAProxyOfOursSaysWhoAsks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Portal.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	behind := s.Portal.Handler()
	at, err := url.Parse(s.Portal.URL)
	if err != nil {
		t.Fatal(err)
	}
	b := s.login(demo.Auditor, "oversight")
	for _, c := range []struct{ caller, says, want string }{
		{"10.0.0.1:1234", "203.0.113.7", "203.0.113.7"},
		{"10.0.0.1:1234", "198.51.100.1, 203.0.113.7", "203.0.113.7"}, // what the client put in front of it
		{"10.0.0.1:1234", "203.0.113.7, 10.9.9.9", "203.0.113.7"},     // through two of ours
		{"10.0.0.1:1234", "2001:db8::7", "2001:db8::7"},
		{"10.0.0.1:1234", "not an address", ""},
		{"203.0.113.9:1234", "198.51.100.1", "203.0.113.9"}, // who passes no proxy
		{"[2001:db8::9]:1234", "198.51.100.1", "2001:db8::9"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, s.Portal.URL+"/controlli/registro?azione=nothing", nil)
		r.RemoteAddr = c.caller
		r.Header.Set("X-Forwarded-For", c.says)
		for _, cookie := range b.client.Jar.Cookies(at) {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		behind.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("%v: %d", c, w.Code)
		}
		var got string
		if err := s.Pool.QueryRow(t.Context(), `SELECT coalesce(host(from_address), '') FROM audit WHERE request_id = $1`, w.Header().Get("X-Request-Id")).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s that says %q: %q, %v", c.caller, c.says, got, err)
		}
	}
	if log := s.Logged.String(); strings.Contains(log, "203.0.113") {
		t.Error("the log tells addresses")
	}
}

func TestWhateverChangesHasWordsInTheRegister(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := ui.Frame{Lang: ui.Italian}
	rows, _ := s.Pool.Query(t.Context(), `
		SELECT c.relname, encode(g.tgargs, 'escape'), coalesce((SELECT array_agg(pg_get_constraintdef(k.oid)) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'), '{}')
		FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE g.tgname = 'changes_are_noted' ORDER BY 1`)
	noted, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		Table, Arguments string
		Checks           []string
	}])
	if err != nil || len(noted) < 30 {
		t.Fatalf("%d tables, %v", len(noted), err)
	}
	word := regexp.MustCompile(`'([^']*)'::text`)
	for _, n := range noted {
		for field := range strings.SplitSeq(strings.TrimSuffix(n.Arguments, `\000`), `\000`) {
			key := "log.change." + n.Table + "." + field
			if !f.Translated(key) {
				t.Errorf("%s has no words", key)
			}
			if field != "state" && field != "isee_status" {
				continue
			}
			known := 0
			for _, check := range n.Checks {
				if !strings.HasPrefix(check, "CHECK (("+field+" = ANY (ARRAY[") || strings.Contains(check, ")) =") || strings.Contains(check, " OR ") {
					continue
				}
				for _, value := range word.FindAllStringSubmatch(check, -1) {
					if known++; !f.Translated(key + "." + value[1]) {
						t.Errorf("%s.%s has no words", key, value[1])
					}
				}
			}
			if known < 3 {
				t.Errorf("%s of %s: %d values are known", field, n.Table, known)
			}
		}
	}
}
