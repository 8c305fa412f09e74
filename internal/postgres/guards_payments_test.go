package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"portal/internal/money"
	"portal/internal/postgres"
)

// guardedPayments is guarded, for payment runs: tried on a run of its own, see
// TestEachGuardOfPaymentsHoldsByName.
var guardedPayments = map[string][]string{
	"payment_run_is_numbered_once":        {paymentRunRow(`'voucher', 1, '2026-03-01', 'dropped'`)},
	"payment_programme_is_known":          {paymentRunRow(`'lottery', 9, '2026-03-01', 'dropped'`)},
	"payment_run_state_is_known":          {`ALTER TABLE payment_runs DISABLE TRIGGER payment_runs_go_forward; UPDATE payment_runs SET state = 'lost'`},
	"payment_month_is_a_first_day":        {paymentRunRow(`'voucher', 9, '2026-03-02', 'dropped'`)},
	"frozen_payment_run_has_a_digest":     {paymentRunRow(`'voucher', 9, '2026-03-01', 'prepared'`)},
	"proposed_payment_run_has_a_proposer": {`UPDATE payment_runs SET state = 'proposed'`},
	"approved_payment_run_has_a_second_person": {
		proposed + `UPDATE payment_runs SET state = 'approved'`, proposed + `UPDATE payment_runs SET state = 'returned', note = 'x'`},
	"nobody_approves_a_payment_they_proposed": {
		proposed + `UPDATE payment_runs SET state = 'approved', decided_by = {prepare}, decided_at = now()`,
		`UPDATE payment_runs SET state = 'proposed', proposed_by = {approve}, proposed_at = now(); UPDATE payment_runs SET state = 'approved', decided_by = {approve}, decided_at = now()`},
	"sent_payment_run_has_a_sender": {approved + `UPDATE payment_runs SET state = 'sent'`,
		approved + `UPDATE payment_runs SET state = 'sent', sent_by = {pays}, sent_at = now(), execute_on = '2026-03-03', debtor_iban = 'IT'`,
		approved + `UPDATE payment_runs SET ` + sendingOf(`{pays}`, `orders`, `NULL`)},
	"no_more_is_sent_than_was_approved": {sentAs(`orders + 1`, `amount_cents`), sentAs(`orders`, `amount_cents + 1`), sentAs(`0`, `amount_cents`), sentAs(`orders`, `0`)},
	"nobody_pays_themselves": {`UPDATE payment_runs SET state = 'proposed', proposed_by = {giulia}, proposed_at = now()`,
		proposed + `UPDATE payment_runs SET state = 'approved', decided_by = {giulia}, decided_at = now()`, approved + `UPDATE payment_runs SET ` + sending(`{giulia}`)},
	"nobody_sends_a_payment_they_proposed_or_approved": {
		approved + `UPDATE payment_runs SET ` + sending(`{prepare}`), approved + `UPDATE payment_runs SET ` + sending(`{approve}`)},
	"returned_payment_run_says_why":    {proposed + `UPDATE payment_runs SET state = 'returned', decided_by = {approve}, decided_at = now()`},
	"settled_payment_run_has_its_time": {`UPDATE payment_runs SET settled_at = now()`},
	"one_payment_run_in_preparation":   {paymentRunRow(`'voucher', 9, '2026-03-01', 'preparing'`)},
	"payment_run_goes_forward": {`UPDATE payment_runs SET state = 'approved', proposed_by = {prepare}, proposed_at = now(), decided_by = {approve}, decided_at = now()`,
		proposed + `UPDATE payment_runs SET state = 'prepared'`},
	"payment_run_keeps_what_was_approved": {`UPDATE payment_runs SET month = '2026-02-01'`, `UPDATE payment_runs SET prepared_by = {pays}`,
		approved + `UPDATE payment_runs SET digest = 'x'`, approved + `UPDATE payment_runs SET decided_by = {pays}`, proposed + `UPDATE payment_runs SET proposed_by = {pays}`,
		approved + `UPDATE payment_runs SET amount_cents = 1`, approved + `UPDATE payment_runs SET orders = 9`, sentAway + `UPDATE payment_runs SET sent_cents = 1`,
		sentAway + `UPDATE payment_runs SET file_digest = 'other'`, sentAway + `UPDATE payment_runs SET amount_cents = 1`, sentAway + `UPDATE payment_runs SET debtor_iban = 'x'`,
		sentAway + `UPDATE payment_runs SET execute_on = '2026-03-04'`},
	"payment_runs_are_kept": {`DELETE FROM payment_runs`, `TRUNCATE payment_runs CASCADE`},

	"order_is_numbered_once_a_run": {orderRow(`1, 'another', 1`)},
	"end_to_end_id_is_used_once":   {orderRow(`9, 'PSI00001-000001', 1`)},
	"end_to_end_id_fits_the_bank":  {orderRow(`9, repeat('x', 36), 1`), orderRow(`9, 'più', 1`), orderRow(`9, '', 1`)},
	"order_has_its_state":          nil, // an index for the lines: the primary key is broken first
	"order_pays_something":         {orderRow(`9, 'another', 0`)},
	"order_state_is_known":         {`ALTER TABLE payment_orders DISABLE TRIGGER orders_go_forward; UPDATE payment_orders SET state = 'lost'`},
	"order_is_left_out_for_a_reason": {`UPDATE payment_orders SET state = 'released', released_why = 'blocked', released_note = 'x'`,
		`UPDATE payment_orders SET state = 'released', released_why = 'taken_out', released_note = ' '`},
	"released_order_says_why":     {`UPDATE payment_orders SET state = 'released'`, `UPDATE payment_orders SET released_why = 'x'`},
	"returned_order_says_why":     {away + `UPDATE payment_orders SET state = 'returned', outcome_at = now()`, `UPDATE payment_orders SET reason = 'x'`},
	"answered_order_has_its_time": {away + `UPDATE payment_orders SET state = 'paid', value_day = '2026-03-03'`, `UPDATE payment_orders SET outcome_at = now()`},
	"paid_order_has_its_day":      {away + `UPDATE payment_orders SET state = 'paid', outcome_at = now()`},
	"payment_order_goes_forward": {`UPDATE payment_orders SET state = 'paid', value_day = '2026-03-03', outcome_at = now()`, away + `UPDATE payment_orders SET state = 'frozen'`,
		away + `UPDATE payment_orders SET state = 'released', released_why = 'x'`,
		`UPDATE payment_orders SET state = 'released', released_why = 'x'; UPDATE payment_orders SET state = 'frozen', released_why = ''`},
	"payment_order_keeps_what_it_pays": {`UPDATE payment_orders SET amount_cents = 1`, `UPDATE payment_orders SET iban = 'IT70L0100003245350200020350'`,
		`UPDATE payment_orders SET holder = 'x'`, `UPDATE payment_orders SET payee_id = {maria}`, `UPDATE payment_orders SET end_to_end = 'x'`},
	"orders_are_kept": {`DELETE FROM payment_orders`, `TRUNCATE payment_orders CASCADE`},

	"line_follows_its_order":         {`UPDATE payment_lines SET order_state = 'sent'`},
	"line_pays_something":            {`ALTER TABLE payment_lines DISABLE TRIGGER lines_pay_what_is_due; ` + lineRow(`booking_id, invoice_id, 0`)},
	"line_is_repaired_once_an_order": {back + strings.Repeat(`INSERT INTO payment_lines (order_id, order_state, booking_id, invoice_id, edition_id, territory, amount_cents, repairs) SELECT order_id, order_state, booking_id, invoice_id, edition_id, territory, amount_cents, (SELECT min(id) FROM payment_lines) FROM payment_lines ORDER BY id LIMIT 1; `, 2)},
	"session_is_in_one_live_payment": {lineRow(`booking_id, invoice_id, amount_cents`)},
	"only_accepted_invoices_are_paid": {lineRow(`booking_id, invoice_id, amount_cents + 1`), lineRow(`booking_id, gen_random_uuid(), amount_cents`),
		`UPDATE invoices SET state = 'in_review'; ` + lineRow(`booking_id, invoice_id, amount_cents`)},
	"disputed_session_is_not_paid": {`INSERT INTO disputes (protocol, booking_id, made_by, made_at, kind, holds, answer_by, state)
		SELECT 'S', booking_id, {maria}, now(), 'not_held', true, '2026-04-01', 'open' FROM payment_lines; ` + lineRow(`booking_id, invoice_id, amount_cents`),
		`INSERT INTO disputes (protocol, booking_id, made_by, made_at, kind, holds, answer_by, state, proposal, grounds, answer, proposed_by, proposed_at, decided_by, decided_at, recover_cents)
		SELECT 'S', booking_id, {maria}, now(), 'not_held', false, '2026-04-01', 'upheld', 'uphold', 'g', 'a', {prepare}, now(), {approve}, now(), 1 FROM payment_lines; ` + lineRow(`booking_id, invoice_id, amount_cents`)},
	"payment_line_stays_as_frozen": {`UPDATE payment_lines SET amount_cents = 1`, `UPDATE payment_lines SET territory = 'Molise'`},
	"lines_are_kept":               {`DELETE FROM payment_lines`, `TRUNCATE payment_lines CASCADE`},
	"payment_keeps_its_invoice":    {`UPDATE invoice_sessions SET live = false`, `UPDATE invoice_sessions SET claimed_cents = 1`},
	"invoiced_sessions_are_kept":   {`DELETE FROM invoice_sessions`, `TRUNCATE invoice_sessions CASCADE`},
	"transfer_in_a_payment_stays":  {`INSERT INTO funding_transfers (edition_id, territory, amount_cents, received_on, act, reverses, recorded_by, recorded_at) SELECT edition_id, territory, -amount_cents, received_on, act, id, recorded_by, recorded_at FROM funding_transfers`},

	"outcome_file_is_recorded_once": {strings.Repeat(`INSERT INTO payment_outcomes (run_id, format, file_digest, paid, returned, recorded_by, recorded_at) SELECT id, 'csv', 'x', 0, 0, {pays}, now() FROM payment_runs; `, 2)},
	"outcome_format_is_known":       {`INSERT INTO payment_outcomes (run_id, format, file_digest, paid, returned, recorded_by, recorded_at) SELECT id, 'fax', 'x', 0, 0, {pays}, now() FROM payment_runs`},
	"outcomes_only_grow":            {`UPDATE payment_outcomes SET paid = 9`, `DELETE FROM payment_outcomes`, `TRUNCATE payment_outcomes`},
}

const (
	proposed = `UPDATE payment_runs SET state = 'proposed', proposed_by = {prepare}, proposed_at = now(); `
	approved = proposed + `UPDATE payment_runs SET state = 'approved', decided_by = {approve}, decided_at = now(); `
	away     = `UPDATE payment_orders SET state = 'sent'; `
	back     = away + `UPDATE payment_orders SET state = 'returned', reason = 'AC04', outcome_at = now(); `
)

var sentAway = approved + `UPDATE payment_runs SET ` + sending(`{pays}`) + `; `

func sending(by string) string {
	return sendingOf(by, `orders`, `amount_cents`)
}

func sendingOf(by, orders, cents string) string {
	return `state = 'sent', sent_by = ` + by + `, sent_at = now(), execute_on = '2026-03-03', file_digest = 'x', debtor_iban = 'IT', sent_orders = ` + orders + `, sent_cents = ` + cents
}

// sentAs sends so much of what was approved.
func sentAs(orders, cents string) string {
	return approved + `UPDATE payment_runs SET ` + sendingOf(`{pays}`, orders, cents)
}

func paymentRunRow(values string) string {
	return `INSERT INTO payment_runs (prepared_by, prepared_at, programme, number, month, state) VALUES ({prepare}, now(), ` + values + `)`
}

func orderRow(values string) string {
	return `INSERT INTO payment_orders (run_id, payee_id, account_id, iban, holder, number, end_to_end, amount_cents)
		SELECT run_id, payee_id, account_id, iban, holder, ` + values + ` FROM payment_orders WHERE number = 1`
}

func lineRow(values string) string {
	return `INSERT INTO payment_lines (order_id, edition_id, territory, booking_id, invoice_id, amount_cents)
		SELECT order_id, edition_id, territory, ` + values + ` FROM payment_lines`
}

func TestEachGuardOfPaymentsHoldsByName(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 1)
	f.invoiced(0, 50*money.Euro)
	f.prepared()
	ids := strings.NewReplacer("{maria}", quote(f.maria.ID), "{giulia}", quote(f.psychologists[0]), "{prepare}", quote(f.prepare.Person), "{approve}", quote(f.approve.Person), "{pays}", quote(f.pays.Person))
	for name, ways := range guardedPayments {
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
	f.whole()
}

// Each invariant of payments is broken as only somebody with all privileges can, and
// the check names what breaks it.
func TestTheCheckNamesWhatBreaksAPayment(t *testing.T) {
	t.Parallel()
	for what, ways := range map[string][]string{
		"a session is in one live payment, for what an accepted invoice claims of it": {
			`UPDATE invoices SET state = 'in_review'`, `UPDATE bookings SET claimed_cents = 1 WHERE claimed_cents IS NOT NULL`, `UPDATE invoice_sessions SET live = false`,
			`DROP INDEX session_is_in_one_live_payment; ` + lineRow(`booking_id, invoice_id, amount_cents`)},
		"a claim says whether it is in a payment":                             {`UPDATE invoice_sessions SET in_payment = false`},
		"a line that repairs another is of the same session, which came back": {`UPDATE payment_lines SET repairs = (SELECT min(id) FROM payment_lines)`},
		"an order is worth its lines":                                         {`UPDATE payment_lines SET amount_cents = 1`, `DELETE FROM payment_lines`},
		"a run is worth its orders, and as far as they are": {`UPDATE payment_runs SET sent_cents = 1`, `UPDATE payment_orders SET state = 'frozen'`,
			`UPDATE payment_runs SET state = 'settled', settled_at = now()`, `UPDATE payment_runs SET state = 'approved'`, `UPDATE payment_runs SET state = 'returned', note = 'x'`,
			`UPDATE payment_runs SET state = 'preparing'`},
		"a territory pays no more than was sent for it":   {`DELETE FROM funding_transfers`, `UPDATE funding_transfers SET amount_cents = 1`},
		"each answer of the bank is in the register once": {`UPDATE payment_orders SET state = 'paid', outcome_at = now(), value_day = '2026-03-03'`},
	} {
		for _, sql := range ways {
			t.Run(sql, func(t *testing.T) {
				t.Parallel()
				f := newTill(t, 500*money.Euro, 2)
				f.invoiced(0, 50*money.Euro)
				f.invoiced(1, 50*money.Euro)
				f.sent()
				f.whole()
				if err := pgx.BeginFunc(t.Context(), f.pool, func(tx pgx.Tx) error {
					_, err := tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica; `+sql, pgx.QueryExecModeSimpleProtocol)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				found, err := postgres.Check(t.Context(), f.pool)
				if err != nil || !slices.ContainsFunc(found, func(b postgres.Breach) bool { return b.What == what }) {
					t.Errorf("%v %v", found, err)
				}
			})
		}
	}
}
