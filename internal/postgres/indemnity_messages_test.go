package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/postgres"
)

// threads is the office with a case of giulia's, and what is written about it.
func (w *welfare) threads() *indemnity.Threads {
	return indemnity.NewThreads(postgres.NewThreads(w.pool), func() time.Time { return w.now })
}

// wrote is a message of giulia's about a topic.
func (w *welfare) wrote(id indemnity.CaseID, about indemnity.Topic, text string) indemnity.ThreadID {
	w.Helper()
	thread, err := w.threads().Start(w.Context(), w.giulia, form(w.giulia, "start"), id, about, text)
	if err != nil {
		w.Fatal(err)
	}
	return thread
}

// found are the threads of a case as somebody finds them.
func (w *welfare) found(who identity.Actor, id indemnity.CaseID) []indemnity.Thread {
	w.Helper()
	all, err := w.threads().Of(w.Context(), who, w.kase(id))
	if err != nil {
		w.Fatal(err)
	}
	return all
}

func TestATopicIsWrittenAboutReadAnsweredAndClosed(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	s := w.threads()
	thread := w.wrote(id, indemnity.TopicPayment, "  Quando arriva?\r\nGrazie.\n ")
	if again := w.wrote(id, indemnity.TopicPayment, "Vale anche per il conto nuovo?"); again != thread {
		t.Errorf("an open topic was opened again: %s and %s", thread, again)
	}
	all := w.found(w.giulia, id)
	if len(all) != 1 || len(all[0].Messages) != 2 || all[0].Messages[0].Text != "Quando arriva?\nGrazie." || all[0].Unread() != 0 || !all[0].Waits() || !all[0].Messages[0].ReadAt.IsZero() {
		t.Fatalf("%+v", all)
	}

	lines, total, err := s.Incoming(t.Context(), w.officer, "", 1, 25)
	if err != nil || total != 1 || len(lines) != 1 || !lines[0].Waits || !lines[0].Unread || lines[0].Member != "Giulia Bianchi" {
		t.Fatalf("%+v, %d, %v", lines, total, err)
	}
	if lines, _, err := s.Incoming(t.Context(), w.officer, indemnity.TopicTerms, 1, 25); len(lines) != 0 || err != nil {
		t.Errorf("%+v, %v", lines, err)
	}
	w.now = w.now.Add(time.Hour)
	read := w.now
	_, found, err := s.Answerable(t.Context(), w.officer, id, thread)
	if err != nil || found.Unread() != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	w.now = w.now.Add(time.Hour)
	colleague := identity.Own(w.person("LNEFNC66T03L736", "Franco", "Leone").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Approve})
	if _, found, err := s.Answerable(t.Context(), colleague, id, thread); err != nil || found.Unread() != 0 {
		t.Errorf("what a colleague has read is unread: %+v, %v", found, err)
	}
	if err := s.Write(t.Context(), colleague, form(colleague, "answer"), id, thread, "x"); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("who only approves answers: %v", err)
	}
	if err := s.Write(t.Context(), w.officer, form(w.officer, "answer"), id, thread, "Dopo la graduatoria."); err != nil {
		t.Fatal(err)
	}
	told := `SELECT count(*) FROM river_job j JOIN audit a ON a.id = (j.args->>'entry')::bigint WHERE a.action = 'indemnity.message_answered' AND a.subject_id = $1`
	if n := w.count(told, string(thread)); n != 1 {
		t.Errorf("%d notices", n)
	}
	all = w.found(w.giulia, id)
	if all[0].Unread() != 1 || all[0].Waits() || !all[0].Messages[0].ReadAt.Equal(read) {
		t.Errorf("%+v", all[0])
	}
	for _, unread := range []int{1, 0} {
		if got, err := s.Read(t.Context(), w.giulia, w.kase(id), thread); err != nil || got.Unread() != unread {
			t.Errorf("%+v, %v", got, err)
		}
	}

	closing := form(w.officer, "close")
	for range 2 { // a double click
		if err := s.Close(t.Context(), w.officer, closing, id, thread); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Write(t.Context(), w.giulia, form(w.giulia, "reply"), id, thread, "Ancora una cosa."); !errors.Is(err, indemnity.ErrThreadClosed) {
		t.Errorf("a closed thread: %v", err)
	}
	if again := w.wrote(id, indemnity.TopicPayment, "Ancora una cosa."); again == thread {
		t.Error("a closed thread was written in")
	}
	if _, total, err := s.Incoming(t.Context(), w.officer, "", 1, 25); total != 1 || err != nil {
		t.Errorf("%d are open, %v", total, err)
	}
}

func TestOneFormWritesOnceAndADayHasRoomForTenMessages(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	s, twice := w.threads(), form(w.giulia, "start")
	var clicks sync.WaitGroup
	for range 4 {
		clicks.Go(func() {
			if _, err := s.Start(t.Context(), w.giulia, twice, id, indemnity.TopicOther, "Un testo."); err != nil {
				t.Error(err)
			}
		})
	}
	clicks.Wait()
	for i := range indemnity.MostMessagesADay - 1 {
		w.wrote(id, indemnity.Topics[i%len(indemnity.Topics)], fmt.Sprintf("Messaggio %d", i))
	}
	if n := w.count(`SELECT count(*) FROM indemnity_messages`); n != indemnity.MostMessagesADay {
		t.Fatalf("%d messages", n)
	}
	if _, err := s.Start(t.Context(), w.giulia, form(w.giulia, "start"), id, indemnity.TopicTerms, "Uno di troppo."); !errors.Is(err, indemnity.ErrMessagesToday) {
		t.Errorf("the eleventh: %v", err)
	}
	thread := w.found(w.giulia, id)[0].ID
	if err := s.Write(t.Context(), w.officer, form(w.officer, "answer"), id, thread, "Ecco."); err != nil {
		t.Errorf("the office answers all the same: %v", err)
	}
	w.now = w.now.AddDate(0, 0, 1)
	w.wrote(id, indemnity.TopicTerms, "Il giorno dopo.")
}

func TestAMessageSaysSomethingAndNotTooMuch(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	for text, want := range map[string]error{
		" \r\n\t": indemnity.ErrMessageEmpty, strings.Repeat("è", indemnity.LongestMessage+1): indemnity.ErrMessageLong, strings.Repeat("è", indemnity.LongestMessage): nil,
	} {
		if _, err := w.threads().Start(t.Context(), w.giulia, form(w.giulia, "start"), id, indemnity.TopicOther, text); !errors.Is(err, want) {
			t.Errorf("%d characters: %v", len([]rune(text)), err)
		}
	}
	if _, err := w.threads().Start(t.Context(), w.giulia, form(w.giulia, "start"), id, "salute", "x"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a topic that nobody offers: %v", err)
	}
}

func TestAfterAWithdrawalThreadsAreReadAndNoneIsOpened(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	thread := w.wrote(id, indemnity.TopicTerms, "Una domanda.")
	if err := w.cases.Withdraw(t.Context(), w.giulia, form(w.giulia, "withdraw"), id); err != nil {
		t.Fatal(err)
	}
	s := w.threads()
	if _, err := s.Start(t.Context(), w.giulia, form(w.giulia, "start"), id, indemnity.TopicPayment, "Un’altra."); !errors.Is(err, indemnity.ErrMessagesOver) {
		t.Errorf("a new topic: %v", err)
	}
	if err := s.Write(t.Context(), w.giulia, form(w.giulia, "reply"), id, thread, "Ho ritirato."); err != nil {
		t.Errorf("a topic that was open: %v", err)
	}
	if all := w.found(w.giulia, id); len(all) != 1 || len(all[0].Messages) != 2 {
		t.Errorf("%+v", all)
	}
}

func TestWhatOthersWriteIsNobodyElses(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	thread := w.wrote(id, indemnity.TopicTerms, "Una domanda.")
	s, c := w.threads(), w.kase(id)
	stranger := identity.Own(w.person("VRDLCU70A01F205", "Luca", "Verdi").ID, identity.Member)
	_, list := s.Of(t.Context(), stranger, c)
	_, read := s.Read(t.Context(), stranger, c, thread)
	_, start := s.Start(t.Context(), stranger, form(stranger, "start"), id, indemnity.TopicTerms, "x")
	for what, err := range map[string]error{"listed": list, "read": read, "started": start, "written": s.Write(t.Context(), stranger, form(stranger, "reply"), id, thread, "x")} {
		if !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s by a stranger: %v", what, err)
		}
	}
	_, _, listed := s.Case(t.Context(), stranger, id)
	_, _, incoming := s.Incoming(t.Context(), stranger, "", 1, 25)
	_, _, opened := s.Answerable(t.Context(), stranger, id, thread)
	for what, err := range map[string]error{"listed": listed, "incoming": incoming, "opened": opened, "closed": s.Close(t.Context(), w.giulia, form(w.giulia, "close"), id, thread)} {
		if !errors.Is(err, identity.ErrNoDuty) {
			t.Errorf("%s by who is no officer: %v", what, err)
		}
	}
	if n := w.count(`SELECT count(*) FROM audit WHERE action LIKE 'indemnity.message%' OR action LIKE 'indemnity.thread%'`); n != 1 {
		t.Errorf("%d entries", n)
	}
}
