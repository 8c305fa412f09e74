package portal

import (
	"context"
	"net/http"
	"slices"

	"portal/internal/identity"
	"portal/internal/office"
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

// oversightMenu is the menu of somebody of oversight: the same on every page.
func (p *Portal) oversightMenu(r *http.Request, who identity.Actor) []item {
	who, err := p.onDuty(r, who)
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
	who, err := p.onDuty(r, actor(r))
	if err != nil {
		return err
	}
	f := page.Frame
	if who.Has(identity.Administer) {
		if err := p.adminTasks(r.Context(), page, who); err != nil {
			return err
		}
	}
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

// adminTasks are what another administrator proposed and waits for who asks.
func (p *Portal) adminTasks(ctx context.Context, page *public.AreaPage, who identity.Actor) error {
	roles, err := p.Staff.Waiting(ctx, who)
	if err != nil {
		return err
	}
	values, err := p.Settings.History(ctx, who)
	if err != nil {
		return err
	}
	erasures, err := p.Retention.Erasures(ctx, who)
	if err != nil {
		return err
	}
	texts, err := p.Wordings.WordingProposals(ctx, who.Person, wordingProposalsShown)
	if err != nil {
		return err
	}
	waits(page, page.T("administration.area.roles"), mayDecide(roles, office.Proposal.MayDecide, who), adminStaffPath)
	waits(page, page.T("administration.area.parameters"), mayDecide(values, office.ParameterVersion.MayDecide, who), adminParametersPath)
	waits(page, page.T("administration.area.erasures"), mayDecide(erasures, office.Erasure.MayDecide, who), adminRetentionPath)
	waits(page, page.T("administration.area.wordings"), mayDecide(texts, office.WordingProposal.MayPublish, who), adminWordingsPath)
	return nil
}

// mayDecide is how many of some proposals somebody may decide on.
func mayDecide[T any](all []T, may func(T, identity.Actor) error, who identity.Actor) (n int) {
	for _, x := range all {
		if may(x, who) == nil {
			n++
		}
	}
	return n
}
