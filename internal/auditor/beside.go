package auditor

import (
	"context"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/payment"
	"portal/internal/voucher"
)

// Applied is an application to the contribution with what stands beside it.
type Applied struct {
	voucher.Case
	Reviews []voucher.ReviewCase // the oldest first
	Money   Money
}

// Examined is a case of the indemnity with what stands beside it.
type Examined struct {
	indemnity.Opened
	Notes   []indemnity.Note
	Threads []indemnity.Thread
	SetOffs []indemnity.SetOff
	Reviews []indemnity.ReviewCase // the oldest first
	Money   payment.CaseMoney
}

// Paper is a file that was handed in with a request for re-examination. Who asked did not
// say what it is about: it may be somebody's health, and is never shown to an auditor.
type Paper struct {
	With   string // the request
	Name   string // covered: its ending
	Size   int64
	Digest string // SHA-256, in hexadecimal
	At     time.Time
	Erased time.Time // zero while it is kept
}

// Money is what was paid for the sessions of an application to the contribution, and what
// of it is to come back.
type Money struct {
	Paid       []PaidSession // by run, without what left its run
	Recoveries []Recovery    // the oldest first
}

// PaidSession is a session in a payment run.
type PaidSession struct {
	Run       int // its number
	State     payment.OrderState
	Day       calendar.Date // of the session
	Amount    money.Amount
	ValueDay  calendar.Date // zero before the bank paid
	Reference string        // of the bank, "" before
}

// Recovery is what a report that was upheld has the psychologist pay back.
type Recovery struct {
	Report  string // its protocol number
	Day     calendar.Date
	Amount  money.Amount
	Decided time.Time
}

// Sum is what was paid.
func (m Money) Sum() (sum money.Amount) {
	for _, s := range m.Paid {
		if s.State == payment.OrderPaid {
			sum += s.Amount
		}
	}
	return sum
}

// applied is an application to the contribution, as it stands.
func (s *Files) applied(ctx context.Context, id voucher.ApplicationID) (c Applied, err error) {
	if c.Case, err = s.from.Contribution.Case(ctx, id); err != nil {
		return c, err
	}
	asked, err := s.from.Reviews.Of(ctx, id)
	if err != nil {
		return c, err
	}
	for _, a := range slices.Backward(asked) {
		r, err := s.from.Reviews.Reexamination(ctx, a.ID)
		if err != nil {
			return c, err
		}
		c.Reviews = append(c.Reviews, r)
	}
	c.Money, err = s.FileStore.Money(ctx, id)
	return c, err
}

// examined is a case of the indemnity, as it stands.
func (s *Files) examined(ctx context.Context, reader identity.PersonID, id indemnity.CaseID) (x Examined, err error) {
	if x.Opened, err = s.from.Indemnity.Examined(ctx, id); err != nil {
		return x, err
	}
	if x.Notes, err = s.from.Indemnity.Notes(ctx, id); err != nil {
		return x, err
	}
	if x.Threads, err = s.from.Threads.Threads(ctx, reader, true, id); err != nil {
		return x, err
	}
	if x.SetOffs, err = s.from.Indemnity.SetOffs(ctx, id); err != nil {
		return x, err
	}
	asked, err := s.from.CaseReviews.Reviewable(ctx, id)
	if err != nil {
		return x, err
	}
	for _, a := range slices.Backward(asked.Requests) {
		r, err := s.from.CaseReviews.Reexamination(ctx, a.ID)
		if err != nil {
			return x, err
		}
		x.Reviews = append(x.Reviews, r)
	}
	x.Money, err = s.from.Money.Money(ctx, string(id), s.now())
	return x, err
}
