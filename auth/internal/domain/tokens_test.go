package domain_test

import (
	"testing"

	"github.com/loveapp/backend/auth/internal/domain"
)

const (
	oneID   = "01900000-0000-7000-8000-000000000001"
	otherID = "01900000-0000-7000-8000-000000000002"
)

func keys(t *testing.T, current string, others ...string) domain.Keys {
	t.Helper()
	k, err := domain.NewKeys(current, others...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func session(id domain.SessionID, salt string) domain.Session {
	return domain.Opening{ID: id, UserID: "u", Salt: []byte(salt)}.Open(noon)
}

func TestARefreshTokenIsTheSameEachTimeAndGoodForItsSessionOnly(t *testing.T) {
	t.Parallel()
	k, s := keys(t, "a secret"), session(oneID, "salt")
	raw := k.RefreshToken(s, 7)
	if k.RefreshToken(s, 7) != raw {
		t.Fatal("a second one was made")
	}
	token, ok := domain.ParseRefreshToken(raw)
	if !ok || token.Session != oneID || token.Generation != 7 || !k.Issued(token, s) {
		t.Fatalf("%+v %v", token, ok)
	}
	for name, issued := range map[string]bool{
		"another session":      k.Issued(token, session(otherID, "salt")),
		"another salt":         k.Issued(token, session(oneID, "pepper")),
		"another secret":       keys(t, "another secret").Issued(token, s),
		"another generation":   k.RefreshToken(s, 8) == raw,
		"a longer generation":  k.RefreshToken(s, 77) == raw,
		"the next secret only": keys(t, "the next", "and another").Issued(token, s),
	} {
		if issued {
			t.Errorf("%s: the same", name)
		}
	}
}

func TestTokensOfThePreviousAndTheNextSecretAreKnown(t *testing.T) {
	t.Parallel()
	s := session(oneID, "salt")
	k := keys(t, "current", "next", "previous", "")
	for _, secret := range []string{"current", "next", "previous"} {
		maker := keys(t, secret)
		if token, _ := domain.ParseRefreshToken(maker.RefreshToken(s, 1)); !k.Issued(token, s) {
			t.Errorf("refresh token of %s", secret)
		}
		if device, ok := k.Device(maker.DeviceToken(oneID, "u"), "u"); !ok || device != oneID {
			t.Errorf("device token of %s", secret)
		}
	}
	if token, _ := domain.ParseRefreshToken(keys(t, "").RefreshToken(s, 1)); k.Issued(token, s) {
		t.Error("a secret that was left out is a key")
	}
}

func TestADeviceTokenIsGoodForItsAccountOnly(t *testing.T) {
	t.Parallel()
	k := keys(t, "a secret")
	raw := k.DeviceToken(oneID, "ana")
	if device, ok := k.Device(raw, "ana"); !ok || device != oneID {
		t.Fatal(device, ok)
	}
	if raw == k.DeviceToken(otherID, "ana") || raw == k.DeviceToken(oneID, "bea") {
		t.Fatal("two have the same")
	}
	for name, c := range map[string]struct {
		raw  string
		user domain.UserID
	}{
		"somebody else's":  {raw, "bea"},
		"nobody's":         {raw, ""},
		"none":             {"", "ana"},
		"a part too many":  {raw + ".x", "ana"},
		"another device":   {"ldt." + otherID + raw[len("ldt.")+len(otherID):], "ana"},
		"with a line end":  {raw + "\n", "ana"},
		"another prefix":   {"x" + raw[1:], "ana"},
		"a refresh token":  {k.RefreshToken(session(oneID, "salt"), 1), "ana"},
		"a device of none": {"ldt.." + raw[len(raw)-43:], "ana"},
	} {
		if device, ok := k.Device(c.raw, c.user); ok {
			t.Errorf("%s: %s", name, device)
		}
	}
}

func TestIdsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		oneID: true, "01900000-0000-7000-8000-00000000000A": false, "01900000-0000-7000-8000-00000000000g": false, "": false,
		"0190000000007000800000000000000000001": false, oneID + "0": false, "{" + oneID[1:35] + "}": false, "01900000_0000-7000-8000-000000000001": false,
	} {
		if _, ok := domain.ParseUserID(raw); ok != want {
			t.Errorf("%q: %v", raw, ok)
		}
		if _, ok := domain.ParseSessionID(raw); ok != want {
			t.Errorf("%q: %v", raw, ok)
		}
	}
}

func TestWhatAClientSaysOfItselfIsCleanedAndCut(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"LoveApp/1.0": "LoveApp/1.0", "a\x00b\r\nc\u202ed\xffe": "abcde", "": "",
	} {
		if got := domain.NewOrigin("192.0.2.1", raw).UserAgent; got != want {
			t.Errorf("%q: %q", raw, got)
		}
	}
	long := ""
	for range 200 {
		long += "é"
	}
	if got := domain.NewOrigin("", long).UserAgent; len(got) != 256 {
		t.Errorf("%d bytes", len(got))
	}
	if got := domain.NewOrigin("", "x"+long).UserAgent; len(got) != 255 {
		t.Errorf("%d bytes: half a character is none", len(got))
	}
}
