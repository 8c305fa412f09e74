package office_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/office"
	"portal/internal/once"
)

// watcher audits, and administers nothing.
var watcher = identity.Own("dario", identity.Oversight).WithDuties([]identity.Duty{identity.Audit})

// shipped are texts as a program has them, by key.
var shipped = []office.ShippedText{
	{Key: "a.count", Area: "ui", Words: map[office.Lang]office.Wording{"it": {One: "{{.Count}} giorno", Other: "{{.Count}} giorni"}}},
	{Key: "a.day", Area: "ui", Words: map[office.Lang]office.Wording{"it": {Other: "Vale fino al {{.Day}}"}, "de": {Other: "Gültig bis {{.Day}}"}}},
	{Key: "a.plain", Area: "public", Words: map[office.Lang]office.Wording{"it": {Other: "Esci"}}},
}

func TestAWordingKeepsItsPlaceholders(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		at     int
		in     office.Lang
		w      office.Wording
		reason *fault.Reason
		form   string
	}{
		{1, "it", office.Wording{Other: " Scade il {{.Day}} "}, nil, ""},
		{1, "sl", office.Wording{Other: "Do {{.Day}}"}, nil, ""},
		{1, "it", office.Wording{Other: "Scade presto"}, office.ErrWordingPlaces, "other"},
		{1, "it", office.Wording{Other: "Scade il {{.Day}}, {{.Name}}"}, office.ErrWordingPlaces, "other"},
		{1, "it", office.Wording{Other: "Scade il {{ .Day }}"}, office.ErrWordingPlaces, "other"},
		{1, "it", office.Wording{Other: "Scade il {{.Day}} {{end}}"}, office.ErrWordingPlaces, "other"},
		{1, "it", office.Wording{Other: "Scade il {.Day}"}, office.ErrWordingPlaces, "other"},
		{1, "it", office.Wording{Other: "{{.Day"}, office.ErrWordingPlaces, "other"},
		{1, "it", office.Wording{Other: " "}, office.ErrWordingEmpty, "other"},
		{1, "it", office.Wording{Other: "{{.Day}}" + strings.Repeat("à", 200)}, office.ErrWordingLong, "other"},
		{1, "it", office.Wording{Other: "Fino\na {{.Day}}"}, office.ErrWordingPlain, "other"},
		{1, "it", office.Wording{Other: "Fino a {{.Day}}\x00"}, office.ErrWordingPlain, "other"},
		{1, "it", office.Wording{One: "Uno", Other: "Fino a {{.Day}}"}, office.ErrWordingUnknown, "one"},
		{0, "it", office.Wording{One: "un giorno", Other: "{{.Count}} dì"}, nil, ""},
		{0, "it", office.Wording{One: "un giorno", Other: "giorni"}, office.ErrWordingPlaces, "other"},
		{0, "it", office.Wording{Other: "{{.Count}} dì"}, office.ErrWordingEmpty, "one"},
		{0, "sl", office.Wording{One: "en dan", Two: "dva dneva", Few: "{{.Count}} dnevi", Other: "{{.Count}} dni"}, nil, ""},
		{0, "sl", office.Wording{One: "en dan", Other: "{{.Count}} dni"}, office.ErrWordingEmpty, "two"},
		{2, "de", office.Wording{Other: "<b>Abmelden</b>"}, nil, ""}, // a text is a text: pages escape it
	} {
		_, flaws := shipped[x.at].Flaws(x.in, x.w)
		if x.reason == nil && len(flaws) > 0 || x.reason != nil && (len(flaws) == 0 || flaws[0].Reason != x.reason || flaws[0].Form != x.form) {
			t.Errorf("%s %+v: %v", x.in, x.w, flaws)
		}
	}
}

func TestNobodyPublishesTheirOwnWording(t *testing.T) {
	t.Parallel()
	p := office.WordingProposal{State: office.WordingOpen, Proposed: identity.Hand{Person: anna.Person}, Changes: []office.WordingChange{{Key: "a.plain", In: "it", Before: 3}}}
	now := office.InForce{"it": {"a.plain": {Number: 3}}}
	if _, err := p.Publish(anna, noon, now); !errors.Is(err, office.ErrWordingOwn) {
		t.Error(err)
	}
	if _, err := p.Refuse(anna, noon, "no"); !errors.Is(err, office.ErrWordingOwn) {
		t.Error(err)
	}
	if _, err := p.Publish(watcher, noon, now); !errors.Is(err, identity.ErrNoDuty) {
		t.Error(err)
	}
	if _, err := p.Publish(bruno, noon, office.InForce{"it": {"a.plain": {Number: 4}}}); !errors.Is(err, office.ErrWordingMoved) {
		t.Error(err)
	}
	if _, err := p.Refuse(bruno, noon, " "); !errors.Is(err, office.ErrWordingWhy) {
		t.Error(err)
	}
	if _, err := p.Withdraw(bruno, noon); !errors.Is(err, office.ErrNotProposer) {
		t.Error(err)
	}
	out, err := p.Publish(bruno, noon, now)
	if err != nil || out.State != office.WordingIsOut || out.Decided.Person != bruno.Person {
		t.Error(out, err)
	}
	if _, err := out.Publish(bruno, noon, now); !errors.Is(err, office.ErrWordingDecided) {
		t.Error(err)
	}
}

// kept is a WordingStore of what is in force, which remembers what was saved last.
type kept struct {
	office.WordingStore
	inForce office.InForce
	last    int64
	saved   office.WordingProposal
}

func (k *kept) LastWording(context.Context) (int64, error)              { return k.last, nil }
func (k *kept) WordingsInForce(context.Context) (office.InForce, error) { return k.inForce, nil }
func (k *kept) SaveWording(_ context.Context, _ once.Form, p office.WordingProposal, _ audit.Entry) (office.WordingID, error) {
	k.saved = p
	return p.ID, nil
}

func wordings(k *kept, speak func(map[office.Lang]map[string]office.Wording) error) *office.Wordings {
	return office.NewWordings(k, shipped, speak, func() time.Time { return noon })
}

func TestAFileOfTextsIsReadLineByLine(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		file    string
		changes []string
		same    int
		faults  map[int]*fault.Reason
	}{
		"an export that was translated": {"\ufeffchiave;lingua;forma;testo;italiano;area\na.plain;de;other;Abmelden;Esci;public\na.day;de;other;Gültig bis {{.Day}};Vale;ui\na.count;de;one;;giorno;ui\n",
			[]string{"a.plain de Abmelden"}, 1, nil},
		"commas, and columns in another order":     {"testo,forma,lingua,chiave\nOdjava,other,sl,a.plain\n", []string{"a.plain sl Odjava"}, 0, nil},
		"what a spreadsheet was kept from running": {"chiave;lingua;forma;testo\na.plain;de;other;'=1+1\n", []string{"a.plain de =1+1"}, 0, nil},
		"wrong lines": {"chiave;lingua;forma;testo\na.day;de;other;Bis\na.plain;fr;other;Sortir\na.nothing;de;other;x\na.plain;de;few;x\na.plain;de;other;\xff\na.count;de;other;{{.Count}} Tage\na.day;sl;other;{{.Day}}\na.day;sl;other;{{.Day}}\n",
			[]string{"a.day sl {{.Day}}"}, 0, map[int]*fault.Reason{2: office.ErrWordingPlaces, 3: office.ErrWordingUnknown, 4: office.ErrWordingUnknown, 5: office.ErrWordingUnknown,
				6: office.ErrWordingPlain, 7: office.ErrWordingEmpty, 9: office.ErrWordingUnknown}},
	} {
		k := &kept{}
		id, read, err := wordings(k, nil).ReadFile(t.Context(), anna, once.Form{}, strings.NewReader(x.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var changes []string
		for _, c := range read.Changes {
			changes = append(changes, c.Key+" "+string(c.In)+" "+c.To.Other)
		}
		faults := map[int]*fault.Reason{}
		for _, f := range read.Faults {
			faults[f.Line] = f.Reason
		}
		if !slices.Equal(changes, x.changes) || read.Same != x.same || !maps.Equal(faults, x.faults) {
			t.Errorf("%s: %q, %d the same, %v", name, changes, read.Same, faults)
		}
		if (id == "") != (len(x.faults) > 0) || id != "" && (k.saved.State != office.WordingDraft || !k.saved.FromFile) {
			t.Errorf("%s: draft %q, %+v", name, id, k.saved)
		}
	}
	for name, file := range map[string]string{"nothing": "", "no headings": "a.plain;de;other;Abmelden\n", "a broken quote": "chiave;lingua;forma;testo\na.plain;de;other;\"x\n", "something else": "%PDF-1.7\n\x00\x01"} {
		if _, _, err := wordings(&kept{}, nil).ReadFile(t.Context(), anna, once.Form{}, strings.NewReader(file)); !errors.Is(err, office.ErrWordingFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := wordings(&kept{}, nil).ReadFile(t.Context(), watcher, once.Form{}, strings.NewReader("")); !errors.Is(err, identity.ErrNoDuty) {
		t.Error(err)
	}
}

func FuzzAnyFileOfTextsIsReadOrRefused(f *testing.F) {
	f.Add([]byte("\ufeffchiave;lingua;forma;testo\na.plain;de;other;Abmelden\n"))
	f.Add([]byte("chiave,lingua,forma,testo\na.count,sl,two,\"{{.Count}}\n\"\n"))
	f.Add([]byte("testo;forma;lingua;chiave\n'=1;other;it;a.plain\n;;;\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, read, err := wordings(&kept{}, nil).ReadFile(t.Context(), anna, once.Form{}, strings.NewReader(string(file)))
		if err != nil && !errors.Is(err, office.ErrWordingFile) {
			t.Fatal(err)
		}
		for _, c := range read.Changes {
			at := slices.IndexFunc(shipped, func(s office.ShippedText) bool { return s.Key == c.Key })
			if _, flaws := shipped[at].Flaws(c.In, c.To); len(flaws) > 0 {
				t.Fatalf("%+v is taken: %v", c, flaws)
			}
		}
		for _, x := range read.Faults {
			if x.Line < 1 || !utf8.ValidString(x.Key) {
				t.Fatalf("%+v", x)
			}
		}
	})
}

func TestPagesSayWhatWasPublishedLast(t *testing.T) {
	t.Parallel()
	var said map[office.Lang]map[string]office.Wording
	spoken := 0
	k := &kept{last: 2, inForce: office.InForce{"de": {
		"a.plain": {Wording: office.Wording{Other: "Abmelden"}, Number: 1},
		"a.day":   {Number: 2, Back: true},
		"a.gone":  {Wording: office.Wording{Other: "x"}, Number: 1},
		"a.count": {Wording: office.Wording{Other: "ohne Zahl"}, Number: 1}, // of another version of the program
	}}}
	s := wordings(k, func(all map[office.Lang]map[string]office.Wording) error { said, spoken = all, spoken+1; return nil })
	for range 2 {
		if err := s.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if spoken != 1 || len(said["de"]) != 1 || said["de"]["a.plain"].Other != "Abmelden" {
		t.Errorf("said %d times: %v", spoken, said)
	}
	k.last = 3
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if s.Watch(ctx, time.Hour, func(err error) { t.Error(err) }); spoken != 2 {
		t.Errorf("said %d times", spoken)
	}
}
