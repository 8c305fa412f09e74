package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"portal/internal/money"
)

// guardedIndemnity is guarded, for the indemnity: calls, what members and heirs send,
// what is asked of them. Giulia is the member; maria and anna are officers.
var guardedIndemnity = map[string][]string{
	"call_is_named_by_its_month":            {`INSERT INTO calls VALUES ('2026-13')`, `INSERT INTO calls VALUES ('maggio')`},
	"call_version_in_force_exists":          {aCall + `UPDATE calls SET version = 9; SET CONSTRAINTS ALL IMMEDIATE`},
	"call_version_has_one_key":              {aCall + `INSERT INTO call_versions (call_id, number, rules, state, shipped, drafted_at, key) SELECT call_id, 2, rules, state, shipped, drafted_at, key FROM call_versions`},
	"call_version_state_is_known":           {aCall + callVersion(`2, 'lost', {maria}, NULL, NULL, NULL, NULL`)},
	"call_version_numbers_start_at_one":     {aCall + callVersion(`0, 'draft', {maria}, NULL, NULL, NULL, NULL`)},
	"drafted_call_has_an_author":            {aCall + callVersion(`2, 'draft', NULL, NULL, NULL, NULL, NULL`)},
	"proposed_call_has_a_proposer":          {aCall + callVersion(`2, 'proposed', {maria}, NULL, now(), NULL, NULL`), aCall + callVersion(`2, 'proposed', {maria}, {maria}, NULL, NULL, NULL`)},
	"released_call_has_a_second_person":     {aCall + callVersion(`2, 'released', {maria}, {maria}, now(), NULL, NULL`), aCall + callVersion(`2, 'released', {maria}, {maria}, now(), {anna}, NULL`)},
	"nobody_releases_the_call_they_drafted": {aCall + callVersion(`2, 'released', {maria}, {anna}, now(), {maria}, now()`), aCall + callVersion(`2, 'released', {maria}, {anna}, now(), {anna}, now()`), proposedCall + `UPDATE call_versions SET authors = ARRAY[{anna}::uuid] WHERE number = 2; UPDATE call_versions SET state = 'released', decided_by = {anna}, decided_at = now() WHERE number = 2`},
	"call_has_one_open_version":             {aCall + callVersion(`2, 'draft', {maria}, NULL, NULL, NULL, NULL`) + callVersion(`3, 'draft', {anna}, NULL, NULL, NULL, NULL`), proposedCall + callVersion(`3, 'draft', {anna}, NULL, NULL, NULL, NULL`)},
	"released_call_never_changes":           {aCall + `UPDATE call_versions SET rules = '[]'`, aCall + `UPDATE call_versions SET note = 'x'`, aCall + callVersion(`2, 'dropped', {maria}, NULL, NULL, NULL, NULL`) + `UPDATE call_versions SET state = 'draft' WHERE number = 2`},
	"proposed_call_does_not_change": {
		proposedCall + `UPDATE call_versions SET rules = '[]' WHERE number = 2`, proposedCall + `UPDATE call_versions SET proposed_by = {anna} WHERE number = 2`,
		proposedCall + `UPDATE call_versions SET state = 'released', proposed_by = {anna}, decided_by = {giulia}, decided_at = now() WHERE number = 2`},
	"call_version_keeps_name_and_author": {
		proposedCall + `UPDATE call_versions SET drafted_by = {anna} WHERE number = 2`, proposedCall + `UPDATE call_versions SET shipped = true WHERE number = 2`,
		proposedCall + `UPDATE call_versions SET number = 3 WHERE number = 2`, proposedCall + `UPDATE call_versions SET key = gen_random_uuid() WHERE number = 2`,
		proposedCall + `UPDATE call_versions SET from_call = call_id, from_number = 1 WHERE number = 2`,
		proposedCall + `UPDATE call_versions SET authors = ARRAY[{maria}::uuid] WHERE number = 2; UPDATE call_versions SET authors = '{}' WHERE number = 2`},
	"call_versions_are_kept": {`DELETE FROM call_versions`, `TRUNCATE call_versions CASCADE`},

	"sent_indemnity_draft_is_empty": {`INSERT INTO indemnity_drafts (id, member_id, answers, started_at, saved_at, sent_at) VALUES (gen_random_uuid(), {giulia}, '{"email": "x"}', now(), now(), now())`},

	"indemnity_protocol_is_used_once":   {anApplication + indemnityRow(`'B-1', 'member', 'portal', {giulia}, NULL, '[2026-05-21,2026-05-29]', sha256('')`)},
	"indemnity_applicant_kind_is_known": {aCall + strings.Replace(indemnityRow(`'B-1', 'friend', 'pec', NULL, {maria}, '[2026-05-04,2026-05-20]', sha256('')`), "NULL::date", "now()", 1)},
	"indemnity_channel_is_known":        {aCall + indemnityRow(`'B-1', 'member', 'fax', NULL, {maria}, '[2026-05-04,2026-05-20]', sha256('')`)},
	"indemnity_state_is_known":          {anApplication + `UPDATE indemnity_applications SET state = 'lost'`},
	"somebody_sent_or_registered_it": {
		aCall + indemnityRow(`'B-1', 'member', 'portal', NULL, NULL, '[2026-05-04,2026-05-20]', sha256('')`), aCall + indemnityRow(`'B-1', 'member', 'portal', {giulia}, {maria}, '[2026-05-04,2026-05-20]', sha256('')`),
		aCall + indemnityRow(`'B-1', 'member', 'pec', NULL, NULL, '[2026-05-04,2026-05-20]', sha256('')`), aCall + indemnityRow(`'B-1', 'member', 'other', {giulia}, {maria}, '[2026-05-04,2026-05-20]', sha256('')`)},
	"withdrawn_application_has_a_time": {anApplication + `UPDATE indemnity_applications SET state = 'withdrawn'`, anApplication + `UPDATE indemnity_applications SET withdrawn_at = now()`},
	"heirs_apply_for_a_deceased":       {aCall + indemnityRow(`'B-1', 'heirs', 'pec', NULL, {maria}, '[2026-05-04,2026-05-20]', sha256('')`)},
	"event_has_a_first_and_a_last_day": {
		aCall + indemnityRow(`'B-1', 'member', 'portal', {giulia}, NULL, 'empty', sha256('')`), aCall + indemnityRow(`'B-1', 'member', 'portal', {giulia}, NULL, '[2026-05-04,)', sha256('')`),
		aCall + indemnityRow(`'B-1', 'member', 'portal', {giulia}, NULL, '(,2026-05-20]', sha256('')`)},
	"indemnity_digest_is_sha256": {aCall + indemnityRow(`'B-1', 'member', 'portal', {giulia}, NULL, '[2026-05-04,2026-05-20]', 'x'`)},
	"event_is_applied_for_once": {
		anApplication + indemnityRow(`'B-2', 'member', 'portal', {giulia}, NULL, '[2026-05-04,2026-05-21)', sha256('')`),
		anApplication + turnedDown + indemnityRow(`'B-2', 'member', 'portal', {giulia}, NULL, '[2026-05-04,2026-05-20]', sha256('')`) + `UPDATE indemnity_applications SET state = 'suitable' WHERE protocol = 'B-1'`},
	"application_is_made_by_the_call_in_force": {
		aCall + callVersion(`2, 'draft', {maria}, NULL, NULL, NULL, NULL`) + strings.Replace(indemnityRow(`'B-1', 'member', 'portal', {giulia}, NULL, '[2026-05-04,2026-05-20]', sha256('')`), "'2026-05', 1", "'2026-05', 2", 1),
		aCall + callVersion(`2, 'released', {maria}, {maria}, now(), {anna}, now()`) + indemnityRow(`'B-1', 'member', 'portal', {giulia}, NULL, '[2026-05-04,2026-05-20]', sha256('')`)},
	"application_is_sent_within_its_term": {
		aCall + strings.Replace(indemnityRow(`'B-1', 'member', 'portal', {giulia}, NULL, '[2026-05-04,2026-05-20]', sha256('')`), "'2026-05-30'", "'2026-06-02 00:00 Europe/Rome'", 1),
		aCall + strings.Replace(indemnityRow(`'B-1', 'member', 'portal', {giulia}, NULL, '[2026-05-04,2026-05-20]', sha256('')`), "'2026-05-30'", "'2026-05-19 23:59 Europe/Rome'", 1)},
	"events_of_a_member_do_not_overlap": {anApplication + indemnityRow(`'B-2', 'member', 'portal', {giulia}, NULL, '[2026-05-20,2026-05-29]', sha256('')`)},
	"indemnity_application_stays_as_sent": {
		anApplication + `UPDATE indemnity_applications SET protocol = 'B-2'`, anApplication + `UPDATE indemnity_applications SET member_id = {anna}`, anApplication + `UPDATE indemnity_applications SET submitted_at = submitted_at - interval '1 second'`,
		anApplication + `UPDATE indemnity_applications SET term_ended_on = term_ended_on + 1`, anApplication + `UPDATE indemnity_applications SET event = '[2026-05-04,2026-05-21]'`,
		anApplication + `UPDATE indemnity_applications SET answers = '[]'`, anApplication + `UPDATE indemnity_applications SET declarations = '[]'`, anApplication + `UPDATE indemnity_applications SET registers = '[]'`,
		anApplication + `UPDATE indemnity_applications SET digest = sha256('x')`, anApplication + `UPDATE indemnity_applications SET check_code = 'x'`,
		anApplication + `UPDATE indemnity_applications SET channel = 'pec', sender_id = NULL, received_by = {maria}`},
	"withdrawn_stays_withdrawn": {
		anApplication + `UPDATE indemnity_applications SET state = 'withdrawn', withdrawn_at = now(); UPDATE indemnity_applications SET state = 'submitted', withdrawn_at = NULL`,
		anApplication + `UPDATE indemnity_applications SET state = 'withdrawn', withdrawn_at = now(); UPDATE indemnity_applications SET withdrawn_at = now() - interval '1 day'`},
	"day_of_death_is_recorded_once": {aDeath + `UPDATE indemnity_applications SET died_on = '2026-06-11'`, aDeath + `UPDATE indemnity_applications SET died_on = NULL`},
	"two_people_confirm_a_death": {
		anApplication + `UPDATE indemnity_applications SET died_on = '2026-06-10'`, aSuccession + `UPDATE indemnity_applications SET died_on = '2026-06-10'`,
		aSuccession + confirmed + `UPDATE indemnity_applications SET died_on = '2026-06-11'`,
		strings.Replace(anApplication, "NULL::date", "'2026-06-10'::date", 1)},
	"heirs_are_of_a_deceased":                {anApplication + heirRow(`'BNCLCU05A01F205X', 'Luca', 'Bianchi', 1, 2`)},
	"succession_state_is_known":              {aSuccession + `UPDATE successions SET state = 'lost', decided_by = {anna}, decided_at = now()`},
	"decided_succession_has_a_second_person": {aSuccession + `UPDATE successions SET state = 'confirmed'`, aSuccession + `UPDATE successions SET decided_by = {anna}, decided_at = now()`},
	"nobody_confirms_their_own_succession":   {aSuccession + `UPDATE successions SET state = 'confirmed', decided_by = {maria}, decided_at = now()`},
	"succession_sent_back_says_why":          {aSuccession + `UPDATE successions SET state = 'sent_back', decided_by = {anna}, decided_at = now()`, aSuccession + `UPDATE successions SET why = 'x'`},
	"case_has_one_open_succession":           {aSuccession + successionRow},
	"succession_stays_as_registered": {
		aSuccession + `UPDATE successions SET died_on = died_on + 1`, aSuccession + `UPDATE successions SET heirs = '{}'`, aSuccession + `UPDATE successions SET proposed_by = {anna}`,
		aSuccession + confirmed + `UPDATE successions SET decided_by = {giulia}`, aSuccession + confirmed + `UPDATE successions SET state = 'proposed', decided_by = NULL, decided_at = NULL`},
	"successions_are_kept": {`DELETE FROM successions`, `TRUNCATE successions`},

	"indemnity_applications_are_kept": {`DELETE FROM indemnity_applications`, `TRUNCATE indemnity_applications CASCADE`},

	"request_kind_is_known":       {anApplication + requestRow(`'favour', 'x', 15, NULL, '', NULL, 'open'`)},
	"request_says_something":      {anApplication + requestRow(`'supplement', '', 15, NULL, '', NULL, 'open'`)},
	"request_state_is_known":      {anApplication + requestRow(`'supplement', 'x', 15, NULL, '', NULL, 'lost'`)},
	"request_reaches_with_a_way":  {anApplication + requestRow(`'supplement', 'x', 15, '2026-06-09', '', '2026-06-24', 'open'`), anApplication + requestRow(`'supplement', 'x', 15, NULL, 'pec', NULL, 'open'`), anApplication + requestRow(`'supplement', 'x', 15, '2026-06-09', 'pigeon', '2026-06-24', 'open'`)},
	"reached_request_has_a_term":  {anApplication + requestRow(`'supplement', 'x', 15, '2026-06-09', 'portal', NULL, 'open'`), anApplication + requestRow(`'supplement', 'x', 15, NULL, '', '2026-06-24', 'open'`)},
	"only_a_term_that_ran_lapses": {anApplication + requestRow(`'regularisation', 'x', 15, NULL, '', NULL, 'lapsed'`)},
	"term_ends_after_the_request": {anApplication + requestRow(`'supplement', 'x', 15, '2026-06-09', 'portal', '2026-06-23', 'open'`), anApplication + requestRow(`'supplement', 'x', 0, NULL, '', NULL, 'open'`)},
	"answer_has_author_time_and_protocol": {
		aRequest + `UPDATE indemnity_requests SET answered_at = now(), answered_by = {giulia}`, aRequest + `UPDATE indemnity_requests SET answered_at = now(), answer_protocol = 'I-1'`,
		aRequest + `UPDATE indemnity_requests SET answer_protocol = 'I-1', answered_by = {giulia}`, aRequest + `UPDATE indemnity_requests SET state = 'answered'`},
	"answer_is_sent_within_its_term": {aRequest + strings.Replace(answered, "'2026-06-20'", "'2026-06-25 00:00 Europe/Rome'", 1)},
	"answer_protocol_is_used_once":   {aRequest + answered + requestRow(`'regularisation', 'x', 15, '2026-06-09', 'portal', '2026-06-24', 'open'`) + answered},
	"request_stays_as_sent": {
		aRequest + `UPDATE indemnity_requests SET text = 'y'`, aRequest + `UPDATE indemnity_requests SET items = '[1]'`, aRequest + `UPDATE indemnity_requests SET kind = 'regularisation'`, aRequest + `UPDATE indemnity_requests SET days = 10`,
		aRequest + `UPDATE indemnity_requests SET due_on = due_on + 1`, aRequest + `UPDATE indemnity_requests SET reached_by = 'pec'`, aRequest + `UPDATE indemnity_requests SET reached_on = NULL, reached_by = '', due_on = NULL`},
	"answer_stays_as_sent": {
		aRequest + answered + `UPDATE indemnity_requests SET answer = '[]'`, aRequest + answered + `UPDATE indemnity_requests SET answered_at = now() - interval '1 day'`, aRequest + answered + `UPDATE indemnity_requests SET answered_by = {anna}`,
		aRequest + answered + `UPDATE indemnity_requests SET state = 'open', answered_at = NULL, answered_by = NULL, answer_protocol = NULL`},
	"requests_are_kept": {`DELETE FROM indemnity_requests`, `TRUNCATE indemnity_requests CASCADE`},

	"paper_kind_is_known":     {paperRow(`'poem', NULL, NULL, NULL, NULL, NULL`)},
	"paper_covers_known_days": {paperRow(`'hospital_stay', '[2026-05-04,)', NULL, NULL, NULL, NULL`), paperRow(`'hospital_stay', 'empty', NULL, NULL, NULL, NULL`)},
	"attachment_is_one_paper": {aFile + paperRow(`'isee', NULL, NULL, NULL, (SELECT id FROM attachments), NULL`) + paperRow(`'isee', NULL, NULL, NULL, (SELECT id FROM attachments), NULL`)},
	"sent_paper_has_a_file":   {paperRow(`'isee', NULL, NULL, NULL, NULL, now()`)},
	"paper_is_of_one_case": {
		strings.Replace(aFile, "{maria}", "{anna}", 1) + paperRow(`'isee', NULL, NULL, NULL, (SELECT id FROM attachments), NULL`),
		aRequest + paperRow(`'isee', NULL, (SELECT id FROM indemnity_requests), NULL, NULL, NULL`),
		strings.Replace(paperRow(`'isee', NULL, NULL, NULL, NULL, NULL`), "{maria}", "{anna}", 1) + paperRow(`'isee', NULL, NULL, (SELECT id FROM indemnity_papers), NULL, NULL`),
		paperRow(`'isee', NULL, NULL, NULL, NULL, NULL`) + `UPDATE indemnity_papers SET case_id = {anna}`},
	"sent_paper_stays": {sentPaper + `UPDATE indemnity_papers SET covers = '[2026-05-04,2026-05-20]'`, sentPaper + `UPDATE indemnity_papers SET sent_at = NULL`, sentPaper + `DELETE FROM indemnity_papers`},
	"papers_are_kept":  {`TRUNCATE indemnity_papers`},

	"heir_has_a_name":                         {aDeath + heirRow(`'BNCLCU05A01F205X', 'Luca', '', 1, 2`), aDeath + heirRow(`'BNCLCU05A01F205X', '', 'Bianchi', 1, 2`)},
	"heir_fiscal_code_has_sixteen_characters": {aDeath + heirRow(`'BNCLCU05A01F205', 'Luca', 'Bianchi', 1, 2`), aDeath + heirRow(`'bnclcu05a01f205x', 'Luca', 'Bianchi', 1, 2`)},
	"share_is_a_part_of_the_whole":            {aDeath + heirRow(`'BNCLCU05A01F205X', 'Luca', 'Bianchi', 0, 2`), aDeath + heirRow(`'BNCLCU05A01F205X', 'Luca', 'Bianchi', 3, 2`), aDeath + heirRow(`'BNCLCU05A01F205X', 'Luca', 'Bianchi', -1, -1`)},
	"heir_iban_looks_like_one":                {anHeir + `UPDATE heirs SET iban = 'IT60'`},
	"linked_heir_is_somebody":                 {anHeir + `UPDATE heirs SET person_id = {anna}`, anHeir + `UPDATE heirs SET linked_at = now()`},
	"code_links_once":                         {anHeir + `UPDATE heirs SET person_id = {anna}, linked_at = now(), code_hash = 'x'`},
	"code_links_within_five_tries":            {anHeir + `UPDATE heirs SET tries = 6`, anHeir + `UPDATE heirs SET tries = -1`},
	"heir_stands_once_in_a_case":              {anHeir + heirRow(`'BNCLCU05A01F205X', 'Luca', 'Bianchi', 1, 2`)},
	"shares_make_at_most_the_whole": {
		anHeir + heirRow(`'BNCNNA07A41F205Y', 'Anna', 'Bianchi', 2, 3`) + `SET CONSTRAINTS ALL IMMEDIATE`, anHeir + heirRow(`'BNCNNA07A41F205Y', 'Anna', 'Bianchi', 1073741825, 2147483647`) + `SET CONSTRAINTS ALL IMMEDIATE`,
		anHeir + heirRow(`'BNCNNA07A41F205Y', 'Anna', 'Bianchi', 1, 2`) + `SET CONSTRAINTS ALL IMMEDIATE; UPDATE heirs SET share_whole = 1 WHERE fiscal_code = 'BNCNNA07A41F205Y'`,
		anHeir + `UPDATE heirs SET removed_at = now(); ` + heirRow(`'BNCNNA07A41F205Y', 'Anna', 'Bianchi', 1, 1`) + `SET CONSTRAINTS ALL IMMEDIATE; UPDATE heirs SET removed_at = NULL`},
	"heirs_are_kept": {`DELETE FROM heirs`, `TRUNCATE heirs CASCADE`},

	"pec_is_delivered_after_it_is_accepted": {anApplication + pecRow(`'2026-06-10 23:59:59', '2026-06-10 23:59:58', '2026-06-11'`)},
	"pec_is_recorded_after_it_is_delivered": {anApplication + pecRow(`'2026-06-10 23:59:58', '2026-06-10 23:59:59', '2026-06-10'`)},
	"pec_messages_only_grow":                {`UPDATE pec_messages SET sender = 'x'`, `DELETE FROM pec_messages`, `TRUNCATE pec_messages CASCADE`},
}

const (
	aCall = `INSERT INTO calls VALUES ('2026-05');
		INSERT INTO call_versions (call_id, number, rules, state, shipped, drafted_at) VALUES ('2026-05', 1, '{}', 'released', true, now()); `
	successionRow = `INSERT INTO successions (id, application_id, died_on, heirs, proposed_by, proposed_at) SELECT gen_random_uuid(), id, '2026-06-10', '[]', {maria}, now() FROM indemnity_applications; `
	confirmed     = `UPDATE successions SET state = 'confirmed', decided_by = {anna}, decided_at = now(); `
	answered      = `UPDATE indemnity_requests SET state = 'answered', answered_at = '2026-06-20', answered_by = {giulia}, answer_protocol = 'I-1' WHERE state = 'open'; `
)

var (
	proposedCall  = aCall + callVersion(`2, 'proposed', {maria}, {maria}, now(), NULL, NULL`)
	anApplication = aCall + indemnityRow(`'B-1', 'member', 'portal', {giulia}, NULL, '[2026-05-04,2026-05-20]', sha256('')`)
	turnedDown    = decisionRow(`'inadmissible', '{X}', '', {maria}, NULL`) + decisionMade + endedBy
	aRequest      = anApplication + requestRow(`'supplement', 'x', 15, '2026-06-09', 'portal', '2026-06-24', 'open'`)
	aFile         = handedIn
	sentPaper     = aFile + paperRow(`'isee', NULL, NULL, NULL, (SELECT id FROM attachments), now()`)
	aSuccession   = anApplication + successionRow
	aDeath        = aSuccession + confirmed + `UPDATE indemnity_applications SET died_on = '2026-06-10'; `
	anHeir        = aDeath + heirRow(`'BNCLCU05A01F205X', 'Luca', 'Bianchi', 1, 2`)
)

func callVersion(values string) string {
	return `INSERT INTO call_versions (call_id, rules, drafted_at, number, state, drafted_by, proposed_by, proposed_at, decided_by, decided_at)
		SELECT '2026-05', '{}', now(), ` + values + `; `
}

// indemnityRow is an application for an illness of giulia, who lived.
func indemnityRow(values string) string {
	return `INSERT INTO indemnity_applications (id, call_id, call_version, member_id, submitted_at, term_ended_on, answers, declarations, registers, check_code, died_on,
			protocol, applicant_kind, channel, sender_id, received_by, event, digest)
		SELECT gen_random_uuid(), '2026-05', 1, {giulia}, '2026-05-30', '2026-06-01', '{}', '{}', '{}', '', NULL::date, ` + values + `; `
}

func requestRow(values string) string {
	return `INSERT INTO indemnity_requests (id, application_id, asked_by, asked_at, kind, text, days, reached_on, reached_by, due_on, state)
		SELECT gen_random_uuid(), id, {maria}, now(), ` + values + ` FROM indemnity_applications; `
}

// paperRow is a paper of the case of aFile.
func paperRow(values string) string {
	return `INSERT INTO indemnity_papers (id, case_id, added_by, added_at, kind, covers, request_id, replaces, attachment_id, sent_at)
		SELECT gen_random_uuid(), {maria}, {giulia}, now(), ` + values + `; `
}

func heirRow(values string) string {
	return `INSERT INTO heirs (id, application_id, kinship, added_by, added_at, fiscal_code, given_name, family_name, share_part, share_whole)
		SELECT gen_random_uuid(), id, 'child', {maria}, now(), ` + values + ` FROM indemnity_applications; `
}

func pecRow(values string) string {
	return `INSERT INTO pec_messages (id, application_id, sender, recorded_by, accepted_at, delivered_at, recorded_at)
		SELECT gen_random_uuid(), id, 'x', {maria}, ` + values + ` FROM indemnity_applications; `
}

// named is a statement with giulia, the member, maria, the officer, and anna, another, in it.
func (f *fixture) named(sql string) string {
	return strings.NewReplacer("{giulia}", quote(f.psychologists[0]), "{maria}", quote(f.maria.ID), "{anna}", quote(f.psychologists[len(f.psychologists)-1])).Replace(sql)
}

func TestWhatWasTurnedDownIsAppliedForAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	again := indemnityRow(`'B-2', 'member', 'portal', {giulia}, NULL, '[2026-05-04,2026-05-20]', sha256('')`)
	if _, err := f.pool.Exec(t.Context(), f.named(anApplication+turnedDown+again), pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Error(err)
	}
}

func TestSixSixthsAreTheWhole(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	heirs := strings.Repeat(heirRow(`'BNCLCU05A01F20' || 10 + (SELECT count(*) FROM heirs), 'Luca', 'Bianchi', 1, 6`), 6)
	if _, err := f.pool.Exec(t.Context(), f.named(aDeath+heirs), pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Error(err)
	}
}

// While an officer's heir is being entered, another officer's waits to be counted.
func TestTwoOfficersDoNotGiveAwayMoreThanTheWhole(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	if _, err := f.pool.Exec(t.Context(), f.named(aDeath), pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	enter := func(tx pgx.Tx, code string) error {
		_, err := tx.Exec(t.Context(), f.named(`SET LOCAL lock_timeout = '50ms'; `+heirRow(`'`+code+`', 'Luca', 'Bianchi', 2, 3`)+`SET CONSTRAINTS ALL IMMEDIATE`), pgx.QueryExecModeSimpleProtocol)
		return err
	}
	other := func() string {
		var pg *pgconn.PgError
		errors.As(pgx.BeginFunc(t.Context(), f.pool, func(tx pgx.Tx) error { return enter(tx, "BNCNNA07A41F205Y") }), &pg)
		if pg == nil {
			return ""
		}
		return pg.Code + " " + pg.ConstraintName
	}
	if err := pgx.BeginFunc(t.Context(), f.pool, func(tx pgx.Tx) error {
		if err := enter(tx, "BNCLCU05A01F205X"); err != nil {
			return err
		}
		if got := other(); got != "55P03 " { // it waits for a lock
			t.Errorf("meanwhile: %q", got)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := other(); got != "23514 shares_make_at_most_the_whole" {
		t.Errorf("after: %q", got)
	}
}
