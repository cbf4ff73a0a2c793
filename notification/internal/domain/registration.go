package domain

import (
	"crypto/ecdh"
	"encoding/base64"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// Bounds of a device's registration.
const (
	MaxInstallation = 128  // bytes
	MaxToken        = 4096 // bytes; no provider's are longer
	MaxEndpoint     = 2048 // bytes
	maxAppID        = 155  // bytes: Apple's limit of a bundle id
	maxAppVersion   = 64   // bytes
	minAPNsToken    = 64   // hex digits: 32 bytes, as they have been so far
	maxAPNsToken    = 200  // hex digits: Apple says that they may grow to 100 bytes
	pointLength     = 65   // bytes: an uncompressed P-256 point (RFC 8291 section 3.2)
	authLength      = 16   // bytes (RFC 8291 section 3.2)
)

// Registration is what a device says of itself, nothing checked. Which of Token
// and Subscription it has to have follows from Provider.
type Registration struct {
	Installation string
	Provider     string
	Token        string
	Subscription Subscription
	Environment  string
	AppID        string
	AppVersion   string
	Locale       string
}

// NewDevice checks r, or names what is wrong with it. A subscription's endpoint
// is a URL that we will send to, whoever named it: unless private is true it has
// to be a public one.
func NewDevice(r Registration, id DeviceID, p Principal, private bool, now time.Time) (Device, error) {
	var c check
	c.that(r.Installation != "" && len(r.Installation) <= MaxInstallation && isVisible(r.Installation),
		"installationId", "invalid_format", "must be 1 to 128 visible ASCII characters")
	c.that(len(r.AppID) <= maxAppID && consistsOf(r.AppID, small+big+digits+".-_"), "appId", "invalid_format", "must be an app's identifier")
	c.that(len(r.AppVersion) <= maxAppVersion && isPrintable(r.AppVersion), "appVersion", "invalid_format", "must be at most 64 printable ASCII characters")
	c.that(len(r.Locale) <= maxLocale && consistsOf(r.Locale, small+big+digits+"-_"), "locale", "invalid_format", "must be a language tag")
	d := Device{
		ID: id, User: p.User, Session: p.Session, Installation: r.Installation, Provider: Provider(r.Provider),
		AppID: r.AppID, AppVersion: r.AppVersion, Locale: r.Locale, CreatedAt: now, RefreshedAt: now,
	}
	switch d.Provider {
	case FCM:
		d.Token = c.fcm(r)
	case APNs:
		d.Token, d.Environment = c.apns(r)
	case WebPush:
		d.Subscription = c.webPush(r, private)
	default:
		c.that(false, "provider", "unknown_value", "must be fcm, apns or webpush")
	}
	if len(c.wrong) > 0 {
		return Device{}, fault.NewInvalid(c.wrong...)
	}
	return d, nil
}

func (c *check) fcm(r Registration) string {
	c.that(r.Subscription.Empty(), "subscription", "not_allowed", "is of webpush")
	c.that(r.Token != "", "token", "required", "must be given")
	c.that(len(r.Token) <= MaxToken && isVisible(r.Token), "token", "invalid_format", "must be a registration token of FCM")
	return r.Token
}

// apns: hex digits name the token whatever their case, so there is one form of it.
func (c *check) apns(r Registration) (string, Environment) {
	c.that(r.Subscription.Empty(), "subscription", "not_allowed", "is of webpush")
	c.that(r.Token != "", "token", "required", "must be given")
	token := strings.ToLower(r.Token)
	long := len(token) >= minAPNsToken && len(token) <= maxAPNsToken && len(token)%2 == 0
	c.that(token == "" || long && consistsOf(token, digits+"abcdef"), "token", "invalid_format", "must be a device token of APNs in hex")
	environment := Environment(r.Environment)
	c.that(environment == Production || environment == Sandbox, "environment", "unknown_value", "must be production or sandbox")
	c.that(r.AppID != "", "appId", "required", "must be given")
	return token, environment
}

func (c *check) webPush(r Registration, private bool) Subscription {
	c.that(r.Token == "", "token", "not_allowed", "is of fcm and apns")
	s := r.Subscription
	if s.Empty() {
		c.that(false, "subscription", "required", "must be given")
		return s
	}
	c.that(len(s.Endpoint) <= MaxEndpoint && EndpointAllowed(s.Endpoint, private),
		"subscription.endpoint", "invalid_format", "must be the https URL of a public push service")
	point, err := decodeKey(s.P256DH)
	if err == nil && len(point) == pointLength {
		_, err = ecdh.P256().NewPublicKey(point)
	}
	c.that(err == nil && len(point) == pointLength, "subscription.keys.p256dh", "invalid_format", "must be base64url of a P-256 point of 65 bytes")
	secret, err := decodeKey(s.Auth)
	c.that(err == nil && len(secret) == authLength, "subscription.keys.auth", "invalid_format", "must be base64url of 16 bytes")
	encode := base64.RawURLEncoding.EncodeToString
	return Subscription{Endpoint: s.Endpoint, P256DH: encode(point), Auth: encode(secret)}
}

// maxKey bounds the text of a subscription's key before it is decoded.
const maxKey = 128

func decodeKey(text string) ([]byte, error) {
	if len(text) > maxKey {
		return nil, base64.CorruptInputError(maxKey)
	}
	return base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(text, "="))
}

func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// EndpointAllowed tells whether messages may be sent to a URL that somebody has
// named. Where private is false it is no way into our own network (OWASP SSRF):
// a public name or address, by https. What a name leads to is only known when it
// is dialled; AddressAllowed is for then.
func EndpointAllowed(text string, private bool) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || !isVisible(text) {
		return false
	}
	if private {
		return u.Scheme == "https" || u.Scheme == "http"
	}
	return u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") && publicHost(strings.ToLower(u.Hostname()))
}

// publicHost refuses addresses that are not public and names that can only be
// of one's own network: a single label, and the names reserved for such use (RFC
// 6761, RFC 6762, RFC 8375). A number in another notation (0x7f.1) has no
// letters in its last label, and no public name ends so.
func publicHost(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return AddressAllowed(address)
	}
	host = strings.TrimSuffix(host, ".")
	dot := strings.LastIndexByte(host, '.')
	if dot < 1 || !consistsOf(host, small+digits+".-") {
		return false
	}
	switch last := host[dot+1:]; last {
	case "localhost", "local", "internal", "test", "invalid", "home", "lan", "arpa", "svc", "cluster":
		return false
	default:
		return strings.ContainsAny(last[:1], small)
	}
}

// AddressAllowed tells whether an address is a public one: no loopback, private,
// link-local, shared, documentation or otherwise special one (RFC 6890), in
// whichever of IPv6's ways IPv4 is written.
func AddressAllowed(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
		return false
	}
	for _, special := range specialAddresses() {
		if special.Contains(a) {
			return false
		}
	}
	return true
}

func specialAddresses() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
		netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
		netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
		netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
		netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
	}
}
