package iban

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed sepa.tsv
var sepa string

// countries is the table of the countries of SEPA by their two letters.
var countries = func() map[string]country {
	all, err := readCountries(sepa)
	if err != nil {
		panic(err) // the table is embedded: this cannot happen
	}
	return all
}()

// country is what the IBANs of a country look like.
type country struct {
	length int
	kinds  string // of each character after the fourth: n, a or c
}

func readCountries(table string) (map[string]country, error) {
	all := map[string]country{}
	for line := range strings.Lines(table) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimSpace(line), "\t")
		if len(cells) != 3 {
			return nil, fmt.Errorf("countries of SEPA: %q has no three columns", line)
		}
		length, err := strconv.Atoi(cells[1])
		if err != nil {
			return nil, fmt.Errorf("countries of SEPA: %s: %w", cells[0], err)
		}
		kinds, err := spread(cells[2])
		if err != nil || len(kinds)+4 != length {
			return nil, fmt.Errorf("countries of SEPA: %s: %s is not of %d characters", cells[0], cells[2], length)
		}
		all[cells[0]] = country{length, kinds}
	}
	return all, nil
}

// spread writes a structure out, a letter for each character: "a1n3" is "annn".
func spread(structure string) (string, error) {
	var kinds strings.Builder
	for structure != "" {
		kind := structure[:1]
		rest := strings.TrimLeft(structure[1:], "0123456789")
		n, err := strconv.Atoi(structure[1 : len(structure)-len(rest)])
		if err != nil || !strings.Contains("nac", kind) {
			return "", fmt.Errorf("structure %q", structure)
		}
		kinds.WriteString(strings.Repeat(kind, n))
		structure = rest
	}
	return kinds.String(), nil
}

// fits tells whether a character is of a kind.
func fits(c, kind byte) bool {
	digit, letter := c >= '0' && c <= '9', c >= 'A' && c <= 'Z'
	switch kind {
	case 'n':
		return digit
	case 'a':
		return letter
	}
	return digit || letter
}
