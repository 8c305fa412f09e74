-- +goose NO TRANSACTION
-- +goose Up

-- The payments of applications that the bank sent back: few of all that were ever made, and
-- officers ask for them by themselves.
CREATE INDEX CONCURRENTLY lines_sent_back ON payment_lines (application_id)
    WHERE application_id IS NOT NULL AND order_state = 'returned';
