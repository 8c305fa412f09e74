package voucher

import (
	"cmp"
	"strings"
	"sync"

	"portal/internal/money"
	"portal/internal/ranking"
)

// ISEEStatus is what the office knows of an applicant's ISEE.
type ISEEStatus string

// The statuses of an ISEE.
const (
	ISEEValid     ISEEStatus = "valid"
	ISEEDefective ISEEStatus = "defective" // with omissions or differences not cured in time
	ISEEMissing   ISEEStatus = "missing"
)

// Candidate is an application as the ranking sees it.
type Candidate struct {
	ID          string
	Territory   string // of residence
	ISEE        money.Amount
	ISEEStatus  ISEEStatus
	SubmittedAt int64        // microseconds since 1970, UTC
	Kept        money.Amount // awarded by an earlier publication: it stands
	Completes   bool         // money is given again, and of what is kept a part was used
}

// Budget is the money of an edition by territory.
type Budget struct {
	Of       map[string]money.Amount
	Closed   []string                // territories that take no part
	SetAside map[string]money.Amount // kept back for open re-examinations, and not in Of
}

// Ground is why a candidate has no place in a ranking.
type Ground string

// The grounds, in the order in which they are asked.
const (
	TerritoryClosed     Ground = "TERRITORY_CLOSED"
	TerritoryUnknown    Ground = "TERRITORY_UNKNOWN"
	GroundISEEMissing   Ground = "ISEE_MISSING"
	GroundISEEDefective Ground = "ISEE_DEFECTIVE"
	ISEEAboveLimit      Ground = "ISEE_ABOVE_LIMIT"
)

// The criteria of the ranking, in their order: lower ISEE, earlier submission
// (circ. INPS 83/2022), and between equal instants the identifier, so that no
// two places are the same.
const (
	ByISEE        = "isee"
	BySubmission  = "submitted_at"
	ByApplication = "application_id"
)

// Outcome is what a ranking makes of a candidate, with what explains it.
type Outcome struct {
	Ground   Ground       // why there is no place, "" where there is one
	Rank     int          // place in its territory from 1, 0 for none
	Decided  string       // the criterion that put it behind the one before; "" for the first
	Entitled money.Amount // by its band (importo spettante)
	Awarded  money.Amount // by the money of its territory (importo assegnato)
	Residual money.Amount // of its territory after it
}

// State is the state in which the ranking leaves the application.
func (o *Outcome) State() ApplicationState {
	switch {
	case o.Ground == GroundISEEMissing || o.Ground == GroundISEEDefective:
		return NotProcessable
	case o.Ground != "":
		return Refused
	case o.Awarded >= o.Entitled:
		return Awarded
	case o.Awarded > 0:
		return PartiallyAwarded
	}
	return Unfunded
}

// Rank tells the outcome of each candidate, in the order in which they are
// given, which decides nothing. In each territory those with a right are put in
// order and given the amount of their band while money lasts: the first who
// cannot be paid in full takes what is left, after whom nobody is paid. No two
// candidates may have the same ID.
//
// A candidate who keeps an award has the place that is due and no other money: all
// that is kept comes out of the budget before the first place, and a kept award is
// neither raised nor lowered, whatever the place or the ground is now. But for one
// thing: where money is given again, a kept award of which a part was used is
// completed up to what is due, before anybody else is given any.
func Rank(bands []Band, budget Budget, candidates []Candidate) []Outcome {
	territories := make(map[string]*territory, len(budget.Of))
	for name, amount := range budget.Of {
		territories[name] = &territory{budget: amount}
	}
	for _, name := range budget.Closed {
		territories[name] = &territory{closed: true}
	}
	var rules Rules
	rules.Bands.Is = bands

	outcomes := make([]Outcome, len(candidates))
	placed := 0
	for i := range candidates {
		t := territories[candidates[i].Territory]
		o := judge(&rules, t, &candidates[i])
		o.Awarded = candidates[i].Kept
		if t != nil {
			t.budget -= o.Awarded
		}
		if outcomes[i] = o; o.Ground == "" {
			t.size++
			placed++
			t.completes = t.completes || candidates[i].Completes
		}
	}
	entries := make([]entry, placed)
	for _, t := range territories {
		t.entries, entries = entries[:0:t.size], entries[t.size:]
	}
	for i := range candidates {
		if c := &candidates[i]; outcomes[i].Ground == "" {
			t := territories[c.Territory]
			t.entries = append(t.entries, entry{c.ISEE, c.SubmittedAt, i})
		}
	}
	var all sync.WaitGroup
	for _, t := range territories {
		all.Go(func() { t.rank(candidates, outcomes) })
	}
	all.Wait()
	return outcomes
}

// judge tells what a candidate is entitled to, or why to nothing: the territory
// is judged first, then the ISEE, then the band.
func judge(r *Rules, t *territory, c *Candidate) Outcome {
	switch {
	case t == nil:
		return Outcome{Ground: TerritoryUnknown}
	case t.closed:
		return Outcome{Ground: TerritoryClosed}
	case c.ISEEStatus == ISEEMissing:
		return Outcome{Ground: GroundISEEMissing}
	case c.ISEEStatus == ISEEDefective:
		return Outcome{Ground: GroundISEEDefective}
	}
	band, ok := r.Band(c.ISEE)
	if !ok {
		return Outcome{Ground: ISEEAboveLimit}
	}
	return Outcome{Entitled: band.Amount}
}

// territory is one ranking of an edition, on its own.
type territory struct {
	closed    bool
	completes bool         // an award in it
	budget    money.Amount // less what is kept
	size      int          // of entries, once they are in
	entries   []entry
}

// entry is a candidate with a right, and all that usually orders it close by.
type entry struct {
	isee        money.Amount
	submittedAt int64
	candidate   int
}

// rank fills in the outcomes of its entries.
func (t *territory) rank(candidates []Candidate, outcomes []Outcome) {
	places := ranking.Rank(t.entries,
		ranking.Criterion[entry]{Name: ByISEE, Compare: func(a, b entry) int { return cmp.Compare(a.isee, b.isee) }},
		ranking.Criterion[entry]{Name: BySubmission, Compare: func(a, b entry) int { return cmp.Compare(a.submittedAt, b.submittedAt) }},
		ranking.Criterion[entry]{Name: ByApplication, Compare: func(a, b entry) int {
			return strings.Compare(candidates[a.candidate].ID, candidates[b.candidate].ID)
		}})
	fund := ranking.NewFund(t.budget, ranking.Partial)
	if t.completes {
		for p := range places {
			if c, o := &candidates[p.Entry.candidate], &outcomes[p.Entry.candidate]; c.Completes && o.Awarded < o.Entitled {
				o.Awarded += fund.Award(o.Entitled - o.Awarded)
			}
		}
	}
	for p := range places {
		o := &outcomes[p.Entry.candidate]
		o.Rank, o.Decided = p.Rank, p.Decided
		if candidates[p.Entry.candidate].Kept == 0 {
			o.Awarded = fund.Award(o.Entitled)
		}
		o.Residual = fund.Residual()
	}
}
