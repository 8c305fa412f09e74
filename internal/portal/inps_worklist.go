package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const (
	workPath     = "/gestione/inps"
	worklistPath = workPath + "/domande"
	foundPath    = worklistPath + "/trovate"
	assignPath   = worklistPath + "/assegna"
)

func deskCasePath(id voucher.ApplicationID) string { return worklistPath + "/" + string(id) }

// The filters of the worklist, as addresses write them.
var (
	stateSlugs = []filterWord[voucher.ApplicationState]{{"inviata", voucher.Submitted}, {"in-lavorazione", voucher.InReview}, {"da-completare", voucher.AwaitingISEE},
		{"improcedibile", voucher.NotProcessable}, {"accolta", voucher.Awarded}, {"parzialmente-accolta", voucher.PartiallyAwarded},
		{"non-accolta", voucher.Unfunded}, {"respinta", voucher.Refused}, {"decaduta", voucher.Lapsed}, {"rinunciata", voucher.Withdrawn}}
	iseeSlugs    = []filterWord[voucher.ISEEStatus]{{"valido", voucher.ISEEValid}, {"difforme", voucher.ISEEDefective}, {"assente", voucher.ISEEMissing}}
	channelSlugs = []filterWord[voucher.Channel]{{"online", voucher.Online}, {"sportello", voucher.Counter}, {"importazione", voucher.Import}}
	whoseSlugs   = []filterWord[voucher.Whose]{{"a-me", voucher.Mine}, {"a-nessuno", voucher.Nobodys}, {"ad-altri", voucher.Others}}
	orderSlugs   = []filterWord[voucher.WorkOrder]{{"meno-recenti", voucher.Oldest}, {"scadenza", voucher.ByTerm}}
)

// filterWord is a value of a filter with its name in addresses.
type filterWord[T ~string] struct {
	name string
	is   T
}

func slugged[T ~string](slugs []filterWord[T], name string) T {
	for _, s := range slugs {
		if s.name == name {
			return s.is
		}
	}
	return ""
}

// slugOptions are the answers of a filter, the first of which does not restrict.
func slugOptions[T ~string](f ui.Frame, slugs []filterWord[T], any, family string) []ui.Option {
	options := []ui.Option{{Label: f.T(any)}}
	for _, s := range slugs {
		options = append(options, ui.Option{Value: s.name, Label: f.T(family + "." + string(s.is))})
	}
	return options
}

// applicationList is the list of the applications.
var applicationList = deskList{worklistPath, []string{"annualita", "territorio", "stato", "isee", "canale", "assegnata", "ordine"}}

// deskEditions lists the editions, the newest first, and the one a page is about: the
// one the address names, or the last whose window has opened.
func (p *Portal) deskEditions(r *http.Request, named string) (all []voucher.Edition, chosen voucher.Edition, err error) {
	byID, err := p.Desk.Editions(r.Context())
	if err != nil {
		return nil, chosen, err
	}
	for _, e := range byID {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b voucher.Edition) int {
		return b.Rules.Window.Is.Opens.Compare(a.Rules.Window.Is.Opens)
	})
	for _, e := range all {
		if string(e.ID) == named {
			return all, e, nil
		}
	}
	for _, e := range all {
		if !p.Now().Before(e.Rules.Window.Is.Opens) {
			return all, e, nil
		}
	}
	if len(all) > 0 {
		chosen = all[0]
	}
	return all, chosen, nil
}

func editionChoice(f ui.Frame, all []voucher.Edition, chosen voucher.EditionID) ui.ChoiceProps {
	c := ui.ChoiceProps{Name: "annualita", Legend: f.T("inps.desk.edition"), Chosen: []string{string(chosen)}, Filter: true}
	for _, e := range all {
		c.Options = append(c.Options, ui.Option{Value: string(e.ID), Label: string(e.ID)})
	}
	return c
}

// worklistAsk is what an address asks for.
func worklistAsk(r *http.Request, q url.Values, edition voucher.EditionID) voucher.Worklist {
	ask := voucher.Worklist{
		Edition: edition, State: slugged(stateSlugs, q.Get("stato")), ISEE: slugged(iseeSlugs, q.Get("isee")),
		Channel: slugged(channelSlugs, q.Get("canale")), Whose: slugged(whoseSlugs, q.Get("assegnata")),
		Order: slugged(orderSlugs, q.Get("ordine")), Me: actor(r).Person,
	}
	if slices.Contains(voucher.Territories, q.Get("territorio")) {
		ask.Territory = q.Get("territorio")
	}
	if ask.After = voucher.ParseCursor(q.Get("dopo")); ask.After.ID == "" {
		ask.After = voucher.ParseCursor(q.Get("prima"))
		ask.Back = ask.After.ID != ""
	}
	return ask
}

// inpsWorklist is a page of applications (I-05).
func (p *Portal) inpsWorklist(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	return p.showWorklist(w, r, http.StatusOK, q, nil)
}

// showWorklist shows the page of the list that parameters ask for, with what is wrong with
// what was done from it.
func (p *Portal) showWorklist(w http.ResponseWriter, r *http.Request, status int, q url.Values, wrong *fault.Reason) error {
	editions, edition, err := p.deskEditions(r, q.Get("annualita"))
	if err != nil {
		return err
	}
	ask := worklistAsk(r, q, edition.ID)
	found, err := p.Desk.Worklist(r.Context(), ask)
	if err != nil {
		return err
	}
	kept := keptFilters(q, applicationList.filters)
	if len(found.Rows) == 0 && ask.After.ID != "" {
		return goTo(w, r, worklistPath, kept) // a page beyond the last
	}
	f := p.inpsFrame(r, ui.Frame{}.T("menu.inps.applications"))
	f.Errors = rowsError(f, wrong)
	page := inps.WorklistPage{
		Frame: f, SearchURL: worklistPath, FiltersOpen: len(kept) > 0,
		Filters: ui.FiltersProps{Label: f.T("inps.desk.filter"), Action: worklistPath},
		Choices: worklistChoices(f, q, editions, ask), Count: countedRows(f, found),
		ImportURL: worklistPath + "/importa",
	}
	if len(kept) > 0 {
		page.Filters.ClearURL, page.Empty = worklistPath, &ui.Link{Text: f.T("ui.filters.clear"), URL: worklistPath}
	}
	if mayPrepare(r) {
		page.Assign, page.Kept = assignPath, hiddenFields(q, applicationList.place())
	} else {
		page.ImportURL = ""
	}
	all := q.Get("scegli") == "tutte"
	page.ChooseAll = applicationList.chooseAll(f, q, all)
	for _, row := range found.Rows {
		line := p.worklistRow(f, row)
		line.Chosen = all
		page.Rows = append(page.Rows, line)
	}
	page.Turn = turn(applicationList, f.T("inps.desk.pages"), kept, found.Rows, found.Prior, found.Next,
		func(row voucher.WorkRow) string { return row.Place(ask.Order).String() })
	for _, ending := range []string{"csv", "xlsx", "json"} {
		page.Exports = append(page.Exports, ui.Link{Text: f.T("inps.desk.export." + ending), URL: withQuery(worklistPath+"."+ending, kept)})
	}
	return p.showAs(w, r, status, inps.Worklist(page))
}

func mayPrepare(r *http.Request) bool { return actor(r).Must(identity.INPS, identity.Prepare) == nil }

func worklistChoices(f ui.Frame, q url.Values, editions []voucher.Edition, ask voucher.Worklist) []ui.ChoiceProps {
	territories := []ui.Option{{Label: f.T("inps.desk.any_territory")}}
	for _, t := range voucher.Territories {
		territories = append(territories, ui.Option{Value: t, Label: typeset(t)})
	}
	choice := func(name, legend string, options []ui.Option) ui.ChoiceProps {
		return ui.ChoiceProps{Name: name, Legend: f.T(legend), Options: options, Chosen: []string{q.Get(name)}, Filter: true}
	}
	return []ui.ChoiceProps{
		editionChoice(f, editions, ask.Edition),
		choice("territorio", "inps.desk.col.territory", territories),
		choice("stato", "inps.desk.col.state", slugOptions(f, stateSlugs, "inps.desk.any_state", "citizen.standing")),
		choice("isee", "inps.desk.col.isee", slugOptions(f, iseeSlugs, "inps.desk.any_isee", "inps.desk.isee")),
		choice("canale", "inps.desk.channel", slugOptions(f, channelSlugs, "inps.desk.any_channel", "inps.desk.channel")),
		choice("assegnata", "inps.desk.col.officer", slugOptions(f, whoseSlugs, "inps.desk.anybodys", "inps.desk.whose")),
		choice("ordine", "inps.desk.order", slugOptions(f, orderSlugs, "inps.desk.order.newest", "inps.desk.order")),
	}
}

// countedRows says how many there are; of very many, that they are more than so many.
func countedRows(f ui.Frame, page voucher.WorkPage) string {
	if page.More {
		return f.T("inps.desk.count_more", "Number", grouped(page.Count))
	}
	return f.T("inps.desk.count", "Count", page.Count, "Number", grouped(page.Count))
}

func (p *Portal) worklistRow(f ui.Frame, row voucher.WorkRow) inps.WorklistRow {
	line := inps.WorklistRow{
		ID: string(row.ID), URL: deskCasePath(row.ID), Protocol: row.Protocol, Sent: row.SubmittedAt, SentText: secondsOf(row.SubmittedAt),
		Territory: typeset(row.Territory), State: standingTag(f, voucher.Standing(row.State)), Officer: row.Officer,
	}
	if row.HasISEE {
		line.ISEE = row.ISEE.String()
	}
	if row.ISEEStatus != voucher.ISEEValid {
		line.ISEENote = f.T("inps.desk.isee." + string(row.ISEEStatus))
	}
	if row.State == voucher.AwaitingISEE && !row.CureBy.IsZero() {
		line.StateNote = f.T("inps.desk.by", "Day", ui.ShortDay(row.CureBy))
		if calendar.On(p.Now()).After(row.CureBy) {
			line.StateNote = f.T("inps.desk.term_over", "Day", ui.ShortDay(row.CureBy))
		}
	}
	return line
}

// secondsOf is when an application was sent, to the second: "12/03/2026, 10:02:31".
func secondsOf(t time.Time) string {
	s := strconv.Itoa(100 + t.Second())
	return ui.ShortMoment(t) + ":" + s[1:]
}
