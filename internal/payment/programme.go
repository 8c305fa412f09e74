package payment

import (
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// Programme is what a run pays for. Each brings its own lines; orders, files and
// answers of the bank are alike.
type Programme string

// The programmes.
const (
	Voucher   Programme = "voucher"   // the contribution for sessions of psychotherapy: psychologists are paid
	Indemnity Programme = "indemnity" // for illness or injury: members are paid, or their heirs
)

// prefixes begin the names that the bank sees, unlike for any two programmes.
var prefixes = map[Programme]string{Voucher: "PSI", Indemnity: "IND"}

// offices say who pays what, and payers the name of each in a file for the bank.
var (
	offices = map[Programme]identity.Role{Voucher: identity.INPS, Indemnity: identity.Welfare}
	payers  = map[Programme]string{Voucher: "INPS", Indemnity: "ENPAP"}
)

// Office is whose officers prepare, approve and send the runs of a programme. To those of
// another they do not exist.
func (p Programme) Office() identity.Role { return offices[p] }

// Selection is what a run pays. Of the contribution, what was received up to the end of a
// month, in a territory or, for "", in all; of the indemnity, what a call still owes.
type Selection struct {
	Programme Programme
	Month     calendar.Date // its first day; of the indemnity, that of the call
	Territory string
	Call      string // of the indemnity: "2026-05"
}

// OfCall is what a call for the indemnity still owes, by its name; ErrCall.
func OfCall(id string) (Selection, error) {
	first, err := calendar.ParseDate(id + "-01")
	if err != nil {
		return Selection{}, ErrCall
	}
	return Selection{Programme: Indemnity, Month: first, Call: id}, nil
}

// flaw is what stands against a selection on a day.
func (s Selection) flaw(today calendar.Date) error {
	if s.Programme == Indemnity {
		if of, err := OfCall(s.Call); err != nil || of != s {
			return ErrCall
		}
		return nil
	}
	if prefixes[s.Programme] == "" || s.Month.Day != 1 || s.Month.After(today) || s.Call != "" {
		return ErrMonth
	}
	return nil
}

// Until is the first instant after the month.
func (s Selection) Until() time.Time {
	return calendar.NewDate(s.Month.Year, s.Month.Month+1, 1).Start()
}
