package indemnity_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"portal/internal/indemnity"
)

func contents(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// may is the call of May 2026 as the program comes with it.
func may(t testing.TB) indemnity.Call {
	t.Helper()
	calls, err := indemnity.Shipped()
	if err != nil || len(calls) != 1 || calls[0].ID != "2026-05" {
		t.Fatalf("%d calls, %v", len(calls), err)
	}
	return calls[0]
}

func TestTheExampleOfTheContractComesOutFieldByField(t *testing.T) {
	t.Parallel()
	b, err := indemnity.ReadBatch("batch.json", bytes.NewReader(contents(t, "testdata/indemnity-batch.json")), 0, may(t))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	results, summary := indemnity.Examine(&b.Call, b.On, b.Applications)
	if err := indemnity.WriteResults(&out, b.Call.ID, results, summary); err != nil {
		t.Fatal(err)
	}
	type object = map[string]any
	type file struct {
		CallID  string   `json:"call_id"`
		Results []object `json:"results"`
		Summary object   `json:"summary"`
	}
	read := func(text []byte) (f file) {
		t.Helper()
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	expected := contents(t, "testdata/indemnity-result.json")
	want, got := read(expected), read(out.Bytes())
	if len(got.Results) != len(want.Results) || got.CallID != want.CallID {
		t.Fatalf("%d results of %s, want %d of %s", len(got.Results), got.CallID, len(want.Results), want.CallID)
	}
	compare := func(what any, got, want object) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%v has %d fields, want %d", what, len(got), len(want))
		}
		for field, value := range want {
			if is, ok := got[field]; !ok || !reflect.DeepEqual(is, value) {
				t.Errorf("%v: %s is %v, want %v", what, field, is, value)
			}
		}
	}
	for i := range want.Results {
		compare(want.Results[i]["application_id"], got.Results[i], want.Results[i])
	}
	compare("the summary", got.Summary, want.Summary)
	if !bytes.Equal(bytes.TrimSpace(out.Bytes()), bytes.TrimSpace(expected)) {
		t.Error("the file is written in another way")
	}
}
