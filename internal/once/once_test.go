package once_test

import (
	"bytes"
	"errors"
	"net/url"
	"testing"

	"portal/internal/once"
)

func TestTheSameFieldsMakeTheSameDigest(t *testing.T) {
	t.Parallel()
	key := once.NewKey()
	make := func(fields url.Values) []byte {
		f, err := once.New("p", "a", key, fields)
		if err != nil {
			t.Fatal(err)
		}
		return f.Digest
	}
	base := make(url.Values{"giorno": {"12"}, "importo": {"50,00"}})
	if !bytes.Equal(base, make(url.Values{"importo": {"50,00"}, "giorno": {"12"}})) {
		t.Error("the order of fields changes the digest")
	}
	for name, other := range map[string]url.Values{
		"another value":        {"giorno": {"13"}, "importo": {"50,00"}},
		"a value moved across": {"giorno": {"1"}, "importo": {"250,00"}},
		"one field more":       {"giorno": {"12"}, "importo": {"50,00"}, "ora": {""}},
		"a value given twice":  {"giorno": {"12", "12"}, "importo": {"50,00"}},
	} {
		if bytes.Equal(base, make(other)) {
			t.Errorf("%s makes the same digest", name)
		}
	}
}

func TestAFormWithoutItsKeyIsRefused(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "x", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"} {
		if _, err := once.New("p", "a", key, nil); !errors.Is(err, once.ErrNoKey) {
			t.Errorf("%q: %v", key, err)
		}
	}
}
