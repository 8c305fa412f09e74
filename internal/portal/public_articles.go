package portal

import (
	"net/http"
	"strings"

	"portal/web/public"
	"portal/web/ui"
)

// article is a page of text. Its words stand in the catalogue under its key:
// title, lead, and for each section a heading and ".text", a paragraph a line.
type article struct {
	key      string // "public.privacy"
	body     string // "INPS", "ENPAP" or ""
	sections []section
}

type section struct {
	id    string // anchor
	key   string // under that of the article: "rights"
	links []item // the key of the words, and the address; or contacts
}

// Links that are the telephone numbers of a body, or the addresses of those who protect
// the data.
var (
	callINPS  = item{url: "tel:inps"}
	callENPAP = item{url: "tel:enpap"}
	writeDPO  = item{url: "mailto:dpo"}
)

// linksOf are the links of a section; of contacts, those of today.
func (s section) linksOf(f ui.Frame) (all []ui.Link) {
	add := func(key, is, url string, args ...any) {
		if is != "" {
			all = append(all, ui.Link{Text: f.T(key, append(args, "Phone", is, "At", is)...), URL: url})
		}
	}
	inps, enpap := f.Site.INPS, f.Site.ENPAP
	for _, l := range s.links {
		switch l {
		case callINPS:
			add("ui.help.landline", inps.Phone, ui.Dial(inps.Phone))
			add("ui.help.mobile", inps.Mobile, ui.Dial(inps.Mobile))
			add("ui.footer.mail", inps.Mail, "mailto:"+inps.Mail, "Body", "INPS")
			add("ui.footer.pec", inps.PEC, "mailto:"+inps.PEC, "Body", "INPS")
		case callENPAP:
			add("public.link.enpap.phone", enpap.Phone, ui.Dial(enpap.Phone))
			add("ui.help.mobile", enpap.Mobile, ui.Dial(enpap.Mobile))
			add("ui.footer.mail", enpap.Mail, "mailto:"+enpap.Mail, "Body", "ENPAP")
			add("ui.footer.pec", enpap.PEC, "mailto:"+enpap.PEC, "Body", "ENPAP")
		case writeDPO:
			add("public.link.dpo", inps.DPO, "mailto:"+inps.DPO, "Body", "INPS")
			add("public.link.dpo", enpap.DPO, "mailto:"+enpap.DPO, "Body", "ENPAP")
		default:
			all = append(all, ui.Link{Text: f.T(l.key), URL: l.url})
		}
	}
	return all
}

const (
	inpsSite  = "https://www.inps.it"
	enpapArea = "https://areariservata.enpap.it/home/"
	agidSite  = "https://www.agid.gov.it"
	eupl      = "https://eur-lex.europa.eu/eli/dec_impl/2017/863/oj"
)

var articles = map[string]article{
	"/assistenza": {"public.help", "", []section{
		{"contributo", "voucher", []item{callINPS, {"public.link.inps", inpsSite}}},
		{"indennita", "indemnity", []item{callENPAP, {"public.link.enpap.area", enpapArea}}},
		{"accesso", "login", []item{{"login.without.spid", "https://www.spid.gov.it"}, {"login.without.cie", "https://www.cartaidentita.interno.gov.it"}}},
		{"prima-di-chiamare", "before", []item{{"public.questions.title", "/domande-frequenti"}, {"ui.footer.status", "/stato-servizio"}}},
	}},
	"/accessibilita": {"public.accessibility", "", []section{
		{"come-e-fatto", "made", nil},
		{"limiti", "limits", nil},
		{"dichiarazione", "statement", []item{{"public.link.agid", agidSite}}},
		{"segnala", "report", []item{{"ui.footer.report", "/accessibilita/segnala"}}},
	}},
	"/accessibilita/segnala": {"public.report", "", []section{
		{"a-chi", "whom", []item{callINPS, callENPAP}},
		{"cosa-scrivere", "what", nil},
		{"difensore-civico", "ombudsman", []item{{"public.link.agid", agidSite}}},
	}},
	"/privacy": {"public.privacy", "", []section{
		{"titolari", "controllers", nil},
		{"dati", "data", nil},
		{"perche", "purposes", nil},
		{"chi-vede", "readers", nil},
		{"conservazione", "retention", nil},
		{"diritti", "rights", []item{writeDPO, {"public.link.garante", "https://www.garanteprivacy.it"}}},
	}},
	"/cookie": {"public.cookies", "", []section{
		{"tecnico", "session", nil},
		{"browser", "keys", nil},
		{"terzi", "others", nil},
	}},
	"/note-legali": {"public.legal", "", []section{
		{"servizi", "services", nil},
		{"contenuti", "contents", nil},
		{"licenza", "licence", []item{{"public.link.eupl", eupl}}},
	}},
}

// publicArticle shows a page of text at its address.
func (p *Portal) publicArticle(address string) http.HandlerFunc {
	a := articles[address]
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		f := p.publicFrame(r, a.key+".title", a.body)
		if address == "/accessibilita/segnala" {
			f.Path = []ui.Crumb{f.Path[0], {Text: f.T("public.accessibility.title"), URL: "/accessibilita"}, f.Path[1]}
		}
		page := public.ArticlePage{Frame: f, Lead: f.T(a.key + ".lead")}
		for _, s := range a.sections {
			key := a.key + "." + s.key
			view := public.Section{ID: s.id, Title: f.T(key), Links: s.linksOf(f),
				Text: lines(f.T(key+".text", "INPSHours", f.Site.INPS.Hours, "ENPAPHours", f.Site.ENPAP.Hours))}
			page.Sections = append(page.Sections, view)
		}
		return p.show(w, r, public.Article(page))
	})
}

func lines(text string) []string { return strings.Split(text, "\n") }

// The questions of P-17: each key holds the question, with ".text" the answer.
var (
	voucherQuestions = []string{"public.question.code", "public.question.change", "public.question.cancel", "public.question.expiry",
		"public.question.price", "public.question.lost", "public.question.who", "public.question.several"}
	professionalQuestions = []string{"public.question.join", "public.question.book", "public.question.confirm", "public.question.attempts"}
	indemnityQuestions    = []string{"public.question.prognosis", "public.question.indemnity"}
	loginQuestions        = []string{"public.question.login", "public.question.profile"}
)

// publicQuestions is P-17.
func (p *Portal) publicQuestions(w http.ResponseWriter, r *http.Request) error {
	f := p.publicFrame(r, "public.questions.title", "")
	return p.show(w, r, public.Questions(public.QuestionsPage{Frame: f, Groups: []public.QuestionGroup{
		{Title: f.T("public.questions.voucher"), Questions: asked(f, voucherQuestions)},
		{Title: f.T("public.questions.professional"), Questions: asked(f, professionalQuestions)},
		{Title: f.T("public.questions.indemnity"), Questions: asked(f, indemnityQuestions)},
		{Title: f.T("public.questions.login"), Questions: asked(f, loginQuestions)},
	}}))
}

func asked(f ui.Frame, keys []string) []public.Question {
	all := make([]public.Question, len(keys))
	for i, key := range keys {
		all[i] = public.Question{Ask: f.T(key), Answer: lines(f.T(key + ".text"))}
	}
	return all
}

// publicMap is the map of the site: every page that one can come to without
// knowing something of one's own.
func (p *Portal) publicMap(w http.ResponseWriter, r *http.Request) error {
	f := p.publicFrame(r, "public.map.title", "")
	page := public.ArticlePage{Frame: f, Lead: f.T("public.map.lead")}
	for _, s := range siteMap {
		view := public.Section{ID: s.id, Title: f.T("public.map." + s.key), Links: s.linksOf(f)}
		page.Sections = append(page.Sections, view)
	}
	return p.show(w, r, public.Article(page))
}

var siteMap = []section{
	{"servizi", "services", []item{{"public.home.crumb", "/"}, {"public.voucher.title", "/contributo-psicoterapia"},
		{"public.results.title", resultsPath},
		{"public.indemnity.title", servicePath}, {"public.estimate.title", estimatePath}, {"public.map.calls", publicCallsPath}}},
	{"area", "area", []item{{"login.title", "/accedi"}, {"menu.area", "/area-personale"}, {"menu.messages", "/messaggi"},
		{"login.return.applications", citizenFiles}, {"login.return.sessions", "/professionisti/sedute"}}},
	{"trovare-aiuto", "help", []item{{"menu.help", "/assistenza"}, {"public.questions.title", "/domande-frequenti"}, {"ui.footer.status", "/stato-servizio"}}},
	{"sito", "site", []item{{"public.accessibility.title", "/accessibilita"}, {"ui.footer.report", "/accessibilita/segnala"},
		{"public.privacy.title", "/privacy"}, {"public.cookies.title", "/cookie"}, {"public.legal.title", "/note-legali"}}},
}
