package bench

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// The files of a ranking are as long as an edition of this many applications.
const (
	million      = 1_000_000
	fourMillions = 4 * million
)

// BenchmarkP6Rank is a ranking from file to file by the program as it is built,
// over GNU sort of the same file, which only puts it in order; and what four
// times as many applications cost.
func BenchmarkP6Rank(b *testing.B) {
	r := newReport(b, "P6", "seconds and megabytes of portal rank voucher, over GNU sort of the same file")
	dir := b.TempDir()
	territories := realTerritories(b)
	edition := filepath.Join(dir, "edition.json")
	writeEdition(b, edition, territories)
	one, four, out := filepath.Join(dir, "1M.csv"), filepath.Join(dir, "4M.csv"), filepath.Join(dir, "out.csv")
	writeApplications(b, one, territories, million)
	writeApplications(b, four, territories, fourMillions)

	rank := func(in string) spent {
		return spend(b, nil, program(b), "rank", "voucher", "--edition", edition, "--in", in, "--out", out)
	}
	var table figures
	turns(b, func(counted bool) {
		sorted := spend(b, []string{"LC_ALL=C"}, "sort", "-t,", "-k2,2", "-k3,3n", "-k5,5", "--parallel=2", "-o", out, one)
		ranked := rank(one)
		rankedFour := rank(four)
		if !counted {
			return
		}
		table.compare("1M rows over sort, s", "≤ 1.0", sorted.wall, ranked.wall)
		table.compare("1M rows over sort, s of processor", "", sorted.processor, ranked.processor)
		table.compare("4M rows over 1M, s", "≤ 5", ranked.wall, rankedFour.wall)
		table.note("1M rows, MB", "≤ 300", ranked.megabytes)
		table.compare("4M rows over 1M, MB", "", ranked.megabytes, rankedFour.megabytes)
	})
	table.publish(b, r)
	r.keep(b)
}

// spent is what a program took.
type spent struct {
	wall, processor float64 // in seconds
	megabytes       float64 // of memory, at its peak
}

// spend runs a program to its end.
func spend(b *testing.B, env []string, name string, args ...string) spent {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	from := time.Now()
	if said, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", name, err, said)
	}
	s := spent{wall: time.Since(from).Seconds()}
	s.processor = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	s.megabytes = float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024 // KiB on Linux
	return s
}

// realTerritory is a territory of the edition of 2022.
type realTerritory struct {
	name   string
	budget int // in euro
}

func realTerritories(b *testing.B) []realTerritory {
	b.Helper()
	f, err := os.Open("../voucher/testdata/territories.csv")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	var all []realTerritory
	for _, row := range rows[1:] {
		budget, err := strconv.Atoi(row[2])
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, realTerritory{row[0], budget})
	}
	return all
}

func writeEdition(b *testing.B, name string, territories []realTerritory) {
	b.Helper()
	budgets := map[string]string{}
	for _, t := range territories {
		budgets[t.name] = fmt.Sprintf("%d.00", t.budget)
	}
	band := func(upTo, amount string) map[string]any {
		return map[string]any{"isee_up_to": upTo, "inclusive": true, "amount": amount}
	}
	text, err := json.Marshal(map[string]any{"edition_id": "2022", "budgets": budgets,
		"bands": []any{band("15000.00", "600.00"), band("25000.00", "400.00"), band("50000.00", "200.00")}})
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o600); err != nil {
		b.Fatal(err)
	}
}

// writeApplications makes up applications, the same each time: by territory as
// many as its share of the money, one in twenty without a valid ISEE.
func writeApplications(b *testing.B, name string, territories []realTerritory, n int) {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	all := 0
	for _, t := range territories {
		all += t.budget
	}
	chance := rand.New(rand.NewPCG(2022, uint64(n)))
	somewhere := func() string {
		euro := chance.IntN(all)
		for _, t := range territories {
			if euro -= t.budget; euro < 0 {
				return t.name
			}
		}
		return ""
	}
	opening := time.Date(2022, time.July, 25, 0, 0, 0, 0, time.UTC)
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "application_id,territory,isee,isee_status,submitted_at")
	for i := range n {
		cents := int(chance.ExpFloat64() * 15_000_00)
		isee, status := fmt.Sprintf("%d.%02d", cents/100, cents%100), "valid"
		switch chance.IntN(40) {
		case 0:
			status = "defective"
		case 1:
			isee, status = "", "missing"
		}
		at := opening.Add(time.Duration(chance.Int64N(int64(91 * 24 * time.Hour))))
		fmt.Fprintf(w, "A%010X%07d,%s,%s,%s,%s\n", chance.Uint64()>>24, i, somewhere(), isee, status, at.Format("2006-01-02T15:04:05.000000Z"))
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}
