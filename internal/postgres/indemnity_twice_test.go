package postgres_test

import (
	"sync"
	"testing"

	"portal/internal/once"
)

// A browser that sends a form twice at once shows what came of the second sending.
func TestAFormThatIsSentTwiceAtOnceIsNotRefused(t *testing.T) {
	t.Parallel()
	for name, deed := range map[string]func(w *welfare) (action string, do func(once.Form) error){
		"withdraws an application": func(w *welfare) (string, func(once.Form) error) {
			id := w.sent("2026-04-20", "2026-05-07")
			return "withdraw", func(f once.Form) error { return w.cases.Withdraw(w.Context(), w.giulia, f, id) }
		},
		"sends an answer": func(w *welfare) (string, func(once.Form) error) {
			id := w.sent("2026-04-20", "2026-05-07")
			q := w.ask(id)
			if err := w.cases.SaveAnswer(w.Context(), w.giulia, form(w.giulia, "save"), id, q, 0, map[string]string{"V6": "Il medico è in ferie", "V10": "Ha firmato la sostituta"}); err != nil {
				w.Fatal(err)
			}
			c := w.kase(id)
			return "answer", func(f once.Form) error {
				return w.cases.Answer(w.Context(), w.giulia, f, id, q, c.Requests[0].Mark(c.Papers))
			}
		},
		"saves a draft": func(w *welfare) (string, func(once.Form) error) {
			id := w.draft("2026-04-20", "2026-05-07")
			d, err := w.drafts.Draft(w.Context(), w.giulia, id)
			if err != nil {
				w.Fatal(err)
			}
			d.Answers.Phone = "333 123 4567"
			return "fill", func(f once.Form) error { return w.drafts.Fill(w.Context(), w.giulia, f, id, d.Version, d.Answers) }
		},
		"throws a draft away": func(w *welfare) (string, func(once.Form) error) {
			id := w.draft("2026-04-20", "2026-05-07")
			return "drop", func(f once.Form) error { return w.drafts.Discard(w.Context(), w.giulia, f, id) }
		},
		"sends an application": func(w *welfare) (string, func(once.Form) error) {
			id := w.draft("2026-04-20", "2026-05-07")
			d, err := w.drafts.Draft(w.Context(), w.giulia, id)
			if err != nil {
				w.Fatal(err)
			}
			return "send", func(f once.Form) error {
				_, err := w.cases.Send(w.Context(), w.giulia, f, id, d.Mark())
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWelfare(t, "")
			action, do := deed(w)
			f, errs := form(w.giulia, action), make([]error, 6)
			var all sync.WaitGroup
			for i := range errs {
				all.Go(func() { errs[i] = do(f) })
			}
			all.Wait()
			for i, err := range errs {
				if err != nil {
					t.Errorf("sending %d: %v", i, err)
				}
			}
			if n := w.count(`SELECT count(*) FROM submissions WHERE key = $1`, f.Key); n != 1 {
				t.Errorf("it acted %d times", n)
			}
		})
	}
}
