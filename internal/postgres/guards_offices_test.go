package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"portal/internal/money"
)

// guardedOffices is guarded, for what offices do: editions, applications as they
// come in, rankings, re-examinations, CNOP's list, mandates.
var guardedOffices = map[string][]string{
	"granted_duty_is_known":             {`INSERT INTO role_grants (person_id, role, duty, during) VALUES ({maria}, 'inps', 'rule', '[2026-01-01,)')`},
	"mandate_scope_is_known":            {mandate(`'parent', 'everything', 'online', NULL, NULL`)},
	"mandate_channel_is_known":          {mandate(`'parent', 'all', 'post', NULL, NULL`)},
	"mandate_is_revoked_by_somebody":    {`INSERT INTO mandates (kind, holder_id, represented_id, from_day, revoked_by) VALUES ('parent', {maria}, {giulia}, '2026-01-01', {anna})`},
	"person_has_one_delegate_at_a_time": {mandate(`'delegate', 'all', 'online', NULL, NULL`) + `; ` + mandate(`'delegate', 'all', 'online', '2026-02-01', NULL`)},
	"mandate_is_ended_not_changed": {
		mandate(`'parent', 'all', 'online', NULL, NULL`) + `; UPDATE mandates SET scope = 'voucher'`,
		mandate(`'parent', 'all', 'online', NULL, NULL`) + `; UPDATE mandates SET holder_id = {anna}`,
		mandate(`'parent', 'all', 'online', NULL, '2026-02-01'`) + `; UPDATE mandates SET revoked_on = NULL`},
	"mandates_are_kept": {`DELETE FROM mandates`, `TRUNCATE mandates CASCADE`},

	"edition_is_named_for_addresses":       {`INSERT INTO editions (id, application_year, fund_year) VALUES ('Due Mila', 2030, 2030)`},
	"version_in_force_exists":              {`UPDATE editions SET version = 9; SET CONSTRAINTS ALL IMMEDIATE`},
	"version_state_is_known":               {version(`2, 'lost', {maria}, NULL, NULL, NULL, NULL`)},
	"version_numbers_start_at_one":         {version(`0, 'draft', {maria}, NULL, NULL, NULL, NULL`)},
	"drafted_version_has_an_author":        {version(`2, 'draft', NULL, NULL, NULL, NULL, NULL`)},
	"proposed_version_has_a_proposer":      {version(`2, 'proposed', {maria}, NULL, NULL, NULL, NULL`), version(`2, 'proposed', {maria}, {maria}, NULL, NULL, NULL`)},
	"released_version_has_a_second_person": {version(`2, 'released', {maria}, {maria}, now(), NULL, NULL`), version(`2, 'released', {maria}, {maria}, now(), {anna}, NULL`)},
	"nobody_releases_what_they_drafted":    {version(`2, 'released', {maria}, {anna}, now(), {maria}, now()`), version(`2, 'released', {maria}, {anna}, now(), {anna}, now()`)},
	"edition_has_one_open_version":         {version(`2, 'draft', {maria}, NULL, NULL, NULL, NULL`) + `; ` + version(`3, 'draft', {anna}, NULL, NULL, NULL, NULL`)},
	"released_version_never_changes":       {`UPDATE edition_versions SET rules = '{}'`, `UPDATE edition_versions SET note = 'x'`},
	"proposed_version_does_not_change": {
		proposedVersion + `UPDATE edition_versions SET rules = '{"a": 1}' WHERE number = 2`, proposedVersion + `UPDATE edition_versions SET proposed_by = {anna} WHERE number = 2`,
		proposedVersion + `UPDATE edition_versions SET state = 'released', proposed_by = {anna}, decided_by = {giulia}, decided_at = now() WHERE number = 2`},
	"version_keeps_name_and_author": {
		version(`2, 'draft', {maria}, NULL, NULL, NULL, NULL`) + `; UPDATE edition_versions SET drafted_by = {anna} WHERE number = 2`, proposedVersion + `UPDATE edition_versions SET shipped = true WHERE number = 2`,
		proposedVersion + `UPDATE edition_versions SET from_edition = edition_id, from_number = 1 WHERE number = 2`},
	"versions_are_kept":                     {`DELETE FROM edition_versions`, `TRUNCATE edition_versions CASCADE`},
	"transfer_moves_something":              {transfer(`0, 'act', NULL`)},
	"only_a_reversal_takes_back":            {transfer(`-1, 'act', NULL`), transfer(`1, 'act', NULL`) + `; INSERT INTO funding_transfers (edition_id, territory, amount_cents, received_on, act, reverses, recorded_by, recorded_at) SELECT edition_id, territory, 1, received_on, act, id, recorded_by, recorded_at FROM funding_transfers`},
	"transfer_is_reversed_once":             {transfer(`1, 'act', NULL`) + `; INSERT INTO funding_transfers (edition_id, territory, amount_cents, received_on, act, reverses, recorded_by, recorded_at) SELECT edition_id, territory, -1, received_on, act, id, recorded_by, recorded_at FROM funding_transfers, generate_series(1, 2)`},
	"transfer_names_its_act":                {transfer(`1, '', NULL`)},
	"transfers_only_grow":                   {`UPDATE funding_transfers SET act = 'x'`, `DELETE FROM funding_transfers`, `TRUNCATE funding_transfers CASCADE`},
	"import_state_is_known":                 {imported(`'lost', NULL, 0, 0, 0`)},
	"wrong_rows_are_never_applied":          {imported(`'applied', NULL, 5, 1, 4`), imported(`'applied', NULL, 5, 0, 6`)},
	"declared_rows_were_read":               {imported(`'applied', 6, 5, 0, 5`)},
	"file_is_imported_once":                 {imported(`'applied', NULL, 5, 0, 5`) + `; ` + imported(`'applying', NULL, 5, 0, 0`)},
	"application_channel_is_known":          {application(`'post', NULL, NULL`)},
	"counter_application_names_the_officer": {application(`'counter', NULL, NULL`), application(`'online', {giulia}, NULL`)},
	"imported_application_names_the_import": {imported(`'applied', NULL, 1, 0, 1`) + `; ` + application(`'online', NULL, (SELECT id FROM imports)`)},
	"isee_status_is_known":                  {`UPDATE applications SET isee_status = 'fine'`},
	"isee_kind_is_known":                    {`UPDATE applications SET isee_kind = 'fine'`},
	"valid_isee_has_a_value":                {`UPDATE applications SET isee_status = 'valid', isee_cents = NULL`},
	"application_awaiting_isee_has_a_term":  {`UPDATE applications SET state = 'awaiting_isee'`},
	"application_stays_as_received":         {`UPDATE applications SET protocol = 'x'`, `UPDATE applications SET submitted_at = now()`, `UPDATE applications SET declarations = '[1]'`, `UPDATE applications SET applicant_id = {giulia}`},
	"draft_is_one_for_each_beneficiary": {strings.Repeat(`INSERT INTO application_drafts (edition_id, applicant_id, fiscal_code, started_at, saved_at)
		SELECT '2022-guida', id, fiscal_code, now(), now() FROM persons WHERE id = {maria}; `, 2)},
	"applications_are_kept": {`DELETE FROM applications`, `TRUNCATE applications CASCADE`},
	"version_has_one_key": {`INSERT INTO edition_versions (edition_id, number, rules, state, drafted_by, drafted_at, key)
		SELECT edition_id, 2, rules, 'draft', {maria}, now(), key FROM edition_versions WHERE edition_id = '2022-guida'`},
	"application_has_one_open_refusal":       {refusal(`'x', 'proposed', NULL, NULL, ''`) + refusal(`'y', 'proposed', NULL, NULL, ''`)},
	"refusal_state_is_known":                 {refusal(`'x', 'lost', {anna}, now(), ''`)},
	"refusal_says_why":                       {refusal(`'', 'proposed', NULL, NULL, ''`)},
	"decided_refusal_has_a_second_person":    {refusal(`'x', 'approved', NULL, NULL, ''`), refusal(`'x', 'proposed', {anna}, now(), ''`)},
	"nobody_decides_a_refusal_they_proposed": {refusal(`'x', 'approved', {maria}, now(), ''`)},
	"nobody_reopens_a_refusal_they_made": {
		refusal(`'x', 'approved', {anna}, now(), ''`) + `UPDATE refusals SET reopened_by = {anna}, reopened_at = now()`,
		refusal(`'x', 'approved', {anna}, now(), ''`) + `UPDATE refusals SET reopened_by = {maria}, reopened_at = now()`},
	"reopened_refusal_was_approved": {
		refusal(`'x', 'approved', {anna}, now(), ''`) + `UPDATE refusals SET reopened_by = {giulia}`,
		refusal(`'x', 'proposed', NULL, NULL, ''`) + `UPDATE refusals SET reopened_by = {giulia}, reopened_at = now()`},
	"returned_refusal_says_why": {refusal(`'x', 'returned', {anna}, now(), ''`), refusal(`'x', 'approved', {anna}, now(), 'why'`)},
	"refusal_is_decided_once": {
		refusal(`'x', 'approved', {anna}, now(), ''`) + `UPDATE refusals SET state = 'returned', note = 'no'`,
		refusal(`'x', 'proposed', NULL, NULL, ''`) + `UPDATE refusals SET reason = 'y'`,
		refusal(`'x', 'approved', {anna}, now(), ''`) + `UPDATE refusals SET reopened_by = {giulia}, reopened_at = now()` + `; UPDATE refusals SET reopened_by = NULL, reopened_at = NULL`},
	"refusals_are_kept":      {`DELETE FROM refusals`, `TRUNCATE refusals`},
	"export_counts_its_rows": {`INSERT INTO exports VALUES (gen_random_uuid(), {maria}, now(), 'csv', '', -1)`},
	"exports_only_grow":      {`UPDATE exports SET rows = 1`, `DELETE FROM exports`, `TRUNCATE exports`},
	"note_says_something":    {`INSERT INTO notes (subject_id, author_id, at, text) VALUES ({maria}, {maria}, now(), '')`},
	"notes_only_grow":        {`UPDATE notes SET text = 'x'`, `DELETE FROM notes`, `TRUNCATE notes`},

	"run_is_numbered_once":                            {run(1, `'simulated'`, "") + run(1, `'simulated'`, "")},
	"run_state_is_known":                              {strings.NewReplacer("number, reason)", "number, reason, checked_at, disagreements, proposed_by, proposed_at)", "; ", ", now(), 0, {maria}, now()").Replace(run(1, `'lost'`, ""))},
	"rounds_start_at_one":                             {strings.Replace(run(1, `'simulated'`, ""), "1, 1, 'simulated'", "1, 0, 'simulated'", 1)},
	"correction_says_why":                             {run(1, `'simulated'`, "reason")},
	"only_what_two_rankers_agree_on_is_proposed":      {run(1, `'simulated'`, "") + `UPDATE ranking_runs SET state = 'proposed', proposed_by = {maria}, proposed_at = now(), checked_at = now(), disagreements = 1`, run(1, `'simulated'`, "") + `UPDATE ranking_runs SET state = 'proposed', proposed_by = {maria}, proposed_at = now()`},
	"proposed_run_has_a_proposer":                     {run(1, `'simulated'`, "") + checked + `UPDATE ranking_runs SET state = 'proposed'`},
	"approved_run_has_a_second_person":                {proposedRun + `UPDATE ranking_runs SET state = 'approved'`, proposedRun + `UPDATE ranking_runs SET state = 'returned', note = 'no'`},
	"nobody_approves_what_they_proposed":              {proposedRun + `UPDATE ranking_runs SET state = 'approved', decided_by = {maria}, decided_at = now()`},
	"published_run_has_a_publisher":                   {approvedRun + `UPDATE ranking_runs SET state = 'publishing'`},
	"nobody_publishes_what_they_proposed_or_approved": {approvedRun + strings.ReplaceAll(publishing, "{anna}", "{maria}"), approvedRun + strings.ReplaceAll(publishing, "{anna}", "{giulia}")},
	"returned_run_says_why":                           {proposedRun + `UPDATE ranking_runs SET state = 'returned', decided_by = {giulia}, decided_at = now()`},
	"published_run_has_its_time":                      {approvedRun + publishing + `; UPDATE ranking_runs SET state = 'published'`},
	"publication_is_numbered_once":                    {published + publishedNext},
	"one_ranking_of_an_edition_at_a_time":             {proposedRun + run(2, `'simulated'`, "") + `UPDATE ranking_runs SET checked_at = now(), disagreements = 0 WHERE number = 2; UPDATE ranking_runs SET state = 'proposed', proposed_by = {maria}, proposed_at = now() WHERE number = 2`},
	"run_keeps_what_it_was_made_of":                   {run(1, `'simulated'`, "") + `UPDATE ranking_runs SET result_digest = 'x'`, run(1, `'simulated'`, "") + `UPDATE ranking_runs SET candidates = 7`},
	"run_keeps_who_did_what":                          {proposedRun + `UPDATE ranking_runs SET proposed_by = {anna}`, approvedRun + `UPDATE ranking_runs SET decided_by = {anna}`, approvedRun + publishing + `; UPDATE ranking_runs SET publication = 2`},
	"run_goes_forward":                                {proposedRun + `UPDATE ranking_runs SET state = 'simulated'`, approvedRun + `UPDATE ranking_runs SET state = 'dropped'`},
	"runs_are_kept":                                   {`DELETE FROM ranking_runs`, `TRUNCATE ranking_runs CASCADE`},
	"territory_spends_its_budget":                     {territory(`10, 1, 1, 1, 0, 0, 0, 0, 9, 0`), territory(`10, 1, 1, 1, 0, 0, 0, 0, 11, -1`)},
	"territory_counts_everybody":                      {territory(`10, 2, 1, 1, 0, 0, 0, 0, 10, 0`), territory(`10, 1, 1, 0, 0, 0, 0, 0, 10, 0`)},
	"territory_has_one_partial_award":                 {territory(`10, 2, 2, 0, 2, 0, 0, 0, 10, 0`)},
	"application_is_ranked_once_a_run":                {entry(`'', 1, 5, 5`) + entry(`'', 2, 5, 5`)},
	"place_is_taken_once":                             {entry(`'', 1, 5, 5`) + strings.Replace(entry(`'', 1, 5, 5`), "{voucher}", "{booking}", 1)},
	"place_or_ground":                                 {entry(`'', NULL, 5, 5`), entry(`'ISEE_MISSING', 1, 5, 5`)},
	"nobody_gets_more_than_their_due":                 {entry(`'', 1, 5, 6`), entry(`'', 1, 5, -1`)},
	"entries_never_change":                            {`UPDATE ranking_entries SET rank = 1`, `TRUNCATE ranking_entries`},
	"ranking_is_kept":                                 {run(1, `'simulated'`, "") + strings.Replace(entry(`'', 1, 5, 5`), "gen_random_uuid()", "(SELECT id FROM ranking_runs)", 1) + `DELETE FROM ranking_entries`},

	"reexamination_has_one_protocol":               {reexamination(`'withdrawn', '', '', NULL, NULL, 0`) + reexamination(`'asked', '', '', NULL, NULL, 0`)},
	"reexamination_state_is_known":                 {reexamination(`'lost', 'deny', 'x', {maria}, NULL, 0`)},
	"reexamination_proposal_is_known":              {reexamination(`'asked', 'maybe', '', NULL, NULL, 0`)},
	"proposed_reexamination_has_a_proposer":        {reexamination(`'proposed', 'grant', 'x', NULL, NULL, 0`), reexamination(`'proposed', '', 'x', {maria}, NULL, 0`), reexamination(`'proposed', 'deny', '', {maria}, NULL, 0`)},
	"decided_reexamination_has_a_second_person":    {reexamination(`'granted', 'grant', 'x', {maria}, NULL, 0`)},
	"nobody_decides_a_reexamination_they_proposed": {reexamination(`'denied', 'deny', 'x', {maria}, {maria}, 0`)},
	"nothing_negative_is_set_aside":                {reexamination(`'asked', '', '', NULL, NULL, -1`)},
	"application_is_reexamined_once_at_a_time":     {reexamination(`'asked', '', '', NULL, NULL, 0`) + strings.Replace(reexamination(`'asked', '', '', NULL, NULL, 0`), "'R-1'", "'R-2'", 1)},
	"decided_reexamination_stays":                  {reexamination(`'denied', 'deny', 'x', {maria}, {anna}, 0`) + `UPDATE reexaminations SET state = 'granted'`},
	"reexamination_is_drafted_once":                {`INSERT INTO reexamination_drafts SELECT gen_random_uuid(), a.id, {maria}, 'other', 'x', now() FROM applications a CROSS JOIN generate_series(1, 2)`},
	"reexaminations_are_kept":                      {`DELETE FROM reexaminations`, `TRUNCATE reexaminations CASCADE`},

	"enrolments_are_kept":               {`DELETE FROM enrolments`, `TRUNCATE enrolments`},
	"delivery_is_numbered_once":         {delivery(1, `'full', 'dropped', NULL, NULL, NULL, NULL, NULL, NULL`) + delivery(1, `'full', 'dropped', NULL, NULL, NULL, NULL, NULL, NULL`)},
	"delivery_extent_is_known":          {delivery(1, `'half', 'draft', NULL, NULL, NULL, NULL, NULL, NULL`)},
	"delivery_state_is_known":           {delivery(1, `'full', 'lost', NULL, NULL, NULL, NULL, NULL, NULL`)},
	"sent_delivery_has_a_sender":        {delivery(1, `'full', 'sent', {maria}, {anna}, NULL, NULL, NULL, NULL`)},
	"nobody_sends_a_list_they_prepared": {delivery(1, `'full', 'sent', {maria}, {maria}, now(), NULL, NULL, NULL`)},
	"nobody_applies_a_list_they_sent": {
		delivery(1, `'full', 'applied', {maria}, {anna}, now(), {anna}, now(), '2026-03-09'`), delivery(1, `'full', 'applied', {maria}, {anna}, now(), {maria}, now(), '2026-03-09'`)},
	"applied_delivery_has_its_time": {delivery(1, `'full', 'applied', {maria}, {anna}, now(), {giulia}, NULL, NULL`), delivery(1, `'full', 'sent', {maria}, {anna}, now(), NULL, now(), '2026-03-09'`)},
	"one_delivery_at_a_time":        {delivery(1, `'full', 'draft', NULL, NULL, NULL, NULL, NULL, NULL`) + delivery(2, `'full', 'draft', NULL, NULL, NULL, NULL, NULL, NULL`)},
	"row_change_is_known":           {delivery(1, `'full', 'draft', NULL, NULL, NULL, NULL, NULL, NULL`) + `INSERT INTO delivery_rows (delivery_id, line, change, fiscal_code) SELECT id, 1, 'lost', '' FROM deliveries`},
	"rejected_row_says_why":         {delivery(1, `'full', 'draft', NULL, NULL, NULL, NULL, NULL, NULL`) + `INSERT INTO delivery_rows (delivery_id, line, change, fiscal_code) SELECT id, 1, 'rejected', '' FROM deliveries`},
	"report_says_something":         {`INSERT INTO list_reports (person_id, text, asked_by, asked_at) VALUES ({giulia}, '', {maria}, now())`},
	"answer_has_an_author":          {`INSERT INTO list_reports (person_id, text, asked_by, asked_at, answer) VALUES ({giulia}, 'x', {maria}, now(), 'y')`, `INSERT INTO list_reports (person_id, text, asked_by, asked_at, answered_by) VALUES ({giulia}, 'x', {maria}, now(), {anna})`},
}

func mandate(values string) string {
	return `INSERT INTO mandates (holder_id, represented_id, from_day, kind, scope, channel, until_day, revoked_on)
		SELECT {maria}, {giulia}, '2026-01-01', ` + values
}

var proposedVersion = version(`2, 'proposed', {maria}, {maria}, now(), NULL, NULL`) + `; `

func version(values string) string {
	return `INSERT INTO edition_versions (edition_id, rules, drafted_at, number, state, drafted_by, proposed_by, proposed_at, decided_by, decided_at)
		SELECT '2022-guida', '{}', now(), ` + values
}

func transfer(values string) string {
	return `INSERT INTO funding_transfers (edition_id, territory, received_on, recorded_by, recorded_at, amount_cents, act, reverses)
		SELECT '2022-guida', 'Lazio', '2026-01-01', {maria}, now(), ` + values
}

func imported(values string) string {
	return `INSERT INTO imports (edition_id, file_digest, made_at, state, declared, rows_read, rows_wrong, rows_applied)
		SELECT '2022-guida', 'x', now(), ` + values
}

func application(values string) string {
	return `INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state, channel, received_by, import_id)
		SELECT 'another', '2022-guida', {giulia}, {giulia}, 'Lazio', 'RM', now(), 'submitted', ` + values
}

func refusal(values string) string {
	return `INSERT INTO refusals (application_id, proposed_by, proposed_at, reason, state, decided_by, decided_at, note)
		SELECT id, {maria}, now(), ` + values + ` FROM applications; `
}

// run is a simulation by maria; giulia approves and anna publishes.
func run(number int, state, reason string) string {
	return `INSERT INTO ranking_runs (edition_id, edition_version, round, state, simulated_by, taken_at, candidates, inputs_digest, rules_digest, result_digest, number, reason)
		SELECT '2022-guida', 1, 1, ` + state + `, {maria}, now(), 0, '', '', '', ` + string('0'+rune(number)) + `, '` + reason + `'; `
}

const (
	checked    = `UPDATE ranking_runs SET checked_at = now(), disagreements = 0; `
	publishing = `UPDATE ranking_runs SET state = 'publishing', ordered_by = {anna}, ordered_at = now(), publish_at = now(), publication = 1 WHERE state = 'approved'`
)

var (
	proposedRun   = run(1, `'simulated'`, "") + checked + `UPDATE ranking_runs SET state = 'proposed', proposed_by = {maria}, proposed_at = now(); `
	approvedRun   = proposedRun + `UPDATE ranking_runs SET state = 'approved', decided_by = {giulia}, decided_at = now(); `
	published     = approvedRun + publishing + `; UPDATE ranking_runs SET state = 'published', published_at = now(); `
	publishedNext = run(2, `'simulated'`, "") + `UPDATE ranking_runs SET checked_at = now(), disagreements = 0 WHERE number = 2;
		UPDATE ranking_runs SET state = 'proposed', proposed_by = {maria}, proposed_at = now() WHERE number = 2;
		UPDATE ranking_runs SET state = 'approved', decided_by = {giulia}, decided_at = now() WHERE number = 2; ` + publishing
)

func territory(values string) string {
	return run(1, `'simulated'`, "") + `INSERT INTO ranking_territories (run_id, territory, budget_cents, candidates, eligible, awarded, partial, unfunded, refused, not_processable, awarded_cents, residual_cents)
		SELECT id, 'Lazio', ` + values + ` FROM ranking_runs`
}

func entry(values string) string {
	return `INSERT INTO ranking_entries (run_id, application_id, territory, isee_status, submitted_at, decided, residual_cents, ground, rank, entitled_cents, awarded_cents)
		SELECT coalesce((SELECT run_id FROM ranking_entries LIMIT 1), gen_random_uuid()), {voucher}, 'Lazio', 'valid', now(), '', 0, ` + values + `; `
}

func reexamination(values string) string {
	return `INSERT INTO reexaminations (protocol, application_id, asked_by, asked_at, motive, text, decide_by, proposed_at, decided_at, state, proposal, grounds, proposed_by, decided_by, set_aside_cents)
		SELECT 'R-1', id, {maria}, now(), 'other', 'x', '2026-04-01', now(), now(), ` + values + ` FROM applications; `
}

func delivery(number int, values string) string {
	return `INSERT INTO deliveries (number, list_day, file_digest, prepared_at, extent, state, prepared_by, sent_by, sent_at, applied_by, applied_at, next_due_on)
		SELECT ` + string('0'+rune(number)) + `, '2026-03-02', '', now(), ` + values + `; `
}

func TestACopyNamesTheWholeVersionItComesFrom(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	for name, sql := range map[string]string{
		"edition_versions_from_edition_from_number_fkey": `INSERT INTO edition_versions (edition_id, number, rules, state, drafted_by, drafted_at, from_edition) VALUES ('2022-guida', 2, '{}', 'draft', {giulia}, now(), '2022-guida')`,
		"call_versions_from_call_from_number_fkey":       aCall + `INSERT INTO call_versions (call_id, number, rules, state, drafted_by, drafted_at, from_call) VALUES ('2026-05', 2, '{}', 'draft', {giulia}, now(), '2026-05')`,
	} {
		_, err := f.pool.Exec(t.Context(), f.named(sql), pgx.QueryExecModeSimpleProtocol)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.ConstraintName != name {
			t.Errorf("%s does not stop half of a version: %v", name, err)
		}
	}
}
