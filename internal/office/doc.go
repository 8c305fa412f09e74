// Package office is how the offices are staffed and the portal is run: who holds
// which role from when to when and by whose word, when the portal stops, whether what
// is sent arrives and the neighbours answer, what is forgotten and when. Administrators
// do it, and see no case: nothing here knows an application.
//
//	second.go, lately.go          what is done by two; what was asked not long ago
//	post.go, grants.go, staff.go  posts, who holds them, proposed by one and given by another
//	parameters*.go, settings.go   what the portal runs by, in versions from a day on
//	wording*.go                   the words of the pages, published by two, one by one or by file
//	retention*.go                 classes of data, erasures by two, holds
//	stops.go, deliveries.go       planned stops; notices that wait or failed
//	neighbours.go                 the systems that the portal asks
package office
