package main

import (
	"context"
	"log/slog"
	"time"

	"portal/internal/office"
)

// textsWatched is how often a program asks whether another one has published texts.
const textsWatched = 5 * time.Second

// watchTexts has pages say what was published, from the first one on, and what is
// published later by whichever program.
func (s *site) watchTexts(ctx context.Context, texts *office.Wordings, log *slog.Logger) error {
	if err := texts.Refresh(ctx); err != nil {
		return err
	}
	watched, stop := context.WithCancel(context.WithoutCancel(ctx))
	over := make(chan struct{})
	go func() {
		defer close(over)
		texts.Watch(watched, textsWatched, func(err error) { log.Error("published texts", "err", err) })
	}()
	s.onStop(func(context.Context) error {
		stop()
		<-over
		return nil
	})
	return nil
}
