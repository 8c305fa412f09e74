// Package indemnity is the indennità di malattia o infortunio: a member of ENPAP who could
// not work for some days applies within ten days of their end, with papers, and what each
// day is worth follows from the call (bando) of the month.
//
// What a call fixes, and how what it leaves open is read:
//
//	rules.go       Call, RuleSet: every number of the call with its article
//	readings.go    Readings: A1 to A31, listed and changed by name
//	calls/         the calls the program comes with
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
//	                      derivation.go   Steps: the line behind each number            TestTheStepsOfADailyAmount
//	                      batch*.go       a ranking from file to file: portal rank indemnity
//
// It knows no clock, no chance and no floating-point number, and the order in which
// applications are given decides nothing.
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
package indemnity
