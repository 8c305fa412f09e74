package postgres_test

import "strings"

// guardedExamination is guarded, for the examination of applications for the indemnity:
// giulia is the member; maria and anna are officers.
var guardedExamination = map[string][]string{
	"work_on_a_case_has_a_beginning": {anApplication + `UPDATE indemnity_applications SET worked_by = {maria}`, anApplication + `UPDATE indemnity_applications SET worked_since = now()`},

	"finding_is_on_a_known_check": {anApplication + findingRow(`'mood', 'met', '', {maria}`)},
	"finding_has_a_verdict":       {anApplication + findingRow(`'isee', '', '', {maria}`), anApplication + findingRow(`'isee', 'perhaps', '', {maria}`)},
	"unmet_check_says_why":        {anApplication + findingRow(`'isee', 'not_met', '', {maria}`)},
	"findings_are_on_cases_in_review": {
		anApplication + `UPDATE indemnity_applications SET state = 'withdrawn', withdrawn_at = now(); ` + findingRow(`'isee', 'met', '', {maria}`),
		aDecision + findingRow(`'isee', 'met', '', {maria}`), aDecision + decisionMade + endedBy + findingRow(`'isee', 'met', '', {maria}`)},
	"nobody_examines_their_own_case": {anApplication + findingRow(`'isee', 'met', '', {giulia}`), anHeir + `UPDATE heirs SET person_id = {anna}, linked_at = now(); ` + findingRow(`'isee', 'met', '', {anna}`)},
	"findings_only_grow":             {`UPDATE indemnity_findings SET note = 'x'`, `DELETE FROM indemnity_findings`, `TRUNCATE indemnity_findings`},

	"decision_leads_to_a_known_state":   {anApplication + decisionRow(`'lost', '{X}', 'x', {maria}, NULL`)},
	"unfavourable_decision_has_grounds": {anApplication + decisionRow(`'forfeited', '{}', '', {maria}, NULL`), anApplication + decisionRow(`'suitable', '{X}', '', {maria}, NULL`)},
	"case_taken_up_again_says_why": {
		anApplication + decisionRow(`'in_review', '{}', 'x', {maria}, NULL`),
		aDecision + decisionMade + decisionRow(`'in_review', '{}', '', {maria}, `+inForce)},
	"decision_state_is_known":                  {aDecision + `UPDATE indemnity_decisions SET state = 'lost', decided_by = {anna}, decided_at = now()`},
	"decision_has_a_second_person":             {aDecision + `UPDATE indemnity_decisions SET decided_by = {anna}, decided_at = now()`, aDecision + `UPDATE indemnity_decisions SET state = 'approved', protocol = 'D-1', check_code = 'x'`},
	"nobody_approves_a_decision_they_proposed": {aDecision + strings.Replace(decisionMade, "{anna}", "{maria}", 1)},
	"nobody_approves_what_they_found": {
		anApplication + findingRow(`'isee', 'met', '', {anna}`) + decisionRow(`'inadmissible', '{X}', '', {maria}, NULL`) + decisionMade,
		anApplication + findingRow(`'isee', 'met', '', {anna}`) + decisionRow(`'inadmissible', '{X}', '', {maria}, NULL`) + `UPDATE indemnity_decisions SET state = 'sent_back', decided_by = {anna}, decided_at = now(), why = 'x'`,
		aControl + strings.Replace(irregular, "{maria}", "{anna}", 1) + aRevocation + decisionMade},
	"decision_sent_back_says_why": {aDecision + `UPDATE indemnity_decisions SET state = 'sent_back', decided_by = {anna}, decided_at = now()`, aDecision + `UPDATE indemnity_decisions SET why = 'x'`},
	"decision_that_was_made_has_a_letter": {
		aDecision + `UPDATE indemnity_decisions SET state = 'approved', decided_by = {anna}, decided_at = now()`, aDecision + `UPDATE indemnity_decisions SET protocol = 'D-1'`,
		aDecision + strings.Replace(decisionMade, "'K'", "''", 1)},
	"only_a_decision_that_was_made_is_read": {aDecision + `UPDATE indemnity_decisions SET read_at = now()`},
	"decision_protocol_is_used_once":        {aDecision + decisionMade + decisionRow(`'in_review', '{}', 'x', {maria}, `+inForce) + decisionMade},
	"case_has_one_open_decision":            {aDecision + decisionRow(`'forfeited', '{X}', '', {anna}, NULL`)},
	"decision_is_undone_once": {aDecision + decisionMade + decisionRow(`'in_review', '{}', 'x', {maria}, `+inForce) + strings.Replace(decisionMade, "D-1", "D-2", 1) +
		`ALTER TABLE indemnity_decisions DISABLE TRIGGER decisions_concern_others; ` +
		decisionRow(`'in_review', '{}', 'y', {maria}, (SELECT id FROM indemnity_decisions WHERE protocol = 'D-1')`) + strings.Replace(decisionMade, "D-1", "D-3", 1)},
	"decision_stays_as_made": {
		aDecision + `UPDATE indemnity_decisions SET to_state = 'forfeited'`, aDecision + `UPDATE indemnity_decisions SET codes = '{Y}'`, aDecision + `UPDATE indemnity_decisions SET text = 'y'`,
		aDecision + `UPDATE indemnity_decisions SET proposed_by = {anna}`, aDecision + decisionMade + `UPDATE indemnity_decisions SET decided_at = decided_at - interval '1 day'`, aDecision + decisionMade + `UPDATE indemnity_decisions SET protocol = 'D-2'`,
		aDecision + decisionMade + `UPDATE indemnity_decisions SET state = 'proposed', decided_by = NULL, decided_at = NULL, protocol = NULL, check_code = ''`,
		aDecision + decisionMade + `UPDATE indemnity_decisions SET read_at = now(); UPDATE indemnity_decisions SET read_at = NULL`},
	"nobody_decides_on_their_own_case": {
		anApplication + decisionRow(`'inadmissible', '{X}', '', {giulia}, NULL`), aDecision + strings.Replace(decisionMade, "{anna}", "{giulia}", 1),
		anHeir + `UPDATE heirs SET person_id = {anna}, linked_at = now(); ` + decisionRow(`'inadmissible', '{X}', '', {anna}, NULL`)},
	"decision_undoes_the_one_in_force": {aDecision + decisionMade + decisionRow(`'inadmissible', '{X}', '', {maria}, NULL`), anApplication + decisionRow(`'in_review', '{}', 'x', {maria}, {giulia}`)},
	"decisions_are_kept":               {`DELETE FROM indemnity_decisions`, `TRUNCATE indemnity_decisions CASCADE`},
	"two_people_decide_how_a_case_ends": {
		anApplication + `UPDATE indemnity_applications SET state = 'suitable'; SET CONSTRAINTS ALL IMMEDIATE`,
		aDecision + endedBy + `SET CONSTRAINTS ALL IMMEDIATE`, aDecision + decisionMade + `UPDATE indemnity_applications SET state = 'suitable'; SET CONSTRAINTS ALL IMMEDIATE`,
		aDecision + decisionMade + endedBy + `SET CONSTRAINTS ALL IMMEDIATE; UPDATE indemnity_applications SET state = 'in_review'`},
}

const (
	decisionMade = `UPDATE indemnity_decisions SET state = 'approved', decided_by = {anna}, decided_at = now(), protocol = 'D-1', check_code = 'K' WHERE state = 'proposed'; `
	endedBy      = `UPDATE indemnity_applications SET state = 'inadmissible'; `
	inForce      = `(SELECT id FROM indemnity_decisions WHERE state = 'approved')`
)

var aDecision = anApplication + decisionRow(`'inadmissible', '{X}', '', {maria}, NULL`)

func findingRow(values string) string {
	return `INSERT INTO indemnity_findings (application_id, check_name, verdict, note, made_by, made_at, case_version)
		SELECT id, ` + values + `, now(), version + 1 FROM indemnity_applications; `
}

func decisionRow(values string) string {
	return `INSERT INTO indemnity_decisions (id, application_id, call_version, proposed_at, to_state, codes, text, proposed_by, undoes)
		SELECT gen_random_uuid(), id, 1, now(), ` + values + `::uuid FROM indemnity_applications; `
}
