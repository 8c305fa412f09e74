package demo_test

import "testing"

func TestTheMembersAreInEveryStageOfAnApplication(t *testing.T) {
	t.Parallel()
	pool, _ := build(t, noon)
	for what, sql := range map[string]string{
		"a draft with a paper that waits for its file": `SELECT count(*) FROM indemnity_drafts d JOIN indemnity_papers p ON p.case_id = d.id WHERE d.sent_at IS NULL AND p.attachment_id IS NULL`,
		"an application that lacks papers":             `SELECT count(*) FROM indemnity_requests WHERE kind = 'supplement' AND state = 'open' AND due_on > '2026-11-23'`,
		"a cycle of therapy to examine":                `SELECT count(*) FROM indemnity_applications WHERE answers->>'cause' = 'cycles' AND state = 'submitted'`,
		"somebody who owes contributions":              `SELECT count(*) FROM indemnity_applications WHERE jsonb_array_length(registers->'position'->'debts') = 2`,
		"one that was inadmissible":                    `SELECT count(*) FROM indemnity_applications WHERE state = 'inadmissible'`,
		"one that was not eligible":                    `SELECT count(*) FROM indemnity_applications WHERE state = 'not_eligible'`,
		"one that was forfeited":                       `SELECT count(*) FROM indemnity_applications WHERE state = 'forfeited'`,
		"one that was withdrawn":                       `SELECT count(*) FROM indemnity_applications WHERE state = 'withdrawn'`,
		"one without money":                            `SELECT least(count(*), 1) FROM indemnity_applications WHERE state = 'unfunded'`,
		"cycles with money":                            `SELECT count(*) FROM indemnity_applications WHERE answers->>'cause' = 'cycles' AND state = 'funded'`,
		"a check that still runs":                      `SELECT count(*) FROM indemnity_controls WHERE state = 'open'`,
		"a sample that chance drew":                    `SELECT count(*) FROM control_samples WHERE state = 'drawn'`,
		"one that was revoked, and is to be paid back": `SELECT count(*) FROM indemnity_applications a JOIN indemnity_recoveries r ON r.application_id = a.id WHERE a.state = 'revoked' AND r.state = 'open'`,
		"a text that waits for a second person":        `SELECT count(*) FROM text_versions WHERE state = 'proposed'`,
		"a role that waits for a second administrator": `SELECT count(*) FROM grant_proposals WHERE state = 'proposed'`,
		"a stop that is over":                          `SELECT count(*) FROM planned_stops`,
	} {
		var n int
		if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
}
