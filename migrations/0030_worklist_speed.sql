-- +goose Up

-- The list of the office is asked for at each look: what it needs is in an index, in the
-- order of submission. No release has had these tables yet: they are made at once.

-- Of a call, or in a state, whatever the other.
CREATE INDEX indemnity_applications_of_a_call ON indemnity_applications (call_id, submitted_at, id);
CREATE INDEX indemnity_applications_in_a_state ON indemnity_applications (state, submitted_at, id);

-- What a page shows beside its cases: the requests that are open or answered, which are few
-- of all that were ever made. All that is shown of them is in the index.
CREATE INDEX requests_under_way ON indemnity_requests (application_id, asked_at) INCLUDE (due_on, kind, state)
    WHERE state IN ('open', 'answered');
