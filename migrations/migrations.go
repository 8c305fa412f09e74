// Package migrations holds the steps that make the database, in SQL, in their
// order. They only go forward; README.md beside them says how one is written.
package migrations

import "embed"

// FS holds the steps: 0001_people.sql and those that follow.
//
//go:embed [0-9]*.sql
var FS embed.FS
