package portal_test

import (
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"

	"portal/internal/demo"
)

func TestADatabaseThatGoesAwayIsThePortalsOwnPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "")
	elsewhere := s.Pool.Config().ConnConfig.Copy()
	name := pgx.Identifier{elsewhere.Database}.Sanitize()
	elsewhere.Database = "postgres"
	admin, err := pgx.ConnectConfig(t.Context(), elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	for _, sql := range []string{
		`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS false`,
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '` + s.Pool.Config().ConnConfig.Database + `'`,
	} {
		if _, err := admin.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // connections that died, and connections that cannot be made
		p := b.get("/contributo-psicoterapia/domande").wants(http.StatusServiceUnavailable, "Il servizio non è disponibile")
		if p.Header.Get("Retry-After") == "" {
			t.Error("the answer does not say when to come back")
		}
	}
	b.get("/readyz").wants(http.StatusOK)
	b.get("/healthz").wants(http.StatusOK)
	if _, err := admin.Exec(t.Context(), `ALTER DATABASE `+name+` ALLOW_CONNECTIONS true`); err != nil {
		t.Fatal(err)
	}
	b.get("/contributo-psicoterapia/domande").wants(http.StatusOK, "Le tue domande")
}
