package voucher

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"portal/internal/batch"
	"portal/internal/money"
)

// BatchEdition is what a file of an edition gives to a ranking.
type BatchEdition struct {
	ID     EditionID
	Bands  []Band // ascending
	Budget Budget
}

// ReadEdition reads a file of an edition, whose name is for its flaws: it takes
// the file as a whole or returns *batch.Flaws. A field that it does not know is one of
// them: a territory that is closed by a word misspelt would be paid.
func ReadEdition(file string, r io.Reader) (BatchEdition, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return BatchEdition{}, fmt.Errorf("%s: %w", file, err)
	}
	p := editionReader{flaws: batch.Flaws{File: file}}
	n, err := parseJSON(bytes.TrimPrefix(text, []byte(byteOrderMark)))
	if err != nil {
		p.wrong(n, whole, err.Error())
	} else {
		p.edition(n)
	}
	if err := p.flaws.Err(); err != nil {
		return BatchEdition{}, err
	}
	return p.read, nil
}

// whole is the name of an edition among its fields.
const whole = "edition"

// editionReader is an edition as far as it is read.
type editionReader struct {
	flaws batch.Flaws
	read  BatchEdition
}

func (p *editionReader) wrong(n node, field, what string) { p.flaws.Add(n.line, field, what) }

func (p *editionReader) edition(n node) {
	p.fields(n, whole, []string{"edition_id", "bands", "budgets"}, func(n node, field string) {
		switch n.name {
		case "edition_id":
			p.read.ID = EditionID(p.text(n, field))
		case "bands":
			bands, isList := p.list(n, field)
			if isList && len(bands) == 0 {
				p.wrong(n, field, "are none")
			}
			for i, band := range bands {
				p.band(band, fmt.Sprintf("%s[%d]", field, i))
			}
		case "budgets":
			p.read.Budget.Of = map[string]money.Amount{}
			p.fields(n, field, nil, func(n node, field string) {
				p.read.Budget.Of[n.name], _ = p.money(n, field)
			})
		case "closed_territories":
			names, _ := p.list(n, field)
			for i, territory := range names {
				p.read.Budget.Closed = append(p.read.Budget.Closed, p.text(territory, fmt.Sprintf("%s[%d]", field, i)))
			}
		default:
			p.wrong(n, field, "is not a field of an edition")
		}
	})
}

// band reads a band, whose bound must be above that of the one before.
func (p *editionReader) band(n node, field string) {
	var b Band
	p.fields(n, field, []string{"isee_up_to", "inclusive", "amount"}, func(n node, field string) {
		switch n.name {
		case "isee_up_to":
			before, ok := money.Amount(-1), false
			if last := len(p.read.Bands) - 1; last >= 0 {
				before = p.read.Bands[last].UpTo
			}
			if b.UpTo, ok = p.money(n, field); ok && b.UpTo <= before {
				p.wrong(n, field, "is not above that of the band before: bands are ascending")
			}
		case "inclusive":
			is, ok := n.value.(bool)
			if b.Inclusive = is; !ok {
				p.wrong(n, field, "is neither true nor false")
			}
		case "amount":
			ok := false
			if b.Amount, ok = p.money(n, field); ok && b.Amount == 0 {
				p.wrong(n, field, "is nothing")
			}
		default:
			p.wrong(n, field, "is not a field of a band")
		}
	})
	p.read.Bands = append(p.read.Bands, b)
}

// fields reads every field of an object, each once and called by its whole name,
// and wants some of them to be there.
func (p *editionReader) fields(n node, name string, wanted []string, read func(n node, field string)) {
	fields, ok := n.value.(object)
	if !ok {
		p.wrong(n, name, "is not an object: {…}")
		return
	}
	within := name + "."
	if name == whole {
		within = ""
	}
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.name] {
			p.wrong(f, within+f.name, "is given twice")
			continue
		}
		seen[f.name] = true
		read(f, within+f.name)
	}
	for _, w := range wanted {
		if !seen[w] {
			p.wrong(n, within+w, notGiven)
		}
	}
}

func (p *editionReader) list(n node, field string) (l list, ok bool) {
	if l, ok = n.value.(list); !ok {
		p.wrong(n, field, "is not a list: […]")
	}
	return l, ok
}

func (p *editionReader) text(n node, field string) string {
	s, ok := n.value.(string)
	switch {
	case !ok:
		p.wrong(n, field, `is not text: "…"`)
	case s == "":
		p.wrong(n, field, "is empty")
	}
	return s
}

func (p *editionReader) money(n node, field string) (amount money.Amount, ok bool) {
	s, ok := n.value.(string)
	if !ok {
		p.wrong(n, field, `is not money in quotes, as in "1234.50"`)
		return 0, false
	}
	amount, what := batch.Decimal([]byte(s))
	if what != "" {
		p.wrong(n, field, what)
	}
	return amount, what == ""
}

// node is a value of JSON with the line where it stands, and its name where it
// is the field of an object.
type node struct {
	line  int
	name  string
	value any // object, list, string, json.Number, bool or nil
}

type (
	object []node
	list   []node
)

// parseJSON reads a text that is one value. After an error the node is where it
// happened.
func parseJSON(text []byte) (node, error) {
	if at := firstInvalid(text); at < len(text) { // encoding/json would put U+FFFD instead
		return node{line: 1 + bytes.Count(text[:at], []byte{'\n'})}, errors.New(notUTF8)
	}
	var valid json.RawMessage
	if err := json.Unmarshal(text, &valid); err != nil {
		n := node{line: 1}
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) && syntax.Offset > 0 {
			n.line += bytes.Count(text[:syntax.Offset-1], []byte{'\n'})
		}
		return n, err
	}
	p := jsonParser{text: text, tokens: json.NewDecoder(bytes.NewReader(text)), line: 1}
	p.tokens.UseNumber()
	return p.node(), nil
}

// firstInvalid is where a text stops being UTF-8; its length if it does not.
func firstInvalid(text []byte) int {
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// jsonParser goes through a text that has been found to be JSON.
type jsonParser struct {
	text   []byte
	tokens *json.Decoder
	at     int64 // what has been read
	line   int   // where that ends
}

func (p *jsonParser) token() json.Token {
	token, _ := p.tokens.Token() // there is one: it is JSON
	to := p.tokens.InputOffset()
	p.line += bytes.Count(p.text[p.at:to], []byte{'\n'})
	p.at = to
	return token
}

func (p *jsonParser) node() node {
	n := node{value: p.token()}
	n.line = p.line
	switch n.value {
	case json.Delim('{'):
		var fields object
		for p.tokens.More() {
			name, _ := p.token().(string) // nothing else can stand there
			field := p.node()
			field.name = name
			fields = append(fields, field)
		}
		p.token()
		n.value = fields
	case json.Delim('['):
		var elements list
		for p.tokens.More() {
			elements = append(elements, p.node())
		}
		p.token()
		n.value = elements
	}
	return n
}
