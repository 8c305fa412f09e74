package voucher_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/voucher"
)

var listDay = calendar.NewDate(2026, 3, 2)

var listHeader = strings.Join(voucher.ListColumns, ",")

// anna is a row of CNOP's list in which nothing is wrong.
var anna = map[string]string{
	"codice_fiscale": "VRDNNA92M41F839E", "cognome": "Verdi", "nome": "Anna", "ordine_regionale": "Lazio", "numero_iscrizione": "4821",
	"data_annotazione_psicoterapeuta": "2018-05-04", "indirizzo": "Via Roma 1", "comune": "Roma", "cap": "00195", "provincia": "RM", "regione": "Lazio",
	"telefono": "06 123 4567", "email": "anna@example.org", "data_adesione": "2026-01-12", "data_revoca": "",
}

// with is the row with some cells changed, as a line of the file.
func with(changes ...string) string {
	row := maps.Clone(anna)
	for i := 0; i < len(changes); i += 2 {
		row[changes[i]] = changes[i+1]
	}
	cells := make([]string, len(voucher.ListColumns))
	for i, c := range voucher.ListColumns {
		cells[i] = `"` + strings.ReplaceAll(row[c], `"`, `""`) + `"`
	}
	return strings.Join(cells, ",")
}

func readList(t *testing.T, lines ...string) []voucher.ListRow {
	t.Helper()
	file, err := voucher.ReadList(strings.NewReader(listHeader+"\n"+strings.Join(lines, "\n")), listDay)
	if err != nil {
		t.Fatal(err)
	}
	return file.Rows
}

func TestARowOfTheListIsReadAsItIsMeant(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"commas":              listHeader + "\n" + with() + "\n",
		"a mark and CR LF":    "\ufeff" + listHeader + "\r\n" + with() + "\r\n",
		"semicolons":          strings.ReplaceAll(listHeader+"\n"+with(), ",", ";"),
		"Italian days":        listHeader + "\n" + with("data_annotazione_psicoterapeuta", "4/5/2018", "data_adesione", "12/01/2026"),
		"names in other ways": listHeader + "\n" + with("regione", "LAZIO ", "provincia", "rm", "codice_fiscale", " vrdnna92m41f839e"),
		"an empty row":        listHeader + "\n,,,,,,,,,,,,,,\n" + with(),
	} {
		file, err := voucher.ReadList(strings.NewReader(text), listDay)
		if err != nil || len(file.Rows) != 1 || len(file.Rows[0].Rejects) > 0 {
			t.Errorf("%s: %+v, %v", name, file.Rows, err)
			continue
		}
		p := file.Rows[0].Is
		if p.FiscalCode != "VRDNNA92M41F839E" || p.Region != "Lazio" || p.Province != "RM" || p.AnnotatedOn != calendar.NewDate(2018, 5, 4) ||
			p.JoinedOn != calendar.NewDate(2026, 1, 12) || !p.LeftOn.IsZero() || p.Languages != nil || p.Online != nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestEachFaultRejectsItsRowWithItsReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		column, cell string
		want         voucher.RejectCode
	}{
		{"codice_fiscale", "VRDNNA92M41F839X", voucher.RejectFiscalCode}, {"codice_fiscale", "", voucher.RejectMissing},
		{"codice_fiscale", "12345678903", voucher.RejectFiscalCode},
		{"cognome", "", voucher.RejectMissing}, {"nome", "An\u202ena", voucher.RejectText}, {"indirizzo", strings.Repeat("via ", 60), voucher.RejectText},
		{"ordine_regionale", "Padania", voucher.RejectRegion}, {"numero_iscrizione", "n. 3!", voucher.RejectRegister},
		{"data_annotazione_psicoterapeuta", "", voucher.RejectAnnotation}, {"data_annotazione_psicoterapeuta", "31/02/2018", voucher.RejectDate},
		{"data_annotazione_psicoterapeuta", "2026-03-03", voucher.RejectFuture}, {"data_annotazione_psicoterapeuta", "0018-05-04", voucher.RejectDate},
		{"cap", "195", voucher.RejectPostalCode}, {"cap", "20121", voucher.RejectOtherArea},
		{"provincia", "XX", voucher.RejectProvince}, {"provincia", "MI", voucher.RejectOtherRegion}, {"regione", "Lombardia", voucher.RejectOtherRegion},
		{"regione", "Trentino-Alto Adige", voucher.RejectRegion}, {"telefono", "chiamare", voucher.RejectPhone}, {"telefono", "", voucher.RejectMissing},
		{"email", "anna", voucher.RejectEmail}, {"data_adesione", "", voucher.RejectMissing}, {"data_adesione", "2017-01-01", voucher.RejectOrder},
		{"data_revoca", "2025-12-31", voucher.RejectOrder}, {"data_revoca", "ieri", voucher.RejectDate},
	} {
		rows := readList(t, with(c.column, c.cell), with("codice_fiscale", "RSSMRA80A01H501U", "numero_iscrizione", "77"))
		i := slices.IndexFunc(rows[0].Rejects, func(r voucher.Reject) bool { return r.Code == c.want })
		if i < 0 || rows[0].Line != 2 || rows[0].Raw == nil {
			t.Errorf("%s %q: %+v, want %s", c.column, c.cell, rows[0], c.want)
		}
		if len(rows[1].Rejects) > 0 {
			t.Errorf("%s %q: the next row is rejected too: %+v", c.column, c.cell, rows[1].Rejects)
		}
	}
	if r := readList(t, with()+",più")[0]; len(r.Rejects) != 1 || r.Rejects[0].Code != voucher.RejectColumns {
		t.Errorf("a row with one cell too many: %+v", r)
	}
}

func TestRowsThatDoNotGoTogetherNameEachOther(t *testing.T) {
	t.Parallel()
	other := []string{"codice_fiscale", "RSSMRA80A01H501U", "numero_iscrizione", "77"}
	for name, c := range map[string]struct {
		second string
		want   voucher.RejectCode
	}{
		"the same person twice":              {with("telefono", "06 999 9999"), voucher.RejectTwice},
		"one person in two registers":        {with("ordine_regionale", "Umbria"), voucher.RejectTwoRegisters},
		"two people in one place of it":      {with("codice_fiscale", string(code(1))), voucher.RejectRegisterOf},
		"the same, one of them wrong anyway": {with("cap", "x"), voucher.RejectTwice},
	} {
		rows := readList(t, with(), with(other...), c.second)
		for i, line := range map[int]int{0: 4, 2: 2} {
			if !slices.ContainsFunc(rows[i].Rejects, func(r voucher.Reject) bool { return r.Code == c.want && r.Line == line }) {
				t.Errorf("%s: line %d is rejected for %+v, want %s of line %d", name, rows[i].Line, rows[i].Rejects, c.want, line)
			}
		}
		if len(rows[1].Rejects) > 0 && c.want != voucher.RejectRegisterOf {
			t.Errorf("%s: who has nothing to do with it: %+v", name, rows[1].Rejects)
		}
	}
}

func TestAFileThatIsNoListIsSaidToBeNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"": voucher.ErrListEmpty, listHeader + "\n": voucher.ErrListEmpty, listHeader + "\n\n,,,,,,,,,,,,,,\n": voucher.ErrListEmpty,
		"codice_fiscale,cognome\nx,y\n":                  voucher.ErrListColumnMissing,
		listHeader + ",cognome\n":                        voucher.ErrListColumnTwice,
		listHeader + ",patente\n":                        voucher.ErrListColumnUnknown,
		listHeader + "\nVRD,\"Verdi\n" + with() + "\n":   voucher.ErrListQuotes,
		listHeader + "\nVRD,Ver\"di\n":                   voucher.ErrListQuotes,
		listHeader + "\nVRD,\"Verdi\n" + with() + "\"\n": voucher.ErrListQuotes,
		listHeader + "\n" + with() + "\n\xff\xfe":        voucher.ErrListNotUTF8,
		"\xff\xfec\x00o\x00":                             voucher.ErrListNotUTF8,
		"c\x00o\x00":                                     voucher.ErrListNotUTF8,
	} {
		if _, err := voucher.ReadList(strings.NewReader(text), listDay); !errors.Is(err, want) {
			t.Errorf("%.60q: %v, want %v", text, err, want)
		}
	}
	_, err := voucher.ReadList(strings.NewReader(strings.Replace(listHeader, "cap,", "", 1)+"\n"), listDay)
	var where voucher.FileError
	if !errors.As(err, &where) || where.Line != 1 || where.Column != "cap" {
		t.Errorf("a header without cap: %+v", where)
	}
}

// code is a made-up fiscal code.
func code(i int) identity.FiscalCode {
	return identity.NewFiscalCode(fmt.Sprintf("VRDNNA%02dA%02dH%03d", 50+i%50, 1+i%28, 100+i%900))
}

// person is the row of a made-up professional.
func person(i int, changes ...string) []string {
	return append([]string{"codice_fiscale", string(code(i)), "cognome", fmt.Sprint("Verdi", string(rune('a'+i%26))), "numero_iscrizione", fmt.Sprint(1000 + i)}, changes...)
}

// knownAs are professionals who are on the list as rows say.
func knownAs(t *testing.T, rows ...string) []voucher.Known {
	t.Helper()
	var all []voucher.Known
	for i, r := range readList(t, rows...) {
		k := voucher.Known{Person: identity.PersonID(fmt.Sprint("p", i)), Is: r.Is, Enrolled: true, Bookings: i}
		k.Is.JoinedOn = calendar.Date{}
		all = append(all, k)
	}
	return all
}

func change(c voucher.Comparison, line int) voucher.DeliveryRow {
	for _, r := range c.Rows {
		if r.Line == line {
			return r
		}
	}
	return voucher.DeliveryRow{}
}

func TestAListIsComparedWithWhatStands(t *testing.T) {
	t.Parallel()
	known := knownAs(t, with(person(0)...), with(person(1)...), with(person(2)...), with(person(3)...), with(person(4)...))
	known[4].Enrolled = false // left earlier
	file := readList(t,
		with(person(0, "cognome", "VERDI A")...),                                  // 2: the same name in other letters
		with(person(1, "indirizzo", "Via Po 2", "email", "altra@example.org")...), // 3
		with(person(2, "data_revoca", "2026-02-28")...),                           // 4
		with(person(4)...), // 5: back
		with(person(5)...), // 6: new
		with(person(6, "data_revoca", "2026-02-28")...), // 7: never on the list
	)
	c := voucher.Compare(file, voucher.FullList, known)
	for line, want := range map[int]voucher.Change{2: voucher.RowUnchanged, 3: voucher.RowChanged, 4: voucher.RowRemoved,
		5: voucher.RowAdded, 6: voucher.RowAdded, 7: voucher.RowUnchanged, -1: voucher.RowRemoved} {
		if got := change(c, line); got.Change != want {
			t.Errorf("line %d is %s, want %s", line, got.Change, want)
		}
	}
	if got := change(c, 3); !slices.Equal(got.After.Changes(*got.Before), []string{"indirizzo", "email"}) {
		t.Errorf("changed in %v", got.After.Changes(*got.Before))
	}
	if got := change(c, -1); got.Person != "p3" || got.Bookings != 3 || c.Touched != 5 {
		t.Errorf("who is missing: %+v; %d sessions touched", got, c.Touched)
	}
	if want := (voucher.Tally{Added: 2, Changed: 1, Removed: 2, Unchanged: 2, Touched: 5, Standing: 4}); c.Tally != want {
		t.Errorf("%+v, want %+v", c.Tally, want)
	}
	if c := voucher.Compare(file, voucher.ChangesOnly, known); c.Removed != 1 || change(c, -1).Change != "" {
		t.Errorf("changes alone remove %d", c.Removed)
	}
}

func TestARejectedRowRemovesNobody(t *testing.T) {
	t.Parallel()
	known := knownAs(t, with(person(0)...), with(person(1)...))
	for name, row := range map[string]string{
		"by the fiscal code":             with(person(0, "cap", "x", "numero_iscrizione", "9", "cognome", "Altro")...),
		"by the register":                with(person(0, "codice_fiscale", "VRDNNA50A01H100X", "cognome", "Altro")...),
		"by the name":                    with(person(0, "codice_fiscale", "VRDNNA50A01H100X", "numero_iscrizione", "", "cognome", "VERDI A")...),
		"by the code, cells out of line": "x," + with(person(0)...),
		"standing twice":                 with(person(0)...) + "\n" + with(person(0)...),
		"with another fiscal code":       with(person(7, "numero_iscrizione", "1000")...),
	} {
		c := voucher.Compare(readList(t, row, with(person(1)...)), voucher.FullList, known)
		if c.Removed != 0 || c.Rejected == 0 || change(c, 2).Person != "p0" {
			t.Errorf("%s: %+v, %+v", name, c.Tally, change(c, 2))
		}
	}
}

func TestWhoIsSuspendedDoesNotComeBackWithAList(t *testing.T) {
	t.Parallel()
	known := knownAs(t, with(person(0)...))
	known[0].Enrolled, known[0].Suspended = false, true
	c := voucher.Compare(readList(t, with(person(0)...)), voucher.FullList, known)
	if r := change(c, 2); r.Change != voucher.RowRejected || r.Rejects[0].Code != voucher.RejectSuspended {
		t.Errorf("%+v", r)
	}
	if again, ok := change(c, 2).Again(); !ok || len(again.Rejects) > 0 {
		t.Errorf("it would be judged anew as %+v", again)
	}
}

// Whatever a list holds: everybody enrolled before is changed, unchanged, removed
// or named by a rejected row, nobody twice; and comparing what was kept anew gives
// the same.
func TestAComparisonLosesNobody(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		const people = 12
		var stands, lines []string
		for i := range people {
			stands = append(stands, with(person(i)...))
		}
		known := knownAs(t, stands...)
		for i := range known {
			known[i].Enrolled = rapid.Bool().Draw(rt, "enrolled")
		}
		for range rapid.IntRange(1, 20).Draw(rt, "rows") {
			changes := person(rapid.IntRange(0, people+4).Draw(rt, "who"))
			switch rapid.IntRange(0, 5).Draw(rt, "how") {
			case 1:
				changes = append(changes, "indirizzo", "Via Po 2")
			case 2:
				changes = append(changes, "data_revoca", "2026-02-01")
			case 3:
				changes = append(changes, "cap", "x")
			case 4:
				changes = append(changes, "codice_fiscale", "VRDNNA50A01H100X")
			}
			lines = append(lines, with(changes...))
		}
		extent := rapid.SampledFrom(voucher.Extents).Draw(rt, "extent")
		c := voucher.Compare(readList(t, lines...), extent, known)
		spoken := map[identity.PersonID]int{}
		var again []voucher.ListRow
		for _, r := range c.Rows {
			if r.Change != voucher.RowRejected && r.Person != "" {
				spoken[r.Person] += 2
			} else if r.Person != "" {
				spoken[r.Person] |= 1
			}
			if row, ok := r.Again(); ok {
				again = append(again, row)
			}
		}
		for _, k := range known {
			n := spoken[k.Person]
			if n > 3 || extent == voucher.FullList && k.Enrolled && n == 0 {
				rt.Fatalf("%s is spoken of %d times in %+v", k.Person, n, c.Rows)
			}
		}
		if !voucher.Compare(again, extent, known).Same(c.Rows) {
			rt.Fatal("compared anew it comes out different")
		}
		if sum := c.Added + c.Changed + c.Removed + c.Unchanged + c.Rejected; sum != len(c.Rows) {
			rt.Fatalf("%d rows, counted %d", len(c.Rows), sum)
		}
	})
}

func TestReasonsAreKeptAsTheyWere(t *testing.T) {
	t.Parallel()
	all := []voucher.Reject{{Column: "cap", Code: voucher.RejectPostalCode}, {Column: "codice_fiscale", Code: voucher.RejectTwice, Line: 17}, {Code: voucher.RejectColumns}}
	if got := voucher.ParseRejects(voucher.EncodeRejects(all)); !slices.Equal(got, all) {
		t.Errorf("%+v", got)
	}
}

func TestADeliveryPassesThroughThreePeople(t *testing.T) {
	t.Parallel()
	officer := func(id identity.PersonID, office identity.Role, duties ...identity.Duty) identity.Actor {
		return identity.Own(id, office).WithDuties(duties)
	}
	sara, davide := officer("sara", identity.CNOP, identity.Prepare, identity.Approve), officer("davide", identity.CNOP, identity.Approve)
	chiara := officer("chiara", identity.INPS, identity.Prepare)
	draft := voucher.Delivery{State: voucher.DeliveryDraft, PreparedBy: "sara", Tally: voucher.Tally{Removed: 1, Standing: 20}}
	sent, err := draft.Send(davide, false, noon)
	if err != nil || sent.State != voucher.DeliverySent || sent.SentBy != "davide" {
		t.Fatalf("%+v, %v", sent, err)
	}
	applied, err := sent.Apply(chiara, noon)
	if err != nil || applied.NextDueOn != calendar.On(noon).Add(7) {
		t.Fatalf("%+v, %v", applied, err)
	}
	for name, c := range map[string]struct {
		got  error
		want *fault.Reason
	}{
		"who prepared it sends it":       {draft.MaySend(sara), voucher.ErrOwnDelivery},
		"INPS sends it":                  {draft.MaySend(chiara), identity.ErrNoDuty},
		"it is sent twice":               {sent.MaySend(davide), voucher.ErrNotDraft},
		"a draft is applied":             {draft.MayApply(chiara), voucher.ErrNotSent},
		"CNOP applies it":                {sent.MayApply(officer("altra", identity.CNOP, identity.Prepare)), identity.ErrNoDuty},
		"who sent it, now at INPS":       {sent.MayApply(officer("davide", identity.INPS, identity.Prepare)), voucher.ErrSentByYou},
		"who approves at INPS":           {sent.MayApply(officer("andrea", identity.INPS, identity.Approve)), identity.ErrNoDuty},
		"it is taken back once in force": {applied.MayDrop(sara), voucher.ErrNotDraft},
		"INPS takes it back":             {sent.MayDrop(chiara), identity.ErrNoDuty},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	draft.Tally.Removed = 2
	if _, err := draft.Send(davide, false, noon); !errors.Is(err, voucher.ErrManyRemoved) {
		t.Errorf("one in ten is removed without a word: %v", err)
	}
	if _, err := draft.Send(davide, true, noon); err != nil {
		t.Error(err)
	}
}

func TestASuspensionHasADayAndAReason(t *testing.T) {
	t.Parallel()
	today := calendar.NewDate(2026, 3, 2)
	sender := identity.Own("davide", identity.CNOP).WithDuties([]identity.Duty{identity.Approve})
	on := voucher.Card{Stretches: []voucher.Stretch{{From: today.Add(-100)}}}
	off := voucher.Card{Stretches: []voucher.Stretch{{From: today.Add(-100), Until: today.Add(2), Why: "Ordine"}}}
	left := voucher.Card{Stretches: []voucher.Stretch{{From: today.Add(-100), Until: today, Left: 3}}}
	errOf := func(_ voucher.Turn, err error) error { return err }
	for name, c := range map[string]struct {
		got  error
		want *fault.Reason
	}{
		"from yesterday":                {errOf(on.Suspend(sender, today.Add(-1), today, "Ordine")), voucher.ErrEnrolmentDay},
		"without a day":                 {errOf(on.Suspend(sender, calendar.Date{}, today, "Ordine")), voucher.ErrEnrolmentDay},
		"without a reason":              {errOf(on.Suspend(sender, today, today, " ")), voucher.ErrWhy},
		"by who has no duty":            {errOf(on.Suspend(identity.Own("sara", identity.CNOP), today, today, "Ordine")), identity.ErrNoDuty},
		"twice":                         {errOf(off.Suspend(sender, today, today, "Ordine")), voucher.ErrNotOnList},
		"back before it began":          {errOf(off.Resume(sender, today, today, "Fine")), voucher.ErrEnrolmentDay},
		"back for who left with a list": {errOf(left.Resume(sender, today, today, "Fine")), voucher.ErrNotSuspended},
		"back for who was never off it": {errOf(on.Resume(sender, today, today, "Fine")), voucher.ErrNotSuspended},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	if turn, err := off.Resume(sender, today.Add(2), today, " Fine "); err != nil || turn != (voucher.Turn{Resumes: true, Day: today.Add(2), Why: "Fine"}) {
		t.Errorf("back on the very day: %+v, %v", turn, err)
	}
	if !off.On(today.Add(1)) || off.On(today.Add(2)) {
		t.Error("the day of the suspension is the first off the list")
	}
}

func FuzzAListNeverBreaks(f *testing.F) {
	f.Add(listHeader + "\n" + with() + "\n")
	f.Add(strings.ReplaceAll(listHeader, ",", ";") + ";lingue;online\n" + strings.ReplaceAll(with(), ",", ";") + ";it en;sì\n")
	f.Add("\ufeff" + listHeader + "\r\n\"a\"\"b\",,\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := voucher.ReadList(strings.NewReader(text), listDay)
		if err != nil {
			if _, ok := fault.Refusal(err); !ok {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		for _, r := range file.Rows {
			if (len(r.Rejects) > 0) != (r.Raw != nil) || len(r.Rejects) == 0 && (r.Is.FiscalCode == "" || r.Is.AnnotatedOn.IsZero()) {
				t.Errorf("%q: line %d: %+v", text, r.Line, r)
			}
		}
		voucher.Compare(file.Rows, voucher.FullList, nil)
	})
}
