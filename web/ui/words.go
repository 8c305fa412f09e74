package ui

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"

	"portal/internal/calendar"
)

// Lang is a language of the portal, as the lang attribute writes it.
type Lang string

// The languages. Italian is complete; German (province of Bolzano/Bozen, DPR
// 574/1988) and Slovene (L. 38/2001 art. 8) say what they can and leave the rest
// to Italian.
const (
	Italian Lang = "it"
	German  Lang = "de"
	Slovene Lang = "sl"
)

//go:embed words/*.json
var wordFiles embed.FS

// words is the catalogue as it comes with the program; spoken is it with what was
// published since: see Speak.
var (
	words  = must(load(wordFiles))
	spoken = at(&words)
)

// catalogue holds every text of the portal. go-i18n reads the files and knows
// which plural a number takes in which language; texts that do not change with
// a number are looked up in a map, which is what most of a page is made of.
type catalogue struct {
	localizers map[Lang]*i18n.Localizer
	texts      map[Lang]map[string]text
	written    map[Lang]map[string]*i18n.Message
	areas      map[string]string // of each key: the file that it stands in
}

// must is for what is linked into the program and tested with it.
func must(c catalogue, err error) catalogue {
	if err != nil {
		panic(err)
	}
	return c
}

// load reads words/<language>[.<area>].json, all areas of a language into one.
func load(from fs.FS) (catalogue, error) {
	c := catalogue{map[Lang]*i18n.Localizer{}, map[Lang]map[string]text{}, map[Lang]map[string]*i18n.Message{}, map[string]string{}}
	bundle := i18n.NewBundle(language.Italian)
	names, err := fs.Glob(from, "words/*.json")
	if err != nil {
		return c, err
	}
	for _, name := range names {
		lang, area, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(name, "words/"), ".json"), ".")
		content, err := fs.ReadFile(from, name)
		if err != nil {
			return c, err
		}
		file, err := bundle.ParseMessageFileBytes(content, lang+".json")
		if err != nil {
			return c, fmt.Errorf("%s: %w", name, err)
		}
		if err := c.add(Lang(lang), file.Messages); err != nil {
			return c, fmt.Errorf("%s: %w", name, err)
		}
		for _, m := range file.Messages {
			if Lang(lang) == Italian {
				c.areas[m.ID] = area
			}
		}
	}
	for lang := range c.texts {
		c.localizers[lang] = i18n.NewLocalizer(bundle, string(lang))
	}
	return c, nil
}

func (c catalogue) add(lang Lang, messages []*i18n.Message) error {
	if c.texts[lang] == nil {
		c.texts[lang], c.written[lang] = map[string]text{}, map[string]*i18n.Message{}
	}
	for _, m := range messages {
		if _, twice := c.texts[lang][m.ID]; twice {
			return fmt.Errorf("%q stands twice in the catalogue", m.ID)
		}
		t, err := parse(m.Other)
		if err != nil {
			return fmt.Errorf("%q: %w", m.ID, err)
		}
		t.counted = m.One != ""
		c.texts[lang][m.ID], c.written[lang][m.ID] = t, m
	}
	return nil
}

// find is a text in a language, or else in Italian.
func (c *catalogue) find(lang Lang, key string) (t text, in Lang, ok bool) {
	if t, ok = c.texts[lang][key]; ok {
		return t, lang, true
	}
	t, ok = c.texts[Italian][key]
	return t, Italian, ok
}

// say is the text of a key. A key without words is shown as it is, and logged:
// a test finds those that stand in the source.
func (c *catalogue) say(lang Lang, key string, args []any) string {
	t, in, ok := c.find(lang, key)
	switch {
	case !ok:
		slog.Error("no words for this key", "key", key, "lang", string(lang))
		return key
	case t.counted:
		return c.count(in, key, args)
	case len(t.pieces) == 0:
		return t.plain
	default:
		return t.fill(args)
	}
}

// count leaves to go-i18n the choice among the plural forms, by the argument
// Count.
func (c *catalogue) count(lang Lang, key string, args []any) string {
	s, err := c.localizers[lang].Localize(&i18n.LocalizeConfig{
		MessageID:      key,
		PluralCount:    value(args, "Count"),
		TemplateData:   args,
		TemplateParser: parser{},
	})
	if err != nil && s == "" {
		slog.Error("words cannot be counted", "key", key, "err", err)
		return key
	}
	return s
}

// text is a text of the catalogue taken apart once: either plain, or literals
// and the names of what goes between them.
type text struct {
	plain   string
	pieces  []piece
	counted bool // it has plural forms
}

type piece struct {
	literal string
	name    string // of the placeholder after it; "" after the last
}

// parse takes "Vale fino al {{.Day}}" apart. A placeholder is a name and
// nothing else: what a text says is decided before it is asked for.
func parse(s string) (text, error) {
	if !strings.Contains(s, "{{") {
		return text{plain: s}, nil
	}
	var t text
	for rest := s; rest != ""; {
		literal, after, found := strings.Cut(rest, "{{")
		if !found {
			t.pieces = append(t.pieces, piece{literal: rest})
			break
		}
		name, tail, closed := strings.Cut(after, "}}")
		name, dotted := strings.CutPrefix(name, ".")
		if !closed || !dotted || name == "" || strings.ContainsAny(name, " |.(") {
			return text{}, fmt.Errorf("a placeholder is written {{.Name}}: %s", s)
		}
		t.pieces = append(t.pieces, piece{literal, name})
		rest = tail
	}
	return t, nil
}

func (t text) fill(args []any) string {
	b := make([]byte, 0, 128)
	for _, p := range t.pieces {
		b = append(b, p.literal...)
		if p.name != "" {
			b = appendValue(b, value(args, p.name))
		}
	}
	return string(b)
}

// value finds an argument by its name among pairs of name and value.
func value(args []any, name string) any {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1]
		}
	}
	return nil
}

// appendValue writes an argument as texts do: days and instants in words, amounts
// and whatever else has a String as it says.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(b, v...)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case calendar.Date:
		return appendDay(b, v)
	case time.Time:
		return append(b, Moment(v)...)
	case fmt.Stringer:
		return append(b, v.String()...)
	default:
		slog.Error("words cannot show this value", "type", fmt.Sprintf("%T", v))
		return b
	}
}

// parser lets go-i18n fill the plural forms the way the others are filled.
type parser struct{}

func (parser) Cacheable() bool { return true }

func (parser) Parse(src, _, _ string) (template.ParsedTemplate, error) { return parse(src) }

// Execute fills the text with pairs of name and value.
func (t text) Execute(data any) (string, error) {
	if len(t.pieces) == 0 {
		return t.plain, nil
	}
	args, _ := data.([]any)
	return t.fill(args), nil
}
