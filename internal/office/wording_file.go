package office

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// WordingColumns are the columns of a file of texts: of those that come back the first
// four are read.
var WordingColumns = []string{"chiave", "lingua", "forma", "testo", "italiano", "area"}

const wordingColumnsRead = 4

// How large a file of texts may be, and of how many of its faults are told.
const (
	MostWordingBytes  = 4 << 20
	MostWordingLines  = 40_000
	MostWordingFaults = 200
)

// LineFault is what is wrong with a line of a file of texts.
type LineFault struct {
	Line   int // from 1, the headings too
	Key    string
	Flaw   TextFlaw
	Reason *fault.Reason
}

// WordingFile is what came of reading a file of texts.
type WordingFile struct {
	Lines   int // without headings
	Same    int // texts that are in force as they stand there
	Changes []WordingChange
	Faults  []LineFault
}

// wordingLine is a line of a file of texts.
type wordingLine struct {
	number    int
	key       string
	in        Lang
	form      string
	text      string
	unfounded *fault.Reason // why the line is of no text
}

// readWordings reads the lines of a file of texts: with semicolons or commas, with its
// headings in any order. ErrWordingFile where it is none.
func readWordings(from io.Reader) (lines []wordingLine, err error) {
	buffered := bufio.NewReader(from)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3) // it was just seen
	}
	head, _ := buffered.Peek(256) // a shorter file has less
	first, _, _ := strings.Cut(string(head), "\n")
	r := csv.NewReader(buffered)
	if strings.Count(first, ";") > strings.Count(first, ",") {
		r.Comma = ';'
	}
	r.FieldsPerRecord = -1
	names, err := r.Read()
	if err != nil {
		return nil, wrongFile(err)
	}
	at := make([]int, wordingColumnsRead)
	for i, name := range WordingColumns[:wordingColumnsRead] {
		if at[i] = slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(n), name) }); at[i] < 0 {
			return nil, ErrWordingFile
		}
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, wrongFile(err)
		}
		cell := func(i int) string {
			if at[i] >= len(cells) {
				return ""
			}
			return cells[at[i]]
		}
		number, _ := r.FieldPos(0)
		line := wordingLine{number: number, key: strings.TrimSpace(cell(0)), in: Lang(strings.TrimSpace(cell(1))), form: strings.TrimSpace(cell(2)), text: live(cell(3))}
		if !utf8.ValidString(line.key + line.text) {
			line.key, line.text, line.unfounded = strings.ToValidUTF8(line.key, "�"), "", ErrWordingPlain
		}
		if lines = append(lines, line); len(lines) > MostWordingLines {
			return nil, ErrWordingFile
		}
	}
}

// wrongFile is ErrWordingFile for what the file itself says, and the error of reading it
// otherwise.
func wrongFile(err error) error {
	var bad *csv.ParseError
	if errors.As(err, &bad) || errors.Is(err, io.EOF) {
		return ErrWordingFile
	}
	return err
}

// live is a text without the apostrophe that keeps a spreadsheet from running it.
func live(text string) string {
	rest, quoted := strings.CutPrefix(text, "'")
	if first, _ := utf8.DecodeRuneInString(rest); quoted && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return rest
	}
	return text
}

// read makes changes of the lines of a file, against what is in force. Lines without a
// text say nothing of it.
func (s *Wordings) read(lines []wordingLine, f InForce) (w WordingFile) {
	w.Lines = len(lines)
	type name struct {
		key string
		in  Lang
	}
	said := map[name]*Wording{}
	where := map[name]map[string]int{}
	var order []name
	fail := func(x LineFault) {
		if len(w.Faults) < MostWordingFaults {
			w.Faults = append(w.Faults, x)
		}
	}
	for _, l := range lines {
		if strings.TrimSpace(l.text) == "" && l.unfounded == nil {
			continue
		}
		t, err := s.Text(l.key)
		n := name{l.key, l.in}
		switch {
		case l.unfounded != nil:
			fail(LineFault{Line: l.number, Key: l.key, Reason: l.unfounded})
			continue
		case err != nil || !slices.Contains(Langs, l.in) || !slices.Contains(t.Forms(l.in), l.form) || where[n][l.form] > 0:
			fail(LineFault{Line: l.number, Key: l.key, Reason: ErrWordingUnknown})
			continue
		}
		if said[n] == nil {
			is, _ := f.Says(t, l.in)
			said[n], where[n], order = &is, map[string]int{}, append(order, n)
		}
		*said[n].Form(l.form), where[n][l.form] = l.text, l.number
	}
	for _, n := range order {
		c, flaws, err := s.change(f, WordingChange{Key: n.key, In: n.in, To: *said[n]})
		switch {
		case len(flaws) > 0:
			for _, x := range flaws {
				line := where[n][x.Form]
				for _, other := range where[n] {
					if line == 0 { // of a form that the file has not
						line = other
					}
				}
				fail(LineFault{Line: line, Key: n.key, Flaw: x, Reason: x.Reason})
			}
		case errors.Is(err, ErrWordingSame):
			w.Same++
		case err == nil:
			w.Changes = append(w.Changes, c)
		}
	}
	slices.SortStableFunc(w.Faults, func(a, b LineFault) int { return a.Line - b.Line })
	return w
}

// ReadFile reads a file of texts and keeps what it would change as a draft; nothing is
// proposed yet. Where a line is wrong there is no draft, and its id is "".
func (s *Wordings) ReadFile(ctx context.Context, who identity.Actor, form once.Form, from io.Reader) (WordingID, WordingFile, error) {
	if err := mayAdminister(who); err != nil {
		return "", WordingFile{}, err
	}
	lines, err := readWordings(from)
	if err != nil {
		return "", WordingFile{}, err
	}
	f, err := s.WordingsInForce(ctx)
	if err != nil {
		return "", WordingFile{}, err
	}
	w := s.read(lines, f)
	if len(w.Faults) > 0 || len(w.Changes) == 0 {
		return "", w, nil
	}
	p := s.proposal(who, WordingDraft, w.Changes...)
	p.FromFile = true
	id, err := s.SaveWording(ctx, form, p, audit.Entry{At: s.now(), Actor: who, Action: WordingRead, Subject: string(p.ID)})
	return id, w, err
}
