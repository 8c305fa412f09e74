package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"portal/internal/batch"
	"portal/internal/voucher"
)

// RankCmd ranks from file to file, without database and without web server.
type RankCmd struct {
	Voucher   RankVoucherCmd   `cmd:"" help:"Rank applications for the contributo sessioni di psicoterapia."`
	Indemnity RankIndemnityCmd `cmd:"" help:"Examine and rank applications for the indennità di malattia o infortunio."`
}

// standard is the name of standard input and standard output.
const standard = "-"

// RankVoucherCmd ranks the applications of an edition.
type RankVoucherCmd struct {
	Edition string `required:"" placeholder:"EDITION.json" help:"Bands and budgets of the edition; - for standard input."`
	In      string `required:"" placeholder:"APPLICATIONS.csv" help:"The applications; - for standard input."`
	Out     string `required:"" placeholder:"RANKING.csv" help:"Where to write the ranking, once all is well; - for standard output."`
}

// Validate refuses what cannot be meant.
func (c *RankVoucherCmd) Validate() error {
	if c.Edition == standard && c.In == standard {
		return errors.New("--edition and --in cannot both be standard input")
	}
	return nil
}

// Run reads, ranks and writes. A file that is not as it must be leaves no trace
// but its flaws on standard error.
func (c *RankVoucherCmd) Run(ctx context.Context, s streams) error {
	edition, err := read(ctx, c.Edition, func(r io.Reader, _ int64) (voucher.BatchEdition, error) {
		return voucher.ReadEdition(c.Edition, r)
	})
	if err != nil {
		return flawed(s, err)
	}
	candidates, err := read(ctx, c.In, func(r io.Reader, size int64) ([]voucher.Candidate, error) {
		return voucher.ReadApplications(c.In, r, size)
	})
	if err != nil {
		return flawed(s, err)
	}
	outcomes := voucher.Rank(edition.Bands, edition.Budget, candidates)
	return write(ctx, c.Out, s.out, func(w io.Writer) error {
		return voucher.WriteRanking(w, candidates, outcomes)
	})
}

// flawed tells the flaws of a file as they are, without the name of the program
// before them, so that an editor finds their lines.
func flawed(s streams, err error) error {
	if flaws := (*batch.Flaws)(nil); errors.As(err, &flaws) {
		fmt.Fprintln(s.err, flaws)
		return exitCode(failed)
	}
	return err
}

// read opens a file, or standard input, for somebody who reads it whole. A size of
// 0 is one that nobody knows.
func read[T any](ctx context.Context, name string, whole func(r io.Reader, size int64) (T, error)) (read T, err error) {
	if name == standard {
		return whole(untilStopped{ctx, os.Stdin}, 0)
	}
	f, err := os.Open(name)
	if err != nil {
		return read, err
	}
	defer f.Close()
	about, err := f.Stat()
	if err != nil {
		return read, err
	}
	return whole(untilStopped{ctx, f}, about.Size())
}

// untilStopped reads as long as nobody stops the program.
type untilStopped struct {
	context.Context
	io.Reader
}

func (r untilStopped) Read(b []byte) (int, error) {
	if err := r.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}

// write makes a file at once: it is whole under its name, or what stood there is
// as it was. It holds data of persons and is for its owner alone to read. What
// is not a file, as standard output or a pipe, is written into.
func write(ctx context.Context, name string, stdout io.Writer, text func(io.Writer) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if name == standard {
		return text(stdout)
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real // what a link leads to is replaced, and not the link
	}
	if there, err := os.Stat(name); err == nil && !there.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(text(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := errors.Join(text(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
