package payment

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// Why outcomes are not recorded.
var (
	ErrOutcomes     = fault.Invalid("payment.outcomes") // see OutcomeFaults
	ErrNoOutcomes   = fault.Invalid("payment.no_outcomes")
	ErrOutcomesSize = fault.Invalid("payment.outcomes_size")
)

// OutcomeFormat is how the bank answered.
type OutcomeFormat string

// The formats.
const (
	Pain002     OutcomeFormat = "pain.002"
	OutcomesCSV OutcomeFormat = "csv"
)

// How many faults of a file are listed, and how long the bank's reference may be.
const (
	mostFaults    = 200
	mostReference = 35
)

// OutcomeFault is what is wrong in a line of a file of outcomes.
type OutcomeFault struct {
	Line int    // 0: of the whole file
	Code string // key of its words
	ID   string // the end-to-end id there, "" for none
}

// OutcomeFaults are all that is wrong with a file of outcomes: nothing of it is
// recorded.
type OutcomeFaults []OutcomeFault

// Error says how many they are.
func (f OutcomeFaults) Error() string { return fmt.Sprintf("%d faults in a file of outcomes", len(f)) }

// Unwrap is the reason.
func (f OutcomeFaults) Unwrap() error { return ErrOutcomes }

// Report is what a file of the bank says.
type Report struct {
	Format  OutcomeFormat
	Message string   // the file that it answers, "" in CSV
	Answers []Answer // one for each order that is named
	All     *Answer  // for all orders, where none is named
	Open    int      // orders of which it says nothing final
}

// Answer is what the bank says of an order.
type Answer struct {
	Line      int
	EndToEnd  string
	Paid      bool // or else it came back
	Underway  bool // of what is paid: the bank settles it, on the day for which it was asked
	Amount    money.Amount
	HasAmount bool
	ValueDay  calendar.Date // zero where it does not say
	Reference string
	Reason    string // code of why it came back
}

// Settlement is an order with what becomes of it.
type Settlement struct {
	Order Order // as it will be
	Was   OrderState
	// AccountFails is why the account is rejected, "" where it was not at fault: the
	// payee has to give another.
	AccountFails string
}

// accountFaults are the reasons for which another try to the same account is idle: it
// does not exist, is closed, blocked, takes no transfers, is somebody else's, or its
// holder has died (ISO 20022 ExternalStatusReason1Code).
var accountFaults = map[string]string{"AC01": SentBack, "AC03": SentBack, "AC04": ClosedAccount, "AC06": SentBack, "AG01": SentBack, "BE01": WrongHolder, "MD07": SentBack}

// Outcome is a file of the bank that was recorded.
type Outcome struct {
	ID       string
	Format   OutcomeFormat
	Paid     int
	Returned int
	Recorded Signature
	Before   bool // it had been recorded before: nothing was done now
}

// ReadOutcomes reads a file of the bank, XML or CSV by what it begins with.
// OutcomeFaults.
func ReadOutcomes(r io.Reader) (Report, error) {
	text := bufio.NewReader(r)
	head, _ := text.Peek(512) // a shorter file is whole
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	var report Report
	var faults OutcomeFaults
	switch {
	case len(head) == 0:
		faults = OutcomeFaults{{Code: "empty"}}
	case head[0] == '<':
		report, faults = readPain002(text)
	default:
		report, faults = readOutcomesCSV(text)
	}
	if len(faults) > 0 {
		return report, faults
	}
	return report, nil
}

// OutcomeColumns are the columns of a file of outcomes as CSV, separated by semicolons.
var OutcomeColumns = []string{"end_to_end", "esito", "importo", "valuta", "riferimento", "motivo"}

func readOutcomesCSV(text *bufio.Reader) (Report, OutcomeFaults) {
	report := Report{Format: OutcomesCSV}
	if head, _ := text.Peek(3); string(head) == "\ufeff" {
		_, _ = text.Discard(3) // they are there
	}
	r := csv.NewReader(text)
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = ';', len(OutcomeColumns), true
	var faults OutcomeFaults
	for first := true; len(faults) <= mostFaults && len(report.Answers) <= mostOutcomes; first = false {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return report, faults
		}
		line := 1
		if err == nil {
			line, _ = r.FieldPos(0)
		}
		var bad *csv.ParseError
		switch {
		case first && (err != nil || !slices.Equal(row, OutcomeColumns)):
			return report, OutcomeFaults{{Line: 1, Code: "columns"}}
		case first:
		case errors.As(err, &bad) && errors.Is(err, csv.ErrFieldCount):
			faults = append(faults, OutcomeFault{Line: bad.Line, Code: "fields"})
		case errors.As(err, &bad):
			return report, append(faults, OutcomeFault{Line: bad.Line, Code: "quotes"})
		case err != nil:
			return report, append(faults, OutcomeFault{Code: "unreadable"})
		default:
			a, code := answerOf(line, row)
			if code != "" {
				faults = append(faults, OutcomeFault{line, code, a.EndToEnd})
				continue
			}
			report.Answers = append(report.Answers, a)
		}
	}
	return report, append(faults, OutcomeFault{Code: "too_many"})
}

// answerOf is a row of a CSV file, or the code of what is wrong with it.
func answerOf(line int, row []string) (a Answer, wrong string) {
	cells := make([]string, len(row))
	for i, c := range row {
		if cells[i] = strings.TrimSpace(c); !utf8.ValidString(c) {
			return a, "text"
		}
	}
	a = Answer{Line: line, EndToEnd: cells[0], HasAmount: true, Reference: cells[4]}
	switch strings.ToLower(cells[1]) {
	case "pagato":
		a.Paid = true
	case "restituito":
		a.Reason = strings.ToUpper(cells[5])
	default:
		return a, "status"
	}
	var err error
	switch a.Amount, err = money.Parse(cells[2]); {
	case a.EndToEnd == "":
		return a, "no_id"
	case err != nil:
		return a, "amount_unreadable"
	case a.Paid && cells[3] == "":
		return a, "day"
	case !a.Paid && !reasonCode.MatchString(a.Reason):
		return a, "reason"
	case len(a.Reference) > mostReference:
		return a, "reference"
	}
	if cells[3] != "" {
		if a.ValueDay, err = dayOf(cells[3]); err != nil {
			return a, "day"
		}
	}
	return a, ""
}

// dayOf reads 2026-12-10 and 10/12/2026.
func dayOf(text string) (calendar.Date, error) {
	if part := strings.Split(text, "/"); len(part) == 3 && len(text) == len("10/12/2026") {
		text = part[2] + "-" + part[1] + "-" + part[0]
	}
	return calendar.ParseDate(text)
}

// ValueWithin is how many days ahead the bank may say that money has value: nobody is told
// that they are paid long before they are.
const ValueWithin = 5

// mayHaveValue tells whether what a run pays may have value on a day, by what is known
// today.
func (r Run) mayHaveValue(day, today calendar.Date) bool {
	return !day.Before(calendar.On(r.Sent.At)) && today.Until(day) <= ValueWithin
}

// Settle judges what a report makes today of the orders of a run, by their end-to-end
// ids: all of it, or nothing with the line of each fault. What says again what is known
// changes nothing, and what the bank settles on a day to come is open until then. An
// order that was paid may still come back; one that came back stays.
func (r Report) Settle(run Run, orders map[string]Order, today calendar.Date) (settled []Settlement, open int, err error) {
	var faults OutcomeFaults
	if r.Message != "" && r.Message != run.Message() {
		return nil, 0, OutcomeFaults{{Code: "other_message", ID: r.Message}}
	}
	answers := r.Answers
	if r.All != nil {
		for _, o := range orders {
			if o.State != OrderReleased {
				a := *r.All
				a.EndToEnd = o.EndToEnd
				answers = append(answers, a)
			}
		}
	}
	open = r.Open
	seen := make(map[string]int, len(answers))
	for _, a := range answers {
		if len(faults) >= mostFaults {
			break
		}
		wrong := func(code string) { faults = append(faults, OutcomeFault{a.Line, code, a.EndToEnd}) }
		o, known := orders[a.EndToEnd]
		_, twice := seen[a.EndToEnd]
		seen[a.EndToEnd] = a.Line
		switch {
		case !known:
			wrong("unknown")
		case twice:
			wrong("twice")
		case a.HasAmount && a.Amount != o.Amount:
			wrong("amount")
		case o.State == OrderReleased || o.State == OrderFrozen:
			wrong("not_sent")
		case o.State == OrderReturned && (a.Paid || a.Reason != o.Reason):
			wrong("answered")
		case o.State == OrderReturned, o.State == OrderPaid && a.Paid:
			// said again
		case a.Paid && !a.ValueDay.IsZero() && !run.mayHaveValue(a.ValueDay, today):
			wrong("value_day")
		case a.Underway && today.Before(run.ExecuteOn):
			open++
		default:
			settled = append(settled, settlement(run, o, a))
		}
	}
	if len(faults) > 0 {
		return nil, 0, faults
	}
	if len(settled) == 0 {
		return nil, open, ErrNoOutcomes
	}
	slices.SortFunc(settled, func(a, b Settlement) int { return a.Order.Number - b.Order.Number })
	return settled, open, nil
}

func settlement(run Run, o Order, a Answer) Settlement {
	s := Settlement{Order: o, Was: o.State}
	if a.Reference != "" {
		s.Order.Reference = a.Reference
	}
	if !a.Paid {
		s.Order.State, s.Order.Reason = OrderReturned, a.Reason
		s.AccountFails = accountFaults[a.Reason]
		return s
	}
	if s.Order.State, s.Order.ValueDay = OrderPaid, a.ValueDay; a.ValueDay.IsZero() {
		s.Order.ValueDay = run.ExecuteOn
	}
	return s
}

// Counts tells how many of some settlements are paid and how many came back.
func Counts(all []Settlement) (paid, returned int) {
	for _, s := range all {
		if s.Order.State == OrderPaid {
			paid++
		} else {
			returned++
		}
	}
	return paid, returned
}

// MayRecord tells why somebody cannot hand in what the bank answered to a run: what came
// back is paid again, so nobody says that of their own money.
func (r Run) MayRecord(who identity.Actor) error {
	if err := r.MayTakeFile(who); err != nil {
		return err
	}
	return r.notOwn()
}
