package postgres_test

import "strings"

// guardedRankingOrders is guarded, for the rankings that somebody asked for: maria asks.
var guardedRankingOrders = map[string][]string{
	"ranking_order_is_numbered_once":  {aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'failed', refusal = 'x', ended_at = now(); ` + aRankingOrder},
	"ranking_order_state_is_known":    {aCall + aRankingOrder + `ALTER TABLE indemnity_ranking_orders DISABLE TRIGGER USER; UPDATE indemnity_ranking_orders SET state = 'lost'`},
	"ranking_order_corrects_or_tries": {aRanking + strings.Replace(scenarioOrder, `2, NULL`, `2, `+theRanking, 1)},
	"ranking_order_says_what_for":     {aCall + rankingOrderRow(`1, NULL, 'x', 'making'`), aRanking + rankingOrderRow(`2, `+theRanking+`, '', 'making'`), aRanking + strings.Replace(scenarioOrder, `'x'`, `''`, 1)},
	"ranking_order_tries_other_rules": {aRanking + strings.Replace(scenarioOrder, `'{"x": 2}'`, `NULL`, 1), aRanking + strings.NewReplacer(theRanking, `NULL`, `'x'`, `''`).Replace(scenarioOrder)},
	"ranking_order_tries_a_ranking_of_its_call": {aRanking + strings.Replace(scenarioOrder, `"x": 2`, `"x": 1`, 1), aRanking + strings.Replace(scenarioOrder, theRanking, `gen_random_uuid()`, 1),
		aRanking + scenarioRow + strings.Replace(scenarioOrder, theRanking, `(SELECT id FROM indemnity_rankings WHERE kind = 'scenario')`, 1),
		aRanking + `INSERT INTO calls VALUES ('2026-06'); ` + strings.Replace(scenarioOrder, `'2026-05'`, `'2026-06'`, 1)},
	"failed_ranking_order_says_why":        {aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'failed', ended_at = now()`, aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET refusal = 'x'`},
	"ranking_order_ends_at_an_instant":     {aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'failed', refusal = 'x'`, aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET ended_at = now()`},
	"call_has_one_ranking_order_at_a_time": {aCall + aRankingOrder + rankingOrderRow(`2, NULL, '', 'making'`), aRanking + scenarioOrder + rankingOrderRow(`3, NULL, '', 'making'`)},
	"ranking_orders_are_kept":              {`DELETE FROM indemnity_ranking_orders`, `TRUNCATE indemnity_ranking_orders`},
	"ranking_order_keeps_what_was_asked": {aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET ordered_by = {anna}`, aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET number = 2`,
		aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'failed', refusal = 'x', ended_at = now(); UPDATE indemnity_ranking_orders SET refusal = 'y'`,
		aRanking + scenarioOrder + `UPDATE indemnity_ranking_orders SET rules = '{"x": 3}'`},
	"ranking_order_goes_forward": {aCall + rankingOrderRow(`1, NULL, '', 'checking'`), aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'made', ended_at = now()`,
		aRanking + orderOfRanking + `UPDATE indemnity_ranking_orders SET state = 'checking'; UPDATE indemnity_ranking_orders SET state = 'making'`},
	"ranking_order_makes_its_ranking": {aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'checking'`, aRanking + rankingOrderRow(`2, NULL, '', 'making'`) + `UPDATE indemnity_ranking_orders SET state = 'checking'`,
		aRanking + `INSERT INTO indemnity_ranking_orders (id, call_id, number, ordered_by, ordered_at) SELECT id, call_id, number, {anna}, now() FROM indemnity_rankings; UPDATE indemnity_ranking_orders SET state = 'checking'`,
		aRanking + otherRules + orderOfScenario(`'y', '{"x": 2}'`), aRanking + otherRules + orderOfScenario(`'x', '{"x": 3}'`)},
}

const orderOfRanking = `INSERT INTO indemnity_ranking_orders (id, call_id, number, ordered_by, ordered_at) SELECT id, call_id, number, simulated_by, now() FROM indemnity_rankings; `

// otherRules is a scenario of the first ranking, by other rules.
var otherRules = strings.Replace(scenarioRow, `"x": 1`, `"x": 2`, 1)

// orderOfScenario is its order: reason and rules.
func orderOfScenario(values string) string {
	return `INSERT INTO indemnity_ranking_orders (id, call_id, number, based_on, ordered_by, ordered_at, reason, rules) SELECT id, call_id, number, based_on, simulated_by, now(), ` + values + `
		FROM indemnity_rankings WHERE kind = 'scenario'; UPDATE indemnity_ranking_orders SET state = 'checking'`
}

// scenarioOrder is the order of a scenario of the first ranking, whose rules are {"x": 1}.
const scenarioOrder = `INSERT INTO indemnity_ranking_orders (id, call_id, ordered_by, ordered_at, number, corrects, based_on, reason, rules) SELECT gen_random_uuid(), '2026-05', {maria}, now(), 2, NULL, ` + theRanking + `, 'x', '{"x": 2}'; `

var aRankingOrder = rankingOrderRow(`1, NULL, '', 'making'`)

// rankingOrderRow is an order: number, what it corrects, reason and state.
func rankingOrderRow(values string) string {
	return `INSERT INTO indemnity_ranking_orders (id, call_id, ordered_by, ordered_at, number, corrects, reason, state) SELECT gen_random_uuid(), '2026-05', {maria}, now(), ` + values + `; `
}
