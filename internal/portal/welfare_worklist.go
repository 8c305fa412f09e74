package portal

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/web/ui"
	"portal/web/welfare"
)

const (
	welfareFoundPath  = welfareCasesPath + "/trovate"
	welfareAssignPath = welfareCasesPath + "/assegna"
)

// The filters of the list, as addresses write them.
var (
	shelfSlugs = []filterWord[indemnity.Shelf]{{"in-ritardo", indemnity.ShelfLate}, {"oggi", indemnity.ShelfToday}, {"sette-giorni", indemnity.ShelfWeek},
		{"in-corso", indemnity.ShelfRunning}, {"iscritto", indemnity.ShelfWaits}, {"approvazione", indemnity.ShelfApproval}}
	standingSlugs = []filterWord[indemnity.CaseStanding]{{"inviata", indemnity.CaseStanding(indemnity.Submitted)}, {"in-verifica", indemnity.CaseStanding(indemnity.InReview)},
		{"documenti-richiesti", indemnity.SupplementAsked}, {"regolarizzazione-richiesta", indemnity.RegularisationAsked}, {"termine-scaduto", indemnity.TermOver},
		{"risposta-ricevuta", indemnity.AnswerReceived}, {"idonea", indemnity.CaseStanding(indemnity.Suitable)}, {"ammessa", indemnity.CaseStanding(indemnity.Funded)},
		{"in-pagamento", indemnity.BeingPaid}, {"pagata", indemnity.PaidWhole}, {"pagamento-restituito", indemnity.PaymentBack},
		{"senza-risorse", indemnity.CaseStanding(indemnity.Unfunded)}, {"esclusa", indemnity.CaseStanding(indemnity.NotEligible)},
		{"inammissibile", indemnity.CaseStanding(indemnity.Inadmissible)}, {"decaduta", indemnity.CaseStanding(indemnity.Forfeited)},
		{"revocata", indemnity.CaseStanding(indemnity.Revoked)}, {"ritirata", indemnity.CaseStanding(indemnity.WithdrawnByMember)}}
	workKindSlugs = []filterWord[indemnity.WorkKind]{{"gravi-patologie", indemnity.SeriousWork}, {"eredi", indemnity.HeirsWork}}
)

// caseList is the list of the cases.
var caseList = deskList{welfareCasesPath, []string{"bando", "stato", "operatore", "termine", "caso", "ordine"}}

// casesAsk is what an address asks for.
func casesAsk(r *http.Request, q url.Values) indemnity.Worklist {
	ask := indemnity.Worklist{Standing: slugged(standingSlugs, q.Get("stato")), Shelf: slugged(shelfSlugs, q.Get("termine")), Kind: slugged(workKindSlugs, q.Get("caso")),
		Oldest: q.Get("ordine") == "meno-recenti"}
	switch who := q.Get("operatore"); {
	case who == "a-me":
		ask.Officer = actor(r).Person
	case who == "a-nessuno":
		ask.Nobodys = true
	case uuid.Validate(who) == nil:
		ask.Officer = identity.PersonID(who)
	}
	if id := indemnity.CallID(q.Get("bando")); !id.Month().From.IsZero() {
		ask.Call = id
	}
	if ask.After = indemnity.ParseWorkPlace(q.Get("dopo")); ask.After.ID == "" {
		ask.After = indemnity.ParseWorkPlace(q.Get("prima"))
		ask.Back = ask.After.ID != ""
	}
	return ask
}

// welfareWorklist is a page of cases (W-02).
func (p *Portal) welfareWorklist(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	first, err := p.firstView(r)
	if err != nil {
		return err
	}
	if first != "" {
		return goTo(w, r, first, nil)
	}
	return p.showCaseList(w, r, http.StatusOK, q, nil)
}

// showCaseList shows the page of the list that parameters ask for, with what is wrong with
// what was done from it.
func (p *Portal) showCaseList(w http.ResponseWriter, r *http.Request, status int, q url.Values, wrong *fault.Reason) error {
	ask := casesAsk(r, q)
	found, err := p.Work.List(r.Context(), actor(r), ask)
	if err != nil {
		return err
	}
	kept := keptFilters(q, caseList.filters)
	if len(found.Rows) == 0 && ask.After.ID != "" {
		return goTo(w, r, welfareCasesPath, kept) // a page beyond the last
	}
	choices := caseChoices(r, q, found.WorkChoices)
	f := p.welfareFrame(r, ui.Frame{}.T("work.list"))
	f.Errors = rowsError(f, wrong)
	page := welfare.WorklistPage{Frame: f, FiltersOpen: len(kept) > 0, Filters: ui.FiltersProps{Label: f.T("inps.desk.filter"), Action: welfareCasesPath},
		Choices: choices, Chosen: chosenCaseFilters(choices, kept), Count: countedCases(f, found), Views: viewLinks(found.Views), ViewsURL: viewsPath}
	if len(kept) > 0 {
		page.Filters.ClearURL, page.Empty, page.SaveURL = wholeList, &ui.Link{Text: f.T("ui.filters.clear"), URL: wholeList}, withQuery(newViewPath, kept)
	}
	if opensCases(r) {
		page.SearchURL, page.ExportURL = welfareCasesPath, withQuery(welfareCasesPath+".csv", kept)
	}
	all := q.Get("scegli") == "tutte"
	if actor(r).Has(identity.Prepare) {
		page.Assign, page.ChooseAll, page.Kept = welfareAssignPath, caseList.chooseAll(f, q, all), hiddenFields(q, caseList.place())
	}
	page.Turn = turn(caseList, f.T("inps.desk.pages"), kept, found.Rows, found.Prior, found.Next, func(row indemnity.WorkRow) string { return row.Place().String() })
	page.Rows, page.AllChosen = p.workRows(r, f, found.Rows), all
	return p.showAs(w, r, status, welfare.Worklist(page))
}

// caseChoices are the filters with what is chosen in an address.
func caseChoices(r *http.Request, q url.Values, among indemnity.WorkChoices) []ui.ChoiceProps {
	var f ui.Frame
	calls := []ui.Option{{Label: f.T("work.any_call")}}
	for _, id := range among.Calls {
		calls = append(calls, ui.Option{Value: string(id), Label: callTitle(f, id)})
	}
	whose := []ui.Option{{Label: f.T("inps.desk.anybodys")}, {Value: "a-me", Label: f.T("inps.desk.whose.mine")}, {Value: "a-nessuno", Label: f.T("inps.desk.whose.nobody")}}
	for _, o := range among.Officers {
		if o.ID != actor(r).Person {
			whose = append(whose, ui.Option{Value: string(o.ID), Label: f.T("work.whose.of", "Name", o.Name())})
		}
	}
	choice := func(name, legend string, options []ui.Option) ui.ChoiceProps {
		return ui.ChoiceProps{Name: name, Legend: f.T(legend), Options: options, Chosen: []string{q.Get(name)}, Filter: true}
	}
	return []ui.ChoiceProps{
		choice("bando", "heirs.col.call", calls),
		choice("stato", "heirs.col.state", slugOptions(f, standingSlugs, "inps.desk.any_state", "case.state")),
		choice("operatore", "inps.desk.col.officer", whose),
		choice("termine", "work.col.term", slugOptions(f, shelfSlugs, "work.any_term", "work.shelf")),
		choice("caso", "work.kind", slugOptions(f, workKindSlugs, "work.any_kind", "work.kind")),
		choice("ordine", "inps.desk.order", []ui.Option{{Label: f.T("inps.desk.order.newest")}, {Value: "meno-recenti", Label: f.T("inps.desk.order.oldest")}}),
	}
}

// chosenCaseFilters are the filters that restrict a list, each with the list without it.
func chosenCaseFilters(choices []ui.ChoiceProps, kept url.Values) (chosen []ui.Link) {
	for _, c := range choices {
		for _, o := range c.Options {
			if o.Value == "" || o.Value != kept.Get(c.Name) || c.Name == "ordine" {
				continue
			}
			rest := url.Values{}
			for name, v := range kept {
				if name != c.Name {
					rest[name] = v
				}
			}
			if len(rest) == 0 {
				rest.Set("vista", "tutte")
			}
			chosen = append(chosen, ui.Link{Text: c.Legend + ": " + o.Label, URL: withQuery(welfareCasesPath, rest)})
		}
	}
	return chosen
}
