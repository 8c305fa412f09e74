package portal

import (
	"net/http"
	"strings"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

// citizenData is the tab with what was asked for, how it was judged, what
// happened since and who looked at it.
func (p *Portal) citizenData(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	subject := string(file.Application.ID)
	var looks []audit.Look
	if file.HasVoucher() {
		subject = string(file.Voucher.ID)
		if looks, err = p.Vouchers.Looks(r.Context(), actor(r).For, file.Voucher.ID); err != nil {
			return err
		}
	}
	if err := p.citizenLook(r, voucher.AccountSeen, subject); err != nil {
		return err
	}
	today := calendar.On(p.Now())
	f := p.caseFrame(r, file, dataTab)
	page := citizen.DataPage{
		Frame: f, Case: caseTop(f, file, today, dataTab),
		Given: givenData(f, file.Application, holderName(r)), Means: meansData(f, file), Ranking: rankingData(f, file.Application),
		History: caseHistory(f, file, today), Voucher: file.HasVoucher(), Name: holderName(r),
	}
	if page.Standing, err = p.citizenStanding(r, f, file); err != nil {
		return err
	}
	if page.Standing == nil && file.Application.State == voucher.Unfunded {
		page.Unknown = f.T("citizen.place.unknown")
	}
	if err := p.citizenPapers(r, file, &page); err != nil {
		return err
	}
	for _, l := range looks {
		page.Looks = append(page.Looks, lookRow(f, l, holderName(r)))
	}
	return p.show(w, r, citizen.Data(page))
}

func givenData(f ui.Frame, a voucher.Application, holder string) []ui.Entry {
	return []ui.Entry{
		{Name: f.T("citizen.data.protocol"), Value: a.Protocol, Proper: true},
		{Name: f.T("citizen.data.submitted"), Value: ui.Moment(a.SubmittedAt)},
		{Name: f.T("citizen.data.holder"), Value: holder, Proper: true},
		{Name: f.T("citizen.data.territory"), Value: typeset(a.Territory), Note: f.T("citizen.data.territory.note"), Proper: true},
		{Name: f.T("citizen.data.province"), Value: provinceName(a.Province), Proper: true},
	}
}

// meansData shows the ISEE with the band of the edition that it falls in, and
// the amount as a consequence of it.
func meansData(f ui.Frame, file voucher.CaseFile) []ui.Entry {
	a, rules := file.Application, file.Edition.Rules
	isee, band := ui.Entry{Name: f.T("citizen.data.isee")}, ui.Entry{Name: f.T("citizen.data.band")}
	if a.HasISEE {
		isee.Value = a.ISEE.String()
		if b, ok := rules.Band(a.ISEE); ok {
			band.Value, band.Note = bandText(f, b), f.T("citizen.data.band.note", "Amount", b.Amount, "Article", rules.Bands.Article)
		} else {
			band.Value = f.T("citizen.data.band.above", "Bound", wholeEuro(rules.Bands.Is[len(rules.Bands.Is)-1].UpTo))
		}
	}
	entries := append([]ui.Entry{isee}, attestationData(f, a)...)
	entries = append(entries, band)
	if file.HasVoucher() {
		entries = append(entries, ui.Entry{Name: f.T("ui.balance.awarded"), Value: file.Voucher.Awarded.String()})
	}
	return entries
}

// attestationData is how the ISEE stands, where its register said so.
func attestationData(f ui.Frame, a voucher.Application) []ui.Entry {
	status := ui.Entry{Name: f.T("citizen.isee.status"), Value: iseeStatus(f, a)}
	if a.State == voucher.AwaitingISEE {
		status.Action = &ui.Link{Text: f.T("citizen.isee.link"), URL: curePath(a.ID)}
	}
	entries := []ui.Entry{status}
	if t := a.Attestation; t.Protocol != "" {
		entries = append(entries, ui.Entry{Name: f.T("citizen.apply.isee.attestation"), Value: f.T("citizen.isee.kind." + t.Kind),
			Note: f.T("citizen.apply.isee.protocol", "Protocol", t.Protocol)})
	}
	return entries
}

// citizenPapers puts on a page of data what was declared, the receipt, and the way
// to give up, while there is one.
func (p *Portal) citizenPapers(r *http.Request, file voucher.CaseFile, page *citizen.DataPage) error {
	a, f, today := file.Application, page.Frame, calendar.On(p.Now())
	receipt, err := p.Intake.Receipt(r.Context(), actor(r), a.ID, today)
	if err != nil {
		return err
	}
	for _, d := range receipt.Declarations {
		page.Made = append(page.Made, d.Text)
		page.MadeAt = f.T("citizen.receipt.declared", "At", ui.OnMoment(d.At))
	}
	page.Papers = []ui.Link{{Text: f.T("citizen.messages.receipt"), URL: receiptPath(a.ID)}}
	if _, decided := file.ReviewTerm(); decided {
		page.Papers = append(page.Papers, ui.Link{Text: f.T("review.link"), URL: reviewPath(a.ID)})
	}
	if mayRenounce(file, today) == nil {
		key := "citizen.renounce.act"
		if !file.HasVoucher() {
			key = "citizen.renounce.withdraw.act"
		}
		page.Papers = append(page.Papers, ui.Link{Text: f.T(key), URL: renouncePath(a.ID)})
	}
	return nil
}

// bandText is "ISEE fino a 15.000 €", with a word where the bound is outside.
func bandText(f ui.Frame, b voucher.Band) string {
	if b.Inclusive {
		return f.T("citizen.data.band.up_to", "Bound", wholeEuro(b.UpTo))
	}
	return f.T("citizen.data.band.below", "Bound", wholeEuro(b.UpTo))
}

// wholeEuro is an amount without decimals where it has none: "15.000 €".
func wholeEuro(a money.Amount) string { return strings.Replace(a.String(), ",00", "", 1) }

// rankingData sets the place and the ISEE of an application beside those of the
// last one that money was left for. Nothing before there is a ranking.
func rankingData(f ui.Frame, a voucher.Application) []ui.Entry {
	if a.Rank == 0 {
		return nil
	}
	entries := []ui.Entry{{Name: f.T("citizen.data.rank"), Value: grouped(a.Rank)}}
	if a.LastRank == 0 {
		return entries
	}
	entries = append(entries,
		ui.Entry{Name: f.T("citizen.data.last_rank"), Value: grouped(a.LastRank)},
		ui.Entry{Name: f.T("citizen.data.last_isee"), Value: a.LastISEE.String()})
	if gap := a.Rank - a.LastRank; gap > 0 {
		entries = append(entries, ui.Entry{Name: f.T("citizen.data.gap"), Value: f.T("citizen.data.gap.places", "Count", gap, "Number", grouped(gap)),
			Note: f.T("citizen.data.gap.note", "Rank", grouped(a.Rank), "LastRank", grouped(a.LastRank))})
	}
	if more := a.ISEE - a.LastISEE; a.HasISEE && more > 0 {
		entries = append(entries, ui.Entry{Name: f.T("citizen.data.isee_gap"), Value: more.String(),
			Note: f.T("citizen.data.gap.note", "Rank", a.ISEE, "LastRank", a.LastISEE)})
	}
	return entries
}

// caseHistory is what happened to an application, newest first.
func caseHistory(f ui.Frame, file voucher.CaseFile, today calendar.Date) []citizen.Fact {
	a, terms := file.Application, file.Voucher.Terms
	var facts []citizen.Fact
	on := func(d calendar.Date, text string) {
		facts = append(facts, citizen.Fact{Machine: d.String(), When: ui.Day(d), Text: text})
	}
	if file.HasVoucher() && today.After(terms.LastDay) {
		on(terms.LastDay, f.T("citizen.fact.expired"))
	}
	if !a.DecidedOn.IsZero() && a.DecidedOn != terms.AcceptedOn {
		on(a.DecidedOn, f.T("citizen.fact.decided", "State", f.T("citizen.standing."+string(a.State))))
	}
	if file.HasVoucher() {
		on(terms.AcceptedOn, f.T("citizen.fact.accepted", "Amount", file.Voucher.Awarded))
	}
	return append(facts, citizen.Fact{
		Machine: calendar.On(a.SubmittedAt).String(), When: ui.Moment(a.SubmittedAt), Text: f.T("citizen.fact.submitted", "Protocol", a.Protocol),
	})
}

// lookWords are the looks that have words of their own.
var lookWords = map[audit.Action]string{
	voucher.CodeShown:   "citizen.look.code_shown",
	voucher.CodeChecked: "citizen.look.code_checked",
	voucher.AccountSeen: "citizen.look.account_seen",
	auditor.FileOpened:  "citizen.look.file_opened",
	auditor.DatumShown:  "citizen.look.datum_shown",
}

func lookRow(f ui.Frame, l audit.Look, holder string) citizen.Look {
	row := citizen.Look{At: l.At, Name: l.Name, Role: f.T("role." + string(l.Role)), What: f.T("citizen.look.other")}
	if l.Role == identity.Citizen { // nobody else's account opens to a citizen without a mandate
		row.Role = f.T("citizen.looks.mandate", "Name", holder)
	}
	if key, ok := lookWords[l.Action]; ok {
		row.What = f.T(key)
	}
	return row
}
