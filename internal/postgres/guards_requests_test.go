package postgres_test

import "strings"

// guardedRequests is guarded, for what officers ask who applied for, and for the answers:
// giulia is the member; maria and anna are officers.
var guardedRequests = map[string][]string{
	"sent_answer_protocol_is_used_once": {aRequest + answerOf(1) + strings.Replace(answerOf(2), "'A-2'", "'A-1'", 1)},
	"answers_are_sent_while_the_term_runs": {
		aRequest + strings.Replace(answerOf(1), "'2026-06-20'", "'2026-06-25 00:00 Europe/Rome'", 1), aRequest + `UPDATE indemnity_requests SET state = 'cancelled'; ` + answerOf(1),
		aRequest + answerOf(1) + answeredBy(1) + judgement(1, `'accepted', '', {maria}`) + `UPDATE indemnity_requests SET state = 'accepted'; ` + answerOf(2)},
	"answers_are_counted_one_by_one": {aRequest + answerOf(2), aRequest + answerOf(1) + strings.Replace(answerOf(1), "'A-1'", "'A-9'", 1)},
	"answers_only_grow":              {`UPDATE indemnity_answers SET protocol = 'x'`, `DELETE FROM indemnity_answers`, `TRUNCATE indemnity_answers CASCADE`},

	"judgement_is_on_an_answer":    {`ALTER TABLE indemnity_judgements DISABLE TRIGGER judgements_concern_others; ` + aRequest + judgement(1, `'accepted', '', {maria}`)},
	"judgement_is_known":           {aRequest + answerOf(1) + answeredBy(1) + judgement(1, `'perhaps', '', {maria}`)},
	"insufficient_answer_says_why": {aRequest + answerOf(1) + answeredBy(1) + judgement(1, `'insufficient', '', {maria}`), aRequest + answerOf(1) + answeredBy(1) + judgement(1, `'accepted', 'x', {maria}`)},
	"judgements_only_grow":         {`UPDATE indemnity_judgements SET why = 'x'`, `DELETE FROM indemnity_judgements`, `TRUNCATE indemnity_judgements`},
	"nobody_judges_answers_on_their_own_case": {
		aRequest + answerOf(1) + answeredBy(1) + judgement(1, `'accepted', '', {giulia}`)},
	"last_answer_is_judged_in_review": {
		aRequest + answerOf(1) + answerOf(2) + answeredBy(2) + judgement(1, `'accepted', '', {maria}`),
		aRequest + answerOf(1) + answeredBy(1) + decisionRow(`'inadmissible', '{X}', '', {maria}, NULL`) + judgement(1, `'accepted', '', {maria}`),
		aRequest + answerOf(1) + answeredBy(1) + `UPDATE indemnity_applications SET state = 'withdrawn', withdrawn_at = now(); ` + judgement(1, `'accepted', '', {maria}`)},
	"an_officer_judges_an_answer": {
		aRequest + answerOf(1) + answeredBy(1) + `UPDATE indemnity_requests SET state = 'accepted'; SET CONSTRAINTS ALL IMMEDIATE`,
		aRequest + answerOf(1) + answeredBy(1) + `UPDATE indemnity_requests SET state = 'open'; SET CONSTRAINTS ALL IMMEDIATE`,
		aRequest + answerOf(1) + answeredBy(1) + judgement(1, `'accepted', '', {maria}`) + `UPDATE indemnity_requests SET state = 'insufficient'; SET CONSTRAINTS ALL IMMEDIATE`},

	"debt_that_is_set_off_fits":                   {anApplication + setOffRow(`0, 100, {maria}`), anApplication + setOffRow(`101, 100, {maria}`)},
	"set_offs_only_grow":                          {`UPDATE indemnity_set_offs SET debt = 1`, `DELETE FROM indemnity_set_offs`, `TRUNCATE indemnity_set_offs`},
	"nobody_tells_of_a_set_off_on_their_own_case": {anApplication + setOffRow(`1, 100, {giulia}`), anHeir + `UPDATE heirs SET person_id = {anna}, linked_at = now(); ` + setOffRow(`1, 100, {anna}`)},
	"nobody_asks_on_their_own_case": {
		anApplication + strings.Replace(requestRow(`'supplement', 'x', 15, NULL, '', NULL, 'open'`), "{maria}", "{giulia}", 1),
		anHeir + `UPDATE heirs SET person_id = {anna}, linked_at = now(); ` + strings.Replace(requestRow(`'supplement', 'x', 15, NULL, '', NULL, 'open'`), "{maria}", "{anna}", 1)},
}

const anAnswer = `INSERT INTO indemnity_answers (request_id, number, says, sent_at, sent_by, protocol) SELECT id, {n}, '{}', '2026-06-20', {giulia}, 'A-{n}' FROM indemnity_requests; `

// answerOf is an answer with a number.
func answerOf(n int) string { return strings.ReplaceAll(anAnswer, "{n}", string(rune('0'+n))) }

// answeredBy has a request answered by an answer.
func answeredBy(n int) string {
	return `UPDATE indemnity_requests q SET answer = n.says, state = 'answered', answered_at = n.sent_at, answered_by = n.sent_by, answer_protocol = n.protocol
		FROM indemnity_answers n WHERE n.request_id = q.id AND n.number = ` + string(rune('0'+n)) + `; `
}

func judgement(n int, values string) string {
	return `INSERT INTO indemnity_judgements (request_id, number, verdict, why, made_by, made_at) SELECT id, ` + string(rune('0'+n)) + `, ` + values + `, now() FROM indemnity_requests; `
}

func setOffRow(values string) string {
	return `INSERT INTO indemnity_set_offs (application_id, debt, net, told_by, told_at) SELECT id, ` + values + `, now() FROM indemnity_applications; `
}
