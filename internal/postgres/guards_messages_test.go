package postgres_test

// guardedMessages is guarded, for the messages about a case and what people think of a
// page. Giulia applied; maria is an officer.
var guardedMessages = map[string][]string{
	"thread_has_a_topic":              {anApplication + threadRow(`''`), anApplication + threadRow(`'Termini e stato'`)},
	"closed_thread_says_who_and_when": {aThread + `UPDATE indemnity_threads SET closed_at = now()`, aThread + `UPDATE indemnity_threads SET closed_by = {maria}`},
	"topic_of_a_case_is_open_once":    {aThread + threadRow(`'terms'`)},
	"thread_stays_as_opened": {
		aThread + `UPDATE indemnity_threads SET topic = 'other'`, aThread + `UPDATE indemnity_threads SET opened_by = {maria}`, aThread + `UPDATE indemnity_threads SET opened_at = opened_at - interval '1 day'`,
		aThread + threadClosed + `UPDATE indemnity_threads SET closed_by = NULL, closed_at = NULL`, aThread + threadClosed + `UPDATE indemnity_threads SET closed_at = closed_at + interval '1 day'`},
	"threads_are_kept": {`DELETE FROM indemnity_threads`, `TRUNCATE indemnity_threads CASCADE`},

	"case_message_says_something":    {aThread + caseMessageRow(`''`), aThread + caseMessageRow(`E' \n\t'`)},
	"case_message_is_not_too_long":   {aThread + caseMessageRow(`repeat('x', 4001)`)},
	"closed_thread_takes_no_message": {aThread + threadClosed + caseMessageRow(`'x'`)},
	"case_messages_only_grow":        {`UPDATE indemnity_messages SET text = 'y'`, `DELETE FROM indemnity_messages`, `TRUNCATE indemnity_messages CASCADE`},
	"case_message_reads_only_grow":   {`UPDATE indemnity_message_reads SET at = now()`, `DELETE FROM indemnity_message_reads`, `TRUNCATE indemnity_message_reads`},

	"ratings_are_counted_by_month": {ratingRow(`'2026-11-02', 'sent', 5, ''`)},
	"rated_page_has_a_name":        {ratingRow(`'2026-11-01', '', 5, ''`), ratingRow(`'2026-11-01', '/domande/1', 5, ''`)},
	"rating_is_one_to_five":        {ratingRow(`'2026-11-01', 'sent', 0, ''`), ratingRow(`'2026-11-01', 'sent', 6, ''`)},
	"rating_reason_is_a_word":      {ratingRow(`'2026-11-01', 'sent', 5, 'È andata male'`)},
	"ratings_count_up":             {ratingRow(`'2026-11-01', 'sent', 5, ''`) + `UPDATE ratings SET count = 0`},
}

var (
	aThread      = anApplication + threadRow(`'terms'`)
	threadClosed = `UPDATE indemnity_threads SET closed_by = {maria}, closed_at = now(); `
)

func threadRow(topic string) string {
	return `INSERT INTO indemnity_threads (id, application_id, topic, opened_by, opened_at) SELECT gen_random_uuid(), id, ` + topic + `, {giulia}, now() FROM indemnity_applications; `
}

func caseMessageRow(text string) string {
	return `INSERT INTO indemnity_messages (id, thread_id, by_office, author_id, text, at) SELECT gen_random_uuid(), id, false, {giulia}, ` + text + `, now() FROM indemnity_threads; `
}

func ratingRow(values string) string {
	return `INSERT INTO ratings (month, page, score, reason) VALUES (` + values + `); `
}
