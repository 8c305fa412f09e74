package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Langs lists the languages, Italian first.
var Langs = []Lang{Italian, German, Slovene}

// Wording is a text as it is written, with its placeholders. Where it changes with a
// number, it has a form for each case of its language; Other is there always.
type Wording struct {
	One   string `json:"one,omitempty"`
	Two   string `json:"two,omitempty"` // Slovene
	Few   string `json:"few,omitempty"` // Slovene
	Other string `json:"other"`
}

// CatalogueText is a text of the catalogue as it comes with the program.
type CatalogueText struct {
	Key   string
	Area  string // "citizen_apply": the file that it stands in
	Words map[Lang]Wording
}

// Catalogue lists every text that comes with the program, by key.
func Catalogue() []CatalogueText {
	all := make([]CatalogueText, 0, len(words.areas))
	for _, key := range slices.Sorted(maps.Keys(words.areas)) {
		t := CatalogueText{Key: key, Area: words.areas[key], Words: map[Lang]Wording{}}
		for lang, written := range words.written {
			if m := written[key]; m != nil {
				t.Words[lang] = Wording{m.One, m.Two, m.Few, m.Other}
			}
		}
		all = append(all, t)
	}
	return all
}

func at(c *catalogue) *atomic.Pointer[catalogue] {
	var p atomic.Pointer[catalogue]
	p.Store(c)
	return &p
}

// Speak says texts in other words from now on, in all pages, and everything else as it
// comes with the program. A text is asked for as fast as before. Where a wording cannot
// be read nothing changes.
func Speak(published map[Lang]map[string]Wording) error {
	c, err := words.with(published)
	if err == nil {
		spoken.Store(c)
	}
	return err
}

// with is the catalogue with other words for some texts. Those that it does not know are
// of another version of the program: nobody asks for them.
func (c *catalogue) with(published map[Lang]map[string]Wording) (*catalogue, error) {
	n := &catalogue{localizers: map[Lang]*i18n.Localizer{}, texts: maps.Clone(c.texts), written: c.written, areas: c.areas}
	bundle := i18n.NewBundle(language.Italian)
	for lang, written := range c.written {
		var counted []*i18n.Message
		for key, m := range written {
			if _, other := published[lang][key]; !other && c.texts[lang][key].counted {
				counted = append(counted, m)
			}
		}
		n.texts[lang] = maps.Clone(c.texts[lang])
		for key, w := range published[lang] {
			if _, known := c.areas[key]; !known {
				continue
			}
			t, err := parse(w.Other)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", key, err)
			}
			if t.counted = c.texts[Italian][key].counted; t.counted {
				counted = append(counted, &i18n.Message{ID: key, One: w.One, Two: w.Two, Few: w.Few, Other: w.Other})
			}
			n.texts[lang][key] = t
		}
		if err := bundle.AddMessages(language.Make(string(lang)), counted...); err != nil {
			return nil, err
		}
		n.localizers[lang] = i18n.NewLocalizer(bundle, string(lang))
	}
	return n, nil
}

// Example is a wording with its placeholders filled: what stands for each is asked for by
// name.
func (w Wording) Example(of func(name string) string) (forms []string, err error) {
	for _, form := range []string{w.One, w.Two, w.Few, w.Other} {
		if form == "" {
			continue
		}
		t, err := parse(form)
		if err != nil {
			return nil, err
		}
		var b strings.Builder
		for _, p := range t.pieces {
			b.WriteString(p.literal)
			if p.name != "" {
				b.WriteString(of(p.name))
			}
		}
		forms = append(forms, t.plain+b.String())
	}
	return forms, nil
}
