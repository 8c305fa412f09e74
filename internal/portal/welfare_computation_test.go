package portal_test

import (
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
)

func TestTheComputationFollowsWhatIsFoundAndTriesOtherFindingsBeforeTheyAreKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.text(`SELECT a.id::text FROM indemnity_applications a JOIN persons p ON p.id = a.member_id WHERE p.fiscal_code = $1`, string(fiscalCode(demo.Psychologist)))
	ours := welfareList + "/" + id
	officer := s.welfareOfficer()
	p := officer.get(ours+"/calcolo").wants(200, "Calcolo", "Indennità netta", "Rispetto alla domanda come inviata", "Uguale", "Prova con altri dati").silent("Come è cambiato il calcolo", "Prova di ricalcolo")
	officer.submit(p, nil).wants(200, "I dati sono quelli di adesso")
	if typed := officer.submit(p, url.Values{"reddito": {"molto"}}).wants(422).one("#reddito").attr("value"); typed != "molto" {
		t.Errorf("what was typed is %q", typed)
	}
	tried := officer.submit(p, url.Values{"reddito": {"18.250,00"}, "copertura": {"si"}}).
		wants(200, "Prova di ricalcolo", "Hai provato altri dati in V13 e V16", "50,00", "Porta i dati provati nella verifica V16", "Porta i dati provati nella verifica V13")
	if n := s.count(`SELECT count(*) FROM indemnity_findings WHERE application_id = $1`, id); n != 0 {
		t.Errorf("%d findings were kept", n)
	}
	carried := url.Values{}
	for _, form := range tried.all("form") {
		if strings.HasSuffix(form.attr("action"), "/verifiche/V16") {
			for _, n := range form.all("input") {
				carried.Add(n.attr("name"), n.attr("value"))
			}
		}
	}
	filled := officer.post(ours+"/verifiche/V16", carried).wants(200, "Salva e vai alla prossima")
	if typed := filled.one("#reddito").attr("value"); typed != "18.250,00" {
		t.Errorf("the check begins with %q", typed)
	}
	if n := s.count(`SELECT count(*) FROM indemnity_findings WHERE application_id = $1`, id); n != 0 {
		t.Errorf("%d findings were kept", n)
	}
	officer.submit(filled, url.Values{"verdetto": {"met"}, "nota": {"Comunicazione corretta."}}).wants(200, "Verifica salvata")
	officer.get(ours+"/calcolo").wants(200, "Come è cambiato il calcolo", "V16 · Reddito", "Silvia Costa", "Domanda come inviata", "Differenza")
	s.login(demo.WelfareApprover, "welfare").get(ours+"/calcolo").wants(200, "Indennità netta").silent("Ricalcola")
}
