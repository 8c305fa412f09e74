package postgres_test

// guardedDisputes is guarded, for what holders say of their sessions and for sessions
// that were moved.
var guardedDisputes = map[string][]string{
	"dispute_has_one_protocol":           {dispute(`'x', 'other', 'withdrawn', '', '', '', NULL, NULL, NULL, NULL, NULL, 0`) + `; ` + dispute(`'x', 'other', 'withdrawn', '', '', '', NULL, NULL, NULL, NULL, NULL, 0`)},
	"dispute_kind_is_known":              {dispute(`'x', 'noise', 'open', '', '', '', NULL, NULL, NULL, NULL, NULL, 0`)},
	"dispute_state_is_known":             {dispute(`'x', 'other', 'lost', 'dismiss', 'g', 'a', {giulia}, now(), {anna}, now(), NULL, 0`)},
	"dispute_proposal_is_known":          {dispute(`'x', 'other', 'open', 'wait', '', '', NULL, NULL, NULL, NULL, NULL, 0`)},
	"session_is_disputed_once_at_a_time": {dispute(`'x', 'other', 'open', '', '', '', NULL, NULL, NULL, NULL, NULL, 0`) + `; ` + dispute(`'y', 'other', 'proposed', 'dismiss', 'g', 'a', {giulia}, now(), NULL, NULL, NULL, 0`)},
	"proposed_dispute_has_a_proposer": {
		dispute(`'x', 'other', 'proposed', 'dismiss', 'g', 'a', NULL, now(), NULL, NULL, NULL, 0`),
		dispute(`'x', 'other', 'proposed', 'dismiss', '', 'a', {giulia}, now(), NULL, NULL, NULL, 0`),
		dispute(`'x', 'other', 'proposed', 'dismiss', 'g', '', {giulia}, now(), NULL, NULL, NULL, 0`)},
	"decided_dispute_has_a_second_person":    {dispute(`'x', 'other', 'upheld', 'uphold', 'g', 'a', {giulia}, now(), NULL, NULL, NULL, 0`)},
	"nobody_decides_a_dispute_they_proposed": {dispute(`'x', 'other', 'dismissed', 'dismiss', 'g', 'a', {giulia}, now(), {giulia}, now(), NULL, 0`)},
	"nobody_judges_their_own_dispute": {
		dispute(`'x', 'other', 'dismissed', 'dismiss', 'g', 'a', {giulia}, now(), {maria}, now(), NULL, 0`),
		dispute(`'x', 'other', 'proposed', 'dismiss', 'g', 'a', {maria}, now(), NULL, NULL, NULL, 0`),
		dispute(`'x', 'other', 'open', '', '', '', NULL, NULL, NULL, NULL, NULL, 0`) + `; UPDATE disputes SET taken_by = {maria}`},
	"right_price_goes_with_its_proposal": {
		dispute(`'x', 'amount', 'proposed', 'uphold', 'g', 'a', {giulia}, now(), NULL, NULL, NULL, 0`),
		dispute(`'x', 'amount', 'proposed', 'uphold', 'g', 'a', {giulia}, now(), NULL, NULL, 0, 0`),
		dispute(`'x', 'other', 'proposed', 'uphold', 'g', 'a', {giulia}, now(), NULL, NULL, 1, 0`)},
	"only_an_upheld_dispute_recovers": {
		dispute(`'x', 'other', 'dismissed', 'dismiss', 'g', 'a', {giulia}, now(), {anna}, now(), NULL, 1`),
		dispute(`'x', 'other', 'upheld', 'uphold', 'g', 'a', {giulia}, now(), {anna}, now(), NULL, -1`)},
	"dispute_stays_as_made": {
		dispute(`'x', 'other', 'open', '', '', '', NULL, NULL, NULL, NULL, NULL, 0`) + `; UPDATE disputes SET text = 'other'`,
		dispute(`'x', 'other', 'open', '', '', '', NULL, NULL, NULL, NULL, NULL, 0`) + `; UPDATE disputes SET made_by = {anna}`,
		dispute(`'x', 'other', 'open', '', '', '', NULL, NULL, NULL, NULL, NULL, 0`) + `; UPDATE disputes SET answer_by = answer_by + 1`},
	"dispute_is_decided_once": {
		dispute(`'x', 'other', 'withdrawn', '', '', '', NULL, NULL, NULL, NULL, NULL, 0`) + `; UPDATE disputes SET state = 'open'`,
		dispute(`'x', 'other', 'upheld', 'uphold', 'g', 'a', {giulia}, now(), {anna}, now(), NULL, 0`) + `; UPDATE disputes SET state = 'dismissed'`,
		dispute(`'x', 'other', 'upheld', 'uphold', 'g', 'a', {giulia}, now(), {anna}, now(), NULL, 0`) + `; UPDATE disputes SET answer = 'b'`},
	"disputes_are_kept": {`DELETE FROM disputes`, `TRUNCATE disputes`},
	"move_changes_something": {`INSERT INTO booking_moves (booking_id, at, was_day, was_slot, was_cents, was_place, day, slot, amount_cents, place)
		SELECT id, now(), day, slot, amount_cents, place, day, slot, amount_cents, place FROM bookings`},
	"booking_moves_only_grow": {`UPDATE booking_moves SET at = now()`, `DELETE FROM booking_moves`, `TRUNCATE booking_moves`},
}

// dispute is a report of the booking by its holder.
func dispute(values string) string {
	return `INSERT INTO disputes (booking_id, made_by, made_at, holds, answer_by, protocol, kind, state, proposal, grounds, answer, proposed_by, proposed_at,
			decided_by, decided_at, right_cents, recover_cents)
		VALUES ({booking}, {maria}, now(), true, '2026-04-01', ` + values + `)`
}
