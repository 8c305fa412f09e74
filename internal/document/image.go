package document

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image/jpeg"
	"image/png"
)

// cleanJPEG takes a photograph that is whole and not too large, and drops what the
// camera wrote beside it: where and when it was taken, and by which device. Which
// way is up stays.
func cleanJPEG(b []byte, most Limits) (clean parts, err error) {
	size, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, ErrDamaged
	}
	if size.Width*size.Height > most.Pixels {
		return nil, ErrImageTooBig
	}
	const eoi, sos, app0, app1, app14, app15, comment = 0xd9, 0xda, 0xe0, 0xe1, 0xee, 0xef, 0xfe
	clean.keep(0, 2)
	turned, picture := false, false
	for i := 2; len(clean) <= mostParts; {
		from := i
		if picture { // coded picture: a marker is an FF before anything but 00 and the restarts
			for i = nextFF(b, i); i+1 < len(b) && (b[i+1] == 0 || b[i+1] >= 0xd0 && b[i+1] <= 0xd7); {
				i = nextFF(b, i+2)
			}
			clean.keep(from, min(i, len(b)))
			picture = false
		}
		for i+1 < len(b) && b[i] == 0xff && b[i+1] == 0xff {
			i++ // filling
		}
		if i+1 >= len(b) || b[i] != 0xff {
			return nil, ErrDamaged
		}
		marker := b[i+1]
		if marker == eoi {
			clean.keep(i, i+2)
			return clean, nil
		}
		if i+4 > len(b) {
			return nil, ErrDamaged
		}
		next := i + 2 + int(binary.BigEndian.Uint16(b[i+2:]))
		if next < i+4 || next > len(b) {
			return nil, ErrDamaged
		}
		switch {
		case marker == app1 && !turned:
			if way := orientation(b[i+4 : next]); way > 1 {
				clean.put(turn(way))
				turned = true
			}
		case marker == comment, marker > app0 && marker <= app15 && marker != app14:
		default:
			clean.keep(i, next)
		}
		i, picture = next, marker == sos
	}
	return nil, ErrTooComplex
}

// nextFF is where the next FF stands from i on, or the end.
func nextFF(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	if n := bytes.IndexByte(b[i:], 0xff); n >= 0 {
		return i + n
	}
	return len(b)
}

// orientation is which way up a photograph is, from 1 to 8, as the camera says in
// its Exif; 0 when it does not.
func orientation(exif []byte) uint16 {
	tiff, ok := bytes.CutPrefix(exif, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	for n := int64(order.Uint16(tiff[at:])); n > 0; n-- {
		entry := at + 2 + (n-1)*12
		if entry+12 > int64(len(tiff)) || order.Uint16(tiff[entry:]) != 0x0112 {
			continue
		}
		if way := order.Uint16(tiff[entry+8:]); way <= 8 {
			return way
		}
	}
	return 0
}

// turn is the segment that says which way up a photograph is, and nothing else.
func turn(way uint16) []byte {
	return []byte{0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
		0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(way), 0, 0, 0, 0, 0, 0}
}

// kept are the chunks of a PNG that make the picture; the others are about it.
var kept = map[string]bool{"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "gAMA": true, "cHRM": true,
	"sRGB": true, "sBIT": true, "pHYs": true}

// cleanPNG takes a scan that is whole and not too large, without the texts in it.
func cleanPNG(b []byte, most Limits) (clean parts, err error) {
	size, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, ErrDamaged
	}
	if size.Width*size.Height > most.Pixels {
		return nil, ErrImageTooBig
	}
	const head = 8
	clean.keep(0, head)
	for i := head; i+12 <= len(b) && len(clean) <= mostParts; {
		next := int64(i) + 12 + int64(binary.BigEndian.Uint32(b[i:]))
		if next > int64(len(b)) {
			return nil, ErrDamaged
		}
		chunk, name := b[i:next], string(b[i+4:i+8])
		if crc32.ChecksumIEEE(chunk[4:len(chunk)-4]) != binary.BigEndian.Uint32(chunk[len(chunk)-4:]) {
			return nil, ErrDamaged
		}
		if kept[name] {
			clean.keep(i, int(next))
		}
		if name == "IEND" {
			return clean, nil
		}
		i = int(next)
	}
	if len(clean) > mostParts {
		return nil, ErrTooComplex
	}
	return nil, ErrDamaged
}
