package postgres_test

// guardedAccounts is guarded, for where people are paid and what professionals say of
// themselves.
var guardedAccounts = map[string][]string{
	"iban_looks_like_one":               {account(`'IT60', 'Giulia', 'to_verify', NULL, ''`), account(`'it60x0542811101000000123456', 'Giulia', 'to_verify', NULL, ''`)},
	"account_has_a_holder":              {account(`'IT60X0542811101000000123456', ' ', 'to_verify', NULL, ''`)},
	"account_state_is_known":            {account(`'IT60X0542811101000000123456', 'Giulia', 'lost', NULL, ''`)},
	"rejected_account_says_why":         {account(`'IT60X0542811101000000123456', 'Giulia', 'rejected', {anna}, ''`), account(`'IT60X0542811101000000123456', 'Giulia', 'verifying', NULL, 'closed'`)},
	"verified_account_was_looked_at":    {account(`'IT60X0542811101000000123456', 'Giulia', 'verified', NULL, ''`)},
	"nobody_verifies_their_own_account": {account(`'IT60X0542811101000000123456', 'Giulia', 'verified', {giulia}, ''`)},
	"one_account_of_a_person_at_a_time": {
		account(`'IT60X0542811101000000123456', 'Giulia', 'verified', {anna}, ''`) + `; ` + account(`'DE89370400440532013000', 'Giulia', 'to_verify', NULL, ''`)},
	"account_is_replaced_not_changed": {
		account(`'IT60X0542811101000000123456', 'Giulia', 'to_verify', NULL, ''`) + `; UPDATE payment_accounts SET iban = 'DE89370400440532013000'`,
		account(`'IT60X0542811101000000123456', 'Giulia', 'to_verify', NULL, ''`) + `; UPDATE payment_accounts SET holder = 'Anna'`,
		account(`'IT60X0542811101000000123456', 'Giulia', 'to_verify', NULL, ''`) + `; UPDATE payment_accounts SET person_id = {anna}`,
		account(`'IT60X0542811101000000123456', 'Giulia', 'rejected', {anna}, 'closed'`) + `; UPDATE payment_accounts SET state = 'verified', reason = ''`,
		account(`'IT60X0542811101000000123456', 'Giulia', 'replaced', NULL, ''`) + `; UPDATE payment_accounts SET state = 'to_verify'`},
	"accounts_are_kept":             {`DELETE FROM payment_accounts`, `TRUNCATE payment_accounts CASCADE`},
	"professional_can_be_reached":   {`UPDATE professionals SET own_phone = ''`},
	"professional_speaks_something": {`UPDATE professionals SET own_languages = '{}'`},
}

// account is one of Giulia's: its IBAN, holder, state, who decided, and why.
func account(values string) string {
	return `INSERT INTO payment_accounts (person_id, submitted_at, usable_from, expected_by, decided_at, iban, holder, state, decided_by, reason)
		VALUES ({giulia}, now(), now(), current_date, now(), ` + values + `)`
}
