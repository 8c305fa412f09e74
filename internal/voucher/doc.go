// Package voucher is the contributo sessioni di psicoterapia: a citizen whose
// application was accepted holds a voucher (buono) worth an amount until a day,
// and a code (codice univoco) that opens it; a psychologist on CNOP's list books,
// confirms and cancels sessions against it.
//
// What the decree of a year fixes:
//
//	edition.go     Edition: its rules, as data with their articles
//	edition_*.go   its values by section, what keeps them from being sound, the
//	               worked examples, and what differs between two sets of them
//	release.go     Editions: a version is drafted, proposed and released by another
//	resources.go   the money: given, sent to INPS, promised
//	places.go      the territories, and which province is in which
//
// How applications come in, and what officers do with them:
//
//	application*.go  Application and its states; drafts; what is asked and refused
//	intake*.go     Intake: sent one at a time, online or at the counter; the ISEE put right
//	ports.go       what is asked of the registers outside
//	import*.go     Imports: many at a time, from a file
//	desk.go        Desk: worklist.go, case_checks.go, refusal.go, counter.go, work.go
//	reexamination*.go  Reexaminations: an outcome is looked at again, by two people
//
// How money is given:
//
//	rank.go        Rank: who gets money in each territory, and why
//	batch*.go      a ranking from file to file: portal rank voucher
//	simulation.go  Run: one ranking with its states, and who may take it further
//	snapshot.go    what a run is made from, frozen, and its digests
//	run.go         Rankings: simulated, checked, proposed, approved by different people
//	publication.go and had published, by yet another one
//	issue.go       a publication is carried out, territory by territory: outcomes, codes
//	results.go     what everybody may read of it, without what would tell of a person
//	position.go    where one application stands in it, and what may still happen
//
// How it is spent:
//
//	code.go        the code: 12 characters, the last one a check
//	keys.go        how the code is kept: a keyed hash to find it, a cipher to show it
//	voucher.go     Voucher: the amount, its terms and its balance
//	booking.go     Booking: a planned or held session and its states
//	account*.go    Account: a voucher with its bookings; what may be done with it
//	ledger.go      Posting: the double entry behind each change of the balance
//	service.go     Service: the acts, as the portal calls them
//
// Who may be paid for it:
//
//	register.go      the list as citizens search it
//	participants.go  Participants: CNOP's list is prepared, sent and applied by three
//	delivery*.go     a file of the list, row by row beside what stands
//	enrolment.go     when a professional takes part, and by which delivery
//
// # Readings
//
// Where the texts are silent, the choice stands here with the test that fixes it.
//
//   - A correction leaves every voucher as it was granted, and makes those of new
//     awards, with terms of their own (TestACorrectionLeavesWhatWasGranted…). Who gave
//     up after the ranking was made gets none (TestWhoGaveUpMeanwhileGetsNoCode).
//   - Small counts are hidden with whatever would tell them, and a figure that is
//     hidden in one territory has no sum (TestNobodyComputesAHiddenCount).
//   - A term counts from the day after publication; a last day that is a Sunday or
//     a holiday moves to the next working day, a Saturday does not
//     (TestTermsOfTheRealEditions).
//   - "Prima della data dell'appuntamento": the holder may cancel until 24:00 of
//     the day before (TestTheDayOfTheSessionIsTooLate).
//   - A session is confirmed from its hour on, or from the start of its day when
//     no hour was given, and until the voucher's confirmation day, which is its
//     last day unless the edition says otherwise (TestConfirmation…).
//   - A session held before it was ever booked may be registered where the edition
//     allows it, from its hour on, and is then confirmed (TestASessionAlreadyHeld…).
//   - For the overlap of two sessions a session lasts as many minutes as the
//     edition says. One without an hour overlaps with none, since nobody knows when
//     it is: two professionals may book the same day (TestWithoutAnHour…).
//   - With one professional there is one session a day (TestOneSessionADay…).
//   - One professional keeps at most as many sessions booked and unconfirmed with
//     one voucher as the edition says (TestOneProfessionalCannotBlock…).
//   - The term for the first session is shown and does not end anything by itself:
//     the lapse is an act of the office, which is not in the program yet.
//   - An outcome may be looked at again whatever it is, within the days of the
//     edition from the day it was decided; not while a request is open, nor what
//     its own beneficiary ended (TestTheTermToAskForAReexamination).
//   - The money kept back for a request is what the application would be due, within
//     what the last publication left to the territory and is not kept for others;
//     without an ISEE that counts, the largest amount
//     (TestTheMoneyKeptBackIsWhatIsDueAndLeft). A correction gives none of it to
//     anybody while the request is open; once it is granted, the order of the ranking
//     decides (TestACorrectionLeavesTheMoneyOfOpenRequests).
//   - An award stands in its territory and for as much: a re-examination neither moves
//     it nor raises it, and keeps back no money for it. A higher amount is for the
//     money that is given again (TestAReexaminationNeitherMovesNorRaisesAnAward).
//     Who holds a voucher has their place in the territory that pays it
//     (TestAnAwardIsPaidWhereItWasGranted).
//   - What is granted is put right in the application at once. One that was refused
//     is in review again; one with a place keeps it until a ranking sees it
//     (TestAGrantedReexaminationPutsTheApplicationRight). Nothing is granted while a
//     ranking that has not seen it is about to be published
//     (TestNothingIsGrantedWhileARankingIsAboutToBePublished).
//   - A professional may take back a confirmation while the code is valid; the
//     money is free again (TestAConfirmationIsTakenBack…).
//   - Who leaves CNOP's list keeps the sessions that stand, confirms or cancels them,
//     and books no more; whoever has them booked is told nothing, since nothing
//     changes for them (TestAListInForceEndsAndBeginsEnrolments…).
//   - A professional enters and leaves on the day the list speaks of, whatever days
//     of adhesion and withdrawal stand in it (TestWhoLeavesAndComesBackOnOneDay…).
//   - Nobody leaves because a row of theirs could not be taken: a rejected row is
//     known by the fiscal code, the place in the register or the name
//     (TestARejectedRowRemovesNobody).
//   - Whom CNOP suspended by hand comes back by hand, not with a list
//     (TestWhoIsSuspendedDoesNotComeBackWithAList).
//   - Who is ranked: who has sent an application that the office has not closed
//     itself. An ISEE that is waited for counts as defective, not processable ones
//     stay in with their ground, and whoever an earlier ranking refused is judged
//     anew by a correction; whom two officers refused is out, and so is who gave up
//     or lapsed (TestWhoTakesPart).
//   - A ranking is proposed once the window is closed and nobody has time left to put
//     an ISEE right, on what the applications then are, when a second ranker agrees on
//     every row (TestWhatKeepsASimulation…, TestTheSecondRankerFinds…).
//   - A correction takes from nobody what was awarded, and raises no award: it gives
//     what is left to who has none, in the order of the ranking. What codes gave back
//     is not given again by a correction (TestACorrectionTakesFromNobody…).
//   - The last place with money counts among those with money though it gets a part
//     (TestASimulationKeepsItsInputs…).
//   - A copy of an edition leaves behind what belongs to one year: window, money,
//     closed territories, terms of its rounds (TestOneFormDraftsOnce…).
//   - Who changed a draft decides on it as little as who made it
//     (TestWhoChangedADraftDoesNotReleaseIt).
//   - Once a ranking of an edition is published, what decided it stays in every
//     later version: bands, window with the cure of the ISEE, closed territories and
//     the money there was. Money may be added, and the rest may change
//     (TestWhatDecidedAPublishedRankingIsLocked).
//   - An override released after the publication it is about moves the terms of the
//     codes still valid, later and never earlier (TestAnOverrideMoves…).
//   - A declaration whose words change gets the next number
//     (TestADeclarationWithOtherWords…).
//   - A window that closes at 23:59 closes at the end of that day
//     (TestTheLastMinuteOfADayIsItsEnd).
//   - A professional who has left CNOP's list confirms and cancels what stands,
//     and books nothing new (TestWhoHasLeft…).
//   - An application counts as sent at the instant its form arrived, however long
//     the registers then take: the window is kept to the second
//     (TestTheWindowOpensAndClosesToTheSecond, TestTheWindowIsKeptToTheSecond).
//   - Without an ISEE nothing can be sent; with one above the limit it can, with a
//     warning: the refusal is the ranking's, on record (TestTheISEEDecidesHowOneGoesOn).
//   - A corrected ISEE replaces the old one, with its value and so its band; its
//     term is over at 24:00 of the last day (TestACorrectedISEETakesThePlaceOfTheOld…).
//   - A parent whom the register of residents does not name may declare it, and send
//     the application. They see that it arrived, and neither its ISEE nor anything of
//     the child, and act for nobody until an officer has seen the act that confirms
//     it; a declaration opens nothing that somebody else has sent before
//     (TestAParentWhomTheRegisterDoesNotNameDeclaresIt).
//   - An application is withdrawn until it has an outcome, and is then the only one
//     of its beneficiary in the edition (TestAnApplicationIsTakenBackUntilItHasAnOutcome).
//   - Who gives a voucher up has the sessions cancelled that can still be; one whose
//     day has come stays with its professional (TestRenouncingGivesBackWhatIsFree…).
package voucher
