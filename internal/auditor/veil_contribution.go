package auditor

import (
	"portal/internal/calendar"
	"portal/internal/identity"
)

// coverContribution is an application to the contribution, covered. Region and province of
// residence, and the ISEE, are what the ranking goes by: they stay.
func coverContribution(c Applied) File {
	f := File{ID: string(c.Application.ID), Programme: identity.VoucherOnly, Protocol: c.Application.Protocol, About: c.Application.Beneficiary, Contribution: &c}
	var v veil
	v.person(NameDatum, CodeDatum, &c.Beneficiary)
	if !c.BornOn.IsZero() {
		born := c.BornOn.String()
		v.cover(BirthDatum, &born, all)
		c.BornOn = calendar.Date{}
	}
	if c.Applicant.ID == c.Beneficiary.ID {
		hidePerson(&c.Applicant)
	} else {
		v.person(ApplicantDatum, ApplicantCode, &c.Applicant)
	}
	v.cover(EmailDatum, &c.Application.Email, mailbox)
	v.cover(PhoneDatum, &c.Application.Phone, lastTwo)
	v.cover(DSUDatum, &c.Application.Attestation.Protocol, lastTwo)
	for i := range c.Bookings {
		hide(&c.Bookings[i].ProfessionalName, initials)
		hide(&c.Bookings[i].Phone, all)
	}
	for i := range c.Refusals {
		v.coverOf(RefusalDatum, &c.Refusals[i].Note, all, c.Refusals[i].DecidedAt, "")
	}
	for i := range c.Notes {
		v.coverOf(NoteDatum, &c.Notes[i].Text, all, c.Notes[i].At, "")
	}
	for i := range c.Reviews {
		r := &c.Reviews[i]
		v.review(&r.Asker, &r.Text, r.AskedAt, &r.Grounds, r.ProposedAt)
		for n := range r.Returned {
			v.coverOf(ReturnedDatum, &r.Returned[n].Text, all, r.Returned[n].At, "")
		}
		r.File, r.Holder = c.CaseFile, c.Beneficiary
	}
	f.Data = v.data
	return f
}
