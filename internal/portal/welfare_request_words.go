package portal

import (
	"strconv"

	"portal/internal/indemnity"
	"portal/web/ui"
)

// defaultCure is the words of an irregularity that is to be put right (R12, R13).
func defaultCure(f ui.Frame, x indemnity.Irregularity) indemnity.RequestItem {
	i := indemnity.RequestItem{Code: x.Code, Wrong: f.T("request.owes."+string(x.Kind), "Amount", x.Amount), Send: f.T("request.cure." + string(x.Kind))}
	switch {
	case x.Kind == indemnity.OwesIncome && x.Year > 0:
		i.Wrong = f.T("request.owes.income.year", "Year", x.Year)
	case x.Debt.Kind != "":
		i.Wrong = f.T("request.owes.debt.line", "Kind", f.T("member.owes.kind."+x.Debt.Kind), "Year", strconv.Itoa(x.Year), "Amount", x.Amount, "On", ui.OnDay(x.Debt.DueOn))
		how := f.T("member.owes.by." + x.Debt.PayBy)
		if x.Debt.Notice != "" {
			how = f.T("member.owes.notice", "How", how, "Notice", x.Debt.Notice)
		}
		i.Send = f.T("request.cure.debt.how", "How", how)
	}
	return i
}
