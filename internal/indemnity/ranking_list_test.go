package indemnity

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/identity"
)

// publicFile is the file of a public list of places with so many points each, of which the
// first so many are paid.
func publicFile(t *testing.T, paid int, points ...int) (PublicList, []byte, ed25519.PublicKey) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{5}, ed25519.SeedSize))
	r := Ranking{ID: "r", Publication: 1, Published: identity.Hand{At: time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)},
		Summary: Summary{Applications: len(points), Ranked: len(points), Funded: paid, NotFunded: len(points) - paid}}
	counts, places := map[int]*PointFigures{}, []RankingEntry{}
	var figures []PointFigures
	for i, n := range points {
		if counts[n] == nil {
			counts[n] = &PointFigures{Points: n}
		}
		counts[n].Places.Number++
		e := RankingEntry{Code: fmt.Sprintf("%012X", 0xABCDEF-i*7), Result: Result{Rank: i + 1, Funding: NotFunded, Score: Score{ISEE: n}}}
		if i < paid {
			e.Funding = FundedWhole
			counts[n].Paid.Number++
		}
		places = append(places, e)
	}
	for n := 100; n >= 0; n-- {
		if counts[n] != nil {
			figures = append(figures, *counts[n])
		}
	}
	l := publicList(publicFigures(&r, map[State]int{Suitable: len(points)}, figures), places)
	text, err := l.text()
	if err != nil {
		t.Fatal(err)
	}
	r.Public = text
	if err := r.Sign(key); err != nil {
		t.Fatal(err)
	}
	file := publicHead + partHead(partManifest) + r.Manifest + "\n" + partHead(partSignature) + base64.StdEncoding.EncodeToString(r.Signature) + "\n" + text
	return l, []byte(file), key.Public().(ed25519.PublicKey)
}

func TestEveryFlippedByteOfAPublicListIsFound(t *testing.T) {
	t.Parallel()
	_, file, key := publicFile(t, 9, 30, 30, 30, 30, 30, 30, 20, 20, 20, 20, 20, 20, 10, 10)
	if m, wrong := VerifyPublication(file, key); len(wrong) > 0 || m.Publication != 1 {
		t.Fatalf("%+v, %v", m, wrong)
	}
	list := bytes.Index(file, []byte(partHead(partList))) + len(partHead(partList))
	for i := range file {
		altered := bytes.Clone(file)
		altered[i] ^= 1
		_, wrong := VerifyPublication(altered, key)
		if len(wrong) == 0 {
			t.Fatalf("byte %d, %q", i, file[i])
		}
		if i >= list && (wrong[0].Part != partList || wrong[0].Row == "") {
			t.Fatalf("byte %d of the list: %v", i-list, wrong)
		}
	}
}

func TestAPublicListTellsNoMoreThanItsFigures(t *testing.T) {
	t.Parallel()
	l, file, _ := publicFile(t, 9, 30, 30, 30, 30, 30, 30, 20, 20, 20, 20, 20, 20, 10, 10)
	if got := l.Figures.ByPoints; !got[2].Places.Hidden || !got[0].Places.Hidden || got[1].Places.Number != 6 || !got[1].Paid.Hidden {
		t.Errorf("%+v", got)
	}
	for _, r := range l.Rows {
		if r.Points == 10 || r.Points == 30 || r.Points == 20 && r.Paid != "" {
			t.Errorf("%+v is told", r)
		}
	}
	if len(l.Rows) != 14 || !l.adds() {
		t.Errorf("%d rows", len(l.Rows))
	}
	if few, _, _ := publicFile(t, 2, 30, 20, 10); len(few.Rows) != 0 || !few.Figures.Suitable.Hidden || !few.Figures.Received.Hidden || !few.Figures.Small() {
		t.Errorf("of three: %+v", few)
	}
	if open, _, _ := publicFile(t, 6, 30, 30, 30, 30, 30, 30, 20, 20, 20, 20, 20); open.Figures.Small() || open.Rows[0].Paid == "" {
		t.Errorf("nothing of it is small: %+v", open.Figures)
	}
	// What was counted otherwise and signed all the same is found too.
	forged := bytes.Replace(file, []byte(`"suitable":14`), []byte(`"suitable":15`), 1)
	if parts, _ := cutParts(forged, publicHead, partManifest, partSignature, partFigures, partList); !strings.Contains(string(parts[partFigures]), ":15") {
		t.Fatal("nothing is forged")
	} else if l, err := readPublicList(parts); err != nil || l.adds() {
		t.Errorf("%v", err)
	}
}

// Who reads the figures knows also that whoever has more points than the last place with
// money is paid, and whoever has less is not. Of all that would add up to what is told, no
// small number is always the same: nobody reckons how many of the equals at the cut are paid,
// or stand where few do.
func TestNobodyReckonsASmallNumberFromWhatIsTold(t *testing.T) {
	t.Parallel()
	const most = 10
	for n := range most * most * most {
		places := []int{n%most + 1, n/most%most + 1, n/most/most + 1}
		for cut, at := range places {
			for paid := 1; paid <= at; paid++ {
				f := figuresOf(places, cut, paid)
				is := append(slices.Clone(places), paid, at-paid)
				varies := make([]bool, len(is))
				addUp(&f, cut, most, func(other []int) {
					for i := range is {
						varies[i] = varies[i] || other[i] != is[i]
					}
				})
				for i, v := range varies {
					if few(is[i]) && !v {
						t.Fatalf("%d is reckoned from %+v", is[i], f)
					}
				}
			}
		}
	}
}

// addUp goes through all that three groups may be, and how the one at the cut is split, that
// is not otherwise than the figures tell.
func addUp(f *PublicFigures, cut, most int, do func([]int)) {
	like := func(c PublicCount, n int) bool { return c.Hidden || c.Number == n }
	from := func(i int) (low, high int) {
		if c := f.ByPoints[i].Places; !c.Hidden {
			return c.Number, c.Number
		}
		return 1, most
	}
	var g [3]int
	var fill func(i int)
	fill = func(i int) {
		if i < len(g) {
			for low, high := from(i); low <= high; low++ {
				g[i] = low
				fill(i + 1)
			}
			return
		}
		all, before := g[0]+g[1]+g[2], 0
		for _, n := range g[:cut] {
			before += n
		}
		for paid := 1; paid <= g[cut]; paid++ {
			if like(f.Suitable, all) && like(f.Paid, before+paid) && like(f.Unpaid, all-before-paid) && like(f.ByPoints[cut].Paid, paid) {
				do([]int{g[0], g[1], g[2], paid, g[cut] - paid})
			}
		}
	}
	fill(0)
}

// figuresOf is what is told of groups of equals, the one with the most points first; of one
// of them so many are paid, of those before all and of those after nobody.
func figuresOf(places []int, cut, paid int) PublicFigures {
	r := Ranking{LastPoints: 30 - 10*cut}
	var points []PointFigures
	for i, n := range places {
		p := PointFigures{Points: 30 - 10*i, Places: PublicCount{Number: n}}
		switch {
		case i < cut:
			p.Paid.Number = n
		case i == cut:
			p.Paid.Number = paid
		}
		r.Summary.Ranked, r.Summary.Funded, r.Summary.NotFunded = r.Summary.Ranked+n, r.Summary.Funded+p.Paid.Number, r.Summary.NotFunded+n-p.Paid.Number
		points = append(points, p)
	}
	return publicFigures(&r, map[State]int{Suitable: r.Summary.Ranked}, points)
}

func TestHowEqualsAreSplitIsToldWhereManyAreOnBothSides(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		places []int
		paid   int // of the second group
		told   bool
	}{
		{"six of twelve", []int{10, 12, 9}, 6, true},
		{"three of eight: the sum less the ten before them", []int{10, 8, 9}, 3, false},
		{"all but two", []int{10, 12, 9}, 10, false},
		{"all of them", []int{10, 8, 9}, 8, true},
		{"three places before them, which the sum less these would tell", []int{3, 12, 9}, 6, false},
	} {
		f := figuresOf(c.places, 1, c.paid)
		if f.Paid.Hidden == c.told || f.Unpaid.Hidden == c.told || (f.Spent != nil) != c.told || f.ByPoints[1].Paid.Hidden == c.told || f.Suitable.Hidden {
			t.Errorf("%s: %+v", c.what, f)
		}
	}
}
