package main

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/notify"
	"portal/internal/office"
	"portal/internal/portal"
	"portal/internal/registry"
)

// neighbours are the systems outside the portal, and how each is asked whether it is there.
func (c Config) neighbours(pool *pgxpool.Pool, p *portal.Portal, mailer notify.Mailer) []office.Neighbour {
	register := func(name, file string, answers func(context.Context) error) office.Neighbour {
		if file == "" {
			answers = nil
		}
		return office.Neighbour{Name: name, Ask: answers}
	}
	scanner := office.Neighbour{Name: "scanner"}
	if p.Scanner != nil {
		scanner.Ask = func(ctx context.Context) error { return p.Scanner.Scan(ctx, strings.NewReader("portale")) }
	}
	return []office.Neighbour{
		{Name: "database", Ask: pool.Ping},
		{Name: "broker", Ask: p.Broker.Answers},
		{Name: "mail", Ask: func(ctx context.Context) error { return notify.Answers(ctx, mailer) }},
		scanner,
		register("isee", c.ISEEFile, registry.NewISEE(c.ISEEFile, registry.Patience).Answers),
		register("residence", c.HomesFile, registry.NewResidences(c.HomesFile, registry.Patience).Answers),
		register("banks", c.BanksFile, registry.NewBank(c.BanksFile, registry.Patience).Answers),
		register("members", c.MembersFile, registry.NewMembers(c.MembersFile, registry.Patience).Answers),
		register("contributions", c.PositionsFile, registry.NewPositions(c.PositionsFile, registry.Patience).Answers),
	}
}
