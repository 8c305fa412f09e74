package portal

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"

	"portal/internal/fault"
)

var errNoFile = fault.Invalid("file.missing")

// upload reads a form up to its file, which comes last: the fields before it, as
// form does, and the file as a stream. Without a file, or with an empty choice of
// one, the fields come with errNoFile. The file is to be read within a route that
// is roomy enough.
func upload(r *http.Request, field string) (url.Values, *multipart.Part, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, errUnreadable
	}
	return uploadFrom(parts, field)
}

func uploadFrom(parts *multipart.Reader, field string) (url.Values, *multipart.Part, error) {
	fields := url.Values{}
	for len(fields) < mostFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, nil, errNoFile
		}
		if err != nil {
			return nil, nil, unreadable(err)
		}
		name := part.FormName()
		if name == field {
			if part.FileName() == "" {
				return fields, nil, errNoFile
			}
			return fields, part, nil
		}
		text, err := io.ReadAll(io.LimitReader(part, mostBody))
		switch {
		case err != nil:
			return nil, nil, unreadable(err)
		case fields.Has(name):
			return nil, nil, errTwice
		case !plainText(string(text)):
			return nil, nil, textError{name}
		}
		fields.Set(name, string(text))
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
