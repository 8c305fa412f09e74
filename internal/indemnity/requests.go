package indemnity

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/term"
)

// What is written in the register about requests. The subject is the request.
const (
	RequestMade     audit.Action = "indemnity.request_made"
	RequestReached  audit.Action = "indemnity.request_reached" // who applied, as the office records it
	RequestWasRead  audit.Action = "indemnity.request_read"    // in the portal, for the first time
	RequestReminded audit.Action = "indemnity.request_reminded"
	AnswerSaved     audit.Action = "indemnity.answer_saved"
	AnswerSent      audit.Action = "indemnity.answer_sent"
	AnswerCameLate  audit.Action = "indemnity.answer_late"
)

// Why nothing can be asked, or recorded, or answered.
var (
	ErrRequestText    = fault.Invalid("indemnity.request_text")
	ErrRequestItems   = fault.Invalid("indemnity.request_items")
	ErrRequestLong    = fault.Invalid("indemnity.request_long")
	ErrRequestOpen    = fault.Refuse("indemnity.request_open")  // one of the same kind is
	ErrNotInReview    = fault.Refuse("indemnity.not_in_review") // nothing is asked for any more
	ErrReachedBefore  = fault.Invalid("indemnity.reached_before")
	ErrReachedAlready = fault.Refuse("indemnity.reached_already")
	ErrRequestOver    = fault.Refuse("indemnity.request_over")  // answered, taken back or closed
	ErrRequestLate    = fault.Refuse("indemnity.request_late")  // its term is over
	ErrRequestOther   = fault.Refuse("indemnity.request_other") // it is to another heir
	ErrAnswerEmpty    = fault.Invalid("indemnity.answer_empty")
	ErrAnswerLong     = fault.Invalid("indemnity.answer_long")
	ErrAnswerMoved    = fault.Stale("indemnity.answer_moved")
)

// The ways by which a request reaches somebody.
const (
	ReachedByPortal = "portal" // available in the reserved area, with a notice
	ReachedByPEC    = "pec"    // delivery receipt
	ReachedByHand   = "hand"
)

// itemCode is what the code of an item may be: it stands in addresses.
var itemCode = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// Ask asks who applied for papers or for their contributions, in the name of an officer,
// within the days that the call has. Of several heirs each answers for their own papers:
// a request may be to one of them. Who sent their application in the portal is reached
// as soon as the request stands there and they are told (A33): its term runs from that
// day. Who came by another way is reached when the office records it, or when they open
// the request in the portal.
func (s *Applications) Ask(ctx context.Context, who identity.Actor, form once.Form, of CaseID, q Request) (RequestID, error) {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return "", err
	}
	if err := q.flaw(); err != nil {
		return "", err
	}
	id, err := s.ChangeCase(ctx, form, s.now(), of, func(c CaseFile) (CaseChange, error) {
		if err := c.mayAsk(who, q.Kind, q.Heir); err != nil {
			return CaseChange{}, err
		}
		return s.asks(c, who, q)
	})
	return RequestID(id), err
}

// flaw is what stands against a request by itself.
func (r Request) flaw() error {
	if strings.TrimSpace(r.Text) == "" || r.Kind != Supplement && r.Kind != Regularisation {
		return ErrRequestText
	}
	if utf8.RuneCountInString(r.Text) > LongestNote || slices.ContainsFunc(r.Items, func(i RequestItem) bool {
		return utf8.RuneCountInString(i.Wrong) > LongestNote || utf8.RuneCountInString(i.Send) > LongestNote
	}) {
		return ErrRequestLong
	}
	type slot struct {
		kind PaperKind
		of   PaperID
	}
	var codes []string
	var slots []slot
	for _, i := range r.Items {
		at := slot{i.Paper, i.Of}
		if !itemCode.MatchString(i.Code) || slices.Contains(codes, i.Code) || strings.TrimSpace(i.Wrong+i.Send) == "" ||
			i.Paper != "" && (!slices.Contains(PaperKinds, i.Paper) || slices.Contains(slots, at)) {
			return ErrRequestItems
		}
		codes = append(codes, i.Code)
		if i.Paper != "" {
			slots = append(slots, at)
		}
	}
	if r.Kind == Supplement && len(r.Items) == 0 {
		return ErrRequestItems
	}
	return nil
}

// term is that of a request of a kind which reached somebody on a day.
func (c CaseFile) term(kind RequestKind, reachedOn calendar.Date) term.Term {
	if kind == Regularisation {
		return c.Rules.Terms().Regularisation(reachedOn)
	}
	return c.Rules.Terms().Supplement(reachedOn)
}

func (r Request) reached(c CaseFile, on calendar.Date, by string) Request {
	r.ReachedOn, r.ReachedBy, r.DueOn = on, by, c.term(r.Kind, on).End()
	return r
}

// Reach records on which day, and how, a request reached who applied: its term runs from
// then. It is recorded once.
func (s *Applications) Reach(ctx context.Context, who identity.Actor, form once.Form, of CaseID, id RequestID, on calendar.Date, by string) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	_, err := s.ChangeCase(ctx, form, s.now(), of, func(c CaseFile) (CaseChange, error) {
		r, err := c.Request(id)
		switch {
		case err != nil:
			return CaseChange{}, err
		case c.MayFind(who) != nil:
			return CaseChange{}, c.MayFind(who)
		case r.State != Asked:
			return CaseChange{}, ErrRequestOver
		case !r.ReachedOn.IsZero():
			return CaseChange{}, ErrReachedAlready
		case on.Before(calendar.On(r.AskedAt)) || on.After(calendar.On(s.now())) || by != ReachedByPEC && by != ReachedByHand:
			return CaseChange{}, ErrReachedBefore
		}
		r = r.reached(c, on, by)
		return CaseChange{Request: &r, Tell: true, Entry: s.entry(who, RequestReached, string(id), c)}, nil
	})
	return err
}

// Read notes that a request was opened in the portal, the first time that it is: of one
// that had reached nobody the term runs from then.
func (s *Applications) Read(ctx context.Context, who identity.Actor, of CaseID, id RequestID) error {
	_, err := s.ChangeCase(ctx, once.Form{}, s.now(), of, func(c CaseFile) (CaseChange, error) {
		r, err := c.Request(id)
		if err == nil && c.Reader(who) == NoReader {
			err = fault.ErrNotFound
		}
		if err != nil || !r.ReadAt.IsZero() || r.Heir != "" && r.Heir != c.asHeir(who) {
			return CaseChange{}, err
		}
		if r.ReadAt = s.now(); r.State == Asked && r.ReachedOn.IsZero() {
			r = r.reached(c, calendar.On(r.ReadAt), ReachedByPortal)
		}
		return CaseChange{Request: &r, Entry: s.entry(who, RequestWasRead, string(id), c)}, nil
	})
	return err
}

// MayAnswer tells why a request cannot be answered at an instant: the office has closed
// it, or its term is over, which it is at 24:00 of its last day. While it runs there may
// be more than one answer: see Open.
func (r Request) MayAnswer(now time.Time) error {
	switch {
	case r.State != Asked && r.State != Answered, r.State == Answered && r.Late(now):
		return ErrRequestOver
	case r.Late(now):
		return ErrRequestLate
	}
	return nil
}

// Open tells whether an answer to the request is still waited for at an instant.
func (r Request) Open(now time.Time) bool { return r.State == Asked && !r.Late(now) }

// Late tells whether the term of a request is over at an instant, answered or not.
func (r Request) Late(now time.Time) bool { return !r.DueOn.IsZero() && !now.Before(r.DueOn.End()) }

// receiptItem is the proof that contributions were paid, which nobody has to send.
const receiptItem = "ricevuta"

// Slots are the items of a request that take a paper; one for contributions takes the
// proof that they were paid too, for who has one.
func (r Request) Slots() (all []RequestItem) {
	for _, i := range r.Items {
		if i.Paper != "" {
			all = append(all, i)
		}
	}
	if r.Kind == Regularisation && !slices.ContainsFunc(all, func(i RequestItem) bool { return i.Code == receiptItem || i.Paper == PaymentReceipt && i.Of == "" }) {
		all = append(all, RequestItem{Code: receiptItem, Paper: PaymentReceipt})
	}
	return all
}

// Answers tells whether a paper was handed in for an item.
func (i RequestItem) Answers(r Request, p Paper) bool {
	return p.Request == string(r.ID) && i.Paper != "" && p.Kind == i.Paper && p.Replaces == i.Of
}

// Lacks are the items of a request that want a paper and have none with its file.
func (r Request) Lacks(papers []Paper) (all []RequestItem) {
	for _, i := range r.Items {
		if i.Paper != "" && !slices.ContainsFunc(papers, func(p Paper) bool { return i.Answers(r, p) && p.Attachment != "" }) {
			all = append(all, i)
		}
	}
	return all
}
