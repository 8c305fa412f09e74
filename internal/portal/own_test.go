package portal_test

import (
	"strings"

	"portal/internal/demo"
	"portal/internal/identity"
)

// own puts the ids of a persona's own things into addresses; of the child's for a
// hint that is no persona's.
func (s *site) own(hint demo.Hint) func(route string) string {
	s.Helper()
	code := demo.Child.FiscalCode
	for _, p := range demo.Personas {
		if p.Hint == hint {
			code = p.FiscalCode
		}
	}
	var application, booking, message string
	column := "beneficiary_id"
	if strings.HasPrefix(hint, "psic") {
		column = "professional_id"
	}
	err := s.Pool.QueryRow(s.Context(), `
		SELECT coalesce((SELECT a.id::text FROM applications a WHERE a.beneficiary_id = p.id ORDER BY a.submitted_at DESC LIMIT 1), ''),
			coalesce((SELECT b.id::text FROM bookings b WHERE CASE $2 WHEN 'beneficiary_id' THEN b.beneficiary_id ELSE b.professional_id END = p.id
				AND b.state = 'booked' ORDER BY b.day DESC LIMIT 1), ''),
			gen_random_uuid()::text
		FROM persons p WHERE p.fiscal_code = $1`, string(code), column).Scan(&application, &booking, &message)
	if err != nil {
		s.Fatal(err)
	}
	return func(route string) string {
		id := booking
		switch {
		case strings.Contains(route, "{token}"):
			return strings.ReplaceAll(route, "{token}", s.ownFeed(code))
		case strings.Contains(route, "/enpap/riesami/{id}"), strings.Contains(route, memberCases+"/{id}/riesame"):
			kase, review, paper := s.ownCaseReview(code)
			if id = kase; strings.Contains(route, "/enpap/") {
				id = review
			}
			route = strings.NewReplacer("{riesame}", review, "{documento}", paper).Replace(route)
		case strings.Contains(route, memberCases+"/{id}/pagamento"):
			var order string
			if err := s.Pool.QueryRow(s.Context(), `
				SELECT application, paid FROM (
					SELECT l.application_id::text, o.id::text, 1 FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id
					JOIN persons p ON p.id = o.payee_id WHERE l.application_id IS NOT NULL AND o.state = 'paid' AND p.fiscal_code = $1
					UNION ALL SELECT gen_random_uuid()::text, gen_random_uuid()::text, 2) x (application, paid, place)
				ORDER BY place LIMIT 1`, string(code)).Scan(&id, &order); err != nil {
				s.Fatal(err)
			}
			route = strings.ReplaceAll(route, "{pagamento}", order)
		case strings.Contains(route, memberCases+"/{id}") && !strings.Contains(route, "/compila") && !strings.Contains(route, "/elimina"):
			var request, paper string
			id, request, paper = s.ownIndemnityCase(code)
			route = s.ownThread(id, strings.NewReplacer("{richiesta}", request, "{voce}", "V6", "{documento}", paper).Replace(route))
		case strings.Contains(route, memberCases+"/{id}"):
			id = s.ownIndemnityDraft(code)
			route = strings.NewReplacer("{stop}", "aggiungi", "{file}", "fronte", "{documento}", s.ownPaper(id)).Replace(route)
		case strings.Contains(route, "/enpap/pagamenti/{id}"), strings.Contains(route, "/{pagato}/"):
			run, order, application := s.ownCasePayment()
			if id = run; strings.Contains(route, "/{pagato}/") {
				id = application
			}
			route = strings.NewReplacer("{pagamento}", order, "{pagato}", application).Replace(route)
		case strings.Contains(route, "/graduatorie/{bando}/domande/{id}"):
			id = s.ownWaited()
			route = strings.ReplaceAll(route, "{bando}", s.text(`SELECT call_id FROM indemnity_applications WHERE id::text = $1`, id))
		case strings.Contains(route, "/graduatorie/{bando}/simulazioni/{id}"), strings.Contains(route, "-infortunio/graduatorie/{bando}"):
			id = s.ownRanking()
			route = strings.ReplaceAll(route, "{bando}", "2026-05")
		case strings.Contains(route, "{campione}"), strings.Contains(route, "{controllo}"), strings.Contains(route, "{recupero}"), strings.Contains(route, "{pubblicazione}"):
			sample, control, recovery := s.ownControls()
			route = strings.NewReplacer("{campione}", sample, "{controllo}", control, "{recupero}", recovery, "{pubblicazione}", "1").Replace(route)
		case strings.Contains(route, "/enpap/domande/{id}"), strings.Contains(route, "/enpap/approvazioni/{id}"):
			var heir, paper string
			id, heir, paper = s.ownHeirsCase()
			if strings.Contains(route, "{richiesta}") {
				route = strings.ReplaceAll(route, "{richiesta}", s.ownRequest(id))
			}
			route = s.ownThread(id, strings.NewReplacer("{erede}", heir, "{documento}", paper, "{voce}", "V6", "{messaggio}", s.ownMessage(id)).Replace(route))
		case strings.Contains(route, "/domande/nuova/{id}"):
			id = s.ownDraft(code)
		case strings.Contains(route, "/inps/domande/{id}"):
			id = s.text(`SELECT id::text FROM applications ORDER BY protocol LIMIT 1`)
		case strings.Contains(route, "/segnalazioni/{id}") && strings.Contains(route, "/inps/"):
			id = s.ownDispute(code, strings.HasSuffix(route, "/esecuzione"))
		case strings.Contains(route, "/sportello/sedute/{id}"), strings.Contains(route, "/inps/sedute/{id}"):
			id = s.text(`SELECT id::text FROM bookings WHERE state = 'booked' ORDER BY day DESC, id LIMIT 1`)
		case strings.Contains(route, "/inps/chiusure/{id}"):
			id = s.ownClosure()
		case strings.Contains(route, "/inps/casi/{id}"):
			id = s.ownCase()
		case strings.Contains(route, "/inps/codici/{id}/sedute/"):
			id = s.text(`SELECT v.id::text FROM vouchers v JOIN bookings b ON b.voucher_id = v.id WHERE v.state = 'active' ORDER BY b.day, b.id LIMIT 1`)
		case strings.Contains(route, "/inps/codici/{id}"):
			id = s.text(`SELECT id::text FROM vouchers WHERE state = 'active' ORDER BY last_day DESC, id LIMIT 1`)
		case strings.Contains(route, "/domande/{id}"):
			id = application
		case strings.Contains(route, "/fatture/{id}"):
			id = s.ownInvoice(code)
		case strings.Contains(route, "/professionisti/pagamenti/{id}"):
			id = s.ownPayment(code)
		case strings.Contains(route, "/messaggi/{id}"):
			id = message
		case strings.Contains(route, "/deleghe/{id}"):
			id = s.ownMandate(code)
		case strings.Contains(route, "/riesami/{id}"):
			id, _ = s.ownReview(code)
		case strings.Contains(route, "/documenti/{id}"):
			_, id = s.ownReview(code)
		case strings.Contains(route, "/cnop/invii/{id}"), strings.Contains(route, "/professionisti/invii/{id}"):
			id = s.text(`SELECT id::text FROM deliveries WHERE state = 'applied'`)
		case strings.Contains(route, "/cnop/elenco/{id}"), strings.Contains(route, "/inps/professionisti/{id}"):
			id = s.text(`SELECT p.id::text FROM persons p WHERE p.fiscal_code = $1`, string(fiscalCode(demo.Psychologist)))
		case strings.Contains(route, "/cnop/segnalazioni/{id}"):
			id = s.text(`INSERT INTO list_reports (person_id, text, asked_by, asked_at) SELECT id, 'Non risulta.', id, now() FROM persons WHERE fiscal_code = $1 RETURNING id::text`,
				string(fiscalCode(demo.Psychologist)))
		case strings.Contains(route, "/controlli/fascicoli/{id}"):
			var paper string
			id, paper = s.ownFile()
			route = strings.NewReplacer("{scheda}", "note", "{voce}", "V6", "{richiesta}", s.ownRequest(id), "{dato}", "name.1", "{documento}", paper).Replace(route)
		case strings.Contains(route, "/controlli/graduatorie/{id}"):
			id = s.text(`SELECT id::text FROM ranking_runs WHERE state = 'published' ORDER BY edition_id DESC, number LIMIT 1`)
		case strings.Contains(route, "/inps/simulazioni/{id}"), strings.Contains(route, "/inps/pubblicazioni/{id}"):
			id = s.text(`SELECT id::text FROM ranking_runs WHERE state = 'published' ORDER BY edition_id DESC, number LIMIT 1`)
		case strings.Contains(route, "/inps/scorrimenti/{id}"):
			id = s.reallocation()
		case strings.Contains(route, "/inps/iban/{id}"):
			id = s.account(demo.Psychologist)
		case strings.Contains(route, "/amministrazione/testi/"):
			route = strings.ReplaceAll(route, "{chiave}", "ui.logout")
			if strings.Contains(route, "{id}") {
				id = s.ownWording()
			}
		case strings.Contains(route, "/amministrazione/"):
			id, route = s.ownRole(route)
		case strings.Contains(route, "/importazioni/{id}"):
			id = s.refusedImport()
		case strings.Contains(route, "/inps/pagamenti/{id}"):
			run, order := s.anyRun()
			id, route = run, strings.ReplaceAll(route, "{pagamento}", order)
		}
		if strings.Contains(route, "{pid}") {
			route = strings.ReplaceAll(route, "{pid}", s.text(`SELECT coalesce((SELECT b.professional_id FROM bookings b JOIN vouchers v ON v.id = b.voucher_id
				WHERE v.application_id::text = $1 LIMIT 1), gen_random_uuid())::text`, application))
		}
		if strings.Contains(route, "{riga}") {
			route = strings.ReplaceAll(route, "{riga}", s.text(`SELECT subject_id::text FROM closure_rows WHERE closure_id = $1`, id))
		}
		if strings.Contains(route, "{seduta}") {
			route = strings.ReplaceAll(route, "{seduta}", s.text(`SELECT id::text FROM bookings WHERE voucher_id = $1 UNION ALL SELECT gen_random_uuid()::text LIMIT 1`, id))
		}
		if strings.Contains(route, "{trasferimento}") {
			route = strings.ReplaceAll(route, "{trasferimento}", s.transfer())
		}
		if strings.Contains(route, "{vista}") {
			route = strings.ReplaceAll(route, "{vista}", s.ownView(code))
		}
		if strings.Contains(route, "/bandi/{bando}/sezione/") {
			route = strings.ReplaceAll(route, "{sezione}", "punteggi")
		}
		return strings.NewReplacer("{pagina}", "1", "{bando}", "2026-11", "{modello}", "di-nuovo-documento", "{id}", id, "/static/*", "/static/x", "{edizione}", "prova-2", "{territorio}", "lazio", "{sezione}", "fasce").Replace(route)
	}
}

// ownRole is what an address of administration names: a colleague of INPS with their role,
// one that was proposed, a planned stop.
func (s *site) ownRole(route string) (id, filled string) {
	s.Helper()
	administrator := string(fiscalCode(demo.Confirmer))
	switch {
	case strings.Contains(route, "/proposte/"):
		id = s.text(`INSERT INTO grant_proposals (id, proposed_at, person_id, role, duty, from_day, grounds, proposed_by)
			SELECT gen_random_uuid(), now(), o.id, 'cnop', 'prepare', '2026-12-01', 'x', a.id FROM persons o, persons a WHERE o.fiscal_code = $1 AND a.fiscal_code = $2
			ON CONFLICT (person_id, role, duty) WHERE state = 'proposed' DO UPDATE SET proposed_at = grant_proposals.proposed_at RETURNING id::text`, string(fiscalCode(demo.NewPsychologist)), administrator)
	case strings.Contains(route, "/eliminazioni/"):
		id = s.proposedErasure(administrator)
	case strings.Contains(route, "/vincoli/"):
		id = s.placedHold(administrator)
	case strings.Contains(route, "/conservazione/"):
		route = strings.ReplaceAll(route, "{classe}", "messaggi")
	case strings.Contains(route, "/parametri/"):
		id = s.proposedParameters(administrator)
	case strings.Contains(route, "/servizio/"):
		s.exec(`INSERT INTO planned_stops (id, says, during, planned_by, planned_at)
			SELECT gen_random_uuid(), 'x', '[2027-06-01,2027-06-02)', id, now() FROM persons WHERE fiscal_code = $1 ON CONFLICT DO NOTHING`, administrator)
		id = s.text(`SELECT id::text FROM planned_stops LIMIT 1`)
	default:
		id = s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.INPSOfficer)))
		route = strings.ReplaceAll(route, "{ruolo}", s.text(`SELECT id::text FROM role_grants WHERE person_id = $1 AND role = 'inps'`, id))
	}
	return id, strings.ReplaceAll(route, "{nome}", "broker")
}

// ownDraft is a draft of somebody's, begun when the window of its edition was open.
func (s *site) ownDraft(code identity.FiscalCode) (id string) {
	s.Helper()
	err := s.Pool.QueryRow(s.Context(), `
		INSERT INTO application_drafts (edition_id, applicant_id, fiscal_code, answers, started_at, saved_at)
		SELECT '2025', id, fiscal_code, '{"of": {"tie": "self"}}', now(), now() FROM persons WHERE fiscal_code = $1
		ON CONFLICT ON CONSTRAINT draft_is_one_for_each_beneficiary DO UPDATE SET saved_at = now() RETURNING id`, string(code)).Scan(&id)
	if err != nil {
		s.Fatal(err)
	}
	return id
}

// ownIndemnityCase is an application of somebody's for the indemnity, with what was asked
// about it and a paper of it; made-up names where there is none.
func (s *site) ownIndemnityCase(code identity.FiscalCode) (id, request, paper string) {
	s.Helper()
	err := s.Pool.QueryRow(s.Context(), `
		SELECT coalesce(a.id, gen_random_uuid())::text, coalesce((SELECT q.id FROM indemnity_requests q WHERE q.application_id = a.id LIMIT 1), gen_random_uuid())::text,
			coalesce((SELECT x.id FROM indemnity_papers x WHERE x.case_id = a.id LIMIT 1), gen_random_uuid())::text
		FROM persons p LEFT JOIN indemnity_applications a ON a.member_id = p.id WHERE p.fiscal_code = $1 LIMIT 1`, string(code)).Scan(&id, &request, &paper)
	if err != nil {
		s.Fatal(err)
	}
	return id, request, paper
}

// ownPaper is a certificate of a draft.
func (s *site) ownPaper(draft string) string {
	s.Helper()
	return s.text(`INSERT INTO indemnity_papers (id, case_id, kind, added_by, added_at)
		SELECT gen_random_uuid(), id, 'initial_prognosis', member_id, now() FROM indemnity_drafts WHERE id = $1 RETURNING id::text`, draft)
}

// ownIndemnityDraft is a draft of somebody's for the indemnity, the first there is.
func (s *site) ownIndemnityDraft(code identity.FiscalCode) string {
	s.Helper()
	return s.text(`
		WITH old AS (SELECT d.id FROM indemnity_drafts d JOIN persons p ON p.id = d.member_id WHERE p.fiscal_code = $1 AND d.sent_at IS NULL ORDER BY d.started_at, d.id LIMIT 1),
		new AS (
			INSERT INTO indemnity_drafts (id, member_id, answers, started_at, saved_at)
			SELECT gen_random_uuid(), id, '{"cause": "illness", "first": "2026-11-02", "last": "2026-11-18"}', now(), now() FROM persons
			WHERE fiscal_code = $1 AND NOT EXISTS (SELECT FROM old) RETURNING id)
		SELECT id::text FROM old UNION ALL SELECT id::text FROM new`, string(code))
}
