package postgres_test

// guardedAudit is guarded, for the chain of the register and the duties of oversight.
var guardedAudit = map[string][]string{
	"oversight_has_its_own_duties": {
		`INSERT INTO role_grants (person_id, role, duty, during) VALUES ({maria}, 'inps', 'audit', '[2026-01-01,)')`,
		`INSERT INTO role_grants (person_id, role, duty, during) VALUES ({maria}, 'oversight', 'approve', '[2026-01-01,)')`},
	"nobody_audits_what_they_administer": {
		`INSERT INTO role_grants (person_id, role, duty, during) VALUES ({maria}, 'oversight', 'audit', '[2026-01-01,)'), ({maria}, 'oversight', 'administer', '[2026-06-01,)')`},

	"entry_is_sealed_once":    {aLink(`1, 7`) + aLink(`2, 7`)},
	"chain_begins_at_one":     {aLink(`0, 7`)},
	"link_is_a_digest":        {`INSERT INTO audit_links VALUES (1, 7, 'short')`},
	"links_only_grow":         {`UPDATE audit_links SET entry_id = 1`, `DELETE FROM audit_links`, `TRUNCATE audit_links CASCADE`},
	"seals_only_grow":         {`UPDATE audit_seals SET highest = 1`, `DELETE FROM audit_seals`, `TRUNCATE audit_seals`},
	"anchor_is_signed":        {aLink(`1, 7`) + `INSERT INTO audit_anchors VALUES ('2026-01-01', 1, 'x', 'short', sha256('k'), now())`, aLink(`1, 7`) + `INSERT INTO audit_anchors VALUES ('2026-01-01', 1, '', sha512('s'), sha256('k'), now())`},
	"anchors_only_grow":       {`UPDATE audit_anchors SET line = 'x'`, `DELETE FROM audit_anchors`, `TRUNCATE audit_anchors`},
	"seal_has_whole_rows":     {`INSERT INTO ranking_seals SELECT gen_random_uuid(), 'short', now()`},
	"ranking_seals_only_grow": {`UPDATE ranking_seals SET sealed_at = now()`, `DELETE FROM ranking_seals`, `TRUNCATE ranking_seals`},
	"check_ends_whole":        {aCheck + `UPDATE audit_checks SET ended_at = now()`},
	"one_check_at_a_time":     {aCheck + aCheck},
	"check_stays_as_it_came_out": {
		aCheck + `UPDATE audit_checks SET asked_by = {maria}`,
		aCheck + `UPDATE audit_checks SET ended_at = now(), entries = 0, unsealed = 0, rankings = 0, head = 'x', faults = '[1]'; UPDATE audit_checks SET faults = '[]'`},
	"link_form_is_known":       {`INSERT INTO audit_links VALUES (1, 7, sha256('x'), 3)`},
	"changes_only_grow":        {`UPDATE audit_changes SET before = 'x'`, `DELETE FROM audit_changes`, `TRUNCATE audit_changes`},
	"change_changes_something": {`INSERT INTO audit_changes (act, thing, thing_id, field, before, after) VALUES (1, 'vouchers', gen_random_uuid(), 'state', 'x', 'x')`},
	"checks_are_kept":          {`DELETE FROM audit_checks`, `TRUNCATE audit_checks`},
}

const aCheck = `INSERT INTO audit_checks (id, asked_at) VALUES (gen_random_uuid(), now()); `

func aLink(values string) string {
	return `INSERT INTO audit_links VALUES (` + values + `, sha256('x')); `
}
