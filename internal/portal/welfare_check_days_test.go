package portal_test

import (
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
)

// The demo's call of July has paid a member on 12 October 2026, who has applied in October
// too and does so again: V15 says who counts which days.
func TestTheCheckOfTheLimitSaysWhichDaysTheRegisterHas(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	check := welfareWork + "/domande/" + s.sentCase(demo.CyclesMember) + "/verifiche/V15"
	this := func(sql string) string {
		return strings.ReplaceAll(sql, "a.protocol LIKE 'FOLLA-%'", "a.protocol = 'ENPAP-2026-900001'")
	}
	told := func(member string) {
		s.past(this(`UPDATE indemnity_applications a SET registers = '{"at": "2026-11-20T11:00:00Z", "member": {"number": "1", "active": true, "applied_on": "2009-01-01",
			"enrolled_on": "2009-02-01", "incomes": {"2024": 2190000}, ` + member + `}, "position": {}}' WHERE a.protocol LIKE 'FOLLA-%'`))
	}
	s.past(this(`UPDATE indemnity_applications a SET answers = answers || '{"identity_expires": "2030-12-31"}' WHERE a.protocol LIKE 'FOLLA-%'`), this(crowdFilesSQL), this(crowdPapersSQL))
	earlier := func(state string) string {
		return "Nella domanda " + s.text(`SELECT a.protocol FROM indemnity_applications a JOIN persons p ON p.id = a.member_id
			WHERE p.fiscal_code = $1 AND a.state = $2 AND a.protocol <> 'ENPAP-2026-900001'`, string(fiscalCode(demo.CyclesMember)), state)
	}
	paid, sent := earlier("funded"), earlier("submitted")
	const notYet, counted = "2026: 15 (pagati il 12/10/2026, non ancora nel registro di ENPAP: li conta il portale)", "2026: 15 (li conta il portale)"

	b := s.welfareOfficer()
	told(`"days_paid": {"2026": 15}, "days_paid_to": "2026-10-12"`)
	b.get(check).wants(200, "Il registro conta quelli pagati fino al 12/10/2026", sent+" "+counted).silent(paid)
	told(`"days_paid": {"2026": 0}`)
	b.get(check).wants(200, "Il registro conta quelli pagati fino al —", paid+" "+notYet, sent+" "+counted)
	told(`"days_paid": {"2026": 0}, "days_paid_to": "2026-10-11"`)
	form := b.get(check).wants(200, "Il registro conta quelli pagati fino al 11/10/2026", paid+" "+notYet, "si aggiungono da soli")

	// An officer who corrects what the register has corrects nothing else.
	b.submit(form, url.Values{"verdetto": {"met"}, "giorni-2026": {"3"}, "nota": {"Visto negli atti."}}).wants(200, "Verifica salvata")
	b.get(check).wants(200, "2026: 3", paid+" "+notYet)

	// What was ranked keeps the days that it counted: it is made again from its own facts.
	rankings := strings.Fields(s.text(`SELECT string_agg(id::text, ' ') FROM indemnity_rankings WHERE state = 'published'`))
	auditor := s.login(demo.Auditor, "oversight")
	for _, id := range rankings {
		auditor.get("/controlli/graduatorie/"+id+"/ricalcolo").wants(200, "Identica").silent("Non è identica")
	}
	if len(rankings) < 3 {
		t.Errorf("%d rankings were made again", len(rankings))
	}
	s.whole()
}
