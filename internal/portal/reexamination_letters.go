package portal

import (
	"net/http"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/paper"
	"portal/web/heir"
	"portal/web/ui"
)

// caseReviewActPath is where an act of a request is: "ricevuta" or "risposta".
func caseReviewActPath(x indemnity.Reexamination, act string) string {
	return caseReviewPath(x.Case) + "/" + string(x.ID) + "/" + act + ".pdf"
}

// memberReviewReceiptPDF sends the receipt of a request as an act to keep.
func (p *Portal) memberReviewReceiptPDF(w http.ResponseWriter, r *http.Request) error {
	v, x, err := p.ownReview(r)
	if err != nil {
		return err
	}
	return sendAct(w, p.reviewReceiptAct(v.CaseFile, x), "riesame-"+x.Protocol)
}

// memberReviewAnswerPDF sends the letter that ends a request as an act to keep.
func (p *Portal) memberReviewAnswerPDF(w http.ResponseWriter, r *http.Request) error {
	v, x, err := p.ownReview(r)
	if err != nil {
		return err
	}
	if x.AnswerProtocol == "" {
		return goTo(w, r, caseReviewPath(v.ID), nil)
	}
	return sendAct(w, p.reviewAnswerAct(v.CaseFile, x), "risposta-"+x.AnswerProtocol)
}

// ownReview is the request in the address, of the case in the address.
func (p *Portal) ownReview(r *http.Request) (v indemnity.Reviewable, x indemnity.Reexamination, err error) {
	id, err := idParam(r, "riesame")
	if err != nil {
		return v, x, err
	}
	if v, err = p.memberReviewed(r); err != nil {
		return v, x, err
	}
	for _, x := range v.Requests {
		if x.ID == indemnity.ReexaminationID(id) {
			return v, x, nil
		}
	}
	return v, x, fault.ErrNotFound
}

// reviewReceiptAct is the receipt of a request in impersonal words.
func (p *Portal) reviewReceiptAct(c indemnity.CaseFile, x indemnity.Reexamination) paper.Act {
	f := ui.Frame{}
	asked := paper.Part{Heading: f.T("casereview.act.asked")}
	for _, e := range caseReviewFacts(f, x) {
		asked.Lines = append(asked.Lines, paper.Line{Name: e.Name, Value: e.Value})
	}
	return paper.Act{Body: f.T("paper.enpap"), Title: f.T("casereview.act.receipt"), At: x.AskedAt,
		Lead:  f.T("casereview.act.receipt.lead", "Protocol", x.Protocol, "Case", c.Protocol, "At", ui.OnMoment(x.AskedAt), "By", ui.ByDay(x.DecideBy)),
		Foot:  f.T("paper.indemnity.foot", "Protocol", x.Protocol, "Code", inFours(x.CheckCode)),
		Parts: []paper.Part{asked, p.reviewCheck(f, c, x.Protocol, x.CheckCode)}}
}

// reviewAnswerAct is the letter on paper.
func (p *Portal) reviewAnswerAct(c indemnity.CaseFile, x indemnity.Reexamination) paper.Act {
	f := ui.Frame{}
	l := reviewLetter(f, c, x)
	return paper.Act{Body: f.T("paper.enpap"), Title: f.T("casereview.act.answer"), At: x.DecidedAt, Lead: l.Lead,
		Foot: f.T("paper.indemnity.foot", "Protocol", x.AnswerProtocol, "Code", inFours(x.AnswerCode)),
		Parts: []paper.Part{{Heading: f.T("casereview.act.ending"), Text: append([]string{l.Ending}, l.Text...)}, {Heading: f.T("outcome.next"), Text: l.Next},
			p.reviewCheck(f, c, x.AnswerProtocol, x.AnswerCode)}}
}

// reviewCheck is how a true act is told from another.
func (p *Portal) reviewCheck(f ui.Frame, c indemnity.CaseFile, protocol, code string) paper.Part {
	return paper.Part{Heading: f.T("member.receipt.check"), Text: []string{f.T("paper.indemnity.check", "Address", p.URL+verifyPath)}, Lines: []paper.Line{
		{Name: f.T("outcome.letter.number"), Value: protocol}, {Name: f.T("outcome.letter.member"), Value: c.Member.Name()}, {Name: f.T("verify.code"), Value: inFours(code)}}}
}

// reviewLetter is the letter that ends a request, or that would end it as it was proposed.
func reviewLetter(f ui.Frame, c indemnity.CaseFile, x indemnity.Reexamination) heir.Decided {
	l := heir.Decided{Lead: f.T("casereview.letter.lead", "Protocol", x.Protocol, "On", ui.OnDay(calendar.On(x.AskedAt)), "Case", c.Protocol)}
	for line := range strings.Lines(strings.ReplaceAll(x.Grounds, "\r", "")) {
		if line = strings.TrimSpace(line); line != "" {
			l.Text = append(l.Text, line)
		}
	}
	switch {
	case x.Proposal == indemnity.ProposeDeny:
		l.Ending, l.Next = f.T("casereview.letter.denied"), []string{f.T("review.elsewhere")}
	case x.Reopens:
		l.Ending, l.Next = f.T("casereview.letter.granted"), []string{f.T("casereview.letter.reopened")}
	default:
		l.Ending, l.Next = f.T("casereview.letter.granted"), []string{f.T("casereview.letter.ranking")}
	}
	return l
}
