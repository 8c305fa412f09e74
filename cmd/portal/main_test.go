package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portal/internal/postgres/pgtest"
)

// asPortal makes the test program the portal itself, so that tests start it as a
// process of its own, and end it as roughly as they like.
const asPortal = "PORTAL_TEST_AS_PORTAL"

func TestMain(m *testing.M) {
	if os.Getenv(asPortal) != "" {
		main()
	}
	code := m.Run()
	if _, err := os.Stat("var"); err == nil {
		fmt.Fprintln(os.Stderr, "the tests have left var among the sources")
		code = 1
	}
	os.Exit(code)
}

// codeKey is a master key of the codes, as a configuration holds it.
var codeKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

// production is a configuration that may reach people; change replaces some of it.
func production(change map[string]string) map[string]string {
	env := map[string]string{
		"DATABASE_URL": "postgres://portal@localhost/portal", "PORTAL_CODE_KEY": codeKey, "PORTAL_DOCUMENT_KEY": codeKey, "PORTAL_SIGNING_KEY": codeKey,
		"OIDC_ISSUER": "https://broker.example.org", "OIDC_CLIENT_ID": "portal",
		"PORTAL_URL": "https://contributi.example.org", "PORTAL_ADDR": "localhost:0",
	}
	maps.Copy(env, change)
	return env
}

// answer is how a run ended and what it wrote.
type answer struct {
	code     int
	out, err string
}

// ask runs the portal with arguments in an environment. Its data stay out of the
// sources.
func ask(t *testing.T, env map[string]string, args ...string) answer {
	t.Helper()
	var out, err bytes.Buffer
	getenv := func(name string) string {
		if name == "PORTAL_DATA_DIR" {
			return cmp.Or(env[name], t.TempDir())
		}
		return env[name]
	}
	code := run(t.Context(), args, streams{getenv, &out, &err})
	return answer{code, out.String(), err.String()}
}

func TestHelpExplainsEveryFlagWithItsVariableAndDefault(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"serve", "migrate", "check"} {
		a := ask(t, nil, command, "--help")
		if a.code != done || a.err != "" {
			t.Errorf("%s --help: exit code %d, %s", command, a.code, a.err)
		}
		help := strings.Join(strings.Fields(a.out), " ")
		for variable, flag := range flags(t, command) {
			said, found := "", false
			for _, start := range []string{"--" + flag.Name + "=", "--" + flag.Name + " "} {
				if _, after, ok := strings.Cut(help, start); ok {
					said, found = after, true
				}
			}
			said, _, named := strings.Cut(said, "($"+variable+")")
			switch {
			case !found:
				t.Errorf("%s --help does not name --%s", command, flag.Name)
			case !named:
				t.Errorf("%s --help does not say that %s stands behind --%s", command, variable, flag.Name)
			case flag.Help == "" || !strings.Contains(said, strings.TrimSuffix(flag.Help, ".")):
				t.Errorf("%s --help does not explain --%s: %s", command, flag.Name, said)
			case !strings.Contains(strings.ReplaceAll(said, `"`, ""), flag.Default):
				t.Errorf("%s --help does not say that --%s is %s: %s", command, flag.Name, flag.Default, said)
			}
		}
	}
}

func TestHelpListsTheCommandsOfPeopleAndHidesThoseOfTheBuild(t *testing.T) {
	t.Parallel()
	a := ask(t, nil, "--help")
	if a.code != done {
		t.Errorf("exit code %d: %s", a.code, a.err)
	}
	for _, command := range []string{"serve", "migrate", "check", "version"} {
		if !strings.Contains(a.out, "\n  "+command+" ") {
			t.Errorf("--help does not list %s:\n%s", command, a.out)
		}
	}
	for _, command := range []string{"schema", "withpg", "e2e"} {
		if strings.Contains(a.out, "\n  "+command+" ") {
			t.Errorf("--help lists %s", command)
		}
	}
}

func TestWrongUsageIsToldApartFromFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		want string
	}{
		{"no command", nil, nil, "expected one of"},
		{"an unknown command", nil, []string{"publish"}, "publish"},
		{"an unknown flag", nil, []string{"serve", "--cheese"}, "--cheese"},
		{"an argument too many", nil, []string{"version", "again"}, "again"},
		{"a flag that is no number", nil, []string{"serve", "--min-level=high"}, "--min-level"},
		{"a variable that is no level", map[string]string{"PORTAL_LOG_LEVEL": "loud"}, []string{"serve"}, "loud"},
		{"a level that is none", map[string]string{"OIDC_ACR_LEVELS": "https://acr=9"}, []string{"serve"}, "want 1, 2 or 3"},
		{"claims of nothing", map[string]string{"OIDC_CLAIMS": "shoe_size=x"}, []string{"serve"}, "shoe_size"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := ask(t, c.env, c.args...)
			if a.code != wrongUsage || !strings.HasPrefix(a.err, "portal: ") || !strings.Contains(a.err, c.want) || a.out != "" {
				t.Errorf("exit code %d, out %q, err %q", a.code, a.out, a.err)
			}
		})
	}
}

func TestWithoutConfigurationThePortalSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	a := ask(t, nil, "serve")
	want := "portal: DATABASE_URL is not set\nPORTAL_CODE_KEY is not set\nPORTAL_DOCUMENT_KEY is not set\nPORTAL_SIGNING_KEY is not set\nOIDC_ISSUER is not set\nOIDC_CLIENT_ID is not set\nPORTAL_URL is not set\n"
	if a.code != failed || a.err != want {
		t.Errorf("exit code %d:\n%s", a.code, a.err)
	}
	for _, variable := range slices.Sorted(maps.Keys(production(nil))) {
		if variable == "PORTAL_ADDR" {
			continue
		}
		if a := ask(t, production(map[string]string{variable: ""}), "serve"); a.code != failed || a.err != "portal: "+variable+" is not set\n" {
			t.Errorf("without %s: exit code %d, %s", variable, a.code, a.err)
		}
	}
	if a := ask(t, nil, "migrate"); a.code != failed || a.err != "portal: DATABASE_URL is not set\n" {
		t.Errorf("migrate: exit code %d, %s", a.code, a.err)
	}
}

func TestWhatMustNotReachPeopleIsRefusedOutsideTheDemo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ variable, value, want string }{
		{"PORTAL_URL", "http://contributi.example.org", "PORTAL_URL is not an https address"},
		{"PORTAL_URL", "https://localhost:8080", "PORTAL_URL is not an https address"},
		{"PORTAL_URL", "contributi.example.org", "PORTAL_URL is not an https address"},
		{"PORTAL_URL", "https://", "PORTAL_URL is not an https address"},
		{"PORTAL_URL", "https://contributi.example.org/", "PORTAL_URL is not scheme://host"},
		{"PORTAL_URL", "https://contributi.example.org/portale", "PORTAL_URL is not scheme://host"},
		{"PORTAL_URL", "https://contributi.example.org?a=b", "PORTAL_URL is not scheme://host"},
		{"PORTAL_URL", "https://user@contributi.example.org", "PORTAL_URL is not scheme://host"},
		{"OIDC_ISSUER", "http://broker.example.org", "OIDC_ISSUER is not an https address"},
		{"OIDC_ISSUER", "https://127.0.0.2:8081", "OIDC_ISSUER is not an https address"},
		{"OIDC_ISSUER", "https://[::1]/", "OIDC_ISSUER is not an https address"},
		{"PORTAL_NOW", "2026-03-02T12:00:00+01:00", "PORTAL_NOW moves the clock"},
		{"PORTAL_CODE_KEY", "c2hvcnQ=", "the master key of the codes has 5 bytes: it needs 32"},
		{"PORTAL_CODE_KEY", "no base64", "PORTAL_CODE_KEY: "},
		{"PORTAL_DOCUMENT_KEY", "c2hvcnQ=", "the master key of the documents has 5 bytes: it needs 32"},
		{"PORTAL_DOCUMENT_KEY", "no base64", "PORTAL_DOCUMENT_KEY: "},
		{"PORTAL_SIGNING_KEY", "c2hvcnQ=", "PORTAL_SIGNING_KEY: the seed has 5 bytes: it needs 32"},
		{"PORTAL_SIGNING_KEY", "no base64", "PORTAL_SIGNING_KEY: "},
		{"PORTAL_ADDR", "localhost:http:", "PORTAL_ADDR: "},
		{"DATABASE_URL", "postgres://localhost:port/", "database address: "},
		{"SMTP_URL", "mail.example.org:25", "SMTP_URL is not smtp://host:port"},
	} {
		t.Run(c.variable+"="+c.value, func(t *testing.T) {
			t.Parallel()
			env := production(map[string]string{"DATABASE_URL": pgtest.Open(t).Config().ConnString()})
			env[c.variable] = c.value
			if a := ask(t, env, "serve"); a.code != failed || !strings.Contains(a.err, c.want) {
				t.Errorf("exit code %d: %s", a.code, a.err)
			}
		})
	}
}

// The broker compares the address to return to letter by letter.
func TestInTheDemoTooNothingFollowsTheHost(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://localhost:8080/", "http://localhost:8080/portale", "http://localhost:8080#", "localhost:8080", "http://"} {
		env := demoOn(t, "postgres://localhost:port/")
		env["PORTAL_URL"] = address
		if a := ask(t, env, "serve", "--demo"); a.code != failed || !strings.HasPrefix(a.err, "portal: PORTAL_URL is not scheme://host") {
			t.Errorf("%s: exit code %d, %s", address, a.code, a.err)
		}
	}
	for _, address := range []string{"http://localhost:8080", "https://contributi.example.org", "http://[::1]:8080"} {
		if err := (Config{URL: address, Demo: true}).check(); err != nil {
			t.Error(err)
		}
	}
}

func TestASecretMayStandInAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "database-url")
	if err := os.WriteFile(file, []byte(pgtest.Open(t).Config().ConnString()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if a := ask(t, map[string]string{"DATABASE_URL_FILE": file}, "check"); a.code != done {
		t.Errorf("exit code %d: %s", a.code, a.err)
	}
	for _, secret := range []string{"DATABASE_URL", "PORTAL_CODE_KEY", "PORTAL_DOCUMENT_KEY", "PORTAL_SIGNING_KEY", "OIDC_CLIENT_SECRET", "SMTP_URL"} {
		env := production(map[string]string{secret: "", secret + "_FILE": filepath.Join(t.TempDir(), "nowhere")})
		if a := ask(t, env, "serve"); a.code == done || !strings.Contains(a.err, secret+"_FILE: ") {
			t.Errorf("%s_FILE that is not there: exit code %d, %s", secret, a.code, a.err)
		}
	}
}

func TestAVariableComesBeforeItsFileAndAFlagBeforeBoth(t *testing.T) {
	t.Parallel()
	good := pgtest.Open(t).Config().ConnString()
	env := map[string]string{"DATABASE_URL": good, "DATABASE_URL_FILE": "/nowhere"}
	if a := ask(t, env, "check"); a.code != done {
		t.Errorf("variable and file: exit code %d, %s", a.code, a.err)
	}
	env = map[string]string{"DATABASE_URL": "postgres://localhost:port/"}
	if a := ask(t, env, "check", "--database-url="+good); a.code != done {
		t.Errorf("flag and variable: exit code %d, %s", a.code, a.err)
	}
}

func TestTheVersionSaysWhichSchemaItKnows(t *testing.T) {
	t.Parallel()
	if a := ask(t, nil, "version"); a.code != done || !strings.HasPrefix(a.out, "portal "+version+", schema ") || a.err != "" {
		t.Errorf("exit code %d, %q, %q", a.code, a.out, a.err)
	}
}

func TestTheReadmeNamesEveryVariable(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"serve", "check"} {
		for variable, flag := range flags(t, command) {
			if !strings.Contains(string(readme), "`"+variable+"`") {
				t.Errorf("README.md does not name %s, which stands behind --%s", variable, flag.Name)
			}
		}
	}
}

func TestTheReadmeNamesNoVariableThatServeDoesNotRead(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	serve, named := flags(t, "serve"), 0
	for _, row := range regexp.MustCompile("(?m)^\\| (`[A-Z].*?) \\|").FindAllStringSubmatch(string(readme), -1) {
		for _, variable := range regexp.MustCompile("`([A-Z_]+)`").FindAllStringSubmatch(row[1], -1) {
			if named++; serve[variable[1]] == nil {
				t.Errorf("README.md names %s, which portal serve --help does not", variable[1])
			}
		}
	}
	if named < len(serve) {
		t.Errorf("README.md has %d variables in its table, portal serve reads %d", named, len(serve))
	}
}
