package portal

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"portal/internal/auditor"
	"portal/internal/export"
	"portal/web/ui"
)

// auditLogTake is what a search of the register finds, as a file with its signature.
func (p *Portal) auditLogTake(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	ask, errs := logAsk(q)
	if len(errs) > 0 {
		return goTo(w, r, auditLogPath, keptFilters(q, logFilters))
	}
	lines, err := p.Register.Take(r.Context(), actor(r), ask)
	if err != nil {
		return err
	}
	table, err := logTable(lines)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(table)
	statement := "registro.csv sha256 " + hex.EncodeToString(digest[:])
	signature, key := p.Register.SignText(statement)
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for _, part := range []struct {
		name string
		text []byte
	}{
		{"registro.csv", table},
		{"firma.txt", []byte(statement + "\nEd25519 " + base64.StdEncoding.EncodeToString(signature) + "\nchiave " + base64.StdEncoding.EncodeToString(key) + "\n")},
	} {
		entry, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: p.Now()})
		if err != nil {
			return err
		}
		if _, err := entry.Write(part.text); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="registro.zip"`)
	w.Header().Set("Content-Length", strconv.Itoa(file.Len()))
	_, _ = w.Write(file.Bytes()) // the reader may have gone
	return nil
}

// logTable is entries of the register as a table.
func logTable(lines []auditor.Line) ([]byte, error) {
	var f ui.Frame
	var columns []export.Column
	for _, key := range []string{"number", "at", "who", "role", "for", "action", "word", "changes", "about", "subject", "request", "address", "sealed"} {
		columns = append(columns, export.Column{Key: key, Title: f.T("log.file." + key)})
	}
	var table bytes.Buffer
	file, err := export.New(export.CSV, &table, columns)
	if err != nil {
		return nil, err
	}
	defer file.Discard()
	for _, l := range lines {
		var changes []string
		for _, c := range l.Changes {
			changes = append(changes, changeText(f, c))
		}
		address := ""
		if l.Address.IsValid() {
			address = l.Address.String()
		}
		if err := file.Row(strconv.FormatInt(l.ID, 10), l.At, l.Who.Name(), roleText(f, l.Role), l.For, actionText(f, l.Action), string(l.Action), strings.Join(changes, "; "), l.About.Name(),
			l.Subject, l.Request, address, l.Sealed); err != nil {
			return nil, err
		}
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	return table.Bytes(), nil
}
