package portal

import (
	"net/url"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/office"
	"portal/web/oversight"
	"portal/web/ui"
)

// proposed is what one administrator proposed and another decides on.
type proposed interface {
	MayDecide(identity.Actor) error
	MayWithdraw(identity.Actor) error
}

// fillDecision asks who may take it for the decision on x, as it was filled in before; its
// proposer may take it back instead. While x is open, others are told why they decide
// nothing. A decision that was refused says why.
func fillDecision(page *oversight.DecisionPage, x proposed, open bool, who identity.Actor, fields url.Values, wrong *fault.Reason) {
	f, may := page.Frame, x.MayDecide(who)
	page.Decides, page.Chosen, page.Why = may == nil, fields.Get("decisione"), fields.Get("motivo")
	page.Refuse = ui.Option{Value: "rifiuta", Label: f.T("administration.decide.refuse"), Hint: f.T("administration.decide.refuse.hint")}
	if x.MayWithdraw(who) == nil {
		page.Withdraw = f.T("administration.withdraw")
	}
	if may != nil && open {
		page.Note = words(f, fault.As(may))
	}
	switch {
	case wrong == nil:
	case !page.Decides: // there is no field to say it at
		page.Errors = []ui.FieldError{{Text: words(f, wrong)}}
	case wrong == office.ErrWhy:
		page.Errors = []ui.FieldError{{Field: "motivo", Text: words(f, wrong)}}
	default:
		page.Errors = []ui.FieldError{{Field: "decisione", Text: words(f, wrong)}}
	}
}
