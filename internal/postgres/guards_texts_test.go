package postgres_test

// guardedTexts is guarded, for the standard texts and the views of the list: maria and
// anna are officers.
var guardedTexts = map[string][]string{
	"text_version_is_numbered_once": {aText + decidedText + textRow(`1, 'y', {anna}`)},
	"text_versions_count_from_one":  {textRow(`0, 'x', {maria}`)},
	"text_says_something":           {textRow(`1, '', {maria}`)},
	"text_state_is_known":           {aText + `UPDATE text_versions SET state = 'lost', decided_by = {anna}, decided_at = now()`},
	"text_has_a_second_person": {aText + `UPDATE text_versions SET state = 'approved'`, aText + `UPDATE text_versions SET state = 'approved', decided_by = {anna}`,
		aText + `UPDATE text_versions SET decided_by = {anna}, decided_at = now()`},
	"nobody_approves_a_text_they_proposed": {aText + `UPDATE text_versions SET state = 'approved', decided_by = {maria}, decided_at = now()`,
		aText + `UPDATE text_versions SET state = 'sent_back', why = 'x', decided_by = {maria}, decided_at = now()`},
	"text_sent_back_says_why":    {aText + `UPDATE text_versions SET state = 'sent_back', decided_by = {anna}, decided_at = now()`, aText + `UPDATE text_versions SET why = 'x'`},
	"text_has_one_open_proposal": {aText + textRow(`2, 'y', {anna}`)},
	"text_stays_as_proposed": {aText + `UPDATE text_versions SET text = 'y'`, aText + `UPDATE text_versions SET send = 'y'`, aText + `UPDATE text_versions SET proposed_by = {anna}`,
		aText + decidedText + `UPDATE text_versions SET decided_at = decided_at - interval '1 day'`,
		aText + decidedText + `UPDATE text_versions SET state = 'proposed', decided_by = NULL, decided_at = NULL`},
	"texts_are_kept": {`DELETE FROM text_versions`, `TRUNCATE text_versions`},

	"officer_keeps_twenty_views": {viewRow(`0, 'x', 'caso=eredi', false`), viewRow(`21, 'x', 'caso=eredi', false`)},
	"view_has_a_slot_of_its_own": {aView + viewRow(`1, 'y', 'caso=eredi', false`)},
	"view_has_a_name":            {viewRow(`1, '', 'caso=eredi', false`), viewRow(`1, ' x', 'caso=eredi', false`), viewRow(`1, repeat('x', 61), 'caso=eredi', false`)},
	"view_restricts_the_list":    {viewRow(`1, 'x', '', false`), viewRow(`1, 'x', repeat('x', 501), false`)},
	"view_is_named_once":         {aView + viewRow(`2, 'X', 'caso=eredi', false`)},
	"officer_has_one_first_view": {aView + viewRow(`2, 'y', 'caso=eredi', true`)},
}

const decidedText = `UPDATE text_versions SET state = 'approved', decided_by = {anna}, decided_at = now(); `

var (
	aText = textRow(`1, 'x', {maria}`)
	aView = viewRow(`1, 'x', 'caso=eredi', true`)
)

func textRow(values string) string {
	return `INSERT INTO text_versions (id, key, proposed_at, number, text, proposed_by) SELECT gen_random_uuid(), 'k', now(), ` + values + `; `
}

func viewRow(values string) string {
	return `INSERT INTO work_views (id, owner_id, saved_at, slot, name, filters, first) SELECT gen_random_uuid(), {maria}, now(), ` + values + `; `
}
