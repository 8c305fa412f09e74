-- +goose Up

-- Rankings of the indemnity that were asked for and are made behind the page: the first of a
-- call, a correction, or a scenario. Their cases are frozen, those of a scenario taken from
-- what it is based on, ranked and saved, then ranked a second time. The ranking has the id
-- and the number of its order.
CREATE TABLE indemnity_ranking_orders (
    id         uuid PRIMARY KEY,
    call_id    text NOT NULL REFERENCES calls,
    number     integer NOT NULL,            -- within the call, with those of the rankings
    corrects   uuid REFERENCES indemnity_rankings,
    based_on   uuid REFERENCES indemnity_rankings, -- of a scenario: whose inputs it has
    reason     text NOT NULL DEFAULT '',    -- of a correction, or what a scenario is to show
    rules      jsonb,                       -- that a scenario tries
    ordered_by uuid NOT NULL REFERENCES persons,
    ordered_at timestamptz NOT NULL,
    state      text NOT NULL DEFAULT 'making',
    attempts   integer NOT NULL DEFAULT 0,  -- how often it was begun
    refusal    text NOT NULL DEFAULT '',    -- code of why it is not made
    ended_at   timestamptz,
    CONSTRAINT ranking_order_is_numbered_once UNIQUE (call_id, number),
    CONSTRAINT ranking_order_state_is_known CHECK (state IN ('making', 'checking', 'made', 'failed')),
    CONSTRAINT ranking_order_corrects_or_tries CHECK (corrects IS NULL OR based_on IS NULL),
    CONSTRAINT ranking_order_says_what_for CHECK ((corrects IS NULL AND based_on IS NULL) = (reason = '')),
    CONSTRAINT ranking_order_tries_other_rules CHECK ((based_on IS NULL) = (rules IS NULL)),
    CONSTRAINT failed_ranking_order_says_why CHECK ((state = 'failed') = (refusal <> '')),
    CONSTRAINT ranking_order_ends_at_an_instant CHECK ((state IN ('made', 'failed')) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX call_has_one_ranking_order_at_a_time ON indemnity_ranking_orders (call_id) WHERE state IN ('making', 'checking');
CREATE TRIGGER ranking_orders_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_ranking_orders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose StatementBegin
CREATE FUNCTION keep_indemnity_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves text[] := '{state,attempts,refusal,ended_at}';
BEGIN
    IF TG_OP = 'UPDATE' AND ((to_jsonb(NEW) - moves) IS DISTINCT FROM (to_jsonb(OLD) - moves) OR OLD.ended_at IS NOT NULL) THEN
        RAISE EXCEPTION 'an order keeps what was asked for, and how it ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_order_keeps_what_was_asked';
    END IF;
    IF TG_OP = 'INSERT' AND NEW.based_on IS NOT NULL AND NOT EXISTS (SELECT FROM indemnity_rankings b
        WHERE b.id = NEW.based_on AND b.call_id = NEW.call_id AND b.kind = 'ranking' AND (b.rules = NEW.rules) IS NOT TRUE) THEN
        RAISE EXCEPTION 'a scenario tries other rules on a ranking of its call'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_order_tries_a_ranking_of_its_call';
    END IF;
    IF (CASE TG_OP WHEN 'INSERT' THEN 'new' ELSE OLD.state END, NEW.state) NOT IN (
        ('new', 'making'), ('making', 'making'), ('making', 'checking'), ('making', 'failed'), ('checking', 'checking'), ('checking', 'made'), ('checking', 'failed')) THEN
        RAISE EXCEPTION 'an order goes forward'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_order_goes_forward';
    END IF;
    IF NEW.state IN ('checking', 'made') AND NOT EXISTS (SELECT FROM indemnity_rankings r
        WHERE r.id = NEW.id AND r.call_id = NEW.call_id AND r.number = NEW.number AND r.simulated_by = NEW.ordered_by AND r.reason = NEW.reason
            AND r.corrects IS NOT DISTINCT FROM NEW.corrects AND r.based_on IS NOT DISTINCT FROM NEW.based_on AND (NEW.rules IS NULL OR r.rules = NEW.rules)) THEN
        RAISE EXCEPTION 'what was made is what was asked for'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_order_makes_its_ranking';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ranking_orders_go_forward BEFORE INSERT OR UPDATE ON indemnity_ranking_orders
    FOR EACH ROW EXECUTE FUNCTION keep_indemnity_order();
