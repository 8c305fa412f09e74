package jobs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/notify"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// indiscreet is what a mailbox on a shared screen must not show (ux, privacy).
var indiscreet = regexp.MustCompile(`(?i)psico|terap|sedut|malatt|salute|isee|€|\beur|\d+,\d\d|\bferrari\b|\bluca\b|\brizzo\b|\bmarco\b`)

func TestABookingIsToldInTheInboxAndByMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	smtp := newSink(t, "")
	o.work("smtp://"+smtp.Address, "")
	luca := o.person(demo.PartialCitizen)
	id := o.book(7)
	o.until("mailed", func() bool { return len(smtp.taken()) == 1 && o.done() })

	if kinds := o.told(luca, id); !slices.Equal(kinds, []string{string(notify.Booked)}) {
		t.Errorf("Luca is told %v", kinds)
	}
	list, _, err := postgres.NewPeople(o.pool).Messages(t.Context(), luca, 1, 1)
	if err != nil || len(list) != 1 {
		t.Fatal(err)
	}
	if m := list[0]; m.Read || !m.SentAt.Equal(noon) || m.Link != "/contributo-psicoterapia/sedute/"+string(id) ||
		m.Subject != "INPS: nuovo appuntamento" || !strings.Contains(m.Body, "30 novembre 2026") || !strings.Contains(m.Body, "15:00") {
		t.Errorf("%+v", m)
	}
	mail := smtp.taken()[0]
	if mail.to != "cittadino-parziale@example.org" || mail.subject != "INPS: nuovo appuntamento" || mail.id != "<"+list[0].ID+"@portal>" ||
		!strings.HasPrefix(mail.text, list[0].Body+"\n\n") || !strings.Contains(mail.text, "contributi.example.org") {
		t.Errorf("%+v", mail)
	}
	if told := indiscreet.FindString(mail.subject + "\n" + mail.text + strings.ReplaceAll(mail.raw, mail.to, "")); told != "" {
		t.Errorf("the mail says %q:\n%s", told, mail.raw)
	}
	if strings.Contains(mail.raw, "http") {
		t.Errorf("the mail has a link:\n%s", mail.raw)
	}
	if n := o.count(`SELECT count(*) FROM messages WHERE mailed_at = $1`, noon); n != 1 {
		t.Errorf("%d messages are noted as mailed", n)
	}
}

func TestEachActIsToldToWhoMustKnow(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	smtp := newSink(t, "")
	o.work("smtp://"+smtp.Address, "")
	psychologist := o.psychologist()
	luca := identity.Own(o.person(demo.PartialCitizen), identity.Citizen)

	byHolder, byProfessional, held := o.book(7), o.book(8), o.book(0)
	o.at(noon.Add(4 * time.Hour))
	for _, err := range []error{
		o.vouchers.Cancel(t.Context(), luca, o.form(luca), byHolder),
		o.vouchers.Cancel(t.Context(), psychologist, o.form(psychologist), byProfessional),
		o.vouchers.Confirm(t.Context(), psychologist, o.form(psychologist), held),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	o.until("mailed", func() bool { return len(smtp.taken()) >= 7 && o.done() })
	for _, c := range []struct {
		who  identity.PersonID
		id   voucher.BookingID
		want []notify.Kind
	}{
		{luca.Person, byHolder, []notify.Kind{notify.Booked, notify.CancelledByYou}},
		{psychologist.Person, byHolder, []notify.Kind{notify.BeneficiaryCancelled}},
		{luca.Person, byProfessional, []notify.Kind{notify.Booked, notify.CancelledForYou}},
		{psychologist.Person, byProfessional, nil},
		{luca.Person, held, []notify.Kind{notify.BookedLate, notify.Held}},
		{psychologist.Person, held, nil},
	} {
		var want []string
		for _, k := range c.want {
			want = append(want, string(k))
		}
		if got := o.told(c.who, c.id); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	}
	if n := len(smtp.taken()); n != 7 {
		t.Errorf("%d mails, want 7", n)
	}
	for _, mail := range smtp.taken() {
		if told := indiscreet.FindString(mail.subject + mail.text); told != "" {
			t.Errorf("a mail says %q: %s, %s", told, mail.subject, mail.text)
		}
	}
}

func TestAJobDoneTwiceTellsOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	smtp := newSink(t, "")
	o.work("smtp://"+smtp.Address, "")
	id := o.book(7)
	o.until("mailed", func() bool { return len(smtp.taken()) == 1 && o.done() })

	// As after a crash between the end of a job and the note of it.
	o.exec(`INSERT INTO river_job (kind, args, max_attempts) SELECT kind, args, 12 FROM river_job WHERE kind IN ('notify', 'mail') AND priority = 1`)
	o.until("done again", func() bool {
		return o.done() && o.count(`SELECT count(*) FROM river_job WHERE kind IN ('notify', 'mail') AND priority = 1 AND state = 'completed'`) == 4
	})
	if kinds := o.told(o.person(demo.PartialCitizen), id); len(kinds) != 1 || len(smtp.taken()) != 1 {
		t.Errorf("told %v, %d mails", kinds, len(smtp.taken()))
	}
}

func TestWithoutAServerMailsAreFiles(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	folder := filepath.Join(t.TempDir(), "mail")
	o.work("", folder)
	o.book(7)
	files := func() []string {
		all, err := filepath.Glob(filepath.Join(folder, "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	o.until("written", func() bool { return len(files()) == 1 && o.done() })
	raw, err := os.ReadFile(files()[0])
	if err != nil {
		t.Fatal(err)
	}
	mail, err := open(string(raw))
	if err != nil || mail.subject != "INPS: nuovo appuntamento" || "<"+strings.TrimSuffix(filepath.Base(files()[0]), ".eml")+"@portal>" != mail.id {
		t.Errorf("%+v, %v", mail, err)
	}
	if told := indiscreet.FindString(mail.subject + mail.text); told != "" {
		t.Errorf("the mail says %q: %s", told, mail.text)
	}
}

func TestAtNightNothingIsMailedAndInTheMorningItIs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.at(time.Date(2026, 11, 23, 22, 30, 0, 0, calendar.Rome))
	smtp := newSink(t, "")
	o.work("smtp://"+smtp.Address, "")
	id := o.book(7)
	o.until("put off", func() bool {
		return o.count(`SELECT count(*) FROM river_job WHERE kind = 'mail' AND state = 'scheduled'`) == 1
	})
	if kinds := o.told(o.person(demo.PartialCitizen), id); len(kinds) != 1 {
		t.Errorf("the inbox waits for the morning too: %v", kinds)
	}
	var wait time.Duration
	if err := o.pool.QueryRow(t.Context(), `SELECT scheduled_at - now() FROM river_job WHERE kind = 'mail'`).Scan(&wait); err != nil {
		t.Fatal(err)
	}
	if wait < 9*time.Hour+25*time.Minute || wait > 9*time.Hour+30*time.Minute || len(smtp.taken()) != 0 {
		t.Errorf("%d mails, the next try in %s", len(smtp.taken()), wait)
	}
	o.at(time.Date(2026, 11, 24, 8, 0, 0, 0, calendar.Rome))
	o.exec(`UPDATE river_job SET state = 'available', scheduled_at = now() WHERE kind = 'mail'`)
	// Others are reminded of what is due by then.
	o.until("mailed", func() bool { return len(smtp.takenFor(demo.PartialCitizen)) == 1 && o.done() })
}

func TestAMailThatCouldNotBeSentIsSentOnceLater(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	before := newSink(t, "") // so that the address was free a moment ago
	before.refuses("450 4.2.1 <{to}>: come back later")
	o.work("smtp://"+before.Address, "")
	o.book(7)
	failed := func() bool {
		return o.count(`SELECT count(*) FROM river_job WHERE kind = 'mail' AND attempt > 0 AND errors IS NOT NULL`) == 1
	}
	o.until("refused", failed)
	if n := o.count(`SELECT count(*) FROM messages WHERE mailed_at IS NOT NULL AND sent_at = $1`, noon); n != 0 {
		t.Error("noted as mailed")
	}
	// Neither the log nor the table of jobs says to whom, though the server did.
	var noted string
	if err := o.pool.QueryRow(t.Context(), `SELECT errors::text FROM river_job WHERE kind = 'mail'`).Scan(&noted); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{noted, o.log.String()} {
		if strings.Contains(text, "cittadino-parziale") || strings.Contains(text, "@example.org") {
			t.Errorf("an address is written down: %s", text)
		}
	}
	if !strings.Contains(noted, "the server answers 450") {
		t.Errorf("nothing says what failed: %s", noted)
	}
	before.refuses("")
	o.until("mailed", func() bool { return len(before.taken()) == 1 && o.done() })
	time.Sleep(50 * time.Millisecond)
	if n := len(before.taken()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

func TestAMailThatIsRefusedForGoodIsGivenUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	smtp := newSink(t, "")
	smtp.refuses("550 5.1.1 <{to}>: nobody here of that name")
	o.work("smtp://"+smtp.Address, "")
	id := o.book(7)
	o.until("given up", func() bool {
		return o.count(`SELECT count(*) FROM river_job WHERE kind = 'mail' AND state = 'cancelled' AND attempt = 1`) == 1
	})
	if kinds := o.told(o.person(demo.PartialCitizen), id); len(kinds) != 1 {
		t.Errorf("the inbox says %v", kinds)
	}
	if n := o.count(`SELECT count(*) FROM messages WHERE mailed_at IS NOT NULL AND sent_at = $1`, noon); n != 0 {
		t.Error("noted as mailed")
	}
	var noted string
	if err := o.pool.QueryRow(t.Context(), `SELECT errors::text FROM river_job WHERE kind = 'mail'`).Scan(&noted); err != nil {
		t.Fatal(err)
	}
	if log := o.log.String(); !strings.Contains(log, `"msg":"mail given up"`) || !strings.Contains(log, "the server answers 550") ||
		strings.Contains(log+noted, "cittadino-parziale") || strings.Contains(log+noted, "@example.org") {
		t.Errorf("the log says %s, the job %s", log, noted)
	}
}

// The demo's child has a mother with an address and reads no mail himself.
func TestWhoActsForAChildIsToldByMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	smtp := newSink(t, "")
	o.work("smtp://"+smtp.Address, "")
	var son identity.PersonID
	if err := o.pool.QueryRow(t.Context(), `SELECT id FROM persons WHERE fiscal_code = $1`, string(demo.Child.FiscalCode)).Scan(&son); err != nil {
		t.Fatal(err)
	}
	id := o.bookFor(son, 7)
	o.until("mailed", func() bool { return len(smtp.taken()) == 1 && o.done() })
	for _, who := range []identity.PersonID{son, o.person(demo.Parent)} {
		if kinds := o.told(who, id); !slices.Equal(kinds, []string{string(notify.Booked)}) {
			t.Errorf("told %v", kinds)
		}
	}
	mail := smtp.taken()[0]
	if told := indiscreet.FindString(mail.subject + mail.text); mail.to != "genitore@example.org" || told != "" || !strings.Contains(mail.text, "una persona per cui puoi operare") {
		t.Errorf("to %s, who reads %q: %s", mail.to, told, mail.text)
	}
}

func TestAServerThatIsDownIsAskedAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var address string
	t.Run("a server that goes away", func(t *testing.T) { address = newSink(t, "").Address })
	o.work("smtp://"+address, "")
	o.book(7)
	o.until("tried", func() bool {
		return o.count(`SELECT count(*) FROM river_job WHERE kind = 'mail' AND errors IS NOT NULL`) == 1
	})
	smtp := newSink(t, address)
	o.until("mailed", func() bool { return len(smtp.taken()) == 1 && o.done() })
}

func TestWhatFallsDueIsDoneWhenThePortalStarts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.at(noon.AddDate(1, 0, 0))
	if n := o.count(`SELECT count(*) FROM submissions`); n == 0 {
		t.Fatal("there is nothing to forget")
	}
	o.work("", t.TempDir())
	o.until("done", func() bool {
		return o.count(`SELECT count(*) FROM river_job WHERE kind = 'due' AND state = 'completed'`) == 1
	})
	if n := o.count(`SELECT count(*) FROM vouchers WHERE state = 'active'`); n != 0 {
		t.Errorf("%d vouchers are still open a year later", n)
	}
	if n := o.count(`SELECT count(*) FROM submissions`); n != 0 {
		t.Errorf("%d keys of old forms are still there", n)
	}
	breaches, err := postgres.Check(t.Context(), o.pool)
	if err != nil || len(breaches) != 0 {
		t.Errorf("%v, %v", breaches, err)
	}
}

// What falls due is many things. That one of them fails is tried again, and meanwhile the
// others are done.
func TestWhatFailsKeepsNothingElseFromFallingDue(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.at(noon.AddDate(1, 0, 0))
	if _, err := o.pool.Exec(t.Context(), `ALTER TABLE applications RENAME COLUMN cure_by TO mended_by`); err != nil {
		t.Fatal(err)
	}
	o.work("", t.TempDir())
	o.until("tried", func() bool {
		return o.count(`SELECT count(*) FROM river_job WHERE kind = 'due' AND errors IS NOT NULL`) == 1
	})
	if n := o.count(`SELECT count(*) FROM submissions`); n != 0 {
		t.Errorf("%d keys of old forms are still there", n)
	}
}
