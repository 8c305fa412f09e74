package portal

import (
	"fmt"
	"net/http"
	"time"

	"portal/web"
	"portal/web/public"
	"portal/web/ui"
)

// publicStatus is P-20. It asks each part for the least that shows it answers.
func (p *Portal) publicStatus(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	_, _, broker := p.Broker.Start(ctx, "")
	_, database := p.Vouchers.Editions(ctx)
	f := p.publicFrame(r, "public.status.title", "")
	coming, past, _ := p.Stops.Public(ctx) // without a database there are none to tell of
	return p.show(w, r, public.Status(public.StatusPage{Frame: f, CheckedAt: ui.Moment(p.Now()), Coming: stopsText(f, coming), Past: stopsText(f, past), Parts: []public.StatusPart{
		{Name: f.T("public.status.portal"), Answers: p.Ready(ctx) == nil},
		{Name: f.T("public.status.database"), Answers: database == nil},
		{Name: f.T("public.status.login"), Answers: broker == nil},
	}}))
}

// robots keeps search engines to what everybody may read.
func robots(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, "User-agent: *\nDisallow: /accedi\nDisallow: /area-personale\nDisallow: /contributo-psicoterapia/domande\n"+
		"Disallow: /contributo-psicoterapia/sedute\nDisallow: /esci\nDisallow: /messaggi\nDisallow: /professionisti\nDisallow: /profili\n")
}

// favicon is for browsers that look where the icon used to be.
func favicon(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, web.Path("favicon.svg"), http.StatusFound)
}

// securityTxt says where to tell of a weakness (RFC 9116).
func (p *Portal) securityTxt(w http.ResponseWriter, _ *http.Request) {
	expires := p.Now().AddDate(0, 6, 0).UTC().Format(time.RFC3339)
	fmt.Fprintf(w, "Contact: %s/assistenza\nExpires: %s\nPreferred-Languages: it, en\nCanonical: %s/.well-known/security.txt\n", p.URL, expires, p.URL)
}
