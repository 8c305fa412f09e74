package iban_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"portal/internal/iban"
)

func TestAnIBANIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]iban.IBAN{
		"IT60X0542811101000000123456":             "IT60X0542811101000000123456",
		"it60 x054 2811 1010 0000 0123 456":       "IT60X0542811101000000123456",
		" IT60-X0542811101-000000123456\n":        "IT60X0542811101000000123456",
		"IT60\u00a0X\u202f0542811101000000123456": "IT60X0542811101000000123456",
		"IT60\u2013X0542811101000000123456":       "IT60X0542811101000000123456",
		"IT70L0100003245350200020350":             "IT70L0100003245350200020350", // DM 24.11.2023 art. 5
		"SM86U0322509800000000270100":             "SM86U0322509800000000270100",
		"DE89370400440532013000":                  "DE89370400440532013000",
		"FR1420041010050500013M02606":             "FR1420041010050500013M02606",
		"GB29NWBK60161331926819":                  "GB29NWBK60161331926819",
		"CH9300762011623852957":                   "CH9300762011623852957",
		"NO9386011117947":                         "NO9386011117947",
		"MT84MALT011000012345MTLCAST001S":         "MT84MALT011000012345MTLCAST001S",
		"VA59001123000012345678":                  "VA59001123000012345678",
	} {
		if got, err := iban.Parse(text); err != nil || got != want {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}

func TestWhatIsNoIBANSaysWhichCheckFailed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"":                                  iban.ErrMissing,
		" - ":                               iban.ErrMissing,
		"IT61X0542811101000000123456":       iban.ErrCheck,
		"IT00X0542811101000000123456":       iban.ErrCheck,
		"IT99X0542811101000000123456":       iban.ErrCheck,
		"IT64Y0542811101000000123456":       iban.ErrCIN, // mod 97 comes out right
		"IT60X054281110100000012345":        iban.ErrLength,
		"IT60X05428111010000001234566":      iban.ErrLength,
		"IT":                                iban.ErrLength,
		"US64SVBKUS6S3300958879":            iban.ErrCountry,
		"XX60X0542811101000000123456":       iban.ErrCountry,
		"I":                                 iban.ErrCountry,
		"IT6OX0542811101000000123456":       iban.ErrCharacters, // a letter O: it is not guessed
		"IT6010542811101000000123456":       iban.ErrCharacters, // a digit for the CIN
		"IT60XO542811101000000123456":       iban.ErrCharacters,
		"IT60X0542811101OOO000123456":       iban.ErrCheck, // letters may be there
		"IT60X05428\u200f11101000000123456": iban.ErrCharacters,
		"IT60X0542811101000000123456\x00":   iban.ErrCharacters,
		"ＩＴ60X0542811101000000123456":       iban.ErrCharacters,
		"60X0542811101000000123456":         iban.ErrCharacters,
		"DE8937040044053201300O":            iban.ErrCharacters,
		"conto corrente!":                   iban.ErrCharacters,
	} {
		if got, err := iban.Parse(text); !errors.Is(err, want) || got != "" {
			t.Errorf("%q is %q, %v, not %v", text, got, err, want)
		}
	}
}

func TestALengthThatIsWrongSaysTheRightOne(t *testing.T) {
	t.Parallel()
	var wrong iban.LengthError
	if _, err := iban.Parse("IT60 X054 2811"); !errors.As(err, &wrong) || wrong != (iban.LengthError{Country: "IT", Wanted: 27, Got: 12}) {
		t.Errorf("%+v", wrong)
	}
}

func TestAnItalianIBANHasABankABranchAndAnAccount(t *testing.T) {
	t.Parallel()
	parts, ok := iban.IBAN("IT60X0542811101000000123456").Parts()
	if want := (iban.Parts{CIN: "X", ABI: "05428", CAB: "11101", Account: "000000123456"}); !ok || parts != want {
		t.Errorf("%+v", parts)
	}
	if _, ok := iban.IBAN("DE89370400440532013000").Parts(); ok {
		t.Error("a German account has no ABI")
	}
}

func TestAnIBANIsShownInGroupsOrHidden(t *testing.T) {
	t.Parallel()
	const of = iban.IBAN("IT60X0542811101000000123456")
	if got := of.Format(); got != "IT60 X054 2811 1010 0000 0123 456" {
		t.Error(got)
	}
	if got := of.Masked(); got != "IT60 •••• 3456" {
		t.Error(got)
	}
	if got := iban.IBAN("").Masked(); got != "" {
		t.Error(got)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("paid", "to", of)
	if strings.Contains(log.String(), "0542811101") {
		t.Error(log.String())
	}
}

func TestAMadeUpIBANChecks(t *testing.T) {
	t.Parallel()
	for _, of := range []iban.IBAN{iban.New("IT", "0542811101000000123456"), iban.New("SM", "0322509800000000270100"), iban.New("DE", "370400440532013000")} {
		if got, err := iban.Parse(string(of)); err != nil || got != of {
			t.Errorf("%s: %v", of, err)
		}
	}
}

// accounts draws numbers of Italian accounts that check.
var accounts = rapid.Custom(func(t *rapid.T) iban.IBAN {
	return iban.New("IT", rapid.StringMatching(`[0-9]{10}[0-9A-Z]{12}`).Draw(t, "number"))
})

// kind tells digits from letters.
func kind(c byte) bool { return c <= '9' }

func TestOneWrongCharacterIsAlwaysFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		right := []byte(accounts.Draw(t, "iban"))
		at := rapid.IntRange(2, len(right)-1).Draw(t, "at")
		wrong := rapid.SampledFrom([]byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")).Filter(func(c byte) bool {
			return c != right[at] && kind(c) == kind(right[at])
		}).Draw(t, "wrong")
		right[at] = wrong
		if got, err := iban.Parse(string(right)); err == nil {
			t.Fatalf("%s passes", got)
		}
	})
}

func TestTwoNeighboursThatChangedPlacesAreAlwaysFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := []byte(accounts.Draw(t, "iban"))
		at := rapid.IntRange(2, len(s)-2).Draw(t, "at")
		if s[at] == s[at+1] || kind(s[at]) != kind(s[at+1]) {
			t.Skip("nothing changes, or a digit and a letter do")
		}
		s[at], s[at+1] = s[at+1], s[at]
		if got, err := iban.Parse(string(s)); err == nil {
			t.Fatalf("%s passes", got)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"IT60X0542811101000000123456", "it60 x054 2811 1010 0000 0123 456", "SM86U0322509800000000270100", "I", "", "ＩＴ", "IT\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := iban.Parse(text)
		if err != nil {
			return
		}
		again, err := iban.Parse(got.Format())
		if err != nil || again != got || !utf8.ValidString(string(got)) || strings.Contains(got.Masked(), string(got[4:len(got)-4])) {
			t.Errorf("%q was read as %q, and again as %q, %v", text, got, again, err)
		}
	})
}
