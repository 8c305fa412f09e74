package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// guardedCasePayments is guarded, for runs of the indemnity: tried on a run that is
// prepared, see TestEachGuardOfPaymentsOfTheIndemnityHoldsByName.
var guardedCasePayments = map[string][]string{
	"payment_run_is_of_its_programme": {paymentRunRow(`'indemnity', 9, '2026-05-01', 'dropped'`), runOfCall(`'voucher', 9, '2026-05-01', 'dropped', '2026-05', ''`),
		runOfCall(`'indemnity', 9, '2026-04-01', 'dropped', '2026-05', ''`), runOfCall(`'indemnity', 9, '2026-05-01', 'dropped', '2026-05', 'Lazio'`)},
	"nobody_pays_themselves": {`UPDATE payment_runs SET state = 'proposed', proposed_by = {member}, proposed_at = now()`,
		proposed + `UPDATE payment_runs SET state = 'approved', decided_by = {member}, decided_at = now()`, approved + `UPDATE payment_runs SET ` + sending(`{member}`)},
	"nobody_pays_what_they_examined_or_ranked": {approved + `UPDATE payment_runs SET ` + sending(`{publisher}`), approved + `UPDATE payment_runs SET ` + sending(`{approve}`),
		approved + past + `INSERT INTO indemnity_findings (application_id, check_name, verdict, made_by, made_at, case_version) SELECT id, 'iban', 'met', {pays}, now(), version FROM indemnity_applications; ` + again +
			`UPDATE payment_runs SET ` + sending(`{pays}`)},

	"case_iban_looks_like_one":                     {replacedAccounts + caseAccountRow(`'x', 'h', 'to_verify', NULL, NULL, ''`)},
	"case_account_has_a_holder":                    {replacedAccounts + caseAccountRow(goodIBAN+`' ', 'to_verify', NULL, NULL, ''`)},
	"case_account_state_is_known":                  {replacedAccounts + caseAccountRow(goodIBAN+`'h', 'lost', NULL, NULL, ''`)},
	"rejected_case_account_says_why":               {caseAccountRow(goodIBAN + `'h', 'rejected', NULL, NULL, ''`), replacedAccounts + caseAccountRow(goodIBAN+`'h', 'to_verify', NULL, NULL, 'x'`)},
	"verified_case_account_was_looked_at":          {replacedAccounts + caseAccountRow(goodIBAN+`'h', 'verified', NULL, NULL, ''`)},
	"nobody_verifies_an_account_they_gave":         {replacedAccounts + caseAccountRow(goodIBAN+`'h', 'verified', {prepare}, {prepare}, ''`)},
	"nobody_verifies_an_account_of_their_own_case": {replacedAccounts + caseAccountRow(goodIBAN+`'h', 'verified', NULL, {member}, ''`)},
	"one_account_of_a_payee_at_a_time":             {caseAccountRow(goodIBAN + `'h', 'to_verify', NULL, NULL, ''`)},
	"case_account_is_replaced_not_changed": {`UPDATE case_accounts SET iban = 'IT24D0542811101000000654321'`, `UPDATE case_accounts SET holder = 'x'`,
		replacedAccounts + `UPDATE case_accounts SET state = 'verified'`},
	"case_account_is_of_an_heir_of_its_case": {past + `INSERT INTO heirs (id, application_id, fiscal_code, given_name, family_name, kinship, share_part, share_whole, added_by, added_at)
		VALUES (gen_random_uuid(), gen_random_uuid(), 'GTTNNA70R64F839X', 'Anna', 'Gatti', 'child', 1, 1, {prepare}, now()); ` + again +
		`INSERT INTO case_accounts (application_id, heir_id, iban, holder, state, given_at, usable_from) SELECT a.id, h.id, ` + goodIBAN + `'h', 'to_verify', now(), now() FROM indemnity_applications a, heirs h`},
	"case_accounts_are_kept": {`DELETE FROM case_accounts`, `TRUNCATE case_accounts CASCADE`},

	"order_is_paid_on_one_account":     {`UPDATE payment_orders SET case_account_id = NULL`},
	"payment_certificate_is_used_once": {`UPDATE payment_orders SET certificate = 'x', check_code = 'y'; INSERT INTO payment_orders (run_id, number, end_to_end, payee_id, case_account_id, iban, holder, amount_cents, certificate, check_code) SELECT run_id, 9, 'other', payee_id, case_account_id, iban, holder, 1, 'x', 'y' FROM payment_orders`},
	"payment_of_a_case_is_certified":   {away + `UPDATE payment_orders SET state = 'paid', outcome_at = now(), value_day = '2026-06-24'`, `UPDATE payment_orders SET certificate = 'x'`, `UPDATE payment_orders SET check_code = 'x'`},

	"line_has_a_place":                          {unguarded + caseLineRow(`gen_random_uuid(), gross_cents, withholding_cents, set_off_cents, amount_cents`)},
	"line_is_of_a_session_or_of_an_application": {unguarded + `INSERT INTO payment_lines (order_id, amount_cents) SELECT order_id, 1 FROM payment_lines`, unguarded + caseLineRow(`NULL, gross_cents, withholding_cents, set_off_cents, amount_cents`)},
	"line_is_what_is_left_of_the_gross":         {unguarded + caseLineRow(`ranking_id, gross_cents + 1, withholding_cents, set_off_cents, amount_cents`)},
	"payee_is_in_one_live_payment_of_a_place":   {unguarded + sameLine},

	"only_funded_applications_are_paid":          {past + `UPDATE indemnity_applications SET state = 'unfunded'; ` + again + sameLine, past + `UPDATE indemnity_rankings SET state = 'superseded'; ` + again + sameLine},
	"nothing_is_paid_while_a_decision_waits":     {past + `UPDATE indemnity_decisions SET state = 'proposed', decided_by = NULL, decided_at = NULL, protocol = NULL, check_code = ''; ` + again + sameLine},
	"application_is_paid_no_more_than_its_place": {sameLine},
	"run_pays_the_applications_of_its_call":      {releasedOrders + past + `UPDATE payment_runs SET programme = 'voucher', call_id = NULL; ` + again + sameLine},
	"member_is_paid_or_their_heirs": {releasedOrders + past + `UPDATE payment_orders SET payee_id = {prepare}; ` + again + sameLine,
		releasedOrders + past + `UPDATE indemnity_applications SET died_on = '2026-06-20'; ` + again + sameLine},
	"payee_is_paid_on_their_own_account": {releasedOrders + replacedAccounts + sameLine},
	"application_in_a_payment_keeps_its_money": {`UPDATE indemnity_applications SET state = 'unfunded'`,
		past + `UPDATE indemnity_ranking_entries SET payable_cents = payable_cents - 1, set_off_cents = set_off_cents + 1; UPDATE indemnity_applications SET state = 'suitable'; ` + again +
			`UPDATE indemnity_applications SET state = 'funded'`},
}

const (
	goodIBAN         = `'IT60X0542811101000000123456', `
	past             = `SET LOCAL session_replication_role = replica; `
	again            = `SET LOCAL session_replication_role = origin; `
	unguarded        = `ALTER TABLE payment_lines DISABLE TRIGGER lines_pay_what_is_due; `
	replacedAccounts = `UPDATE case_accounts SET state = 'replaced'; `
	releasedOrders   = `UPDATE payment_orders SET state = 'released', released_why = 'run_dropped'; `
)

var sameLine = caseLineRow(`ranking_id, gross_cents, withholding_cents, set_off_cents, amount_cents`)

func runOfCall(values string) string {
	return `INSERT INTO payment_runs (prepared_by, prepared_at, programme, number, month, state, call_id, territory) VALUES ({prepare}, now(), ` + values + `)`
}

// caseAccountRow is an account of the member: IBAN, holder, state, who gave and who judged
// it, and why it was refused.
func caseAccountRow(values string) string {
	return `INSERT INTO case_accounts (application_id, given_at, usable_from, iban, holder, state, given_by, decided_by, reason, decided_at)
		SELECT a.id, now(), now(), v.*, now() FROM indemnity_applications a CROSS JOIN (SELECT ` +
		strings.NewReplacer("NULL, NULL", "NULL::uuid, NULL::uuid", "NULL, {member}", "NULL::uuid, {member}::uuid", "{prepare}, {prepare}", "{prepare}::uuid, {prepare}::uuid").Replace(values) + `) v; `
}

func caseLineRow(values string) string {
	return `INSERT INTO payment_lines (order_id, application_id, heir_id, ranking_id, gross_cents, withholding_cents, set_off_cents, amount_cents)
		SELECT order_id, application_id, heir_id, ` + values + ` FROM payment_lines; `
}

func TestEachGuardOfPaymentsOfTheIndemnityHoldsByName(t *testing.T) {
	t.Parallel()
	f := newWelfareTill(t)
	f.suitable("2026-04-01", "2026-05-05")
	f.published()
	f.frozen()
	ids := strings.NewReplacer("{member}", quote(f.giulia.Person), "{prepare}", quote(f.officer.Person), "{approve}", quote(f.approver.Person),
		"{pays}", quote(f.pays.Person), "{publisher}", quote(f.publisher.Person))
	for name, ways := range guardedCasePayments {
		for _, sql := range ways {
			err := pgx.BeginFunc(t.Context(), f.pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), ids.Replace(sql), pgx.QueryExecModeSimpleProtocol); err != nil {
					return err
				}
				return tx.Rollback(t.Context())
			})
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || pg.ConstraintName != name {
				t.Errorf("%s does not stop %s: %v", name, sql, err)
			}
		}
	}
	f.sound()
}
