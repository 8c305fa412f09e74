package postgres_test

import (
	"testing"

	"portal/internal/indemnity"
	"portal/internal/postgres"
)

// The days that ENPAP entered, and up to when, go from its file into what is ranked.
func TestARankingCountsTheDaysOfEarlierCallsThatTheRegisterDoesNotHave(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	april, err := indemnity.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	april[0].ID, april[0].Rules.Window.Is = "2026-04", indemnity.CallID("2026-04").Month()
	if err := postgres.NewCalls(w.pool).Ship(t.Context(), april); err != nil {
		t.Fatal(err)
	}
	send := func(first, last string) indemnity.CaseID {
		w.now = on(last).Add(1).At(9, 0)
		return w.sent(first, last)
	}
	unfunded, funded, next := send("2026-02-01", "2026-04-10"), send("2026-04-11", "2026-04-30"), send("2026-05-01", "2026-05-20") // 63 days, 14 and 14
	c := w.kase(next)
	if f := c.Facts(); f.DaysUsedTo != on("2026-01-31") || c.Registers.Member.DaysPaidTo != f.DaysUsedTo || c.Seal() != c.Digest {
		t.Errorf("the register had what was paid up to %s", f.DaysUsedTo)
	}
	// In April 112 days were used up, and 5 of the second event were left.
	w.exec(`BEGIN; SET LOCAL session_replication_role = replica;
		UPDATE indemnity_applications SET state = 'suitable', registers = jsonb_set(registers, '{member,days_paid}', '{"2026": 112}');
		UPDATE indemnity_applications SET state = 'unfunded' WHERE id = '` + string(unfunded) + `';
		UPDATE indemnity_applications SET state = 'funded' WHERE id = '` + string(funded) + `'; COMMIT`)
	for state, want := range map[indemnity.State]int{indemnity.Unfunded: 112 + 5, indemnity.Suitable: 112 + 63 + 5} {
		w.exec(`BEGIN; SET LOCAL session_replication_role = replica; UPDATE indemnity_applications SET state = '` + string(state) + `' WHERE id = '` + string(unfunded) + `'; COMMIT`)
		frozen, err := postgres.NewCallRankings(w.pool).FreezeCall(t.Context(), "2026-05", on("2026-06-20"))
		if err != nil || len(frozen.Cases) != 1 {
			t.Fatalf("%+v, %v", frozen, err)
		}
		if days, _ := frozen.Cases[0].Facts.DaysUsed.Of(2026); days != want {
			t.Errorf("%d days are used up where the first application is %s, and not %d", days, state, want)
		}
	}
}
