package portal_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"io"
	"slices"
	"strings"
	"testing"
)

// pdfOf is a PDF with these objects, numbered from 1.
func pdfOf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}

const (
	pdfCatalog = "<< /Type /Catalog /Pages 2 0 R >>"
	pdfPages   = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
	pdfPage    = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
)

// padded is a PDF of so many bytes.
func padded(size int) []byte {
	b := pdfOf(pdfCatalog, pdfPages, pdfPage)
	return append(b, bytes.Repeat([]byte("\n"), size-len(b))...)
}

// bomb is a stream that becomes so many zeros.
func bomb(size int64) string {
	sum := binary.BigEndian.AppendUint32(nil, uint32(size%65521)<<16|1) // Adler-32 of zeros
	b := slices.Concat([]byte{0x78, 0x01}, deflated(size), sum)
	return fmt.Sprintf("<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", len(b), b)
}

// archive is a ZIP with one file of so many zeros.
func archive(name string, size int64) []byte {
	h := crc32.NewIEEE()
	_, _ = io.CopyN(h, zeros{}, size)
	content := deflated(size)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: h.Sum32(), CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(size)})
	_, _ = w.Write(content)
	_ = z.Close()
	return b.Bytes()
}

// deflated is so many zeros. After zeros, a megabyte of them is always written alike.
func deflated(size int64) []byte {
	const megabyte = 1 << 20
	var b bytes.Buffer
	z, _ := flate.NewWriter(&b, flate.BestSpeed)
	add := func(n int64) []byte {
		from := b.Len()
		_, _ = io.CopyN(z, zeros{}, n)
		_ = z.Flush()
		return bytes.Clone(b.Bytes()[from:])
	}
	add(size % megabyte)
	if whole := int(size / megabyte); whole > 0 {
		add(megabyte)
		again := add(megabyte)
		b.Truncate(b.Len() - len(again))
		b.Write(bytes.Repeat(again, whole-1))
	}
	_ = z.Close()
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestABombIsAsLargeAsItSays(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 10, 1 << 20, 5<<20 + 7} {
		_, stream, _ := strings.Cut(bomb(size), "stream\n")
		r, err := zlib.NewReader(strings.NewReader(stream))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r); n != size || err != nil {
			t.Errorf("a stream of %d bytes for %d: %v", n, size, err)
		}
		b := archive("zeri", size)
		files, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		f, err := files.File[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, f); n != size || err != nil {
			t.Errorf("an archive of %d bytes for %d: %v", n, size, err)
		}
	}
}

// photograph is a JPEG that says where it was taken.
func photograph() []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 20)), nil)
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00GPS 45.4642 N"
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	return slices.Concat(b.Bytes()[:2], segment, []byte(exif), b.Bytes()[2:])
}

// wide is a JPEG whose header claims a side that nobody drew.
func wide(side uint16) []byte {
	b := photograph()
	at := bytes.Index(b, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(b[at+5:], side)
	binary.BigEndian.PutUint16(b[at+7:], side)
	return b
}

// eicar is in two parts, so that nobody's scanner objects to this file.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

func encrypted(filter string) []byte {
	return bytes.Replace(pdfOf(pdfCatalog, pdfPages, pdfPage, filter), []byte("/Root 1 0 R"), []byte("/Root 1 0 R /Encrypt 4 0 R"), 1)
}

func tenThousandPages() []byte {
	return pdfOf(append([]string{pdfCatalog, pdfPages}, slices.Repeat([]string{pdfPage}, 10_000)...)...)
}
