package portal_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/ui"
)

// ownPayment is an order to somebody's account, paid on the day before: of every session
// that is held and not invoiced. For who has none it is an order of nothing at all.
func (s *site) ownPayment(code identity.FiscalCode) (id string) {
	s.Helper()
	if id = s.text(`SELECT coalesce((SELECT o.id::text FROM payment_orders o JOIN persons p ON p.id = o.payee_id WHERE p.fiscal_code = $1 LIMIT 1), '')`, string(code)); id != "" {
		return id
	}
	s.confirmOne(code)
	if s.count(`SELECT count(*) FROM bookings b JOIN persons p ON p.id = b.professional_id WHERE p.fiscal_code = $1 AND b.state = 'held' AND b.claimed_cents IS NULL AND NOT EXISTS (SELECT FROM disputes d WHERE d.booking_id = b.id AND (d.recover_cents > 0 OR d.holds AND d.state IN ('open', 'proposed')))`, string(code)) == 0 {
		return s.text(`SELECT gen_random_uuid()::text`)
	}
	day := calendar.On(noon).Add(-1)
	for _, sql := range []string{
		`INSERT INTO invoices (id, professional_id, beneficiary_id, number, issued_on, amount_cents, state, received_at, changed_at)
		 SELECT b.id, professional_id, beneficiary_id, b.id::text::char(8), day, amount_cents, 'accepted', $2::date, $2::date
		 FROM bookings b JOIN persons p ON p.id = b.professional_id WHERE p.fiscal_code = $1 AND b.state = 'held' AND b.claimed_cents IS NULL AND NOT EXISTS (SELECT FROM disputes d WHERE d.booking_id = b.id AND (d.recover_cents > 0 OR d.holds AND d.state IN ('open', 'proposed')))`,
		`INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents)
		 SELECT i.id, i.id, i.professional_id, i.beneficiary_id, i.amount_cents FROM invoices i JOIN persons p ON p.id = i.professional_id
		 WHERE p.fiscal_code = $1 AND i.received_at = $2::date AND NOT EXISTS (SELECT FROM invoice_sessions x WHERE x.invoice_id = i.id)`,
		`UPDATE bookings b SET claimed_cents = b.amount_cents FROM invoices i, persons p WHERE i.id = b.id AND p.id = b.professional_id AND p.fiscal_code = $1 AND i.received_at = $2::date`,
		`INSERT INTO payment_accounts (person_id, iban, holder, state, submitted_at, usable_from, expected_by, decided_by, decided_at)
		 SELECT p.id, 'IT60X0542811101000000123456', p.given_name, 'verified', $2::date - 30, $2::date - 28, $2::date, o.person_id, $2::date - 20
		 FROM persons p, role_grants o WHERE p.fiscal_code = $1 AND o.role = 'inps' AND o.duty = 'prepare'
			AND NOT EXISTS (SELECT FROM payment_accounts a WHERE a.person_id = p.id AND a.state <> 'replaced')`,
		`INSERT INTO payment_runs (id, programme, number, month, state, prepared_by, prepared_at, digest, frozen_at, proposed_by, proposed_at, decided_by, decided_at,
			sent_by, sent_at, file_digest, execute_on, settled_at, debtor_name, debtor_iban, orders, amount_cents, sent_orders, sent_cents)
		 SELECT md5($1)::uuid, 'voucher', (SELECT coalesce(max(number), 0) + 1 FROM payment_runs), date_trunc('month', $2::date), 'settled', a.person_id, $2::date, 'x', $2::date, a.person_id, $2::date, b.person_id, $2::date,
			c.person_id, $2::date, 'x', $2::date, $2::date, 'INPS', 'IT60X0542811101000000123456', 1, m.cents, 1, m.cents
		 FROM role_grants a, role_grants b, role_grants c,
			(SELECT greatest(sum(i.amount_cents), 1) AS cents FROM invoices i JOIN persons p ON p.id = i.professional_id WHERE p.fiscal_code = $1 AND i.received_at = $2::date) m
		 WHERE (a.role, a.duty) = ('inps', 'prepare') AND (b.role, b.duty) = ('inps', 'approve') AND (c.role, c.duty) = ('inps', 'pay')`,
		`INSERT INTO payment_orders (id, run_id, number, end_to_end, payee_id, account_id, iban, holder, amount_cents, state, reference, value_day, outcome_at)
		 SELECT md5('order' || $1)::uuid, md5($1)::uuid, 1, left('PSI' || p.id, 35), p.id, a.id, a.iban, a.holder,
			greatest((SELECT sum(amount_cents) FROM invoices i WHERE i.professional_id = p.id AND i.received_at = $2::date), 1), 'paid', 'CRO0123456789', $2::date, $2::date
		 FROM persons p JOIN payment_accounts a ON a.person_id = p.id AND a.state <> 'replaced' WHERE p.fiscal_code = $1`,
		`INSERT INTO payment_lines (order_id, order_state, booking_id, invoice_id, edition_id, territory, amount_cents)
		 SELECT md5('order' || $1)::uuid, 'paid', i.id, i.id, a.edition_id, a.territory, i.amount_cents
		 FROM invoices i JOIN persons p ON p.id = i.professional_id JOIN bookings b ON b.id = i.id JOIN vouchers v ON v.id = b.voucher_id JOIN applications a ON a.id = v.application_id
		 WHERE p.fiscal_code = $1 AND i.received_at = $2::date`,
	} {
		if _, err := s.Pool.Exec(s.Context(), strings.ReplaceAll(sql, "$2", "'"+day.String()+"'"), string(code)); err != nil {
			s.Fatalf("%s: %v", sql, err)
		}
	}
	return s.text(`SELECT md5('order' || $1)::uuid::text`, string(code))
}

// confirmOne confirms the first session of a professional that can be.
func (s *site) confirmOne(code identity.FiscalCode) {
	s.Helper()
	var booking, of string
	err := s.Pool.QueryRow(s.Context(), `SELECT b.id, p.id FROM bookings b JOIN persons p ON p.id = b.professional_id
		WHERE p.fiscal_code = $1 AND b.state = 'booked' AND b.day < $2 ORDER BY b.day LIMIT 1`, string(code), calendar.On(noon)).Scan(&booking, &of)
	if errors.Is(err, pgx.ErrNoRows) {
		return
	}
	if err != nil {
		s.Fatal(err)
	}
	who := identity.Own(identity.PersonID(of), identity.Psychologist)
	form, err := once.New(who.Person, "voucher.confirm", once.NewKey(), url.Values{})
	if err == nil {
		err = s.Portal.Vouchers.Confirm(s.Context(), who, form, voucher.BookingID(booking))
	}
	if err != nil {
		s.Fatal(err)
	}
}

func TestMoneyAtRiskIsSavedInTwoClicks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	list := b.get(agenda).wants(http.StatusOK, "Da confermare 3", "ore 23:59, conferma e fattura tutte le sedute: dopo, INPS annulla quelle incomplete.")
	risk := b.get(list.link("Vedi le")).wants(http.StatusOK, "Sedute da completare", "Conferma 3 sedute", "Inserisci fattura")
	ask := b.get(risk.link("Conferma 3 sedute")).wants(http.StatusOK, "Confermi che queste 3 sedute si sono svolte?")
	b.submit(ask, with(url.Values{"dichiarazione": {"on"}})).wants(http.StatusOK, "3 sedute confermate", "Da confermare 0")
	b.get("/professionisti/a-rischio").wants(http.StatusOK, "Da fatturare").silent("Da confermare")
	s.whole()
}

func TestThePagesOfPaymentsShowTheSameNumbers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	var id, reference string
	var value calendar.Date
	var paid int
	if err := s.Pool.QueryRow(t.Context(), `SELECT o.id, o.reference, o.value_day,
			(SELECT count(*) FROM payment_lines l JOIN payment_orders x ON x.id = l.order_id WHERE x.payee_id = p.id AND x.state = 'paid' AND extract(year FROM x.value_day) = 2026)
		FROM payment_orders o JOIN persons p ON p.id = o.payee_id WHERE p.fiscal_code = $1 AND o.state = 'paid' ORDER BY o.value_day DESC LIMIT 1`,
		string(fiscalCode(demo.Psychologist))).Scan(&id, &reference, &value, &paid); err != nil {
		t.Fatal(err)
	}
	b.get("/professionisti/pagamenti").wants(http.StatusOK, "Dove sono i soldi delle tue sedute", "Pagato", reference, ui.ShortDay(value), "Scarica la certificazione (PDF)").
		silent("Senza IBAN verificato")
	b.get("/professionisti/pagamenti/"+id).wants(http.StatusOK, "INPS ha pagato con valuta del "+ui.Day(value), "Lotto n.")
	csv := b.get("/professionisti/pagamenti/estratto.csv?anno=2026")
	if n := strings.Count(strings.TrimSpace(csv.Body), "\r\n"); n != paid || strings.Contains(csv.Body, "Rossi") {
		t.Errorf("%d sessions were paid, the statement has %d:\n%s", paid, n, csv.Body)
	}
	for _, path := range []string{"estratto.pdf?anno=2026", "certificazione.pdf?anno=2026", "certificazione.pdf?anno=2024"} {
		if got := b.get("/professionisti/pagamenti/" + path); got.Status != http.StatusOK || !strings.HasPrefix(got.Body, "%PDF-") {
			t.Errorf("%s is no document: %d", path, got.Status)
		}
	}
	b.get("/professionisti/pagamenti/estratto.csv?anno=ieri").wants(http.StatusUnprocessableEntity)
	s.login(demo.NewPsychologist, "psicoterapeuta").get("/professionisti/pagamenti/" + id).wants(http.StatusNotFound)
}

func TestTheOfficeSeesHowFarTheMoneyGot(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ownPayment(fiscalCode(demo.Psychologist))
	b := s.login(demo.INPSOfficer, "inps")
	b.get(b.get("/gestione/inps").link("Il percorso del denaro")).wants(http.StatusOK, "Percorso per regione", "Lazio", "Totale")
	if csv := b.get("/gestione/inps/percorso.csv?annualita=prova-2"); !strings.Contains(csv.Body, "Lazio;") || strings.Count(csv.Body, "\r\n") != 22 {
		t.Errorf("the file is\n%s", csv.Body)
	}
	b.get("/gestione/inps/risorse/prova-2").wants(http.StatusOK, "Pagate", "Trattenute")
	form := b.get("/gestione/inps/risorse/prova-2/trasferimenti").wants(http.StatusOK, "Quota dell’annualità", "Fondo di prova")
	transfer := with(url.Values{"territorio": {"Lazio"}, "importo": {"1000,00"}, "atto": {"Determinazione 7"}, "tranche": {"Fondo di prova"}}, day("giorno", calendar.On(noon)))
	b.submit(form, with(transfer, url.Values{"tranche": {"altro"}})).wants(http.StatusUnprocessableEntity, "Scegli una quota di questa annualità")
	b.submit(form, transfer).wants(http.StatusOK, "Determinazione 7", "Fondo di prova")
}
