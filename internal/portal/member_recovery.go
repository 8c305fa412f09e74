package portal

import (
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/web/member"
	"portal/web/ui"
)

// revokedNext says what follows from the letter that takes an indemnity back: what is to
// be given back, by whom and by when.
func revokedNext(f ui.Frame, c indemnity.CaseFile, d indemnity.Decision) (next []string) {
	var account indemnity.Recovery
	for _, x := range c.Recoveries {
		if x.Decision == d.ID {
			account = x
			next = append(next, f.T("outcome.next.revoked.owed", "Name", x.Payee.Name(), "Amount", x.Amount, "By", ui.ByDay(x.DueOn)))
		}
	}
	switch {
	case d.State != indemnity.DecisionMade:
		next = append(next, f.T("outcome.next.revoked.if_paid"))
	case len(next) == 0:
		next = append(next, f.T("outcome.next.revoked.unpaid"))
	default:
		next = append(next, paidBack(f, account), f.T("outcome.next.revoked.how", "Protocol", d.Protocol))
	}
	return append(next, f.T("outcome.next.refused"))
}

// paidBack says to which account something is paid back.
func paidBack(f ui.Frame, x indemnity.Recovery) string {
	if x.Account == "" {
		return f.T("recovery.account.asked")
	}
	return f.T("recovery.account.is", "Holder", x.Holder, "IBAN", x.Account.Format())
}

// recoveryOf is what the reader of a case is to give back themselves, nil for nothing: an
// heir reads their own share alone.
func recoveryOf(c indemnity.CaseFile, who identity.Actor) *indemnity.Recovery {
	for i, x := range c.Recoveries {
		if x.State == indemnity.RecoveryAnnulled {
			continue
		}
		if c.As != "" && x.Heir == c.As || c.As == "" && x.Heir == "" && c.Reader(who) != indemnity.NoReader {
			return &c.Recoveries[i]
		}
	}
	return nil
}

// memberRecovery is what the reader of a case is to give back, with how to pay it; nil for
// nothing.
func (p *Portal) memberRecovery(f ui.Frame, c indemnity.CaseFile, who identity.Actor) *member.RecoveryPart {
	x := recoveryOf(c, who)
	if x == nil {
		return nil
	}
	part := &member.RecoveryPart{Facts: []ui.Entry{
		{Name: f.T("recovery.amount"), Value: x.Amount.String()},
		{Name: f.T("recovery.back"), Value: x.Back().String()},
		{Name: f.T("recovery.left"), Value: x.Left().String(), Note: f.T("recovery.state." + string(x.State))},
	}}
	if x.State != indemnity.RecoveryOpen {
		return part
	}
	part.Facts = append(part.Facts, ui.Entry{Name: f.T("recovery.reference"), Value: f.T("recovery.reference.text", "Protocol", x.Letter), Proper: true})
	part.Term, part.How = &ui.DeadlineProps{What: f.T("recovery.term"), Last: x.DueOn, Today: calendar.On(p.Now())}, paidBack(f, *x)+" "+f.T("recovery.how")
	return part
}
