package domain_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

func subscription(t *testing.T, endpoint string) domain.Subscription {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return domain.Subscription{
		Endpoint: endpoint, P256DH: base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()),
		Auth: base64.RawURLEncoding.EncodeToString(make([]byte, 16)),
	}
}

func register(r domain.Registration) (domain.Device, []string) {
	p := domain.Principal{User: "01890a5d-ac96-774b-bcce-b302099a8057", Session: "s"}
	d, err := domain.NewDevice(r, "01890a5d-ac96-774b-bcce-b302099a8058", p, false, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	var wrong []string
	if f, ok := errors.AsType[*fault.Error](err); ok {
		for _, field := range f.Fields {
			wrong = append(wrong, field.Field+" "+field.Code)
		}
	}
	return d, wrong
}

func TestADeviceIsTakenAsItsProviderKnowsIt(t *testing.T) {
	t.Parallel()
	apple := strings.Repeat("AB", 32)
	browser := subscription(t, "https://updates.push.example.org/wpush/v2/abc")
	for name, r := range map[string]domain.Registration{
		"fcm":               {Installation: "i", Provider: "fcm", Token: "dQw4:APA91b_-"},
		"apns":              {Installation: "i", Provider: "apns", Token: apple, Environment: "sandbox", AppID: "org.example.app"},
		"webpush":           {Installation: "i", Provider: "webpush", Subscription: browser},
		"with all there is": {Installation: "i-1", Provider: "fcm", Token: "t", AppID: "org.example", AppVersion: "1.2 (3)", Locale: "pt-BR"},
	} {
		d, wrong := register(r)
		if len(wrong) > 0 {
			t.Errorf("%s is refused: %v", name, wrong)
		}
		if d.Address() == "" || d.Target().Channel != domain.Push || d.Target().Device != d.ID {
			t.Errorf("%s cannot be reached at %+v", name, d.Target())
		}
	}
	if d, _ := register(domain.Registration{Installation: "i", Provider: "apns", Token: apple, Environment: "production", AppID: "a"}); d.Token != strings.ToLower(apple) {
		t.Errorf("the token has two forms: %s", d.Token)
	}
	padded := browser
	padded.Auth += "=="
	if d, wrong := register(domain.Registration{Installation: "i", Provider: "webpush", Subscription: padded}); len(wrong) > 0 || d.Subscription != browser {
		t.Errorf("padding changes the device: %v", wrong)
	}
}

func TestADeviceThatCannotBeReachedIsRefusedByField(t *testing.T) {
	t.Parallel()
	good := subscription(t, "https://push.example.org/x")
	with := func(change func(*domain.Subscription)) domain.Registration {
		s := good
		change(&s)
		return domain.Registration{Installation: "i", Provider: "webpush", Subscription: s}
	}
	offCurve := make([]byte, 65)
	offCurve[0] = 4
	hex64 := strings.Repeat("0a", 32)
	for name, c := range map[string]struct {
		r    domain.Registration
		want string
	}{
		"nothing":             {domain.Registration{}, "installationId invalid_format,provider unknown_value"},
		"another provider":    {domain.Registration{Installation: "i", Provider: "FCM", Token: "t"}, "provider unknown_value"},
		"a blank in the name": {domain.Registration{Installation: "i i", Provider: "fcm", Token: "t"}, "installationId invalid_format"},
		"long texts": {
			domain.Registration{Installation: strings.Repeat("i", 129), Provider: "fcm", Token: strings.Repeat("t", 4097), AppID: strings.Repeat("a", 156), AppVersion: strings.Repeat("1", 65), Locale: strings.Repeat("e", 36)},
			"installationId invalid_format,appId invalid_format,appVersion invalid_format,locale invalid_format,token invalid_format",
		},
		"fcm without a token":          {domain.Registration{Installation: "i", Provider: "fcm"}, "token required"},
		"fcm with a subscription":      {domain.Registration{Installation: "i", Provider: "fcm", Token: "t", Subscription: good}, "subscription not_allowed"},
		"apns without anything":        {domain.Registration{Installation: "i", Provider: "apns"}, "token required,environment unknown_value,appId required"},
		"apns, no hex":                 {domain.Registration{Installation: "i", Provider: "apns", Token: "x" + hex64[1:], Environment: "sandbox", AppID: "a"}, "token invalid_format"},
		"apns, half a byte":            {domain.Registration{Installation: "i", Provider: "apns", Token: hex64 + "a", Environment: "sandbox", AppID: "a"}, "token invalid_format"},
		"apns, short":                  {domain.Registration{Installation: "i", Provider: "apns", Token: "ab", Environment: "sandbox", AppID: "a"}, "token invalid_format"},
		"apns, an app with a newline":  {domain.Registration{Installation: "i", Provider: "apns", Token: hex64, Environment: "sandbox", AppID: "a\nb"}, "appId invalid_format"},
		"webpush without subscription": {domain.Registration{Installation: "i", Provider: "webpush"}, "subscription required"},
		"webpush with a token":         {domain.Registration{Installation: "i", Provider: "webpush", Token: "t", Subscription: good}, "token not_allowed"},
		"a short point":                {with(func(s *domain.Subscription) { s.P256DH = s.P256DH[:80] }), "subscription.keys.p256dh invalid_format"},
		"a point off the curve":        {with(func(s *domain.Subscription) { s.P256DH = base64.RawURLEncoding.EncodeToString(offCurve) }), "subscription.keys.p256dh invalid_format"},
		"a secret of 15 bytes":         {with(func(s *domain.Subscription) { s.Auth = base64.RawURLEncoding.EncodeToString(offCurve[:15]) }), "subscription.keys.auth invalid_format"},
		"a long endpoint":              {with(func(s *domain.Subscription) { s.Endpoint += strings.Repeat("x", 2048) }), "subscription.endpoint invalid_format"},
	} {
		if _, wrong := register(c.r); strings.Join(wrong, ",") != c.want {
			t.Errorf("%s: %v, want %s", name, wrong, c.want)
		}
	}
}

func TestAnEndpointIsNoWayIntoOurOwnNetwork(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"https://fcm.googleapis.com/fcm/send/x", "https://web.push.apple.com/x", "https://updates.push.services.mozilla.com/wpush/v2/x",
		"https://push.example.org:443/x?y=z", "https://8.8.8.8/x", "https://[2a00:1450:4001::1]/x",
	} {
		if !domain.EndpointAllowed(good, false) {
			t.Errorf("%s is refused", good)
		}
	}
	for _, bad := range []string{
		"", "x", "//push.example.org/x", "http://push.example.org/x", "ftp://push.example.org/x", "https://", "https:///x",
		"https://user:secret@push.example.org/x", "https://push.example.org/x#y", "https://push.example.org:8443/x", "https://push.example.org/ x",
		"https://localhost/x", "https://LOCALHOST./x", "https://redis/x", "https://redis.svc.cluster.local/x", "https://a.localhost/x", "https://metadata.google.internal/x",
		"https://127.0.0.1/x", "https://127.1/x", "https://0x7f.0.0.1/x", "https://2130706433/x", "https://0/x", "https://[::1]/x", "https://[::ffff:127.0.0.1]/x",
		"https://10.0.0.1/x", "https://192.168.1.1/x", "https://172.16.0.1/x", "https://169.254.169.254/x", "https://100.64.0.1/x", "https://[fd00::1]/x",
		"https://[fe80::1]/x", "https://[fe80::1%25eth0]/x", "https://[64:ff9b::7f00:1]/x", "https://[2002:7f00:1::]/x", "https://0.0.0.0/x", "https://224.0.0.1/x", "https://255.255.255.255/x",
	} {
		if domain.EndpointAllowed(bad, false) {
			t.Errorf("%q is allowed", bad)
		}
	}
	if !domain.EndpointAllowed("http://127.0.0.1:4000/x", true) || domain.EndpointAllowed("file:///etc/passwd", true) {
		t.Error("where private ones are allowed, those of http are and others are not")
	}
}

func TestAnAddressIsTheSameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))
		plain := netip.AddrFrom4(raw)
		mapped := netip.AddrFrom16(plain.As16())
		if domain.AddressAllowed(plain) != domain.AddressAllowed(mapped) {
			t.Fatalf("%s and %s differ", plain, mapped)
		}
	})
}

func TestNoTextMakesADevicePanic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		_, _ = register(domain.Registration{
			Installation: text.Draw(t, "installation"), Provider: rapid.SampledFrom([]string{"fcm", "apns", "webpush"}).Draw(t, "provider"),
			Token: text.Draw(t, "token"), AppID: text.Draw(t, "app"),
			Subscription: domain.Subscription{Endpoint: "https://" + text.Draw(t, "endpoint"), P256DH: text.Draw(t, "p256dh"), Auth: text.Draw(t, "auth")},
		})
	})
}
