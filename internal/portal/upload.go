package portal

import (
	"cmp"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"portal/internal/fault"
)

var errNoFile = fault.Invalid("file.missing")

// upload reads a form up to its file, which comes last: the fields before it, as
// form does, and the file as a stream. Without a file, or with an empty choice of
// one, the fields come with errNoFile; with a textError they come too, as form gives
// them. The file is to be read within a route that is roomy enough.
func upload(r *http.Request, field string) (url.Values, *multipart.Part, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, errUnreadable
	}
	return uploadFrom(parts, field)
}

func uploadFrom(parts *multipart.Reader, field string) (url.Values, *multipart.Part, error) {
	fields, wrong := url.Values{}, error(nil)
	for len(fields) < mostFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, nil, cmp.Or(wrong, error(errNoFile))
		}
		if err != nil {
			return nil, nil, unreadable(err)
		}
		name := part.FormName()
		if name == field {
			switch {
			case wrong != nil:
				return fields, nil, wrong
			case part.FileName() == "":
				return fields, nil, errNoFile
			}
			return fields, part, nil
		}
		read, err := io.ReadAll(io.LimitReader(part, mostBody))
		text := string(read)
		switch {
		case err != nil:
			return nil, nil, unreadable(err)
		case fields.Has(name):
			return nil, nil, errTwice
		case !plainText(text):
			text, wrong = strings.Map(plainOnly, strings.ToValidUTF8(text, "")), textError{name}
		}
		fields.Set(name, text)
	}
	return nil, nil, errUnreadable
}

// unreadable is why the body of a form could not be read.
func unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return errTooLarge
	}
	return errUnreadable
}
