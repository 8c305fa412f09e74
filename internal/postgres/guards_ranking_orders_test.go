package postgres_test

// guardedRankingOrders is guarded, for the rankings that somebody asked for: maria asks.
var guardedRankingOrders = map[string][]string{
	"ranking_order_is_numbered_once":       {aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'failed', refusal = 'x', ended_at = now(); ` + aRankingOrder},
	"ranking_order_state_is_known":         {aCall + aRankingOrder + `ALTER TABLE indemnity_ranking_orders DISABLE TRIGGER USER; UPDATE indemnity_ranking_orders SET state = 'lost'`},
	"ranking_order_corrects_for_a_reason":  {aCall + rankingOrderRow(`1, NULL, 'x', 'making'`), aRanking + rankingOrderRow(`2, `+theRanking+`, '', 'making'`)},
	"failed_ranking_order_says_why":        {aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'failed', ended_at = now()`, aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET refusal = 'x'`},
	"ranking_order_ends_at_an_instant":     {aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'failed', refusal = 'x'`, aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET ended_at = now()`},
	"call_has_one_ranking_order_at_a_time": {aCall + aRankingOrder + rankingOrderRow(`2, NULL, '', 'making'`)},
	"ranking_orders_are_kept":              {`DELETE FROM indemnity_ranking_orders`, `TRUNCATE indemnity_ranking_orders`},
	"ranking_order_keeps_what_was_asked": {aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET ordered_by = {anna}`, aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET number = 2`,
		aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'failed', refusal = 'x', ended_at = now(); UPDATE indemnity_ranking_orders SET refusal = 'y'`},
	"ranking_order_goes_forward": {aCall + rankingOrderRow(`1, NULL, '', 'checking'`), aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'made', ended_at = now()`,
		aRanking + orderOfRanking + `UPDATE indemnity_ranking_orders SET state = 'checking'; UPDATE indemnity_ranking_orders SET state = 'making'`},
	"ranking_order_makes_its_ranking": {aCall + aRankingOrder + `UPDATE indemnity_ranking_orders SET state = 'checking'`, aRanking + rankingOrderRow(`2, NULL, '', 'making'`) + `UPDATE indemnity_ranking_orders SET state = 'checking'`,
		aRanking + `INSERT INTO indemnity_ranking_orders (id, call_id, number, ordered_by, ordered_at) SELECT id, call_id, number, {anna}, now() FROM indemnity_rankings; UPDATE indemnity_ranking_orders SET state = 'checking'`},
}

const orderOfRanking = `INSERT INTO indemnity_ranking_orders (id, call_id, number, ordered_by, ordered_at) SELECT id, call_id, number, simulated_by, now() FROM indemnity_rankings; `

var aRankingOrder = rankingOrderRow(`1, NULL, '', 'making'`)

// rankingOrderRow is an order: number, what it corrects, reason and state.
func rankingOrderRow(values string) string {
	return `INSERT INTO indemnity_ranking_orders (id, call_id, ordered_by, ordered_at, number, corrects, reason, state) SELECT gen_random_uuid(), '2026-05', {maria}, now(), ` + values + `; `
}
