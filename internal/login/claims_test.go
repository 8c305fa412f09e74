package login_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"portal/internal/login"
)

func TestLevelsAreReadFromConfiguration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]login.Levels{
		"":                          login.DefaultLevels,
		"https://x.example/L2=2":    {"https://x.example/L2": 2},
		"a?b=c=3, urn:x:Password=1": {"a?b=c": 3, "urn:x:Password": 1},
	} {
		got, err := login.ParseLevels(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	for _, text := range []string{"SpidL2", "=2", "a=", "a=4", "a=0", "a=two", "a=2,"} {
		if got, err := login.ParseLevels(text); err == nil {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
}

func TestClaimsAreReadFromConfiguration(t *testing.T) {
	t.Parallel()
	var got login.Claims
	if err := got.UnmarshalText([]byte("fiscal_code=preferred_username|cf; given_name=nome")); err != nil {
		t.Fatal(err)
	}
	want := login.DefaultClaims
	want.FiscalCode = []string{"preferred_username", "cf"}
	want.GivenName = []string{"nome"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := login.ParseClaims(""); err != nil || !cmp.Equal(got, login.DefaultClaims) {
		t.Errorf("nothing said: %v, %v", got, err)
	}
	for _, text := range []string{"fiscal_code", "fiscal_code=", "fiscal_code=|", "shoe_size=a"} {
		if got, err := login.ParseClaims(text); err == nil {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
}

func TestAKeycloakRealmIsConfiguration(t *testing.T) {
	t.Parallel()
	claims, err := login.ParseClaims("fiscal_code=preferred_username")
	if err != nil {
		t.Fatal(err)
	}
	levels, err := login.ParseLevels("1=2")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *login.Config) { c.Claims, c.Levels = claims, levels })
	w.broker.idToken = set("acr", "1")
	w.broker.userInfo = set("preferred_username", "tinit-vrdnna85m41f205"+string(anna.FiscalCode[15]|0x20))
	got, err := w.enter(t, "psicologa")
	if err != nil {
		t.Fatal(err)
	}
	if got.FiscalCode != anna.FiscalCode || got.GivenName != "Anna" {
		t.Errorf("got %+v", got)
	}
}
