package postgres_test

// guardedParameters is guarded, for what the portal as a whole runs by: maria and anna
// administer.
var guardedParameters = map[string][]string{
	"idle_time_is_safe":       {withParameters(`idle_minutes = 4`), withParameters(`idle_minutes = 61`)},
	"login_time_is_safe":      {withParameters(`login_hours = 0`), withParameters(`login_hours = 13`)},
	"file_limit_is_safe":      {withParameters(`file_mb = 0`), withParameters(`file_mb = 11`)},
	"number_of_files_is_safe": {withParameters(`files = 4`), withParameters(`files = 51`)},
	"files_together_are_safe": {withParameters(`together_mb = 9`), withParameters(`together_mb = 101`)},
	"portal_has_a_name":       {withParameters(`name = 'X'`), withParameters(`tagline = repeat('x', 81)`)},
	"both_bodies_can_be_called": {withParameters(`inps = '{"phone": "", "hours": "x"}'`), withParameters(`enpap = '{"phone": "1"}'`),
		withParameters(`inps = '{}'`), withParameters(`inps = '{"phone": "1", "hours": ""}'`)},
	"rest_days_are_a_list":                       {withParameters(`rest_days = '{}'`), withParameters(`rest_days = (SELECT jsonb_agg(n) FROM generate_series(1, 41) n)`)},
	"parameters_say_why":                         {withParameters(`grounds = ''`)},
	"parameters_begin_after_they_are_proposed":   {withParameters(`from_day = '2026-01-01'`)},
	"parameters_are_proposed_first":              {withParameters(`state = 'confirmed', decided_by = {anna}, decided_at = proposed_at`)},
	"parameters_state_is_known":                  {someParameters + parametersDecided(`'lost'`, `{anna}`, `'2026-01-01'`)},
	"parameters_begin_after_they_are_confirmed":  {someParameters + parametersDecided(`'confirmed'`, `{anna}`, `'2026-02-01'`)},
	"decided_parameters_have_a_second_person":    {someParameters + `UPDATE parameter_versions SET state = 'confirmed'`, someParameters + `UPDATE parameter_versions SET decided_by = {anna}, decided_at = now()`},
	"nobody_decides_on_parameters_they_proposed": {someParameters + parametersDecided(`'confirmed'`, `{maria}`, `'2026-01-01'`), someParameters + parametersDecided(`'refused'`, `{maria}`, `'2026-01-01'`)},
	"only_their_proposer_withdraws_parameters":   {someParameters + parametersDecided(`'withdrawn'`, `{anna}`, `'2026-01-01'`)},
	"refused_parameters_say_why":                 {someParameters + `UPDATE parameter_versions SET state = 'refused', decided_by = {anna}, decided_at = '2026-01-01'`},
	"parameters_are_proposed_one_at_a_time":      {someParameters + someParameters},
	"parameters_are_decided_on_once": {
		someParameters + `UPDATE parameter_versions SET idle_minutes = 20`, someParameters + `UPDATE parameter_versions SET from_day = '2026-03-01'`,
		someParameters + parametersDecided(`'confirmed'`, `{anna}`, `'2026-01-01'`) + `UPDATE parameter_versions SET state = 'refused', why = 'x'`},
	"parameters_go_forward": {someParameters + parametersDecided(`'confirmed'`, `{anna}`, `'2026-01-01'`) + someParameters},
	"parameters_are_kept":   {`DELETE FROM parameter_versions`, `TRUNCATE parameter_versions`},
}

// someParameters are proposed by maria, from 1 February 2026.
const someParameters = `INSERT INTO parameter_versions (id, from_day, idle_minutes, login_hours, file_mb, files, together_mb, name, tagline, inps, enpap, rest_days, grounds, proposed_by, proposed_at)
	VALUES (gen_random_uuid(), '2026-02-01', 30, 8, 10, 20, 60, 'Portale', '', '{"phone": "1", "hours": "x"}', '{"phone": "1", "hours": "x"}', '[]', 'x', {maria}, '2026-01-01'); `

func parametersDecided(state, by, at string) string {
	return `UPDATE parameter_versions SET state = ` + state + `, decided_by = ` + by + `, decided_at = ` + at + `, why = CASE WHEN ` + state + ` = 'refused' THEN 'x' ELSE '' END; `
}

// withParameters proposes the same with other values.
func withParameters(values string) string {
	return `CREATE TEMP TABLE wanted (LIKE parameter_versions INCLUDING DEFAULTS) ON COMMIT DROP;
		INSERT INTO wanted VALUES (gen_random_uuid(), '2026-02-01', 30, 8, 10, 20, 60, 'Portale', '', '{"phone": "1", "hours": "x"}', '{"phone": "1", "hours": "x"}', '[]', 'x', {maria}, '2026-01-01');
		UPDATE wanted SET ` + values + `; INSERT INTO parameter_versions SELECT * FROM wanted`
}
