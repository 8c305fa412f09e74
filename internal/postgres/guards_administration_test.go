package postgres_test

// guardedAdministration is guarded, for roles, planned stops and neighbours: maria and
// anna administer, giulia gets a role. Tests give roles as who installs the portal does,
// unless they say otherwise.
var guardedAdministration = map[string][]string{
	"proposed_post_exists": {
		proposedRole(`{giulia}, 'inps', 'rule', '2026-01-01', NULL, 'x', {maria}`), proposedRole(`{giulia}, 'cnop', 'pay', '2026-01-01', NULL, 'x', {maria}`),
		proposedRole(`{giulia}, 'member', '', '2026-01-01', NULL, 'x', {maria}`)},
	"proposed_grant_ends_after_it_starts":   {proposedRole(`{giulia}, 'inps', 'pay', '2026-01-02', '2026-01-01', 'x', {maria}`)},
	"proposed_grant_says_why":               {proposedRole(`{giulia}, 'inps', 'pay', '2026-01-01', NULL, '', {maria}`)},
	"grant_proposal_state_is_known":         {aRoleProposed + `UPDATE grant_proposals SET state = 'lost', decided_by = {anna}, decided_at = now()`},
	"decided_grant_has_a_second_person":     {aRoleProposed + `UPDATE grant_proposals SET state = 'confirmed'`, aRoleProposed + `UPDATE grant_proposals SET decided_by = {anna}, decided_at = now()`},
	"nobody_proposes_a_grant_to_themselves": {proposedRole(`{maria}, 'inps', 'pay', '2026-01-01', NULL, 'x', {maria}`)},
	"nobody_decides_their_own_grant":        {aRoleProposed + `UPDATE grant_proposals SET state = 'confirmed', decided_by = {giulia}, decided_at = now()`},
	"nobody_confirms_a_grant_they_proposed": {aRoleProposed + `UPDATE grant_proposals SET state = 'confirmed', decided_by = {maria}, decided_at = now()`},
	"only_its_proposer_withdraws_a_grant":   {aRoleProposed + `UPDATE grant_proposals SET state = 'withdrawn', decided_by = {anna}, decided_at = now()`},
	"refused_grant_says_why": {
		aRoleProposed + `UPDATE grant_proposals SET state = 'refused', decided_by = {anna}, decided_at = now()`,
		aRoleProposed + `UPDATE grant_proposals SET state = 'confirmed', decided_by = {anna}, decided_at = now(), why = 'x'`},
	"post_is_proposed_once": {aRoleProposed + aRoleProposed},
	"grant_proposal_is_decided_once": {
		aRoleProposed + roleConfirmed + `UPDATE grant_proposals SET state = 'proposed', decided_by = NULL, decided_at = NULL`,
		aRoleProposed + `UPDATE grant_proposals SET duty = 'approve'`, aRoleProposed + `UPDATE grant_proposals SET until_day = '2027-01-01'`,
		aRoleProposed + `UPDATE grant_proposals SET proposed_by = {anna}`, aRoleProposed + `UPDATE grant_proposals SET person_id = {anna}`},
	"grant_proposals_are_kept": {`DELETE FROM grant_proposals`, `TRUNCATE grant_proposals CASCADE`},

	"proposal_gives_one_grant": {aRoleProposed + roleConfirmed + roleGiven + `UPDATE role_grants SET during = 'empty', ended_by = {anna}, ended_at = now(), ended_why = 'x'; ` + roleGiven},
	"two_people_give_a_role": {
		inService + `INSERT INTO role_grants (person_id, role, duty, during) VALUES ({giulia}, 'inps', 'pay', '[2026-01-01,)')`,
		inService + aRoleProposed + roleGiven,
		aRoleProposed + roleGiven,
		aRoleProposed + roleConfirmed + `INSERT INTO role_grants (person_id, role, duty, during, proposal_id) SELECT {maria}, role, duty, daterange(from_day, NULL), id FROM grant_proposals`,
		aRoleProposed + roleConfirmed + `INSERT INTO role_grants (person_id, role, duty, during, proposal_id) SELECT person_id, role, 'approve', daterange(from_day, NULL), id FROM grant_proposals`,
		aRoleProposed + roleConfirmed + `INSERT INTO role_grants (person_id, role, duty, during, proposal_id) SELECT person_id, role, duty, daterange(from_day - 1, NULL), id FROM grant_proposals`,
		aRoleProposed + roleConfirmed + `INSERT INTO role_grants (person_id, role, duty, during, proposal_id) SELECT person_id, role, duty, daterange(from_day, '2030-01-01'), id FROM grant_proposals`},
	"nobody_holds_roles_that_exclude_each_other": {
		`INSERT INTO role_grants (person_id, role, duty, during) VALUES ({giulia}, 'inps', 'prepare', '[2020-01-01,2030-01-01)'); ` + aRoleProposed + roleConfirmed + roleGiven,
		`INSERT INTO role_grants (person_id, role, duty, during) VALUES ({giulia}, 'oversight', 'audit', '[2026-06-01,2026-06-02)'); ` + aRoleProposed + roleConfirmed + roleGiven},
	"grant_is_ended_not_changed": {
		anOldRole + `UPDATE role_grants SET duty = 'approve'`, anOldRole + `UPDATE role_grants SET during = '[2020-01-01,)'`,
		anOldRole + `UPDATE role_grants SET during = '[2020-01-01,2040-01-01)', ended_by = {anna}, ended_at = now(), ended_why = 'x'`,
		anOldRole + `UPDATE role_grants SET during = '[2021-01-01,2022-01-01)', ended_by = {anna}, ended_at = now(), ended_why = 'x'`,
		anOldRole + `UPDATE role_grants SET during = '[2020-01-01,2022-01-01)'`,
		anOldRole + `UPDATE role_grants SET during = '[2020-01-01,2022-01-01)', ended_by = {anna}, ended_at = now(), ended_why = 'x'; UPDATE role_grants SET ended_why = 'y'`},
	"grant_taken_away_says_by_whom_and_why": {anOldRole + `UPDATE role_grants SET during = '[2020-01-01,2022-01-01)', ended_at = now()`, anOldRole + `UPDATE role_grants SET ended_at = now(), ended_by = {anna}`},
	"grants_are_kept":                       {`DELETE FROM role_grants`, `TRUNCATE role_grants`},

	"stop_says_what_stops":            {stopped(`'', tstzrange(now(), now() + interval '1 hour'), NULL, NULL`)},
	"stop_has_a_beginning_and_an_end": {stopped(`'x', tstzrange(now(), NULL), NULL, NULL`), stopped(`'x', tstzrange(NULL, now()), NULL, NULL`), stopped(`'x', 'empty', NULL, NULL`)},
	"stop_is_withdrawn_by_somebody":   {stopped(`'x', tstzrange(now(), now() + interval '1 hour'), {maria}, NULL`), stopped(`'x', tstzrange(now(), now() + interval '1 hour'), NULL, now()`)},
	"stops_do_not_overlap":            {aStop + aStop},
	"stop_is_withdrawn_not_changed":   {aStop + `UPDATE planned_stops SET says = 'y'`, aStop + `UPDATE planned_stops SET during = tstzrange(now(), now() + interval '2 hours')`, aStop + `UPDATE planned_stops SET withdrawn_by = {maria}, withdrawn_at = now(); UPDATE planned_stops SET withdrawn_by = NULL, withdrawn_at = NULL`},
	"stops_are_kept":                  {`DELETE FROM planned_stops`, `TRUNCATE planned_stops`},
	"neighbour_failure_is_known":      {`INSERT INTO neighbours VALUES ('broker', NULL, now(), 'bored')`},
	"failed_neighbour_says_how":       {`INSERT INTO neighbours VALUES ('broker', NULL, now(), '')`, `INSERT INTO neighbours VALUES ('broker', now(), NULL, 'slow')`},
}

const (
	inService     = `SET LOCAL portal.installation = 'no'; `
	roleConfirmed = `UPDATE grant_proposals SET state = 'confirmed', decided_by = {anna}, decided_at = now(); `
	roleGiven     = `INSERT INTO role_grants (person_id, role, duty, during, proposal_id) SELECT person_id, role, duty, daterange(from_day, until_day, '[]'), id FROM grant_proposals; `
	anOldRole     = `INSERT INTO role_grants (person_id, role, duty, during) VALUES ({giulia}, 'inps', 'prepare', '[2020-01-01,2030-01-01)'); `
)

var (
	aRoleProposed = proposedRole(`{giulia}, 'inps', 'pay', '2026-01-01', NULL, 'x', {maria}`)
	aStop         = stopped(`'x', tstzrange(now(), now() + interval '1 hour'), NULL, NULL`)
)

func proposedRole(values string) string {
	return `INSERT INTO grant_proposals (id, proposed_at, person_id, role, duty, from_day, until_day, grounds, proposed_by) VALUES (gen_random_uuid(), now(), ` + values + `); `
}

func stopped(values string) string {
	return `INSERT INTO planned_stops (id, planned_by, planned_at, says, during, withdrawn_by, withdrawn_at) VALUES (gen_random_uuid(), {maria}, now(), ` + values + `); `
}
