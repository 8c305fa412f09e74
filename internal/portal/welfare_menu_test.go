package portal_test

import (
	"slices"
	"strings"
	"testing"

	"portal/internal/demo"
)

func TestAnOfficerIsLedOnlyToWhatTheyMayOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	all := []string{"Lavoro", "Domande", "Bandi e graduatorie", "Pagamenti", "Modelli"}
	for hint, menu := range map[demo.Hint][]string{
		demo.WelfareOfficer: all, demo.WelfareApprover: all, demo.WelfarePayer: all[:4], demo.WelfareHead: {all[0], all[2]},
	} {
		b := s.login(hint, "welfare")
		for _, at := range []string{"/area-personale", "/messaggi", "/gestione/enpap"} {
			p := b.get(at).wants(200)
			var names []string
			for _, n := range p.one("#menu").one(".menu-wide").all("a") {
				names = append(names, n.text())
			}
			if !slices.Equal(names, menu) {
				t.Errorf("%s reads %q at %s", hint, names, at)
			}
			for _, n := range append(p.one("#menu").one(".menu-wide").all("a"), p.one("main").all("a")...) {
				if to, _, _ := strings.Cut(n.attr("href"), "#"); strings.HasPrefix(to, "/gestione/") {
					b.get(to).wants(200)
				}
			}
		}
	}
}
