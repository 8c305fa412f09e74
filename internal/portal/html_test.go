package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// page is an answer as a person meets it.
type page struct {
	node
	Status int
	URL    *url.URL
	Header http.Header
	Body   string
}

func (p page) h1() string    { return p.one("h1").text() }
func (p page) title() string { return p.one("title").text() }

// wants fails the test unless the page has a status and says each text.
func (p page) wants(status int, texts ...string) page {
	p.Helper()
	if p.Status != status {
		p.Errorf("%s answered %d, want %d: %s", p.URL.Path, p.Status, status, p.h1())
	}
	whole := p.text()
	for _, t := range texts {
		if !strings.Contains(whole, t) {
			p.Errorf("%s does not say %q but:\n%s", p.URL.Path, t, p.one("main").text())
		}
	}
	return p
}

// silent fails the test if the page says any of the texts.
func (p page) silent(texts ...string) page {
	p.Helper()
	for _, t := range texts {
		if strings.Contains(p.text(), t) {
			p.Errorf("%s says %q", p.URL.Path, t)
		}
	}
	return p
}

// link is the address of the first link whose text starts so.
func (p page) link(text string) string {
	p.Helper()
	for _, a := range p.all("a") {
		if strings.HasPrefix(a.text(), text) {
			return a.attr("href")
		}
	}
	p.Fatalf("%s has no link %q", p.URL.Path, text)
	return ""
}

// table is the rows of the table with a caption, without its head.
func (p page) table(caption string) (rows []string) {
	p.Helper()
	for _, t := range p.all("table") {
		if t.one("caption").text() == caption {
			for _, row := range t.one("tbody").all("tr") {
				rows = append(rows, row.text())
			}
			return rows
		}
	}
	p.Fatalf("%s has no table %q", p.URL.Path, caption)
	return nil
}

// form is the form in the content of the page that posts.
func (p page) form() node {
	p.Helper()
	for _, f := range p.one("main").all("form") {
		if strings.EqualFold(f.attr("method"), "post") {
			return f
		}
	}
	p.Fatalf("%s (%d, %s) has no form", p.URL.Path, p.Status, p.h1())
	return node{}
}

// node is an element of a page.
type node struct {
	testing.TB
	*html.Node
}

// all finds elements by a simple selector: tag, .class, #id, or several of them
// with commas.
func (n node) all(selector string) []node {
	var found []node
	for _, s := range strings.Split(selector, ",") {
		s = strings.TrimSpace(s)
		for d := range n.Descendants() {
			if d.Type == html.ElementNode && matches(d, s) {
				found = append(found, node{n.TB, d})
			}
		}
	}
	return found
}

// one is the first that all finds.
func (n node) one(selector string) node {
	n.Helper()
	found := n.all(selector)
	if len(found) == 0 {
		n.Fatalf("there is no %s", selector)
	}
	return found[0]
}

func matches(d *html.Node, s string) bool {
	switch s[0] {
	case '#':
		return value(d, "id") == s[1:]
	case '.':
		return strings.Contains(" "+value(d, "class")+" ", " "+s[1:]+" ")
	}
	return d.Data == s
}

func value(d *html.Node, name string) string {
	for _, a := range d.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (n node) attr(name string) string { return value(n.Node, name) }

func (n node) has(name string) bool {
	for _, a := range n.Node.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// chosenOption is the value of a select: the option that is selected, or the first.
func (n node) chosenOption() string {
	options := n.all("option")
	for _, o := range options {
		if o.has("selected") {
			return o.attr("value")
		}
	}
	return options[0].attr("value")
}

// text is what the element says, with blanks folded and no-break spaces plain.
func (n node) text() string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			b.WriteString(d.Data)
			if d.NextSibling == nil || d.NextSibling.Data != "wbr" { // within a word
				b.WriteByte(' ')
			}
		}
	}
	folded := strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u00a0", " ")), " ")
	return strings.NewReplacer(" .", ".", " ,", ",").Replace(folded)
}
