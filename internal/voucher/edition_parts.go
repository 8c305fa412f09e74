package voucher

import "portal/internal/rules"

// Section is a group of values of an edition that are read and changed together.
type Section string

// The sections, in the order of the pages.
const (
	SectionBands        Section = "bands"
	SectionTerms        Section = "terms" // amounts, days and small numbers
	SectionWindow       Section = "window"
	SectionTranches     Section = "tranches"
	SectionClosed       Section = "closed"
	SectionOverrides    Section = "overrides"
	SectionReopenings   Section = "reopenings"
	SectionDeclarations Section = "declarations"
	SectionHolidays     Section = "holidays"
	SectionExamples     Section = "examples"
)

// Sections lists every section, in the order of the pages.
var Sections = []Section{SectionBands, SectionTerms, SectionWindow, SectionTranches, SectionClosed,
	SectionOverrides, SectionReopenings, SectionDeclarations, SectionHolidays, SectionExamples}

// Part is a value that stands once in the rules, with the article it comes from. A
// number has what it may be at the least and at the most.
type Part struct {
	Section          Section
	Field            string // "validity_days"
	Article, Reading *string
	Number           *int
	Least, Most      int
}

// Parts are the values that stand once in the rules, in the order of the pages.
// What they point to may be changed.
func (r *Rules) Parts() []Part {
	const year = 366
	number := func(field string, v *number, least, most int) Part {
		return Part{SectionTerms, field, &v.Article, &v.Reading, &v.Is, least, most}
	}
	return []Part{
		{Section: SectionBands, Field: "bands", Article: &r.Bands.Article, Reading: &r.Bands.Reading},
		{Section: SectionTerms, Field: "session_cap", Article: &r.SessionCap.Article, Reading: &r.SessionCap.Reading},
		number("validity_days", &r.ValidityDays, 1, 3*year),
		number("first_session_days", &r.FirstSessionDays, 0, year),
		number("cancel_days_before", &r.CancelDaysBefore, 0, 30),
		number("confirm_days", &r.ConfirmDays, 0, year),
		number("invoice_days", &r.InvoiceDays, 0, year),
		number("correct_days", &r.CorrectDays, 1, year),
		number("dispute_days", &r.DisputeDays, 1, year),
		number("payment_months", &r.PaymentMonths, 0, 24),
		number("reallocations", &r.Reallocations, 0, 50),
		{Section: SectionTerms, Field: "direct_confirmation", Article: &r.DirectConfirmation.Article, Reading: &r.DirectConfirmation.Reading},
		number("open_bookings", &r.OpenBookings, 1, 50),
		number("session_minutes", &r.SessionMinutes, 15, 240),
		number("reexamination_ask_days", &r.ReexaminationAsk, 1, year),
		number("reexamination_decide_days", &r.ReexaminationEnd, 1, year),
		number("small_cells", &r.SmallCells, 1, 100),
		{Section: SectionWindow, Field: "window", Article: &r.Window.Article, Reading: &r.Window.Reading},
		{Section: SectionWindow, Field: "isee_cure", Article: &r.ISEECure.Article, Reading: &r.ISEECure.Reading,
			Number: &r.ISEECure.Is.Days, Least: 1, Most: year},
		{Section: SectionClosed, Field: "closed_territories", Article: &r.Closed.Article, Reading: &r.Closed.Reading},
		{Section: SectionDeclarations, Field: "declarations", Article: &r.Declarations.Article, Reading: &r.Declarations.Reading},
		{Section: SectionHolidays, Field: "holidays", Article: &r.Holidays.Article, Reading: &r.Holidays.Reading},
	}
}

type number = rules.Value[int]

// with is the rules with one section taken from others.
func (r Rules) with(s Section, of Rules) Rules {
	switch s {
	case SectionBands:
		r.Bands = of.Bands
	case SectionTerms:
		r.SessionCap, r.DirectConfirmation = of.SessionCap, of.DirectConfirmation
		r.ValidityDays, r.FirstSessionDays, r.ConfirmDays = of.ValidityDays, of.FirstSessionDays, of.ConfirmDays
		r.InvoiceDays, r.CorrectDays, r.DisputeDays = of.InvoiceDays, of.CorrectDays, of.DisputeDays
		r.PaymentMonths, r.Reallocations = of.PaymentMonths, of.Reallocations
		r.CancelDaysBefore, r.OpenBookings, r.SessionMinutes = of.CancelDaysBefore, of.OpenBookings, of.SessionMinutes
		r.ReexaminationAsk, r.ReexaminationEnd, r.SmallCells = of.ReexaminationAsk, of.ReexaminationEnd, of.SmallCells
	case SectionWindow:
		r.Window, r.ISEECure = of.Window, of.ISEECure
	case SectionTranches:
		r.Tranches = of.Tranches
	case SectionClosed:
		r.Closed = of.Closed
	case SectionOverrides:
		r.Overrides = of.Overrides
	case SectionReopenings:
		r.Reopenings = of.Reopenings
	case SectionDeclarations:
		r.Declarations = of.Declarations
	case SectionHolidays:
		r.Holidays = of.Holidays
	case SectionExamples:
		r.Examples = of.Examples
	}
	return r
}
