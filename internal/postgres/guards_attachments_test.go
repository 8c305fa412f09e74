package postgres_test

// guardedAttachments is what is guarded of the papers that people hand in. Each is
// tried with a chunk of three bytes that is there before.
var guardedAttachments = map[string][]string{
	"chunk_is_small":              {chunk(0, `''`), chunk(0, `convert_to(repeat('x', 262145), 'UTF8')`)},
	"attachment_type_is_known":    {attachment(`'x', 'text/html', 1, sha256(''), 1, 3`)},
	"attachment_has_a_name":       {attachment(`'', 'image/png', 1, sha256(''), 1, 3`)},
	"attachment_has_bytes":        {attachment(`'x', 'image/png', 0, sha256(''), 1, 3`)},
	"attachment_has_pages":        {attachment(`'x', 'image/png', 1, sha256(''), 0, 3`)},
	"attachment_digest_is_sha256": {attachment(`'x', 'image/png', 1, 'x', 1, 3`)},
	"attachment_is_whole": {attachment(`'x', 'image/png', 1, sha256(''), 1, 4`), attachment(`'x', 'image/png', 1, sha256(''), 1, 2`),
		chunk(2, `'x'`) + attachment(`'x', 'image/png', 1, sha256(''), 1, 4`)},
	"attachment_keeps_its_content": {
		chunk(0, `'x'`) + `UPDATE attachment_chunks SET sealed = 'y'`,
		handedIn + `DELETE FROM attachment_chunks`, handedIn + chunk(1, `'x'`),
		handedIn + `UPDATE attachments SET digest = sha256('y')`, handedIn + `UPDATE attachments SET sealed_bytes = 4`,
		handedIn + `UPDATE attachments SET size_bytes = 2`, handedIn + `UPDATE attachments SET media_type = 'image/jpeg'`},
}

const theAttachment = `'00000000-0000-0000-0000-00000000000a'::uuid`

var handedIn = attachment(`'x', 'image/png', 1, sha256(''), 1, 3`)

func chunk(number int, sealed string) string {
	return `INSERT INTO attachment_chunks VALUES (` + theAttachment + `, ` + string('0'+rune(number)) + `, ` + sealed + `); `
}

func attachment(values string) string {
	return chunk(0, `'xyz'`) + `INSERT INTO attachments (id, subject_id, owner_id, at, name, media_type, size_bytes, digest, pages, sealed_bytes)
		SELECT ` + theAttachment + `, {maria}, {maria}, now(), ` + values + `; `
}
