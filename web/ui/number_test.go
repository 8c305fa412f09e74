package ui

import "testing"

func TestCountsAreGroupedByThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 12: "12", 999: "999", 3997: "3.997", 395_604: "395.604", 1_000_000: "1.000.000", -500: "-500", -1234: "-1.234"} {
		if got := Number(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
