package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The example of the contract: data made up, with every outcome.
const (
	exampleEdition      = "../../internal/voucher/testdata/voucher-edition.json"
	exampleApplications = "../../internal/voucher/testdata/voucher-applications.csv"
	exampleRanking      = "../../internal/voucher/testdata/voucher-ranking.csv"
)

func contents(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write0600(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantAlone fails if a folder holds anything but the named files.
func wantAlone(t testing.TB, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("the folder holds %v, want %v", got, names)
	}
}

func TestTheExampleIsRankedByteForByte(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "ranking.csv")
	for _, before := range []string{"nothing", "an older ranking"} {
		a := ask(t, nil, "rank", "voucher", "--edition", exampleEdition, "--in", exampleApplications, "--out", out)
		if a != (answer{code: done}) {
			t.Errorf("where %s stood: %+v", before, a)
		}
		if contents(t, out) != contents(t, exampleRanking) {
			t.Errorf("where %s stood the ranking is another", before)
		}
		write0600(t, out, before)
	}
	wantAlone(t, dir, "ranking.csv")

	a := ask(t, nil, "rank", "voucher", "--edition", exampleEdition, "--in", exampleApplications, "--out", "-")
	if a != (answer{done, contents(t, exampleRanking), ""}) {
		t.Errorf("to standard output: %+v", a)
	}
}

func TestEitherFileMayComeFromStandardInput(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ edition, in, stdin string }{
		{exampleEdition, "-", exampleApplications},
		{"-", exampleApplications, exampleEdition},
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "rank", "voucher", "--edition", c.edition, "--in", c.in, "--out", "-")
		cmd.Env = append(os.Environ(), asPortal+"=1")
		cmd.Stdin = strings.NewReader(contents(t, c.stdin))
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil || said.Len() > 0 || string(out) != contents(t, exampleRanking) {
			t.Errorf("%+v: %v, %s", c, err, said.String())
		}
	}
}

func TestBadDataIsToldAndLeavesEverythingAsItWas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad, worse, edition := filepath.Join(dir, "bad.csv"), filepath.Join(dir, "worse.csv"), filepath.Join(dir, "edition.json")
	write0600(t, bad, strings.Replace(contents(t, exampleApplications), "4720.53", "-4720.53", 1))
	write0600(t, worse, strings.ReplaceAll(contents(t, exampleApplications), "Z\n", "\n"))
	write0600(t, edition, strings.Replace(contents(t, exampleEdition), `"25000.00"`, `"2500.00"`, 1))
	for _, c := range []struct {
		edition, in, first string
		lines              int
		last               string
	}{
		{exampleEdition, bad, bad + ":2: isee: is negative", 2, bad + ": 1 thing is wrong"},
		{exampleEdition, worse, worse + ":2: submitted_at: is not an instant", 21, worse + ": 60 things are wrong, of which these are the first 20"},
		{edition, exampleApplications, edition + ":10: bands[1].isee_up_to: is not above", 2, edition + ": 1 thing is wrong"},
	} {
		outs := t.TempDir()
		there, fresh := filepath.Join(outs, "there.csv"), filepath.Join(outs, "fresh.csv")
		write0600(t, there, "as it was")
		for _, out := range []string{there, fresh, "-"} {
			a := ask(t, nil, "rank", "voucher", "--edition", c.edition, "--in", c.in, "--out", out)
			lines := strings.Split(strings.TrimSuffix(a.err, "\n"), "\n")
			if a.code != failed || a.out != "" || !strings.HasPrefix(a.err, c.first) || len(lines) != c.lines || lines[len(lines)-1] != c.last {
				t.Errorf("to %s: %+v", filepath.Base(out), a)
			}
		}
		wantAlone(t, outs, "there.csv")
		if contents(t, there) != "as it was" {
			t.Error("the ranking that stood there is another")
		}
	}
}

func TestFilesThatAreNotThereAreFailures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	nowhere := filepath.Join(dir, "nowhere", "x")
	for _, args := range [][]string{
		{nowhere, exampleApplications, filepath.Join(dir, "out.csv")},
		{exampleEdition, nowhere, filepath.Join(dir, "out.csv")},
		{exampleEdition, exampleApplications, nowhere},
		{exampleEdition, dir, filepath.Join(dir, "out.csv")},
		{exampleEdition, exampleApplications, dir},
	} {
		a := ask(t, nil, "rank", "voucher", "--edition", args[0], "--in", args[1], "--out", args[2])
		if a.code != failed || a.out != "" || !strings.HasPrefix(a.err, "portal: ") || !strings.Contains(a.err, dir) {
			t.Errorf("%v: %+v", args, a)
		}
	}
	wantAlone(t, dir)
}

func TestRankingWithoutItsFilesIsWrongUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"rank"}, "voucher"},
		{[]string{"rank", "lottery"}, "lottery"},
		{[]string{"rank", "voucher"}, "--edition"},
		{[]string{"rank", "voucher", "--edition", "e", "--in", "a"}, "--out"},
		{[]string{"rank", "voucher", "--edition", "e", "--in", "a", "--out", "r", "more"}, "more"},
		{[]string{"rank", "voucher", "--edition", "-", "--in", "-", "--out", "-"}, "cannot both be standard input"},
	} {
		if a := ask(t, nil, c.args...); a.code != wrongUsage || a.out != "" || !strings.Contains(a.err, c.want) {
			t.Errorf("%v: %+v", c.args, a)
		}
	}
}

func TestAPipeIsWrittenIntoAndNotReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		b, err := os.ReadFile(pipe)
		if err != nil {
			t.Error(err)
		}
		read <- string(b)
	}()
	if a := ask(t, nil, "rank", "voucher", "--edition", exampleEdition, "--in", exampleApplications, "--out", pipe); a.code != done {
		t.Fatalf("%+v", a)
	}
	if <-read != contents(t, exampleRanking) {
		t.Error("another ranking came through the pipe")
	}
	wantAlone(t, dir, "pipe")
}

func TestALinkGoesOnLeadingWhereItDid(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "ranking.csv")
	write0600(t, elsewhere, "an older ranking")
	link := filepath.Join(dir, "link.csv")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}
	if a := ask(t, nil, "rank", "voucher", "--edition", exampleEdition, "--in", exampleApplications, "--out", link); a.code != done {
		t.Fatalf("%+v", a)
	}
	if to, err := os.Readlink(link); err != nil || to != elsewhere || contents(t, elsewhere) != contents(t, exampleRanking) {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}

func TestWhoStopsTheRankingFindsNothingChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, said bytes.Buffer
	code := run(ctx, []string{"rank", "voucher", "--edition", exampleEdition, "--in", exampleApplications, "--out", filepath.Join(dir, "out.csv")},
		streams{func(string) string { return "" }, &out, &said})
	if code != failed || !strings.Contains(said.String(), context.Canceled.Error()) {
		t.Errorf("exit code %d, %s", code, said.String())
	}
	wantAlone(t, dir)
}
