package postgres_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
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

	"territory_is_published_once_a_round": {`INSERT INTO publications (edition_id, round, territory, accepted_on, last_funded_rank, last_funded_isee)
		VALUES ('2022-guida', 1, 'Lazio', '2026-02-02', 1, 1), ('2022-guida', 1, 'Lazio', '2026-02-03', 2, 2)`},
	"protocol_is_given_once": {`INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
		SELECT protocol, edition_id, {giulia}, {giulia}, territory, province, submitted_at, state FROM applications`},
	"beneficiary_applies_once_an_edition": {`INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
		SELECT 'another', edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state FROM applications`},
	"application_state_is_known":   {`UPDATE applications SET state = 'lost'`},
	"isee_is_not_negative":         {`UPDATE applications SET isee_cents = -1`},
	"refused_application_says_why": {`UPDATE applications SET state = 'refused'`, `UPDATE applications SET state = 'not_processable'`, `UPDATE applications SET reason = 'why'`},

	"application_has_one_voucher": {`INSERT INTO vouchers (application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, code_index, code_sealed)
		SELECT application_id, beneficiary_id, territory, 1, accepted_on, last_day, confirm_by, 'other', 'other' FROM vouchers`},
	"code_opens_one_voucher": {`WITH another AS (
			INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
			SELECT 'another', edition_id, {giulia}, {giulia}, territory, province, submitted_at, state FROM applications RETURNING id, beneficiary_id)
		INSERT INTO vouchers (application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, code_index, code_sealed)
		SELECT a.id, a.beneficiary_id, v.territory, 1, v.accepted_on, v.last_day, v.confirm_by, v.code_index, v.code_sealed FROM vouchers v, another a`},
	"voucher_state_is_known":     {`UPDATE vouchers SET state = 'lost', returned_cents = awarded_cents - booked_cents`},
	"voucher_is_worth_something": {`INSERT INTO vouchers SELECT gen_random_uuid(), application_id, beneficiary_id, territory, 0, 0, 0, 0, accepted_on, last_day, confirm_by, NULL, 'active', 'other', 'other' FROM vouchers`},
	"voucher_never_overdrawn": {
		`UPDATE vouchers SET booked_cents = awarded_cents + 1`, `UPDATE vouchers SET used_cents = awarded_cents`,
		`UPDATE vouchers SET booked_cents = -1`, `UPDATE vouchers SET used_cents = -1`, `UPDATE vouchers SET returned_cents = -1`},
	"expired_voucher_has_nothing_free": {`UPDATE vouchers SET state = 'expired'`},
	"expired_voucher_stays_expired": {
		`UPDATE vouchers SET state = 'expired', returned_cents = awarded_cents - booked_cents - used_cents; UPDATE vouchers SET state = 'active'`},
	"voucher_keeps_holder_and_amount": {
		`UPDATE vouchers SET beneficiary_id = {giulia}`, `UPDATE vouchers SET application_id = gen_random_uuid()`, `UPDATE vouchers SET awarded_cents = awarded_cents - 1`},
	"voucher_ends_after_it_starts": {
		`UPDATE vouchers SET last_day = accepted_on - 1`, `UPDATE vouchers SET confirm_by = last_day - 1`, `UPDATE vouchers SET first_session_by = accepted_on - 1`},

	"booking_is_for_the_holder": {`INSERT INTO bookings (voucher_id, beneficiary_id, professional_id, day, amount_cents, place, state, booked_at)
		SELECT voucher_id, {giulia}, professional_id, day + 1, 1, place, 'booked', booked_at FROM bookings WHERE id = {booking}`},
	"voucher_has_one_holder":         nil, // an index for the one above: the primary key is broken first
	"booking_state_is_known":         {`UPDATE bookings SET state = 'lost' WHERE id = {booking}`},
	"booking_costs_something":        {like(`day + 1, NULL, 0, place, 'booked', NULL, NULL, NULL, NULL`)},
	"held_booking_has_its_time":      {`UPDATE bookings SET state = 'held' WHERE id = {booking}`},
	"booked_booking_is_not_held_yet": {`UPDATE bookings SET held_at = now() WHERE id = {booking}`},
	"cancel_reason_is_known":         {`UPDATE bookings SET state = 'cancelled', cancelled_at = now(), cancel_reason = 'rain' WHERE id = {booking}`},
	"slot_falls_on_the_day":          {`UPDATE bookings SET day = day + 1 WHERE id = {booking}`, like(`day + 1, slot, 1, place, 'booked', NULL, NULL, NULL, NULL`)},
	"booking_does_not_come_back":     {cancelled + `UPDATE bookings SET state = 'booked' WHERE id = {booking}`, cancelled + `UPDATE bookings SET place = 'elsewhere' WHERE id = {booking}`, held + `UPDATE bookings SET state = 'booked', held_at = NULL WHERE id = {booking}`},
	"booking_keeps_people_and_price": {`UPDATE bookings SET amount_cents = 1 WHERE id = {booking}`, `UPDATE bookings SET beneficiary_id = {giulia} WHERE id = {booking}`, `UPDATE bookings SET professional_id = {anna} WHERE id = {booking}`, `UPDATE bookings SET booked_at = now() WHERE id = {booking}`},
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
			INSERT INTO vouchers (application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, code_index, code_sealed)
			SELECT a.id, {anna}, v.territory, 1, v.accepted_on, v.last_day, v.confirm_by, 'other', 'other' FROM vouchers v, another a RETURNING id, beneficiary_id)
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

func posting(values string) string {
	return `INSERT INTO postings (voucher_id, booking_id, at, event, debit, credit, amount_cents) VALUES ({voucher}, {booking}, now(), ` + values + `)`
}

func TestEachGuardOfTheDatabaseHoldsByName(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	booking := f.mustBook(0, 7, 15, 50_00)
	ids := strings.NewReplacer("{maria}", quote(f.maria.ID), "{giulia}", quote(f.psychologists[0]), "{anna}", quote(f.psychologists[1]),
		"{booking}", quote(booking), "{voucher}", quote(f.file().Voucher.ID))
	for name, ways := range guarded {
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
	if tried := slices.Sorted(maps.Keys(guarded)); !slices.Equal(names, tried) {
		t.Errorf("the database has\n%v\nand these were tried:\n%v", names, tried)
	}
}

// R21: a disk that is full in the middle, as a trigger that lets one INSERT fail.
func TestWhenOneInsertFailsNothingIsHalfDone(t *testing.T) {
	t.Parallel()
	for act, tables := range map[string][]string{
		"book":    {"bookings", "postings", "audit", "river_job", "submissions"},
		"cancel":  {"bookings", "postings", "audit", "river_job", "submissions"},
		"confirm": {"bookings", "postings", "audit", "river_job", "submissions"},
		"expire":  {"postings", "audit", "river_job"},
		"grant":   {"vouchers", "postings", "audit"},
	} {
		t.Run(act, func(t *testing.T) {
			t.Parallel()
			for _, table := range tables {
				f := newFixture(t, 200*money.Euro, 1)
				try := f.act(act)
				before := f.everything()
				f.exec(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full' USING ERRCODE = 'disk_full'; END $$`)
				f.exec(`CREATE TRIGGER fault BEFORE INSERT ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION full_disk()`)
				err := try()
				if _, refused := fault.Refusal(err); err == nil || refused {
					t.Errorf("%s without %s: %v", act, table, err)
				}
				if f.everything() != before {
					t.Errorf("%s without %s left something behind", act, table)
				}
				f.exec(`DROP TRIGGER fault ON ` + table)
				if err := try(); err != nil {
					t.Errorf("%s again: %v", act, err)
				}
				if f.everything() == before {
					t.Errorf("%s again has done nothing", act)
				}
				f.whole()
			}
		})
	}
}

// act prepares an act and returns how to try it, each time with the same form.
func (f *fixture) act(name string) (try func() error) {
	f.Helper()
	switch name {
	case "book":
		sent, id, asked := form(f.as(0), "voucher.book"), f.file().Voucher.ID, ask(calendar.On(f.now).Add(8), 15, 50_00)
		return func() error {
			_, err := f.service.Book(f.Context(), f.as(0), sent, id, asked)
			return err
		}
	case "cancel":
		booking, sent := f.mustBook(0, 7, 15, 50_00), form(f.holder(), "voucher.cancel")
		return func() error { return f.service.Cancel(f.Context(), f.holder(), sent, booking) }
	case "confirm":
		booking, sent := f.mustBook(0, 0, 0, 50_00), form(f.as(0), "voucher.confirm")
		return func() error { return f.service.Confirm(f.Context(), f.as(0), sent, booking) }
	case "expire":
		f.now = f.file().Voucher.Terms.LastDay.End()
		return func() error {
			_, err := f.service.ExpireDue(f.Context())
			return err
		}
	case "grant":
		luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
		a := voucher.Application{ID: voucher.ApplicationID(voucher.NewID()), Beneficiary: luca.ID, Territory: "Lazio"}
		f.exec(`INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
			VALUES ($1, 'INPS-2', '2022-guida', $2, $2, 'Lazio', 'RM', '2025-12-01', 'awarded')`, string(a.ID), string(luca.ID))
		return func() error {
			_, err := f.service.Grant(f.Context(), identity.Office(), a, f.file().Edition.Rules, 100*money.Euro, calendar.NewDate(2026, 2, 2))
			return err
		}
	}
	panic(name)
}

// everything is all that an act may change, as one text.
func (f *fixture) everything() (all string) {
	f.Helper()
	err := f.pool.QueryRow(f.Context(), `SELECT concat_ws(E'\n',
		(SELECT string_agg(v::text, ' ' ORDER BY id) FROM vouchers v), (SELECT string_agg(b::text, ' ' ORDER BY id) FROM bookings b),
		(SELECT string_agg(p::text, ' ' ORDER BY id) FROM postings p), (SELECT string_agg(a::text, ' ' ORDER BY id) FROM audit a),
		(SELECT string_agg(j.args::text, ' ' ORDER BY id) FROM river_job j), (SELECT string_agg(s::text, ' ' ORDER BY key) FROM submissions s))`).Scan(&all)
	if err != nil {
		f.Fatal(err)
	}
	return all
}

// R13: somebody holds the row of one voucher and does not let go.
func TestAHeldVoucherIsRefusedAloneAndSoon(t *testing.T) {
	t.Parallel()
	for _, act := range []string{"book", "cancel", "confirm"} {
		t.Run(act, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 200*money.Euro, 2)
			try := f.act(act)
			luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
			application, _ := f.grant(luca, 200*money.Euro)
			lucas, err := f.service.File(t.Context(), luca.ID, application)
			if err != nil {
				t.Fatal(err)
			}
			before := f.everything()
			release := f.hold(f.file().Voucher.ID)
			asked, answer := time.Now(), make(chan error)
			go func() { answer <- try() }()
			select {
			case err := <-answer:
				if took := time.Since(asked); !errors.Is(err, postgres.ErrUnavailable) || took < time.Second {
					t.Errorf("%v after %s", err, took)
				}
			case <-time.After(2500 * time.Millisecond):
				t.Error("no answer in 1.5 s")
			}
			if f.everything() != before {
				t.Error("something is half done")
			}
			sent := form(f.as(1), "voucher.book")
			quick, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := f.service.Book(quick, f.as(1), sent, lucas.Voucher.ID, ask(calendar.On(noon).Add(3), 9, 50_00)); err != nil {
				t.Errorf("another voucher: %v", err)
			}
			if _, err := f.service.File(quick, f.maria.ID, f.application); err != nil {
				t.Errorf("a look at the held one: %v", err)
			}
			release()
			if err := try(); err != nil {
				t.Errorf("the same form, afterwards: %v", err)
			}
			f.whole()
		})
	}
}

// hold locks a voucher in a transaction of its own until it is released.
func (f *fixture) hold(id voucher.ID) (release func()) {
	f.Helper()
	tx, err := f.pool.Begin(f.Context())
	if err == nil {
		_, err = tx.Exec(f.Context(), `SELECT FROM vouchers WHERE id = $1 FOR UPDATE`, string(id))
	}
	if err != nil {
		f.Fatal(err)
	}
	return func() {
		f.Helper()
		if err := tx.Rollback(context.WithoutCancel(f.Context())); err != nil {
			f.Fatal(err)
		}
	}
}

func TestAHeldVoucherDoesNotKeepTheOthersOpen(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
	application, _ := f.grant(luca, 200*money.Euro)
	f.now = f.file().Voucher.Terms.LastDay.End()
	release := f.hold(f.file().Voucher.ID)
	if n, err := f.service.ExpireDue(t.Context()); n != 1 || !errors.Is(err, postgres.ErrUnavailable) {
		t.Errorf("%d expired, %v", n, err)
	}
	release()
	lucas, err := f.service.File(t.Context(), luca.ID, application)
	if err != nil || lucas.Voucher.State != voucher.Expired || f.file().Voucher.State != voucher.Active {
		t.Errorf("Luca's is %s, Maria's %s, %v", lucas.Voucher.State, f.file().Voucher.State, err)
	}
	if n, err := f.service.ExpireDue(t.Context()); n != 1 || err != nil {
		t.Errorf("later: %d expired, %v", n, err)
	}
	f.whole()
}

func TestAConnectionThatDiesInTheMiddleLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	book := f.act("book")
	release := f.hold(f.file().Voucher.ID)
	answer := make(chan error)
	go func() { answer <- book() }()
	for killed := 0; killed == 0; {
		err := f.pool.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&killed)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := <-answer; !errors.Is(err, postgres.ErrUnavailable) {
		t.Errorf("the answer is %v", err)
	}
	release()
	if v := f.file().Voucher; v.Version != 0 || len(f.file().Bookings) != 0 {
		t.Errorf("half done: %+v", v)
	}
	if err := book(); err != nil {
		t.Errorf("the same form, afterwards: %v", err)
	}
	f.whole()
}
