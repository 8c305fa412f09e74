package login

import (
	"context"
	"fmt"
)

// Answers tells whether the broker is there now, whatever was found of it before.
func (p *Party) Answers(ctx context.Context) error {
	if _, err := p.discover(ctx); err != nil {
		return fmt.Errorf("discover broker: %w", err)
	}
	return nil
}
