package auditor

import (
	"maps"
	"path"
	"time"

	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/indemnity"
)

// coverIndemnity is a case of the indemnity, covered. Days, amounts, findings and points
// are what is to be audited: they stay, with the kinds of papers.
func coverIndemnity(x Examined) File {
	f := File{ID: string(x.ID), Programme: identity.IndemnityOnly, Protocol: x.Protocol, About: x.Member.ID, Indemnity: &x}
	var v veil
	v.person(NameDatum, CodeDatum, &x.Member)
	v.record(&x.Registers.Member)
	v.answers(&x.Answers)
	for i := range x.Heirs {
		h := &x.Heirs[i]
		v.person(HeirDatum, "", &h.Person)
		v.cover(HeirIBANDatum, &h.IBAN, shortAccount)
		hide(&h.Email, mailbox)
	}
	for i := range x.Messages {
		m := &x.Messages[i]
		v.coverOf(SenderDatum, &m.Sender, mailbox, m.AcceptedAt, "")
		for n := range m.Before {
			hide(&m.Before[n].Sender, mailbox)
			v.coverOf(RightedDatum, &m.Before[n].Why, all, m.Before[n].At, "")
		}
	}
	for i := range x.Papers {
		p := &x.Papers[i]
		switch {
		case p.Erased: // its name tells the day, and nothing of anybody
		case p.Kind.Medical():
			hide(&p.Name, fileName)
		default:
			v.coverOf(FileNameDatum, &p.Name, fileName, p.SentAt, string(p.Kind))
		}
	}
	v.findings(&x.Opened)
	for i := range x.Requests {
		v.request(&x.Requests[i])
	}
	for i := range x.Decisions {
		d := &x.Decisions[i]
		v.coverOf(DecisionDatum, &d.Text, all, d.ProposedAt, "")
		v.coverOf(SentBackDatum, &d.Why, all, d.DecidedAt, "")
	}
	for i := range x.Recoveries {
		hidePerson(&x.Recoveries[i].Payee)
		v.coverOf(WrittenOffDatum, &x.Recoveries[i].Reason, all, x.Recoveries[i].ClosedAt, "")
	}
	for i := range x.Notes {
		v.coverOf(NoteDatum, &x.Notes[i].Text, all, x.Notes[i].At, "")
	}
	for i := range x.Threads {
		for n := range x.Threads[i].Messages {
			m := &x.Threads[i].Messages[n]
			if !m.ByOffice {
				hidePerson(&m.Author)
			}
			v.coverOf(ThreadDatum, &m.Text, all, m.At, string(x.Threads[i].ID))
		}
	}
	v.money(&x)
	for i := range x.Reviews {
		r := &x.Reviews[i]
		v.review(&r.Asker, &r.Text, r.AskedAt, &r.Grounds, r.ProposedAt)
		for n := range r.Returned {
			v.coverOf(ReturnedDatum, &r.Returned[n].Text, all, r.Returned[n].At, "")
		}
		r.File = x.CaseFile
	}
	f.Data = v.data
	return f
}

// record covers what the register of members told.
func (v *veil) record(m *indemnity.MemberRecord) {
	v.cover(NumberDatum, &m.Number, lastTwo)
	hide(&m.GivenName, initials)
	hide(&m.FamilyName, initials)
	hide(&m.IBAN, shortAccount)
	hide(&m.Email, mailbox)
	hide(&m.PEC, mailbox)
	hide(&m.Phone, lastTwo)
}

func (v *veil) answers(a *indemnity.Answers) {
	v.cover(IBANDatum, &a.IBAN, shortAccount)
	v.cover(HolderDatum, &a.Holder, initials)
	v.cover(EmailDatum, &a.Email, mailbox)
	v.cover(PhoneDatum, &a.Phone, lastTwo)
	v.cover(CoverDatum, &a.CoveredBy, all)
}

// findings covers what officers wrote, also where the checklist has it.
func (v *veil) findings(o *indemnity.Opened) {
	for i := range o.Findings {
		x := &o.Findings[i]
		v.coverOf(FindingDatum, &x.Note, all, x.At, string(x.Check))
	}
	for i := range o.Checklist {
		hide(&o.Checklist[i].Finding.Note, all)
	}
}

func (v *veil) request(q *indemnity.Request) {
	of := string(q.ID)
	v.coverOf(RequestDatum, &q.Text, all, q.AskedAt, of)
	for i := range q.Items {
		v.coverOf(ItemDatum, &q.Items[i].Wrong, all, q.AskedAt, of)
		v.coverOf(ItemDatum, &q.Items[i].Send, all, q.AskedAt, of)
	}
	for i := range q.Answers {
		a := &q.Answers[i]
		a.Says.Notes = v.notes(a.Says.Notes, q.Items, a.At, of)
		for n := range a.Judged {
			v.coverOf(JudgementDatum, &a.Judged[n].Why, all, a.Judged[n].At, of)
		}
	}
	for i := range q.Answer.Late {
		late := &q.Answer.Late[i]
		late.Notes = v.notes(late.Notes, q.Items, late.At, of)
	}
	q.Answer.Notes = nil // is not sent
}

// notes covers what an answer says of each item, in the order of the items.
func (v *veil) notes(all map[string]string, items []indemnity.RequestItem, at time.Time, of string) map[string]string {
	covered := maps.Clone(all)
	for code := range covered {
		covered[code] = Covered
	}
	for _, i := range items {
		text := all[i.Code]
		v.coverOf(AnswerDatum, &text, func(string) string { return Covered }, at, of)
	}
	return covered
}

// money covers whom the indemnity is paid to.
func (v *veil) money(x *Examined) {
	for i := range x.Money.Payees {
		p := &x.Money.Payees[i]
		v.cover(PayeeDatum, &p.Name, initials)
		text := string(p.Account.IBAN)
		v.cover(AccountDatum, &text, shortAccount)
		p.Account.IBAN = iban.IBAN(text)
		v.cover(AccountHolder, &p.Account.Holder, initials)
	}
	for i := range x.Money.Left {
		p := &x.Money.Left[i].Payee
		hide(&p.Name, initials)
		p.Account.IBAN, p.Account.Holder = iban.IBAN(shortAccount(string(p.Account.IBAN))), initials(p.Account.Holder)
	}
	for i := range x.Money.Orders {
		o := &x.Money.Orders[i]
		o.IBAN, o.Holder = iban.IBAN(shortAccount(string(o.IBAN))), initials(o.Holder)
		hide(&o.Note, all)
	}
}

// shortAccount is what is left of an IBAN from which its mask can be made.
func shortAccount(text string) string {
	if len(text) < 8 {
		return ""
	}
	return text[:4] + text[len(text)-4:]
}

// fileName is that of a paper without what somebody called it.
func fileName(name string) string { return Covered + path.Ext(name) }
