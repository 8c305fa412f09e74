package indemnity

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"portal/internal/fault"
)

// PublicList is what a publication tells everybody (F23): the figures, and a line for each
// place under its public code, in the order of the codes. The lines say no more than the
// figures do: points and outcome stand only where at least Few people share them.
type PublicList struct {
	Figures PublicFigures
	Rows    []PublicRow // none where so few are ranked that not even their number is told
}

// PublicRow is a place without a name.
type PublicRow struct {
	Code   string
	Points int // -1: hidden
	Paid   Funding
}

// publicList is what is told of a ranking with its places.
func publicList(f PublicFigures, places []RankingEntry) PublicList {
	l := PublicList{Figures: f}
	if f.Suitable.Hidden {
		return l
	}
	cells := map[int]PointFigures{}
	for _, p := range f.ByPoints {
		cells[p.Points] = p
	}
	for _, e := range places {
		row := PublicRow{Code: e.Code, Points: e.Score.Total()}
		cell := cells[row.Points]
		switch {
		case cell.Paid.Hidden:
		case e.Funding == NotFunded:
			row.Paid = NotFunded
		default:
			row.Paid = FundedWhole // that of the one who is paid in part is in the figures alone
		}
		if cell.Places.Hidden {
			row.Points = -1
		}
		l.Rows = append(l.Rows, row)
	}
	slices.SortFunc(l.Rows, func(a, b PublicRow) int { return cmp.Compare(a.Code, b.Code) })
	return l
}

// The parts of what is told to everybody.
const (
	publicHead  = "portal: public list of a ranking, 1\n"
	partFigures = "figures"
	partList    = "list"
)

const publicHidden = "-"

// line is the row as it is written, with its own digest, so that one that was altered is
// found.
func (r PublicRow) line() string {
	points := publicHidden
	if r.Points >= 0 {
		points = strconv.Itoa(r.Points)
	}
	text := r.Code + " " + points + " " + cmp.Or(string(r.Paid), publicHidden)
	digest := sha256.Sum256([]byte(text))
	return text + " " + hex.EncodeToString(digest[:])
}

// text is the two parts as they are signed.
func (l PublicList) text() (string, error) {
	figures, err := json.Marshal(l.Figures)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s\n%s", partHead(partFigures), figures, partHead(partList))
	for _, r := range l.Rows {
		b.WriteString(r.line() + "\n")
	}
	return b.String(), nil
}

// publicParts are the two parts of a text.
func publicParts(text string) (map[string][]byte, bool) {
	return cutParts([]byte(text), "", partFigures, partList)
}

// publicDigests are the digests of the two parts of a text, "" where there is none.
func publicDigests(text string) (figures, list string) {
	if text == "" {
		return "", ""
	}
	parts, _ := publicParts(text)
	f, l := sha256.Sum256(parts[partFigures]), sha256.Sum256(parts[partList])
	return hex.EncodeToString(f[:]), hex.EncodeToString(l[:])
}

// readPublicList reads the two parts of a text.
func readPublicList(parts map[string][]byte) (l PublicList, err error) {
	if err := json.Unmarshal(parts[partFigures], &l.Figures); err != nil {
		return l, err
	}
	for line := range strings.Lines(string(parts[partList])) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(words) != 4 {
			return l, fmt.Errorf("line %.60q", line)
		}
		row := PublicRow{Code: words[0], Points: -1}
		if words[1] != publicHidden {
			if row.Points, err = strconv.Atoi(words[1]); err != nil {
				return l, err
			}
		}
		if words[2] != publicHidden {
			row.Paid = Funding(words[2])
		}
		l.Rows = append(l.Rows, row)
	}
	return l, nil
}

// verifyPublicList tells what of the file of a public list does not hold: signature,
// digests, and that its lines are those that its figures count.
func verifyPublicList(file []byte, key ed25519.PublicKey) (Manifest, []Difference) {
	parts, whole := cutParts(file, publicHead, partManifest, partSignature, partFigures, partList)
	if !whole {
		return Manifest{}, []Difference{{Part: "file", What: notAPublication}}
	}
	m, wrong, readable := signedManifest(parts, key)
	if !readable {
		return m, wrong
	}
	for _, name := range []string{partFigures, partList} {
		if digest := sha256.Sum256(parts[name]); hex.EncodeToString(digest[:]) != m.digest(name) {
			wrong = append(wrong, Difference{name, alteredLine(name, parts[name]), notItsDigest})
		}
	}
	if len(wrong) > 0 {
		return m, wrong
	}
	l, err := readPublicList(parts)
	switch {
	case err != nil:
		wrong = append(wrong, Difference{Part: partList, What: notInOrder})
	case !l.adds():
		wrong = append(wrong, Difference{Part: partFigures, What: otherResult})
	}
	return m, wrong
}

// alteredLine is the code on the first line of the list that is not what its own digest
// says; "" in other parts.
func alteredLine(part string, text []byte) string {
	if part != partList {
		return ""
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		said, digest, _ := bytes.Cut(line, []byte(" "))
		if at := bytes.LastIndexByte(line, ' '); at >= 0 {
			said, digest = line[:at], line[at+1:]
		}
		if sum := sha256.Sum256(said); hex.EncodeToString(sum[:]) != string(digest) {
			code, _, _ := bytes.Cut(line, []byte(" "))
			return string(code)
		}
	}
	return ""
}

// adds tells whether the lines are as many as the figures say, by points and outcome.
func (l PublicList) adds() bool {
	if l.Figures.Suitable.Hidden {
		return len(l.Rows) == 0
	}
	counts := func(is func(PublicRow) bool) (n int) {
		for _, r := range l.Rows {
			if is(r) {
				n++
			}
		}
		return n
	}
	for _, p := range l.Figures.ByPoints {
		if !p.Places.Hidden && counts(func(r PublicRow) bool { return r.Points == p.Points }) != p.Places.Number ||
			!p.Paid.Hidden && counts(func(r PublicRow) bool { return r.Points == p.Points && r.Paid == FundedWhole }) != p.Paid.Number {
			return false
		}
	}
	return len(l.Rows) == l.Figures.Suitable.Number
}

// CallPublication is a publication of a call.
type CallPublication struct {
	Call     CallID
	Number   int
	Ranking  RankingID
	At       time.Time
	Corrects bool
	Standing bool // it is in force
}

// tell puts together what a ranking that is about to be published tells everybody.
func (s *Rankings) tell(ctx context.Context, r Ranking) (string, error) {
	states, err := s.CallFigures(ctx, r.Call.ID)
	if err != nil {
		return "", err
	}
	points, err := s.PointFigures(ctx, r.ID)
	if err != nil {
		return "", err
	}
	places, err := s.Places(ctx, r.ID, 1, r.Summary.Ranked)
	if err != nil {
		return "", err
	}
	return publicList(publicFigures(&r, states, points), places).text()
}

// publication is a publication of a call by its number, 0 for the one in force;
// fault.ErrNotFound.
func (s *Rankings) publication(ctx context.Context, call CallID, number int) (CallPublication, error) {
	all, err := s.Publications(ctx)
	if err != nil {
		return CallPublication{}, err
	}
	for _, p := range all {
		if p.Call == call && (p.Number == number || number == 0 && p.Standing) {
			return p, nil
		}
	}
	return CallPublication{}, fault.ErrNotFound
}

// Public is what a publication of a call tells everybody, as it was signed; of number 0,
// the one in force. fault.ErrNotFound where there is none.
func (s *Rankings) Public(ctx context.Context, call CallID, number int) (CallPublication, PublicList, error) {
	p, err := s.publication(ctx, call, number)
	if err != nil {
		return p, PublicList{}, err
	}
	text, err := s.PublicList(ctx, p.Ranking)
	if err != nil {
		return p, PublicList{}, err
	}
	parts, _ := publicParts(text)
	l, err := readPublicList(parts)
	if err != nil {
		err = fmt.Errorf("public list of ranking %s: %w", p.Ranking, err)
	}
	return p, l, err
}

// PublicFile writes the file of what a publication of a call tells everybody: see
// VerifyPublication.
func (s *Rankings) PublicFile(ctx context.Context, call CallID, number int, w io.Writer) error {
	p, err := s.publication(ctx, call, number)
	if err != nil {
		return err
	}
	r, err := s.Ranking(ctx, p.Ranking)
	if err != nil {
		return err
	}
	text, err := s.PublicList(ctx, p.Ranking)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s%s\n%s%s\n%s", publicHead, partHead(partManifest), r.Manifest, partHead(partSignature), base64.StdEncoding.EncodeToString(r.Signature), text)
	return err
}

// PublicKey is the key by which publications are verified, in base64.
func (s *Rankings) PublicKey() string {
	return base64.StdEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
}
