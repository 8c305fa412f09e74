package portal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// loginCodec writes a login session as its deadline and pairs of texts and
// numbers. It holds nothing else, and is read at each request: the general
// encoding of the library costs more than the page.
type loginCodec struct{}

var errLoginData = errors.New("login session: unreadable data")

const (
	textValue   = 't'
	numberValue = 'n'
)

// Encode is called by scs.
func (loginCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	b := binary.AppendVarint(nil, deadline.UnixNano())
	for k, v := range values {
		b = appendText(b, k)
		switch v := v.(type) {
		case string:
			b = appendText(append(b, textValue), v)
		case int64:
			b = binary.AppendVarint(append(b, numberValue), v)
		default:
			return nil, fmt.Errorf("login session: %s is a %T, neither a text nor a number", k, v)
		}
	}
	return b, nil
}

// Decode is called by scs.
func (loginCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	deadline, b, err := cutNumber(b)
	values := make(map[string]any, 8)
	for len(b) > 0 && err == nil {
		var k, v string
		var n int64
		if k, b, err = cutText(b); err != nil || len(b) == 0 {
			return time.Time{}, nil, errLoginData
		}
		kind := b[0]
		switch kind {
		case textValue:
			v, b, err = cutText(b[1:])
			values[k] = v
		case numberValue:
			n, b, err = cutNumber(b[1:])
			values[k] = n
		default:
			err = errLoginData
		}
	}
	if err != nil {
		return time.Time{}, nil, err
	}
	return time.Unix(0, deadline), values, nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func cutText(b []byte) (string, []byte, error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", nil, errLoginData
	}
	end := size + int(n)
	return string(b[size:end]), b[end:], nil
}

func cutNumber(b []byte) (int64, []byte, error) {
	n, size := binary.Varint(b)
	if size <= 0 {
		return 0, nil, errLoginData
	}
	return n, b[size:], nil
}
