package postgres_test

// guardedInvoices is guarded, for the data of invoices and what they claim of sessions.
var guardedInvoices = map[string][]string{
	"only_a_held_session_is_invoiced": {`UPDATE bookings SET claimed_cents = 1 WHERE id = {booking}`,
		held + `UPDATE bookings SET claimed_cents = amount_cents + 1 WHERE id = {booking}`, held + `UPDATE bookings SET claimed_cents = 0 WHERE id = {booking}`},
	"booking_has_its_people":              nil, // an index for the claims: the primary key is broken first
	"only_a_held_session_is_acknowledged": {`UPDATE bookings SET acknowledged_at = now(), acknowledged_by = {maria} WHERE id = {booking}`},
	"acknowledgement_has_author_and_time": {held + `UPDATE bookings SET acknowledged_at = now() WHERE id = {booking}`, held + `UPDATE bookings SET acknowledged_by = {maria} WHERE id = {booking}`},

	"invoice_has_its_people":            nil, // an index for the claims: the primary key is broken first
	"invoice_state_is_known":            {invoice(`'1', 5000, 'lost', '', NULL, NULL`)},
	"invoice_has_a_number":              {invoice(`'', 5000, 'accepted', '', NULL, NULL`), invoice(`' 1', 5000, 'accepted', '', NULL, NULL`), invoice(`repeat('1', 41), 5000, 'accepted', '', NULL, NULL`)},
	"invoice_is_worth_something":        {invoice(`'1', 0, 'accepted', '', NULL, NULL`)},
	"invoice_to_correct_says_what":      {invoice(`'1', 5000, 'to_correct', '', NULL, NULL`), invoice(`'1', 5000, 'accepted', 'why', NULL, NULL`), invoice(`'1', 5000, 'to_correct', 'why', NULL, NULL`)},
	"invoice_was_looked_at_by_somebody": {invoice(`'1', 5000, 'accepted', '', NULL, {anna}`) + `UPDATE invoices SET decided_at = NULL`},
	"nobody_looks_at_their_own_invoice": {invoice(`'1', 5000, 'accepted', '', NULL, {giulia}`)},
	"invoice_number_is_used_once_a_year": {
		invoice(`'1/a', 5000, 'accepted', '', NULL, NULL`) + invoice(`'1 / A', 5000, 'in_review', '', NULL, NULL`)},
	"invoices_are_kept":         {`DELETE FROM invoices`, `TRUNCATE invoices CASCADE`},
	"invoice_changes_only_grow": {`UPDATE invoice_changes SET number = '2'`, `DELETE FROM invoice_changes`, `TRUNCATE invoice_changes`},

	"session_is_claimed_by_its_own_professional": {accepted + claim(`{anna}, beneficiary_id, 1`), accepted + claim(`professional_id, {anna}, 1`)},
	"invoice_is_for_sessions_of_its_people": {
		accepted + `UPDATE invoices SET professional_id = {anna}; ` + claim(`{anna}, beneficiary_id, 1`)},
	"claim_asks_for_something":   {accepted + claim(`professional_id, beneficiary_id, 0`)},
	"session_is_invoiced_once":   {accepted + claim(`professional_id, beneficiary_id, 1`) + invoice(`'2', 5000, 'accepted', '', NULL, NULL`) + claim(`professional_id, beneficiary_id, 1`)},
	"invoiced_sessions_are_kept": {`DELETE FROM invoice_sessions`, `TRUNCATE invoice_sessions`},
}

// invoice is one of Giulia's to Maria: its number, amount, state, what is to be
// corrected, by when, and who looked at it.
func invoice(values string) string {
	return `INSERT INTO invoices (professional_id, beneficiary_id, issued_on, received_at, changed_at, decided_at, number, amount_cents, state, reason, correct_by, decided_by)
		SELECT {giulia}, {maria}, '2026-03-02', now(), now(), CASE WHEN x.by IS NOT NULL THEN now() END, x.*
		FROM (VALUES (` + values + `)) AS v(number, amount, state, reason, correct_by, by)
		CROSS JOIN LATERAL (SELECT v.number, v.amount, v.state, v.reason, v.correct_by::date, v.by::uuid) x; `
}

var accepted = invoice(`'1', 5000, 'accepted', '', NULL, NULL`)

// claim is what the newest invoice claims of the booking: for whom, and how much.
func claim(values string) string {
	return `INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents)
		SELECT id, {booking}, ` + values + ` FROM invoices ORDER BY number DESC LIMIT 1; `
}
