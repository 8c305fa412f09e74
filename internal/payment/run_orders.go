package payment

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"iter"
	"strconv"
	"time"

	"portal/internal/calendar"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/money"
)

// OrderID names an order: a random UUID.
type OrderID string

// OrderState is where an order stands.
//
//	OrderFrozen ──> OrderSent ──> OrderPaid
//	     │              └────┬───────┘
//	     └> OrderReleased    └> OrderReturned
type OrderState string

// The states. What was released or returned is due again.
const (
	OrderFrozen   OrderState = "frozen"
	OrderSent     OrderState = "sent"
	OrderPaid     OrderState = "paid"
	OrderReturned OrderState = "returned" // by the bank
	OrderReleased OrderState = "released" // taken out before the file was sent
)

// OrderStates lists every state; the database knows the same words.
var OrderStates = []OrderState{OrderFrozen, OrderSent, OrderPaid, OrderReturned, OrderReleased}

// Order is a credit of a run: to one payee, for all that they are due.
type Order struct {
	ID        OrderID
	Run       RunID
	Number    int // within the run
	EndToEnd  string
	Payee     identity.PersonID
	IBAN      iban.IBAN
	Holder    string
	Amount    money.Amount
	State     OrderState
	Why       string // it was released
	Hold      Hold   // what stood in its way then, "" for nothing
	Note      string // of who took it out
	Reference string // of the bank
	ValueDay  calendar.Date
	Reason    string // code of why it came back
	OutcomeAt time.Time
	Lines     int   // sessions that it pays
	Of        Share // of the indemnity: what it pays
}

// Line is what an order pays: a session, or a share of the indemnity.
type Line struct {
	Booking   string
	Invoice   string
	Edition   string
	Territory string
	Share
	Amount  money.Amount
	Repairs int64 // the line that came back, 0 for none
}

// Share is what somebody is due for an application for the indemnity: all of it, or an
// heir's part.
type Share struct {
	Application string // "" in a run of the contribution
	Protocol    string // its number
	Ranking     string // the publication that it is due by
	Heir        string // "" for the member
	Parts
}

// ReleasedWhy are the codes of why an order left a run before it was sent: by a hand,
// because it was blocked when the others were sent, or with the whole run.
const (
	ReleasedByHand     = "taken_out"
	ReleasedAsBlocked  = "blocked"
	ReleasedWithReturn = "run_returned"
	ReleasedWithDrop   = "run_dropped"
)

// Row is a line of a run with the order that pays it.
type Row struct {
	Order
	Line Line
}

// Sums are what the orders of a run and their lines come to.
type Sums struct {
	Orders       int
	OrdersAmount money.Amount
	Lines        int
	LinesAmount  money.Amount
	Digest       []byte
}

// Sum adds up what stands in a run, by number of the order and session. Its digest is
// the SHA-256 of a row of facts for each order, and one for each of its lines.
func Sum(rows iter.Seq2[Row, error]) (Sums, error) {
	var s Sums
	h, last := sha256.New(), 0
	var b []byte
	for r, err := range rows {
		if err != nil {
			return s, err
		}
		if r.Number != last {
			last = r.Number
			s.Orders, s.OrdersAmount = s.Orders+1, s.OrdersAmount+r.Amount
			b = fmt.Appendf(b[:0], "%d\t%s\t%s\t%s\t%q\t%d\n", r.Number, r.EndToEnd, r.Payee, r.IBAN, r.Holder, r.Amount)
			h.Write(b)
		}
		s.Lines, s.LinesAmount = s.Lines+1, s.LinesAmount+r.Line.Amount
		b = r.Line.facts(append(b[:0], '\t'))
		b = append(strconv.AppendInt(b, int64(r.Line.Amount), 10), '\t')
		h.Write(append(strconv.AppendInt(b, r.Line.Repairs, 10), '\n'))
	}
	s.Digest = h.Sum(nil)
	return s, nil
}

// facts adds what a line is for to a row of facts.
func (l Line) facts(b []byte) []byte {
	texts := []string{l.Booking, l.Invoice, l.Edition, l.Territory}
	if l.Application != "" {
		texts = []string{l.Application, l.Heir, l.Ranking, l.Gross.Decimal(), l.Withholding.Decimal(), l.SetOff.Decimal()}
	}
	for _, text := range texts {
		b = append(append(b, text...), '\t')
	}
	return b
}

// FileDigest is the SHA-256 of the file of a run for the bank.
func FileDigest(r Run, orders iter.Seq2[Order, error]) ([]byte, error) {
	h := sha256.New()
	if err := WriteFile(h, r, orders); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// sameFile tells whether a file is still the one that was sent.
func (r Run) sameFile(digest []byte) error {
	if !bytes.Equal(r.FileDigest, digest) {
		return fmt.Errorf("run %s: its file is not the one that was sent", r.ID)
	}
	return nil
}
