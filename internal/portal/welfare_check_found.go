package portal

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/web/ui"
	"portal/web/welfare"
)

// What cannot be taken of what an officer says that they found.
var (
	errFoundNumber = fault.Invalid("desk.number")
	errFoundDays   = fault.Invalid("desk.days")
	errFoundValue  = fault.Invalid("desk.isee_value")
)

// foundField is a field of the form of a check: how it asks, how it shows what was found
// before, and how what was typed is read.
type foundField struct {
	name string
	show func(f ui.Frame, fields url.Values) welfare.CheckField
	keep func(x indemnity.Found, fields url.Values)
	read func(fields url.Values, x *indemnity.Found) error
}

// defectsField is the form value of what is to be asked for on account of a check, and
// fillStep the step that shows the form of a check filled in, and keeps nothing.
const (
	defectsField = "richiedi"
	fillStep     = "riempi"
)

// defectsChoice asks what is to be asked for on account of a check, nil where nobody is
// asked for anything: what is chosen stands in the next request for papers.
func defectsChoice(f ui.Frame, o indemnity.Opened, check indemnity.Check, fields url.Values) *ui.ChoiceProps {
	all := o.Askable(check)
	if len(all) == 0 {
		return nil
	}
	c := &ui.ChoiceProps{Name: defectsField, Legend: f.T("request.add"), Hint: f.T("request.add.hint"), Optional: true, Chosen: fields[defectsField]}
	for _, i := range all {
		c.Options = append(c.Options, ui.Option{Value: i.Code, Label: askableName(f, o.CaseFile, i, check)})
	}
	return c
}

// readDefects are the codes that were chosen, of those that can be.
func readDefects(o indemnity.Opened, check indemnity.Check, fields url.Values) (codes []string) {
	for _, i := range o.Askable(check) {
		if slices.Contains(fields[defectsField], i.Code) {
			codes = append(codes, i.Code)
		}
	}
	return codes
}

// readFound reads what an officer says that they found on a check.
func readFound(o indemnity.Opened, check indemnity.Check, fields url.Values) (x indemnity.Found, wrong []ui.FieldError) {
	for _, field := range foundFields(o, check) {
		if err := field.read(fields, &x); err != nil {
			wrong = append(wrong, ui.FieldError{Field: field.name, Text: words(ui.Frame{}, fault.As(err))})
		}
	}
	return x, wrong
}

// foundFields are the fields of the form of a check, none where there is nothing to find
// but the verdict.
func foundFields(o indemnity.Opened, check indemnity.Check) []foundField {
	sent := o.AsSent()
	switch check {
	case indemnity.CheckIdentity:
		return []foundField{foundWord("documento", "identity", []string{string(indemnity.IdentityValid), string(indemnity.IdentityDefective), string(indemnity.IdentityMissing)},
			func(x indemnity.Found) string { return string(x.Identity) }, func(x *indemnity.Found, is string) { x.Identity = indemnity.IdentityDocument(is) })}
	case indemnity.CheckMember:
		return []foundField{foundYes("attiva", "active", func(x *indemnity.Found) **bool { return &x.Active })}
	case indemnity.CheckEnrolment:
		return []foundField{foundDay("richiesta", "applied", func(x *indemnity.Found) *calendar.Date { return &x.AppliedOn }),
			foundDay("iscrizione", "enrolled", func(x *indemnity.Found) *calendar.Date { return &x.EnrolledOn })}
	case indemnity.CheckProof, indemnity.CheckCoverage:
		var all []foundField
		for _, p := range o.PapersOf(check) {
			all = append(all, paperFound(p)...)
		}
		return all
	case indemnity.CheckRegularity:
		return positionFound(sent.Contribution)
	case indemnity.CheckDeclarations:
		return []foundField{foundYes("copie", "true_copy", func(x *indemnity.Found) **bool { return &x.TrueCopy }),
			foundYes("inattivita", "no_activity", func(x *indemnity.Found) **bool { return &x.NoActivity }), foundYes("lavoro", "worked", func(x *indemnity.Found) **bool { return &x.Worked })}
	case indemnity.CheckISEE:
		return iseeFound(sent.ISEE)
	case indemnity.CheckExclusive:
		return []foundField{foundYes("esclusiva", "exclusive", func(x *indemnity.Found) **bool { return &x.Exclusive })}
	case indemnity.CheckCover:
		return []foundField{foundYes("copertura", "cover", func(x *indemnity.Found) **bool { return &x.OtherCover })}
	case indemnity.CheckMaternity:
		return []foundField{foundDay("parto", "birth", func(x *indemnity.Found) *calendar.Date { return &x.BirthOn })}
	case indemnity.CheckCap:
		return daysFound(sent)
	case indemnity.CheckIncome:
		year := incomeYear(o.CaseFile)
		return []foundField{foundAmount("reddito", "income", func(x indemnity.Found) (money.Amount, bool) { return x.Incomes.Of(year) },
			func(x *indemnity.Found, is money.Amount) { x.Incomes = inYear(sent.Incomes, year, is) }),
			foundYes("forfettario", "flat_rate", func(x *indemnity.Found) **bool { return &x.FlatRate })}
	}
	return nil
}

// foundWord asks for one of a few words; none leaves what was sent.
func foundWord(name, key string, of []string, is func(indemnity.Found) string, put func(*indemnity.Found, string)) foundField {
	return foundField{name: name,
		show: func(f ui.Frame, fields url.Values) welfare.CheckField {
			c := ui.ChoiceProps{Name: name, Legend: f.T("desk.fact." + key), Optional: true, Chosen: fields[name], Options: []ui.Option{{Label: f.T("desk.as_sent")}}}
			for _, word := range of {
				c.Options = append(c.Options, ui.Option{Value: word, Label: f.T("desk." + key + "." + word)})
			}
			return welfare.CheckField{Choice: &c}
		},
		keep: func(x indemnity.Found, fields url.Values) { fields.Set(name, is(x)) },
		read: func(fields url.Values, x *indemnity.Found) error {
			if word := fields.Get(name); slices.Contains(of, word) {
				put(x, word)
			}
			return nil
		}}
}

// foundYes asks for yes or no; neither leaves what was sent.
func foundYes(name, key string, at func(*indemnity.Found) **bool) foundField {
	return foundField{name: name,
		show: func(f ui.Frame, fields url.Values) welfare.CheckField {
			return welfare.CheckField{Choice: &ui.ChoiceProps{Name: name, Legend: f.T("desk.fact." + key), Optional: true, Chosen: fields[name],
				Options: append([]ui.Option{{Label: f.T("desk.as_sent")}}, yesNoOptions(f)...)}}
		},
		keep: func(x indemnity.Found, fields url.Values) {
			if is := *at(&x); is != nil {
				fields.Set(name, yesNo(*is))
			}
		},
		read: func(fields url.Values, x *indemnity.Found) error {
			if word := fields.Get(name); word == "si" || word == "no" {
				is := word == "si"
				*at(x) = &is
			}
			return nil
		}}
}

// foundDay asks for a day; none leaves what was sent.
func foundDay(name, key string, at func(*indemnity.Found) *calendar.Date) foundField {
	return foundField{name: name,
		show: func(f ui.Frame, fields url.Values) welfare.CheckField {
			day, month, year := ui.DateNames(name)
			return welfare.CheckField{Day: &ui.DateFieldProps{Name: name, Legend: f.T("desk.fact." + key), Hint: f.T("member.period.hint"), Optional: true,
				Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)}}
		},
		keep: func(x indemnity.Found, fields url.Values) { keepDay(fields, name, *at(&x)) },
		read: func(fields url.Values, x *indemnity.Found) (err error) {
			*at(x), err = dateField(fields, name)
			return err
		}}
}

func keepDay(fields url.Values, name string, d calendar.Date) {
	if d.IsZero() {
		return
	}
	day, month, year := ui.DateNames(name)
	fields.Set(day, strconv.Itoa(d.Day))
	fields.Set(month, strconv.Itoa(int(d.Month)))
	fields.Set(year, strconv.Itoa(d.Year))
}

// foundAmount asks for an amount; none leaves what was sent.
func foundAmount(name, key string, is func(indemnity.Found) (money.Amount, bool), put func(*indemnity.Found, money.Amount)) foundField {
	return foundField{name: name,
		show: func(f ui.Frame, fields url.Values) welfare.CheckField {
			return welfare.CheckField{Amount: &ui.FieldProps{Name: name, Label: f.T("desk.fact." + key), Value: fields.Get(name), Optional: true}}
		},
		keep: func(x indemnity.Found, fields url.Values) {
			if a, given := is(x); given {
				fields.Set(name, a.Field())
			}
		},
		read: func(fields url.Values, x *indemnity.Found) error {
			text := strings.TrimSpace(fields.Get(name))
			if text == "" {
				return nil
			}
			a, err := money.Parse(text)
			if err == nil {
				put(x, a)
			}
			return err
		}}
}

// paperFound asks how a paper is to be read: whether it proves anything, and the days on
// it where they are not those that were typed.
func paperFound(p indemnity.Paper) []foundField {
	id := string(p.ID)
	change := func(x *indemnity.Found, do func(*indemnity.PaperRead)) {
		read := x.Papers[p.ID]
		if do(&read); read != (indemnity.PaperRead{}) {
			if x.Papers == nil {
				x.Papers = map[indemnity.PaperID]indemnity.PaperRead{}
			}
			x.Papers[p.ID] = read
		}
	}
	words := []string{"disallowed"}
	if p.Kind == indemnity.InitialPrognosis || p.Kind == indemnity.ExtensionPrognosis {
		words = append(words, "no_form")
	}
	reading := foundWord("lettura-"+id, "reading", words, func(x indemnity.Found) string {
		switch read := x.Papers[p.ID]; {
		case read.Disallowed:
			return "disallowed"
		case read.NoForm:
			return "no_form"
		}
		return ""
	}, func(x *indemnity.Found, is string) {
		change(x, func(read *indemnity.PaperRead) { read.Disallowed, read.NoForm = is == "disallowed", is == "no_form" })
	})
	ask := reading.show
	reading.show = func(f ui.Frame, fields url.Values) welfare.CheckField {
		field := ask(f, fields)
		field.Heading = kindName(f, p.Kind) + ": " + p.Name
		return field
	}
	day := func(name, key string, at func(*indemnity.PaperRead) *calendar.Date) foundField {
		field := foundDay(name+"-"+id, key, func(*indemnity.Found) *calendar.Date { return new(calendar.Date) })
		field.keep = func(x indemnity.Found, fields url.Values) {
			read := x.Papers[p.ID]
			keepDay(fields, field.name, *at(&read))
		}
		field.read = func(fields url.Values, x *indemnity.Found) error {
			d, err := dateField(fields, field.name)
			if err == nil {
				change(x, func(read *indemnity.PaperRead) { *at(read) = d })
			}
			return err
		}
		return field
	}
	last := day("al", "paper_to", func(read *indemnity.PaperRead) *calendar.Date { return &read.Covers.To })
	keep := last.read
	last.read = func(fields url.Values, x *indemnity.Found) error {
		if err := keep(fields, x); err != nil {
			return err
		}
		if covers := x.Papers[p.ID].Covers; !covers.IsZero() && !covers.Valid() {
			return errFoundDays
		}
		return nil
	}
	return []foundField{reading, day("emesso", "paper_issued", func(read *indemnity.PaperRead) *calendar.Date { return &read.IssuedOn }),
		day("dal", "paper_from", func(read *indemnity.PaperRead) *calendar.Date { return &read.Covers.From }), last}
}

// positionFound asks for the contribution position; what is left empty stays as the
// register had it.
func positionFound(sent indemnity.Contribution) []foundField {
	position := func(x *indemnity.Found) *indemnity.Contribution {
		if x.Position == nil {
			is := sent
			x.Position = &is
		}
		return x.Position
	}
	amount := func(name, key string, at func(*indemnity.Contribution) *money.Amount) foundField {
		return foundAmount(name, key, func(x indemnity.Found) (money.Amount, bool) {
			if x.Position == nil {
				return 0, false
			}
			return *at(x.Position), true
		}, func(x *indemnity.Found, is money.Amount) { *at(position(x)) = is })
	}
	day := func(name, key string, at func(*indemnity.Contribution) *calendar.Date) foundField {
		field := foundDay(name, key, func(x *indemnity.Found) *calendar.Date {
			if x.Position == nil {
				return new(calendar.Date)
			}
			return at(x.Position)
		})
		field.read = func(fields url.Values, x *indemnity.Found) error {
			d, err := dateField(fields, name)
			if err == nil && !d.IsZero() {
				*at(position(x)) = d
			}
			return err
		}
		return field
	}
	communicated := foundWord("comunicati", "communicated", []string{"yes", "no"}, func(x indemnity.Found) string {
		switch {
		case x.Position == nil:
			return ""
		case x.Position.IncomeCommunicated:
			return "yes"
		}
		return "no"
	}, func(x *indemnity.Found, is string) { position(x).IncomeCommunicated = is == "yes" })
	return []foundField{communicated, amount("debito", "debt", func(c *indemnity.Contribution) *money.Amount { return &c.DebtAtSubmission }),
		amount("rate", "plan", func(c *indemnity.Contribution) *money.Amount { return &c.PlanResidual }),
		amount("debito-dopo", "debt_after", func(c *indemnity.Contribution) *money.Amount { return &c.DebtAfterwards }),
		day("comunicati-il", "communicated_on", func(c *indemnity.Contribution) *calendar.Date { return &c.CommunicatedOn }),
		day("pagato-il", "paid_on", func(c *indemnity.Contribution) *calendar.Date { return &c.PaidOn }),
		amount("pagato", "paid", func(c *indemnity.Contribution) *money.Amount { return &c.Paid })}
}

// iseeFound asks what the ISEE is, and its value.
func iseeFound(sent indemnity.ISEE) []foundField {
	isee := func(x *indemnity.Found) *indemnity.ISEE {
		if x.ISEE == nil {
			is := sent
			x.ISEE = &is
		}
		return x.ISEE
	}
	status := foundWord("isee", "isee", []string{string(indemnity.ISEEValid), string(indemnity.ISEEInvalid), string(indemnity.ISEENotPresented)},
		func(x indemnity.Found) string {
			if x.ISEE == nil {
				return ""
			}
			return string(x.ISEE.Status)
		}, func(x *indemnity.Found, is string) { isee(x).Status = indemnity.ISEEStatus(is) })
	value := foundAmount("valore", "isee_value", func(x indemnity.Found) (money.Amount, bool) {
		if x.ISEE == nil {
			return 0, false
		}
		return x.ISEE.Value, x.ISEE.Given
	}, func(x *indemnity.Found, is money.Amount) { isee(x).Value, isee(x).Given = is, true })
	read := value.read
	value.read = func(fields url.Values, x *indemnity.Found) error {
		err := read(fields, x)
		if err == nil && x.ISEE != nil && x.ISEE.Status == indemnity.ISEEValid && !x.ISEE.Given {
			err = errFoundValue
		}
		return err
	}
	return []foundField{status, value}
}

// daysFound asks for the days that earlier calls have paid, in each year of the event.
func daysFound(sent indemnity.Facts) (all []foundField) {
	for year := sent.Event.From.Year; year <= sent.Event.To.Year && year > 0; year++ {
		name := "giorni-" + strconv.Itoa(year)
		all = append(all, foundField{name: name,
			show: func(f ui.Frame, fields url.Values) welfare.CheckField {
				return welfare.CheckField{Number: &ui.FieldProps{Name: name, Label: f.T("desk.fact.days_used.of", "Year", year), Hint: f.T("desk.fact.days_used.hint"), Value: fields.Get(name), InputMode: "numeric", Short: true, Optional: true}}
			},
			keep: func(x indemnity.Found, fields url.Values) {
				if is, given := x.DaysUsed.Of(year); given {
					fields.Set(name, strconv.Itoa(is))
				}
			},
			read: func(fields url.Values, x *indemnity.Found) error {
				text := strings.TrimSpace(fields.Get(name))
				if text == "" {
					return nil
				}
				n, err := strconv.Atoi(text)
				if err != nil || n < 0 || n > 366 {
					return errFoundNumber
				}
				before := x.DaysUsed
				if before == nil {
					before = sent.DaysUsed
				}
				x.DaysUsed = inYear(before, year, n)
				return nil
			}})
	}
	return all
}

// inYear are the values of some years with another one in a year.
func inYear[T any](all indemnity.Yearly[T], year int, is T) indemnity.Yearly[T] {
	all = slices.DeleteFunc(slices.Clone(all), func(y indemnity.InYear[T]) bool { return y.Year == year })
	return append(all, indemnity.InYear[T]{Year: year, Is: is})
}
