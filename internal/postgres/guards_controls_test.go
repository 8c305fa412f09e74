package postgres_test

import "strings"

// guardedControls is guarded, for the checks after a ranking: giulia is paid; maria and
// anna are officers.
var guardedControls = map[string][]string{
	"committed_value_is_drawn_by_chance":    {aCall + commitmentRow(`'secret'`)},
	"commitment_is_the_digest_of_its_value": {aCall + strings.Replace(aCommitment, `sha256(`, `sha224(`, 1)},
	"commitments_only_grow":                 {`UPDATE control_commitments SET value = 'x'`, `DELETE FROM control_commitments`, `TRUNCATE control_commitments CASCADE`},
	"call_has_one_commitment_at_a_time":     {aCall + aCommitment + commitmentRow(`repeat('b', 64)`), somebodyPaid + aSample + commitmentRow(`repeat('b', 64)`)},

	"sample_is_a_share_or_a_count":              {somebodyPaid + sampleRow(`NULL, NULL, 'x', 1, 1`), somebodyPaid + sampleRow(`500, 1, 'x', 1, 1`), somebodyPaid + sampleRow(`10001, NULL, 'x', 1, 1`), somebodyPaid + sampleRow(`NULL, 0, 'x', 1, 1`)},
	"sample_says_why":                           {somebodyPaid + sampleRow(`500, NULL, ' ', 1, 1`)},
	"sample_is_of_its_population":               {somebodyPaid + sampleRow(`NULL, 2, 'x', 1, 2`), somebodyPaid + sampleRow(`500, NULL, 'x', 1, 0`)},
	"sample_state_is_known":                     {somebodyPaid + aSample + `UPDATE control_samples SET state = 'lost', decided_by = {anna}, decided_at = now()`},
	"sample_has_a_second_person":                {somebodyPaid + aSample + `UPDATE control_samples SET state = 'drawn', seed = 'x'`, somebodyPaid + aSample + `UPDATE control_samples SET decided_by = {anna}, decided_at = now()`},
	"nobody_confirms_a_sample_they_proposed":    {somebodyPaid + aSample + strings.Replace(drawnSample, "{anna}", "{maria}", 1)},
	"sample_sent_back_says_why":                 {somebodyPaid + aSample + `UPDATE control_samples SET state = 'sent_back', decided_by = {anna}, decided_at = now()`},
	"drawn_sample_has_a_seed":                   {somebodyPaid + aSample + `UPDATE control_samples SET state = 'drawn', decided_by = {anna}, decided_at = now()`},
	"publication_has_one_sample":                {somebodyPaid + aSample + aSample},
	"commitment_is_revealed_once":               {somebodyPaid + aSample + `DROP INDEX publication_has_one_sample; ` + aSample},
	"seed_was_committed_before_the_publication": {strings.Replace(somebodyPaid, "interval '1 hour'", "interval '0 hours'", 1) + aSample, anApplication + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 0, 1`) + aCommitment + aSample},
	"sample_is_of_all_who_are_paid":             {somebodyPaid + sampleRow(`500, NULL, 'x', 2, 1`)},
	"sample_stays_as_drawn": {somebodyPaid + aSample + `UPDATE control_samples SET size = 2`, somebodyPaid + aSample + `UPDATE control_samples SET reason = 'y'`,
		somebodyPaid + aSample + drawnSample + `UPDATE control_samples SET decided_at = now() + interval '1 day'`},
	"samples_are_kept": {`DELETE FROM control_samples`, `TRUNCATE control_samples CASCADE`},
	"sample_is_what_its_seed_draws": {somebodyPaid + aSample + drawnSample + `SET CONSTRAINTS ALL IMMEDIATE`,
		somebodyPaid + aSample + strings.Replace(drawnSample, "repeat('a', 64)", "repeat('b', 64)", 1) + drawnControl + `SET CONSTRAINTS ALL IMMEDIATE`},
	"sample_has_so_many_places": {somebodyPaid + aSample + drawnControl, somebodyPaid + aSample + drawnSample + strings.Replace(drawnControl, "id, 1, ", "id, 2, ", 1)},

	"control_source_is_known":               {somebodyPaid + controlRow(`'rumour', NULL, NULL, 'x', {maria}`)},
	"drawn_control_has_a_place":             {somebodyPaid + controlRow(`'sample', NULL, NULL, '', {maria}`), somebodyPaid + controlRow(`'report', NULL, 1, 'x', {maria}`)},
	"reported_control_says_why":             {somebodyPaid + controlRow(`'report', NULL, NULL, ' ', {maria}`)},
	"control_state_is_known":                {aControl + `UPDATE indemnity_controls SET state = 'lost', found = 'x', ended_by = {maria}, ended_at = now()`},
	"ended_control_says_what_was_found":     {aControl + `UPDATE indemnity_controls SET state = 'confirmed', ended_by = {maria}, ended_at = now()`, aControl + `UPDATE indemnity_controls SET state = 'confirmed', found = 'x'`, aControl + `UPDATE indemnity_controls SET found = 'x'`},
	"irregularity_has_grounds":              {aControl + strings.Replace(irregular, "'{X}'", "'{}'", 1), aControl + strings.Replace(irregular, "'irregular'", "'confirmed'", 1)},
	"case_is_drawn_once":                    {somebodyPaid + aSample + drawnSample + drawnControl + `ALTER TABLE indemnity_controls DISABLE TRIGGER controls_stay_as_made; ` + strings.Replace(drawnControl, "id, 1, ", "id, 2, ", 1)},
	"place_is_drawn_once":                   {somebodyPaid + aSample + drawnSample + drawnControl + `ALTER TABLE indemnity_controls DROP CONSTRAINT case_is_drawn_once; ` + drawnControl},
	"case_is_reported_once_at_a_time":       {aControl + controlRow(`'report', NULL, NULL, 'y', {anna}`)},
	"control_stays_as_made":                 {aControl + `UPDATE indemnity_controls SET reason = 'y'`, aControl + irregular + `UPDATE indemnity_controls SET found = 'y'`},
	"nobody_checks_their_own_case":          {somebodyPaid + controlRow(`'report', NULL, NULL, 'x', {giulia}`), aControl + strings.Replace(irregular, "{maria}", "{giulia}", 1), strings.Replace(aControl, anApplication, anHeir+`UPDATE heirs SET person_id = {anna}, linked_at = now(); `, 1) + strings.Replace(irregular, "{maria}", "{anna}", 1)},
	"only_what_is_paid_is_checked":          {anApplication + controlRow(`'report', NULL, NULL, 'x', {maria}`)},
	"controls_are_kept":                     {`DELETE FROM indemnity_controls`, `TRUNCATE indemnity_controls CASCADE`},
	"revocation_rests_on_a_check":           {aControl + irregular + strings.Replace(aRevocation, "'revoked'", "'forfeited'", 1)},
	"revocation_is_of_what_was_found":       {aControl + aRevocation, aControl + strings.Replace(irregular, "'{X}'", "'{Y}'", 1) + aRevocation, aControl + irregular + `UPDATE indemnity_applications SET state = 'in_review'; ` + aRevocation},
	"only_a_revocation_is_undone_to_funded": {aDecision + decisionMade + decisionRow(`'funded', '{}', 'x', {maria}, `+inForce)},
	"revocation_waits_for_the_bank":         {aControl + irregular + underWay("sent") + aRevocation},
	"nothing_that_was_revoked_is_paid":      {wasRevoked + underWay("frozen") + `UPDATE payment_orders SET state = 'sent'`},

	"something_is_recovered":                    {wasRevoked + recoveryRow(`0, 'open', NULL, '', NULL, NULL, NULL`)},
	"recovery_state_is_known":                   {wasRevoked + recoveryRow(`10, 'lost', now(), '', NULL, NULL, NULL`)},
	"closed_recovery_has_its_time":              {wasRevoked + recoveryRow(`10, 'open', now(), '', NULL, NULL, NULL`), aRecovery + `UPDATE indemnity_recoveries SET state = 'annulled'`},
	"write_off_says_why":                        {aRecovery + `UPDATE indemnity_recoveries SET proposed_by = {maria}, proposed_at = now()`, aRecovery + `UPDATE indemnity_recoveries SET reason = 'x'`, aRecovery + `UPDATE indemnity_recoveries SET proposed_by = {maria}, reason = 'x'`},
	"write_off_has_a_second_person":             {aRecovery + writeOff + `UPDATE indemnity_recoveries SET state = 'written_off', closed_at = now()`, aRecovery + `UPDATE indemnity_recoveries SET state = 'written_off', closed_at = now(), decided_by = {anna}`},
	"nobody_approves_a_write_off_they_proposed": {aRecovery + writeOff + `UPDATE indemnity_recoveries SET state = 'written_off', closed_at = now(), decided_by = {maria}`},
	"recovery_is_opened_once":                   {aRecovery + recoveryRow(`10, 'open', NULL, '', NULL, NULL, NULL`)},
	"recovery_stays_as_opened":                  {aRecovery + `UPDATE indemnity_recoveries SET amount_cents = 9`, aRecovery + `UPDATE indemnity_recoveries SET state = 'annulled', closed_at = now(); UPDATE indemnity_recoveries SET state = 'open', closed_at = NULL`},
	"recovery_is_paid_in_full":                  {aRecovery + receiptRow(`9, 'x', {maria}`) + `UPDATE indemnity_recoveries SET state = 'paid', closed_at = now()`},
	"nobody_writes_off_their_own":               {aRecovery + strings.Replace(writeOff, "{maria}", "{giulia}", 1), aRecovery + writeOff + `UPDATE indemnity_recoveries SET state = 'written_off', closed_at = now(), decided_by = {giulia}`},
	"recovery_is_of_a_revocation":               {aDecision + decisionMade + recoveryRow(`10, 'open', NULL, '', NULL, NULL, NULL`), aControl + irregular + aRevocation + recoveryRow(`10, 'open', NULL, '', NULL, NULL, NULL`)},
	"recoveries_are_kept":                       {`DELETE FROM indemnity_recoveries`, `TRUNCATE indemnity_recoveries CASCADE`},
	"something_was_received":                    {aRecovery + receiptRow(`0, 'x', {maria}`)},
	"receipt_has_a_reference":                   {aRecovery + receiptRow(`1, ' ', {maria}`)},
	"no_more_comes_back_than_is_owed":           {aRecovery + receiptRow(`11, 'x', {maria}`), aRecovery + receiptRow(`6, 'x', {maria}`) + receiptRow(`5, 'x', {maria}`), aRecovery + `UPDATE indemnity_recoveries SET state = 'annulled', closed_at = now(); ` + receiptRow(`1, 'x', {maria}`)},
	"nobody_records_their_own_receipt":          {aRecovery + receiptRow(`1, 'x', {giulia}`)},
	"receipts_only_grow":                        {`UPDATE recovery_receipts SET amount_cents = 1`, `DELETE FROM recovery_receipts`, `TRUNCATE recovery_receipts`},
}

const (
	drawnSample = `UPDATE control_samples SET state = 'drawn', decided_by = {anna}, decided_at = now(),
		seed = encode(sha256(convert_to(encode(sha256(convert_to('m', 'UTF8')), 'hex') || ':' || repeat('a', 64), 'UTF8')), 'hex'); `
	drawnControl = `INSERT INTO indemnity_controls (id, application_id, source, sample_id, place, opened_by, opened_at)
		SELECT gen_random_uuid(), a.id, 'sample', s.id, 1, {anna}, now() FROM indemnity_applications a, control_samples s; `
	irregular   = `UPDATE indemnity_controls SET state = 'irregular', found = 'x', codes = '{X}', ended_by = {maria}, ended_at = now(); `
	aRevocation = `INSERT INTO indemnity_decisions (id, application_id, call_version, proposed_at, to_state, codes, text, proposed_by, control_id)
		SELECT gen_random_uuid(), k.application_id, 1, now(), 'revoked', '{X}', 'x', {maria}, k.id FROM indemnity_controls k; `
	writeOff = `UPDATE indemnity_recoveries SET reason = 'x', proposed_by = {maria}, proposed_at = now(); `
)

var (
	aCommitment    = commitmentRow(`repeat('a', 64)`)
	aSample        = sampleRow(`500, NULL, 'x', 1, 1`)
	somebodyRanked = anApplication + rankingRow(`1, 'ranking', NULL, NULL, '', 'simulated', 1, 1, 1, 0`) + anEntry + checkedRanking + proposedRanking + approvedRanking
	somebodyPaid   = somebodyRanked + aCommitment + publishedRanking + placedCase
	aControl       = somebodyPaid + controlRow(`'report', NULL, NULL, 'x', {maria}`)
	wasRevoked     = aControl + irregular + aRevocation + decisionMade + `UPDATE indemnity_applications SET state = 'revoked'; `
	aRecovery      = wasRevoked + recoveryRow(`10, 'open', NULL, '', NULL, NULL, NULL`)
)

func commitmentRow(value string) string {
	return `INSERT INTO control_commitments (id, call_id, value, digest, made_by, made_at)
		SELECT gen_random_uuid(), '2026-05', v, encode(sha256(convert_to(v, 'UTF8')), 'hex'), {maria}, now() - interval '1 hour' FROM (SELECT ` + value + ` AS v) x; `
}

// sampleRow is a sample: share, count, reason, population and size.
func sampleRow(values string) string {
	return `INSERT INTO control_samples (id, ranking_id, commitment_id, proposed_by, proposed_at, share, count, reason, population, size)
		SELECT gen_random_uuid(), r.id, c.id, {maria}, now(), ` + values + ` FROM indemnity_rankings r, control_commitments c; `
}

// controlRow is a check on the case: source, sample, place, reason and who opened it.
func controlRow(values string) string {
	return `INSERT INTO indemnity_controls (id, application_id, opened_at, source, sample_id, place, reason, opened_by)
		SELECT gen_random_uuid(), a.id, now(), ` + strings.Replace(values, "NULL", "NULL::uuid", 1) + ` FROM indemnity_applications a; `
}

// recoveryRow is what giulia is to give back: amount, state, when it was closed, reason to
// write it off, by whom and when, and who decided it.
func recoveryRow(values string) string {
	return `INSERT INTO indemnity_recoveries (id, application_id, decision_id, payee_id, due_on, opened_at, amount_cents, state, closed_at, reason, proposed_by, proposed_at, decided_by)
		SELECT gen_random_uuid(), d.application_id, d.id, {giulia}, current_date, now(), ` + values + ` FROM indemnity_decisions d; `
}

func receiptRow(values string) string {
	return `INSERT INTO recovery_receipts (id, recovery_id, received_on, recorded_at, amount_cents, reference, recorded_by)
		SELECT gen_random_uuid(), id, current_date, now(), ` + values + ` FROM indemnity_recoveries; `
}

// underWay is a payment of the case that has come so far.
func underWay(state string) string {
	return `ALTER TABLE payment_lines DISABLE TRIGGER USER; ALTER TABLE case_accounts DISABLE TRIGGER USER;
		INSERT INTO payment_runs (programme, number, month, call_id, state, prepared_by, prepared_at) VALUES ('indemnity', 1, '2026-05-01', '2026-05', 'preparing', {maria}, now());
		INSERT INTO case_accounts (application_id, iban, holder, state, given_at, usable_from) SELECT id, 'IT60X0542811101000000123456', 'G', 'to_verify', now(), now() FROM indemnity_applications;
		INSERT INTO payment_orders (run_id, number, end_to_end, payee_id, case_account_id, iban, holder, amount_cents, state)
			SELECT r.id, 1, 'E1', {giulia}, c.id, c.iban, c.holder, 8, '` + state + `' FROM payment_runs r, case_accounts c WHERE r.programme = 'indemnity';
		INSERT INTO payment_lines (order_id, order_state, application_id, ranking_id, gross_cents, withholding_cents, set_off_cents, amount_cents)
			SELECT o.id, o.state, a.id, a.ranking_id, 8, 0, 0, 8 FROM payment_orders o, indemnity_applications a WHERE o.end_to_end = 'E1'; `
}
