package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkP9RankIndemnity is an examination with ranking from file to file by the
// program as it is built: its seconds and its memory, and what ten times as many
// applications cost.
func BenchmarkP9RankIndemnity(b *testing.B) {
	r := newReport(b, "P9", "seconds and megabytes of portal rank indemnity; 200,000 applications over 20,000")
	dir := b.TempDir()
	few, many, out := filepath.Join(dir, "20k.json"), filepath.Join(dir, "200k.json"), filepath.Join(dir, "out.json")
	writeIndemnities(b, few, 20_000)
	writeIndemnities(b, many, 200_000)
	rank := func(in string) spent {
		return spend(b, nil, program(b), "rank", "indemnity", "--in", in, "--out", out)
	}
	var table figures
	turns(b, func(counted bool) {
		ranked, all := rank(few), rank(many)
		if !counted {
			return
		}
		table.note("20k applications, s", "≤ 1", ranked.wall)
		table.note("20k applications, s of processor", "", ranked.processor)
		table.note("20k applications, MB", "≤ 200", ranked.megabytes)
		table.compare("200k over 20k, s of processor", "≤ 11", ranked.processor, all.processor)
		table.compare("200k over 20k, MB", "≤ 11", ranked.megabytes, all.megabytes)
	})
	table.publish(b, r)
	r.keep(b)
}

// writeIndemnities makes up a batch, the same each time: events that ended in May 2026,
// one in eight a cycle, one in twenty with something against it, some of one member.
func writeIndemnities(b *testing.B, name string, n int) {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	type object = map[string]any
	chance := rand.New(rand.NewPCG(2026, uint64(n)))
	euros := func(most int) string { return fmt.Sprintf("%d.%02d", chance.IntN(most), chance.IntN(100)) }
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintf(w, "{\n \"call\": {\"call_id\": \"2026-05\", \"event_end_from\": \"2026-05-01\", \"event_end_to\": \"2026-05-31\", \"budget\": \"%d.00\"},\n \"applications\": [\n", 600*n)
	for i := range n {
		last := time.Date(2026, time.May, 1+chance.IntN(31), 0, 0, 0, 0, time.UTC)
		first := last.AddDate(0, 0, -5-chance.IntN([]int{14, 45, 250}[chance.IntN(3)]))
		day := func(t time.Time) string { return t.Format(time.DateOnly) }
		middle := first.Add(last.Sub(first) / 2).Truncate(24 * time.Hour)
		a := object{
			"application_id": fmt.Sprintf("A%07d", i), "applicant_id": fmt.Sprintf("M%07d", chance.IntN(n)), "applicant_kind": "member", "channel": "portal",
			"submitted_at":  last.AddDate(0, 0, 1+chance.IntN(10)).Add(time.Duration(chance.IntN(86_400)) * time.Second).Format("2006-01-02T15:04:05"),
			"active_member": chance.IntN(40) > 0, "enrolment_application_date": "2010-03-01", "enrolment_date": day(time.Date(2010, 1, 1+chance.IntN(3000), 0, 0, 0, 0, time.UTC)),
			"event_type": "ordinary", "event_start": day(first), "event_end": day(last), "cycle_multi_year": false,
			"certificates": []object{
				{"kind": "initial_prognosis", "issued_on": day(first), "from": day(first), "to": day(middle), "in_prognosis_form": true},
				{"kind": "extension_prognosis", "issued_on": day(middle), "from": day(middle), "to": day(last), "in_prognosis_form": true}},
			"hospital_stays": []object{}, "interruption_periods": []object{}, "death_certificate_attached": false,
			"identity_document": []string{"valid", "defective"}[chance.IntN(20)/19], "worked_during_period": false, "formal_defects": []string{},
			"declarations": object{"true_copy": true, "no_professional_activity": true, "other_mandatory_cover": chance.IntN(6) == 0, "exclusive_self_employment": chance.IntN(4) > 0},
			"isee":         object{"status": "valid", "value": euros(70_000)}, "net_income_by_year": object{"2025": euros(40_000), "2024": euros(40_000), "2023": euros(40_000)},
			"contribution":           object{"declarations_complete": true, "debt_at_submission": "0.00", "instalment_plan_residual": "0.00", "debt_after_submission": "0.00", "regularisation": nil},
			"prior_indemnified_days": object{}, "withholding_rate": []string{"20.00", "0.00"}[chance.IntN(2)],
		}
		if chance.IntN(8) == 0 {
			var stops []object
			for d := last; !d.Before(first); d = d.AddDate(0, 0, -7) {
				stops = append(stops, object{"from": day(d.AddDate(0, 0, -1)), "to": day(d)})
			}
			a["event_type"], a["interruption_periods"] = "therapy_cycle", stops
			a["certificates"] = []object{{"kind": "cycle_final", "issued_on": day(last), "from": day(first), "to": day(last), "in_prognosis_form": false}}
		}
		text, err := json.MarshalIndent(a, "  ", " ")
		if err != nil {
			b.Fatal(err)
		}
		if i > 0 {
			fmt.Fprint(w, ",\n")
		}
		fmt.Fprintf(w, "  %s", text)
	}
	fmt.Fprint(w, "\n ]\n}\n")
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}
