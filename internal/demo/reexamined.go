package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/postgres"
)

// makeReexamined has a member ask that their place in the newest ranking is looked at again:
// the office has not answered yet.
func (b *builder) makeReexamined(ctx context.Context) error {
	reviews := indemnity.NewReexaminations(postgres.NewCaseReexaminations(b.pool, b.documents), b.applications, rand.NewChaCha8([32]byte{8: 7}), func() time.Time { return b.at })
	asked := b.lastUsefulDay(rankedCall).Add(29)
	if yesterday := b.today.Add(-1); asked.After(yesterday) {
		asked = yesterday
	}
	b.at = asked.At(18, 20)
	who := identity.Own(b.world.People[ExcludedMember], identity.Member)
	cases, err := b.applications.Mine(ctx, who)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if c.Call != indemnity.CallIn(b.monthAgo(rankedCall)) {
			continue
		}
		if err := reviews.Write(ctx, who, c.ID, indemnity.WrongDays, "Il certificato copre anche il giorno della visita di controllo, che non è stato contato."); err != nil {
			return fmt.Errorf("riesame: %w", err)
		}
		form, err := b.next(who, "indemnity.review_ask")
		if err != nil {
			return err
		}
		if err := reviews.Ask(ctx, who, form, c.ID); err != nil {
			return fmt.Errorf("riesame: %w", err)
		}
	}
	return nil
}
