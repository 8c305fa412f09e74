package portal

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/web/ui"
)

// Why a field cannot be taken, before any rule is asked.
var (
	errDate  = fault.Invalid("field.date")
	errTime  = fault.Invalid("field.time")
	errText  = fault.Invalid("field.control_char")
	errTwice = fault.Invalid("form.twice")
)

// textError says in which field of a form there was a character that cannot be
// kept. The fields that come with it are without it.
type textError struct{ field string }

// Error is the reason, which names no field.
func (e textError) Error() string { return errText.Error() }

// Unwrap is the reason.
func (e textError) Unwrap() error { return errText }

// form reads the fields of a POST: one value each, no control characters, text
// that is UTF-8, none of it too long. Fields that may come many times are named.
// With a textError the fields come too, for the form to be shown again.
func form(r *http.Request, many ...string) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		return nil, unreadable(err)
	}
	if len(r.PostForm) > mostFields {
		return nil, errUnreadable
	}
	var wrong error
	for name, values := range r.PostForm {
		if len(values) > 1 && !slices.Contains(many, name) {
			return nil, errTwice
		}
		for i, v := range values {
			if !plainText(v) {
				values[i], wrong = strings.Map(plainOnly, strings.ToValidUTF8(v, "")), textError{name}
			}
		}
	}
	return r.PostForm, wrong
}

// query reads the parameters of a GET, as form does.
func query(r *http.Request) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errUnreadable
	}
	for _, values := range q {
		for _, v := range values {
			if !plainText(v) {
				return nil, errText
			}
		}
	}
	return q, nil
}

// plainText tells whether a text can be stored and shown: UTF-8, no control
// characters, none that turn the direction of what follows.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return plainOnly(r) < 0 })
}

// plainOnly drops what plainText refuses.
func plainOnly(r rune) rune {
	if unicode.Is(unicode.Cc, r) && r != '\n' && r != '\r' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
		return -1
	}
	return r
}

// sending is one sending of a form: see package once. It means its fields, but for the key,
// which is the hidden field of ui.Form, and the address, which says of what it speaks.
func sending(r *http.Request, action string, fields url.Values) (once.Form, error) {
	meaning := make(url.Values, len(fields)+1)
	maps.Copy(meaning, fields)
	delete(meaning, "idem")
	meaning[""] = []string{r.URL.RequestURI()} // the name of no field
	return once.New(actor(r).Person, action, fields.Get("idem"), meaning)
}

// formAbout reads one sending of a form about what its address names.
func formAbout[ID ~string](r *http.Request, action string) (ID, url.Values, once.Form, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return "", nil, once.Form{}, err
	}
	fields, err := form(r)
	if err != nil {
		return "", nil, once.Form{}, err
	}
	sent, err := sending(r, action, fields)
	return ID(id), fields, sent, err
}

// idParam is a parameter of the path that names something: a UUID as the portal
// writes it. Anything else names nothing.
func idParam(r *http.Request, name string) (string, error) {
	s := chi.URLParam(r, name)
	if id, err := uuid.Parse(s); err != nil || id.String() != s {
		return "", fault.ErrNotFound
	}
	return s, nil
}

// dateField reads the three fields of a day. All empty is the zero Date.
func dateField(fields url.Values, name string) (calendar.Date, error) {
	dayName, monthName, yearName := ui.DateNames(name)
	texts := [3]string{fields.Get(dayName), fields.Get(monthName), fields.Get(yearName)}
	var numbers [3]int
	empty := 0
	for i, t := range texts {
		t = strings.TrimSpace(t)
		n, err := strconv.Atoi(t)
		switch {
		case t == "":
			empty++
		case err != nil || n < 0 || len(t) > 4 || strings.ContainsAny(t, "+-"):
			return calendar.Date{}, errDate
		}
		numbers[i] = n
	}
	if empty == 3 {
		return calendar.Date{}, nil
	}
	d, ok := calendar.CheckedDate(numbers[2], numbers[1], numbers[0])
	if !ok || numbers[2] < 1900 || numbers[2] > 2200 {
		return calendar.Date{}, errDate
	}
	return d, nil
}

// timeField reads an hour of a day: "15:00", "15.00", "9". Empty is the zero
// time. An hour that the day does not have, when clocks go forward, is refused.
func timeField(text string, on calendar.Date) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	if strings.Trim(text, "0123456789.:") != "" {
		return time.Time{}, errTime
	}
	hour, minute, _ := strings.Cut(strings.ReplaceAll(text, ".", ":"), ":")
	h, errH := strconv.Atoi(hour)
	m, errM := strconv.Atoi(minute)
	if minute == "" {
		m, errM = 0, nil
	}
	if errH != nil || errM != nil || h < 0 || h > 23 || m < 0 || m > 59 || len(hour) > 2 || len(minute) == 1 || len(minute) > 2 {
		return time.Time{}, errTime
	}
	t := on.At(h, m)
	if t.Hour() != h || t.Minute() != m {
		return time.Time{}, errTime
	}
	return t, nil
}

// words is the text of a reason: what is wrong, and how to mend it.
func words(f ui.Frame, reason *fault.Reason, args ...any) string {
	return f.T("reason."+reason.Code, args...)
}
