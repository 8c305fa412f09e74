package auditor

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portal/internal/identity"
)

// DatumKind is what a covered datum is; the catalogue has its words.
type DatumKind string

// The kinds.
const (
	NameDatum       DatumKind = "name" // of the beneficiary, or of the member
	CodeDatum       DatumKind = "fiscal_code"
	BirthDatum      DatumKind = "born_on"
	ApplicantDatum  DatumKind = "applicant"
	ApplicantCode   DatumKind = "applicant_code"
	NumberDatum     DatumKind = "number" // of enrolment
	EmailDatum      DatumKind = "email"
	PhoneDatum      DatumKind = "phone"
	IBANDatum       DatumKind = "iban"
	HolderDatum     DatumKind = "holder"
	DSUDatum        DatumKind = "dsu"
	CoverDatum      DatumKind = "covered_by"
	HeirDatum       DatumKind = "heir"
	HeirIBANDatum   DatumKind = "heir_iban"
	SenderDatum     DatumKind = "sender" // of a message by PEC
	FileNameDatum   DatumKind = "file"
	FindingDatum    DatumKind = "finding" // what an officer wrote beside it
	NoteDatum       DatumKind = "note"
	RefusalDatum    DatumKind = "refusal"
	RequestDatum    DatumKind = "request"
	ItemDatum       DatumKind = "item" // what is wrong, and what to send
	AnswerDatum     DatumKind = "answer"
	JudgementDatum  DatumKind = "judgement"
	DecisionDatum   DatumKind = "decision"
	SentBackDatum   DatumKind = "sent_back" // a decision: why
	ThreadDatum     DatumKind = "message"
	PayeeDatum      DatumKind = "payee"
	AccountDatum    DatumKind = "account"
	AccountHolder   DatumKind = "account_holder"
	RightedDatum    DatumKind = "righted"     // why a message was put right
	WrittenOffDatum DatumKind = "written_off" // why a debt was
	ReviewDatum     DatumKind = "review"      // what a request for re-examination says
	GroundsDatum    DatumKind = "grounds"     // of the answer to it
	ReturnedDatum   DatumKind = "returned"    // why the proposal of one was sent back
)

// Covered stands in the place of what people wrote.
const Covered = "••••••"

// Datum is something of a file that is covered.
type Datum struct {
	Kind   DatumKind
	Number int       // from 1, of those of its kind
	At     time.Time // it was written, or zero
	Part   string    // what it belongs to: a request, a thread; or ""
	Masked string    // what is shown of it

	says string
}

// Key names the datum within its file, also in addresses: "heir.2". It tells nothing of
// what it says.
func (d Datum) Key() string { return string(d.Kind) + "." + strconv.Itoa(d.Number) }

// veil covers what tells who somebody is, and keeps what it was.
type veil struct {
	data  []Datum
	count map[DatumKind]int
}

// cover puts a mask over a text. What is not there needs none.
func (v *veil) cover(kind DatumKind, text *string, mask func(string) string) {
	v.coverOf(kind, text, mask, time.Time{}, "")
}

func (v *veil) coverOf(kind DatumKind, text *string, mask func(string) string, at time.Time, part string) {
	if strings.TrimSpace(*text) == "" {
		return
	}
	if v.count == nil {
		v.count = map[DatumKind]int{}
	}
	v.count[kind]++
	masked := mask(*text)
	v.data = append(v.data, Datum{Kind: kind, Number: v.count[kind], At: at, Part: part, Masked: masked, says: *text})
	*text = masked
}

// hide is cover for what only a copy of a datum says.
func hide(text *string, mask func(string) string) {
	if *text != "" {
		*text = mask(*text)
	}
}

// person covers a name and a fiscal code; the code may be missing.
func (v *veil) person(name, code DatumKind, p *identity.Person) {
	says := p.Name()
	masked := says
	v.cover(name, &masked, initials)
	p.GivenName, p.FamilyName = split(masked)
	if code == "" {
		hidePerson(p)
		return
	}
	text := string(p.FiscalCode)
	v.cover(code, &text, lastTwo)
	p.FiscalCode = identity.FiscalCode(text)
}

// review covers what who asked for a re-examination wrote, and its answer.
func (v *veil) review(asker, text *string, askedAt time.Time, grounds *string, proposedAt time.Time) {
	hide(asker, initials)
	v.coverOf(ReviewDatum, text, all, askedAt, "")
	v.coverOf(GroundsDatum, grounds, all, proposedAt, "")
}

// coverPapers leaves of the names of papers how they end: what else they tell may be about
// somebody's health.
func coverPapers(papers []Paper) {
	for i := range papers {
		hide(&papers[i].Name, fileName)
	}
}

// hidePerson covers somebody whom another datum tells.
func hidePerson(p *identity.Person) {
	p.GivenName, p.FamilyName = initials(p.GivenName), initials(p.FamilyName)
	code := string(p.FiscalCode)
	hide(&code, lastTwo)
	p.FiscalCode = identity.FiscalCode(code)
}

// split is a covered name in its two parts again.
func split(masked string) (given, family string) {
	at := strings.LastIndex(masked, " ")
	if at < 0 {
		return masked, ""
	}
	return masked[:at], masked[at+1:]
}

// initials are those of a name: "M. L. R."
func initials(name string) string {
	var all []string
	for _, word := range strings.Fields(name) {
		first, _ := utf8.DecodeRuneInString(word)
		all = append(all, string(unicode.ToUpper(first))+".")
	}
	return strings.Join(all, " ")
}

// lastTwo shows the last two characters of a code.
func lastTwo(code string) string {
	r := []rune(code)
	if len(r) < 6 {
		return Covered
	}
	return Covered + string(r[len(r)-2:])
}

// mailbox shows the first letter of an address of e-mail.
func mailbox(address string) string {
	first, _ := utf8.DecodeRuneInString(address)
	return string(first) + "•••@•••"
}

// all shows nothing.
func all(string) string { return Covered }
