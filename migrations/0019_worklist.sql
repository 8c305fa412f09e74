-- +goose Up

-- The list of the office among hundreds of thousands of cases. No release has had these
-- tables yet: their indexes are made at once.

-- Instead of the two that these hold: by day, and of an officer or of nobody.
DROP INDEX indemnity_applications_by_day;
DROP INDEX indemnity_applications_of_an_officer;
CREATE INDEX indemnity_applications_by_day ON indemnity_applications (submitted_at, id);
CREATE INDEX indemnity_applications_of_an_officer ON indemnity_applications (officer_id, submitted_at, id);

-- The kinds of case with a filter of their own, and who is looked for by number.
CREATE INDEX indemnity_applications_of_cycles ON indemnity_applications (submitted_at, id) WHERE answers->>'cause' = 'cycles';
CREATE INDEX indemnity_applications_of_heirs ON indemnity_applications (submitted_at, id) WHERE applicant_kind = 'heirs';
CREATE INDEX indemnity_applications_by_number ON indemnity_applications ((registers->'member'->>'number'));

-- The undecided cases of an officer, and what is next to be taken.
CREATE INDEX indemnity_applications_under_way ON indemnity_applications (officer_id, submitted_at, id) WHERE state IN ('submitted', 'in_review');
