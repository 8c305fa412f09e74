package indemnity

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// Manifest is what a publication says of itself, and what is signed: which ranking it is,
// and the digests of its parts.
type Manifest struct {
	Call         CallID        `json:"call_id"`
	Version      int           `json:"version"` // of the rules
	Publication  int           `json:"publication"`
	Ranking      RankingID     `json:"ranking"`
	Corrects     RankingID     `json:"corrects,omitempty"`
	On           calendar.Date `json:"evaluation_date,omitzero"`
	PublishedAt  time.Time     `json:"published_at"`
	Applications int           `json:"applications"`
	Rules        string        `json:"rules_sha256"`
	Inputs       string        `json:"inputs_sha256"`
	Results      string        `json:"results_sha256"`
	Rows         string        `json:"rows_sha256"`
	Figures      string        `json:"figures_sha256,omitempty"` // see PublicList
	List         string        `json:"list_sha256,omitempty"`
	Cases        string        `json:"cases_sha256,omitempty"`   // of which version of which case each row is, and its code
	Minutes      string        `json:"minutes_sha256,omitempty"` // of who took which step and when, and of what was put aside
	Key          string        `json:"key"`                      // Ed25519, in base64
}

// digest is the digest that the manifest has of a part.
func (m Manifest) digest(part string) string {
	return map[string]string{partRules: m.Rules, partInputs: m.Inputs, partResults: m.Results, partRows: m.Rows, partFigures: m.Figures, partList: m.List}[part]
}

// Sign writes and signs the manifest of a ranking that is being published, with what is
// told to everybody, if anything is.
func (r *Ranking) Sign(key ed25519.PrivateKey) error {
	m := r.manifest()
	m.Figures, m.List = publicDigests(r.Public)
	m.Cases, m.Key = hex.EncodeToString(r.Index), base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	minutes, err := r.minutes()
	if err != nil {
		return err
	}
	m.Minutes = minutes
	text, err := json.Marshal(m)
	r.Manifest, r.Signature = string(text), ed25519.Sign(key, text)
	return err
}

// manifest is what the ranking itself says in the manifest of its publication.
func (r *Ranking) manifest() Manifest {
	return Manifest{Call: r.Call.ID, Version: r.Call.Version, Publication: r.Publication, Ranking: r.ID, Corrects: r.Corrects,
		On: r.On, PublishedAt: r.Published.At.UTC(), Applications: r.Summary.Applications,
		Rules: hex.EncodeToString(r.Digests.Rules), Inputs: hex.EncodeToString(r.Digests.Inputs),
		Results: hex.EncodeToString(r.Digests.Results), Rows: hex.EncodeToString(r.Digests.Rows)}
}

// minutes is the digest of how a publication came about: who took which step and when,
// what was put aside or set aside, and why.
func (r *Ranking) minutes() (string, error) {
	said := []any{r.Number, r.Kind, r.BasedOn, r.Reason, r.Note, r.Exclusions, r.CheckedAt.UTC(), r.Disagreements, r.SetAside}
	for _, h := range []identity.Hand{r.Simulated, r.Proposed, r.Decided, r.Published} {
		said = append(said, h.Person, h.At.UTC())
	}
	text, err := json.Marshal(said)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

// What stands between the parts of a publication.
const (
	partManifest    = "manifest"
	partSignature   = "signature"
	partSummary     = "summary" // what the ranking says of all its rows
	partCases       = "cases"   // of which the rows are, and their codes
	partMinutes     = "minutes" // how it came about
	partRanking     = "ranking" // what the ranking and its manifest both say
	publicationHead = "portal: publication of a ranking, 1\n"
)

func partHead(name string) string { return "== " + name + "\n" }

// WritePublication writes the file of a publication (F2): the manifest with its
// signature, the rules, the inputs, the results and the digest of each row. There are no
// names in it. Whoever has it makes the ranking again: see VerifyPublication.
func WritePublication(w io.Writer, r Ranking, made *MadeRanking) error {
	out := bufio.NewWriterSize(w, jsonWindow)
	fmt.Fprintf(out, "%s%s%s\n%s%s\n", publicationHead, partHead(partManifest), r.Manifest,
		partHead(partSignature), base64.StdEncoding.EncodeToString(r.Signature))
	for _, p := range made.parts() {
		h := sha256.New()
		out.WriteString(partHead(p.name))
		if err := p.write(io.MultiWriter(out, h)); err != nil {
			return err
		}
		if digest := h.Sum(nil); !bytes.Equal(digest, *p.digest(&r.Digests)) {
			return fmt.Errorf("ranking %s: its %s are not those that were published", r.ID, p.name)
		}
	}
	return out.Flush()
}

// Publication writes the file of a ranking that was published. That somebody took it is
// written down.
func (s *Rankings) Publication(ctx context.Context, who identity.Actor, id RankingID, w io.Writer) error {
	if err := MaySeeRankings(who); err != nil {
		return err
	}
	r, err := s.Ranking(ctx, id)
	if err != nil {
		return err
	}
	if err := r.in(PublishedRanking, SupersededRanking); err != nil {
		return err
	}
	cases, err := s.Inputs(ctx, id)
	if err != nil {
		return err
	}
	if err := s.See(ctx, s.entry(who, RankingTaken, id)); err != nil {
		return err
	}
	return WritePublication(w, r, MakeRanking(&r.Call, r.On, r.Ruled, cases))
}

// Difference is something that is not as it was published.
type Difference struct {
	Part string // "manifest", "signature", "rules", "inputs", "results", "rows", "steps", "columns", "figures", "list", "summary", "cases", "minutes", "ranking"
	Row  string // protocol; "" where it is no row’s
	What string
}

// String names part, row and what is wrong, for operators.
func (d Difference) String() string {
	if d.Row == "" {
		return d.Part + ": " + d.What
	}
	return d.Part + ": " + d.Row + ": " + d.What
}

// What differs, in words for operators.
const (
	notAPublication = "is not the file of a publication"
	notWhatSigned   = "is not what was signed"
	otherKey        = "was signed by another key"
	notItsDigest    = "is not what its digest says"
	notInOrder      = "cannot be read"
	otherResult     = "comes out otherwise when it is made again"
)

// VerifyPublication tells what of the file of a publication does not hold: signature and
// digests, and what comes out when its ranking is made again. A row that is not what was
// published is named. Without a key the one that the file names is taken: then the file is
// whole, but anybody may have signed it.
func VerifyPublication(file []byte, key ed25519.PublicKey) (Manifest, []Difference) {
	if bytes.HasPrefix(file, []byte(publicHead)) {
		return verifyPublicList(file, key)
	}
	parts, whole := cutParts(file, publicationHead, partManifest, partSignature, partRules, partInputs, partResults, partRows)
	if !whole {
		return Manifest{}, []Difference{{Part: "file", What: notAPublication}}
	}
	m, wrong, readable := signedManifest(parts, key)
	if !readable {
		return m, wrong
	}
	altered := map[string]bool{}
	for _, name := range []string{partRules, partInputs, partResults, partRows} {
		digest := sha256.Sum256(parts[name])
		altered[name] = hex.EncodeToString(digest[:]) != m.digest(name)
	}
	if altered[partRules] {
		wrong = append(wrong, Difference{Part: partRules, What: notItsDigest})
	}
	for _, name := range []string{partInputs, partResults, partRows} {
		if altered[name] {
			wrong = append(wrong, Difference{name, alteredRow(name, parts), notItsDigest})
		}
	}
	if altered[partRules] || altered[partInputs] {
		return m, wrong
	}
	return m, append(wrong, madeAgain(parts, m)...)
}

// signedManifest reads the manifest among the parts of a file, and tells what is wrong with
// its signature by a key; without one, by that which it names.
func signedManifest(parts map[string][]byte, key ed25519.PublicKey) (m Manifest, wrong []Difference, readable bool) {
	manifest := bytes.TrimSuffix(parts[partManifest], []byte("\n"))
	if json.Unmarshal(manifest, &m) != nil {
		return m, []Difference{{Part: partManifest, What: notInOrder}}, false
	}
	if public, err := base64.StdEncoding.DecodeString(m.Key); key == nil && err == nil && len(public) == ed25519.PublicKeySize {
		key = public
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(string(bytes.TrimSuffix(parts[partSignature], []byte("\n"))))
	switch {
	case err != nil:
		wrong = append(wrong, Difference{Part: partSignature, What: notInOrder})
	case key == nil || !ed25519.Verify(key, manifest, signature):
		what := notWhatSigned
		if base64.StdEncoding.EncodeToString(key) != m.Key {
			what = otherKey
		}
		wrong = append(wrong, Difference{Part: partManifest, What: what})
	}
	return m, wrong, true
}

// cutParts cuts a file that begins with a head into its parts, the first of which is always
// the manifest; false where it is no such file.
func cutParts(file []byte, head string, names ...string) (map[string][]byte, bool) {
	rest, is := bytes.CutPrefix(file, []byte(head+partHead(names[0])))
	parts, name := map[string][]byte{}, names[0]
	for _, next := range names[1:] {
		var cut bool
		parts[name], rest, cut = bytes.Cut(rest, []byte("\n"+partHead(next)))
		parts[name] = append(bytes.Clone(parts[name]), '\n')
		is, name = is && cut, next
	}
	parts[name] = rest
	return parts, is
}

// alteredRow finds the row in which a part was altered, by the digest of each row; "" where
// it was altered outside of them.
func alteredRow(name string, parts map[string][]byte) string {
	inputs, results := objects(parts[partInputs]), objects(parts[partResults])
	rows := bytes.Split(bytes.TrimSuffix(parts[partRows], []byte("\n")), []byte("\n"))
	for i, row := range rows {
		protocol, _, _ := bytes.Cut(row, []byte(" "))
		if i < len(inputs) && name == partRows {
			protocol = idOf(inputs[i])
		}
		if i >= len(inputs) || i >= len(results) || rowLine(string(protocol), rowDigest(inputs[i], results[i])) != string(row) {
			return string(protocol)
		}
	}
	return ""
}

// idOf is the protocol of an application as it is written.
func idOf(object []byte) []byte {
	_, rest, _ := bytes.Cut(object, []byte(`"application_id": "`))
	id, _, _ := bytes.Cut(rest, []byte(`"`))
	return id
}

// objects are the applications, or the results, of a file of the contract, each as it is
// written by itself.
func objects(text []byte) (all [][]byte) {
	var one []byte
	for line := range bytes.Lines(text) {
		inner, inside := bytes.CutPrefix(line, []byte("  "))
		switch {
		case !inside:
		case one == nil && bytes.Equal(inner, []byte("{\n")):
			one = bytes.Clone(inner)
		case one != nil && (bytes.Equal(inner, []byte("},\n")) || bytes.Equal(inner, []byte("}\n"))):
			all, one = append(all, append(one, '}')), nil
		case one != nil:
			one = append(one, inner...)
		}
	}
	return all
}

// madeAgain makes the ranking of a publication again, and tells what comes out otherwise.
func madeAgain(parts map[string][]byte, m Manifest) []Difference {
	var r publishedRules
	if err := json.Unmarshal(parts[partRules], &r); err != nil {
		return []Difference{{Part: partRules, What: notInOrder}}
	}
	read, err := ReadBatch(partInputs, bytes.NewReader(parts[partInputs]), int64(len(parts[partInputs])), Call{ID: r.Call, Version: r.Version, Rules: r.Rules})
	if err != nil {
		return []Difference{{Part: partInputs, What: notInOrder}}
	}
	cases := make([]FrozenCase, len(read.Applications))
	for i, f := range read.Applications {
		cases[i].Facts = f
	}
	made := MakeRanking(&read.Call, read.On, r.Ruled, cases)
	results := objects(parts[partResults])
	var wrong []Difference
	for i := range made.Results {
		if i >= len(results) || !bytes.Equal(made.Results[i].object(), results[i]) {
			wrong = append(wrong, Difference{partResults, made.Results[i].ID, otherResult})
		}
	}
	digests, err := made.Digests()
	if err != nil {
		return append(wrong, Difference{Part: partInputs, What: notInOrder})
	}
	for _, p := range made.parts() {
		if hex.EncodeToString(*p.digest(&digests)) != m.digest(p.name) && len(wrong) == 0 {
			wrong = append(wrong, Difference{Part: p.name, What: otherResult})
		}
	}
	return wrong
}
