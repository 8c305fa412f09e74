package indemnity

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"

	"portal/internal/batch"
	"portal/internal/calendar"
	"portal/internal/money"
)

// WriteResults writes the results of a batch in their order, one after the other.
func WriteResults(w io.Writer, call CallID, results []Result, summary Summary) error {
	out := jsonWriter{to: bufio.NewWriterSize(w, jsonWindow)}
	out.open('{')
	out.text("call_id", string(call))
	out.key("results")
	out.open('[')
	for i := range results {
		out.result(&results[i])
	}
	out.close(']')
	out.key("summary")
	out.summary(&summary)
	out.close('}')
	out.line = append(out.line, '\n')
	out.flush()
	return out.to.Flush()
}

func (w *jsonWriter) result(r *Result) {
	ranked := r.Outcome == OutcomeRanked
	w.open('{')
	w.text("application_id", r.ID)
	w.text("applicant_id", r.Applicant)
	w.text("outcome", string(r.Outcome))
	words(w, "reason_codes", r.Codes)
	words(w, "warnings", r.Warnings)
	w.date("submission_deadline", r.Deadline)
	w.date("event_end_used", r.EndUsed)
	w.date("recognised_start", r.Recognised.From)
	w.date("recognised_end", r.Recognised.To)
	w.number("total_duration_days", r.Duration, true)
	e := &r.Entitlement
	w.number("indemnifiable_days", e.Days, ranked)
	w.key("indemnifiable_days_by_year")
	if ranked {
		w.open('{')
		for _, y := range e.ByYear {
			w.number(strconv.Itoa(y.Year), y.Is, true)
		}
		w.close('}')
	} else {
		w.raw("null")
	}
	w.number("income_year", e.IncomeYear, ranked)
	w.money("daily_full_amount", e.FullDaily, ranked)
	w.money("daily_amount", e.Daily, ranked)
	w.money("gross_before_reduction", e.BeforeReduction, ranked)
	w.money("other_cover_reduction", e.Reduction, ranked)
	w.money("gross_indemnity", e.Gross, ranked)
	w.money("withholding_amount", e.Withholding, ranked)
	w.money("net_indemnity", e.Net, ranked)
	w.money("debt_amount", r.Debt, true)
	w.money("offset_amount", r.SetOff, ranked)
	w.money("payable_amount", r.Payable, ranked)
	w.number("score_isee", r.Score.ISEE, ranked)
	w.number("score_duration", r.Score.Duration, ranked)
	w.number("score_exclusivity", r.Score.Exclusivity, ranked)
	w.number("score_total", r.Score.Total(), ranked)
	w.number("rank", r.Rank, ranked)
	w.number("ex_aequo_group", r.ExAequo, ranked)
	if ranked {
		w.text("funding_status", string(r.Funding))
	} else {
		w.key("funding_status")
		w.raw("null")
	}
	w.money("funded_gross", r.FundedGross, true)
	w.money("recovery_amount", r.Recovery, true)
	w.text("final_status", r.Final())
	w.close('}')
}

func (w *jsonWriter) summary(s *Summary) {
	w.open('{')
	w.number("applications", s.Applications, true)
	w.number("ranked", s.Ranked, true)
	w.number("funded", s.Funded, true)
	w.number("not_funded", s.NotFunded, true)
	w.money("requested_gross", s.RequestedGross, true)
	w.money("funded_gross", s.FundedGross, true)
	residual := money.Amount(0)
	if s.Residual != nil {
		residual = *s.Residual
	}
	w.money("residual_budget", residual, s.Residual != nil)
	w.close('}')
}

// jsonWriter writes JSON with an indent of one space. What goes wrong with the writing is
// kept by the bufio.Writer until the end.
type jsonWriter struct {
	to    *bufio.Writer
	line  []byte
	depth int
	some  bool // something stands in the brackets at hand
	named bool // the name of what comes stands there
}

// begin begins a value where it stands.
func (w *jsonWriter) begin() {
	if w.named {
		w.named = false
		return
	}
	if w.depth == 0 {
		return
	}
	if w.some {
		w.line = append(w.line, ',')
	}
	w.newline()
	w.some = true
}

func (w *jsonWriter) newline() {
	w.line = append(w.line, '\n')
	for range w.depth {
		w.line = append(w.line, ' ')
	}
}

func (w *jsonWriter) open(bracket byte) {
	w.begin()
	w.line = append(w.line, bracket)
	w.depth++
	w.some = false
}

func (w *jsonWriter) close(bracket byte) {
	w.depth--
	if w.some {
		w.newline()
	}
	w.line = append(w.line, bracket)
	w.some = true
	w.flush()
}

func (w *jsonWriter) flush() {
	_, _ = w.to.Write(w.line) // Flush tells
	w.line = w.line[:0]
}

func (w *jsonWriter) key(name string) {
	w.begin()
	w.line = append(appendText(w.line, name), ": "...)
	w.named = true
}

func (w *jsonWriter) raw(text string) {
	w.begin()
	w.line = append(w.line, text...)
}

func (w *jsonWriter) text(name, is string) {
	w.key(name)
	w.begin()
	w.line = appendText(w.line, is)
}

// appendText appends a text in quotes. Those of identifiers and codes are as they are.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(text) // a string always can be
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

func (w *jsonWriter) date(name string, is calendar.Date) {
	if is.IsZero() {
		w.key(name)
		w.raw("null")
		return
	}
	w.text(name, is.String())
}

func (w *jsonWriter) number(name string, is int, known bool) {
	w.key(name)
	w.begin()
	if known {
		w.line = strconv.AppendInt(w.line, int64(is), 10)
	} else {
		w.line = append(w.line, "null"...)
	}
}

func (w *jsonWriter) money(name string, is money.Amount, known bool) {
	w.key(name)
	w.begin()
	if known {
		w.line = append(batch.AppendDecimal(append(w.line, '"'), is), '"')
	} else {
		w.line = append(w.line, "null"...)
	}
}

func words[T ~string](w *jsonWriter, name string, all []T) {
	w.key(name)
	w.open('[')
	for _, is := range all {
		w.begin()
		w.line = appendText(w.line, string(is))
	}
	w.close(']')
}
