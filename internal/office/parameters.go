package office

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/calendar"
	"portal/internal/fault"
)

// Parameters is what the portal as a whole runs by. They are guards and addresses of the
// portal, not rules of the law: those stand in editions and calls.
type Parameters struct {
	IdleMinutes int // that a login may lie unused
	LoginHours  int // that a login lasts at all
	FileMB      int // of one file
	Files       int // of one case
	TogetherMB  int // of all files of a case
	Name        string
	Tagline     string // beside the name
	INPS, ENPAP Contacts
	RestDays    []RestDay // by day
}

// Contacts is how people reach a body. The telephone and its hours are always there.
type Contacts struct {
	Phone  string `json:"phone"`
	Mobile string `json:"mobile,omitempty"` // the number for mobile phones, where it is another
	Hours  string `json:"hours"`
	Mail   string `json:"mail,omitempty"`
	PEC    string `json:"pec,omitempty"`
	DPO    string `json:"dpo,omitempty"` // mail or PEC of who protects the data
}

// RestDay is a day on which the offices rest beside the holidays: a term that begins
// while it is in force and would end on it ends on the next working day.
type RestDay struct {
	Day  calendar.Date `json:"day"`
	Name string        `json:"name"`
}

// Idle is how long a login may lie unused.
func (p Parameters) Idle() time.Duration { return time.Duration(p.IdleMinutes) * time.Minute }

// Login is how long a login lasts at all.
func (p Parameters) Login() time.Duration { return time.Duration(p.LoginHours) * time.Hour }

// LongestLogin is the longest that a login may be let last.
const LongestLogin = mostLoginHours * time.Hour

// The bounds within which values are safe; the database knows them too.
const (
	leastIdle, mostIdle             = 5, 60
	leastLoginHours, mostLoginHours = 1, 12
	leastFileMB, mostFileMB         = 1, 10
	leastFiles, mostFiles           = 5, 50
	mostTogetherMB                  = 100
	leastName, mostName             = 3, 60
	mostTagline, mostHours          = 80, 120
	mostRestDays, mostRestDayName   = 40, 60
	mostAhead                       = 366 // days, of a change
)

// Shipped is the parameters that come with the program.
func Shipped() Parameters {
	return Parameters{
		IdleMinutes: 30, LoginHours: 8, FileMB: 10, Files: 20, TogetherMB: 60,
		Name: "Contributi e indennità", Tagline: "per la salute psicologica",
		INPS:  Contacts{Phone: "803 164", Mobile: "06 164 164", Hours: "dal lunedì al venerdì dalle 8:00 alle 20:00, sabato dalle 8:00 alle 14:00"},
		ENPAP: Contacts{Phone: "06 945 3261", Hours: "dal lunedì al venerdì dalle 9:00 alle 13:00", PEC: "welfare@pec.enpap.it"},
	}
}

// Why a value cannot be taken.
var (
	ErrIdle        = fault.Invalid("parameters.idle")
	ErrLoginHours  = fault.Invalid("parameters.login")
	ErrFileMB      = fault.Invalid("parameters.file")
	ErrFiles       = fault.Invalid("parameters.files")
	ErrTogetherMB  = fault.Invalid("parameters.together")
	ErrPortalName  = fault.Invalid("parameters.name")
	ErrTagline     = fault.Invalid("parameters.tagline")
	ErrPhone       = fault.Invalid("parameters.phone")
	ErrHours       = fault.Invalid("parameters.hours")
	ErrAddress     = fault.Invalid("parameters.address")
	ErrRestDays    = fault.Invalid("parameters.rest_days")
	ErrRestDayPast = fault.Invalid("parameters.rest_day_past")
)

// Flaw is a value that cannot be taken, and why. Field is its path: "inps.phone".
type Flaw struct {
	Field  string
	Reason *fault.Reason
}

// Flaws is all values that cannot be taken.
type Flaws []Flaw

// ErrUnsafe says that some values cannot be taken: see Flaws.
var ErrUnsafe = fault.Invalid("parameters.unsafe")

// Error names the fields, for the log.
func (f Flaws) Error() string {
	var b strings.Builder
	b.WriteString(ErrUnsafe.Code)
	for _, flaw := range f {
		b.WriteString(" " + flaw.Field)
	}
	return b.String()
}

// Unwrap is ErrUnsafe.
func (f Flaws) Unwrap() error { return ErrUnsafe }

// check is what keeps values from being in force from a day, in the place of others.
func (p Parameters) check(was Parameters, from calendar.Date) (all Flaws) {
	that := func(sound bool, field string, reason *fault.Reason) {
		if !sound {
			all = append(all, Flaw{field, reason})
		}
	}
	within := func(n, least, most int) bool { return least <= n && n <= most }
	long := func(s string, least, most int) bool {
		return within(utf8.RuneCountInString(s), least, most) && s == strings.TrimSpace(s) && !strings.ContainsAny(s, "\r\n")
	}
	that(within(p.IdleMinutes, leastIdle, mostIdle), "idle", ErrIdle)
	that(within(p.LoginHours, leastLoginHours, mostLoginHours), "login", ErrLoginHours)
	that(within(p.FileMB, leastFileMB, mostFileMB), "file", ErrFileMB)
	that(within(p.Files, leastFiles, mostFiles), "files", ErrFiles)
	that(within(p.TogetherMB, max(p.FileMB, leastFileMB), mostTogetherMB), "together", ErrTogetherMB)
	that(long(p.Name, leastName, mostName), "name", ErrPortalName)
	that(long(p.Tagline, 0, mostTagline), "tagline", ErrTagline)
	for _, body := range []struct {
		name string
		Contacts
	}{{"inps", p.INPS}, {"enpap", p.ENPAP}} {
		that(body.Phone != "" && phone(body.Phone), body.name+".phone", ErrPhone)
		that(phone(body.Mobile), body.name+".mobile", ErrPhone)
		that(long(body.Hours, 1, mostHours), body.name+".hours", ErrHours)
		that(address(body.Mail), body.name+".mail", ErrAddress)
		that(address(body.PEC), body.name+".pec", ErrAddress)
		that(address(body.DPO), body.name+".dpo", ErrAddress)
	}
	that(len(p.RestDays) <= mostRestDays, "rest_days", ErrRestDays)
	for i, d := range p.RestDays {
		that(!d.Day.IsZero() && long(d.Name, 1, mostRestDayName) && (i == 0 || d.Day.After(p.RestDays[i-1].Day)), "rest_days", ErrRestDays)
		that(d.Day.After(from) || slices.Contains(was.RestDays, d), "rest_days", ErrRestDayPast)
	}
	// A rest day that has come has moved terms.
	for _, d := range was.RestDays {
		that(d.Day.After(from) || slices.Contains(p.RestDays, d), "rest_days", ErrRestDayPast)
	}
	return slices.Compact(all)
}

// phone tells whether a text is a telephone number as people write it, or none.
func phone(s string) bool {
	digits := strings.ReplaceAll(strings.TrimPrefix(s, "+"), " ", "")
	return s == "" || s == strings.TrimSpace(s) && len(digits) >= 3 && len(digits) <= 15 && strings.Trim(digits, "0123456789") == ""
}

// address tells whether a text is an e-mail address, or none.
func address(s string) bool {
	a, err := mail.ParseAddress(s)
	return s == "" || err == nil && a.Address == s && len(s) <= 120
}

// Same tells whether two sets of parameters say the same.
func (p Parameters) Same(q Parameters) bool { return len(p.Differences(q)) == 0 }

// Difference is a value that changes: the days of rest, or a number, or a text.
type Difference struct{ Before, After ParameterField }

// Differences is how the parameters differ from what comes after them.
func (p Parameters) Differences(after Parameters) (all []Difference) {
	now := after.Fields()
	for i, was := range p.Fields() {
		if !was.same(now[i]) {
			all = append(all, Difference{was, now[i]})
		}
	}
	return all
}

// ParameterField is one value, as a field of a form: a number, or a text, or the days of
// rest. Who sets what it points to changes the parameters.
type ParameterField struct {
	Group, Name string
	Number      *int
	Text        *string
	Days        *[]RestDay
	Optional    bool
}

func (f ParameterField) same(g ParameterField) bool {
	switch {
	case f.Number != nil:
		return *f.Number == *g.Number
	case f.Text != nil:
		return *f.Text == *g.Text
	}
	return slices.Equal(*f.Days, *g.Days)
}

// Fields is every value, in the order of the pages. The names are those of Flaws.
func (p *Parameters) Fields() []ParameterField {
	all := []ParameterField{
		{Group: "access", Name: "idle", Number: &p.IdleMinutes}, {Group: "access", Name: "login", Number: &p.LoginHours},
		{Group: "papers", Name: "file", Number: &p.FileMB}, {Group: "papers", Name: "files", Number: &p.Files}, {Group: "papers", Name: "together", Number: &p.TogetherMB},
		{Group: "name", Name: "name", Text: &p.Name}, {Group: "name", Name: "tagline", Text: &p.Tagline, Optional: true},
	}
	for _, body := range []struct {
		name string
		*Contacts
	}{{"inps", &p.INPS}, {"enpap", &p.ENPAP}} {
		for _, v := range []struct {
			field    string
			is       *string
			optional bool
		}{{"phone", &body.Phone, false}, {"mobile", &body.Mobile, true}, {"hours", &body.Hours, false}, {"mail", &body.Mail, true}, {"pec", &body.PEC, true}, {"dpo", &body.DPO, true}} {
			all = append(all, ParameterField{Group: body.name, Name: body.name + "." + v.field, Text: v.is, Optional: v.optional})
		}
	}
	return append(all, ParameterField{Group: "rest", Name: "rest_days", Days: &p.RestDays, Optional: true})
}
