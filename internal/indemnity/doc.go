// Package indemnity is the indennità di malattia o infortunio: a member of ENPAP who could
// not work for some days applies within ten days of their end, with papers, and what each
// day is worth follows from the call (bando) of the month.
//
// What a call fixes, and how what it leaves open is read:
//
//	rules.go             Call, RuleSet: every number of the call with its article
//	readings.go          Readings: A1 to A31, listed and changed by name
//	calls*.go            Calls: drafting, proposing and releasing by two people,     TestTheRulesOfTheCallAreAllThere…,
//	                     its parameters, checks, differences, examples, calendar     TestWhatApplicationsWereMadeByIsLocked
//	calls/               the calls the program comes with                            TestTheShippedCallsAreSound…
//
// The engine goes from what is known of an application to a place and an amount. Article,
// file, test:
//
//	art. 1 c. 2, art. 3   days.go         the recognised days, and why each is paid     TestTheRulesOfTheNature, TestTheDayLine…
//	                      event.go        Facts, SicknessEvent: what is known
//	                      span.go         runs of days by number
//	art. 2 and 3          admissible.go   codes, outcomes and warnings                  TestTheRulesOfTheRequirements, TestTheRulesOfTheApplication
//	art. 2 and 3          terms.go        10, 15 and 60 days, with holidays             TestTheWorkedCalendar
//	art. 4 c. 1–4         entitlement.go  daily allowance, days, reduction, set-off     TestTheRulesOfTheAmountAndTheRanking
//	art. 4 lett. a–c      score.go        points, and the criteria of the ranking       TestTheRulesOfTheAmountAndTheRanking
//	art. 4                fund.go         the budget on its way down the places         TestEveryReadingOfTheFunding
//	                      examine.go      Examine: all applications of a call           properties_test.go
//	                      explain.go      Explain: one of them, sent or still a draft   TestWhatIsExplained…, TestADraftIsJudged…
//	art. 2 (R6)           others.go       the member's other applications, the year     TestTwoEventsOfAYear…, TestWhichApplicationsHaveDays…
//	                      derivation.go   Steps: the line behind each number            TestTheStepsOfADailyAmount
//	                      batch*.go       a ranking from file to file: portal rank indemnity
//
// It knows no clock, no chance and no floating-point number, and the order in which
// applications are given decides nothing.
//
// What people do before and after, each act a method of a service:
//
//	art. 3 c. 1           draft.go, drafts*.go       Drafts: an application being written, its days, parts, term,  TestTheQuestionsBeforeADraft,
//	                                                 preview and reminders                                         TestADraftFollowsTheCall…, TestEachPartSays…
//	art. 2                registers.go               the members and their contribution position                   TestAMemberWhoIsNotInOrder…
//	art. 3 lett. a–c      papers*.go                 Papers: what each proves, which are wanted, what a lack       TestALackMeansWhatTheExaminationMakesOfIt,
//	                                                 means, which days they cover (F18)                            TestEveryDoubtOfAPaperIsTold
//	art. 3                applications*.go           Applications: sending, protocol, seal, withdrawal             TestADraftIsSentFromTheDayAfter…, TestWhatIsSentIsFrozen…
//	art. 3                casefile*.go               CaseFile: what was sent, its standing, facts and way (PIC-5)  TestACaseSaysWhoseMoveItIs
//	art. 2, art. 3        requests*.go               what the office asks for, and answers within their term       TestARequestRunsFromTheDay…, TestAnAnswerIsTaken…
//	art. 2 (R17, R18)     heirs*.go                  Heirs: by PEC, stepping in, linking, shares, signatures       TestTheAcceptanceReceiptDecides…, TestHeirsStepInto…
//	F15                   reexamination*.go          Reexaminations: looking at an outcome again, by two others       TestWhatIsGrantedAgainst…,
//	                                                 (F12), and the money kept back for it meanwhile               TestAnOpenRequestKeepsItsMoney…
//	art. 5 (R59)          messages.go                Messages: what people and the office write to each other      TestATopicIsWritten…
//	                      service.go                 names of what is new
//
// # Who is kept from what
//
// The call knows of no second person; the portal keeps these apart (F12), across stages too,
// and the database by the guard that is named. Everybody is kept from their own case besides.
//
//	drafted or proposed a call, released by          nobody_releases_the_call_they_drafted
//	proposed a text of the office, approved by       nobody_approves_a_text_they_proposed
//	wrote a finding that stands, or what a check
//	found, decided on by                             nobody_approves_what_they_found
//	proposed a decision, decided on by               nobody_approves_a_decision_they_proposed
//	proposed a succession, confirmed by              nobody_confirms_their_own_succession
//	examined, proposed or approved, or ranked what
//	is re-examined, proposed or decided by           nobody_reexamines_what_they_judged
//	proposed a re-examination, decided by            nobody_decides_a_case_reexamination_they_proposed
//	simulated a ranking, its ties ruled on by        nobody_rules_on_their_own
//	simulated or proposed a ranking, approved by     nobody_approves_a_ranking_they_made
//	these and who approved it, published by          nobody_publishes_a_ranking_they_made_or_approved
//	prepared or proposed a run, approved by          nobody_approves_a_payment_they_proposed
//	these and who approved it, sent by               nobody_sends_a_payment_they_proposed_or_approved
//	examined, decided, ranked or published what a
//	run pays, sent by                                nobody_pays_what_they_examined_or_ranked
//	proposed a sample, drawn by                      nobody_confirms_a_sample_they_proposed
//	proposed to write off, approved by               nobody_approves_a_write_off_they_proposed
//
// The rest is left to the duties, of which nobody has two in an office at a time
// (nobody_holds_roles_that_exclude_each_other): who prepares cases prepares rankings and runs
// too, who approves outcomes approves the ranking and the run, as the second officer of a
// small service does, and who publishes has neither duty. Nor is anybody kept from approving
// for having asked for papers or judged an answer, of which no decision is made without a
// finding or a term.
//
// Papers about somebody's health are for who handles the case, or has said why today: see
// papers_health.go (TestAHealthPaperIsForWhoHasTheCase…).
//
// # Rules
//
// R1 to R60 are the rules of the call in the order of its articles. The tests above name
// each that the engine holds. The others:
//
//	R1   that the board appropriates: the call's budget is its act
//	R4   whether maternity was claimed: nobody asks, R3 holds all the same
//	R21  that SPID or CIE was used: the login; here only the channel is judged
//	R30, R36, R38  what a paper is: an officer’s finding, of which the facts speak
//	R39, R42  that declarations are checked: the office; here what a finding costs
//	R49  that the declaration is made: the application’s form
//	R59, R60  help, and who signs: the pages
//
// # Readings
//
// Where the call is silent the choice is a value of its RuleSet, and TestEveryReading…
// has it by its number (A1 to A31), once as it is and once changed. What no value decides:
//
//   - The end of an event is never later than the declared one, and an earlier return to
//     work is the declared end (A44). A relapse after a day that no paper covers is another
//     event, with a minimum and six days of its own (A40, TestTheDayLine… “a gap”).
//   - The six days are the first six of the event, whatever else is the matter with them:
//     days that an earlier application has, or of maternity, count among the six
//     (TestTheEventsOfOneMember…).
//   - Applications of one member are worked by the start of their events; what is ranked
//     or pending uses days and cap up, whether it is funded or not (A54).
//   - Between calls the earlier one comes first: its applications use the year up before
//     those of a later one. What no ranking has decided yet counts as the portal knows it,
//     and not as somebody's loss: a later amount can only grow when an earlier application
//     comes to nothing. What an earlier call funded counts from the portal until it is paid
//     whole and the register, asked for the later one, says that it has what was paid up to
//     that day; from then on it counts from the register, and never twice. What was set off
//     whole against debts is paid to nobody, and counts from the portal for ever; what a call
//     had no money for has used nothing up. A draft uses nothing up before it is sent
//     (TestWhichApplicationsHaveDaysBeforeADraft, TestTheDaysThatAnEarlierCallPaidAreNeverLost,
//     TestWhatACallCountsIsWhatTheCallsBeforeItPaid).
//   - A ranking that was made keeps the days that it counted, whatever the register says
//     since: they are among the facts that it is made again from.
//   - The clock of a term never stands still. The call names no suspension, and calls its
//     terms peremptory; that of August is for acts before a judge (law 742/1969). So there
//     is nothing to record of a request but the day on which it reached somebody, and
//     term.Term.Suspended stays empty.
//   - The private calendar of who acts for a member, and of an heir, is their own: the
//     terms of those for whom they act in this matter, and of what heirs are asked, stand
//     among the others, for as long as the mandate holds. That it was read is written down
//     for each (TestWhoActsForAMemberOrIsAnHeir…).
//   - A day of a birth’s window is the same day two months before to the same day three
//     months after, or the last of its month where that is missing (R3).
//   - An end read as recognised, without a recognised day, is the declared end. A cycle
//     ends with its last day whatever A11 says, and its declared period clips nothing.
//   - A Saturday moves by itself where A14 says so, also where A13 moves no holiday
//     (TestTheWorkedCalendar).
//   - “Before any request” is before the day of it: what is paid on that very day is an
//     answer to it (R16 in TestTheRulesOfTheRequirements).
//   - With A23 false what was paid counts in the comparison also where nothing was due at
//     submission, and however late it was paid.
//   - Heirs who send on a day before the death send before the end of the event, and those
//     who send on the day of the death are judged by the end alone (A12).
//   - Who is not funded has nothing to give back: a finding revokes what was paid (R39).
//   - Papers to complete and debts are looked at only where nothing graver stands (A55);
//     what an application would be worth is reckoned for each.
//   - A draft is judged as if it were sent as soon as it may be: today, or on the day after
//     the end (TestADraftIsJudged…).
//   - Whoever presented an ISEE comes before whoever did not, whatever its value; two
//     without one are equal in it (A53).
//   - The points of heirs are those of the deceased; the year of the income is that of the
//     heirs’ own application (A38).
//   - What counts of an application or an answer is the instant at which its form arrived,
//     however long it waits for its turn (TestAnAnswerCountsFromTheInstant…). It is judged
//     by the version of the call in force when it is kept
//     (TestAnApplicationIsJudgedByTheCallThatIsInForce…).
//   - The portal takes an application until the term from its declared end is over, and says
//     by when it must come if no further paper proves its last days: those may still be
//     proved, and whether it came late is found when it is examined (A11).
//   - A request reaches who applied in the portal on the day on which it stands there and
//     they are told; when it was asked and read is kept too (A33).
//   - A request is answered once: whole, or with a note for each paper that is missing, as
//     the page says before. The term is not given back; an officer may ask again.
//   - While the call of its month is missing an application cannot be sent (R54, R60): its
//     draft says so, and to put the term off for it is an act of the body.
//   - Heirs who step into an application read what was declared of the event and which
//     papers came. The account of who died, and what the ISEE of their household says, are
//     not needed for that: the receipt says that they were given, and no more (CaseFile.Withheld).
//   - Each heir answers for the papers that they brought: another heir reads that they are
//     there, and neither opens, replaces nor takes them out. An answer to a request that is
//     to all of them is sent by one, with the papers of all.
//   - The call says nothing of a re-examination: it is asked for within thirty days of when the
//     outcome stood in the portal (as of a hierarchical appeal, DPR 1199/1971, art. 2), and
//     decided within thirty (law 241/1990, art. 2); a call may fix both. A publication opens
//     the term for each place in it, a correction too. Whoever simulated, proposed or approved
//     what is looked at neither proposes nor decides (Reexamination).
//   - What a request that is open may come to is no part of the money that a ranking of its
//     call goes down the places with: the rules that the ranking keeps have the budget less by
//     that, so that whoever ranks again comes to the same. Granted, the case is examined again,
//     and keeps the money until it is. What was paid meanwhile stays paid.
//   - Between the stops of a cycle another event has room: days are compared with days
//     (TestBetweenTwoStopsOfACycle…).
package indemnity
