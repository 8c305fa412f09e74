package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The example of the contract: data made up, with every outcome.
const (
	exampleBatch   = "../../internal/indemnity/testdata/indemnity-batch.json"
	exampleResults = "../../internal/indemnity/testdata/indemnity-result.json"
)

func TestTheExampleOfTheIndemnityIsExamined(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, want := filepath.Join(dir, "result.json"), contents(t, exampleResults)+"\n"
	for _, before := range []string{"nothing", "an older result"} {
		if a := ask(t, nil, "rank", "indemnity", "--in", exampleBatch, "--out", out); a != (answer{code: done}) {
			t.Errorf("where %s stood: %+v", before, a)
		}
		if contents(t, out) != want {
			t.Errorf("where %s stood the result is another", before)
		}
		if about, err := os.Stat(out); err != nil || about.Mode().Perm() != 0o600 {
			t.Errorf("others may read what is said of persons: %v, %v", about, err)
		}
		write0600(t, out, before)
	}
	wantAlone(t, dir, "result.json")

	cmd := exec.CommandContext(t.Context(), os.Args[0], "rank", "indemnity", "--in", "-", "--out", "-")
	cmd.Env = append(os.Environ(), asPortal+"=1")
	cmd.Stdin = strings.NewReader(contents(t, exampleBatch))
	var said bytes.Buffer
	cmd.Stderr = &said
	if text, err := cmd.Output(); err != nil || said.Len() > 0 || string(text) != want {
		t.Errorf("from standard input to standard output: %v, %s", err, said.String())
	}
}

func TestAReadingIsSetForARehearsal(t *testing.T) {
	t.Parallel()
	a := ask(t, nil, "rank", "indemnity", "--in", exampleBatch, "--out", "-", "--set", "BUDGET_CUT_POLICY=skip", "--set", "DEFAULT_WITHHOLDING_RATE=23.00")
	if a.code != done || !strings.Contains(a.out, `"funded": 16`) {
		t.Errorf("%+v", a)
	}
}

func TestABadBatchIsToldAndLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad, worse, broken := filepath.Join(dir, "bad.json"), filepath.Join(dir, "worse.json"), filepath.Join(dir, "broken.json")
	write0600(t, bad, strings.Replace(contents(t, exampleBatch), `"value": "54086.56"`, `"value": "-54086.56"`, 1))
	write0600(t, worse, strings.ReplaceAll(contents(t, exampleBatch), `"active_member"`, `"active"`))
	write0600(t, broken, contents(t, exampleBatch)[:2000])
	for _, c := range []struct {
		in, first string
		lines     int
		last      string
	}{
		{bad, bad + ": applications[0].isee.value: is negative", 2, bad + ": 1 thing is wrong"},
		{worse, worse + ": applications[0].active: is not a field of an application", 21, worse + ": 58 things are wrong, of which these are the first 20"},
		{broken, broken + ": applications[1]", 2, broken + ": 1 thing is wrong"},
	} {
		outs := t.TempDir()
		there, fresh := filepath.Join(outs, "there.json"), filepath.Join(outs, "fresh.json")
		write0600(t, there, "as it was")
		for _, out := range []string{there, fresh, "-"} {
			a := ask(t, nil, "rank", "indemnity", "--in", c.in, "--out", out)
			lines := strings.Split(strings.TrimSuffix(a.err, "\n"), "\n")
			if a.code != failed || a.out != "" || !strings.HasPrefix(a.err, c.first) || len(lines) != c.lines || lines[len(lines)-1] != c.last {
				t.Errorf("to %s: %+v", filepath.Base(out), a)
			}
		}
		wantAlone(t, outs, "there.json")
		if contents(t, there) != "as it was" {
			t.Error("the result that stood there is another")
		}
	}
}

func TestTheIndemnityWithoutItsFilesOrReadingsIsWrongUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "--in"},
		{[]string{"--in", exampleBatch}, "--out"},
		{[]string{"--in", exampleBatch, "--out", "-", "--set", "BUDGET_BASIS"}, "is not READING=VALUE"},
		{[]string{"--in", exampleBatch, "--out", "-", "--set", "BUDGET=net"}, `"BUDGET" is not a reading: there are SHORT_EVENT_METHOD`},
		{[]string{"--in", exampleBatch, "--out", "-", "--set", "BUDGET_BASIS=Net"}, `"Net" is not a value of BUDGET_BASIS: gross, net`},
		{[]string{"--in", exampleBatch, "--out", "-", "--budget", "1.00"}, "--budget"},
	} {
		if a := ask(t, nil, append([]string{"rank", "indemnity"}, c.args...)...); a.code != wrongUsage || a.out != "" || !strings.Contains(a.err, c.want) {
			t.Errorf("%v: %+v", c.args, a)
		}
	}
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	if a := ask(t, nil, "rank", "indemnity", "--in", nowhere, "--out", "-"); a.code != failed || !strings.HasPrefix(a.err, "portal: ") {
		t.Errorf("%+v", a)
	}
}
