package demo_test

import "testing"

func TestTheMembersAreInEveryStageOfAnApplication(t *testing.T) {
	t.Parallel()
	pool, _ := build(t, noon)
	for what, sql := range map[string]string{
		"a draft with a paper that waits for its file": `SELECT count(*) FROM indemnity_drafts d JOIN indemnity_papers p ON p.case_id = d.id WHERE d.sent_at IS NULL AND p.attachment_id IS NULL`,
		"an application that lacks papers":             `SELECT count(*) FROM indemnity_requests WHERE kind = 'supplement' AND state = 'open' AND due_on > '2026-11-23'`,
		"a cycle of therapy":                           `SELECT count(*) FROM indemnity_applications WHERE answers->>'cause' = 'cycles'`,
		"somebody who owes contributions":              `SELECT count(*) FROM indemnity_applications WHERE jsonb_array_length(registers->'position'->'debts') = 2`,
	} {
		var n int
		if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
}
