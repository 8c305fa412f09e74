package main

import (
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// service is what docker-compose.yml says of a neighbour.
type service struct {
	Build       string
	Image       string
	Command     []string
	NetworkMode string `yaml:"network_mode"`
	Environment map[string]string
	Ports       []string
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck struct {
		Test     []string
		Interval string
		Retries  int
	}
	Volumes []string
}

// composed is what docker-compose.yml says of each neighbour; the volumes that they
// keep their data in are all declared.
func composed(t *testing.T) map[string]service {
	t.Helper()
	file, err := os.Open("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var compose struct {
		Services map[string]service
		Volumes  map[string]any
	}
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&compose); err != nil {
		t.Fatal(err)
	}
	for name, s := range compose.Services {
		for _, volume := range s.Volumes {
			named, _, _ := strings.Cut(volume, ":")
			if _, declared := compose.Volumes[named]; !declared {
				t.Errorf("%s keeps its data in a volume %s, which is not declared", name, named)
			}
		}
	}
	return compose.Services
}

// flags are those of a command, its own and the program's, by environment variable.
func flags(t *testing.T, command string) map[string]*kong.Flag {
	t.Helper()
	parser, err := kong.New(&CLI{})
	if err != nil {
		t.Fatal(err)
	}
	byVariable := map[string]*kong.Flag{}
	for _, node := range append([]*kong.Node{parser.Model.Node}, parser.Model.Children...) {
		if node.Name != parser.Model.Name && node.Name != command {
			continue
		}
		for _, flag := range node.Flags {
			for _, variable := range flag.Envs {
				byVariable[variable] = flag
			}
		}
	}
	if len(byVariable) == 0 {
		t.Fatalf("there is no command %s with flags", command)
	}
	return byVariable
}

func TestComposeSetsOnlyWhatThePortalReads(t *testing.T) {
	t.Parallel()
	serve := flags(t, "serve")
	portal := composed(t)["portal"]
	for variable := range portal.Environment {
		if serve[strings.TrimSuffix(variable, "_FILE")] == nil {
			t.Errorf("docker-compose.yml sets %s, which portal serve does not read", variable)
		}
	}
	for variable, flag := range serve {
		if _, set := portal.Environment[variable]; flag.Required && !set {
			t.Errorf("portal serve cannot start without %s, which docker-compose.yml does not set", variable)
		}
	}
}

func TestComposedNeighboursFindOneAnother(t *testing.T) {
	t.Parallel()
	services := composed(t)
	portal := services["portal"]
	neighbour := func(variable string) (*url.URL, service) {
		address, err := url.Parse(portal.Environment[variable])
		if err != nil || address.Port() == "" {
			t.Fatalf("%s is no address with a port: %q", variable, portal.Environment[variable])
		}
		return address, services[address.Hostname()]
	}

	database, postgres := neighbour("DATABASE_URL")
	password, _ := database.User.Password()
	for variable, want := range map[string]string{
		"POSTGRES_USER": database.User.Username(), "POSTGRES_PASSWORD": password, "POSTGRES_DB": strings.TrimPrefix(database.Path, "/"),
	} {
		if postgres.Environment[variable] != want {
			t.Errorf("DATABASE_URL expects %s=%s, and the database is made with %q", variable, want, postgres.Environment[variable])
		}
	}

	if _, mail := neighbour("SMTP_URL"); mail.Image == "" {
		t.Errorf("SMTP_URL %s names no neighbour", portal.Environment["SMTP_URL"])
	}

	issuer, _ := neighbour("OIDC_ISSUER")
	broker := services["broker"]
	if broker.NetworkMode != "service:portal" || broker.Environment["SERVER_PORT"] != issuer.Port() {
		t.Errorf("the broker does not answer at %s", issuer)
	}
	_, own, err := net.SplitHostPort(portal.Environment["PORTAL_ADDR"])
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range []string{own, issuer.Port()} {
		if !slices.Contains(portal.Ports, port+":"+port) {
			t.Errorf("port %s of the portal's network is not published: %v", port, portal.Ports)
		}
	}
	if public, _ := neighbour("PORTAL_URL"); public.Port() != own {
		t.Errorf("people are sent to %s, and the portal listens on port %s", public, own)
	}
}

// The key that the demo draws opens the codes that stand in the database: the one
// is not kept without the other, and the program may write where it is kept.
func TestTheDataDirectoryIsKeptLikeTheDatabase(t *testing.T) {
	t.Parallel()
	services := composed(t)
	dockerfile, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	set := regexp.MustCompile(`(?m)^ENV PORTAL_DATA_DIR=(/\S+)$`).FindStringSubmatch(string(dockerfile))
	if set == nil {
		t.Fatal("the image does not say where its data are")
	}
	dir := set[1]
	if moved := services["portal"].Environment["PORTAL_DATA_DIR"]; moved != "" {
		t.Errorf("docker-compose.yml moves the data to %s", moved)
	}
	if !strings.Contains(string(dockerfile), "\nCOPY --from=build --chown=nonroot:nonroot "+dir+" "+dir+"\n") ||
		!strings.Contains(string(dockerfile), "\nRUN mkdir "+dir+"\n") || !regexp.MustCompile(`(?m)^FROM \S+:nonroot$`).Match(dockerfile) {
		t.Errorf("the account of the image may not write to %s", dir)
	}
	kept := func(s service, dir string) bool {
		return slices.ContainsFunc(s.Volumes, func(volume string) bool { return strings.HasSuffix(volume, ":"+dir) })
	}
	if database := kept(services["postgres"], "/var/lib/postgresql/data"); !database || !kept(services["portal"], dir) {
		t.Errorf("kept: database %v, data directory %v", database, kept(services["portal"], dir))
	}
}

func TestEveryImageIsPinned(t *testing.T) {
	t.Parallel()
	dockerfile, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var images []string
	for _, from := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(dockerfile), -1) {
		images = append(images, from[1])
	}
	for name, s := range composed(t) {
		if (s.Image == "") == (s.Build == "") {
			t.Errorf("%s is neither built nor fetched, or both", name)
		}
		if s.Image != "" {
			images = append(images, s.Image)
		}
	}
	for _, image := range images {
		if _, tag, ok := strings.Cut(image, ":"); !ok || tag == "latest" {
			t.Errorf("the image %s is whatever it is on the day", image)
		}
	}
	if !strings.Contains(string(dockerfile), "\nENV PORTAL_ADDR=:8080\nEXPOSE 8080\n") {
		t.Error("the image does not listen where it says that it does")
	}
}
