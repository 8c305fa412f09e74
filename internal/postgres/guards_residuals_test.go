package postgres_test

import "strings"

// guardedResiduals is what is guarded of the money that is given again.
var guardedResiduals = map[string][]string{
	"nothing_negative_is_available":  {`INSERT INTO residuals SELECT '2026-03-01', '2022-guida', 'Lazio', 0, 0, 0, 0, 0, 0, -1`},
	"only_a_later_round_reallocates": {strings.NewReplacer("number, reason)", "number, reason, reallocates)", "''; ", "'', true; ").Replace(run(1, `'simulated'`, ""))},
	"kept_awards_are_of_the_budget": {territory(`10, 1, 1, 1, 0, 0, 0, 0, 9, 1`) + `; UPDATE ranking_territories SET kept_cents = 11`,
		territory(`10, 1, 1, 1, 0, 0, 0, 0, 9, 1`) + `; UPDATE ranking_territories SET kept_cents = -1`},
	"only_a_kept_award_is_completed": {strings.NewReplacer("awarded_cents)", "awarded_cents, completes)", "5, 5; ", "5, 5, true; ").Replace(entry(`'', 1, 5, 5`))},
}
