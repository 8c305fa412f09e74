package indemnity_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"portal/internal/indemnity"
)

// every hands over applications as a store does.
func every(all []indemnity.Facts) func(func(indemnity.Facts, error) bool) {
	return func(yield func(indemnity.Facts, error) bool) {
		for _, f := range all {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func TestABatchThatIsWrittenIsTheOneThatIsRead(t *testing.T) {
	t.Parallel()
	read := func(text []byte) indemnity.Batch {
		t.Helper()
		b, err := indemnity.ReadBatch("batch.json", bytes.NewReader(text), int64(len(text)), may(t))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	write := func(b indemnity.Batch) []byte {
		t.Helper()
		var out bytes.Buffer
		if err := indemnity.WriteBatch(&out, &b.Call, b.On, every(b.Applications)); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	example := read(contents(t, "testdata/indemnity-batch.json"))
	text := write(example)
	again := read(text)
	if !bytes.Equal(write(again), text) {
		t.Error("written twice, a batch is two")
	}
	want, _ := indemnity.Examine(&example.Call, example.On, example.Applications)
	got, _ := indemnity.Examine(&again.Call, again.On, again.Applications)
	if !reflect.DeepEqual(got, want) {
		t.Error("written and read, a batch comes to something else")
	}
	for _, f := range somewhere(7, 300) {
		text, err := json.Marshal(f)
		var back indemnity.Facts
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if second, _ := json.Marshal(back); err != nil || !bytes.Equal(second, text) || !reflect.DeepEqual(back.Event, f.Event) {
			t.Fatalf("%v: %s\n%s", err, text, second)
		}
	}
	if err := json.Unmarshal([]byte(`{"application_id": "A"}`), new(indemnity.Facts)); err == nil {
		t.Error("half an application is read")
	}
}
