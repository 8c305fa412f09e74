package pages

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"slices"

	"portal/internal/document"
)

const quality = 88 // of a page in colours, as a JPEG

// encode is a page as a file, on white: what was written in black is exact and small as a
// PNG in greys; photographs and stamps, in colours, are a JPEG.
func encode(m *image.NRGBA) (Image, error) {
	page := Image{Type: document.PNG, Width: m.Rect.Dx(), Height: m.Rect.Dy()}
	onWhite(m.Pix)
	var out bytes.Buffer
	var err error
	if grey, ok := inGreys(m.Pix); ok {
		fast := png.Encoder{CompressionLevel: png.BestSpeed}
		err = fast.Encode(&out, &image.Gray{Pix: grey, Stride: page.Width, Rect: m.Rect})
	} else {
		page.Type = document.JPEG
		err = jpeg.Encode(&out, &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}, &jpeg.Options{Quality: quality})
	}
	if err != nil {
		return Image{}, fmt.Errorf("file of a page: %w", err)
	}
	page.Content = out.Bytes()
	return page, nil
}

// onWhite puts pixels of four bytes, the last of which is how much the others cover, on
// white paper.
func onWhite(pixels []byte) {
	for p := range slices.Chunk(pixels, 4) {
		if covers := int(p[3]); covers < 255 {
			for i, c := range p[:3] {
				p[i] = byte((int(c)*covers + 255*(255-covers)) / 255)
			}
			p[3] = 255
		}
	}
}

// inGreys are pixels without a colour, one byte each; not ok where one has a colour.
func inGreys(pixels []byte) (grey []byte, ok bool) {
	grey = make([]byte, 0, len(pixels)/4)
	for p := range slices.Chunk(pixels, 4) {
		if p[0] != p[1] || p[1] != p[2] {
			return nil, false
		}
		grey = append(grey, p[0])
	}
	return grey, true
}
