package postgres_test

// guardedRetention is guarded, for what is kept and what is erased: maria and anna
// administer.
var guardedRetention = map[string][]string{
	"retention_way_is_known":          {aRule(`'lost', '1 year', 'x'`)},
	"decided_retention_has_a_period":  {aRule(`'decided', '200 days', 'x'`)},
	"retention_cites_its_source":      {aRule(`'kept', NULL, ''`)},
	"retention_rules_are_kept":        {`UPDATE retention_rules SET kept_for = '1 day'`, `DELETE FROM retention_rules`, `TRUNCATE retention_rules CASCADE`},
	"hold_says_why":                   {aHold(`'', {maria}, NULL, NULL, ''`)},
	"ended_hold_says_by_whom_and_why": {aHold(`'x', {maria}, {anna}, NULL, 'x'`), aHold(`'x', {maria}, {anna}, now(), ''`)},
	"nobody_ends_a_hold_they_placed":  {aHold(`'x', {maria}, {maria}, now(), 'x'`)},
	"case_is_held_once":               {someHold + someHold},
	"hold_is_ended_not_changed":       {someHold + `UPDATE legal_holds SET reason = 'y'`, someHold + holdEnded + `UPDATE legal_holds SET ended_by = NULL, ended_at = NULL, ended_why = ''`},
	"holds_are_kept":                  {`DELETE FROM legal_holds`, `TRUNCATE legal_holds`},
	"erasure_state_is_known":          {`ALTER TABLE erasures DISABLE TRIGGER erasures_stay_as_proposed; ` + someErasure + erasureDecided(`'lost'`, `{anna}`)},
	"paper_is_erased_by_two": {
		handedIn + `UPDATE attachments SET erased_at = now()`,
		handedIn + someErasure + erasureDecided(`'approved'`, `{anna}`) + `UPDATE attachments SET erased_at = now()`},
	"something_is_erased":                        {erasing(`'messages', '2026-01-01', 0, 'x', 'proposed', NULL, NULL, ''`)},
	"erasure_says_why":                           {erasing(`'messages', '2026-01-01', 1, '', 'proposed', NULL, NULL, ''`)},
	"erasure_is_proposed_first":                  {erasing(`'messages', '2026-01-01', 1, 'x', 'approved', {anna}, now(), ''`), erasing(`'decisions', '2026-01-01', 1, 'x', 'proposed', NULL, NULL, ''`)},
	"erasure_cuts_no_later_than_it_is_proposed":  {erasing(`'messages', '2026-03-02', 1, 'x', 'proposed', NULL, NULL, ''`)},
	"decided_erasure_has_a_second_person":        {someErasure + `UPDATE erasures SET state = 'approved'`, someErasure + `UPDATE erasures SET state = 'approved', decided_by = {anna}`},
	"nobody_decides_on_an_erasure_they_proposed": {someErasure + erasureDecided(`'approved'`, `{maria}`), someErasure + erasureDecided(`'refused'`, `{maria}`)},
	"only_its_proposer_withdraws_an_erasure":     {someErasure + erasureDecided(`'withdrawn'`, `{anna}`)},
	"refused_erasure_says_why":                   {someErasure + `UPDATE erasures SET state = 'refused', decided_by = {anna}, decided_at = now()`},
	"ended_erasure_has_its_time":                 {someErasure + erasureDecided(`'approved'`, `{anna}`) + `UPDATE erasures SET state = 'stopped', found = 0`},
	"stopped_erasure_says_what_it_found":         {someErasure + erasureDecided(`'approved'`, `{anna}`) + `UPDATE erasures SET state = 'stopped', ended_at = now()`},
	"class_is_erased_one_at_a_time":              {someErasure + someErasure},
	"erasure_is_done_as_proposed": {
		someErasure + `UPDATE erasures SET state = 'done', ended_at = now(), decided_by = {anna}, decided_at = now()`, someErasure + `UPDATE erasures SET things = 2`,
		someErasure + erasureDecided(`'lost'`, `{anna}`), someErasure + erasureDecided(`'refused'`, `{anna}`) + erasureDecided(`'approved'`, `{anna}`),
		someErasure + erasureDecided(`'approved'`, `{anna}`) + `UPDATE erasures SET state = 'stopped', ended_at = now(), found = 0, decided_by = {giulia}`},
	"erasure_is_done_whole":            {someErasure + erasureDecided(`'approved'`, `{anna}`) + `UPDATE erasures SET state = 'done', ended_at = now()`},
	"erasures_are_kept":                {`DELETE FROM erasures`, `TRUNCATE erasures CASCADE`},
	"only_what_was_approved_is_erased": {someErasure + `UPDATE erasure_things SET erased_at = now()`, someErasure + erasureDecided(`'approved'`, `{anna}`) + thingErased + thingErased, someErasure + erasureDecided(`'approved'`, `{anna}`) + `UPDATE erasure_things SET thing_id = gen_random_uuid(), erased_at = now()`},
	"erasure_things_are_kept":          {`DELETE FROM erasure_things`, `TRUNCATE erasure_things`},
	"erasure_is_of_what_was_counted": {
		someErasure + `INSERT INTO erasure_things (erasure_id, thing_id) SELECT id, gen_random_uuid() FROM erasures`,
		erasing(`'messages', '2026-01-01', 1, 'x', 'proposed', NULL, NULL, ''`) + `SET CONSTRAINTS ALL IMMEDIATE`},
}

const (
	someThing   = `INSERT INTO erasure_things (erasure_id, thing_id) SELECT id, gen_random_uuid() FROM erasures WHERE state = 'proposed'; `
	thingErased = `UPDATE erasure_things SET erased_at = now(); `
	holdEnded   = `UPDATE legal_holds SET ended_by = {anna}, ended_at = now(), ended_why = 'x'; `
)

var (
	someHold    = aHold(`'x', {maria}, NULL, NULL, ''`)
	someErasure = erasing(`'messages', '2026-01-01', 1, 'x', 'proposed', NULL, NULL, ''`) + someThing
)

func aRule(values string) string {
	return `INSERT INTO retention_rules (class, place, way, kept_for, source) VALUES ('x', 99, ` + values + `); `
}

func aHold(values string) string {
	return `INSERT INTO legal_holds (id, subject_id, person_id, protocol, placed_at, reason, placed_by, ended_by, ended_at, ended_why)
		VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', {giulia}, 'ENPAP-2026-000001', now(), ` + values + `); `
}

func erasing(values string) string {
	return `INSERT INTO erasures (id, proposed_by, proposed_at, class, cut_on, things, grounds, state, decided_by, decided_at, why) VALUES (gen_random_uuid(), {maria}, '2026-03-01', ` + values + `); `
}

func erasureDecided(state, by string) string {
	return `UPDATE erasures SET state = ` + state + `, decided_by = ` + by + `, decided_at = now(), why = CASE WHEN ` + state + ` = 'refused' THEN 'x' ELSE '' END; `
}
