package portal

import (
	"net/http"
	"slices"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/web/public"
)

// Where those who watch over the portal work.
const (
	auditLogPath      = "/controlli/registro"
	auditRankingsPath = "/controlli/graduatorie"
	auditChainPath    = "/controlli/integrita"
	auditFiguresPath  = "/controlli/indicatori"
)

// oversightMenus are the menus of the duties of oversight.
var oversightMenus = map[identity.Duty][]item{
	identity.Audit: {{"menu.audit.log", auditLogPath}, {"menu.audit.files", auditFilesPath}, {"menu.audit.rankings", auditRankingsPath},
		{"menu.audit.chain", auditChainPath}, {"menu.area", "/area-personale"}},
	identity.Administer: {{"menu.admin.staff", adminStaffPath}, {"menu.admin.stops", adminStopsPath}, {"menu.admin.deliveries", adminDeliveriesPath},
		{"menu.admin.neighbours", adminNeighboursPath}, {"menu.area", "/area-personale"}},
}

// oversightMore is what does not fit into the menus: the area leads there too.
var oversightMore = map[identity.Duty][]item{
	identity.Audit:      {{"menu.audit.figures", auditFiguresPath}, {"menu.admin.rules", rulesReadPath}},
	identity.Administer: {{"menu.admin.wordings", adminWordingsPath}, {"menu.admin.roles", adminRolesPath}, {"menu.admin.parameters", adminParametersPath}, {"menu.admin.retention", adminRetentionPath}, {"menu.admin.rules", rulesReadPath}},
}

// overseer is somebody of oversight with the duties they have today.
func (p *Portal) overseer(r *http.Request, who identity.Actor) (identity.Actor, error) {
	if who.Has(identity.Audit) || who.Has(identity.Administer) {
		return who, nil
	}
	profiles, err := p.People.Profiles(r.Context(), who.Person, calendar.On(p.Now()))
	return who.WithDuties(profiles.Duties[identity.Oversight]), err
}

// oversightMenu is the menu of somebody of oversight: the same on every page.
func (p *Portal) oversightMenu(r *http.Request, who identity.Actor) []item {
	who, err := p.overseer(r, who)
	if err != nil {
		return otherMenu
	}
	for duty, items := range oversightMenus {
		if who.Has(duty) {
			return items
		}
	}
	return otherMenu
}

// oversightArea leads those of oversight to what they watch.
func (p *Portal) oversightArea(r *http.Request, page *public.AreaPage) error {
	who, err := p.overseer(r, actor(r))
	if err != nil {
		return err
	}
	f := page.Frame
	for duty, items := range oversightMenus {
		if !who.Has(duty) {
			continue
		}
		for _, it := range append(slices.Clone(items), oversightMore[duty]...) {
			if it.url == "/area-personale" {
				continue
			}
			page.Cards = append(page.Cards, public.Card{Title: f.T(it.key), URL: it.url, Text: []string{f.T("oversight.card." + it.key)}})
		}
	}
	return nil
}
