package jobs_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"portal/internal/auditor"
	"portal/internal/indemnity"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// register is the register of the office's database.
func (o *office) register() *auditor.Register {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))
	applications := indemnity.NewApplications(postgres.NewCaseFiles(o.pool), nil, nil, o.now)
	store := postgres.NewRegister(o.pool)
	return auditor.NewRegister(store, auditor.NewRankings(store, voucher.NewRankings(postgres.NewRankings(o.pool), o.now),
		indemnity.NewRankings(postgres.NewCallRankings(o.pool), applications, key, o.now), o.now), key, o.now)
}

func TestTheRegisterIsSealedAnchoredAndVerifiedByItself(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	// Somebody who owns the database changes a row of a ranking before anybody looks.
	o.exec(`ALTER TABLE ranking_entries DISABLE TRIGGER USER`)
	o.exec(`UPDATE ranking_entries SET entitled_cents = entitled_cents + 1 WHERE rank = 2 AND territory = 'Lazio' AND run_id = (SELECT id FROM ranking_runs ORDER BY taken_at LIMIT 1)`)
	o.work("", t.TempDir())
	o.until("the verification", func() bool { return o.count(`SELECT count(*) FROM audit_checks WHERE ended_at IS NOT NULL`) == 1 })
	if n := o.count(`SELECT count(*) FROM audit_anchors`); n != 1 {
		t.Errorf("%d anchors", n)
	}
	if n := o.count(`SELECT count(*) FROM audit a WHERE a.id <= (SELECT min(highest) FROM audit_seals) AND NOT EXISTS (SELECT FROM audit_links l WHERE l.entry_id = a.id)`); n != 0 {
		t.Errorf("%d entries are not sealed", n)
	}
	if n := o.count(`SELECT jsonb_array_length(faults) FROM audit_checks`); n != 2 { // the row, and the digest of the results
		t.Errorf("%d faults", n)
	}
	log := o.log.String()
	if !strings.Contains(log, "register anchored") || !strings.Contains(log, "is not what was kept: result") {
		t.Error(log)
	}
}
