package voucher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
)

// What is written in the register when a publication is issued.
const (
	VoucherCompleted   audit.Action = "voucher.completed"   // for each award in part that gets the rest, or more of it
	ApplicationDecided audit.Action = "application.decided" // for each application
	RankingPublished   audit.Action = "ranking.published"   // once, when the last territory is done
)

// ErrCodeTaken says that a code was drawn that opens another voucher: among so
// many it happens about never, and whoever drew it draws again.
var ErrCodeTaken = errors.New("a code was drawn twice")

// Issue is a publication in one territory: what is issued at once, or not at all.
type Issue struct {
	Run       RunID
	Territory string
	Edition   Edition
	Round     int
	Day       calendar.Date // of the publication: day zero of its vouchers
	Awards    []Award       // that have no voucher yet
	Completes []Completion  // awards in part that get more
	Available *money.Amount // of a reallocation, and of what corrects one: what there is to give again; nil otherwise
}

// Completion is what a reallocation adds to a voucher.
type Completion struct {
	Voucher Voucher
	Amount  money.Amount
}

// Issued is what becomes of an Issue: new vouchers, and others as they are once their
// amount was added.
type Issued struct {
	Grants    []Grant
	Completed []Completion
}

// PublicationPart is a territory of a publication.
type PublicationPart struct {
	Run       RunID
	Territory string
}

// PartError says why a part of a publication was not issued.
type PartError struct {
	Part PublicationPart
	Err  error
}

// Error names the part.
func (e *PartError) Error() string {
	return fmt.Sprintf("issue %s of run %s: %v", e.Part.Territory, e.Part.Run, e.Err)
}

// Unwrap is the reason.
func (e *PartError) Unwrap() error { return e.Err }

// PublicationStore keeps publications. A part of the RankingStore.
type PublicationStore interface {
	// IssueNext issues a territory of a publication whose time has come, but none of
	// those that are named, in one transaction, with what issue makes of its awards;
	// false when there is none that nobody is at work on. A PartError, and nothing
	// saved, when it cannot be issued; with ErrCodeTaken in it when a code opens another
	// voucher.
	IssueNext(ctx context.Context, now time.Time, issue func(Issue) (Issued, error), except ...PublicationPart) (bool, error)
	// EndPublications ends those whose last territory is issued: the run is published,
	// and the one that it corrects superseded. It tells whether some that are due are
	// left: somebody else is at work on them.
	EndPublications(ctx context.Context, now time.Time) (left bool, err error)
	// Progress tells how far a publication is; fault.ErrNotFound.
	Progress(ctx context.Context, id RunID) (Progress, error)
	// Publications lists what was published, newest first.
	Publications(ctx context.Context) ([]Publication, error)
	// Position is what the publication in which an application has its place says of
	// it; fault.ErrNotFound before there is one.
	Position(ctx context.Context, id ApplicationID, now time.Time) (Position, error)
}

// Progress is how far a publication is.
type Progress struct {
	Codes, Made    int // vouchers to be granted, and granted
	PassedOver     int // awards of what is issued that were not granted: given up, or changed since
	Outcomes, Told int // applications to be decided, and decided
}

// Award is what a ranking gives to an application.
type Award struct {
	Application ApplicationID
	Beneficiary identity.PersonID
	Amount      money.Amount
}

// Grant is a new voucher with its code as it is kept: see Keys.
type Grant struct {
	Voucher Voucher
	Index   []byte
	Sealed  []byte
}

// Grounds lists every ground.
var Grounds = []Ground{TerritoryClosed, TerritoryUnknown, GroundISEEMissing, GroundISEEDefective, ISEEAboveLimit}

// Reason is the code under which an application says why it has no place: the
// words stand under "citizen.ground.<reason>".
func (g Ground) Reason() string {
	switch g {
	case TerritoryClosed, TerritoryUnknown:
		return "territory_outside"
	case GroundISEEMissing:
		return "isee_missing"
	case GroundISEEDefective:
		return "isee_not_corrected"
	case ISEEAboveLimit:
		return "isee_too_high"
	}
	return ""
}

// IssueDue carries out the publications whose time has come: territory by
// territory, each in a transaction of its own, it decides the applications, makes
// the vouchers and tells everybody. It tells how many territories it issued, and
// whether some are left at which somebody else is at work, or was until a moment ago.
// Whatever interrupts it, the next call goes on where it ended; two at once share
// the work. A territory that cannot be issued holds up none of the others, and is
// tried again by the next call.
func (s *Rankings) IssueDue(ctx context.Context, vouchers *Service) (issued int, left bool, err error) {
	const draws = 5
	var failed []PublicationPart
	var why []error
	for taken := 0; ; {
		more, err := s.IssueNext(ctx, s.now(), vouchers.issue, failed...)
		var part *PartError
		switch {
		case errors.Is(err, ErrCodeTaken) && taken < draws:
			taken++
		case errors.As(err, &part) && ctx.Err() == nil:
			failed, why = append(failed, part.Part), append(why, err)
		case err != nil:
			return issued, true, errors.Join(append(why, err)...)
		case !more:
			left, err = s.EndPublications(ctx, s.now())
			return issued, left, errors.Join(append(why, err)...)
		default:
			issued++
		}
	}
}

// issue makes the vouchers of a part of a publication, draws their codes, and completes
// awards. A reallocation gives nothing that is not there any more.
func (s *Service) issue(p Issue) (Issued, error) {
	terms := p.Edition.Rules.Terms(p.Day, p.Round, p.Territory)
	all := Issued{Grants: make([]Grant, len(p.Awards)), Completed: make([]Completion, len(p.Completes))}
	var sum money.Amount
	for i, a := range p.Awards {
		code, err := NewCode(s.random)
		if err != nil {
			return Issued{}, fmt.Errorf("issue %s: %w", p.Territory, err)
		}
		v := Voucher{ID: NewID(), Application: a.Application, Beneficiary: a.Beneficiary, Territory: p.Territory,
			Awarded: a.Amount, Terms: terms, State: Active, Round: p.Round}
		all.Grants[i] = Grant{v, s.keys.Index(code), s.keys.Seal(code, v.ID)}
		sum += a.Amount
	}
	for i, c := range p.Completes {
		all.Completed[i] = Completion{c.Voucher.complete(c.Amount, terms, p.Round), c.Amount}
		sum += c.Amount
	}
	if p.Available != nil && sum > *p.Available {
		return Issued{}, ErrMoneyGone
	}
	return all, nil
}

// complete adds an amount to an award in part: its code, with what was spent of it,
// goes on in the round that gives it, with the later of its terms and those of that
// round, also where it had expired. What went back to the fund then stays there. The
// term for a first session is not asked again of who had one.
func (v Voucher) complete(amount money.Amount, terms Terms, round int) Voucher {
	v.post(Completed, "", amount)
	if v.State == Expired {
		v.State, v.Reopened = Active, v.Reopened+1
	}
	v.Terms.LastDay = later(v.Terms.LastDay, terms.LastDay)
	v.Terms.ConfirmBy = later(v.Terms.ConfirmBy, terms.ConfirmBy)
	v.Terms.InvoiceBy = later(v.Terms.InvoiceBy, terms.InvoiceBy)
	v.Round = round
	return v
}
