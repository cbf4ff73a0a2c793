package domain_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/loveapp/backend/auth/internal/domain"
)

func fuzzKeys(f *testing.F) domain.Keys {
	f.Helper()
	keys, err := domain.NewKeys("a secret of the fuzzer")
	if err != nil {
		f.Fatal(err)
	}
	return keys
}

func FuzzParseEmail(f *testing.F) {
	for _, seed := range []string{"ana@example.org", " Ana@EXAMPLE.org ", "\u212aate@example.org", "a@b\u3002c", "stra\u00dfe@b\u00fccher.example", "a\x00@b.c", "@", "a@b", "\"q\"@b.c", "a@[127.0.0.1]", "a@xn--.c", strings.Repeat("a", 65) + "@b.c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		email, refusal := domain.ParseEmail(raw)
		if refusal != nil {
			return
		}
		again, refusal := domain.ParseEmail(string(email))
		if refusal != nil || again != email {
			t.Errorf("%q is %q, which is %q %v", raw, email, again, refusal)
		}
		if strings.ContainsAny(string(email), "\r\n\x00 ,;<>") || len(email) > 254 || !utf8.ValidString(string(email)) || strings.Count(string(email), "@") != 1 {
			t.Errorf("%q is %q", raw, email)
		}
	})
}

func FuzzParsePhone(f *testing.F) {
	for _, seed := range []string{"+4915112345678", "+0", "004915112345678", "+49 151", "+\u0664\u0669", "+12345678901234567", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		phone, refusal := domain.ParsePhone(raw)
		if refusal == nil && (phone != raw || len(phone) < 8 || len(phone) > 16 || phone[0] != '+' || strings.Trim(phone[1:], "0123456789") != "") {
			t.Errorf("%q is %q", raw, phone)
		}
	})
}

func FuzzParseRefreshToken(f *testing.F) {
	keys := fuzzKeys(f)
	session := domain.Session{ID: "018f0000-0000-7000-8000-000000000001", Salt: []byte("salt")}
	good := keys.RefreshToken(session, 7)
	for _, seed := range []string{good, good + "A", good[:len(good)-1], strings.Replace(good, ".7.", ".07.", 1), strings.Replace(good, ".7.", ".8.", 1), "lrt...", "", strings.ToUpper(good)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		token, ok := domain.ParseRefreshToken(raw)
		if !ok {
			return
		}
		if issued := keys.Issued(token, session); issued && raw != keys.RefreshToken(session, token.Generation) {
			t.Errorf("%q passes for ours", raw)
		}
	})
}

func FuzzParseLinkToken(f *testing.F) {
	keys := fuzzKeys(f)
	token := domain.OneTimeToken{ID: "018f0000-0000-7000-8000-000000000001", User: "018f0000-0000-7000-8000-000000000002", Purpose: domain.VerifyEmail, Address: "ana@example.org"}
	good := keys.LinkToken(token)
	for _, seed := range []string{good, good + "=", good[1:], good[:len(good)-1] + "_", "", "\n" + good} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if shown, ok := domain.ParseLinkToken(raw); ok && keys.Made(shown, token) && raw != good {
			t.Errorf("%q passes for %q", raw, good)
		}
	})
}

func FuzzChallenge(f *testing.F) {
	keys, at := fuzzKeys(f), time.Unix(1_800_000_000, 0)
	good := keys.MFAToken(domain.MFAChallenge{User: "018f0000-0000-7000-8000-000000000002", CredentialVersion: 1, DeviceName: "phone", ExpiresMs: at.Add(time.Minute).UnixMilli()})
	for _, seed := range []string{good, good + "A", "lmt.e30.", "lmt..", "", strings.Replace(good, "lmt", "lrt", 1)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if _, ok := keys.Challenge(raw, at); ok && raw != good {
			t.Errorf("%q passes for ours", raw)
		}
	})
}

func FuzzDevice(f *testing.F) {
	const user = domain.UserID("018f0000-0000-7000-8000-000000000002")
	keys := fuzzKeys(f)
	good := keys.DeviceToken("018f0000-0000-7000-8000-000000000003", user)
	for _, seed := range []string{good, good + "A", "ldt..", "", strings.ToUpper(good)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if _, ok := keys.Device(raw, user); ok && raw != good {
			t.Errorf("%q passes for ours", raw)
		}
	})
}
