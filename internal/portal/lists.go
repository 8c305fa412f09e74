package portal

import (
	"maps"
	"net/url"
	"strconv"

	"portal/web/ui"
)

// pageNumber is the parameter p of a list, at least 1.
func pageNumber(q url.Values) int {
	n, err := strconv.Atoi(q.Get("p"))
	if err != nil || n < 1 || n > 100_000 {
		return 1
	}
	return n
}

// pagesOf leads to the pages before and after one of a list; at is the address of a page.
func pagesOf(label string, page, total, size int, at func(page int) string) ui.PaginationProps {
	pages := ui.PaginationProps{Label: label, Page: page, Pages: (total + size - 1) / size}
	if page > 1 {
		pages.PreviousURL = at(page - 1)
	}
	if page < pages.Pages {
		pages.NextURL = at(page + 1)
	}
	return pages
}

// listPages leads through a list that an address filters.
func listPages(label, path string, filters url.Values, page, total, size int) ui.PaginationProps {
	return pagesOf(label, page, total, size, func(n int) string { return pageAt(path, filters, n) })
}

// pageAt is the address of a page of a list that it filters.
func pageAt(path string, filters url.Values, page int) string {
	q := url.Values{}
	maps.Copy(q, filters)
	q.Set("p", strconv.Itoa(page))
	return withQuery(path, q)
}

// stateShelf is a part of a list: what is in one of some states.
type stateShelf[State ~string] struct {
	slug   string // in an address, "" for the part that the list begins with
	words  string
	states []State
}

// shelves are a list in parts, in their order.
type shelves[State ~string] struct {
	path  string
	parts []stateShelf[State]
}

// chosen is the part that an address names.
func (l shelves[State]) chosen(q url.Values) stateShelf[State] {
	for _, s := range l.parts {
		if s.slug == q.Get("stato") {
			return s
		}
	}
	return l.parts[0]
}

// tabs lead to the parts; each says how many lie there.
func (l shelves[State]) tabs(f ui.Frame, shown stateShelf[State], counts map[State]int) (tabs []ui.Tab) {
	for _, s := range l.parts {
		n := 0
		for _, state := range s.states {
			n += counts[state]
		}
		tabs = append(tabs, ui.Tab{Text: f.T(s.words, "N", grouped(n)), URL: shelfPage(l.path, s.slug, 1), Current: s.slug == shown.slug})
	}
	return tabs
}

// pages leads through the pages of a part.
func (l shelves[State]) pages(label string, shown stateShelf[State], page, total, size int) ui.PaginationProps {
	return pagesOf(label, page, total, size, func(n int) string { return shelfPage(l.path, shown.slug, n) })
}

// shelfPage is the address of a page of a part of a list.
func shelfPage(list, slug string, page int) string {
	q := url.Values{}
	if slug != "" {
		q.Set("stato", slug)
	}
	if page > 1 {
		q.Set("p", strconv.Itoa(page))
	}
	return withQuery(list, q)
}
