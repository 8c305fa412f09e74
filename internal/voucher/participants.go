package voucher

import (
	"context"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/once"
)

// ParticipantStore keeps deliveries of CNOP's list and who takes part. Every write
// carries its form: one that was stored before is not acted on again.
type ParticipantStore interface {
	DetailStore
	// Known is everybody who takes part or did, with the sessions booked with them
	// from today on, as a list that speaks of a day is compared with.
	Known(ctx context.Context, day, today calendar.Date) ([]Known, error)
	// PrepareDelivery keeps a delivery with its rows, as made of the last list in
	// force and of who is known; ErrOpenDelivery while another waits.
	PrepareDelivery(ctx context.Context, form once.Form, day, today calendar.Date, e audit.Entry,
		build func(last Delivery, known []Known) (Delivery, Comparison, error)) (DeliveryID, error)
	// SettleDelivery locks a delivery and the list and asks what becomes of it. With
	// again, it is compared anew first: where it comes out different, the new
	// comparison is kept in its stead and nothing else is done: ErrListMoved. What is
	// applied is in force at once, with the register and the notices.
	SettleDelivery(ctx context.Context, form once.Form, id DeliveryID, today calendar.Date, e audit.Entry,
		judge func(Delivery) (Delivery, error), again func(Delivery, []ListRow, []Known) Comparison) error
	// ChangeEnrolment locks a professional and asks what to do with their enrolment.
	ChangeEnrolment(ctx context.Context, form once.Form, of identity.PersonID, today calendar.Date, e audit.Entry,
		decide func(Card) (Turn, error)) error

	// Deliveries lists every delivery, newest first.
	Deliveries(ctx context.Context) ([]Delivery, error)
	// Delivery is one of them; fault.ErrNotFound.
	Delivery(ctx context.Context, id DeliveryID) (Delivery, error)
	// DeliveryRows is a page of the rows of a delivery with a change, by line;
	// of the removed, those with sessions first.
	DeliveryRows(ctx context.Context, id DeliveryID, change Change, page, size int) ([]DeliveryRow, error)
	// Card is a professional on the list, or once on it; fault.ErrNotFound.
	Card(ctx context.Context, of identity.PersonID, today calendar.Date) (Card, error)
	// ByFiscalCode is who on the list, or once on it, has a fiscal code; fault.ErrNotFound.
	ByFiscalCode(ctx context.Context, code identity.FiscalCode) (identity.PersonID, error)
	// Roll is a page of everybody who takes part or did.
	Roll(ctx context.Context, ask RollAsk) (RollPage, error)
	// Areas counts who is on the list on a day, by territory and province.
	Areas(ctx context.Context, on calendar.Date) ([]Area, error)
	// AskReport keeps what INPS asks about a professional.
	AskReport(ctx context.Context, form once.Form, of identity.PersonID, text string, e audit.Entry) error
	// AnswerReport keeps CNOP's answer; ErrAnswered, fault.ErrNotFound.
	AnswerReport(ctx context.Context, form once.Form, id, text string, e audit.Entry) error
	// Reports lists what INPS asked, what waits for an answer first; about one
	// professional where one is named.
	Reports(ctx context.Context, about identity.PersonID) ([]Report, error)
	// Report is one of them; fault.ErrNotFound.
	Report(ctx context.Context, id string) (Report, error)
	// Write notes what was looked at or taken away.
	Write(ctx context.Context, e audit.Entry) error
}

// Participants is the deliveries of CNOP's list and the card of each professional.
// It embeds the store for what is only read.
type Participants struct {
	ParticipantStore
	now func() time.Time
}

// NewParticipants is the service on a store, with a clock.
func NewParticipants(s ParticipantStore, now func() time.Time) *Participants {
	return &Participants{s, now}
}

// Preview is what a list would do, with nothing kept.
func (s *Participants) Preview(ctx context.Context, day calendar.Date, extent Extent, file ListFile) (Comparison, error) {
	known, err := s.Known(ctx, day, calendar.On(s.now()))
	if err != nil {
		return Comparison{}, err
	}
	return Compare(file.Rows, extent, known), nil
}

// Prepare keeps a list that speaks of a day as a draft, compared with what stands.
// The day is not to come, and not before that of the list in force.
func (s *Participants) Prepare(ctx context.Context, who identity.Actor, form once.Form, day calendar.Date, extent Extent, file ListFile) (DeliveryID, error) {
	if err := may(who, identity.CNOP, identity.Prepare); err != nil {
		return "", err
	}
	now := s.now()
	today := calendar.On(now)
	if extent != FullList && extent != ChangesOnly {
		return "", ErrExtent
	}
	if day.IsZero() || day.After(today) {
		return "", ErrListDay
	}
	d := Delivery{ID: DeliveryID(uuid.NewString()), Extent: extent, Day: day, Digest: file.Digest, State: DeliveryDraft, PreparedBy: who.Person, PreparedAt: now}
	return s.PrepareDelivery(ctx, form, day, today, d.entry(who, now, DeliveryWasPrepared), func(last Delivery, known []Known) (Delivery, Comparison, error) {
		if day.Before(last.Day) {
			return d, Comparison{}, ErrListDay
		}
		c := Compare(file.Rows, extent, known)
		d.Tally = c.Tally
		return d, c, nil
	})
}

// Send hands a draft, as its sender saw it, over to INPS.
func (s *Participants) Send(ctx context.Context, who identity.Actor, form once.Form, id DeliveryID, revision int, confirmed bool) error {
	now := s.now()
	e := Delivery{ID: id}.entry(who, now, DeliveryWasSent)
	return s.SettleDelivery(ctx, form, id, calendar.On(now), e, func(d Delivery) (Delivery, error) {
		if d.State == DeliveryDraft && d.Revision != revision {
			return d, ErrListMoved
		}
		return d.Send(who, confirmed, now)
	}, again)
}

// Apply puts a list that was sent, as INPS saw it, in force.
func (s *Participants) Apply(ctx context.Context, who identity.Actor, form once.Form, id DeliveryID, revision int) error {
	now := s.now()
	e := Delivery{ID: id}.entry(who, now, DeliveryWasApplied)
	return s.SettleDelivery(ctx, form, id, calendar.On(now), e, func(d Delivery) (Delivery, error) {
		if d.State == DeliverySent && d.Revision != revision {
			return d, ErrListMoved
		}
		return d.Apply(who, now)
	}, again)
}

// Drop takes a delivery back before it is in force.
func (s *Participants) Drop(ctx context.Context, who identity.Actor, form once.Form, id DeliveryID) error {
	now := s.now()
	e := Delivery{ID: id}.entry(who, now, DeliveryWasDropped)
	return s.SettleDelivery(ctx, form, id, calendar.On(now), e, func(d Delivery) (Delivery, error) { return d.Drop(who) }, nil)
}

func again(d Delivery, rows []ListRow, known []Known) Comparison {
	return Compare(rows, d.Extent, known)
}

// Suspend takes a professional off the list from a day on; sessions booked stand.
func (s *Participants) Suspend(ctx context.Context, who identity.Actor, form once.Form, of identity.PersonID, from calendar.Date, why string) error {
	now := s.now()
	today := calendar.On(now)
	e := audit.Entry{At: now, Actor: who, Action: EnrolmentSuspended, About: of}
	return s.ChangeEnrolment(ctx, form, of, today, e, func(c Card) (Turn, error) { return c.Suspend(who, from, today, why) })
}

// Resume puts a suspended professional back on the list from a day on.
func (s *Participants) Resume(ctx context.Context, who identity.Actor, form once.Form, of identity.PersonID, from calendar.Date, why string) error {
	now := s.now()
	today := calendar.On(now)
	e := audit.Entry{At: now, Actor: who, Action: EnrolmentResumed, About: of}
	return s.ChangeEnrolment(ctx, form, of, today, e, func(c Card) (Turn, error) { return c.Resume(who, from, today, why) })
}

// Ask reports to CNOP what does not agree about a professional.
func (s *Participants) Ask(ctx context.Context, who identity.Actor, form once.Form, of identity.PersonID, text string) error {
	if err := may(who, identity.INPS, identity.Prepare); err != nil {
		return err
	}
	text, err := reportText(text)
	if err != nil {
		return err
	}
	return s.AskReport(ctx, form, of, text, audit.Entry{At: s.now(), Actor: who, Action: ReportAsked, About: of})
}

// Reply answers what INPS asked.
func (s *Participants) Reply(ctx context.Context, who identity.Actor, form once.Form, id, text string) error {
	if err := may(who, identity.CNOP, identity.Prepare, identity.Approve); err != nil {
		return err
	}
	text, err := reportText(text)
	if err != nil {
		return err
	}
	return s.AnswerReport(ctx, form, id, text, audit.Entry{At: s.now(), Actor: who, Action: ReportAnswered, Subject: id})
}

// See is the card of a professional for somebody of an office; the look is written.
func (s *Participants) See(ctx context.Context, who identity.Actor, of identity.PersonID) (Card, error) {
	now := s.now()
	c, err := s.Card(ctx, of, calendar.On(now))
	if err != nil {
		return c, err
	}
	return c, s.Write(ctx, audit.Entry{At: now, Actor: who, Action: ProfessionalSeen, About: of})
}

// Take notes that somebody took the list in force, or the rows of a delivery, away
// in a file.
func (s *Participants) Take(ctx context.Context, who identity.Actor, what audit.Action, id DeliveryID) error {
	return s.Write(ctx, audit.Entry{At: s.now(), Actor: who, Action: what, Subject: string(id)})
}
