package voucher

import (
	"io"
	"strconv"
	"sync"

	"portal/internal/batch"
)

// Rows are put into words so many at a time, by so many at once.
const (
	blockRows = 1 << 13
	writers   = 4
)

// WriteRanking writes the outcomes of candidates, in their order: by the byte
// order of their IDs the same bytes come of the same applications.
func WriteRanking(w io.Writer, candidates []Candidate, outcomes []Outcome) error {
	if _, err := io.WriteString(w, "application_id,territory,rank,entitled_amount,awarded_amount,outcome,reason\n"); err != nil {
		return err
	}
	return writeRows(w, len(candidates), func(text []byte, at int) []byte {
		return appendOutcome(text, &candidates[at], &outcomes[at])
	})
}

// writeRows writes so many rows in their order.
func writeRows(w io.Writer, rows int, appendRow func(text []byte, at int) []byte) error {
	var texts [writers][]byte
	for from := 0; from < rows; from += writers * blockRows {
		var all sync.WaitGroup
		for i := range texts {
			all.Go(func() {
				start := min(from+i*blockRows, rows)
				end := min(start+blockRows, rows)
				text := texts[i][:0]
				for at := start; at < end; at++ {
					text = appendRow(text, at)
				}
				texts[i] = text
			})
		}
		all.Wait()
		for _, text := range texts {
			if _, err := w.Write(text); err != nil {
				return err
			}
		}
	}
	return nil
}

func appendOutcome(b []byte, c *Candidate, o *Outcome) []byte {
	b = append(appendQuoted(b, c.ID), ',')
	b = append(appendQuoted(b, c.Territory), ',')
	if o.Rank > 0 {
		b = strconv.AppendInt(b, int64(o.Rank), 10)
		b = append(b, ',')
		b = batch.AppendDecimal(b, o.Entitled)
	} else {
		b = append(b, ',')
	}
	b = append(b, ',')
	b = append(batch.AppendDecimal(b, o.Awarded), ',')
	b = append(append(b, o.State()...), ',')
	return append(append(b, o.Ground...), '\n')
}
