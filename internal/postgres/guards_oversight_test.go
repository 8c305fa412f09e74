package postgres_test

// guardedOversight is guarded, for what auditors have shown and the texts of the portal:
// maria and anna administer.
var guardedOversight = map[string][]string{
	"disclosure_is_of_one_case": {disclosed(`NULL, NULL, 'name.1', 'act', 'Verifica di maggio'`)},
	"colleague_opens_the_health_papers_of_a_case": {disclosed(`(SELECT id FROM applications LIMIT 1), NULL, 'name.1', 'colleague', 'Verifica di maggio'`), disclosed(`(SELECT id FROM applications LIMIT 1), NULL, 'health', 'colleague', 'Verifica di maggio'`),
		anApplication + disclosed(`NULL, (SELECT id FROM indemnity_applications LIMIT 1), 'health', 'act', 'Verifica di maggio'`)},
	"disclosure_names_a_datum":     {disclosed(`(SELECT id FROM applications LIMIT 1), NULL, '', 'act', 'Verifica di maggio'`), disclosed(`(SELECT id FROM applications LIMIT 1), NULL, 'Maria Rossi', 'act', 'Verifica di maggio'`)},
	"disclosure_ground_is_known":   {disclosed(`(SELECT id FROM applications LIMIT 1), NULL, 'name.1', 'curiosity', 'Verifica di maggio'`)},
	"disclosure_says_why":          {disclosed(`(SELECT id FROM applications LIMIT 1), NULL, 'name.1', 'act', 'breve'`), disclosed(`(SELECT id FROM applications LIMIT 1), NULL, 'name.1', 'act', '            '`), disclosed(`(SELECT id FROM applications LIMIT 1), NULL, 'name.1', 'act', repeat('x', 501)`)},
	"disclosures_only_grow":        {`UPDATE disclosures SET reason = 'Un altro motivo'`, `DELETE FROM disclosures`, `TRUNCATE disclosures`},
	"wording_state_is_known":       {aWording + `UPDATE wording_proposals SET number = NULL, state = 'lost', decided_by = {anna}, decided_at = now()`},
	"wording_changes_something":    {wordingProposed(`false, 0, {maria}, 'proposed'`)},
	"wording_draft_is_of_a_file":   {wordingProposed(`false, 1, {maria}, 'draft'`)},
	"wording_is_proposed_first":    {`INSERT INTO wording_proposals (id, number, from_file, changes, proposed_by, proposed_at, state, decided_by, decided_at) VALUES (gen_random_uuid(), 1, false, 1, {maria}, now(), 'published', {anna}, now())`},
	"wording_numbers_go_up_by_one": {aWording + `UPDATE wording_proposals SET number = 2, state = 'published', decided_by = {anna}, decided_at = now()`},
	"published_wording_has_a_number": {aWording + `UPDATE wording_proposals SET state = 'published', decided_by = {anna}, decided_at = now()`,
		aWording + `UPDATE wording_proposals SET number = 1, state = 'withdrawn', decided_by = {maria}, decided_at = now()`,
		aWording + `UPDATE wording_proposals SET number = 0, state = 'published', decided_by = {anna}, decided_at = now()`},
	"decided_wording_has_a_second_person": {aWording + `UPDATE wording_proposals SET number = 1, state = 'published'`, aWording + `UPDATE wording_proposals SET number = 1, state = 'published', decided_by = {anna}`},
	"nobody_publishes_a_wording_they_proposed": {aWording + `UPDATE wording_proposals SET number = 1, state = 'published', decided_by = {maria}, decided_at = now()`,
		aWording + `UPDATE wording_proposals SET state = 'refused', why = 'x', decided_by = {maria}, decided_at = now()`},
	"only_its_proposer_withdraws_a_wording": {aWording + `UPDATE wording_proposals SET state = 'withdrawn', decided_by = {anna}, decided_at = now()`},
	"refused_wording_says_why": {aWording + `UPDATE wording_proposals SET state = 'refused', decided_by = {anna}, decided_at = now()`,
		aWording + `UPDATE wording_proposals SET number = 1, state = 'published', why = 'x', decided_by = {anna}, decided_at = now()`},
	"wording_is_decided_once": {
		aWording + wordingOut + `UPDATE wording_proposals SET decided_at = now() - interval '1 day'`,
		aWording + wordingOut + `UPDATE wording_proposals SET number = NULL, state = 'proposed', decided_by = NULL, decided_at = NULL`,
		aWording + `UPDATE wording_proposals SET state = 'withdrawn', proposed_by = {anna}, decided_by = {anna}, decided_at = now()`,
		aWording + `UPDATE wording_proposals SET state = 'withdrawn', changes = 2, decided_by = {maria}, decided_at = now()`},
	"wording_is_published_once": {aWording + wordingOut + aWording + `UPDATE wording_proposals SET number = 1, state = 'published', decided_by = {anna}, decided_at = now() WHERE state = 'proposed'`},
	"wordings_are_kept":         {`DELETE FROM wording_proposals`, `TRUNCATE wording_proposals CASCADE`},

	"wording_language_is_known": {wordingOf(`'ui.logout', 'fr', '{"other": "Sortir"}', 0`)},
	"wording_has_a_key":         {wordingOf(`'', 'de', '{"other": "x"}', 0`), wordingOf(`'<b>', 'de', '{"other": "x"}', 0`)},
	"wording_says_something":    {wordingOf(`'ui.logout', 'de', '{}', 0`), wordingOf(`'ui.logout', 'de', '{"one": "x"}', 0`), wordingOf(`'ui.logout', 'de', jsonb_build_object('other', repeat('x', 20001)), 0`)},
	"wording_comes_with_its_proposal": {
		aWording + `INSERT INTO wording_changes SELECT id, 'ui.help.title', 'de', '{"other": "x"}', 0 FROM wording_proposals`,
		aWording + wordingOut + `INSERT INTO wording_changes SELECT id, 'ui.logout', 'sl', '{"other": "x"}', 0 FROM wording_proposals`},
	"wording_changes_only_grow": {`UPDATE wording_changes SET forms = NULL`, `DELETE FROM wording_changes`, `TRUNCATE wording_changes`},
}

const wordingOut = `UPDATE wording_proposals SET number = 1, state = 'published', decided_by = {anna}, decided_at = now(); `

var aWording = wordingOf(`'ui.logout', 'de', '{"other": "Ausloggen"}', 0`)

func wordingProposed(values string) string {
	return `INSERT INTO wording_proposals (id, proposed_at, from_file, changes, proposed_by, state) VALUES (gen_random_uuid(), now(), ` + values + `); `
}

// wordingOf is a proposal of one text.
func wordingOf(change string) string {
	return wordingProposed(`false, 1, {maria}, 'proposed'`) + `INSERT INTO wording_changes SELECT id, ` + change + ` FROM wording_proposals p WHERE NOT EXISTS (SELECT FROM wording_changes WHERE proposal_id = p.id); `
}

func disclosed(values string) string {
	return `INSERT INTO disclosures (entry_id, person_id, at, application_id, case_id, datum, ground, reason) SELECT id, {maria}, now(), ` + values + ` FROM audit LIMIT 1; `
}
