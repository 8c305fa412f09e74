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
//	edition_terms.go  the terms of vouchers and applications, as objects of package term
//	edition_reopenings.go  what an act lets be done again after a term
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
//	residual.go    what came back and may be given again, by another round
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
//	feed*.go       Feeds: a private calendar with one's own sessions and terms
//
// How it is invoiced:
//
//	invoice.go       Invoice and its states; what the portal stops at
//	invoice_rules.go Billing: sent, corrected, withdrawn, looked at by an officer
//	invoices.go      Invoices: the acts, as the portal calls them
//	invoice_rows.go  a file of invoices, row by row
//	invoicing.go     how one is written: its two parts, the fund, the stamp
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
//   - Each term is an object with its article, its effect and the act that put it off; it
//     is over at 24:00 in Rome of its last day, or at the hour that an act has set
//     (TestTheRealClosingCalendars, TestEveryTermOfAVoucherNamesItsArticle…).
//   - A term that an act puts off (Override) moves the days of the vouchers. A reopening
//     moves none: it lets professionals do again, between two instants, what the term has
//     ended, on what is still there. A booking that the office annulled and money that
//     went back to the fund do not come back with it
//     (TestInvoicesWereTakenAgainInJuly2024ToTheHour, TestAReopeningOnlyAdds…).
//   - A voucher is not closed after its last day while an act lets sessions be booked
//     again, or will: an act that comes later finds the money gone
//     (TestAVoucherIsNotClosedWhileItsSessionsCanBeBookedAgain).
//   - The flooded areas of 2023 are told by the province of residence: the list of
//     municipalities is not in the registers (TestTheFloodedProvincesHadTheirOwnTerms).
//   - A private calendar says when and where, and never whose or what for. Who holds its
//     address reads it as its owner; that is written down once a day
//     (TestACalendarThatIsReadManyTimesIsWrittenDownOnceADay).
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
//   - The first session counts if it is confirmed by 24:00 of the last day of its term
//     and stands; one confirmed later does not save the voucher
//     (TestAVoucherLapsesWithoutASessionConfirmedInItsFirstDays). Once the term is over
//     nothing is booked, also before the office closes the voucher; what was booked can
//     be confirmed (TestNothingIsBookedOnceTheFirstSessionIsMissed).
//   - A lapse, or an end by two officers, cancels the sessions of later days; what was
//     held is confirmed in its term, invoiced and paid
//     (TestALapseCancelsWhatIsToComeAndLeavesWhatWasHeld). The application is then
//     decaduta, whatever the ground: nobody is ranked or given money any more with it
//     (TestTheEndOfAVoucherByTwoOfficers).
//   - A session is annulled when the term for invoices is over and it is not confirmed,
//     not invoiced, or its invoice was sent back and the time to correct it is over too;
//     not while an act lets it be completed, now or later, nor while two officers have
//     still to judge a report on it (TestTheOfficeAnnulsWhatIsIncomplete…,
//     TestWhatAnActPutsOffIsNotAnnulledYet). Each is judged again when the list is
//     carried out (TestSessionsAreAnnulledByTwoOfficers…). An invoice in review waits
//     for the office, and annuls nothing.
//   - A voucher that comes back has as many days again as were left when it ended, and
//     without a first session the whole term for it; it comes back whole, as long as the
//     territory still has the money: its budget less what vouchers hold and what is set
//     aside (TestAVoucherComesBackWithTheDaysItHadLeft). Whether that money has arrived
//     does not matter: it was the voucher's. Who gives it again and who gives it back
//     wait for one another (TestMoneyThatIsBeingGivenAgainIsNotGivenBack).
//   - An annulled session comes back as a new one, confirmed at once for the same price;
//     its voucher's term for invoices is put off by the days of a correction
//     (TestAnAnnulledSessionComesBackOnceAndConfirmed). Nothing comes back while a
//     ranking of the edition is proposed, approved or being published.
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
//   - What may be given again in a territory is the lesser of its budget and what it has
//     sent, less what vouchers are worth and what is kept back for re-examinations
//     (TestAwardsAndResidualAreTheBudget…, TestNothingIsGivenAgainThatHasNotArrived). It is
//     recorded as of the end of each day (TestWhatIsLeftIsKeptOnceADay).
//   - A reallocation is another round on the places of the publication in force: kept
//     awards stand; an award in part is completed first, in order, if a session of it was
//     confirmed and invoiced, and nothing goes to the next before (TestAnAwardInPartIs…);
//     then the next places in order while money lasts, the last of them perhaps in part.
//   - What is completed is the award, up to what is due: what had gone back to the fund
//     with the end of the code stays there. The code goes on, valid again if it had
//     expired, with the terms of the new round; who had a session is asked for no first
//     one again (TestWhatComesBackGoesToThePartialAward…). Who gave up, lapsed,
//     was closed or is stopped is not completed (TestOnlyWhoHoldsAVoucher…).
//   - Money comes and goes every day: a reallocation stays good as long as there is what
//     it gives, and gives nothing once it is gone (TestMoneyThatIsGone…). What came back
//     since is for the next one, also where a correction lies between
//     (TestACorrectionOfAReallocation…). What the office gave back to a voucher since is
//     given by no correction and kept for no request (TestWhatTheOfficeGaveBack…), and
//     what is kept for who was found right is given back to nobody
//     (TestWhatIsKeptForWhoWasFoundRight…).
//   - New money counts as given before money that came back
//     (TestNothingIsGivenAgainThatHasNotArrived).
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
//   - An IBAN counts for payments two days after it was given at the earliest, the
//     first one too, and once an officer has verified it; it takes the place of the
//     one before at once, and payments wait meanwhile
//     (TestANewAccountWaitsTwoDaysAndForItsCheck).
//   - What the bank answers about an IBAN decides nothing: an officer does
//     (TestAnAccountIsOpenedWithWhatAnOfficerHasToKnow).
//   - The holder may be a company of professionals: a holder of another name is
//     flagged, not refused. An account at Banca d'Italia is of a public body and is
//     refused (TestAnAccountIsReadWithItsHolder, TestAHolderGoesByAName).
//   - What professionals say of themselves (telephone, languages, sessions on line)
//     goes before CNOP's list, as long as it says something else; whoever hides from
//     the list of professionals books all the same
//     (TestWhatProfessionalsSayGoesBeforeTheList).
//   - A payment run of a month pays what was received up to its end, in each territory
//     in the order in which invoices were received, as far as its money reaches: nobody
//     is paid before who waits for longer, also where less would still fit. Who cannot be
//     paid for a reason of their own keeps no money waiting
//     (TestTerritoriesPayWhatTheirMoneyReachesOldestFirst, TestEachObstacleIsNamed).
//   - A code blocked for suspected fraud holds the payment of its sessions; leaving
//     CNOP's list does not: the session was held while its psychologist stood on it
//     (TestEachObstacleIsNamed).
//   - What was approved is sent as it is: whatever is not payable any more by then stops
//     the whole run, which is sent back (TestWhatIsNotPayableAnyMoreIsTakenOutOrSentBack).
//   - Money that was sent for a territory and is in a payment is not taken back by a
//     reversal (TestTerritoriesPayWhatTheirMoneyReachesOldestFirst).
//   - A payment that the bank took may still come back; one that came back is due again,
//     by a new line that names the old one (TestARunPaysWhatIsDueAndWhatComesBackIsRepaired).
//     The account is rejected only where it is at fault: AC01, AC03, AC04, AC06, BE01
//     (TestTheBankAnswersForEachOrder).
//   - Where the money of a session stands: what is final goes before what is in a
//     payment, then comes what its professional has to do, because it has a term, and
//     then what keeps the money back, from what others decide about the session to what
//     is missing to pay anything (TestEachSessionStandsInOnePlace…).
//   - A session waits for funds when its territory has less left than it asks for. Which
//     of those that could be paid the next run takes, the run decides
//     (TestTheTrailFollowsASessionToItsPayment).
//   - Payment is expected by the end of the month after that of the invoice; when the day
//     has passed the page says that it is late, and invents no other
//     (TestPaymentIsExpectedByTheEndOfTheNextMonth).
//   - A year's statement and certificate count what the bank has paid by its value day,
//     and nothing that came back (TestThePagesOfPayments…).
//   - What a holder says of a session keeps its payment back where it is about the
//     money: that it was not held, that it cost less. The rest is answered and holds
//     nothing (TestAReportOfMoneyHoldsThePayment…). It is said once the session was
//     confirmed or its day has passed, without a term, one report at a time
//     (TestASessionIsReportedOnce…). The money of a session is held back by one report:
//     another is answered like the first, and what it finds is recovered
//     (TestTheMoneyOfASessionIsHeldBackByOneReport), once
//     (TestWhatIsPaidTooMuchIsRecoveredOnce); nothing is reported any more of a session
//     that was found not to have taken place.
//   - Nobody who is in the session, or made the report, judges it (TestAReportIsJudged…).
//     One that is upheld is carried out at once: the session is cancelled by the office,
//     or its price put right together with what its invoice claims
//     (TestASessionThatDidNotTakePlace…, TestAPriceIsPutRight…). Nothing is decided
//     while its payment waits in a run; of one that was sent the money is to be
//     recovered, and what was upheld is done should it come back
//     (TestWhatIsAboutToBePaid…); until it is done, no run pays the session again
//     (TestWhatWasFoundNotHeldIsNotPaidAgain).
//   - A holder may say that a session took place, and never has to
//     (TestAHolderSaysThatASessionTookPlace…).
//   - A booked session is moved until the day before it, and judged as one that is
//     booked now: who has left CNOP's list moves none, and a blocked code is not
//     charged with more (TestABookedSessionMoves…, TestARaisedPriceTakes…).
//   - Who changes professional cancels the sessions that they were shown, all or none
//     (TestAllSessionsWithOneProfessional…).
//   - An invoice claims the price of each session. One for a single session that asks
//     for less claims that, and what is left goes where the price came from; one for
//     several asks at least their sum (TestAnInvoiceLowerThanThePriceClaimsLess).
//   - A number is used once in the year of issue, whatever its capitals and blanks
//     (TestWhatCannotBeInvoicedAndWhy). What looks like one that was used, and other
//     things out of the common, an officer sees before they are paid; nothing is
//     refused for it (TestWhatThePortalStopsAt).
//   - The data are its professional's until they are in a payment; then an officer
//     corrects number and day, and nobody the amount
//     (TestOnlyAnOfficerAmendsWhatIsInAPayment). What an officer asked for is looked at
//     by an officer (TestAnOfficerLooksAtAnInvoice). Whatever an officer asked about is
//     looked at by an officer, also when its professional changes something else, or
//     withdraws the invoice and sends another (TestWhatAnOfficerAskedAboutIsNotEscaped).
//   - An invoice is withdrawn only while its sessions could be invoiced again
//     (TestAWithdrawnInvoiceLeavesItsSessionsToBeInvoiced). What the office recognised
//     of a session stays, whatever becomes of the invoice (TestWhatTheOfficeLoweredStaysLow).
//   - An invoice is expected to be paid by the end of the month after the one in which
//     its data were handed in, not the one it bears: runs go by that
//     (TestAnInvoiceIsPaidByTheEndOfTheMonthAfter).
//   - Where the money of a session stands is said as the run would judge it: first come,
//     first paid in each territory, and nothing of a code under suspicion
//     (TestTheTrailPromisesNothingThatTheRunHoldsBack). Its professional reads «in
//     verifica presso INPS», and not why.
package voucher
