package portal

import (
	"bytes"

	"portal/internal/paper"
	"portal/web/ui"
)

// actText is the words of a link to an act, with its format and its size: that of its
// bytes, as whoever follows the link gets them.
func actText(f ui.Frame, text string, act paper.Act) (string, error) {
	var b bytes.Buffer
	if err := paper.Write(&b, act); err != nil {
		return "", err
	}
	return f.T("document.pdf", "Text", text, "Size", fileSize(f, int64(b.Len()))), nil
}

// actLink is a link to an act: see actText.
func actLink(f ui.Frame, text, url string, act paper.Act) (ui.Link, error) {
	says, err := actText(f, text, act)
	return ui.Link{Text: says, URL: url}, err
}
