package money_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/money"
)

func TestAmountsAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]money.Amount{
		"50,00": 50_00, "50": 50_00, "0,01": 1, "50.00": 50_00, "50,5": 50_50, "1.234,56": 1_234_56, "1.234": 1_234_00,
		"50 €": 50_00, "50\u00a0€": 50_00, " 7,30 ": 7_30, "0000000050,00": 50_00, "1.234.567,89": 1_234_567_89, "0,00": 0,
	} {
		if got, err := money.Parse(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestWhatIsNotAnAmountIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"": money.ErrFormat, "cinquanta": money.ErrFormat, "1,234.56": money.ErrFormat, "50,001": money.ErrFormat,
		"-50,00": money.ErrTooLow, "\u221250": money.ErrFormat, "5e1": money.ErrFormat, "0x32": money.ErrFormat, "NaN": money.ErrFormat,
		"Infinity": money.ErrFormat, "+50": money.ErrFormat, "５０": money.ErrFormat, "50,0,0": money.ErrFormat, "1'000,00": money.ErrFormat,
		"92233720368547758,08": money.ErrTooHigh, strings.Repeat("9", 300): money.ErrFormat, "1.23.456": money.ErrFormat,
		"12.3456": money.ErrFormat, ".50": money.ErrFormat, "50,": money.ErrFormat, "--5": money.ErrFormat, strings.Repeat("-", 60_000): money.ErrFormat, "-x": money.ErrFormat,
	} {
		if got, err := money.Parse(text); !errors.Is(err, want) {
			t.Errorf("%.30q: %d, %v; want %v", text, got, err, want)
		}
	}
}

func TestAnAmountIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := money.Amount(rapid.Int64Range(0, 9_999_999_999_999_99).Draw(t, "cents"))
		for _, text := range []string{a.String(), a.Field(), a.Cell()} {
			if got, err := money.Parse(text); err != nil || got != a {
				t.Fatalf("%q is %d, %v; want %d", text, got, err, a)
			}
		}
	})
}

func TestAmountsAsScreensAndFilesPrintThem(t *testing.T) {
	t.Parallel()
	for a, want := range map[money.Amount][4]string{
		0: {"0,00\u00a0€", "0,00", "0,00", "0.00"}, 5: {"0,05\u00a0€", "0,05", "0,05", "0.05"},
		1_234_50: {"1.234,50\u00a0€", "1.234,50", "1234,50", "1234.50"}, -1_000_000_01: {"-1.000.000,01\u00a0€", "-1.000.000,01", "-1000000,01", "-1000000.01"},
		999_99: {"999,99\u00a0€", "999,99", "999,99", "999.99"}, 1_000 * money.Euro: {"1.000,00\u00a0€", "1.000,00", "1000,00", "1000.00"},
	} {
		if got := [4]string{a.String(), a.Field(), a.Cell(), a.Decimal()}; got != want {
			t.Errorf("%d: %q, want %q", int64(a), got, want)
		}
	}
}

func FuzzParseNeverBreaksAndNeverRounds(f *testing.F) {
	for _, s := range []string{"50,00", "1.234,56", "-1", "9999999999999", "€"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := money.Parse(text)
		if err != nil {
			return
		}
		if again, err := money.Parse(a.Field()); err != nil || again != a || a < 0 {
			t.Errorf("%q is %d, which is %d, %v", text, a, again, err)
		}
	})
}

func BenchmarkString(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		_ = money.Amount(1_234_50).String()
	}
}
