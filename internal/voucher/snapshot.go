package voucher

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"portal/internal/batch"
	"portal/internal/money"
)

// Snapshot is what a ranking is made from, as it was at one instant. It is kept
// with what was made of it, so that "why" has an answer years later.
type Snapshot struct {
	Candidates []Candidate             // in the byte order of their IDs
	Spent      map[string]money.Amount // by territory: awarded to who is no more among them
	SetAside   map[string]money.Amount // by territory: kept back for open re-examinations
	Residuals  []Residual              // after the first round: the money it goes by
	Pool       map[string]money.Amount // see TerritoryResult; nil where the money is that of the edition
}

// budget is the money there is to award by rules, with what is kept: all of it but
// what was awarded to who is no more among the candidates, and what is kept back for
// who may be found right.
func (s Snapshot) budget(r Rules) Budget {
	b := r.Budget()
	b.Of, b.SetAside = maps.Clone(b.Of), s.SetAside
	for territory := range b.Of {
		if s.Pool != nil {
			b.Of[territory] = s.Pool[territory]
		}
		b.Of[territory] -= s.Spent[territory] + s.SetAside[territory]
	}
	return b
}

// Digests are the SHA-256 of what goes into a run and of what comes out, each of
// them taken over a file of the contract of `portal rank voucher`: whoever has the
// three files can compute them, and the third from the first two.
type Digests struct {
	Inputs  []byte // APPLICATIONS.csv, by application_id; a correction has the column kept_amount after the others, a reallocation then completes
	Rules   []byte // EDITION.json, its fields and territories in alphabetical order, without blanks
	Results []byte // RANKING.csv
}

// WriteApplications writes candidates, in their order, as a file of applications: of
// a run that follows another one with what is kept, of a reallocation also with whose
// award is completed.
func WriteApplications(w io.Writer, candidates []Candidate, of Run) error {
	kept, completes := of.Corrects != "", of.Reallocates
	header := "application_id,territory,isee,isee_status,submitted_at"
	if kept {
		header += ",kept_amount"
	}
	if completes {
		header += ",completes"
	}
	if _, err := io.WriteString(w, header+"\n"); err != nil {
		return err
	}
	return writeRows(w, len(candidates), func(b []byte, at int) []byte {
		c := &candidates[at]
		b = append(appendQuoted(b, c.ID), ',')
		b = append(appendQuoted(b, c.Territory), ',')
		if c.ISEEStatus != ISEEMissing {
			b = batch.AppendDecimal(b, c.ISEE)
		}
		b = append(append(append(b, ','), c.ISEEStatus...), ',')
		b = appendInstant(b, c.SubmittedAt)
		if kept {
			b = batch.AppendDecimal(append(b, ','), c.Kept)
		}
		if completes {
			b = strconv.AppendBool(append(b, ','), c.Completes)
		}
		return append(b, '\n')
	})
}

// WriteEdition writes the rules of a ranking as a file of an edition.
func WriteEdition(w io.Writer, id EditionID, bands []Band, budget Budget) error {
	type band struct {
		Amount    string `json:"amount"`
		Inclusive bool   `json:"inclusive"`
		UpTo      string `json:"isee_up_to"`
	}
	file := struct {
		Bands   []band            `json:"bands"`
		Budgets map[string]string `json:"budgets"`
		Closed  []string          `json:"closed_territories"`
		ID      EditionID         `json:"edition_id"`
	}{[]band{}, map[string]string{}, slices.Sorted(slices.Values(budget.Closed)), id}
	for _, b := range bands {
		file.Bands = append(file.Bands, band{b.Amount.Decimal(), b.Inclusive, b.UpTo.Decimal()})
	}
	for territory, amount := range budget.Of {
		file.Budgets[territory] = amount.Decimal()
	}
	text, err := json.Marshal(file)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// digestOf is the SHA-256 of what is written.
func digestOf(write func(io.Writer) error) []byte {
	h := sha256.New()
	if err := write(h); err != nil {
		panic(err) // a hash takes everything
	}
	return h.Sum(nil)
}

func rulesDigest(id EditionID, bands []Band, budget Budget) []byte {
	return digestOf(func(w io.Writer) error { return WriteEdition(w, id, bands, budget) })
}

// appendInstant appends an instant as data files carry it.
func appendInstant(b []byte, microseconds int64) []byte {
	const micro = 1_000_000
	b = time.UnixMicro(microseconds).UTC().AppendFormat(b, "2006-01-02T15:04:05")
	fraction := strconv.Itoa(micro + int((microseconds%micro+micro)%micro))
	b = append(b, '.')
	return append(append(b, fraction[1:]...), 'Z')
}

// territoryResults adds up, by territory, what a ranking makes of a snapshot. An Obstacle
// tells where more is kept than there is.
func territoryResults(s Snapshot, budget Budget, outcomes []Outcome) ([]TerritoryResult, error) {
	candidates := s.Candidates
	byName := map[string]*TerritoryResult{}
	for name, amount := range budget.Of {
		byName[name] = &TerritoryResult{Name: name, Budget: amount, SetAside: budget.SetAside[name], Pool: s.Pool[name]}
	}
	for _, name := range budget.Closed {
		byName[name] = &TerritoryResult{Name: name, Closed: true}
	}
	for i := range outcomes {
		c, o := &candidates[i], &outcomes[i]
		t := byName[c.Territory]
		if t == nil {
			t = &TerritoryResult{Name: c.Territory}
			byName[c.Territory] = t
		}
		t.count(c, o)
	}
	all := make([]TerritoryResult, 0, len(byName))
	for _, t := range byName {
		if t.Residual = t.Budget - t.AwardedAmount; t.Residual < 0 {
			return nil, Obstacle{Why: ErrOverspent, Territory: t.Name}
		}
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b TerritoryResult) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

func (t *TerritoryResult) count(c *Candidate, o *Outcome) {
	t.Candidates++
	switch o.State() {
	case Awarded:
		t.Awarded++
	case PartiallyAwarded:
		t.Partial++
	case Unfunded:
		t.Unfunded++
	case NotProcessable:
		t.NotProcessable++
	default:
		t.Refused++
	}
	if o.Rank > 0 {
		t.Eligible++
	}
	if c.Kept > 0 {
		t.Kept++
		t.KeptAmount += c.Kept
	}
	t.AwardedAmount += o.Awarded
	if o.Awarded > 0 && o.Rank > t.LastRank {
		t.LastRank, t.LastISEE = o.Rank, c.ISEE
	}
}
