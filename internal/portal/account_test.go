package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portal/internal/demo"
	"portal/internal/once"
	"portal/internal/payment"
)

const (
	ownDetails  = "/professionisti/dati"
	ownIBAN     = ownDetails + "/iban"
	ibanConfirm = ownIBAN + "/conferma"
	ibanQueue   = "/gestione/inps/iban"
)

// account is an account that a persona gave and nobody has taken yet.
func (s *site) account(hint demo.Hint) string {
	s.Helper()
	return s.text(`
		INSERT INTO payment_accounts (person_id, iban, holder, state, submitted_at, usable_from, expected_by)
		SELECT id, $2, given_name || ' ' || family_name, 'to_verify', $3::timestamptz, $3::timestamptz + interval '48 hours', $3::timestamptz::date + 14 FROM persons WHERE fiscal_code = $1
		ON CONFLICT (person_id) WHERE state IN ('to_verify', 'verifying', 'verified') DO UPDATE SET version = payment_accounts.version RETURNING id::text`,
		string(fiscalCode(hint)), string(demo.Account(hint, 1)), s.Now())
}

// gives lets a psychologist give an IBAN, through the page that asks.
func (b *browser) gives(typed, holder string) page {
	b.Helper()
	p := b.submit(b.get(ownIBAN), url.Values{"iban": {typed}, "intestatario": {holder}})
	if p.URL.Path != ibanConfirm {
		b.Fatalf("%s did not lead to the question: %s", typed, p.one("main").text())
	}
	return b.submit(p, nil)
}

func TestAPsychologistGivesAnIBANAndINPSVerifiesIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	marco, chiara := s.login(demo.NewPsychologist, "psicoterapeuta"), s.login(demo.INPSOfficer, "inps")
	marco.get(ownDetails).wants(http.StatusOK, "I tuoi dati", "Rizzo", "Per correggerli rivolgiti al tuo Ordine", "Non ancora inserito")
	marco.get(ownIBAN).wants(http.StatusOK, "Senza IBAN verificato puoi prenotare e confermare, ma INPS non può pagarti.")
	of := demo.Account(demo.NewPsychologist, 1)
	marco.gives(strings.ToLower(of.Format()), "Marco Rizzo").wants(http.StatusOK, "IBAN inserito", of.Masked(), "Da verificare", "previst", "7 dicembre 2026").silent(of.Format())

	queue := chiara.get(ibanQueue).wants(http.StatusOK, "Da verificare (4)", "Marco Rizzo", of.Masked()).silent(of.Format())
	one := chiara.get(queue.link("Marco Rizzo")).wants(http.StatusOK, of.Format(), "Marco Rizzo", "Non ancora chiesta", "ABI 09999").silent("Rifiuta")
	one = chiara.submit(chiara.get(one.link("Prendi in carico")), nil).wants(http.StatusOK, "L’intestatario corrisponde quasi", "In verifica")
	marco.get(ownIBAN).wants(http.StatusOK, "In verifica dal 23 novembre 2026, previsto entro il 7 dicembre 2026", "I pagamenti aspettano la fine della verifica")
	chiara.submit(chiara.get(one.link("Verifica")), nil).wants(http.StatusOK, "IBAN verificato")
	marco.get(ownIBAN).wants(http.StatusOK, "Verificato", "potremo pagare dal 25 novembre 2026 alle 12:00")
	s.At(noon.Add(48 * time.Hour))
	s.login(demo.NewPsychologist, "psicoterapeuta").get(ownIBAN).wants(http.StatusOK, "I prossimi pagamenti arrivano su questo conto")
	for action, want := range map[string]int{"account.submitted": 1, "account.opened": 3, "account.started": 1, "account.verified": 1} {
		if n := s.count(`SELECT count(*) FROM audit WHERE action = $1 AND at >= $2`, action, noon); n != want {
			t.Errorf("%s is written %d times, not %d", action, n, want)
		}
	}
	s.whole()
}

func TestWhatIsWrongWithAnIBANIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.NewPsychologist, "psicoterapeuta")
	ask := b.get(ownIBAN)
	for typed, want := range map[string]string{ // the samples IB05 to IB13, and others
		"":                                  "Inserisci l’IBAN",
		"IT61X0542811101000000123456":       "le due cifre di controllo non corrispondono",
		"IT64Y0542811101000000123456":       "la lettera di controllo (CIN)",
		"IT60X054281110100000012345":        "L’IBAN italiano ha 27 caratteri: ne hai inseriti 26",
		"IT60X05428111010000001234566":      "L’IBAN italiano ha 27 caratteri: ne hai inseriti 28",
		"DE8937040044053201300":             "Un IBAN che comincia con DE ha 22 caratteri: ne hai inseriti 21",
		"IT00X0542811101000000123456":       "le due cifre di controllo",
		"US64SVBKUS6S3300958879":            "area SEPA",
		"IT6OX0542811101000000123456":       "la lettera O al posto dello zero",
		"IT70L0100003245350200020350":       "conto di tesoreria",
		"IT60X05428\u200f11101000000123456": "",
	} {
		p := b.submit(ask, url.Values{"iban": {typed}, "intestatario": {"Marco Rizzo"}}).wants(http.StatusUnprocessableEntity, want)
		if !strings.Contains(p.one(".field-error").text(), want) || p.one("#iban").attr("aria-invalid") != "true" {
			t.Errorf("%q: %s", typed, p.one("main").text())
		}
	}
	b.submit(ask, url.Values{"iban": {"IT60X0542811101000000123456"}, "intestatario": {"   "}}).
		wants(http.StatusUnprocessableEntity, "Scrivi l’intestatario")
	for _, typed := range []string{"it60 x054 2811 1010 0000 0123 456", "SM86U0322509800000000270100", "DE89370400440532013000"} {
		p := b.submit(ask, url.Values{"iban": {typed}, "intestatario": {"Marco Rizzo"}}).wants(http.StatusOK, "Vuoi ricevere i pagamenti su questo conto?")
		if strings.Contains(p.URL.String(), "05428") {
			t.Errorf("the address is %s", p.URL)
		}
	}
	if n := s.count(`SELECT count(*) FROM payment_accounts WHERE person_id = (SELECT id FROM persons WHERE fiscal_code = $1)`, string(fiscalCode(demo.NewPsychologist))); n != 0 {
		t.Errorf("%d accounts before anybody confirmed", n)
	}
}

func TestAnIBANIsChangedFromOldToNew(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.NewPsychologist, "psicoterapeuta")
	b.gives("IT60X0542811101000000123456", "Marco Rizzo")
	p := b.submit(b.get(ownIBAN), url.Values{"iban": {"DE89370400440532013000"}})
	p.wants(http.StatusOK, "Conto attuale", "IT60 •••• 3456", "Nuovo conto", "DE89 3704 0044 0532 0130 00", "Mantieni il conto attuale", "nelle prime 48 ore")
	b.submit(p, nil).wants(http.StatusOK, "DE89 •••• 3000", "IBAN di prima", "Sostituito")
	b.submit(p, nil).wants(http.StatusOK, "DE89 •••• 3000") // pressed twice
	if n := s.count(`SELECT count(*) FROM payment_accounts WHERE state = 'to_verify' AND iban LIKE 'DE%'`); n != 1 {
		t.Errorf("%d new accounts", n)
	}

	same := b.submit(b.get(ownIBAN), url.Values{"iban": {"DE89370400440532013000"}})
	b.submit(same, nil).wants(http.StatusConflict, "Questo è già l’IBAN che abbiamo")

	// A page that is old: the account was changed in another window.
	old := b.submit(b.get(ownIBAN), url.Values{"iban": {"SM86U0322509800000000270100"}})
	other := s.login(demo.NewPsychologist, "psicoterapeuta")
	other.gives("GB29NWBK60161331926819", "Marco Rizzo")
	b.submit(old, nil).wants(http.StatusConflict, "Nel frattempo l’IBAN è cambiato", "GB29 •••• 6819")
	s.whole()
}

func TestNobodyConfirmsAnotherIBANThanTheOneTheyWereShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.NewPsychologist, "psicoterapeuta")
	shown := b.submit(b.get(ownIBAN), url.Values{"iban": {"DE89370400440532013000"}}).wants(http.StatusOK, "DE89 3704 0044 0532 0130 00")
	if strings.Contains(shown.hidden("offerta"), "89370400") {
		t.Errorf("the form carries the IBAN: %s", shown.hidden("offerta"))
	}
	b.submit(b.get(ownIBAN), url.Values{"iban": {"SM86U0322509800000000270100"}}) // in another tab
	now := b.submit(shown, nil).wants(http.StatusConflict, "Nel frattempo hai scritto un altro IBAN", "SM86 U032 2509 8000 0000 0270 100").silent("DE89 3704")
	const given = `SELECT count(*) FROM payment_accounts WHERE person_id = (SELECT id FROM persons WHERE fiscal_code = $1)`
	if n := s.count(given, string(fiscalCode(demo.NewPsychologist))); n != 0 {
		t.Errorf("%d accounts that nobody confirmed", n)
	}
	b.submit(now, nil).wants(http.StatusOK, "IBAN inserito", "SM86 •••• 0100")

	// The first tab once more, after the other account was given: it says so. The other one
	// pressed twice is shown as it is.
	const moved = "Nel frattempo l’IBAN è cambiato, quindi non abbiamo salvato niente"
	b.submit(shown, nil).wants(http.StatusConflict, moved, "SM86 •••• 0100").silent("DE89")
	b.submit(now, nil).wants(http.StatusOK, "SM86 •••• 0100").silent(moved)
	if n := s.count(given, string(fiscalCode(demo.NewPsychologist))); n != 1 {
		t.Errorf("%d accounts after one was confirmed", n)
	}

	// What was typed in a login that is over is asked for again.
	late := b.submit(b.get(ownIBAN), url.Values{"iban": {"DE89370400440532013000"}}).wants(http.StatusOK, "DE89 3704")
	fields := url.Values{"conto": {late.hidden("conto")}, "offerta": {late.hidden("offerta")}}
	again := s.login(demo.NewPsychologist, "psicoterapeuta").post(ibanConfirm, fields).wants(http.StatusOK, "SM86 •••• 0100").silent(moved)
	if again.URL.Path != ownIBAN {
		t.Errorf("it leads to %s", again.URL.Path)
	}
}

// The owner says that they never gave it: their login may be in the hands of who did.
func TestAVerifiedIBANIsStoppedByTheOffice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.account(demo.NewPsychologist)
	chiara, one := s.login(demo.INPSOfficer, "inps"), ibanQueue+"/"+id
	chiara.submit(chiara.get(one+"/verifica"), nil)
	chiara.submit(chiara.get(one+"/conferma"), nil).wants(http.StatusOK, "IBAN verificato")
	s.login(demo.INPSApprover, "inps").get(one).wants(http.StatusOK).silent("Rifiuta")
	page := chiara.get(one).wants(http.StatusOK, "Verificato").silent("Prendi in carico")
	ask := chiara.get(page.link("Rifiuta")).wants(http.StatusOK, "dice di non averlo fatto")
	chiara.submit(ask, url.Values{"motivo": {payment.Disowned}}).wants(http.StatusOK, "IBAN rifiutato")
	s.login(demo.NewPsychologist, "psicoterapeuta").get(ownIBAN).wants(http.StatusOK, "Risulta che non sei stato tu a inserire questo IBAN", "I pagamenti aspettano un altro IBAN")
	if n := s.count(`SELECT count(*) FROM audit WHERE subject_id = $1 AND action IN ('account.verified', 'account.rejected')`, id); n != 2 {
		t.Errorf("%d decisions are written", n)
	}
	s.whole()
}

func TestWhoLeftTheListStillGivesAnIBAN(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.login(demo.ExPsychologist, "psicoterapeuta").gives("IT60X0542811101000000123456", "Stefano Fontana").wants(http.StatusOK, "IBAN inserito")
}

func TestAnIBANIsRejectedWithAReasonThatItsOwnerReads(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.account(demo.NewPsychologist)
	chiara, one := s.login(demo.INPSOfficer, "inps"), ibanQueue+"/"+id
	chiara.get(one+"/rifiuta").wants(http.StatusConflict, "prima prendilo in carico")
	chiara.submit(chiara.get(one+"/verifica"), nil)
	ask := chiara.get(one+"/rifiuta").wants(http.StatusOK, "Vuoi rifiutare questo IBAN?")
	chiara.submit(ask, nil).wants(http.StatusUnprocessableEntity, "Scegli il motivo del rifiuto")
	chiara.submit(ask, url.Values{"motivo": {"brutto"}}).wants(http.StatusUnprocessableEntity, "Scegli il motivo del rifiuto")
	chiara.submit(ask, url.Values{"motivo": {payment.NotYours}}).wants(http.StatusOK, "IBAN rifiutato")
	s.login(demo.NewPsychologist, "psicoterapeuta").get(ownIBAN).
		wants(http.StatusOK, "Rifiutato", "L’IBAN non risulta intestato a te. Inserisci un altro IBAN.", "I pagamenti aspettano un altro IBAN")
}

func TestTheSecondOfTwoOfficersIsToldThatAColleagueMovedFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one := ibanQueue + "/" + s.account(demo.NewPsychologist)
	first, second := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSOfficer, "inps")
	first.submit(first.get(one+"/verifica"), nil)
	yes, no := first.get(one+"/conferma"), second.get(one+"/rifiuta")
	first.submit(yes, nil).wants(http.StatusOK, "IBAN verificato")
	first.submit(yes, nil).wants(http.StatusOK, "IBAN verificato") // pressed twice
	second.submit(no, url.Values{"motivo": {payment.ClosedAccount}}).wants(http.StatusConflict, "Nel frattempo l’IBAN è cambiato", "Verificato")
	if n := s.count(`SELECT count(*) FROM audit WHERE action IN ('account.verified', 'account.rejected') AND at >= $1`, noon); n != 1 {
		t.Errorf("decided %d times", n)
	}
}

func TestOnlyWhoPreparesJudgesAnIBANAndNobodyTheirOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one := ibanQueue + "/" + s.account(demo.INPSOfficer)
	chiara := s.login(demo.INPSOfficer, "inps")
	chiara.get(one).wants(http.StatusOK, "È il tuo IBAN: lo verifica un collega").silent("Prendi in carico")
	chiara.post(one+"/verifica", url.Values{"idem": {once.NewKey()}, "versione": {"0"}}).wants(http.StatusConflict, "lo verifica un collega")
	andrea := s.login(demo.INPSApprover, "inps")
	andrea.get(one).wants(http.StatusOK).silent("Prendi in carico")
	andrea.post(one+"/verifica", url.Values{"idem": {once.NewKey()}, "versione": {"0"}}).wants(http.StatusForbidden)
	s.login(demo.INPSPayer, "inps").get(one).wants(http.StatusForbidden)
	if n := s.count(`SELECT count(*) FROM payment_accounts WHERE state <> 'to_verify' AND id = $1`, strings.TrimPrefix(one, ibanQueue+"/")); n != 0 {
		t.Error("something was decided")
	}
}

func TestAnIBANThatWaitsTooLongIsMarkedAndOddOnesAreFlagged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.login(demo.NewPsychologist, "psicoterapeuta").gives("IT60X0542811101000000123456", "Studio Rizzo S.T.P.")
	s.login(demo.ExPsychologist, "psicoterapeuta").gives("IT60X0542811101000000123456", "Stefano Fontana")
	s.At(noon.AddDate(0, 0, 20))
	chiara := s.login(demo.INPSOfficer, "inps")
	queue := chiara.get(ibanQueue).wants(http.StatusOK, "4 IBAN aspettano oltre i tempi", "Oltre i tempi")
	chiara.get(queue.link("Marco Rizzo")).wants(http.StatusOK, "Può essere una società tra professionisti", "Un’altra persona ha inserito lo stesso IBAN")
}

func TestAPsychologistSaysWhatPeopleRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	p := b.get(ownDetails)
	b.submit(p, url.Values{"telefono": {""}}).wants(http.StatusUnprocessableEntity, "Scrivi un numero di telefono")
	b.submit(p, url.Values{"telefono": {"pronto"}}).wants(http.StatusUnprocessableEntity)
	b.submit(p, url.Values{"lingue": {}}).wants(http.StatusUnprocessableEntity, "Scegli almeno una lingua")
	b.submit(p, url.Values{"telefono": {"333 7654321"}, "lingue": {"sl", "it"}, "online": {"si"}}).wants(http.StatusOK, "Dati salvati")
	b.submit(p, url.Values{"telefono": {"333 0000000"}, "idem": {once.NewKey()}}).wants(http.StatusConflict, "Nel frattempo i dati sono stati cambiati")
	found := "/contributo-psicoterapia/domande/" + s.text(`SELECT id::text FROM applications WHERE beneficiary_id = (SELECT id FROM persons WHERE fiscal_code = $1) ORDER BY submitted_at DESC LIMIT 1`,
		string(fiscalCode(demo.Citizen))) + "/professionisti?nome=Bianchi+Giulia&lingua=sl"
	maria := s.login(demo.Citizen, "cittadino")
	maria.get(found).wants(http.StatusOK, "Bianchi Giulia", "3337654321")
	b.submit(b.get(ownDetails), url.Values{"visibile": {"no"}}).wants(http.StatusOK, "Dati salvati")
	maria.get(found).wants(http.StatusOK).silent("3337654321")
}

// Nothing of what a psychologist types as an IBAN gets into the log.
func TestAnIBANIsNotLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.NewPsychologist, "psicoterapeuta")
	b.gives("IT60X0542811101000000123456", "Marco Rizzo")
	b.submit(b.get(ownIBAN), url.Values{"iban": {"IT61X0542811101000000123456"}})
	if log := s.Logged.String(); strings.Contains(log, "0542811101") {
		t.Error(log)
	}
}
