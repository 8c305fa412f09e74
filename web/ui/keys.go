package ui

import (
	"slices"
	"strings"
)

// Keys are the keys of a family of texts of the catalogue, "audit.action.", in their
// order: for a choice between all of them.
func Keys(family string) []string {
	var all []string
	for key := range words.texts[Italian] {
		if strings.HasPrefix(key, family) {
			all = append(all, key)
		}
	}
	slices.Sort(all)
	return all
}
