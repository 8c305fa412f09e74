package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"portal/internal/document"
	"portal/internal/login"
	"portal/internal/voucher"
)

// Database is where the data are.
type Database struct {
	URL string `name:"database-url" env:"DATABASE_URL" help:"PostgreSQL. Also read from the file DATABASE_URL_FILE. Empty in the demo: a server of its own."`
}

// Config is what the portal is told at its start.
type Config struct {
	Database
	Addr          string         `env:"PORTAL_ADDR" default:"localhost:8080" help:"Where to listen. Port 0 takes a free one."`
	URL           string         `env:"PORTAL_URL" help:"The address people use, https outside the demo. Empty: http:// and the address."`
	Proxies       []netip.Prefix `env:"PORTAL_PROXIES" placeholder:"NET" help:"net/bits,…: the proxies in front. The register of acts keeps the address that they forward in X-Forwarded-For. Empty: nobody stands in front, and that header counts for nothing."`
	MetricsAddr   string         `env:"PORTAL_METRICS_ADDR" help:"Where to serve Prometheus metrics at /metrics. Empty: nowhere."`
	DataDir       string         `env:"PORTAL_DATA_DIR" default:"./var" help:"The demo's database, keys and mails."`
	PGBin         string         `name:"pg-bin" env:"PORTAL_PG_BIN" help:"Demo: folder of PostgreSQL's programs. Empty: found."`
	CodeKey       string         `env:"PORTAL_CODE_KEY" help:"Master key of the voucher codes: 32 bytes in base64. Also PORTAL_CODE_KEY_FILE. Made once in the demo."`
	DocumentKey   string         `name:"document-key" env:"PORTAL_DOCUMENT_KEY" help:"Master key of the papers that people hand in: 32 bytes in base64. Also PORTAL_DOCUMENT_KEY_FILE. Made once in the demo."`
	SigningKey    string         `name:"signing-key" env:"PORTAL_SIGNING_KEY" help:"Key that signs the published rankings of the indemnity: the 32 bytes of an Ed25519 seed in base64. Also PORTAL_SIGNING_KEY_FILE. Made once in the demo."`
	Issuer        string         `env:"OIDC_ISSUER" help:"The broker's address. Empty in the demo: a broker of its own."`
	ClientID      string         `name:"client-id" env:"OIDC_CLIENT_ID" help:"This portal at the broker."`
	Secret        string         `name:"client-secret" env:"OIDC_CLIENT_SECRET" help:"Its secret. Also OIDC_CLIENT_SECRET_FILE."`
	Scopes        []string       `env:"OIDC_SCOPES" default:"openid,profile,email" help:"What to ask the broker for."`
	ACRValues     string         `name:"acr-values" env:"OIDC_ACR_VALUES" default:"https://www.spid.gov.it/SpidL2" help:"The level to ask for: one value, or a list by preference where the broker takes one."`
	MinLevel      int            `env:"OIDC_MIN_LEVEL" default:"2" help:"The least level of a login."`
	Levels        login.Levels   `name:"acr-levels" placeholder:"LEVELS" env:"OIDC_ACR_LEVELS" help:"acr=level,…: what the broker's acr are worth. Empty: those of SPID, CIE and eIDAS."`
	Claims        login.Claims   `env:"OIDC_CLAIMS" help:"attribute=claim|claim;…: where the broker sends fiscal_code, given_name, family_name, birthdate, email. Empty: the names of the national rules and of the brokers in use."`
	SMTP          string         `name:"smtp-url" env:"SMTP_URL" help:"Outgoing mail: smtp://user:password@host:port. Also SMTP_URL_FILE. Empty: .eml files in the data directory."`
	MailFrom      string         `env:"PORTAL_MAIL_FROM" default:"Portale contributi <non-rispondere@example.org>" help:"The sender of mails."`
	Now           string         `env:"PORTAL_NOW" help:"Demo and tests: an RFC 3339 instant at which the clock starts."`
	Drain         time.Duration  `env:"PORTAL_DRAIN" default:"5s" help:"How long /readyz says no at a stop before the doors close, so that balancers look elsewhere. In the demo not at all."`
	ISEEFile      string         `name:"isee-file" env:"PORTAL_ISEE_FILE" help:"The register of ISEE, as CSV. Empty in the demo: a made-up one; elsewhere nobody's ISEE can be asked."`
	HomesFile     string         `name:"residence-file" env:"PORTAL_RESIDENCE_FILE" help:"The register of residents, as CSV. Empty in the demo: a made-up one; elsewhere nobody's residence can be asked."`
	BanksFile     string         `name:"accounts-file" env:"PORTAL_ACCOUNTS_FILE" help:"What the banks say of accounts, as CSV. Empty in the demo: made-up ones; elsewhere no bank can be asked."`
	MembersFile   string         `name:"members-file" env:"PORTAL_MEMBERS_FILE" help:"The register of the members of ENPAP, as CSV. Empty in the demo: a made-up one; elsewhere no member can be asked."`
	PositionsFile string         `name:"contributions-file" env:"PORTAL_CONTRIBUTIONS_FILE" help:"What members owe, as CSV. Empty in the demo: made-up; elsewhere no position can be asked."`
	Clamd         string         `env:"PORTAL_CLAMD" help:"ClamAV's clamd, which looks for malware in the papers that people hand in: host:port, or the path of its socket. While it is silent no paper is taken. Empty: nobody looks."`
	DebtorName    string         `name:"debtor-name" env:"PORTAL_DEBTOR_NAME" default:"Istituto Nazionale Previdenza Sociale" help:"Who pays, as the files for the bank say it."`
	DebtorIBAN    string         `name:"debtor-iban" env:"PORTAL_DEBTOR_IBAN" default:"IT70L0100003245350200020350" help:"The account from which is paid. The default is the one of the Treasury that DM 24.11.2023, art. 5, prints."`
	WelfareName   string         `name:"welfare-debtor-name" env:"PORTAL_WELFARE_DEBTOR_NAME" default:"Ente Nazionale di Previdenza ed Assistenza per gli Psicologi" help:"Who pays the indemnity, as the files for the bank say it."`
	WelfareIBAN   string         `name:"welfare-debtor-iban" env:"PORTAL_WELFARE_DEBTOR_IBAN" help:"The account from which the indemnity is paid. Empty in the demo: a made-up one; elsewhere no run of the indemnity can be sent."`
	LogLevel      slog.Level     `env:"PORTAL_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
	Demo          bool           `env:"PORTAL_DEMO" help:"Everything embedded: own database, own broker, made-up people."`
	BrokerAddr    string         `env:"PORTAL_BROKER_ADDR" default:"localhost:8081" help:"Demo: where its broker listens. Port 0 takes a free one."`

	moving func() time.Time `kong:"-"` // the clock of a portal under test
}

// check refuses what must not reach people: a portal or a broker without https,
// a moved clock, a missing key. In the demo all of that is allowed, but not an
// address to which no path can be added.
func (c Config) check() error {
	var wrong []error
	if c.URL != "" && !origin(c.URL) {
		wrong = append(wrong, fmt.Errorf("PORTAL_URL is not scheme://host or scheme://host:port, with nothing after it, not even a slash: %s", c.URL))
	}
	if c.Demo {
		return errors.Join(wrong...)
	}
	missing := func(value, name string) {
		if value == "" {
			wrong = append(wrong, fmt.Errorf("%s is not set", name))
		}
	}
	missing(c.Database.URL, "DATABASE_URL")
	missing(c.CodeKey, "PORTAL_CODE_KEY")
	missing(c.DocumentKey, "PORTAL_DOCUMENT_KEY")
	missing(c.SigningKey, "PORTAL_SIGNING_KEY")
	missing(c.Issuer, "OIDC_ISSUER")
	missing(c.ClientID, "OIDC_CLIENT_ID")
	missing(c.URL, "PORTAL_URL")
	private := func(address, name string) {
		if address != "" && !public(address) {
			wrong = append(wrong, fmt.Errorf("%s is not an https address that people can reach: %s", name, address))
		}
	}
	private(c.URL, "PORTAL_URL")
	private(c.Issuer, "OIDC_ISSUER")
	if c.Now != "" {
		wrong = append(wrong, errors.New("PORTAL_NOW moves the clock: it is for the demo"))
	}
	return errors.Join(wrong...)
}

// origin tells whether an address is one to which paths can be added.
func origin(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && address == u.Scheme+"://"+u.Host
}

// public tells whether an address is https and not this machine's own.
func public(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}

// keys opens the master key of the codes.
func (c Config) keys() (voucher.Keys, error) {
	master, err := base64.StdEncoding.DecodeString(strings.TrimSpace(c.CodeKey))
	if err != nil {
		return voucher.Keys{}, fmt.Errorf("PORTAL_CODE_KEY: %w", err)
	}
	return voucher.NewKeys(master)
}

// papers opens the master key of the papers.
func (c Config) papers() (document.Keys, error) {
	master, err := base64.StdEncoding.DecodeString(strings.TrimSpace(c.DocumentKey))
	if err != nil {
		return document.Keys{}, fmt.Errorf("PORTAL_DOCUMENT_KEY: %w", err)
	}
	return document.NewKeys(master)
}

// signing opens the key that signs publications.
func (c Config) signing() (ed25519.PrivateKey, error) {
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(c.SigningKey))
	if err == nil && len(seed) != ed25519.SeedSize {
		err = fmt.Errorf("the seed has %d bytes: it needs %d", len(seed), ed25519.SeedSize)
	}
	if err != nil {
		return nil, fmt.Errorf("PORTAL_SIGNING_KEY: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// clock is the time of the portal: the machine's, or one that starts at Now.
func (c Config) clock() (func() time.Time, error) {
	if c.moving != nil {
		return c.moving, nil
	}
	if c.Now == "" {
		return time.Now, nil
	}
	from, err := time.Parse(time.RFC3339, c.Now)
	if err != nil {
		return nil, fmt.Errorf("PORTAL_NOW: %w", err)
	}
	started := time.Now()
	return func() time.Time { return from.Add(time.Since(started)) }, nil
}
