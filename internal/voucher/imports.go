package voucher

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// ImportID names an import: a random UUID.
type ImportID string

// ImportState is where a file of applications stands.
//
//	Reading ─┬─> Checked ─> Applying ─┬─> Applied
//	   │     └─> Refused  <───────────┘
//	   └─> Dropped <─ Checked, Refused
type ImportState string

// The states; the database knows the same words.
const (
	ImportReading  ImportState = "reading"
	ImportChecked  ImportState = "checked" // nothing is wrong with it
	ImportApplying ImportState = "applying"
	ImportApplied  ImportState = "applied"
	ImportRefused  ImportState = "refused" // something is wrong with it
	ImportDropped  ImportState = "dropped"
)

// ImportStates lists every state.
var ImportStates = []ImportState{ImportReading, ImportChecked, ImportApplying, ImportApplied, ImportRefused, ImportDropped}

// ImportFile is a file of applications and what has become of it. While it is read,
// or taken in, the counts say how far that has come.
type ImportFile struct {
	ID       ImportID
	Edition  EditionID
	State    ImportState
	Declared int // rows the sender says there are, 0 when they said nothing
	Read     int
	Wrong    int // rows with something wrong
	Applied  int
	MadeBy   string // name of the officer, "" for an operator at the command line
	MadeAt   time.Time
	EndedAt  time.Time
	Working  bool // it is being taken in, or about to: not so after the program fell
}

// ImportTotals are the applications of a file that was read, by the status of ISEE.
type ImportTotals struct {
	Valid, Defective, Missing int
}

// FaultCount is how often something is wrong in a file.
type FaultCount struct {
	Kind  FaultKind
	Count int
}

// FaultsPageSize is how many faults a page shows.
const FaultsPageSize = 50

// PreviewSize is how many rows of a file are shown before it is taken in.
const PreviewSize = 20

const (
	mostImportFaults = 100_000 // after so many a file is not read any further
	faultsAtOnce     = 2_000   // written in one go
	progressEvery    = 10_000  // rows
)

// ImportTerms are what an import gives to the applications it makes.
type ImportTerms struct {
	At     time.Time
	Year   int           // in the numbers of protocol
	CureBy calendar.Date // to put an ISEE right that is not valid
	Entry  audit.Entry
}

// What is written in the register about imports.
const (
	ImportWasRead    audit.Action = "import.read"
	ImportWasSeen    audit.Action = "import.seen"
	ImportWasOrdered audit.Action = "import.ordered"
	ImportWasApplied audit.Action = "import.applied"
	ImportWasDropped audit.Action = "import.dropped"
)

// Why a file is not taken in.
var (
	ErrNoEdition      = fault.Invalid("import.no_edition")
	ErrImportNotReady = fault.Refuse("import.not_ready")
	ErrImportFaults   = fault.Refuse("import.faults")
	ErrImportRowsLost = fault.Refuse("import.rows_lost") // the server of the database fell: what waited there is gone
	ErrImportedBefore = fault.Refuse("import.imported_before")
)

// ImportStore keeps imports, their faults and their rows until they are applied.
type ImportStore interface {
	// Editions is every edition in force, by name.
	Editions(ctx context.Context) (map[EditionID]Edition, error)
	// BeginImport notes that a file is being read. The id is that of the first
	// sending of the form, and done says that there was one.
	BeginImport(ctx context.Context, f ImportFile, form once.Form, e audit.Entry) (id ImportID, done bool, err error)
	// StageRows keeps rows until next returns io.EOF, all of them or none. A row is
	// used before the next one is asked for.
	StageRows(ctx context.Context, id ImportID, next func() (*ImportRow, error)) error
	// AddFaults keeps what is wrong with a file, and ImportProgress how far its
	// reading has come: at once, for others to see.
	AddFaults(ctx context.Context, id ImportID, faults []ImportFault) error
	ImportProgress(ctx context.Context, id ImportID, read int) error
	// CheckImport ends the reading of a file: it asks the database what one row
	// cannot know, and the file is Checked, or Refused and its rows are gone.
	CheckImport(ctx context.Context, f ImportFile, digest []byte, now time.Time) error
	// OrderImport has an import applied by a job. One that was being applied and
	// was broken off may be ordered again. ErrImportNotReady, ErrImportedBefore.
	OrderImport(ctx context.Context, id ImportID, form once.Form, e audit.Entry) error
	// ApplyImport makes the applications of an import that was ordered, all of them
	// or none, and tells how many it has made on the way. ErrImportFaults when the
	// database knows better by now.
	ApplyImport(ctx context.Context, id ImportID, terms ImportTerms, told func(applied int)) error
	// DropImport throws the rows of an import away. ErrImportNotReady when they are
	// applied, or being applied.
	DropImport(ctx context.Context, id ImportID, form once.Form, e audit.Entry) error

	// ImportFile is an import; fault.ErrNotFound.
	ImportFile(ctx context.Context, id ImportID) (ImportFile, error)
	// ImportFiles are the last imports, newest first.
	ImportFiles(ctx context.Context, most int) ([]ImportFile, error)
	// ImportPreview is the first rows of a file that was checked, and its totals.
	ImportPreview(ctx context.Context, id ImportID, most int) ([]ImportRow, ImportTotals, error)
	// FaultCounts says what is wrong with a file, the most frequent first.
	FaultCounts(ctx context.Context, id ImportID) ([]FaultCount, error)
	// Faults is a page of what is wrong with a file, of one kind or of all, by line.
	Faults(ctx context.Context, id ImportID, kind FaultKind, page int) ([]ImportFault, error)
	// EachFault gives all that is wrong with a file, by line.
	EachFault(ctx context.Context, id ImportID, give func(ImportFault) error) error
	// NoteImport writes that an import was looked at.
	NoteImport(ctx context.Context, e audit.Entry) error
}

// Imports is how applications come in many at a time, in a file: read and checked
// first, as a whole, and then taken in as a whole or not at all.
type Imports struct {
	ImportStore
	now func() time.Time
}

// NewImports is the service on a store, with a clock.
func NewImports(s ImportStore, now func() time.Time) *Imports { return &Imports{s, now} }

// ImportAsk is what somebody says of the file they bring.
type ImportAsk struct {
	Edition  EditionID
	Declared int // rows there must be, 0 for who does not say
}

// mayImport lets through the officers who prepare, and the command line.
func mayImport(who identity.Actor) error {
	if who.Role == identity.System {
		return nil
	}
	return who.Must(identity.INPS, identity.Prepare)
}

// Read reads and checks a file. Nothing is applied: the import is Checked or Refused
// afterwards, and its faults say why. told hears how many rows have been read.
func (s *Imports) Read(ctx context.Context, who identity.Actor, form once.Form, ask ImportAsk, file io.Reader, told func(read int)) (ImportID, error) {
	if err := mayImport(who); err != nil {
		return "", err
	}
	editions, err := s.Editions(ctx)
	if err != nil {
		return "", err
	}
	edition, known := editions[ask.Edition]
	if !known {
		return "", ErrNoEdition
	}
	now := s.now()
	f := ImportFile{ID: ImportID(uuid.NewString()), Edition: edition.ID, Declared: ask.Declared, MadeAt: now}
	id, done, err := s.BeginImport(ctx, f, form, s.entry(who, ImportWasRead, f.ID))
	if err != nil || done {
		return id, err
	}
	digest := sha256.New()
	r := reading{Imports: s, ctx: ctx, told: told, file: &f,
		rows: NewImportReader(io.TeeReader(file, digest), edition.Rules, calendar.On(now))}
	if err := r.run(); err != nil {
		// Whoever sent the file may be gone: that it was broken off is noted all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return "", errors.Join(err, s.DropImport(ctx, f.ID, once.Form{}, s.entry(who, ImportWasDropped, f.ID)))
	}
	return f.ID, s.CheckImport(ctx, f, digest.Sum(nil), s.now())
}

// reading is a file on its way into the staging table.
type reading struct {
	*Imports
	ctx    context.Context
	rows   *ImportReader
	file   *ImportFile
	told   func(int)
	found  int           // faults so far
	faults []ImportFault // not yet written
}

func (r *reading) run() error {
	if err := r.StageRows(r.ctx, r.file.ID, r.next); err != nil {
		return err
	}
	switch read := r.file.Read; {
	case r.found > 0 && read == 0: // a header that is none, or nothing at all
	case read == 0:
		r.faults = append(r.faults, ImportFault{Kind: FaultEmptyFile})
	case r.file.Declared != 0 && r.file.Declared != read && r.found <= mostImportFaults:
		r.faults = append(r.faults, ImportFault{Kind: FaultDeclared, Arg: read})
	}
	return r.flush()
}

// next is the next row to keep. Rows that have faults are kept too: the same person
// on another line is one fault more.
func (r *reading) next() (*ImportRow, error) {
	for {
		row, faults, err := r.rows.Next()
		if err != nil {
			return nil, err
		}
		if r.found += len(faults); r.found > mostImportFaults {
			r.faults = append(r.faults, ImportFault{Line: faults[0].Line, Kind: FaultTooMany})
			return nil, io.EOF
		}
		if r.faults = append(r.faults, faults...); len(r.faults) >= faultsAtOnce {
			if err := r.flush(); err != nil {
				return nil, err
			}
		}
		if row == nil {
			continue
		}
		if r.file.Read++; r.file.Read%progressEvery == 0 {
			r.told(r.file.Read)
			if err := r.ImportProgress(r.ctx, r.file.ID, r.file.Read); err != nil {
				return nil, err
			}
		}
		return row, nil
	}
}

func (r *reading) flush() error {
	if len(r.faults) == 0 {
		return nil
	}
	err := r.AddFaults(r.ctx, r.file.ID, r.faults)
	r.faults = r.faults[:0]
	return err
}

// Order has an import that was checked applied, by a job: the page may be closed.
func (s *Imports) Order(ctx context.Context, who identity.Actor, form once.Form, id ImportID) error {
	if err := mayImport(who); err != nil {
		return err
	}
	return s.OrderImport(ctx, id, form, s.entry(who, ImportWasOrdered, id))
}

// Apply makes the applications of an import that was ordered, all of them or none.
// Done twice, or by two at once, it makes each once. told hears how far it has come.
func (s *Imports) Apply(ctx context.Context, id ImportID, told func(applied int)) error {
	f, err := s.ImportFile(ctx, id)
	if err != nil {
		return err
	}
	editions, err := s.Editions(ctx)
	if err != nil {
		return err
	}
	now := s.now()
	today := calendar.On(now)
	return s.ApplyImport(ctx, id, ImportTerms{At: now, Year: today.Year, CureBy: editions[f.Edition].Rules.CureBy(today),
		Entry: s.entry(identity.Office(), ImportWasApplied, id)}, told)
}

// Drop throws a file away that was not applied.
func (s *Imports) Drop(ctx context.Context, who identity.Actor, form once.Form, id ImportID) error {
	if err := mayImport(who); err != nil {
		return err
	}
	return s.DropImport(ctx, id, form, s.entry(who, ImportWasDropped, id))
}

// See is an import with the first of its rows, as far as there are any; that they
// were looked at is written down.
func (s *Imports) See(ctx context.Context, who identity.Actor, id ImportID) (ImportFile, []ImportRow, ImportTotals, error) {
	f, err := s.ImportFile(ctx, id)
	if err != nil || f.State != ImportChecked {
		return f, nil, ImportTotals{}, err
	}
	rows, totals, err := s.ImportPreview(ctx, id, PreviewSize)
	if err != nil {
		return f, nil, totals, err
	}
	return f, rows, totals, s.NoteImport(ctx, s.entry(who, ImportWasSeen, id))
}

func (s *Imports) entry(who identity.Actor, action audit.Action, id ImportID) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: action, Subject: string(id)}
}
