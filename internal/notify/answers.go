package notify

import (
	"context"
	"fmt"
	"os"
)

// Answers tells whether a mailer of NewMailer could send: whether its server lets us in, or
// its folder is there. Nothing is sent.
func Answers(ctx context.Context, m Mailer) error {
	switch m := m.(type) {
	case server:
		if err := m.client.DialWithContext(ctx); err != nil {
			return fmt.Errorf("mail server: %w", err)
		}
		return m.client.Close()
	case files:
		if _, err := os.Stat(m.folder); err != nil {
			return fmt.Errorf("folder of mails: %w", err)
		}
	}
	return nil
}
