package postgres

// paymentInvariants are those of the invariants that speak of payments.
var paymentInvariants = []struct{ name, what, sql string }{
	{name: "I6", what: "a session is in one live payment, for what an accepted invoice claims of it", sql: `
		SELECT l.booking_id::text FROM payment_lines l JOIN bookings b ON b.id = l.booking_id JOIN invoices i ON i.id = l.invoice_id
		LEFT JOIN invoice_sessions s ON s.invoice_id = l.invoice_id AND s.booking_id = l.booking_id AND s.live
		WHERE l.order_state IN ('sent', 'paid')
			AND (i.state <> 'accepted' OR b.state <> 'held' OR (s.claimed_cents, b.claimed_cents) IS DISTINCT FROM (l.amount_cents, l.amount_cents))
		UNION ALL
		SELECT booking_id::text FROM payment_lines WHERE booking_id IS NOT NULL AND order_state IN ('frozen', 'sent', 'paid') GROUP BY booking_id HAVING count(*) > 1`},
	{name: "I6", what: "a claim says whether it is in a payment", sql: `
		SELECT s.booking_id::text FROM invoice_sessions s
		WHERE s.live AND s.in_payment <> EXISTS (
			SELECT FROM payment_lines l WHERE l.booking_id = s.booking_id AND l.order_state IN ('frozen', 'sent', 'paid'))`},
	{name: "I6", what: "a line that repairs another is of the same session, which came back", sql: `
		SELECT l.booking_id::text FROM payment_lines l JOIN payment_lines o ON o.id = l.repairs
		WHERE (o.booking_id, o.application_id) IS DISTINCT FROM (l.booking_id, l.application_id) OR o.order_state <> 'returned'`},
	{name: "I7", what: "an order is worth its lines", sql: `
		SELECT o.id::text FROM payment_orders o
		LEFT JOIN (SELECT order_id, sum(amount_cents) AS cents, min(order_state) AS low, max(order_state) AS high FROM payment_lines GROUP BY order_id) l ON l.order_id = o.id
		WHERE l.cents IS DISTINCT FROM o.amount_cents OR l.low <> o.state OR l.high <> o.state`},
	{name: "I7", what: "a run is worth its orders, and as far as they are", sql: `
		SELECT r.id::text FROM payment_runs r
		LEFT JOIN (
			SELECT run_id, count(*) FILTER (WHERE state <> 'released') AS orders, coalesce(sum(amount_cents) FILTER (WHERE state <> 'released'), 0) AS cents,
				count(*) FILTER (WHERE state = 'frozen') AS frozen, count(*) FILTER (WHERE state = 'sent') AS sent,
				count(*) FILTER (WHERE state IN ('paid', 'returned')) AS answered
			FROM payment_orders GROUP BY run_id) o ON o.run_id = r.id
		WHERE CASE
			WHEN r.state = 'preparing' THEN o.run_id IS NOT NULL
			WHEN r.state IN ('returned', 'dropped') THEN coalesce(o.orders, 0) <> 0
			ELSE (coalesce(r.sent_orders, r.orders), coalesce(r.sent_cents, r.amount_cents)) IS DISTINCT FROM (coalesce(o.orders, 0), coalesce(o.cents, 0))
				OR CASE r.state WHEN 'sent' THEN o.frozen > 0 OR o.sent = 0 WHEN 'settled' THEN o.frozen + o.sent > 0 ELSE o.sent + o.answered > 0 END
			END`},
	{name: "I7", what: "a territory pays no more than was sent for it", sql: `
		SELECT l.edition_id || ' ' || l.territory FROM (
			SELECT edition_id, territory, sum(amount_cents) AS cents FROM payment_lines WHERE edition_id IS NOT NULL AND order_state IN ('frozen', 'sent', 'paid') GROUP BY edition_id, territory) l
		LEFT JOIN (SELECT edition_id, territory, sum(amount_cents) AS cents FROM funding_transfers GROUP BY edition_id, territory) t
			ON t.edition_id = l.edition_id AND t.territory = l.territory
		WHERE l.cents > coalesce(t.cents, 0)`},
	{name: "I7", what: "an application is paid no more than its place is worth, nor twice by one", sql: `
		SELECT l.application_id::text FROM (
			SELECT application_id, sum(amount_cents) AS cents FROM payment_lines
			WHERE application_id IS NOT NULL AND order_state IN ('frozen', 'sent', 'paid') GROUP BY application_id) l
		JOIN indemnity_applications a ON a.id = l.application_id
		LEFT JOIN indemnity_ranking_entries e ON e.ranking_id = a.ranking_id AND e.application_id = a.id
		WHERE l.cents > coalesce(e.payable_cents, 0)
		UNION ALL
		SELECT application_id::text FROM payment_lines WHERE application_id IS NOT NULL AND order_state IN ('frozen', 'sent', 'paid')
		GROUP BY application_id, heir_id, ranking_id HAVING count(*) > 1`},
	{name: "I7", what: "a line of an application is its place's, and of a run of its call", sql: `
		SELECT l.application_id::text FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id JOIN payment_runs r ON r.id = o.run_id
		LEFT JOIN indemnity_applications a ON a.id = l.application_id
		WHERE l.application_id IS NOT NULL AND (r.programme, r.call_id) IS DISTINCT FROM ('indemnity', a.call_id)
			OR l.application_id IS NULL AND r.programme <> 'voucher'
			OR l.gross_cents - l.withholding_cents - l.set_off_cents <> l.amount_cents`},
	{name: "I11", what: "each answer of the bank is in the register once", sql: `
		SELECT o.id::text FROM payment_orders o
		LEFT JOIN (SELECT subject_id, count(*) AS n FROM audit WHERE action = 'payment.returned' GROUP BY 1) b ON b.subject_id = o.id
		LEFT JOIN (SELECT subject_id, count(*) AS n FROM audit WHERE action = 'payment.paid' GROUP BY 1) p ON p.subject_id = o.id
		WHERE coalesce(b.n, 0) <> (o.state = 'returned')::int OR coalesce(p.n, 0) > 1 OR o.state = 'paid' AND p.n IS DISTINCT FROM 1`},
}
