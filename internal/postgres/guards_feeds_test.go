package postgres_test

// guardedFeeds is what the database refuses about private calendars, whoever asks: see
// everyGuard.
var guardedFeeds = map[string][]string{
	"feed_token_opens_one_calendar": {
		insertFeed(`{maria}, 'citizen', '\x01', now()`) + `; ` + insertFeed(`{giulia}, 'psychologist', '\x01', now()`)},
	"feed_role_is_known": {insertFeed(`{maria}, 'inps', '\x01', now()`)},
	"one_calendar_of_a_person_and_role": {
		insertFeed(`{maria}, 'citizen', '\x01', now()`) + `; ` + insertFeed(`{maria}, 'citizen', '\x02', now()`)},
}

func insertFeed(values string) string {
	return `INSERT INTO calendar_feeds (person_id, role, token_hash, made_at) VALUES (` + values + `)`
}
