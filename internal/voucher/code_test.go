package voucher_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/voucher"
)

const symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func newCode(t testing.TB) voucher.Code {
	t.Helper()
	c, err := voucher.NewCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func drawnCode(t *rapid.T) voucher.Code {
	raw := rapid.SliceOfN(rapid.Byte(), 11, 11).Draw(t, "raw")
	c, err := voucher.NewCode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACodeIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawnCode(t)
		shown := c.String()
		for _, typed := range []string{
			string(c), shown, strings.ToLower(shown), strings.ReplaceAll(shown, " ", "-"), " " + shown + "\t",
			strings.ReplaceAll(string(c), "0", "o"), strings.ReplaceAll(string(c), "1", "l"), strings.ReplaceAll(shown, "1", "I"),
		} {
			if got, err := voucher.ParseCode(typed); err != nil || got != c {
				t.Fatalf("%q is read as %q, %v; want %q", typed, got, err, c)
			}
		}
	})
}

func TestACodeWithOneWrongSymbolIsNoCode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawnCode(t)
		at := rapid.IntRange(0, 11).Draw(t, "at")
		wrong := symbols[rapid.IntRange(0, 31).Draw(t, "symbol")]
		if wrong == c[at] {
			t.Skip()
		}
		typed := string(c[:at]) + string(wrong) + string(c[at+1:])
		if _, err := voucher.ParseCode(typed); !errors.Is(err, voucher.ErrNoMatch) {
			t.Fatalf("%s for %s: %v", typed, c, err)
		}
	})
}

func TestACodeWithTwoSymbolsSwappedIsNoCode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawnCode(t)
		i, j := rapid.IntRange(0, 11).Draw(t, "i"), rapid.IntRange(0, 11).Draw(t, "j")
		if c[i] == c[j] {
			t.Skip()
		}
		b := []byte(c)
		b[i], b[j] = b[j], b[i]
		if _, err := voucher.ParseCode(string(b)); !errors.Is(err, voucher.ErrNoMatch) {
			t.Fatalf("%s for %s: %v", b, c, err)
		}
	})
}

func TestWhatIsNotACodeIsRefused(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]error{
		"": voucher.ErrCodeLength, "A7K2": voucher.ErrCodeLength, "A7K2 9QXM 4TRBX": voucher.ErrCodeLength,
		"A7K2 9QXM 4TR!": voucher.ErrNoMatch, "A7K29QXM4TRÈ": voucher.ErrNoMatch, "UUUUUUUUUUUU": voucher.ErrNoMatch,
		strings.Repeat("9", 10_000): voucher.ErrCodeLength, "A7K29QXM4TR\x00": voucher.ErrNoMatch,
	} {
		if _, err := voucher.ParseCode(typed); !errors.Is(err, want) {
			t.Errorf("%.20q: %v, want %v", typed, err, want)
		}
	}
}

func FuzzACodeThatIsReadIsShownAndReadAgain(f *testing.F) {
	f.Add("A7K2 9QXM 4TRB")
	f.Add("o0il1-–\u00a0")
	f.Fuzz(func(t *testing.T, typed string) {
		c, err := voucher.ParseCode(typed)
		if err != nil {
			return
		}
		if again, err := voucher.ParseCode(c.String()); err != nil || again != c {
			t.Errorf("%q gives %q, which gives %q, %v", typed, c, again, err)
		}
	})
}

func TestAKeptCodeIsFoundAndShownWithItsKeyOnly(t *testing.T) {
	t.Parallel()
	key := func(b byte) voucher.Keys {
		k, err := voucher.NewKeys(bytes.Repeat([]byte{b}, voucher.MasterKeyLength))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	ours, theirs := key(1), key(2)
	c, id := newCode(t), voucher.NewID()
	if !bytes.Equal(ours.Index(c), ours.Index(c)) || bytes.Equal(ours.Index(c), theirs.Index(c)) {
		t.Error("the index of a code depends on the code and the key, and on nothing else")
	}
	sealed := ours.Seal(c, id)
	if bytes.Contains(sealed, []byte(c)) || bytes.Contains(ours.Index(c), []byte(c[:4])) {
		t.Error("the code stands in what is kept")
	}
	if bytes.Equal(sealed, ours.Seal(c, id)) {
		t.Error("sealed twice, the same code looks the same")
	}
	if got, err := ours.Open(sealed, id); err != nil || got != c {
		t.Errorf("opened: %v, %v", got == c, err)
	}
	if _, err := theirs.Open(sealed, id); !errors.Is(err, voucher.ErrSealed) {
		t.Errorf("with another key: %v", err)
	}
	if _, err := ours.Open(sealed, voucher.NewID()); !errors.Is(err, voucher.ErrSealed) {
		t.Errorf("moved to another voucher: %v", err)
	}
	if _, err := voucher.NewKeys([]byte("short")); err == nil {
		t.Error("a short master key is taken")
	}
}
