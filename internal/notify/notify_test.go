package notify_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/notify"
	"portal/internal/voucher"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, calendar.Rome)

// session is one that was booked at noon, for a day from then.
func session(inDays int) voucher.Session {
	var s voucher.Session
	s.Booking = voucher.Booking{ID: "b1", Beneficiary: "maria", Professional: "giulia", Day: calendar.On(noon).Add(inDays),
		Amount: 47_50, Place: "Via Roma 1, 00195 Roma (RM)", BookedAt: noon}
	s.CancelledAt, s.LastDay, s.VoucherState = noon, calendar.On(noon).Add(7), voucher.Active
	s.Holder.GivenName, s.Holder.FamilyName, s.ProfessionalName = "Maria", "Rossi", "Bianchi Giulia"
	return s
}

func rules(t *testing.T) voucher.Rules {
	t.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return all[0].Rules
}

func TestEachEventIsToldToWhoMustKnowAndToNobodyElse(t *testing.T) {
	t.Parallel()
	cancelledBy := func(who voucher.CancelReason) voucher.Session {
		s := session(7)
		s.CancelReason = who
		if who == voucher.ByBeneficiary {
			s.CancelledBy = s.Beneficiary
		}
		return s
	}
	inDays := func(s voucher.Session, days int) voucher.Session {
		s.CancelledAt = noon.AddDate(0, 0, days)
		return s
	}
	closed := cancelledBy(voucher.ByProfessional)
	closed.VoucherState = voucher.Expired
	atThree := session(7)
	atThree.Start = atThree.Day.At(15, 0)
	told := map[notify.Kind]bool{}
	for _, c := range []struct {
		what    string
		action  audit.Action
		session voucher.Session
		want    []string // who, which message, where it leads and a part of what it says
	}{
		{"a booking", voucher.BookingBooked, session(7), []string{"maria a03 /contributo-psicoterapia/sedute/b1 il 9 marzo 2026. Se"}},
		{"a booking with its hour", voucher.BookingBooked, atThree, []string{"maria a03 /contributo-psicoterapia/sedute/b1 il 9 marzo 2026 alle 15:00."}},
		{"its last day to cancel", voucher.BookingBooked, session(7), []string{"maria a03 /contributo-psicoterapia/sedute/b1 entro le 23:59 dell’8 marzo 2026."}},
		{"a booking for tomorrow", voucher.BookingBooked, session(1), []string{"maria a03 /contributo-psicoterapia/sedute/b1 entro le 23:59 del 2 marzo 2026."}},
		{"a booking for today", voucher.BookingBooked, session(0), []string{"maria a03b /contributo-psicoterapia/sedute/b1 Il termine per annullarlo online è già passato"}},
		{"one registered afterwards", voucher.BookingBooked, session(-3), []string{"maria a03b /contributo-psicoterapia/sedute/b1 il 27 febbraio 2026."}},
		{"a confirmation", voucher.BookingHeld, session(0), []string{"maria a06 /contributo-psicoterapia/sedute/b1 del 2 marzo 2026."}},
		{"the holder's cancellation", voucher.BookingCancelled, cancelledBy(voucher.ByBeneficiary), []string{
			"maria a05 /contributo-psicoterapia/sedute/b1 Hai annullato l’appuntamento del 9 marzo 2026.",
			"giulia s03 /professionisti/sedute/b1 del 9 marzo 2026"}},
		{"the professional's cancellation", voucher.BookingCancelled, cancelledBy(voucher.ByProfessional), []string{
			"maria a05b /contributo-psicoterapia/sedute/b1 del 9 marzo 2026 è stato annullato. L’importo è di nuovo disponibile."}},
		{"one on the last day", voucher.BookingCancelled, inDays(cancelledBy(voucher.ByProfessional), 7), []string{
			"maria a05b /contributo-psicoterapia/sedute/b1 L’importo è di nuovo disponibile."}},
		{"one after the last day", voucher.BookingCancelled, inDays(cancelledBy(voucher.ByProfessional), 8), []string{
			"maria a05c /contributo-psicoterapia/sedute/b1 del 9 marzo 2026 è stato annullato. Il codice è scaduto, quindi l’importo non si può riusare."}},
		{"one of a closed voucher", voucher.BookingCancelled, closed, []string{"maria a05c /contributo-psicoterapia/sedute/b1 non si può riusare."}},
		{"the office's cancellation", voucher.BookingCancelled, cancelledBy(voucher.ByOffice), []string{
			"maria a08 /contributo-psicoterapia/sedute/b1 del 9 marzo 2026"}},
		{"the office's after the last day", voucher.BookingCancelled, inDays(cancelledBy(voucher.ByOffice), 8), []string{
			"maria a08b /contributo-psicoterapia/sedute/b1 Il codice è scaduto, quindi l’importo non si può riusare."}},
		{"a look", voucher.BookingSeen, session(7), nil},
		{"a checked code", voucher.CodeChecked, voucher.Session{}, nil},
		{"a new voucher", voucher.VoucherGranted, voucher.Session{}, nil},
		{"an expired voucher", voucher.VoucherExpired, voucher.Session{}, nil},
		{"a login", audit.LoggedIn, voucher.Session{}, nil},
	} {
		letters := notify.Letters(notify.Event{Action: c.action, Session: c.session, Rules: rules(t)})
		if len(letters) != len(c.want) {
			t.Errorf("%s is told %d times, want %d", c.what, len(letters), len(c.want))
			continue
		}
		for i, l := range letters {
			told[l.Kind] = true
			head := string(l.To) + " " + string(l.Kind) + " " + l.Link + " "
			part, ok := strings.CutPrefix(c.want[i], head)
			if !ok || !strings.Contains(l.Body, part) {
				t.Errorf("%s: %s%s", c.what, head, l.Body)
			}
		}
	}
	for _, k := range []notify.Kind{notify.Booked, notify.BookedLate, notify.CancelledByYou, notify.CancelledForYou, notify.CancelledForYouLate,
		notify.Held, notify.CancelledOfficially, notify.CancelledAtTheEnd, notify.BeneficiaryCancelled} {
		if !told[k] {
			t.Errorf("nothing is told as %s", k)
		}
	}
}

// A child does not log in: who answers for them reads what they are told. Only who
// cancelled reads that they did.
func TestWhoActsForSomebodyIsToldWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what        string
		action      audit.Action
		reason      voucher.CancelReason
		cancelledBy identity.PersonID
		want        []string
	}{
		{"a booking", voucher.BookingBooked, "", "", []string{"maria a03", "laura a03", "piero a03"}},
		{"a confirmation", voucher.BookingHeld, "", "", []string{"maria a06", "laura a06", "piero a06"}},
		{"the child's cancellation", voucher.BookingCancelled, voucher.ByBeneficiary, "maria", []string{"maria a05", "laura a05b", "piero a05b", "giulia s03"}},
		{"the mother's", voucher.BookingCancelled, voucher.ByBeneficiary, "laura", []string{"maria a05b", "laura a05", "piero a05b", "giulia s03"}},
		{"the professional's", voucher.BookingCancelled, voucher.ByProfessional, "giulia", []string{"maria a05b", "laura a05b", "piero a05b"}},
		{"the office's", voucher.BookingCancelled, voucher.ByOffice, "", []string{"maria a08", "laura a08", "piero a08"}},
		{"a look", voucher.BookingSeen, "", "", nil},
	} {
		s := session(7)
		s.CancelReason, s.CancelledBy = c.reason, c.cancelledBy
		var told []string
		for _, l := range notify.Letters(notify.Event{Action: c.action, Session: s, Rules: rules(t), ActingFor: []identity.PersonID{"laura", "piero"}}) {
			told = append(told, string(l.To)+" "+string(l.Kind))
			if acts := l.To == "laura" || l.To == "piero"; acts != strings.Contains(l.Body, " una persona per cui puoi operare") {
				t.Errorf("%s, to %s: %s", c.what, l.To, l.Body)
			}
			if l.To != "giulia" && l.Link != "/profili?ritorno=%2Fcontributo-psicoterapia%2Fsedute%2Fb1" && (l.To == "laura" || l.To == "piero" || l.Link != "/contributo-psicoterapia/sedute/b1") {
				t.Errorf("%s leads %s to %s", c.what, l.To, l.Link)
			}
		}
		if !slices.Equal(told, c.want) {
			t.Errorf("%s is told to %v, want %v", c.what, told, c.want)
		}
	}
}

// A mailbox and a phone are shared: neither the subject nor what is repeated by
// mail says what kind of appointment it is, with whom, or for how much.
func TestNoMessageSaysWhatKindOfAppointmentItIs(t *testing.T) {
	t.Parallel()
	indiscreet := regexp.MustCompile(`(?i)psico|terap|sedut|malatt|salute|isee|€|\beuro\b|\d+,\d\d|\bmaria\b|\brossi\b|\bgiulia\b|\bbianchi\b|\broma\b|\{\{|notice\.`)
	for _, action := range []audit.Action{voucher.BookingBooked, voucher.BookingHeld, voucher.BookingCancelled} {
		for _, reason := range voucher.CancelReasons {
			for _, day := range []int{0, 7, 14} {
				s := session(day)
				s.CancelReason, s.CancelledAt = reason, noon.AddDate(0, 0, day)
				for _, l := range notify.Letters(notify.Event{Action: action, Session: s, Rules: rules(t), ActingFor: []identity.PersonID{"laura"}}) {
					text := l.Subject + "\n" + l.Body + "\n" + notify.Reminder("contributi.example.org")
					if told := indiscreet.FindString(text); told != "" {
						t.Errorf("%s says %q: %s", l.Kind, told, text)
					}
					if !strings.HasPrefix(l.Subject, "INPS: ") {
						t.Errorf("%s does not say who writes: %s", l.Kind, l.Subject)
					}
				}
			}
		}
	}
	if end := notify.Reminder("contributi.example.org"); !strings.Contains(end, "contributi.example.org") || strings.Contains(end, "http") {
		t.Errorf("the end of a mail is a link, or leads nowhere: %s", end)
	}
}

func TestTheNightIsQuietInRomeOnTheDayTheClockChangesToo(t *testing.T) {
	t.Parallel()
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, calendar.Rome)
	}
	for _, c := range []struct {
		now     time.Time
		quiet   bool
		morning time.Time
	}{
		{at(3, 2, 7, 59), true, at(3, 2, 8, 0)},
		{at(3, 2, 8, 0), false, at(3, 2, 8, 0)},
		{at(3, 2, 20, 59), false, at(3, 2, 8, 0)},
		{at(3, 2, 21, 0), true, at(3, 3, 8, 0)},
		{at(3, 2, 0, 0), true, at(3, 2, 8, 0)},
		{at(12, 31, 23, 59), true, time.Date(2027, 1, 1, 8, 0, 0, 0, calendar.Rome)},
		{at(3, 28, 22, 0), true, at(3, 29, 8, 0)},   // nine hours later
		{at(10, 24, 22, 0), true, at(10, 25, 8, 0)}, // eleven
		{time.Date(2026, 7, 1, 19, 30, 0, 0, time.UTC), true, at(7, 2, 8, 0)},
		{time.Date(2026, 7, 1, 18, 30, 0, 0, time.UTC), false, at(7, 1, 8, 0)},
	} {
		if got := notify.Quiet(c.now); got != c.quiet {
			t.Errorf("quiet at %s: %v", c.now, got)
		}
		if got := notify.Morning(c.now); !got.Equal(c.morning) {
			t.Errorf("the morning after %s is %s, want %s", c.now, got, c.morning)
		}
	}
	if d := notify.Morning(at(3, 28, 22, 0)).Sub(at(3, 28, 22, 0)); d != 9*time.Hour {
		t.Errorf("the night of spring has %s left", d)
	}
}

func TestAMailIsAFileThatAMailProgramOpens(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "mail")
	mailer, err := notify.NewMailer("", folder, "Portale contributi <non-rispondere@example.org>")
	if err != nil {
		t.Fatal(err)
	}
	m := notify.Mail{ID: "m1", To: "maria@example.org", Subject: "INPS: nuovo appuntamento", Text: "È stato registrato.", At: noon}
	for range 2 { // done twice, it is one file
		if err := mailer.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	all, err := os.ReadDir(folder)
	if err != nil || len(all) != 1 || all[0].Name() != "m1.eml" {
		t.Fatalf("%v, %v", all, err)
	}
	raw, err := os.ReadFile(filepath.Join(folder, "m1.eml"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(raw), "\r\n")
	for _, want := range []string{
		`From: "Portale contributi" <non-rispondere@example.org>`, "To: <maria@example.org>", "Subject: INPS: nuovo appuntamento",
		"Message-ID: <m1@portal>", "Auto-Submitted: auto-generated", "Date: Mon, 02 Mar 2026 12:00:00 +0100", "=C3=88 stato registrato.",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q in\n%s", want, raw)
		}
	}
	for _, line := range lines {
		if strings.Contains(line, "go-mail") {
			t.Errorf("the mail says what the portal is made of: %s", line)
		}
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others may read the folder: %v, %v", info.Mode(), err)
	}
}

func TestAnAddressThatIsNoneStaysOutOfTheError(t *testing.T) {
	t.Parallel()
	mailer, err := notify.NewMailer("", t.TempDir(), "non-rispondere@example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"maria.rossi", "maria rossi@example.org", "maria@example.org\r\nBcc: all@example.org"} {
		err := mailer.Send(context.Background(), notify.Mail{ID: "m1", To: to, Subject: "s", Text: "t", At: noon})
		if err == nil || strings.Contains(err.Error(), "maria") {
			t.Errorf("%q: %v", to, err)
		}
	}
}

func TestTheAddressOfTheMailServerIsUnderstoodOrRefused(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"smtp://mail.example.org", "smtp://mail.example.org:587", "smtps://mail.example.org", "smtp://user:p%40ss@mail.example.org:25"} {
		if _, err := notify.NewMailer(good, "", "a@example.org"); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"mail.example.org", "http://mail.example.org", "smtp://", "smtp://secret@:25", "smtp://user:secret@mail.example.org:port", "smtp://user:secret@mail.example.org:99999"} {
		if _, err := notify.NewMailer(bad, "", "a@example.org"); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := notify.NewMailer("", file, "a@example.org"); err == nil {
		t.Error("a file was taken for a folder")
	}
}
