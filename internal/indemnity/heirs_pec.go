package indemnity

import (
	"context"
	"slices"
	"strings"
	"time"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// Why a message is not registered for a case, or not put right.
var (
	ErrPECNoHeirs     = fault.Refuse("heirs.pec_no_heirs") // nobody inherits in this case
	ErrCorrectionWhy  = fault.Invalid("heirs.correction_why")
	ErrNothingToRight = fault.Invalid("heirs.correction_same")
)

// Certified is a certified message (PEC) as its two receipts tell of it, to the second: when
// the sender's provider accepted it decides whether it came in time (A32).
type Certified struct {
	Sender      string
	AcceptedAt  time.Time
	DeliveredAt time.Time
}

// flaw is what stands against a message by itself.
func (m Certified) flaw(now time.Time) error {
	switch {
	case strings.TrimSpace(m.Sender) == "" || !strings.Contains(m.Sender, "@"):
		return ErrPECSender
	case m.AcceptedAt.IsZero():
		return ErrPECAccepted
	case m.DeliveredAt.IsZero():
		return ErrPECDelivered
	case m.DeliveredAt.Before(m.AcceptedAt):
		return ErrPECOrder
	case m.DeliveredAt.After(now):
		return ErrPECToCome
	}
	return nil
}

func (m Certified) same(o Certified) bool {
	return m.Sender == o.Sender && m.AcceptedAt.Equal(o.AcceptedAt) && m.DeliveredAt.Equal(o.DeliveredAt)
}

// MessageID names a message of a case: a random UUID.
type MessageID string

// Message is a certified message of a case: what is known of it today, and what was
// registered before.
type Message struct {
	ID MessageID
	Certified
	Before []Righted // what stood there before it was put right, the first first
}

// Righted is what was registered of a message until somebody put it right.
type Righted struct {
	Certified
	Why string // it was wrong
	At  time.Time
}

// Arrived is when an application came: of one by PEC when the message that brought it was
// accepted, as the office knows it today.
func (c CaseFile) Arrived() time.Time {
	if c.Channel == PEC && len(c.Messages) > 0 {
		return c.Messages[0].AcceptedAt
	}
	return c.SubmittedAt
}

// Message is one of the case; fault.ErrNotFound.
func (c CaseFile) Message(id MessageID) (Message, error) {
	i := slices.IndexFunc(c.Messages, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, fault.ErrNotFound
	}
	return c.Messages[i], nil
}

// MayReceive tells why a message cannot be registered for a case.
func (c CaseFile) MayReceive() error {
	if c.OwnedByMember() {
		return ErrPECNoHeirs
	}
	return nil
}

// Receive registers one more message of a case that has heirs, with who of them signed
// what it brings, and what they declare. It is an act of receipt, whenever it came.
func (s *Heirs) Receive(ctx context.Context, who identity.Actor, form once.Form, id CaseID, m Certified, signed []HeirID, marks []string) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	return s.ChangeHeirs(ctx, form, s.now(), id, func(c CaseFile) (HeirsChange, error) {
		err := c.MayReceive()
		if err == nil {
			err = m.flaw(s.now())
		}
		if err != nil {
			return HeirsChange{}, err
		}
		x := HeirsChange{Message: &Message{ID: MessageID(newID()), Certified: m}, Entry: s.entry(who, MessageReceived, c)}
		for _, of := range signed {
			h, err := c.Heir(of)
			if err == nil && (c.Kind != ByHeirs || !h.SignedAt.IsZero()) {
				err = ErrSigned
			}
			if err != nil {
				return HeirsChange{}, err
			}
			x.Signed = append(x.Signed, h.signs(PEC, m.AcceptedAt, c.Rules.asHeirs(marks, m.AcceptedAt)))
		}
		return x, nil
	})
}

// Correct puts right what was registered of a message, with the reason why. What stood
// there before stays beside it; an application came when its own message was accepted,
// as it stands then.
func (s *Heirs) Correct(ctx context.Context, who identity.Actor, form once.Form, id CaseID, message MessageID, m Certified, why string) error {
	why = strings.TrimSpace(why)
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	return s.ChangeHeirs(ctx, form, s.now(), id, func(c CaseFile) (HeirsChange, error) {
		known, err := c.Message(message)
		switch {
		case err != nil:
			return HeirsChange{}, err
		case known.same(m):
			return HeirsChange{}, ErrNothingToRight
		case why == "":
			return HeirsChange{}, ErrCorrectionWhy
		}
		if err := m.flaw(s.now()); err != nil {
			return HeirsChange{}, err
		}
		known.Before = append(known.Before, Righted{known.Certified, why, s.now()})
		known.Certified = m
		return HeirsChange{Message: &known, Entry: s.entry(who, MessageRighted, c)}, nil
	})
}
