package postgres_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"portal/internal/money"
)

// guarded says for each named guard of the database how to get past the program
// and break it. Words in braces are ids of a small world.
var guarded = map[string][]string{
	"person_has_one_record":              {`INSERT INTO persons (fiscal_code, given_name, family_name) SELECT fiscal_code, 'Mario', 'Rossi' FROM persons WHERE id = {maria}`},
	"fiscal_code_has_sixteen_characters": {`UPDATE persons SET fiscal_code = 'RSSMRA85C52H501' WHERE id = {maria}`, `UPDATE persons SET fiscal_code = lower(fiscal_code) WHERE id = {maria}`},
	"person_has_a_name":                  {`UPDATE persons SET given_name = '' WHERE id = {maria}`, `UPDATE persons SET family_name = '' WHERE id = {maria}`},

	"granted_role_is_known":              {`INSERT INTO role_grants (person_id, role, during) VALUES ({maria}, 'citizen', 'empty')`},
	"role_is_granted_once_at_a_time":     {`INSERT INTO role_grants (person_id, role, during) VALUES ({maria}, 'cnop', '[2026-01-01,)'), ({maria}, 'cnop', '[2026-06-01,2026-07-01)')`},
	"mandate_kind_is_known":              {`INSERT INTO mandates (kind, holder_id, represented_id, from_day) VALUES ('friend', {maria}, {giulia}, '2026-01-01')`},
	"mandate_is_for_somebody_else":       {`INSERT INTO mandates (kind, holder_id, represented_id, from_day) VALUES ('parent', {maria}, {maria}, '2026-01-01')`},
	"mandate_ends_after_it_starts":       {`INSERT INTO mandates (kind, holder_id, represented_id, from_day, until_day) VALUES ('parent', {maria}, {giulia}, '2026-01-02', '2026-01-01')`},
	"mandate_is_revoked_after_it_starts": {`INSERT INTO mandates (kind, holder_id, represented_id, from_day, revoked_on) VALUES ('parent', {maria}, {giulia}, '2026-01-02', '2026-01-01')`},

	"postal_code_has_five_digits":             {`UPDATE professionals SET postal_code = '195'`, `UPDATE professionals SET postal_code = '0019A'`},
	"province_has_two_letters":                {`UPDATE professionals SET province = 'Roma'`, `UPDATE professionals SET province = 'rm'`},
	"professional_is_enrolled_once_at_a_time": {`INSERT INTO enrolments VALUES ({giulia}, '[2026-01-01,2026-02-01)')`},

	"audit_role_is_known": {`INSERT INTO audit (at, person_id, role, action) VALUES (now(), {maria}, 'king', 'x.y')`},
	"only_the_calendar_acts_without_a_person": {
		`INSERT INTO audit (at, person_id, role, action) VALUES (now(), NULL, 'inps', 'x.y')`,
		`INSERT INTO audit (at, person_id, role, action) VALUES (now(), {maria}, 'system', 'x.y')`},
	"audit_only_grows": {`UPDATE audit SET action = 'x.y'`, `DELETE FROM audit`, `TRUNCATE audit CASCADE`},
	"booking_changes_state_once": {
		`INSERT INTO audit (at, person_id, role, action, subject_id) VALUES (now(), {giulia}, 'psychologist', 'booking.booked', {booking})`},
	"form_acts_once": {`INSERT INTO submissions SELECT person_id, action, key, 'other', 'other', now() FROM submissions`},

	"protocol_is_given_once": {`INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
		SELECT protocol, edition_id, {giulia}, {giulia}, territory, province, submitted_at, state FROM applications`},
	"beneficiary_applies_once_an_edition": {`INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
		SELECT 'another', edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state FROM applications`},
	"application_state_is_known":   {`UPDATE applications SET state = 'lost'`},
	"isee_is_not_negative":         {`UPDATE applications SET isee_cents = -1`},
	"refused_application_says_why": {`UPDATE applications SET state = 'refused'`, `UPDATE applications SET state = 'not_processable'`, `UPDATE applications SET reason = 'why'`},

	"application_has_one_voucher": {`INSERT INTO vouchers (application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, invoice_by, code_index, code_sealed)
		SELECT application_id, beneficiary_id, territory, 1, accepted_on, last_day, confirm_by, invoice_by, 'other', 'other' FROM vouchers`},
	"code_opens_one_voucher": {`WITH another AS (
			INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
			SELECT 'another', edition_id, {giulia}, {giulia}, territory, province, submitted_at, state FROM applications RETURNING id, beneficiary_id)
		INSERT INTO vouchers (application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, invoice_by, code_index, code_sealed)
		SELECT a.id, a.beneficiary_id, v.territory, 1, v.accepted_on, v.last_day, v.confirm_by, v.confirm_by, v.code_index, v.code_sealed FROM vouchers v, another a`},
	"voucher_state_is_known": {`UPDATE vouchers SET state = 'lost', returned_cents = awarded_cents - booked_cents`},
	"voucher_is_worth_something": {`INSERT INTO vouchers (application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, invoice_by, code_index, code_sealed)
		SELECT application_id, beneficiary_id, territory, 0, accepted_on, last_day, confirm_by, invoice_by, 'other', 'other' FROM vouchers`},
	"voucher_never_overdrawn": {
		`UPDATE vouchers SET booked_cents = awarded_cents + 1`, `UPDATE vouchers SET used_cents = awarded_cents`,
		`UPDATE vouchers SET booked_cents = -1`, `UPDATE vouchers SET used_cents = -1`, `UPDATE vouchers SET returned_cents = -1`},
	"expired_voucher_has_nothing_free": {`UPDATE vouchers SET state = 'expired'`},
	"expired_voucher_stays_expired": {
		`UPDATE vouchers SET state = 'expired', returned_cents = awarded_cents - booked_cents - used_cents; UPDATE vouchers SET state = 'active'`},
	"voucher_keeps_holder_and_amount": {
		`UPDATE vouchers SET beneficiary_id = {giulia}`, `UPDATE vouchers SET application_id = gen_random_uuid()`, `UPDATE vouchers SET awarded_cents = awarded_cents - 1`},
	"voucher_keeps_its_code": {`UPDATE vouchers SET code_index = 'other'`, `UPDATE vouchers SET code_sealed = 'other'`,
		`UPDATE vouchers SET state = 'withdrawn', returned_cents = awarded_cents - booked_cents; UPDATE vouchers SET code_index = 'other', code_number = 2`},
	"blocked_voucher_says_why": {`UPDATE vouchers SET blocked_at = now()`, `UPDATE vouchers SET block_reason = 'fraud'`},
	"voucher_terms_only_move_later": {
		`UPDATE vouchers SET accepted_on = accepted_on - 1`, `UPDATE vouchers SET accepted_on = accepted_on + 1`,
		`UPDATE vouchers SET last_day = last_day - 1`, `UPDATE vouchers SET confirm_by = confirm_by - 1`,
		`UPDATE vouchers SET first_session_by = NULL; UPDATE vouchers SET first_session_by = last_day`},
	"voucher_ends_after_it_starts": {another(`accepted_on - 1, confirm_by, NULL`), another(`last_day, last_day - 1, NULL`), another(`last_day, confirm_by, accepted_on - 1`),
		`UPDATE vouchers SET last_day = confirm_by + 1`},

	"booking_is_for_the_holder": {`INSERT INTO bookings (voucher_id, beneficiary_id, professional_id, day, amount_cents, place, state, booked_at)
		SELECT voucher_id, {giulia}, professional_id, day + 1, 1, place, 'booked', booked_at FROM bookings WHERE id = {booking}`},
	"voucher_has_one_holder":         nil, // an index for the one above: the primary key is broken first
	"booking_state_is_known":         {`UPDATE bookings SET state = 'lost' WHERE id = {booking}`},
	"booking_costs_something":        {like(`day + 1, NULL, 0, place, 'booked', NULL, NULL, NULL, NULL`)},
	"held_booking_has_its_time":      {`UPDATE bookings SET state = 'held' WHERE id = {booking}`},
	"booked_booking_is_not_held_yet": {like(`day + 1, NULL, 1, place, 'booked', now(), NULL, NULL, NULL`)},
	"booking_is_confirmed_when_held": {`UPDATE bookings SET held_at = now() WHERE id = {booking}`, held + `UPDATE bookings SET held_at = now() + interval '1 day' WHERE id = {booking}`,
		held + `UPDATE bookings SET held_at = NULL, state = 'cancelled', cancelled_at = now(), cancel_reason = 'office' WHERE id = {booking}`,
		`UPDATE bookings SET held_at = now(), state = 'cancelled', cancelled_at = now(), cancel_reason = 'office' WHERE id = {booking}`},
	"booking_moves_only_while_booked": {held + `UPDATE bookings SET day = day + 1, slot = NULL WHERE id = {booking}`, held + `UPDATE bookings SET slot = NULL WHERE id = {booking}`,
		held + `UPDATE bookings SET place = 'elsewhere' WHERE id = {booking}`, `UPDATE bookings SET state = 'held', held_at = now(), day = day + 1, slot = NULL WHERE id = {booking}`},
	"cancel_reason_is_known":         {`UPDATE bookings SET state = 'cancelled', cancelled_at = now(), cancel_reason = 'rain' WHERE id = {booking}`},
	"slot_falls_on_the_day":          {`UPDATE bookings SET day = day + 1 WHERE id = {booking}`, like(`day + 1, slot, 1, place, 'booked', NULL, NULL, NULL, NULL`)},
	"booking_does_not_come_back":     {cancelled + `UPDATE bookings SET state = 'booked' WHERE id = {booking}`, cancelled + `UPDATE bookings SET place = 'elsewhere' WHERE id = {booking}`, held + `UPDATE bookings SET state = 'booked', held_at = NULL WHERE id = {booking}`},
	"booking_keeps_people_and_price": {`UPDATE bookings SET amount_cents = 1, state = 'held', held_at = now() WHERE id = {booking}`, `UPDATE bookings SET beneficiary_id = {giulia} WHERE id = {booking}`, `UPDATE bookings SET professional_id = {anna} WHERE id = {booking}`, `UPDATE bookings SET booked_at = now() WHERE id = {booking}`},
	"bookings_are_kept":              {`DELETE FROM bookings`, `TRUNCATE bookings CASCADE`},
	"cancelled_booking_has_author_and_time": {
		`UPDATE bookings SET state = 'cancelled' WHERE id = {booking}`,
		`UPDATE bookings SET state = 'cancelled', cancelled_at = now() WHERE id = {booking}`,
		`UPDATE bookings SET state = 'cancelled', cancelled_at = now(), cancel_reason = 'beneficiary' WHERE id = {booking}`,
		`UPDATE bookings SET state = 'cancelled', cancelled_at = now(), cancel_reason = 'office', cancelled_by = {maria} WHERE id = {booking}`,
		`UPDATE bookings SET cancelled_by = {maria} WHERE id = {booking}`},
	"professional_is_with_one_person_at_a_time": {`WITH another AS (
			INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
			SELECT 'another', edition_id, {anna}, {anna}, territory, province, submitted_at, state FROM applications RETURNING id), granted AS (
			INSERT INTO vouchers (application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, invoice_by, code_index, code_sealed)
			SELECT a.id, {anna}, v.territory, 1, v.accepted_on, v.last_day, v.confirm_by, v.confirm_by, 'other', 'other' FROM vouchers v, another a RETURNING id, beneficiary_id)
		INSERT INTO bookings (voucher_id, beneficiary_id, professional_id, day, slot, amount_cents, place, state, booked_at)
		SELECT g.id, g.beneficiary_id, b.professional_id, b.day, b.slot, 1, b.place, 'booked', b.booked_at FROM granted g, bookings b`},
	"beneficiary_is_with_one_professional_at_a_time": {`INSERT INTO bookings (voucher_id, beneficiary_id, professional_id, day, slot, amount_cents, place, state, booked_at)
		SELECT voucher_id, beneficiary_id, {anna}, day, slot, 1, place, 'booked', booked_at FROM bookings`},
	"one_booking_a_day_with_one_professional": {like(`day, NULL, 1, place, 'booked', NULL, NULL, NULL, NULL`)},

	"posting_moves_something":         {posting(`'book', 'free', 'booked', 0`)},
	"posting_follows_its_event":       {posting(`'hold', 'free', 'used', 1`), posting(`'gift', 'fund', 'free', 1`)},
	"posting_of_a_session_names_it":   {`INSERT INTO postings (voucher_id, event, debit, credit, amount_cents, at) VALUES ({voucher}, 'cancel', 'booked', 'free', 1, now())`},
	"booking_is_posted_once_an_event": {posting(`'book', 'free', 'booked', 1`)},
	"voucher_is_granted_once":         {`INSERT INTO postings (voucher_id, event, debit, credit, amount_cents, at) VALUES ({voucher}, 'grant', 'fund', 'free', 1, now())`},
	"postings_only_grows":             {`UPDATE postings SET amount_cents = 1`, `DELETE FROM postings`, `TRUNCATE postings`},

	"failures_are_counted": {`INSERT INTO code_attempts VALUES ({giulia}, now(), -1)`},
	"message_is_sent_once": {`INSERT INTO messages (recipient_id, entry_id, kind, subject, body, sent_at)
		SELECT {maria}, min(a.id), 'a03', 's', 'b', now() FROM audit a, generate_series(1, 2) n GROUP BY n`},
}

const (
	cancelled = `UPDATE bookings SET state = 'cancelled', cancelled_at = now(), cancel_reason = 'office' WHERE id = {booking}; `
	held      = `UPDATE bookings SET state = 'held', held_at = now() WHERE id = {booking}; `
)

// like is a second booking, made from the first.
func like(values string) string {
	return `INSERT INTO bookings (voucher_id, beneficiary_id, professional_id, booked_at, day, slot, amount_cents, place, state, held_at, cancelled_at, cancelled_by, cancel_reason)
		SELECT voucher_id, beneficiary_id, professional_id, booked_at, ` + values + ` FROM bookings`
}

// another is a second voucher with terms of its own, made from the first.
func another(terms string) string {
	return `WITH another AS (
			INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
			SELECT 'another', edition_id, {giulia}, {giulia}, territory, province, submitted_at, state FROM applications RETURNING id, beneficiary_id)
		INSERT INTO vouchers (application_id, beneficiary_id, territory, awarded_cents, accepted_on, code_index, code_sealed, last_day, confirm_by, first_session_by, invoice_by)
		SELECT a.id, a.beneficiary_id, v.territory, 1, v.accepted_on, 'other', 'other', ` + terms + `, v.invoice_by + 60 FROM vouchers v, another a`
}

func posting(values string) string {
	return `INSERT INTO postings (voucher_id, booking_id, at, event, debit, credit, amount_cents) VALUES ({voucher}, {booking}, now(), ` + values + `)`
}

// everyGuard is what is guarded, in all these files.
func everyGuard() map[string][]string {
	all := maps.Clone(guarded)
	maps.Copy(all, guardedOffices)
	maps.Copy(all, guardedDisputes)
	maps.Copy(all, guardedInvoices)
	maps.Copy(all, guardedClosures)
	maps.Copy(all, guardedAccounts)
	maps.Copy(all, guardedResiduals)
	maps.Copy(all, guardedFeeds)
	maps.Copy(all, guardedAttachments)
	maps.Copy(all, guardedIndemnity)
	maps.Copy(all, guardedMessages)
	maps.Copy(all, guardedHeirs)
	maps.Copy(all, guardedExamination)
	maps.Copy(all, guardedRequests)
	maps.Copy(all, guardedTexts)
	maps.Copy(all, guardedIndemnityRankings)
	maps.Copy(all, guardedRankingOrders)
	maps.Copy(all, guardedAudit)
	maps.Copy(all, guardedOversight)
	maps.Copy(all, guardedControls)
	maps.Copy(all, guardedAdministration)
	maps.Copy(all, guardedParameters)
	maps.Copy(all, guardedRetention)
	maps.Copy(all, guardedCaseReexaminations)
	for name := range guardedCasePayments { // tried on a run, by TestEachGuardOfPaymentsOfTheIndemnityHoldsByName
		all[name] = nil
	}
	for name := range guardedPayments { // tried on a run, by TestEachGuardOfPaymentsHoldsByName
		all[name] = nil
	}
	return all
}

func TestEachGuardOfTheDatabaseHoldsByName(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	booking := f.mustBook(0, 7, 15, 50_00)
	ids := strings.NewReplacer("{maria}", quote(f.maria.ID), "{giulia}", quote(f.psychologists[0]), "{anna}", quote(f.psychologists[1]),
		"{booking}", quote(booking), "{voucher}", quote(f.file().Voucher.ID))
	for name, ways := range everyGuard() {
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

// What a later decision may do: put a term off, and move a session that is booked.
func TestATermMayBePutOffAndABookedSessionMoved(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	booking := f.mustBook(0, 7, 15, 50_00)
	before := f.file().Voucher.Terms
	f.exec(`UPDATE vouchers SET last_day = last_day + 30, confirm_by = confirm_by + 30, invoice_by = invoice_by + 30, first_session_by = first_session_by + 30`)
	f.exec(`UPDATE bookings SET day = day + 1, slot = NULL, place = 'elsewhere' WHERE id = $1`, string(booking))
	if after := f.file().Voucher.Terms; after.LastDay != before.LastDay.Add(30) || after.ConfirmBy != before.ConfirmBy.Add(30) {
		t.Errorf("%+v from %+v", after, before)
	}
	f.whole()
}

func quote[T ~string](id T) string { return "'" + string(id) + "'" }

func TestNoGuardOfTheDatabaseIsLeftUntried(t *testing.T) {
	t.Parallel()
	rows, _ := newFixture(t, 200*money.Euro, 0).pool.Query(t.Context(), `
		WITH ours AS (
			SELECT oid FROM pg_class
			WHERE relnamespace = 'public'::regnamespace AND relname <> 'goose_db_version' AND relname NOT LIKE 'river\_%')
		SELECT conname FROM pg_constraint WHERE conrelid IN (TABLE ours)
			AND (contype IN ('c', 'u', 'x') OR conname NOT LIKE '%\_pkey' AND conname NOT LIKE '%\_fkey')
		UNION SELECT indexrelid::regclass::text FROM pg_index
			WHERE indrelid IN (TABLE ours) AND indisunique AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
		UNION SELECT tgname FROM pg_trigger WHERE tgrelid IN (TABLE ours) AND tgfoid = 'refuse_change'::regproc
		UNION SELECT m[1] FROM pg_proc, regexp_matches(prosrc, 'CONSTRAINT = ''([a-z_]+)''', 'g') m
			WHERE pronamespace = 'public'::regnamespace`)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if tried := slices.Sorted(maps.Keys(everyGuard())); !slices.Equal(names, tried) {
		t.Errorf("the database has\n%v\nand these were tried:\n%v", names, tried)
	}
}
