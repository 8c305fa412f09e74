package postgres_test

import "strings"

// guardedCaseReexaminations is guarded, for requests to look at an outcome of the indemnity
// again: giulia asks about the decision of maria and anna; two officers more answer.
var guardedCaseReexaminations = map[string][]string{
	"case_reexamination_has_one_protocol":        {aReview + `UPDATE indemnity_reexaminations SET state = 'withdrawn', withdrawn_at = now(), set_aside_cents = 0; ` + reviewRow},
	"case_reexamination_has_one_answer":          {aReview + reviewProposed(`'deny', false`) + reviewDenied + strings.Replace(reviewRow, "'R-1'", "'R-2'", 1) + reviewProposed(`'deny', false`) + reviewDenied},
	"case_reexamination_is_of_one_outcome":       {aRefusal + strings.Replace(reviewRow, "d.id, NULL", "NULL, NULL", 1)},
	"case_reexamination_says_why":                {aRefusal + strings.Replace(reviewRow, "'il documento c’era'", "' '", 1), aRefusal + strings.Replace(reviewRow, "'papers'", "''", 1), aRefusal + strings.Replace(reviewRow, "'K-1'", "''", 1)},
	"case_reexamination_state_is_known":          {aRefusal + strings.Replace(reviewRow, "'asked'", "'lost'", 1)},
	"case_reexamination_proposal_is_known":       {aReview + reviewProposed(`'maybe', false`)},
	"first_look_has_its_officer":                 {aReview + `UPDATE indemnity_reexaminations SET read_at = now()`, aReview + `UPDATE indemnity_reexaminations SET read_by = {maria}`},
	"withdrawn_case_reexamination_has_its_time":  {aReview + `UPDATE indemnity_reexaminations SET state = 'withdrawn', set_aside_cents = 0`, aReview + `UPDATE indemnity_reexaminations SET withdrawn_at = now()`},
	"proposed_case_reexamination_has_a_proposer": {aReview + `UPDATE indemnity_reexaminations SET state = 'proposed'`, aReview + strings.Replace(reviewProposed(`'deny', false`), "grounds = 'x'", "grounds = ''", 1)},
	"decided_case_reexamination_has_a_second_person": {
		aReview + reviewProposed(`'deny', false`) + `UPDATE indemnity_reexaminations SET state = 'denied', set_aside_cents = 0, answer_protocol = 'A-1', answer_code = 'x'`,
		aReview + `UPDATE indemnity_reexaminations SET decided_at = now()`},
	"nobody_decides_a_case_reexamination_they_proposed": {aReview + reviewProposed(`'deny', false`) + strings.Replace(reviewDenied, decidesReview, proposesReview, 1)},
	"case_reexamination_ends_as_proposed":               {aReview + reviewProposed(`'grant', true`) + reviewDenied},
	"decided_case_reexamination_has_a_letter": {
		aReview + reviewProposed(`'deny', false`) + strings.Replace(reviewDenied, "'A-1'", "NULL", 1), aReview + reviewProposed(`'deny', false`) + strings.Replace(reviewDenied, "answer_code = 'x'", "answer_code = ''", 1),
		aReview + `UPDATE indemnity_reexaminations SET answer_code = 'x'`},
	"granted_outcome_is_examined_again":   {aReview + reviewProposed(`'grant', false`), aReview + reviewProposed(`'deny', true`)},
	"only_what_is_granted_is_carried_out": {aReview + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + `UPDATE indemnity_reexaminations SET carried_out_by = ` + theRanking},
	"granted_case_is_taken_up_again":      {aReview + reviewProposed(`'grant', true`) + reviewGranted(`NULL`)},
	"what_is_denied_keeps_no_money":       {aReview + reviewProposed(`'deny', false`) + strings.Replace(reviewDenied, "set_aside_cents = 0, ", "", 1), aRefusal + strings.Replace(reviewRow, "100)", "-1)", 1)},
	"case_is_reexamined_once_at_a_time":   {aReview + strings.Replace(reviewRow, "'R-1'", "'R-2'", 1)},
	"case_reexamination_is_drafted_once":  {aRefusal + reviewDraftRow + reviewDraftRow},
	"case_reexamination_stays_as_asked": {
		aReview + `UPDATE indemnity_reexaminations SET text = 'y'`, aReview + `UPDATE indemnity_reexaminations SET asked_by = {anna}`, aReview + `UPDATE indemnity_reexaminations SET decide_by = decide_by + 1`,
		aReview + `UPDATE indemnity_reexaminations SET set_aside_cents = set_aside_cents + 1`, aReview + reviewProposed(`'deny', false`) + reviewDenied + `UPDATE indemnity_reexaminations SET state = 'asked', decided_by = NULL, decided_at = NULL`,
		aReview + reviewProposed(`'deny', false`) + reviewDenied + `UPDATE indemnity_reexaminations SET grounds = 'y'`,
		aReview + `UPDATE indemnity_reexaminations SET read_by = {maria}, read_at = now(); UPDATE indemnity_reexaminations SET read_by = {anna}`},
	"case_reexamination_is_of_its_case": {anApplication + decisionRow(`'inadmissible', '{X}', '', {maria}, NULL`) + reviewRow,
		aRefusal + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + strings.Replace(reviewRow, "d.id, NULL", "NULL, "+theRanking, 1)},
	"nobody_reexamines_their_own_case": {aReview + strings.Replace(reviewProposed(`'deny', false`), proposesReview, "{giulia}", 1)},
	"nobody_reexamines_what_they_judged": {aReview + strings.Replace(reviewProposed(`'deny', false`), proposesReview, "{maria}", 1), aReview + reviewProposed(`'deny', false`) + strings.Replace(reviewDenied, decidesReview, "{anna}", 1),
		examinedReview + reviewProposed(`'deny', false`), examinedReview + strings.Replace(reviewProposed(`'deny', false`), proposesReview, decidesReview, 1) + strings.Replace(reviewDenied, decidesReview, proposesReview, 1)},
	"reexamination_takes_its_case_up_again": {aReview + reviewProposed(`'grant', true`) + reviewGranted(inForce)},
	"case_reexaminations_are_kept":          {`DELETE FROM indemnity_reexaminations`, `TRUNCATE indemnity_reexaminations CASCADE`},

	"ranking_sets_aside_no_less_than_nothing": {aRanking + `ALTER TABLE indemnity_rankings DISABLE TRIGGER indemnity_rankings_go_forward; UPDATE indemnity_rankings SET set_aside_cents = -1`},
	"publication_keeps_what_is_set_aside":     {aReview + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + checkedRanking + proposedRanking + approvedRanking + publishedRanking},
}

const (
	proposesReview = `'00000000-0000-4000-8000-0000000000a1'`
	decidesReview  = `'00000000-0000-4000-8000-0000000000a2'`
	reviewRow      = `INSERT INTO indemnity_reexaminations (id, application_id, decision_id, ranking_id, asked_by, asked_at, decide_by, protocol, check_code, motive, text, state, set_aside_cents)
		SELECT gen_random_uuid(), d.application_id, d.id, NULL, {giulia}, now(), '2026-12-01', v.* FROM indemnity_decisions d, (VALUES ('R-1', 'K-1', 'papers', 'il documento c’era', 'asked', 100)) v; `
	reviewDenied   = `UPDATE indemnity_reexaminations SET state = 'denied', set_aside_cents = 0, decided_by = ` + decidesReview + `, decided_at = now(), answer_protocol = 'A-1', answer_code = 'x' WHERE state = 'proposed'; `
	reviewDraftRow = `INSERT INTO indemnity_reexamination_drafts (id, application_id, writer_id, motive, text, saved_at) SELECT gen_random_uuid(), id, {giulia}, '', '', now() FROM indemnity_applications; `
)

var (
	aRefusal = aDecision + decisionMade + endedBy + `INSERT INTO persons (id, fiscal_code, given_name, family_name) VALUES
		(` + proposesReview + `, 'GRCDVD91B03F839X', 'Davide', 'Greco'), (` + decidesReview + `, 'RNLPLA72L58H501X', 'Paola', 'Rinaldi'); `
	aReview = aRefusal + reviewRow
	// one of the two officers more found something on the case
	examinedReview = aReview + `UPDATE indemnity_applications SET state = 'in_review'; ` + findingRow(`'isee', 'met', '', `+proposesReview) + endedBy
)

// reviewProposed has the first of the two officers propose: how, and whether the case is
// examined again.
func reviewProposed(how string) string {
	return `UPDATE indemnity_reexaminations SET state = 'proposed', proposed_by = ` + proposesReview + `, proposed_at = now(), grounds = 'x', (proposal, reopens) = (` + how + `) WHERE state = 'asked'; `
}

// reviewGranted has the second grant it, by a decision on the case.
func reviewGranted(by string) string {
	return `UPDATE indemnity_reexaminations SET state = 'granted', decided_by = ` + decidesReview + `, decided_at = now(), answer_protocol = 'A-1', answer_code = 'x', reopened_by = ` + by + `; `
}
