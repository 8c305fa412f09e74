package voucher

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
)

// key is where the ID of a candidate stands among the others.
type key struct {
	start uint64 // of the ID, after what all IDs share: one number to compare
	at    int32  // of the candidate, before they are put in order
}

// orderByID is the places of candidates in the byte order of their IDs; those of
// an ID that is given twice are told.
func orderByID(candidates []Candidate, twice func(first, again int32)) []int32 {
	compare := func(a, b key) int {
		if a.start != b.start {
			return cmp.Compare(a.start, b.start)
		}
		return cmp.Or(strings.Compare(candidates[a.at].ID, candidates[b.at].ID), cmp.Compare(a.at, b.at))
	}
	// Two halves at once, and then the one into the other.
	keys := keysOf(candidates)
	a, b := keys[:len(keys)/2], keys[len(keys)/2:]
	var both sync.WaitGroup
	both.Go(func() { slices.SortFunc(a, compare) })
	both.Go(func() { slices.SortFunc(b, compare) })
	both.Wait()

	order := make([]int32, len(keys))
	var first key
	for i := range order {
		next := &a
		if len(a) == 0 || len(b) > 0 && compare(b[0], a[0]) < 0 {
			next = &b
		}
		k := (*next)[0]
		*next = (*next)[1:]
		order[i] = k.at
		if i > 0 && k.start == first.start && candidates[k.at].ID == candidates[first.at].ID {
			twice(first.at, k.at)
			continue
		}
		first = k
	}
	return order
}

func keysOf(candidates []Candidate) []key {
	shared := len(sharedStart(candidates))
	keys := make([]key, len(candidates))
	for i := range candidates {
		var start [8]byte
		copy(start[:], candidates[i].ID[shared:])
		keys[i] = key{binary.BigEndian.Uint64(start[:]), int32(i)}
	}
	return keys
}

// sharedStart is how all IDs begin.
func sharedStart(candidates []Candidate) string {
	if len(candidates) == 0 {
		return ""
	}
	start := candidates[0].ID
	for i := range candidates {
		for !strings.HasPrefix(candidates[i].ID, start) {
			start = start[:len(start)-1]
		}
	}
	return start
}

// arrange moves candidates to the places that an order gives them, one circle of
// moves after the other, and uses the order up.
func arrange(candidates []Candidate, order []int32) {
	const moved = -1
	for start := range order {
		if order[start] == moved {
			continue
		}
		displaced := candidates[start]
		to := start
		for from := int(order[to]); from != start; from = int(order[to]) {
			candidates[to] = candidates[from]
			order[to] = moved
			to = from
		}
		candidates[to] = displaced
		order[to] = moved
	}
}

// shelf keeps short texts side by side, so that a million of them are few
// things to the garbage collector.
type shelf struct{ b strings.Builder }

func (s *shelf) keep(text []byte) string {
	if s.b.Cap()-s.b.Len() < len(text) {
		s.b = strings.Builder{}
		s.b.Grow(max(64<<10, len(text)))
	}
	from := s.b.Len()
	s.b.Write(text)
	return s.b.String()[from:]
}
