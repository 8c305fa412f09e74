package postgres_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
)

// figuresWorld is small and known: what happened is made past the program, and on the hour.
const figuresWorld = `
	SET LOCAL session_replication_role = replica;
	SET LOCAL TimeZone = 'Europe/Rome';

	-- Ten outcomes half an hour into October, after one to ten days; one of them decided
	-- again in November. Four in September, and one the day before the first month.
	WITH sent AS (
		INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, submitted_at, state)
		SELECT month || '-' || n, '2025', gen_random_uuid(), gen_random_uuid(), 'Molise', 'CB', 900000, 'valid', decided - n * interval '1 day' + interval '1 minute', 'in_review'
		FROM (VALUES ('OTT', '2026-10-01 00:30'::timestamptz, 10), ('SET', '2026-09-30 23:59', 4), ('NOV', '2025-11-30 23:59', 1)) m (month, decided, many), generate_series(1, many) n
		RETURNING id, protocol
	)
	INSERT INTO audit (at, role, action, subject_id)
	SELECT CASE left(protocol, 3) WHEN 'OTT' THEN '2026-10-01 00:30'::timestamptz WHEN 'SET' THEN '2026-09-30 23:59' ELSE '2025-11-30 23:59' END, 'system', 'application.decided', id FROM sent
	UNION ALL SELECT '2026-11-02 10:00', 'system', 'application.decided', id FROM sent WHERE protocol = 'OTT-1';

	-- Two sessions of October, confirmed after ten hours and after two days and a half; a
	-- third stands in the place of another.
	INSERT INTO bookings (voucher_id, beneficiary_id, professional_id, day, amount_cents, place, state, booked_at, held_at, reinstates)
	SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), day, 5000, 'x', 'held', held, held, instead
	FROM (VALUES ('2026-10-20'::date, '2026-10-20 10:00'::timestamptz, NULL::uuid), ('2026-10-20', '2026-10-22 12:00', NULL), ('2026-10-20', '2026-10-29 12:00', gen_random_uuid())) b (day, held, instead);

	-- An order of November pays an invoice of three sessions after four days, and one of one
	-- session on the next day.
	WITH invoiced AS (
		INSERT INTO invoices (professional_id, beneficiary_id, number, issued_on, amount_cents, state, received_at, changed_at)
		SELECT gen_random_uuid(), gen_random_uuid(), number, '2026-11-01', 5000, 'accepted', received, received
		FROM (VALUES ('1', '2026-11-01 12:00'::timestamptz), ('2', '2026-11-04 12:00')) i (number, received) RETURNING id, number
	), ordered AS (
		INSERT INTO payment_orders (run_id, number, end_to_end, payee_id, account_id, iban, holder, amount_cents, state, value_day, outcome_at)
		VALUES (gen_random_uuid(), 1, 'PSI00001-000001', gen_random_uuid(), gen_random_uuid(), 'IT60X0542811101000000123456', 'x', 20000, 'paid', '2026-11-05', '2026-11-05 18:00') RETURNING id
	)
	INSERT INTO payment_lines (order_id, order_state, booking_id, invoice_id, edition_id, territory, amount_cents)
	SELECT o.id, 'paid', gen_random_uuid(), i.id, '2025', 'Molise', 5000 FROM ordered o, invoiced i, generate_series(1, CASE i.number WHEN '1' THEN 3 ELSE 1 END);

	-- Five applications for the indemnity of 10 October, opened after one to five days and
	-- again later, decided after six days; one was decided otherwise in November.
	WITH sent AS (
		INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, channel, sender_id, submitted_at, term_ended_on, event, answers, declarations, registers, digest, check_code, state)
		SELECT gen_random_uuid(), 'E-' || n, '2026-10', 1, gen_random_uuid(), 'member', 'portal', gen_random_uuid(), '2026-10-10 10:00', '2026-10-31', '[2026-09-20,2026-10-05]', '{}', '[]', '{}', sha256(''), 'X', 'suitable'
		FROM generate_series(1, 5) n RETURNING id, protocol
	), opened AS (
		INSERT INTO audit (at, person_id, role, action, subject_id)
		SELECT '2026-10-10 09:00'::timestamptz + days * interval '1 day', gen_random_uuid(), 'welfare', 'indemnity.case_opened', id
		FROM sent, LATERAL (VALUES (right(protocol, 1)::int), (20)) d (days) RETURNING id
	)
	INSERT INTO indemnity_decisions (id, application_id, to_state, call_version, proposed_by, proposed_at, state, decided_by, decided_at, protocol, check_code, why)
	SELECT gen_random_uuid(), s.id, 'suitable', 1, gen_random_uuid(), d.at, d.state, gen_random_uuid(), d.at, CASE d.state WHEN 'approved' THEN s.protocol || d.at END, CASE d.state WHEN 'approved' THEN 'X' ELSE '' END, d.why
	FROM sent s, (VALUES ('2026-10-12 10:00'::timestamptz, 'sent_back', 'x'), ('2026-10-16 10:00', 'approved', ''), ('2026-11-20 10:00', 'approved', '')) d (at, state, why)
	WHERE s.protocol = 'E-1' OR d.at < '2026-11-01';

	-- All five were ranked on 20 October, four days after they were decided, also the one that
	-- was decided otherwise since. The ranking was corrected in November; one of them was paid
	-- with value 2 November, thirteen days after the publication, and another is about to be.
	WITH made AS (
		INSERT INTO indemnity_rankings (id, call_id, call_version, number, kind, corrects, reason, rules, evaluated_on, state, applications, ranked, funded, not_funded, requested_cents, funded_cents, last_rank, last_points,
			inputs_digest, rules_digest, result_digest, rows_digest, simulated_by, simulated_at, checked_at, disagreements, proposed_by, proposed_at, decided_by, decided_at, publication, published_by, published_at, manifest, signature)
		SELECT gen_random_uuid(), '2026-10', 1, r.n, 'ranking', CASE r.n WHEN 2 THEN gen_random_uuid() END, CASE r.n WHEN 2 THEN 'x' ELSE '' END, '{}', '2026-10-19', r.state, 5, 5, 5, 0, 0, 0, 5, 0,
			'', '', '', '', gen_random_uuid(), r.at, r.at, 0, gen_random_uuid(), r.at, gen_random_uuid(), r.at, r.n, gen_random_uuid(), r.at, 'x', ''
		FROM (VALUES (1, 'superseded', '2026-10-20 10:00'::timestamptz), (2, 'published', '2026-11-21 10:00')) r (n, state, at) RETURNING id, number
	), ranked AS (
		INSERT INTO indemnity_ranking_entries (ranking_id, application_id, case_version, protocol, facts, result, steps, row_digest, outcome, duration, days, daily_cents, gross_cents, rate, withholding_cents, net_cents, debt_cents, debt_left_cents,
			points_isee, points_duration, points_exclusive, rank, ex_aequo, decided, funding, funded_cents, funded_net_cents, set_off_cents, payable_cents, recovery_cents, revoked)
		SELECT m.id, a.id, 1, a.protocol, '{}', '{}', '{}', '', 'ranked', 0, 0, 0, 20000, 0, 0, 20000, 0, 0, 0, 0, 0, right(a.protocol, 1)::int, 0, '', 'funded', 20000, 20000, 0, 20000, 0, false
		FROM made m, indemnity_applications a RETURNING ranking_id, application_id, protocol
	), ordered AS (
		INSERT INTO payment_orders (run_id, number, end_to_end, payee_id, case_account_id, iban, holder, amount_cents, state, value_day, outcome_at, certificate, check_code)
		SELECT gen_random_uuid(), 1, 'ENP00001-00000' || right(protocol, 1), gen_random_uuid(), gen_random_uuid(), 'IT60X0542811101000000123456', 'x', 20000, CASE protocol WHEN 'E-1' THEN 'paid' ELSE 'sent' END,
			CASE protocol WHEN 'E-1' THEN '2026-11-02'::date END, CASE protocol WHEN 'E-1' THEN '2026-11-03 18:00'::timestamptz END, 'C-' || protocol, 'X'
		FROM (VALUES ('E-1'), ('E-2')) p (protocol) RETURNING id, state, 'E-' || right(end_to_end, 1) AS protocol
	)
	INSERT INTO payment_lines (order_id, order_state, application_id, ranking_id, amount_cents, gross_cents, withholding_cents, set_off_cents)
	SELECT o.id, o.state, r.application_id, r.ranking_id, 20000, 20000, 0, 0 FROM ordered o JOIN ranked r USING (protocol) JOIN made m ON m.id = r.ranking_id WHERE m.number = 1;

	-- Of four requests to look at an outcome of the contribution again two were decided, after
	-- ten days and after two; one waits, and one was taken back.
	INSERT INTO reexaminations (protocol, application_id, asked_by, asked_at, motive, text, decide_by, state, proposal, grounds, proposed_by, proposed_at, decided_by, decided_at)
	SELECT 'R-' || r.state, gen_random_uuid(), gen_random_uuid(), '2026-11-02 10:00', 'other', 'x', '2026-12-02', r.state, r.proposal, r.proposal, CASE WHEN r.proposal <> '' THEN gen_random_uuid() END, r.decided,
		CASE WHEN r.proposal <> '' THEN gen_random_uuid() END, r.decided
	FROM (VALUES ('granted', 'grant', '2026-11-12 10:00'::timestamptz), ('denied', 'deny', '2026-11-04 10:00'), ('asked', '', NULL), ('withdrawn', '', NULL)) r (state, proposal, decided);

	-- One request was answered on the second day. Of four that were not, the term of one ran
	-- out yesterday and that of another runs until tonight; one was taken back, and one did
	-- not reach anybody.
	INSERT INTO indemnity_requests (id, application_id, kind, text, asked_by, asked_at, days, reached_on, reached_by, due_on, answered_at, answered_by, answer_protocol, state)
	SELECT gen_random_uuid(), gen_random_uuid(), 'supplement', 'x', gen_random_uuid(), '2026-11-01 10:00', 15, r.reached, CASE WHEN r.reached IS NULL THEN '' ELSE 'portal' END, r.reached + r.days, r.answered, CASE WHEN r.answered IS NOT NULL THEN gen_random_uuid() END,
		CASE WHEN r.answered IS NOT NULL THEN 'R-1' END, r.state
	FROM (VALUES ('2026-11-01'::date, 15, '2026-11-03 09:00'::timestamptz, 'answered'), ('2026-11-07', 15, NULL, 'open'), ('2026-11-08', 15, NULL, 'open'), ('2026-11-02', 15, NULL, 'cancelled'), (NULL, 0, NULL, 'open')) r (reached, days, answered, state);

	-- A member wrote twice and had an answer on the day after.
	WITH asked AS (SELECT gen_random_uuid() AS thread)
	INSERT INTO audit (at, person_id, role, action, subject_id)
	SELECT m.at, gen_random_uuid(), 'member', m.action, thread FROM asked,
		(VALUES ('2026-11-03 10:00'::timestamptz, 'indemnity.message_sent'), ('2026-11-04 10:00', 'indemnity.message_sent'), ('2026-11-05 09:00', 'indemnity.message_answered')) m (at, action) ORDER BY m.at;

	INSERT INTO audit (at, role, action) SELECT at, 'system', action FROM (VALUES ('2026-10-31 23:59'::timestamptz, 'voucher.lapsed', 2), ('2026-11-01 00:00', 'voucher.expired', 1), ('2026-11-11 10:00', 'indemnity.sent_late', 1),
		('2026-11-12 10:00', 'application.begun', 3), ('2026-11-12 11:00', 'indemnity.sent', 1), ('2025-11-30 23:59', 'application.begun', 7)) a (at, action, many), generate_series(1, many);

	-- Drafts that nobody has touched for thirty days count as left, where they were left.
	INSERT INTO application_drafts (edition_id, applicant_id, fiscal_code, answers, started_at, saved_at, sent_as)
	SELECT '2025', gen_random_uuid(), 'X', answers::jsonb, saved, saved, sent
	FROM (VALUES ('{}', '2026-10-24 00:00'::timestamptz, NULL::uuid), ('{"residence": "x"}', '2026-10-01 00:00', NULL), ('{"residence": "x", "email": ""}', '2026-09-01 00:00', NULL), ('{"isee": "x", "email": "x"}', '2026-09-01 00:00', NULL),
		('{"email": "x", "declared": []}', '2026-09-01 00:00', NULL), ('{}', '2026-10-25 00:00', NULL), ('{}', '2026-09-01 00:00', gen_random_uuid())) d (answers, saved, sent);
	INSERT INTO indemnity_drafts (id, member_id, answers, started_at, saved_at, sent_at)
	SELECT gen_random_uuid(), gen_random_uuid(), answers::jsonb, '2026-09-01 00:00', '2026-09-01 00:00', sent
	FROM (VALUES ('{}', NULL::timestamptz), ('{"cause": "illness"}', NULL), ('{"cause": "illness", "first": "x"}', NULL), ('{"exclusive": "yes"}', NULL), ('{"covered": "no"}', NULL), ('{"isee": "yes", "iban": ""}', NULL),
		('{"iban": "x"}', NULL), ('{"declared": []}', NULL), ('{}', '2026-09-02 00:00')) d (answers, sent);

	INSERT INTO ratings (month, page, score, reason, count) VALUES ('2026-11-01', 'home', 5, '', 3), ('2026-10-01', 'home', 2, '', 1), ('2026-11-01', 'home', 2, 'slow', 1), ('2025-11-01', 'home', 1, '', 9)`

func TestTheFiguresOfASmallWorldAreThoseOfItsRows(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t)
	if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), figuresWorld, pgx.QueryExecModeSimpleProtocol)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, calendar.Rome)
	s := auditor.NewService(postgres.NewRegister(pool), func() time.Time { return now })
	got, err := s.All(t.Context(), identity.Own("8b1f3b1e-6a52-4b8e-9d0a-3f9c2f6d7a01", identity.Oversight).WithDuties([]identity.Duty{identity.Audit}))
	if err != nil {
		t.Fatal(err)
	}
	september, october, november := calendar.NewDate(2026, 9, 1), calendar.NewDate(2026, 10, 1), calendar.NewDate(2026, 11, 1)
	outcomes, opened, decided, ranked := auditor.Took{Phase: auditor.VoucherOutcome, Month: october, Count: 10, Half: 5, Most: 9},
		auditor.Took{Phase: auditor.IndemnityOpened, Month: october, Count: 5, Half: 3, Most: 5}, auditor.Took{Phase: auditor.IndemnityDecided, Month: october, Count: 5, Half: 6, Most: 6},
		auditor.Took{Phase: auditor.IndemnityRanked, Month: october, Count: 5, Half: 4, Most: 4}
	for what, c := range map[string]struct{ got, want any }{
		"took": {got.Took, []auditor.Took{
			{Phase: auditor.IndemnityAnswer, Month: november, Count: 1, Half: 2, Most: 2}, {Phase: auditor.MessageAnswered, Month: november, Count: 1, Half: 1, Most: 1},
			{Phase: auditor.IndemnityPaid, Month: november, Count: 1, Half: 13, Most: 13},
			{Phase: auditor.VoucherPaid, Month: november, Count: 2, Half: 1, Most: 4}, {Phase: auditor.Reexamined, Month: november, Count: 2, Half: 2, Most: 10},
			decided, opened, ranked, {Phase: auditor.VoucherConfirm, Month: october, Count: 2, Half: 1, Most: 3}, outcomes,
			{Phase: auditor.VoucherOutcome, Month: september, Count: 4, Half: 2, Most: 4}}},
		"expired": {got.Expired, []auditor.Tally{{What: "request", Month: november, Count: 1}, {What: "sent_late", Month: november, Count: 1}, {What: "voucher", Month: november, Count: 1}, {What: "first_session", Month: october, Count: 2}}},
		"begun":   {got.Begun, []auditor.Tally{{What: "application.begun", Month: november, Count: 3}, {What: "indemnity.sent", Month: november, Count: 1}}},
		"left": {got.Left, []auditor.Tally{{What: "indemnity.activity", Count: 1}, {What: "indemnity.cause", Count: 1}, {What: "indemnity.contacts", Count: 1}, {What: "indemnity.cover", Count: 1}, {What: "indemnity.declarations", Count: 1},
			{What: "indemnity.isee", Count: 1}, {What: "indemnity.period", Count: 1}, {What: "indemnity.review", Count: 1},
			{What: "voucher.declarations", Count: 1}, {What: "voucher.isee", Count: 2}, {What: "voucher.residence", Count: 1}, {What: "voucher.review", Count: 1}}},
		"rated": {got.Rated, []auditor.Rated{{Page: "home", Count: 4, Mean: 43}}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", what, c.got, c.want)
		}
	}

	// Everybody reads of months that are over, and of no fewer than five.
	shown, hidden, err := s.Public(t.Context())
	if want := []auditor.Took{decided, opened, ranked, outcomes}; err != nil || !hidden || !reflect.DeepEqual(shown, want) {
		t.Errorf("%+v, hidden %v, %v", shown, hidden, err)
	}
	if _, err := s.All(t.Context(), identity.Own("8b1f3b1e-6a52-4b8e-9d0a-3f9c2f6d7a01", identity.Welfare).WithDuties(identity.Duties)); err == nil {
		t.Error("an officer reads them")
	}
}
