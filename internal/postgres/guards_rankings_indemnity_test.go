package postgres_test

import "strings"

// guardedIndemnityRankings is guarded, for the rankings of the indemnity: maria makes them,
// anna approves, giulia publishes; the case is giulia's.
var guardedIndemnityRankings = map[string][]string{
	"indemnity_ranking_is_numbered_once":     {aRanking + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`)},
	"indemnity_publication_is_numbered_once": {aPublication + correctionRow + checkedRanking + proposedRanking + approvedRanking + supersededRanking + publishedRanking},
	"indemnity_ranking_kind_is_known":        {aCall + rankingRow(`1, 'wish', NULL, NULL, '', 'simulated', 1, 1, 0, 1`)},
	"indemnity_ranking_state_is_known":       {aCall + rankingRow(`1, 'ranking', NULL, NULL, '', 'lost', 1, 1, 0, 1`)},
	"scenario_is_never_proposed":             {aRanking + scenarioRow + `UPDATE indemnity_rankings SET state = 'proposed', checked_at = now(), disagreements = 0, proposed_by = {maria}, proposed_at = now() WHERE kind = 'scenario'`},
	"scenario_is_based_on_a_ranking": {aCall + rankingRow(`1, 'scenario', NULL, NULL, 'x', 'simulated', 1, 1, 0, 1`), aRanking + rankingRow(`2, 'ranking', `+theRanking+`, NULL, '', 'simulated', 1, 1, 0, 1`),
		aRanking + rankingRow(`2, 'scenario', `+theRanking+`, NULL, '', 'simulated', 1, 1, 0, 1`), aRanking + rankingRow(`2, 'scenario', `+theRanking+`, `+theRanking+`, 'x', 'simulated', 1, 1, 0, 1`)},
	"indemnity_correction_says_why":               {aRanking + rankingRow(`2, 'ranking', NULL, `+theRanking+`, '', 'simulated', 1, 1, 0, 1`)},
	"indemnity_ranking_counts_everybody":          {aCall + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 1, 1`), aCall + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 0, 1, 0, 1`), aCall + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 0, 0, 0, 0`)},
	"only_what_both_rankers_agree_on_is_proposed": {aRanking + proposedRanking, aRanking + `UPDATE indemnity_rankings SET checked_at = now(), disagreements = 1; ` + proposedRanking},
	"only_a_whole_ranking_is_proposed": {
		aCall + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 2, 1, 0, 1`) + checkedRanking + proposedRanking,
		aCall + strings.Replace(rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`), `'[]'`, `'[["A","B"]]'`, 1) + checkedRanking + proposedRanking},
	"proposed_ranking_has_a_proposer":      {aRanking + checkedRanking + `UPDATE indemnity_rankings SET state = 'proposed'`},
	"approved_ranking_has_a_second_person": {aRanking + checkedRanking + proposedRanking + `UPDATE indemnity_rankings SET state = 'approved'`, aRanking + checkedRanking + proposedRanking + `UPDATE indemnity_rankings SET state = 'returned', note = 'x'`},
	"nobody_approves_a_ranking_they_made": {aRanking + checkedRanking + proposedRanking + strings.Replace(approvedRanking, "{anna}", "{maria}", 1),
		aRanking + checkedRanking + strings.Replace(proposedRanking, "{maria}", "{anna}", 1) + approvedRanking},
	"published_ranking_is_signed": {aRanking + checkedRanking + proposedRanking + approvedRanking + strings.Replace(publishedRanking, `signature = '\x00'`, `signature = NULL`, 1),
		aRanking + checkedRanking + proposedRanking + approvedRanking + strings.Replace(publishedRanking, `manifest = 'm'`, `manifest = ''`, 1), aRanking + `UPDATE indemnity_rankings SET publication = 1`},
	"nobody_publishes_a_ranking_they_made_or_approved": {aRanking + checkedRanking + proposedRanking + approvedRanking + strings.Replace(publishedRanking, "{giulia}", "{maria}", 1),
		aRanking + checkedRanking + proposedRanking + approvedRanking + strings.Replace(publishedRanking, "{giulia}", "{anna}", 1)},
	"returned_ranking_says_why":       {aRanking + checkedRanking + proposedRanking + `UPDATE indemnity_rankings SET state = 'returned', decided_by = {anna}, decided_at = now()`},
	"one_ranking_of_a_call_at_a_time": {aRanking + checkedRanking + proposedRanking + rankingRow(`2, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + checkedRanking + proposedRanking},
	"call_has_one_ranking_in_force":   {aPublication + correctionRow + checkedRanking + proposedRanking + approvedRanking + strings.Replace(publishedRanking, `publication = 1`, `publication = 2`, 1)},
	"ranking_keeps_what_it_was_made_of": {aRanking + `UPDATE indemnity_rankings SET rules = '{}'`, aRanking + `UPDATE indemnity_rankings SET ruled = '{A}'`, aRanking + `UPDATE indemnity_rankings SET inputs_digest = '\x01'`,
		aRanking + `UPDATE indemnity_rankings SET funded_cents = 1`, aRanking + checkedRanking + proposedRanking + `UPDATE indemnity_rankings SET checked_at = now() + interval '1 day'`},
	"ranking_keeps_who_did_what": {aRanking + checkedRanking + proposedRanking + `UPDATE indemnity_rankings SET proposed_by = {anna}`,
		aRanking + checkedRanking + proposedRanking + approvedRanking + `UPDATE indemnity_rankings SET decided_by = {giulia}`,
		aPublication + `UPDATE indemnity_rankings SET signature = '\x01'`, aPublication + `UPDATE indemnity_rankings SET manifest = 'n'`},
	"ranking_goes_forward":        {aPublication + `UPDATE indemnity_rankings SET state = 'approved'`, aRanking + checkedRanking + proposedRanking + `UPDATE indemnity_rankings SET state = 'simulated'`},
	"indemnity_rankings_are_kept": {`DELETE FROM indemnity_rankings`, `TRUNCATE indemnity_rankings CASCADE`},

	"only_what_is_ranked_has_a_place": {aRanking + entryRowSQL(`'forfeited', 1, 'funded', 10, 10, 10, 0, 10`), aRanking + entryRowSQL(`'ranked', NULL, '', 10, 0, 0, 0, 0`), aRanking + entryRowSQL(`'ranked', 1, '', 10, 0, 0, 0, 0`)},
	"place_funding_is_known":          {aRanking + entryRowSQL(`'ranked', 1, 'maybe', 10, 0, 0, 0, 0`)},
	"nobody_is_paid_more_than_their_due": {aRanking + entryRowSQL(`'ranked', 1, 'funded', 10, 11, 11, 0, 11`), aRanking + entryRowSQL(`'ranked', 1, 'funded', 10, 10, 8, 0, 9`),
		aRanking + entryRowSQL(`'ranked', 1, 'funded', 10, 10, 8, 9, -1`)},
	"indemnity_place_is_taken_once":  {aRanking + anEntry + strings.Replace(anEntry, "(SELECT id FROM indemnity_applications LIMIT 1)", "gen_random_uuid()", 1)},
	"public_code_is_of_one_place":    {aRanking + `ALTER TABLE indemnity_ranking_entries ALTER public_code SET DEFAULT 'X'; ` + anEntry + strings.Replace(entryRowSQL(`'ranked', 2, 'funded', 10, 10, 8, 0, 8`), "(SELECT id FROM indemnity_applications LIMIT 1)", "gen_random_uuid()", 1)},
	"case_is_ranked_once_a_ranking":  {anApplication + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + anEntry + entryRowSQL(`'ranked', 2, 'funded', 10, 10, 8, 0, 8`)},
	"indemnity_entries_never_change": {`UPDATE indemnity_ranking_entries SET rank = 2`, `TRUNCATE indemnity_ranking_entries CASCADE`},
	"indemnity_entries_are_kept":     {anApplication + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + anEntry + `DELETE FROM indemnity_ranking_entries`},

	"public_list_says_something": {aRanking + `INSERT INTO indemnity_public_lists (ranking_id, text) VALUES (` + theRanking + `, '')`},
	"public_lists_never_change":  {`UPDATE indemnity_public_lists SET text = 'x'`, `DELETE FROM indemnity_public_lists`, `TRUNCATE indemnity_public_lists`},

	"exclusion_says_why":              {anApplication + strings.Replace(anExclusion, "'x'", "''", 1)},
	"exclusion_is_lifted_by_somebody": {anApplication + anExclusion + `UPDATE indemnity_exclusions SET lifted_at = now()`, anApplication + anExclusion + `UPDATE indemnity_exclusions SET lifted_by = {anna}`},
	"case_is_excluded_once_at_a_time": {anApplication + anExclusion + anExclusion},
	"exclusion_stays_as_written": {anApplication + anExclusion + `UPDATE indemnity_exclusions SET reason = 'y'`, anApplication + anExclusion + `UPDATE indemnity_exclusions SET excluded_by = {anna}`,
		anApplication + anExclusion + `UPDATE indemnity_exclusions SET lifted_by = {anna}, lifted_at = now(); UPDATE indemnity_exclusions SET lifted_by = NULL, lifted_at = NULL`},
	"exclusions_are_kept": {`DELETE FROM indemnity_exclusions`, `TRUNCATE indemnity_exclusions`},

	"ruling_says_why":             {aRanking + rulingRow(`'{A,B}', '', {anna}`)},
	"ruling_orders_more_than_one": {aRanking + rulingRow(`'{A}', 'x', {anna}`), aRanking + rulingRow(`'{}', 'x', {anna}`)},
	"nobody_rules_on_their_own": {aRanking + rulingRow(`'{A,B}', 'x', {maria}`), anApplication + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + rulingRow(`'{A,B-1}', 'x', {giulia}`),
		anHeir + `UPDATE heirs SET person_id = {anna}, linked_at = now(); ` + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + rulingRow(`'{A,B-1}', 'x', {anna}`)},
	"rulings_only_grow": {`UPDATE indemnity_rulings SET text = 'y'`, `DELETE FROM indemnity_rulings`, `TRUNCATE indemnity_rulings`},

	"a_publication_says_who_is_paid": {
		anApplication + `UPDATE indemnity_applications SET state = 'funded'; SET CONSTRAINTS ALL IMMEDIATE`,
		anApplication + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + anEntry + placedCase + `SET CONSTRAINTS ALL IMMEDIATE`,
		anApplication + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + anEntry + checkedRanking + proposedRanking + approvedRanking + publishedRanking +
			strings.Replace(placedCase, "'funded'", "'unfunded'", 1) + `SET CONSTRAINTS ALL IMMEDIATE`},
}

const (
	theRanking        = `(SELECT id FROM indemnity_rankings LIMIT 1)`
	checkedRanking    = `UPDATE indemnity_rankings SET checked_at = now(), disagreements = 0 WHERE state = 'simulated' AND kind = 'ranking'; `
	proposedRanking   = `UPDATE indemnity_rankings SET state = 'proposed', proposed_by = {maria}, proposed_at = now() WHERE state = 'simulated' AND kind = 'ranking'; `
	approvedRanking   = `UPDATE indemnity_rankings SET state = 'approved', decided_by = {anna}, decided_at = now() WHERE state = 'proposed'; `
	supersededRanking = `UPDATE indemnity_rankings SET state = 'superseded' WHERE state = 'published'; `
	publishedRanking  = `UPDATE indemnity_rankings SET state = 'published', published_by = {giulia}, published_at = now(), publication = 1, manifest = 'm', signature = '\x00' WHERE state = 'approved'; `
	anExclusion       = `INSERT INTO indemnity_exclusions (id, application_id, reason, excluded_by, excluded_at) SELECT gen_random_uuid(), id, 'x', {maria}, now() FROM indemnity_applications; `
	placedCase        = `UPDATE indemnity_applications SET state = 'funded', ranking_id = (SELECT id FROM indemnity_rankings LIMIT 1); `
)

var (
	aRanking      = aCall + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`)
	aPublication  = aRanking + checkedRanking + proposedRanking + approvedRanking + publishedRanking
	correctionRow = rankingRow(`2, 'ranking', NULL, ` + theRanking + `, 'x', 'simulated', 1, 1, 0, 1`)
	scenarioRow   = rankingRow(`2, 'scenario', ` + theRanking + `, NULL, 'x', 'simulated', 1, 1, 0, 1`)
	anEntry       = entryRowSQL(`'ranked', 1, 'funded', 10, 10, 8, 0, 8`)
)

// rankingRow is a ranking: number, kind, what it is based on and corrects, reason, state,
// and how many applications, ranked, funded and not funded it has.
func rankingRow(values string) string {
	return `INSERT INTO indemnity_rankings (id, call_id, call_version, rules, evaluated_on, ties, requested_cents, funded_cents, last_rank, last_points,
			inputs_digest, rules_digest, result_digest, rows_digest, simulated_by, simulated_at, number, kind, based_on, corrects, reason, state, applications, ranked, funded, not_funded)
		SELECT gen_random_uuid(), '2026-05', 1, '{"x": 1}', '2026-06-20', '[]', 0, 0, 0, 0, '', '', '', '', {maria}, now(), ` + values + `; `
}

// entryRowSQL is a case in that ranking: outcome, place, funding, gross, what of it is paid
// gross and net, set off and payable.
func entryRowSQL(values string) string {
	return `INSERT INTO indemnity_ranking_entries (ranking_id, application_id, case_version, protocol, facts, result, steps, row_digest, duration, days, daily_cents, rate,
			withholding_cents, net_cents, debt_cents, debt_left_cents, points_isee, points_duration, points_exclusive, ex_aequo, decided, recovery_cents, revoked,
			outcome, rank, funding, gross_cents, funded_cents, funded_net_cents, set_off_cents, payable_cents)
		SELECT (SELECT id FROM indemnity_rankings LIMIT 1), coalesce((SELECT id FROM indemnity_applications LIMIT 1), gen_random_uuid()), 0, 'B-1', '{}', '{}', '[]', '', 1, 1, 1, 0, 0, 8, 0, 0, 1, 1, 1, 1, '', 0, false, ` + values + `; `
}

func rulingRow(values string) string {
	return `INSERT INTO indemnity_rulings (id, call_id, ranking_id, ruled_at, protocols, text, ruled_by) SELECT gen_random_uuid(), '2026-05', (SELECT id FROM indemnity_rankings LIMIT 1), now(), ` + values + `; `
}
