package postgres_test

import "strings"

// guardedClosures says how to break the guards of what the office closes and gives back.
var guardedClosures = map[string][]string{
	"closure_is_numbered_once":                 {closure(1, `'proposed', {maria}, NULL, NULL, '', NULL`) + strings.Replace(closure(1, `'proposed', {maria}, NULL, NULL, '', NULL`), "'lapse'", "'annulment'", 1)},
	"closure_kind_is_known":                    {strings.Replace(closure(1, `'proposed', {maria}, NULL, NULL, '', NULL`), "'lapse'", "'other'", 1)},
	"closure_state_is_known":                   {closure(1, `'lost', {maria}, {anna}, now(), '', NULL`)},
	"returned_closure_says_why":                {closure(1, `'returned', {maria}, {anna}, now(), '', NULL`)},
	"approved_closure_has_a_second_person":     {closure(1, `'approved', {maria}, NULL, NULL, '', NULL`), closure(1, `'returned', {maria}, {anna}, NULL, 'x', NULL`)},
	"nobody_approves_a_closure_they_confirmed": {closure(1, `'approved', {maria}, {maria}, now(), '', NULL`)},
	"done_closure_has_its_time":                {closure(1, `'done', {maria}, {anna}, now(), '', NULL`), closure(1, `'proposed', {maria}, NULL, NULL, '', now()`)},
	"one_closure_of_a_kind_at_a_time":          {closure(1, `'proposed', {maria}, NULL, NULL, '', NULL`) + closure(2, `'approved', {maria}, {anna}, now(), '', NULL`)},
	"closures_are_kept":                        {`DELETE FROM closures`, `TRUNCATE closures CASCADE`},
	"closure_goes_forward": {
		closure(1, `'proposed', {maria}, NULL, NULL, '', NULL`) + `UPDATE closures SET state = 'done', decided_by = {anna}, decided_at = now(), done_at = now()`,
		closure(1, `'approved', {maria}, {anna}, now(), '', NULL`) + `UPDATE closures SET state = 'proposed'`,
		closure(1, `'approved', {maria}, {anna}, now(), '', NULL`) + `UPDATE closures SET decided_by = {giulia}`,
		closure(1, `'proposed', {maria}, NULL, NULL, '', NULL`) + `UPDATE closures SET prepared_by = {anna}`},
	"closure_ground_is_known":  {closureRow(`'rain', '', '', NULL`)},
	"closure_outcome_is_known": {closureRow(`'no_first_session', '', 'lost', now()`)},
	"closed_row_has_its_time":  {closureRow(`'no_first_session', '', 'saved', NULL`), closureRow(`'no_first_session', '', '', now()`)},
	"spared_row_is_not_closed": {closureRow(`'no_first_session', 'x', 'closed', now()`)},
	"closure_rows_are_kept":    {`DELETE FROM closure_rows`, `TRUNCATE closure_rows`},
	"closure_is_frozen": {
		closureRow(`'no_first_session', '', '', NULL`) + approveClosure + `INSERT INTO closure_rows (closure_id, subject_id, voucher_id, ground, term, amount_cents) SELECT closure_id, {booking}, voucher_id, ground, term, 1 FROM closure_rows`,
		closureRow(`'no_first_session', '', '', NULL`) + approveClosure + `UPDATE closure_rows SET spared_why = 'x'`,
		closureRow(`'no_first_session', '', '', NULL`) + `UPDATE closure_rows SET amount_cents = 2`,
		closureRow(`'no_first_session', '', '', NULL`) + `UPDATE closure_rows SET outcome = 'closed', done_at = now()`,
		closureRow(`'no_first_session', '', '', NULL`) + approveClosure + `UPDATE closure_rows SET outcome = 'closed', done_at = now(); UPDATE closure_rows SET outcome = 'saved'`},

	"case_kind_is_known":                  {caseOf(`'other', NULL, 'x', 'x', 'proposed', NULL, NULL, ''`)},
	"case_state_is_known":                 {caseOf(`'end', NULL, 'x', 'x', 'lost', {anna}, now(), ''`)},
	"case_says_why":                       {caseOf(`'end', NULL, '', 'x', 'proposed', NULL, NULL, ''`), caseOf(`'end', NULL, 'x', '', 'proposed', NULL, NULL, ''`)},
	"refused_case_says_why":               {caseOf(`'end', NULL, 'x', 'x', 'refused', {anna}, now(), ''`)},
	"case_names_its_session":              {caseOf(`'reinstate_session', NULL, 'x', 'x', 'proposed', NULL, NULL, ''`), caseOf(`'end', {booking}, 'x', 'x', 'proposed', NULL, NULL, ''`)},
	"decided_case_has_a_second_person":    {caseOf(`'end', NULL, 'x', 'x', 'approved', NULL, NULL, ''`)},
	"nobody_decides_a_case_they_proposed": {caseOf(`'end', NULL, 'x', 'x', 'approved', {maria}, now(), ''`)},
	"one_case_of_a_voucher_at_a_time":     {caseOf(`'end', NULL, 'x', 'x', 'proposed', NULL, NULL, ''`) + caseOf(`'reinstate', NULL, 'x', 'x', 'proposed', NULL, NULL, ''`)},
	"decided_case_stays": {caseOf(`'end', NULL, 'x', 'x', 'approved', {anna}, now(), ''`) + `UPDATE voucher_cases SET note = 'y'`,
		caseOf(`'end', NULL, 'x', 'x', 'proposed', NULL, NULL, ''`) + `UPDATE voucher_cases SET ground = 'y'`},
	"voucher_cases_are_kept": {`DELETE FROM voucher_cases`, `TRUNCATE voucher_cases`},

	"bookings_reinstates_key": {`INSERT INTO bookings (voucher_id, beneficiary_id, professional_id, booked_at, day, amount_cents, place, state, reinstates)
		SELECT voucher_id, beneficiary_id, professional_id, booked_at, day + n, 1, place, 'booked', {booking}::uuid FROM bookings, generate_series(1, 2) n`},
	"reminder_is_sent_once":                {`INSERT INTO reminders SELECT {maria}::uuid, 'expiry', '2026-01-01', 1, now() FROM generate_series(1, 2)`},
	"reminder_kind_is_known":               {`INSERT INTO reminders VALUES ({maria}, 'rain', '2026-01-01', 1, now())`},
	"invoices_are_due_after_confirmations": {`ALTER TABLE vouchers DISABLE TRIGGER vouchers_keep_terms; UPDATE vouchers SET invoice_by = confirm_by - 1`},
	"rounds_of_vouchers_start_at_one":      {`UPDATE vouchers SET round = 0`},
}

func closure(number int, values string) string {
	return `INSERT INTO closures (number, kind, edition_id, as_of, prepared_at, state, prepared_by, decided_by, decided_at, note, done_at)
		SELECT ` + string('0'+rune(number)) + `, 'lapse', '2022-guida', '2026-03-01', now(), ` + values + `; `
}

func closureRow(values string) string {
	return closure(1, `'proposed', {maria}, NULL, NULL, '', NULL`) + `INSERT INTO closure_rows (closure_id, subject_id, voucher_id, term, amount_cents, ground, spared_why, outcome, done_at)
		SELECT id, {voucher}, {voucher}, '2026-02-01', 1, ` + values + ` FROM closures; `
}

const approveClosure = `UPDATE closures SET state = 'approved', decided_by = {anna}, decided_at = now(); `

func caseOf(values string) string {
	return `INSERT INTO voucher_cases (voucher_id, proposed_by, proposed_at, kind, booking_id, ground, text, state, decided_by, decided_at, note)
		SELECT {voucher}, {maria}, now(), ` + values + `; `
}
