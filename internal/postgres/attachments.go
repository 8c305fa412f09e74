package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
)

// attachments keeps papers for the stores whose acts bring them. What is sealed goes
// to the database and comes back in chunks, so that no paper is ever held whole. A
// store makes one with newAttachments, and uses it so:
//
//	s.papers.write(ctx, s.pool, …           // lock what the paper belongs to, then
//	    known, err := s.papers.room(ctx, tx, subject, f, most)
//	    err := s.papers.keep(ctx, tx, attachment{…}, f)
//	    return finish(…)                    // with the entry that it was handed in
//
//	content, err := s.papers.open(ctx, s.pool, id)  // and then the entry: see OpenPaper
//
// A paper is removed with its row of the table attachments; what it is about is the
// subject, an id of whatever table the store knows.
type attachments struct {
	keys   document.Keys
	places chan struct{}
}

const (
	writersAtOnce = 4 // papers, of each store: the other connections are for everybody else
	writingTakes  = 30 * time.Second
	waitForAPaper = `SELECT set_config('lock_timeout', '30s', true)`
	bytesOfAChunk = 256 << 10 // chunk_is_small
)

func newAttachments(keys document.Keys) *attachments {
	return &attachments{keys, make(chan struct{}, writersAtOnce)}
}

// write is the transaction that keeps a paper. Few are under way at once, each with the
// time that a large paper takes, like a deed; as long it waits for another paper about
// the same subject.
func (s *attachments) write(ctx context.Context, pool *pgxpool.Pool, act func(context.Context, pgx.Tx) error) error {
	select {
	case s.places <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.places }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writingTakes)
	defer cancel()
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, waitForAPaper); err != nil {
			return err
		}
		return act(ctx, tx)
	})
}

// attachment is a paper that somebody hands in, beside what was found of it.
type attachment struct {
	ID, Subject string
	Owner       identity.PersonID
	At          time.Time
}

// room tells whether one more paper may be about a subject: document.ErrTooMany. The
// same paper may, and is known by the id under which it was kept before. Whoever asks
// has locked the subject.
func (s *attachments) room(ctx context.Context, tx pgx.Tx, subject string, f document.File, most document.Limits) (known string, err error) {
	var count int
	var together int64
	err = tx.QueryRow(ctx, `
		SELECT count(*), coalesce(sum(size_bytes), 0)::bigint, coalesce(min(id::text) FILTER (WHERE digest = $2), '')
		FROM attachments WHERE subject_id = $1`,
		subject, f.Digest[:]).Scan(&count, &together, &known)
	switch {
	case err != nil:
		return "", err
	case known == "" && (count >= most.Files || together+f.Size > most.Together):
		return "", document.ErrTooMany
	}
	return known, nil
}

const copyChunks = `COPY attachment_chunks (attachment_id, number, sealed) FROM STDIN WITH (FORMAT binary)`

// keep seals a paper and writes it, in the transaction of the act that brings it.
func (s *attachments) keep(ctx context.Context, tx pgx.Tx, a attachment, f document.File) error {
	id, err := uuid.Parse(a.ID)
	if err != nil {
		return err
	}
	sealed, err := s.keys.Seal(f.Reader(), a.ID)
	if err != nil {
		return err
	}
	rows := &chunkRows{id: id, sealed: sealed, row: copyRow(copyHeader), chunk: make([]byte, bytesOfAChunk)}
	if err := copyFrom(ctx, tx.Conn(), rows, copyChunks); err != nil {
		return errors.Join(err, rows.stopped)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO attachments (id, subject_id, owner_id, name, media_type, size_bytes, pages, digest, sealed_bytes, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		a.ID, a.Subject, string(a.Owner), f.Name, string(f.Type), f.Size, f.Pages, f.Digest[:], rows.bytes, a.At)
	return err
}

// chunkRows is a sealed paper as COPY reads its chunks.
type chunkRows struct {
	id      uuid.UUID
	sealed  io.Reader
	number  int
	bytes   int64
	row     copyRow
	sent    int // of the row
	chunk   []byte
	ended   bool
	stopped error
}

// Read is called by pgx.
func (c *chunkRows) Read(p []byte) (int, error) {
	if c.sent == len(c.row) {
		if c.ended {
			return 0, io.EOF
		}
		if err := c.next(); err != nil {
			c.stopped = err
			return 0, err
		}
	}
	n := copy(p, c.row[c.sent:])
	c.sent += n
	return n, nil
}

// next reads a chunk.
func (c *chunkRows) next() error {
	c.row, c.sent = c.row[:0], 0
	n, err := io.ReadFull(c.sealed, c.chunk)
	c.ended = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !c.ended {
		return err
	}
	if n > 0 {
		c.row = c.row.columns(3).uuid(c.id).int4(c.number).bytes(c.chunk[:n])
		c.number++
		c.bytes += int64(n)
	}
	if c.ended {
		c.row = append(c.row, copyTrailer...)
	}
	return nil
}

// open reads a paper, chunk by chunk: whoever reads slowly keeps no connection. Its
// first chunk is read before open returns; a paper that is not there is
// fault.ErrNotFound. It is whole when it was read to io.EOF.
func (s *attachments) open(ctx context.Context, db DB, id string) (io.Reader, error) {
	return s.keys.Open(&chunkReader{ctx: ctx, db: db, id: id}, id)
}

// absent is why a paper has no first chunk.
func (c *chunkReader) absent() error {
	var erased bool
	switch err := c.db.QueryRow(c.ctx, `SELECT erased_at IS NOT NULL FROM attachments WHERE id = $1`, c.id).Scan(&erased); {
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("paper: %w", translate(err))
	case erased:
		return document.ErrErased
	}
	return fault.ErrNotFound
}

// chunkReader is the chunks of a paper, one after the other.
type chunkReader struct {
	ctx    context.Context
	db     DB
	id     string
	number int
	rest   []byte
}

// Read is the sealed paper.
func (c *chunkReader) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		err := c.db.QueryRow(c.ctx, `SELECT sealed FROM attachment_chunks WHERE attachment_id = $1 AND number = $2`, c.id, c.number).Scan(&c.rest)
		switch {
		case errors.Is(err, pgx.ErrNoRows) && c.number > 0:
			return 0, io.EOF
		case errors.Is(err, pgx.ErrNoRows):
			return 0, c.absent()
		case err != nil:
			return 0, fmt.Errorf("chunk %d: %w", c.number, translate(err))
		}
		c.number++
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}
