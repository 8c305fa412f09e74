package indemnity

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"

	"portal/internal/calendar"
)

// FrozenCase is a case as it goes into a ranking: its facts, under the number of the
// protocol and without who the member is.
type FrozenCase struct {
	Case    CaseID
	Version int64 // of the case
	Facts   Facts
}

// ForRanking is the facts of the case as a ranking takes them on a day, its member by
// their PersonID: see Freeze. The days of their cases in earlier calls are among those
// that are used up, as far as the register did not have them when the case was sent: what
// is ranked is ranked again from these, whoever enters days later.
func (c CaseFile) ForRanking(on calendar.Date, earlier []CaseFile) Facts {
	f := c.Facts()
	f.ID, f.Applicant, f.FoundAfterPayment = c.Protocol, string(c.Member.ID), c.State == Revoked
	before := ahead(&Call{ID: c.Call, Rules: c.Rules}, &f, others(earlier, c.Member.ID, c.ID))
	before = slices.DeleteFunc(before, func(o Other) bool { return o.Call == c.Call })
	theirs, _ := take(on, before, c.Call, f.DaysUsedTo)
	f.use(theirs.paid)
	return f
}

// Freeze makes the inputs of a ranking of cases whose facts name members as the portal
// does: they become P0001, P0002 … in the order of the protocol, the same for all cases of
// one member. What is ranked is what is written down, so that whoever reads it ranks the
// same: see Facts.MarshalJSON.
func Freeze(all []FrozenCase) ([]FrozenCase, error) {
	frozen, known := slices.Clone(all), map[string]string{}
	slices.SortFunc(frozen, func(a, b FrozenCase) int { return bytes.Compare([]byte(a.Facts.ID), []byte(b.Facts.ID)) })
	for i := range frozen {
		f := &frozen[i].Facts
		if known[f.Applicant] == "" {
			known[f.Applicant] = fmt.Sprintf("P%04d", len(known)+1)
		}
		f.Applicant = known[f.Applicant]
		text, err := f.MarshalJSON()
		if err == nil {
			err = f.UnmarshalJSON(text)
		}
		if err != nil {
			return nil, fmt.Errorf("freeze %s: %w", frozen[i].Facts.ID, err)
		}
	}
	return frozen, nil
}

// MadeRanking is what rules make of frozen cases.
type MadeRanking struct {
	Call    *Call
	On      calendar.Date
	Ruled   []string
	Cases   []FrozenCase
	Results []Result // of each case
	Summary Summary

	facts []Facts
	lines [][]DaySpan
	cited map[string]string
}

// MakeRanking ranks frozen cases by a call on a day, those whom every criterion leaves
// equal in the order that was ruled.
func MakeRanking(call *Call, on calendar.Date, ruled []string, cases []FrozenCase) *MadeRanking {
	m := &MadeRanking{Call: call, On: on, Ruled: ruled, Cases: cases, facts: make([]Facts, len(cases)), lines: make([][]DaySpan, len(cases)), cited: map[string]string{}}
	for i := range cases {
		m.facts[i] = cases[i].Facts
	}
	m.Results, m.Summary = examineAll(call, on, m.facts, ruled, func(at int, line []DaySpan) { m.lines[at] = line })
	return m
}

// Ties are the applications that every criterion of the call leaves equal, where some of
// them are paid and others are not, and that nobody has ruled on: a group for each, by
// protocol (A28).
func (m *MadeRanking) Ties() (all [][]string) {
	type group struct {
		of               []string
		paid, not, ruled int
	}
	groups := map[int]*group{}
	for i := range m.Results {
		r := &m.Results[i]
		if r.Rank == 0 {
			continue
		}
		g := groups[r.ExAequo]
		if g == nil {
			g = &group{}
			groups[r.ExAequo] = g
		}
		g.of = append(g.of, r.ID)
		if r.Funding == FundedWhole {
			g.paid++
		} else {
			g.not++
		}
		if slices.Contains(m.Ruled, r.ID) {
			g.ruled++
		}
	}
	for _, g := range groups {
		if len(g.of) > 1 && g.paid > 0 && g.not > 0 && g.ruled < len(g.of) {
			slices.Sort(g.of)
			all = append(all, g.of)
		}
	}
	slices.SortFunc(all, slices.Compare)
	return all
}

// last is the last place with money, and its points.
func (m *MadeRanking) last() (rank, points int) {
	for i := range m.Results {
		if r := &m.Results[i]; r.Rank > rank && r.Funding != NotFunded {
			rank, points = r.Rank, r.Score.Total()
		}
	}
	return rank, points
}

// RankingRow is an application in a ranking as it is kept: the objects of the contract of
// the batch, and the lines behind the numbers.
type RankingRow struct {
	Facts  []byte
	Result []byte
	Steps  []byte
	Digest []byte // of Facts and Result: see rowDigest
}

// Row writes the i-th application of the ranking.
func (m *MadeRanking) Row(i int) (r RankingRow, err error) {
	if r, err = m.row(i); err == nil {
		r.Steps, err = json.Marshal(m.Steps(i))
	}
	return r, err
}

// Steps is the lines behind the numbers of the i-th application.
func (m *MadeRanking) Steps(i int) []Step {
	return steps(&m.Call.Rules, &m.facts[i], &m.Results[i], m.lines[i], nil, m.cited)
}

func (m *MadeRanking) row(i int) (r RankingRow, err error) {
	r.Facts, err = m.facts[i].MarshalJSON()
	r.Result = m.Results[i].object()
	r.Digest = rowDigest(r.Facts, r.Result)
	return r, err
}

// object is the result as an object of the contract.
func (r *Result) object() []byte {
	var b bytes.Buffer
	out := jsonWriter{to: bufio.NewWriter(&b)}
	out.result(r)
	out.flush()
	_ = out.to.Flush() // a buffer takes everything
	return b.Bytes()
}

// rowDigest is the SHA-256 of an application and its result, with a new line between.
func rowDigest(facts, result []byte) []byte {
	h := sha256.New()
	h.Write(facts)
	h.Write([]byte{'\n'})
	h.Write(result)
	return h.Sum(nil)
}

// Digests are the SHA-256 of what goes into a ranking and of what comes out, each of them
// taken over a part of the file of a publication: see WritePublication.
type Digests struct {
	Inputs  []byte // the applications with the call, as WriteBatch writes them
	Rules   []byte // the rules that it was made by, with what was ruled
	Results []byte // as WriteResults writes them
	Rows    []byte // the list of the digests of the rows
}

// Digests takes the digests of the ranking.
func (m *MadeRanking) Digests() (d Digests, err error) {
	for _, p := range m.parts() {
		h := sha256.New()
		if err := p.write(h); err != nil {
			return d, err
		}
		*p.digest(&d) = h.Sum(nil)
	}
	return d, nil
}

// part is a part of the file of a publication.
type part struct {
	name   string
	digest func(*Digests) *[]byte
	write  func(io.Writer) error
}

// The parts of a publication.
const (
	partRules   = "rules"
	partInputs  = "inputs"
	partResults = "results"
	partRows    = "rows"
)

// digestOf is the digest of each part.
var digestOf = map[string]func(*Digests) *[]byte{
	partRules:   func(d *Digests) *[]byte { return &d.Rules },
	partInputs:  func(d *Digests) *[]byte { return &d.Inputs },
	partResults: func(d *Digests) *[]byte { return &d.Results },
	partRows:    func(d *Digests) *[]byte { return &d.Rows },
}

// parts are the parts of a publication in their order.
func (m *MadeRanking) parts() []part {
	return []part{
		{partRules, digestOf[partRules], m.writeRules},
		{partInputs, digestOf[partInputs], func(w io.Writer) error { return WriteBatch(w, m.Call, m.On, m.all()) }},
		{partResults, digestOf[partResults], func(w io.Writer) error { return WriteResults(w, m.Call.ID, m.Results, m.Summary) }},
		{partRows, digestOf[partRows], m.writeRows},
	}
}

func (m *MadeRanking) all() iter.Seq2[Facts, error] {
	return func(yield func(Facts, error) bool) {
		for _, f := range m.facts {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// publishedRules is the rules of a ranking, as they are published.
type publishedRules struct {
	Call    CallID   `json:"call_id"`
	Version int      `json:"version"`
	Ruled   []string `json:"ruled"`
	Rules   RuleSet  `json:"rules"`
}

func (m *MadeRanking) writeRules(w io.Writer) error {
	text, err := json.Marshal(publishedRules{m.Call.ID, m.Call.Version, append([]string{}, m.Ruled...), m.Call.Rules})
	if err == nil {
		_, err = w.Write(append(text, '\n'))
	}
	return err
}

// writeRows writes the digest of each row after its protocol.
func (m *MadeRanking) writeRows(w io.Writer) error {
	for i := range m.Cases {
		r, err := m.row(i)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, rowLine(m.Results[i].ID, r.Digest)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func rowLine(protocol string, digest []byte) string {
	return protocol + " " + hex.EncodeToString(digest)
}
