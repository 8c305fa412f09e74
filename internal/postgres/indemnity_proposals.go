package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/indemnity"
)

// OpenDecisions are the decisions that wait for a second person, the oldest first.
func (s *CaseFiles) OpenDecisions(ctx context.Context, e audit.Entry) (all []indemnity.Proposal, err error) {
	if err := write(ctx, s.pool, e); err != nil {
		return nil, err
	}
	rows, _ := s.pool.Query(ctx, `
		SELECT d.id, d.application_id, d.to_state, d.proposed_at, d.state, q.id, q.given_name, q.family_name, a.protocol, a.call_id, a.applicant_kind, `+personColumns+`
		FROM indemnity_decisions d JOIN persons q ON q.id = d.proposed_by
			JOIN indemnity_applications a ON a.id = d.application_id JOIN persons p ON p.id = a.member_id
		WHERE d.state = 'proposed' ORDER BY d.proposed_at, d.id LIMIT $1`, indemnity.ProposalsAtMost)
	all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (d indemnity.Proposal, err error) {
		into := []any{&d.ID, &d.Case, &d.To, &d.ProposedAt, &d.State, &d.ProposedBy.ID, &d.ProposedBy.GivenName, &d.ProposedBy.FamilyName, &d.Protocol, &d.Call, &d.Kind}
		return d, row.Scan(append(into, personFields(&d.Member)...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("decisions that wait: %w", translate(err))
	}
	return all, nil
}
