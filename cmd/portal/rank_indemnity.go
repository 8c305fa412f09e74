package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"portal/internal/indemnity"
)

// RankIndemnityCmd examines and ranks the applications of a call.
type RankIndemnityCmd struct {
	In  string   `required:"" placeholder:"BATCH.json" help:"The applications, with their call or for that of May 2026; - for standard input."`
	Out string   `required:"" placeholder:"RESULT.json" help:"Where to write the results, once all is well; - for standard output."`
	Set []string `sep:"none" placeholder:"READING=VALUE" help:"Read a point that the call leaves open in another way, for a rehearsal."`
}

// Validate refuses readings that there are not.
func (c *RankIndemnityCmd) Validate() error {
	_, err := c.call()
	return err
}

// may2026 is the call that the readings are set in.
const may2026 indemnity.CallID = "2026-05"

// call is the call as it is to be read.
func (c *RankIndemnityCmd) call() (indemnity.Call, error) {
	calls, err := indemnity.Shipped()
	if err != nil {
		return indemnity.Call{}, err
	}
	for _, call := range calls {
		if call.ID != may2026 {
			continue
		}
		for _, set := range c.Set {
			name, value, ok := strings.Cut(set, "=")
			if !ok {
				return call, fmt.Errorf("--set %.60q is not READING=VALUE", set)
			}
			if err := call.Rules.Readings.Set(name, value); err != nil {
				return call, fmt.Errorf("--set: %w", err)
			}
		}
		return call, nil
	}
	return indemnity.Call{}, fmt.Errorf("the call %s does not come with the program", may2026)
}

// Run reads, examines and writes. A file that is not as it must be leaves no trace but
// its flaws on standard error.
func (c *RankIndemnityCmd) Run(ctx context.Context, s streams) error {
	call, err := c.call()
	if err != nil {
		return err
	}
	batch, err := read(ctx, c.In, func(r io.Reader, size int64) (indemnity.Batch, error) {
		return indemnity.ReadBatch(c.In, r, size, call)
	})
	if err != nil {
		return flawed(s, err)
	}
	results, summary := indemnity.Examine(&batch.Call, batch.On, batch.Applications)
	return write(ctx, c.Out, s.out, func(w io.Writer) error {
		return indemnity.WriteResults(w, batch.Call.ID, results, summary)
	})
}
