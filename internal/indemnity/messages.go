package indemnity

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What is written in the register about messages. The subject is the thread; what the
// messages say stands nowhere in it.
const (
	MessageSent     audit.Action = "indemnity.message_sent"     // by who applied
	MessageAnswered audit.Action = "indemnity.message_answered" // by an officer: who applied is told
	ThreadOpened    audit.Action = "indemnity.thread_opened"    // by an officer who reads it
	ThreadClosed    audit.Action = "indemnity.thread_closed"
	ThreadsListed   audit.Action = "indemnity.threads_listed" // by an officer, of every case or of one
)

// Why nothing is written.
var (
	ErrMessageEmpty  = fault.Invalid("messages.empty")
	ErrMessageLong   = fault.Invalid("messages.long")
	ErrMessagesToday = fault.Refuse("messages.today")  // enough for a day: see MostMessagesADay
	ErrThreadClosed  = fault.Refuse("messages.closed") // the office has closed the thread
	ErrMessagesOver  = fault.Refuse("messages.over")   // the application was withdrawn: no new topic
)

const (
	// LongestMessage is how many characters a message may have.
	LongestMessage = 2000
	// MostMessagesADay is how often somebody may write about one case on one day.
	MostMessagesADay = 10
)

// Topic is what a thread is about. Nobody writes before they have chosen one (M-21, R59).
type Topic string

// The topics; the catalogue has their words.
const (
	TopicTerms     Topic = "terms"     // termini e stato della domanda
	TopicPapers    Topic = "papers"    // documenti
	TopicReckoning Topic = "reckoning" // calcolo e punteggio
	TopicPayment   Topic = "payment"   // pagamento
	TopicDetails   Topic = "details"   // dati personali e contatti
	TopicOther     Topic = "other"
)

// Topics lists every topic, in the order in which they are offered.
var Topics = []Topic{TopicTerms, TopicPapers, TopicReckoning, TopicPayment, TopicDetails, TopicOther}

// ThreadID names a thread: a random UUID.
type ThreadID string

// Thread is what who applied and the office write to each other about one topic of a
// case. A case has at most one open thread of a topic.
type Thread struct {
	ID       ThreadID
	Case     CaseID
	Topic    Topic
	OpenedAt time.Time
	ClosedAt time.Time       // by the office; zero while it is open
	Messages []ThreadMessage // oldest first
}

// ThreadMessage is what one side wrote. It is never changed.
type ThreadMessage struct {
	ID       string
	ByOffice bool
	Author   identity.Person // an officer's name is for officers
	Text     string
	At       time.Time
	ReadAt   time.Time // when the other side first opened it; zero before
	Unread   bool      // by whom it is read for
}

// Open tells whether something can be written in the thread.
func (t Thread) Open() bool { return t.ClosedAt.IsZero() }

// Last is when something was last written.
func (t Thread) Last() time.Time { return t.Messages[len(t.Messages)-1].At }

// Waits tells whether the office is to answer: the thread is open and who applied wrote
// last.
func (t Thread) Waits() bool { return t.Open() && !t.Messages[len(t.Messages)-1].ByOffice }

// Unread counts the messages that whom it is read for has not opened.
func (t Thread) Unread() (n int) {
	for _, m := range t.Messages {
		if m.Unread {
			n++
		}
	}
	return n
}

// ThreadLine is an open thread in the list of the office.
type ThreadLine struct {
	ID       ThreadID
	Case     CaseID
	Protocol string
	Member   string
	Topic    Topic
	Last     time.Time
	Waits    bool // for an answer
	Unread   bool // by every officer
}

// ThreadChange is what an act makes of the threads of a case.
type ThreadChange struct {
	Opens   *Thread // new
	Thread  ThreadID
	Message *ThreadMessage // new, in the thread
	Closes  bool
	Tell    bool // who applied is told
	Entry   audit.Entry
}

// ThreadStore keeps threads. Every write carries its form: one that was stored before is
// not acted on again.
type ThreadStore interface {
	// CaseFile is a case with all that belongs to it; fault.ErrNotFound.
	CaseFile(ctx context.Context, id CaseID) (CaseFile, error)
	// Threads are those of some cases as somebody finds them, last written first. To the
	// office is unread what none of its officers has opened.
	Threads(ctx context.Context, reader identity.PersonID, office bool, cases ...CaseID) ([]Thread, error)
	// Converse locks a case, asks for a decision on it and its threads, and saves that.
	Converse(ctx context.Context, form once.Form, now time.Time, id CaseID, decide func(CaseFile, []Thread) (ThreadChange, error)) (ThreadID, error)
	// MarkRead notes that somebody has opened the messages of a thread that are not
	// their own, or their office's.
	MarkRead(ctx context.Context, id ThreadID, reader identity.PersonID, office bool, at time.Time) error
	// OpenThreads is a page of the threads that are open, about one topic or, for "",
	// every one: those that wait for an answer first, the longest waiting first of all.
	OpenThreads(ctx context.Context, about Topic, page, size int) (lines []ThreadLine, total int, err error)
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
}

// Threads is how who applied and the office write to each other about a case.
type Threads struct {
	store ThreadStore
	now   func() time.Time
}

// NewThreads is the service on a store, with a clock.
func NewThreads(s ThreadStore, now func() time.Time) *Threads { return &Threads{s, now} }

func (s *Threads) entry(who identity.Actor, action audit.Action, of ThreadID, about identity.PersonID) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: action, Subject: string(of), About: about}
}

// MayStart tells why who applied cannot open a topic of a case. After a withdrawal no
// topic is opened: what was open stays so until the office closes it, and all of it can
// be read. Whatever else the office decides, there may be something to ask.
func (c CaseFile) MayStart() error {
	if c.State == WithdrawnByMember {
		return ErrMessagesOver
	}
	return nil
}

// Of are the threads of some cases, as one of those who applied finds them, last written
// first. Heirs who have linked themselves find what the deceased and the others wrote.
func (s *Threads) Of(ctx context.Context, who identity.Actor, cases ...CaseFile) ([]Thread, error) {
	ids := make([]CaseID, len(cases))
	for i, c := range cases {
		if c.Reader(who) == NoReader {
			return nil, fault.ErrNotFound
		}
		ids[i] = c.ID
	}
	return s.store.Threads(ctx, who.Person, false, ids...)
}

// Read is a thread of a case as one of those who applied finds it; they have read it from
// then on. fault.ErrNotFound.
func (s *Threads) Read(ctx context.Context, who identity.Actor, c CaseFile, id ThreadID) (Thread, error) {
	all, err := s.Of(ctx, who, c)
	if err != nil {
		return Thread{}, err
	}
	t, err := threadIn(all, id)
	if err != nil || t.Unread() == 0 {
		return t, err
	}
	return t, s.store.MarkRead(ctx, id, who.Person, false, s.now())
}

// Start writes about a topic of a case. If a thread of the topic is open by then, it goes
// there.
func (s *Threads) Start(ctx context.Context, who identity.Actor, form once.Form, of CaseID, about Topic, text string) (ThreadID, error) {
	if !slices.Contains(Topics, about) {
		return "", fault.ErrNotFound
	}
	text, err := messageText(text)
	if err != nil {
		return "", err
	}
	return s.store.Converse(ctx, form, s.now(), of, func(c CaseFile, threads []Thread) (ThreadChange, error) {
		if c.Reader(who) == NoReader {
			return ThreadChange{}, fault.ErrNotFound
		}
		for _, t := range threads {
			if t.Topic == about && t.Open() {
				return s.message(who, c, threads, t.ID, text)
			}
		}
		if err := c.MayStart(); err != nil {
			return ThreadChange{}, err
		}
		t := Thread{ID: ThreadID(newID()), Case: of, Topic: about, OpenedAt: s.now()}
		x, err := s.message(who, c, threads, t.ID, text)
		x.Opens = &t
		return x, err
	})
}

// Write writes in an open thread, for whichever side the actor is on: who applied, or the
// office, which then answers and tells them.
func (s *Threads) Write(ctx context.Context, who identity.Actor, form once.Form, of CaseID, in ThreadID, text string) error {
	office := who.Role == identity.Welfare
	if err := who.Must(identity.Welfare, identity.Prepare); office && err != nil {
		return err
	}
	text, err := messageText(text)
	if err != nil {
		return err
	}
	_, err = s.store.Converse(ctx, form, s.now(), of, func(c CaseFile, threads []Thread) (ThreadChange, error) {
		if !office && c.Reader(who) == NoReader {
			return ThreadChange{}, fault.ErrNotFound
		}
		t, err := threadIn(threads, in)
		if err == nil && !t.Open() {
			err = ErrThreadClosed
		}
		if err != nil {
			return ThreadChange{}, err
		}
		return s.message(who, c, threads, in, text)
	})
	return err
}

// message is what somebody writes in a thread. Those who applied write no more than so
// often a day.
func (s *Threads) message(who identity.Actor, c CaseFile, threads []Thread, in ThreadID, text string) (ThreadChange, error) {
	now, office := s.now(), who.Role == identity.Welfare
	today := 0
	for _, t := range threads {
		for _, m := range t.Messages {
			if m.Author.ID == who.Person && !m.ByOffice && calendar.On(m.At) == calendar.On(now) {
				today++
			}
		}
	}
	if !office && today >= MostMessagesADay {
		return ThreadChange{}, ErrMessagesToday
	}
	x := ThreadChange{Thread: in, Message: &ThreadMessage{ID: newID(), ByOffice: office, Author: identity.Person{ID: who.Person}, Text: text, At: now},
		Tell: office, Entry: s.entry(who, MessageSent, in, c.Member.ID)}
	if office {
		x.Entry.Action = MessageAnswered
	}
	return x, nil
}

// messageText is a text as it is kept, or what is wrong with it.
func messageText(text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch {
	case text == "":
		return "", ErrMessageEmpty
	case utf8.RuneCountInString(text) > LongestMessage:
		return "", ErrMessageLong
	}
	return text, nil
}

func threadIn(all []Thread, id ThreadID) (Thread, error) {
	i := slices.IndexFunc(all, func(t Thread) bool { return t.ID == id })
	if i < 0 {
		return Thread{}, fault.ErrNotFound
	}
	return all[i], nil
}

// Close ends a thread, in the name of an officer: it can be read and no more written in.
// Who applied may open its topic again.
func (s *Threads) Close(ctx context.Context, who identity.Actor, form once.Form, of CaseID, id ThreadID) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	_, err := s.store.Converse(ctx, form, s.now(), of, func(c CaseFile, threads []Thread) (ThreadChange, error) {
		t, err := threadIn(threads, id)
		if err == nil && !t.Open() {
			err = ErrThreadClosed
		}
		return ThreadChange{Thread: id, Closes: true, Entry: s.entry(who, ThreadClosed, id, c.Member.ID)}, err
	})
	return err
}

// Incoming is a page of the open threads for an officer, with how many there are.
func (s *Threads) Incoming(ctx context.Context, who identity.Actor, about Topic, page, size int) ([]ThreadLine, int, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve, identity.Pay); err != nil {
		return nil, 0, err
	}
	if err := s.store.See(ctx, s.entry(who, ThreadsListed, "", "")); err != nil {
		return nil, 0, err
	}
	return s.store.OpenThreads(ctx, about, page, size)
}

// Case is a case with its threads, as an officer finds them. That they looked is written
// down.
func (s *Threads) Case(ctx context.Context, who identity.Actor, id CaseID) (CaseFile, []Thread, error) {
	c, all, err := s.forOffice(ctx, who, id)
	if err == nil {
		err = s.store.See(ctx, audit.Entry{At: s.now(), Actor: who, Action: ThreadsListed, Subject: string(id), About: c.Member.ID})
	}
	return c, all, err
}

// Answerable is a thread of a case as an officer finds it: the office has read it from
// then on, and that they opened it is written down. fault.ErrNotFound.
func (s *Threads) Answerable(ctx context.Context, who identity.Actor, of CaseID, id ThreadID) (CaseFile, Thread, error) {
	c, all, err := s.forOffice(ctx, who, of)
	if err != nil {
		return c, Thread{}, err
	}
	t, err := threadIn(all, id)
	if err == nil {
		err = s.store.See(ctx, s.entry(who, ThreadOpened, id, c.Member.ID))
	}
	if err != nil || t.Unread() == 0 {
		return c, t, err
	}
	return c, t, s.store.MarkRead(ctx, id, who.Person, true, s.now())
}

func (s *Threads) forOffice(ctx context.Context, who identity.Actor, id CaseID) (CaseFile, []Thread, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return CaseFile{}, nil, err
	}
	c, err := s.store.CaseFile(ctx, id)
	if err != nil {
		return c, nil, err
	}
	all, err := s.store.Threads(ctx, who.Person, true, id)
	return c, all, err
}
