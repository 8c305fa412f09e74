package identity_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/identity"
)

func TestFiscalCodesThatAreValid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]identity.FiscalCode{
		"RSSMRA79B11C566R": "RSSMRA79B11C566R", "RSSMRA79B11C56SO": "RSSMRA79B11C56SO", "RSSMRA79B11C5S6D": "RSSMRA79B11C5S6D",
		"rssmra80a01h501u": "RSSMRA80A01H501U", " VRDNNA 92M41 F839E ": "VRDNNA92M41F839E", "TINIT-BNCLGU75T15F205H": "BNCLGU75T15F205H",
		"tinit-nreglid": "", "tinit-rssmra80a01h501u": "RSSMRA80A01H501U",
	} {
		got, err := identity.ParseFiscalCode(text)
		if want == "" {
			if err == nil {
				t.Errorf("%q is taken as %s", text, string(got))
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%q is %q, %v", text, string(got), err)
		}
	}
}

func TestFiscalCodesThatAreNot(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"": identity.ErrFiscalCodeLength, "RSSMRA80A01H501": identity.ErrFiscalCodeLength, "RSSMRA80A01H501UU": identity.ErrFiscalCodeLength,
		"RSSMRA80A01H501A": identity.ErrFiscalCode, // another check letter
		"RSSMRA80F01H501U": identity.ErrFiscalCode, // F is no month
		"RSSMRA80A01H50ÈU": identity.ErrFiscalCode, "0SSMRA80A01H501U": identity.ErrFiscalCode,
		"12345678901": identity.ErrFiscalCodeLength, strings.Repeat("A", 5000): identity.ErrFiscalCodeLength, "RSSMRA80A01H501\u0000": identity.ErrFiscalCode,
	} {
		if got, err := identity.ParseFiscalCode(text); !errors.Is(err, want) {
			t.Errorf("%.20q: %q, %v; want %v", text, string(got), err, want)
		}
	}
	for fifteen, why := range map[string]string{"RSSMRA85B30A562": "30 February", "RSSMRA85D71A562": "31 April", "RSSMRA85B29A562": ""} {
		_, err := identity.ParseFiscalCode(string(identity.NewFiscalCode(fifteen)))
		if errors.Is(err, identity.ErrFiscalCode) != (why != "") {
			t.Errorf("born on %s: %v", why, err)
		}
	}
	if _, err := identity.ParseFiscalCode("RſSMRA85T10A562S"); !errors.Is(err, identity.ErrFiscalCode) {
		t.Errorf("a long s, whose capital is an S: %v", err)
	}
	if _, err := identity.ParseFiscalCode(string(identity.NewFiscalCode("RSSMRA80A32H501"))); !errors.Is(err, identity.ErrFiscalCode) {
		t.Errorf("the 32nd of January: %v", err)
	}
}

func TestTheDateOfBirthInsideACode(t *testing.T) {
	t.Parallel()
	day := calendar.NewDate
	for _, c := range []struct {
		code identity.FiscalCode
		born calendar.Date
		want bool
	}{
		{"RSSMRA79B11C566R", day(1979, 2, 11), true}, {"RSSMRA79B11C5S6D", day(1979, 2, 11), true},
		{"VRDNNA92M41F839E", day(1992, 8, 1), true}, {"VRDNNA92M41F839E", day(1992, 8, 2), false}, {"", day(1992, 8, 2), false},
	} {
		if c.code != "" && c.code.Born(c.born) != c.want {
			t.Errorf("%s born on %s: %t", string(c.code), c.born, !c.want)
		}
	}
}

func TestACodeStaysOutOfLogsAndLists(t *testing.T) {
	t.Parallel()
	c := identity.FiscalCode("RSSMRA80A01H501U")
	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, nil)).Info("seen", "who", c)
	if strings.Contains(b.String(), "RSSMRA") {
		t.Error(b.String())
	}
	if m := c.Masked(); m != "RSSMRA••••••••1U" || strings.Contains(fmt.Sprint(m), "80A01") {
		t.Error(m)
	}
}

func FuzzAFiscalCodeThatIsReadIsReadAgain(f *testing.F) {
	f.Add("TINIT-rssmra80a01h501u")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := identity.ParseFiscalCode(text)
		if err != nil {
			return
		}
		if again, err := identity.ParseFiscalCode(string(c)); err != nil || again != c || len(c) != 16 {
			t.Errorf("%q is %q, then %q, %v", text, string(c), string(again), err)
		}
	})
}

func TestAMandateHoldsBetweenItsDays(t *testing.T) {
	t.Parallel()
	day := calendar.NewDate
	m := identity.Mandate{From: day(2026, 1, 1), Until: day(2026, 12, 31)}
	endless, revoked := m, m
	endless.Until, revoked.Revoked = calendar.Date{}, day(2026, 6, 1)
	for _, c := range []struct {
		m    identity.Mandate
		on   calendar.Date
		want bool
	}{
		{m, day(2025, 12, 31), false}, {m, day(2026, 1, 1), true}, {m, day(2026, 12, 31), true}, {m, day(2027, 1, 1), false},
		{endless, day(2040, 1, 1), true}, {revoked, day(2026, 5, 31), true}, {revoked, day(2026, 6, 1), false},
	} {
		if c.m.Holds(c.on) != c.want {
			t.Errorf("%+v on %s: %t", c.m, c.on, !c.want)
		}
	}
}
