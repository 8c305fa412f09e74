package portal_test

import (
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
)

// folds checks that a page has what is to be opened under these summaries, open or not.
func (p page) folds(open bool, summaries ...string) page {
	p.Helper()
	is := map[string]bool{}
	for _, d := range p.one("main").all("details") {
		is[d.one("summary").text()] = d.has("open")
	}
	for _, s := range summaries {
		if now, there := is[s]; !there || now != open {
			p.Errorf("%q is there: %v, open: %v, among %v", s, there, now, is)
		}
	}
	return p
}

func TestTheComputationFollowsWhatIsFoundAndTriesOtherFindingsBeforeTheyAreKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.text(`SELECT a.id::text FROM indemnity_applications a JOIN persons p ON p.id = a.member_id WHERE p.fiscal_code = $1`, string(fiscalCode(demo.Psychologist)))
	ours := welfareList + "/" + id
	officer := s.welfareOfficer()
	p := officer.get(ours+"/calcolo").wants(200, "Calcolo", "Indennità netta", "Rispetto alla domanda come inviata", "Uguale", "Prova con altri dati").silent("Come è cambiato il calcolo", "Prova di ricalcolo")
	p.folds(false, "Giorni coperti dai certificati", "Giorni del 2026 che contano per il limite di 180: 25 su 180", "10 valori uguali", "Giorni pagati: 25 giorni",
		"Indennità lorda: 2.500,00 € · Indennità netta: 2.000,00 € · Debito da compensare: 331,00 €", "Punteggio: 6 punti", "V13 · Altra copertura", "V16 · Reddito del secondo anno precedente")
	officer.submit(p, nil).wants(200, "I dati sono quelli di adesso", "Non è cambiato nessun valore")
	wrong := officer.submit(p, url.Values{"reddito": {"molto"}}).wants(422)
	if typed := wrong.one("#reddito").attr("value"); typed != "molto" {
		t.Errorf("what was typed is %q", typed)
	}
	wrong.folds(true, "V16 · Reddito del secondo anno precedente").folds(false, "V13 · Altra copertura")
	tried := officer.submit(p, url.Values{"reddito": {"18.250,00"}, "copertura": {"si"}}).
		wants(200, "Prova di ricalcolo", "Hai provato altri dati in V13 e V16", "50,00", "Porta i dati provati nella verifica V16", "Porta i dati provati nella verifica V13")
	tried.folds(true, "V13 · Altra copertura", "V16 · Reddito del secondo anno precedente").folds(false, "V6 · Certificato iniziale con prognosi")
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
