package indemnity

import "github.com/google/uuid"

// newID draws the name of a case, a paper, a request or an heir.
func newID() string { return uuid.NewString() }
