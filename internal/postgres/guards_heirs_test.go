package postgres_test

// guardedHeirs is guarded, for what heirs sign, what the office registered of their
// messages, and what is asked of one of them: see guardedIndemnity for who is who.
var guardedHeirs = map[string][]string{
	"heir_signs_by_a_known_way": {
		anHeir + `UPDATE heirs SET signed_at = now(), signed_by = 'fax'`, anHeir + `UPDATE heirs SET signed_at = now()`, anHeir + `UPDATE heirs SET signed_by = 'pec'`},
	"heir_signs_in_the_portal_once_linked": {anHeir + `UPDATE heirs SET signed_at = now(), signed_by = 'portal'`},
	"heir_declares_what_they_sign":         {anHeir + `UPDATE heirs SET declared = '[1]'`},
	"heir_signature_stays": {
		anHeir + signedByPEC + `UPDATE heirs SET signed_at = NULL, signed_by = ''`, anHeir + signedByPEC + `UPDATE heirs SET signed_at = now() - interval '1 second'`,
		anHeir + signedByPEC + `UPDATE heirs SET declared = '[1]'`, anHeir + signedByPEC + `UPDATE heirs SET person_id = {anna}, linked_at = now(), signed_by = 'portal'`},

	"pec_corrections_start_at_one":                    {aMessage + rightedRow(`0, '2026-06-10 23:59:58', '2026-06-10 23:59:59', 'x', now()`)},
	"pec_correction_says_why":                         {aMessage + rightedRow(`1, '2026-06-10 23:59:58', '2026-06-10 23:59:59', '', now()`)},
	"corrected_pec_is_delivered_after_it_is_accepted": {aMessage + rightedRow(`1, '2026-06-10 23:59:59', '2026-06-10 23:59:58', 'x', now()`)},
	"corrected_pec_is_recorded_after_it_is_delivered": {aMessage + rightedRow(`1, '2026-06-10 23:59:58', '2026-06-10 23:59:59', 'x', '2026-06-10'`)},
	"pec_corrections_only_grow":                       {`UPDATE pec_corrections SET why = 'y'`, `DELETE FROM pec_corrections`, `TRUNCATE pec_corrections`},

	"request_stays_to_its_heir": {anHeir + requestRow(`'supplement', 'x', 15, NULL, '', NULL, 'open'`) + `UPDATE indemnity_requests SET heir_id = (SELECT id FROM heirs)`},
	"request_is_to_an_heir_of_its_case": {
		anHeir + indemnityRow(`'B-2', 'member', 'portal', {giulia}, NULL, '[2026-05-22,2026-05-29]', sha256('')`) +
			`INSERT INTO indemnity_requests (id, application_id, heir_id, asked_by, asked_at, kind, text, days) SELECT gen_random_uuid(), a.id, h.id, {maria}, now(), 'supplement', 'x', 15
				FROM indemnity_applications a, heirs h WHERE a.protocol = 'B-2'`},
}

const signedByPEC = `UPDATE heirs SET signed_at = now(), signed_by = 'pec'; `

var aMessage = anApplication + pecRow(`'2026-06-10 23:59:58', '2026-06-10 23:59:59', '2026-06-11'`)

func rightedRow(values string) string {
	return `INSERT INTO pec_corrections (message_id, sender, recorded_by, number, accepted_at, delivered_at, why, recorded_at) SELECT id, 'x', {maria}, ` + values + ` FROM pec_messages; `
}
