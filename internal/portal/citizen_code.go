package portal

import (
	"fmt"
	"image/color"
	"net/http"
	"strconv"

	"github.com/boombuler/barcode/qr"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

// citizenCodeCard is the card with the code, to print. Each time it is opened
// stands in the register. A code that cannot be used any more has no card.
func (p *Portal) citizenCodeCard(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	if !usable(file, calendar.On(p.Now())) {
		return goTo(w, r, applicationPath(file.Application.ID), nil)
	}
	code, err := p.Vouchers.Code(file)
	if err != nil {
		return err
	}
	square, err := squareOf(code)
	if err != nil {
		return err
	}
	who := actor(r)
	if err := p.Vouchers.See(r.Context(), audit.Entry{
		At: p.Now(), Actor: who, Action: voucher.CodeShown, Subject: string(file.Voucher.ID), About: who.For,
	}); err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title, f.HeadTitle = f.T("citizen.card.title"), f.T("citizen.card.head")
	f.Path = casePath(f, file, ui.Crumb{Text: f.T("citizen.card.head")})
	f.Back = &ui.Link{Text: f.T("citizen.back"), URL: applicationPath(file.Application.ID) + "/" + sessionsTab}
	return p.show(w, r, citizen.Code(citizen.CodePage{
		Frame: f, Name: holderName(r), Code: code.String(), Square: square, LastDay: file.Voucher.Terms.LastDay,
	}))
}

// quietZone is the white margin that readers need around a QR code, in modules.
const quietZone = 4

// squareOf draws a code, and nothing else, as the path of a QR code: each run of
// dark modules in a row is a rectangle.
func squareOf(code voucher.Code) (citizen.Square, error) {
	drawn, err := qr.Encode(string(code), qr.M, qr.AlphaNumeric)
	if err != nil {
		return citizen.Square{}, fmt.Errorf("draw a code: %w", err)
	}
	side := drawn.Bounds().Dx()
	var path []byte
	for y := range side {
		for x := 0; x < side; x++ {
			run := 0
			for x+run < side && drawn.At(x+run, y) == color.Black {
				run++
			}
			if run == 0 {
				continue
			}
			path = append(path, 'M')
			path = strconv.AppendInt(path, int64(x+quietZone), 10)
			path = append(path, ' ')
			path = strconv.AppendInt(path, int64(y+quietZone), 10)
			path = append(path, 'h')
			path = strconv.AppendInt(path, int64(run), 10)
			path = append(path, "v1h-"...)
			path = strconv.AppendInt(path, int64(run), 10)
			path = append(path, 'z')
			x += run
		}
	}
	return citizen.Square{Side: side + 2*quietZone, Path: string(path)}, nil
}
