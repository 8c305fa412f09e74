package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

var afterDots = strings.NewReplacer(".", ".<wbr>", "_", "_<wbr>")

// Dotted is a word of a machine, "indemnity.case_taken": where it has no room in one line it
// goes on after a dot or a dash, and never within a word.
func Dotted(key string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := afterDots.WriteString(w, templ.EscapeString(key))
		return err
	})
}
