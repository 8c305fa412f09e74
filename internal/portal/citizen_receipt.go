package portal

import (
	"net/http"
	"strconv"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/paper"
	"portal/internal/rating"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

func receiptPath(id voucher.ApplicationID) string { return applicationPath(id) + "/ricevuta" }

// citizenReceipt says that an application was received: at once after it was sent,
// and whenever somebody comes back to it.
func (p *Portal) citizenReceipt(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	receipt, err := p.receipt(r)
	if err != nil {
		return err
	}
	a := receipt.Application
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title, f.HeadTitle = f.T("citizen.receipt.title"), f.T("citizen.receipt.head")
	f.Caption = f.T("citizen.application.protocol", "Protocol", a.Protocol)
	page := citizen.ReceiptPage{
		Frame: f, Protocol: a.Protocol, At: a.SubmittedAt, AtText: withSeconds(a.SubmittedAt),
		Given: receiptFacts(f, receipt),
		Next:  nextDates(f, receipt), Case: ui.Link{Text: f.T("citizen.receipt.case"), URL: applicationPath(a.ID)},
	}
	if page.PDF, err = actLink(f, f.T("citizen.receipt.pdf"), receiptPath(a.ID)+".pdf", citizenAct(receipt)); err != nil {
		return err
	}
	page.Path = []ui.Crumb{{Text: f.T("citizen.applications.short"), URL: applicationsPath}, {Text: f.T("citizen.receipt.head")}}
	switch {
	case receipt.Unconfirmed:
		page.Case, page.Hint = ui.Link{}, f.T("citizen.receipt.unconfirmed", "Name", receipt.Beneficiary.Name())
	case actor(r).For != a.Beneficiary:
		page.Case = ui.Link{Text: f.T("citizen.receipt.profile", "Name", receipt.Beneficiary.Name()), URL: "/profili?ritorno=" + applicationPath(a.ID)}
		page.Hint = f.T("citizen.receipt.profile.hint", "Name", receipt.Beneficiary.Name())
	}
	if q.Get("gia") != "" {
		page.Again = &citizen.Trouble{Tone: ui.Working, Title: f.T("citizen.receipt.again"),
			Text: []string{f.T("citizen.receipt.again.text", "At", ui.OnMoment(a.SubmittedAt), "Protocol", a.Protocol)}}
	}
	if a.State == voucher.AwaitingISEE {
		page.ISEE = &citizen.Trouble{Tone: ui.Action, Title: f.T("citizen.receipt.isee"),
			Text: []string{f.T("citizen.receipt.isee.text", "By", ui.ByDay(a.CureBy))}}
		if actor(r).For == a.Beneficiary {
			page.ISEE.Links = []ui.Link{{Text: f.T("citizen.isee.link"), URL: curePath(a.ID)}}
		}
	}
	for _, d := range receipt.Declarations {
		page.Made = append(page.Made, d.Text)
	}
	if page.ISEE == nil {
		page.Rating = asksRating(f, rating.VoucherSent)
	}
	return p.show(w, r, citizen.Receipt(page))
}

// receipt is the application in the address, for who stands for its beneficiary. A
// look at somebody else's is written down.
func (p *Portal) receipt(r *http.Request) (voucher.Receipt, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Receipt{}, err
	}
	who := actor(r)
	receipt, err := p.Intake.Receipt(r.Context(), who, voucher.ApplicationID(id), calendar.On(p.Now()))
	if err != nil || who.Person == receipt.Beneficiary.ID {
		return receipt, err
	}
	return receipt, p.Intake.See(r.Context(), audit.Entry{At: p.Now(), Actor: who, Action: voucher.ReceiptSeen, Subject: id, About: receipt.Beneficiary.ID})
}

// withSeconds is an instant as a receipt says it: "23 novembre 2026 alle 12:00:07".
func withSeconds(t time.Time) string {
	return ui.Moment(t) + t.In(calendar.Rome).Format(":05")
}

func receiptFacts(f ui.Frame, r voucher.Receipt) []ui.Entry {
	a := r.Application
	facts := []ui.Entry{
		{Name: f.T("citizen.data.protocol"), Value: a.Protocol, Proper: true},
		{Name: f.T("citizen.data.submitted"), Value: withSeconds(a.SubmittedAt)},
		{Name: f.T("citizen.data.holder"), Value: r.Beneficiary.Name(), Proper: true},
	}
	if r.Applicant.ID != r.Beneficiary.ID {
		facts = append(facts, ui.Entry{Name: f.T("citizen.receipt.applicant"), Value: r.Applicant.Name(), Proper: true})
	}
	facts = append(facts,
		ui.Entry{Name: f.T("citizen.receipt.edition"), Value: strconv.Itoa(r.Edition.ApplicationYear)},
		ui.Entry{Name: f.T("citizen.data.territory"), Value: typeset(a.Territory), Proper: true})
	if r.Unconfirmed {
		facts = append(facts, ui.Entry{Name: f.T("citizen.data.isee"), Value: f.T("citizen.apply.isee.hidden.short")})
	} else {
		facts = append(facts, ui.Entry{Name: f.T("citizen.isee.status"), Value: iseeStatus(f, a)})
	}
	if a.HasISEE {
		facts = append(facts, ui.Entry{Name: f.T("citizen.data.isee"), Value: a.ISEE.String()},
			ui.Entry{Name: f.T("citizen.apply.isee.amount"), Value: theoretical(f, r.Edition.Rules, a)})
	}
	return append(facts,
		ui.Entry{Name: f.T("citizen.apply.contacts.email"), Value: a.Email, Proper: true},
		ui.Entry{Name: f.T("citizen.apply.contacts.phone"), Value: a.Phone, Proper: true})
}

func iseeStatus(f ui.Frame, a voucher.Application) string {
	if a.State == voucher.AwaitingISEE {
		return f.T("citizen.isee.status.awaiting", "By", ui.ByDay(a.CureBy))
	}
	return f.T("citizen.isee.status." + string(a.ISEEStatus))
}

// theoretical is the amount by right, or that there is none.
func theoretical(f ui.Frame, rules voucher.Rules, a voucher.Application) string {
	if b, ok := rules.Band(a.ISEE); ok {
		return b.Amount.String()
	}
	return f.T("citizen.data.band.above", "Bound", wholeEuro(highest(rules)))
}

// nextDates are what comes now, with its day where there is one.
func nextDates(f ui.Frame, r voucher.Receipt) []citizen.NextDate {
	var dates []citizen.NextDate
	if a := r.Application; a.State == voucher.AwaitingISEE {
		dates = append(dates, citizen.NextDate{When: f.T("citizen.receipt.by", "By", ui.ByDay(a.CureBy)), Text: f.T("citizen.receipt.next.isee")})
	}
	return append(dates,
		citizen.NextDate{When: f.T("citizen.receipt.by", "By", windowEnd(r.Edition)), Text: f.T("citizen.receipt.next.window")},
		citizen.NextDate{When: f.T("citizen.receipt.undated"), Text: f.T("citizen.receipt.next.ranking")},
		citizen.NextDate{When: f.T("citizen.receipt.then"), Text: f.T("citizen.receipt.next.outcome")})
}

// citizenReceiptPDF sends the receipt as an act to keep.
func (p *Portal) citizenReceiptPDF(w http.ResponseWriter, r *http.Request) error {
	receipt, err := p.receipt(r)
	if err != nil {
		return err
	}
	return sendAct(w, citizenAct(receipt), "ricevuta-"+receipt.Application.Protocol)
}

// citizenAct is the receipt in impersonal words.
func citizenAct(receipt voucher.Receipt) paper.Act {
	f, a := ui.Frame{}, receipt.Application
	act := paper.Act{
		Body: f.T("paper.inps"), Title: f.T("paper.receipt.title"), At: a.SubmittedAt,
		Lead: f.T("paper.receipt.lead", "At", ui.OnMoment(a.SubmittedAt), "Seconds", a.SubmittedAt.In(calendar.Rome).Format("05"), "Protocol", a.Protocol),
		Foot: f.T("paper.receipt.foot", "Protocol", a.Protocol),
	}
	given := paper.Part{Heading: f.T("paper.receipt.given")}
	for _, e := range receiptFacts(f, receipt) {
		if e.Value != "" {
			given.Lines = append(given.Lines, paper.Line{Name: e.Name, Value: e.Value})
		}
	}
	given.Lines = append(given.Lines, paper.Line{Name: f.T("paper.receipt.code"), Value: string(receipt.Beneficiary.FiscalCode)})
	made := paper.Part{Heading: f.T("paper.receipt.declarations")}
	for _, d := range receipt.Declarations {
		made.Text = append(made.Text, f.T("paper.receipt.declared", "Text", d.Text, "Version", d.Version, "At", ui.OnMoment(d.At)))
	}
	after := paper.Part{Heading: f.T("paper.receipt.next"), Text: []string{f.T("paper.receipt.window", "Closes", toWindowEnd(receipt.Edition)), f.T("paper.receipt.ranking")}}
	if receipt.Unconfirmed {
		after.Text = append([]string{f.T("paper.receipt.unconfirmed")}, after.Text...)
	}
	if a.State == voucher.AwaitingISEE {
		after.Text = append([]string{f.T("paper.receipt.isee", "By", ui.ByDay(a.CureBy))}, after.Text...)
	}
	act.Parts = []paper.Part{given, made, after}
	return act
}
