package indemnity_test

import (
	"slices"
	"testing"

	"portal/internal/calendar"
	"portal/internal/indemnity"
)

// The table of domain §3: of each paper when it is wanted, for an ordinary event, a cycle,
// a pregnancy, and heirs of an ordinary event; and what its lack means.
func TestThePapersAreThoseOfTheCall(t *testing.T) {
	t.Parallel()
	rules := may(t).Rules
	const no = indemnity.Occasion("")
	table := []struct {
		kind                                indemnity.PaperKind
		ordinary, cycle, pregnancy, byHeirs indemnity.Occasion
		lack                                indemnity.Lack
	}{
		{indemnity.IdentityWhole, indemnity.WantedAlways, indemnity.WantedAlways, indemnity.WantedAlways, indemnity.WantedAlways, indemnity.LackInadmissible},
		{indemnity.InitialPrognosis, indemnity.WantedAlways, no, no, indemnity.WantedOnceEnded, indemnity.LackInadmissible},
		{indemnity.ExtensionPrognosis, indemnity.WantedPerPeriod, no, indemnity.WantedAfterward, indemnity.WantedPerPeriod, indemnity.LackDays},
		{indemnity.CycleFinal, no, indemnity.WantedAlways, no, no, indemnity.LackInadmissible},
		{indemnity.ASLInterdiction, no, no, indemnity.WantedAlways, no, indemnity.LackInadmissible},
		{indemnity.HeirsFinal, no, no, no, indemnity.WantedAtDeath, indemnity.LackInadmissible},
		{indemnity.HospitalStay, indemnity.WantedPerStay, indemnity.WantedPerStay, indemnity.WantedPerStay, indemnity.WantedPerStay, indemnity.LackInadmissible},
		{indemnity.DeathCertificate, no, no, no, indemnity.WantedAlways, indemnity.LackSupplement},
		{indemnity.ISEEStatement, indemnity.WantedAtWish, indemnity.WantedAtWish, indemnity.WantedAtWish, indemnity.WantedAtWish, indemnity.LackZeroPoints},
	}
	columns := []struct {
		name string
		kind indemnity.EventKind
		by   indemnity.ApplicantKind
	}{
		{"ordinary", indemnity.Ordinary, indemnity.ByMember}, {"cycle", indemnity.TherapyCycle, indemnity.ByMember},
		{"pregnancy", indemnity.RiskInterruption, indemnity.ByMember}, {"heirs", indemnity.Ordinary, indemnity.ByHeirs},
	}
	for i, c := range columns {
		wanted := rules.Wanted(c.kind, c.by)
		count := 0
		for _, row := range table {
			when := []indemnity.Occasion{row.ordinary, row.cycle, row.pregnancy, row.byHeirs}[i]
			at := slices.IndexFunc(wanted, func(w indemnity.Want) bool { return w.Kind == row.kind })
			switch {
			case when == no && at >= 0:
				t.Errorf("%s: %s is wanted", c.name, row.kind)
			case when == no:
			case at < 0 || wanted[at] != indemnity.Want{Kind: row.kind, When: when, Lack: row.lack}:
				t.Errorf("%s: %s is not wanted as %s, %s: %v", c.name, row.kind, when, row.lack, wanted)
			default:
				count++
			}
		}
		if count != len(wanted) {
			t.Errorf("%s: %d papers are wanted, %d are in the table", c.name, len(wanted), count)
		}
	}
}

// What a page says of a missing paper is what the examination makes of it.
func TestALackMeansWhatTheExaminationMakesOfIt(t *testing.T) {
	t.Parallel()
	call := may(t)
	events := map[indemnity.EventKind][]change{
		indemnity.Ordinary:         nil,
		indemnity.TherapyCycle:     {sessions(10)},
		indemnity.RiskInterruption: {interrupted("2026-05-21")},
	}
	without := func(kind indemnity.PaperKind) change {
		return func(f *indemnity.Facts) {
			switch kind {
			case indemnity.IdentityWhole:
				f.Identity = indemnity.IdentityMissing
			case indemnity.ISEEStatement:
				f.ISEE = indemnity.ISEE{Status: indemnity.ISEENotPresented}
			case indemnity.DeathCertificate:
				f.DeathCertificate = false
			case indemnity.HospitalStay:
				f.Event.Stays = append(f.Event.Stays, indemnity.Stay{Period: f.Event.Period})
			default:
				f.Event.Certificates = slices.DeleteFunc(slices.Clone(f.Event.Certificates), func(c indemnity.Certificate) bool { return c.Kind == kind })
			}
		}
	}
	outcomes := map[indemnity.Lack]indemnity.Outcome{
		indemnity.LackInadmissible: indemnity.OutcomeInadmissible, indemnity.LackSupplement: indemnity.OutcomePending,
		indemnity.LackZeroPoints: indemnity.OutcomeRanked, indemnity.LackDays: indemnity.OutcomeRanked,
	}
	for kind, changes := range events {
		for _, by := range []indemnity.ApplicantKind{indemnity.ByMember, indemnity.ByHeirs} {
			f := sound(changes...)
			if by == indemnity.ByHeirs {
				heirs("2026-05-25")(&f) // the event had ended
			}
			for _, w := range call.Rules.Wanted(kind, by) {
				if w.When == indemnity.WantedAtDeath {
					continue
				}
				results, _ := indemnity.Examine(&call, day("2026-06-20"), []indemnity.Facts{with(f, without(w.Kind))})
				if r := results[0]; r.Outcome != outcomes[w.Lack] || w.Lack == indemnity.LackZeroPoints && r.Score.ISEE != 0 {
					t.Errorf("%s of %s without %s is %s %v, and was said to be %s", kind, by, w.Kind, r.Outcome, r.Codes, w.Lack)
				}
			}
		}
	}
	f := with(sound(), heirs("2026-05-21"), noPapers) // the death ended it
	if results, _ := indemnity.Examine(&call, day("2026-06-20"), []indemnity.Facts{f}); results[0].Outcome != indemnity.OutcomeInadmissible {
		t.Errorf("heirs without the certificate of the end: %s", results[0].Outcome)
	}
}

func TestAStayWithoutItsCopyMayCostItsDaysAlone(t *testing.T) { // A21
	t.Parallel()
	rules := may(t).Rules
	rules.Readings.HospitalCopyMissing.Is = indemnity.DaysNotCounted
	for _, w := range rules.Wanted(indemnity.Ordinary, indemnity.ByMember) {
		if w.Kind == indemnity.HospitalStay && w.Lack != indemnity.LackDays {
			t.Errorf("it is %s", w.Lack)
		}
	}
}

// filed is a paper with its file.
func filed(id string, kind indemnity.PaperKind, from, to string) indemnity.Paper {
	p := indemnity.Paper{ID: indemnity.PaperID(id), Kind: kind, Attachment: "file-" + id}
	if from != "" {
		p.IssuedOn, p.Covers = day(from), days(from, to)
	}
	return p
}

func unfiled(p indemnity.Paper) indemnity.Paper { p.Attachment = ""; return p }

func issued(p indemnity.Paper, on string) indemnity.Paper { p.IssuedOn = day(on); return p }

func TestADraftKnowsWhichPapersItLacks(t *testing.T) {
	t.Parallel()
	rules := may(t).Rules
	front, back := filed("f", indemnity.IdentityFront, "", ""), filed("b", indemnity.IdentityBack, "", "")
	whole, isee := filed("w", indemnity.IdentityWhole, "", ""), filed("i", indemnity.ISEEStatement, "", "")
	initial := filed("c", indemnity.InitialPrognosis, "2026-05-01", "2026-05-10")
	further := filed("e", indemnity.ExtensionPrognosis, "2026-05-11", "2026-05-20")
	for name, c := range map[string]struct {
		answers indemnity.Answers
		papers  []indemnity.Paper
		want    []indemnity.Missing
	}{
		"nothing yet": {indemnity.Answers{Cause: indemnity.Illness}, nil, []indemnity.Missing{
			{Kind: indemnity.IdentityWhole, Lack: indemnity.LackInadmissible}, {Kind: indemnity.InitialPrognosis, Lack: indemnity.LackInadmissible},
			{Kind: indemnity.ISEEStatement, Lack: indemnity.LackZeroPoints}}},
		"no wish for an ISEE": {indemnity.Answers{Cause: indemnity.Injury, ISEE: indemnity.No}, []indemnity.Paper{whole, initial}, nil},
		"one side only (A41)": {indemnity.Answers{Cause: indemnity.Illness}, []indemnity.Paper{front, initial, isee}, []indemnity.Missing{
			{Kind: indemnity.IdentityBack, Lack: indemnity.LackSupplement}}},
		"the other side only, noted": {indemnity.Answers{Cause: indemnity.Illness}, []indemnity.Paper{back, unfiled(front), initial, isee}, []indemnity.Missing{
			{Kind: indemnity.IdentityFront, Lack: indemnity.LackSupplement, Paper: "f"}}},
		"an extension without its file": {indemnity.Answers{Cause: indemnity.Illness}, []indemnity.Paper{front, back, initial, unfiled(further), isee}, []indemnity.Missing{
			{Kind: indemnity.ExtensionPrognosis, Lack: indemnity.LackDays, Paper: "e"}}},
		"a cycle":     {indemnity.Answers{Cause: indemnity.Cycles}, []indemnity.Paper{whole, initial, isee}, []indemnity.Missing{{Kind: indemnity.CycleFinal, Lack: indemnity.LackInadmissible}}},
		"a pregnancy": {indemnity.Answers{Cause: indemnity.Interrupted}, []indemnity.Paper{whole, initial, isee}, []indemnity.Missing{{Kind: indemnity.ASLInterdiction, Lack: indemnity.LackInadmissible}}},
	} {
		d := indemnity.Draft{Answers: c.answers, Papers: c.papers}
		if got := d.MissingPapers(&rules); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestEveryDoubtOfAPaperIsTold(t *testing.T) {
	t.Parallel()
	rules := may(t).Rules
	illness := indemnity.Answers{Cause: indemnity.Illness, First: day("2026-04-22"), Last: day("2026-05-31")}
	initial := filed("c", indemnity.InitialPrognosis, "2026-04-22", "2026-05-18")
	further := filed("e", indemnity.ExtensionPrognosis, "2026-05-21", "2026-05-31")
	mended := filed("e", indemnity.ExtensionPrognosis, "2026-05-19", "2026-05-31")
	cycle := indemnity.Answers{Cause: indemnity.Cycles, Stops: []calendar.Period{days("2026-05-04", "2026-05-06"), days("2026-05-18", "2026-05-22")}}
	final := indemnity.Paper{ID: "c", Kind: indemnity.CycleFinal, IssuedOn: day("2026-05-22"), Attachment: "x"}
	for name, c := range map[string]struct {
		answers indemnity.Answers
		papers  []indemnity.Paper
		want    []indemnity.Remark
	}{
		"nothing yet":     {illness, nil, nil},
		"all is well":     {illness, []indemnity.Paper{initial, mended}, nil},
		"a gap (R27)":     {illness, []indemnity.Paper{initial, further}, []indemnity.Remark{{Doubt: indemnity.DoubtGap, Days: []calendar.Period{days("2026-05-19", "2026-05-20")}, Lack: indemnity.LackDays}}},
		"filled by stays": {illness, []indemnity.Paper{initial, further, filed("h", indemnity.HospitalStay, "2026-05-18", "2026-05-20")}, nil},
		"the copy of a stay is missing (A21)": {illness, []indemnity.Paper{initial, mended, unfiled(filed("h", indemnity.HospitalStay, "2026-05-18", "2026-05-20"))},
			[]indemnity.Remark{{Doubt: indemnity.DoubtStayNoCopy, Paper: "h", Lack: indemnity.LackInadmissible}}},
		"issued later (A37)": {illness, []indemnity.Paper{issued(initial, "2026-04-24"), mended}, []indemnity.Remark{
			{Doubt: indemnity.DoubtIssuedLate, Paper: "c", Days: []calendar.Period{days("2026-04-22", "2026-04-24")}}}},
		"beyond the period": {illness, []indemnity.Paper{filed("c", indemnity.InitialPrognosis, "2026-04-20", "2026-06-02")}, []indemnity.Remark{
			{Doubt: indemnity.DoubtOutside, Paper: "c", Days: []calendar.Period{days("2026-04-20", "2026-04-21"), days("2026-06-01", "2026-06-02")}}}},
		"an extension alone (R25)": {illness, []indemnity.Paper{filed("e", indemnity.ExtensionPrognosis, "2026-04-22", "2026-05-31")}, []indemnity.Remark{
			{Doubt: indemnity.DoubtExtensionAlone, Lack: indemnity.LackInadmissible}}},
		"no initial certificate (R25)": {illness, []indemnity.Paper{filed("h", indemnity.HospitalStay, "2026-04-22", "2026-05-31")}, []indemnity.Remark{
			{Doubt: indemnity.DoubtNoProof, Lack: indemnity.LackInadmissible}}},
		"noted, without a file": {illness, []indemnity.Paper{initial, unfiled(mended)}, []indemnity.Remark{
			{Doubt: indemnity.DoubtNoFile, Paper: "e"}, {Doubt: indemnity.DoubtGap, Days: []calendar.Period{days("2026-05-19", "2026-05-31")}, Lack: indemnity.LackDays}}},
		"of another cause": {illness, []indemnity.Paper{filed("c", indemnity.InitialPrognosis, "2026-04-22", "2026-05-31"), final}, []indemnity.Remark{{Doubt: indemnity.DoubtOtherCause, Paper: "c"}}},
		"the cycle went on": {cycle, []indemnity.Paper{issued(final, "2026-05-20")}, []indemnity.Remark{
			{Doubt: indemnity.DoubtIssuedEarly, Paper: "c", Days: []calendar.Period{days("2026-05-20", "2026-05-22")}}}},
		"a cycle": {cycle, []indemnity.Paper{final}, nil},
		"a last day that nobody knows yet": {indemnity.Answers{Cause: indemnity.Illness, First: day("2026-04-22")}, []indemnity.Paper{initial, further}, []indemnity.Remark{
			{Doubt: indemnity.DoubtGap, Days: []calendar.Period{days("2026-05-19", "2026-05-20")}, Lack: indemnity.LackDays}}},
	} {
		got := indemnity.Draft{Answers: c.answers, Papers: c.papers}.Remarks(&rules)
		if !slices.EqualFunc(got, c.want, func(a, b indemnity.Remark) bool {
			return a.Doubt == b.Doubt && a.Paper == b.Paper && a.Lack == b.Lack && slices.Equal(a.Days, b.Days)
		}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTheDayLineIsCutWhereAPaperBeginsOrEnds(t *testing.T) {
	t.Parallel()
	papers := []indemnity.Paper{
		filed("c", indemnity.InitialPrognosis, "2026-04-22", "2026-05-18"), filed("h", indemnity.HospitalStay, "2026-05-16", "2026-05-18"),
		filed("e", indemnity.ExtensionPrognosis, "2026-05-21", "2026-05-31"), unfiled(filed("x", indemnity.ExtensionPrognosis, "2026-05-19", "2026-05-20")),
	}
	line := []indemnity.DaySpan{{Period: days("2026-04-22", "2026-04-27"), Why: indemnity.WhyFirstDays}, {Period: days("2026-04-28", "2026-05-18"), Why: indemnity.WhyPaid},
		{Period: days("2026-05-19", "2026-05-20"), Why: indemnity.WhyNotCertified}, {Period: days("2026-05-21", "2026-05-31"), Why: indemnity.WhyAfterGap}}
	want := []indemnity.CoveredSpan{
		{DaySpan: line[0], By: []indemnity.PaperID{"c"}},
		{DaySpan: indemnity.DaySpan{Period: days("2026-04-28", "2026-05-15"), Why: indemnity.WhyPaid}, By: []indemnity.PaperID{"c"}},
		{DaySpan: indemnity.DaySpan{Period: days("2026-05-16", "2026-05-18"), Why: indemnity.WhyPaid}, By: []indemnity.PaperID{"c", "h"}},
		{DaySpan: line[2]}, {DaySpan: line[3], By: []indemnity.PaperID{"e"}},
	}
	got := indemnity.Cover(line, papers)
	if !slices.EqualFunc(got, want, func(a, b indemnity.CoveredSpan) bool { return a.DaySpan == b.DaySpan && slices.Equal(a.By, b.By) }) {
		t.Errorf("%v", got)
	}
	if all := indemnity.LineDays(line, papers); all != days("2026-04-22", "2026-05-31") {
		t.Errorf("it is drawn over %v", all)
	}
}
