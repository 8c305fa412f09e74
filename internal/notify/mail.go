package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/wneessen/go-mail"
)

// ErrRefused says that a mail server will never take a mail, however often it is
// offered: an answer that begins with 5 (RFC 5321 §4.2.1).
var ErrRefused = errors.New("refused for good")

// Mailer sends e-mails. An error that is not ErrRefused may pass with time.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// Mail is an e-mail in plain text. Its id makes a second sending of the same mail
// recognisable to whoever receives it.
type Mail struct {
	ID      string
	To      string // an address, or several with commas between them
	Subject string
	Text    string
	At      time.Time
}

// NewMailer is the mailer of an address such as smtp://user:password@host:587;
// without one, mails become .eml files in a folder. The sender is an address of
// the portal's own.
func NewMailer(smtp, folder, from string) (Mailer, error) {
	if smtp == "" {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("folder of mails: %w", err)
		}
		return files{folder, from}, nil
	}
	u, err := url.Parse(smtp)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, fmt.Errorf("SMTP_URL is not smtp://host:port or smtps://host:port")
	}
	options := []mail.Option{mail.WithTimeout(10 * time.Second), mail.WithTLSPortPolicy(mail.TLSOpportunistic)}
	if u.Scheme == "smtps" {
		options = append(options, mail.WithSSLPort(false))
	}
	if u.Port() != "" {
		var port int
		if _, err := fmt.Sscan(u.Port(), &port); err != nil {
			return nil, fmt.Errorf("SMTP_URL: port: %w", err)
		}
		options = append(options, mail.WithPort(port))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	client, err := mail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	return server{client, from}, nil
}

func compose(m Mail, from string) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.From(from); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if err := msg.ToFromString(m.To); err != nil {
		return nil, fmt.Errorf("mail %s: recipient", m.ID) // the address stays out of logs
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.At)
	msg.SetMessageIDWithValue(m.ID + "@portal")
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("Content-Language", "it")
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	return msg, nil
}

type server struct {
	client *mail.Client
	from   string
}

func (s server) Send(ctx context.Context, m Mail) error {
	msg, err := compose(m, s.from)
	if err != nil {
		return err
	}
	err = s.client.DialAndSendWithContext(ctx, msg)
	var refused *mail.SendError
	switch {
	case msg.IsDelivered(): // whatever came after that: it is not to be sent again
		return nil
	case errors.As(err, &refused) && refused.ErrorCode() >= 500:
		return fmt.Errorf("mail %s: %s: the server answers %d: %w", m.ID, refused.Reason, refused.ErrorCode(), ErrRefused)
	case errors.As(err, &refused): // whose text names the recipient
		return fmt.Errorf("mail %s: %s: the server answers %d", m.ID, refused.Reason, refused.ErrorCode())
	case err != nil:
		return fmt.Errorf("mail %s: %w", m.ID, err)
	}
	return nil
}

type files struct{ folder, from string }

func (f files) Send(_ context.Context, m Mail) error {
	msg, err := compose(m, f.from)
	if err != nil {
		return err
	}
	return msg.WriteToFile(filepath.Join(f.folder, m.ID+".eml"))
}
