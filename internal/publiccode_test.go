package internal_test

import (
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// publiccode is what the standard, version 0.4, asks of every file, and what
// this one says beside it. A key that is not here is a slip.
type publiccode struct {
	Version           string `yaml:"publiccodeYmlVersion"`
	Name              string
	URL               string
	SoftwareType      string `yaml:"softwareType"`
	Platforms         []string
	Categories        []string
	DevelopmentStatus string `yaml:"developmentStatus"`
	IntendedAudience  struct {
		Countries, Scope []string
	} `yaml:"intendedAudience"`
	Description map[string]struct {
		GenericName      string `yaml:"genericName"`
		ShortDescription string `yaml:"shortDescription"`
		LongDescription  string `yaml:"longDescription"`
		Features         []string
	}
	Legal       struct{ License string }
	Maintenance struct {
		Type     string
		Contacts []struct{ Name string }
	}
	Localisation struct {
		Ready     *bool    `yaml:"localisationReady"`
		Languages []string `yaml:"availableLanguages"`
	}
	DependsOn struct {
		Open []struct {
			Name       string
			VersionMin string `yaml:"versionMin"`
		}
	} `yaml:"dependsOn"`
	IT struct {
		Version     string `yaml:"countryExtensionVersion"`
		Conforme    map[string]bool
		Piattaforme map[string]bool
	} `yaml:"IT"`
}

func TestThePublicCodeFileFollowsTheStandard(t *testing.T) {
	t.Parallel()
	file, err := os.Open("../publiccode.yml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var p publiccode
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil {
		t.Fatal(err)
	}

	address, err := url.Parse(p.URL)
	if err != nil || address.Scheme != "https" || address.Host == "" {
		t.Errorf("url %q is no https address: %v", p.URL, err)
	}
	italian := p.Description["it"]
	short, long := utf8.RuneCountInString(italian.ShortDescription), utf8.RuneCountInString(italian.LongDescription)
	for complaint, wrong := range map[string]bool{
		"the version of the standard is not 0.4":                 p.Version != "0.4",
		"the software has no name":                               p.Name == "",
		"the type is not that of a web application":              p.SoftwareType != "standalone/web",
		"there is no platform":                                   len(p.Platforms) == 0,
		"there is no category":                                   len(p.Categories) == 0,
		"the status is none of the standard":                     !slices.Contains([]string{"concept", "development", "beta", "stable", "obsolete"}, p.DevelopmentStatus),
		"the Italian short description has not 1 to 150 letters": short < 1 || short > 150,
		"the Italian description has not 150 to 10000 letters":   long < 150 || long > 10000,
		"the generic name has more than 35 letters":              utf8.RuneCountInString(italian.GenericName) > 35,
		"there is no feature":                                    len(italian.Features) == 0,
		"a community without contacts":                           p.Maintenance.Type != "community" || len(p.Maintenance.Contacts) == 0,
		"the readiness for languages is not said":                p.Localisation.Ready == nil,
		"Italian is not among the languages":                     !slices.Contains(p.Localisation.Languages, "it"),
		"the Italian extension is not 1.0":                       p.IT.Version != "1.0",
	} {
		if wrong {
			t.Error(complaint)
		}
	}

	licence, err := os.ReadFile("../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(licence), "SPDX-License-Identifier: "+p.Legal.License+"\n") {
		t.Errorf("publiccode.yml says %s, and LICENSE does not", p.Legal.License)
	}
}
