package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// report is what was measured for one goal.
type report struct {
	Goal    string    `json:"goal"`
	What    string    `json:"what"`
	At      time.Time `json:"at"`
	Go      string    `json:"go"`
	CPUs    int       `json:"cpus"`
	Load    string    `json:"load"` // of the machine at the start: 1, 5 and 15 minutes
	Round   string    `json:"round"`
	Figures []*figure `json:"figures"`
}

func newReport(b *testing.B, goal, what string) *report {
	b.Helper()
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		b.Fatal(err)
	}
	return &report{Goal: goal, What: what, At: time.Now().UTC(), Go: runtime.Version(), CPUs: runtime.GOMAXPROCS(0),
		Load: strings.Join(strings.Fields(string(load))[:3], " "), Round: round(b).String()}
}

// keep writes the report to its file.
func (r *report) keep(b *testing.B) {
	b.Helper()
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		b.Fatal(err)
	}
	if err := os.MkdirAll(folder(b), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(folder(b, r.Goal+".json"), append(text, '\n'), 0o644); err != nil {
		b.Fatal(err)
	}
}

// figure is one quantity, turn by turn. Where there is a limit, its turn came just
// before the project's, and the ratio is taken pair by pair.
type figure struct {
	Name    string    `json:"name"`
	Wanted  string    `json:"wanted,omitempty"` // the goal: of the ratio, or of the project where there is no limit
	Limit   []float64 `json:"limit,omitempty"`
	Project []float64 `json:"project"`
	Ratio   *spread   `json:"ratio,omitempty"`
}

// spread is the middle of some values with their ends.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

func spreadOf(values []float64) spread {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return spread{(s[(n-1)/2] + s[n/2]) / 2, s[0], s[n-1]}
}

// pairwise is the spread of project over limit.
func pairwise(limit, project []float64) spread {
	ratios := make([]float64, len(project))
	for i := range project {
		ratios[i] = project[i] / limit[i]
	}
	return spreadOf(ratios)
}

// figures are those of one table.
type figures struct{ list []*figure }

// compare adds a turn of limit and project.
func (f *figures) compare(name, wanted string, limit, project float64) {
	x := f.named(name, wanted)
	x.Limit, x.Project = append(x.Limit, limit), append(x.Project, project)
}

// note adds a turn of what has no limit.
func (f *figures) note(name, wanted string, project float64) {
	x := f.named(name, wanted)
	x.Project = append(x.Project, project)
}

func (f *figures) named(name, wanted string) *figure {
	i := slices.IndexFunc(f.list, func(x *figure) bool { return x.Name == name })
	if i < 0 {
		i = len(f.list)
		f.list = append(f.list, &figure{Name: name, Wanted: wanted})
	}
	return f.list[i]
}

// publish adds the table to a report and prints it, with the ratios as metrics.
func (f *figures) publish(b *testing.B, r *report) {
	b.Helper()
	var text strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\tlimit\tproject\tratio\tmin–max\twanted\n", r.Goal)
	for _, x := range f.list {
		project := spreadOf(x.Project)
		metric := strings.NewReplacer(" ", "-", ",", "").Replace(x.Name)
		if x.Limit == nil {
			fmt.Fprintf(t, "%s\t\t%s\t\t%s–%s\t%s\n", x.Name, short(project.Median), short(project.Min), short(project.Max), x.Wanted)
			b.ReportMetric(project.Median, metric)
			continue
		}
		ratio := pairwise(x.Limit, x.Project)
		x.Ratio = &ratio
		fmt.Fprintf(t, "%s\t%s\t%s\t%.3f\t%.3f–%.3f\t%s\n", x.Name, short(spreadOf(x.Limit).Median), short(project.Median),
			ratio.Median, ratio.Min, ratio.Max, x.Wanted)
		b.ReportMetric(ratio.Median, metric+":ratio")
	}
	t.Flush()
	b.Log(strings.TrimSpace(text.String()))
	r.Figures = append(r.Figures, f.list...)
}

// short is a number with as many decimals as mean something.
func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func TestTheRatioIsTakenPairByPair(t *testing.T) {
	t.Parallel()
	// A machine that grew three times slower midway says nothing of the project.
	got := pairwise([]float64{900, 300, 300}, []float64{450, 150, 120})
	if want := (spread{0.5, 0.4, 0.5}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
