package domain_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/auth/internal/domain"
)

// The secret and the last six digits of the SHA-1 table of RFC 6238 appendix B.
const rfcSecret = "12345678901234567890"

var rfcCodes = map[int64]string{
	59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
}

func confirmed() domain.SecondFactor {
	return domain.SecondFactor{Secret: []byte("sealed"), ConfirmedAt: time.Unix(1, 0)}
}

func TestTheCodesAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	for at, code := range rfcCodes {
		for _, off := range []int64{-30, 0, 30} {
			f := confirmed()
			if !f.TakeCode([]byte(rfcSecret), code, time.Unix(at+off, 0)) {
				t.Errorf("%s at %d, %d s off", code, at, off)
			}
		}
		for _, off := range []int64{-90, 90} {
			f := confirmed()
			if f.TakeCode([]byte(rfcSecret), code, time.Unix(at+off, 0)) {
				t.Errorf("%s at %d, %d s off", code, at, off)
			}
		}
	}
}

func TestACodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	f, at := confirmed(), time.Unix(1234567890, 0)
	if !f.TakeCode([]byte(rfcSecret), "005924", at) || f.TakeCode([]byte(rfcSecret), "005924", at) || f.TakeCode([]byte(rfcSecret), "005924", at.Add(30*time.Second)) {
		t.Fatal("once and not twice")
	}
}

func TestSixWrongCodesLockForLongerEachTime(t *testing.T) {
	t.Parallel()
	f, at := confirmed(), time.Unix(1234567890, 0)
	wrong := func() {
		for range 6 {
			if f.TakeCode([]byte(rfcSecret), "000000", at) {
				t.Fatal("a wrong code")
			}
		}
	}
	for _, lock := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour} {
		wrong()
		if want := at.Add(lock); !f.LockedUntil.Equal(want) {
			t.Fatalf("locked until %v, want %v", f.LockedUntil, want)
		}
		at = f.LockedUntil
	}
	wrong()
	right := time.Unix(1234567890, 0)
	if at = right; f.TakeCode([]byte(rfcSecret), "005924", at) {
		t.Fatal("the right code while it is locked")
	}
	f.LockedUntil = right
	if !f.TakeCode([]byte(rfcSecret), "005924", right) || f.Failures != 0 || f.Lockouts != 0 {
		t.Fatalf("after the lock: %+v", f)
	}
}

func TestALockNeverLastsLongerThanADay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, at := confirmed(), time.Unix(1234567890, 0)
		f.Lockouts, f.Failures = rapid.IntRange(0, 1<<20).Draw(t, "lockouts"), 5
		f.TakeCode([]byte(rfcSecret), "000000", at)
		if lock := f.LockedUntil.Sub(at); lock < 15*time.Minute || lock > 24*time.Hour {
			t.Fatalf("%v", lock)
		}
	})
}

func TestARecoveryCodeIsGoodOnceHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	code := domain.RecoveryCode([]byte("0123456789"))
	if len(code) != 19 {
		t.Fatal(code)
	}
	f := confirmed()
	f.Recovery = [][]byte{domain.HashRecovery("ana", "other"), domain.HashRecovery("ana", code)}
	typed := domain.HashRecovery("ana", " "+strings.ToUpper(strings.Replace(code, "-", " ", 2)))
	if !bytes.Equal(typed, f.Recovery[1]) {
		t.Fatalf("%s is typed otherwise", code)
	}
	if !f.TakeRecovery(typed, time.Unix(1, 0)) || f.TakeRecovery(typed, time.Unix(1, 0)) || len(f.Recovery) != 1 {
		t.Fatal("once and not twice")
	}
	if bytes.Equal(domain.HashRecovery("bea", code), typed) {
		t.Fatal("two users' hashes of one code are one")
	}
}

func TestOnlyAPendingSecretCanBeConfirmed(t *testing.T) {
	t.Parallel()
	at := time.Unix(1234567890, 0)
	var f domain.SecondFactor
	if _, err := f.Confirm([]byte(rfcSecret), "005924", nil, at); err == nil {
		t.Error("none")
	}
	if err := f.Begin([]byte("sealed"), "k"); err != nil || f.Confirmed() {
		t.Fatal(err)
	}
	if right, err := f.Confirm([]byte(rfcSecret), "111111", nil, at); err != nil || right {
		t.Error(right, err)
	}
	if right, err := f.Confirm([]byte(rfcSecret), "005924", [][]byte{{1}}, at); err != nil || !right || !f.Confirmed() || len(f.Recovery) != 1 {
		t.Fatalf("%v %v %+v", right, err, f)
	}
	if _, err := f.Confirm([]byte(rfcSecret), "005924", nil, at); err == nil {
		t.Error("twice")
	}
	if err := f.Begin([]byte("another"), "k"); err == nil {
		t.Error("another one beside it")
	}
}

func mfaKeys(t *testing.T, secrets ...string) domain.Keys {
	t.Helper()
	k, err := domain.NewKeys(secrets[0], secrets[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAnMFATokenCountsForFiveMinutesAndIsNothingElse(t *testing.T) {
	t.Parallel()
	k, at := mfaKeys(t, "one"), time.Unix(1234567890, 0)
	want := domain.MFAChallenge{User: "ana", CredentialVersion: 7, DeviceName: "Ana's phone", ExpiresMs: at.Add(domain.MFALife).UnixMilli()}
	raw := k.MFAToken(want)
	if got, ok := k.Challenge(raw, at.Add(domain.MFALife-time.Millisecond)); !ok || got != want {
		t.Errorf("%+v %v", got, ok)
	}
	if _, ok := k.Challenge(raw, at.Add(domain.MFALife)); ok {
		t.Error("too late")
	}
	if _, ok := mfaKeys(t, "two").Challenge(raw, at); ok {
		t.Error("of another secret")
	}
	if _, ok := mfaKeys(t, "two", "one").Challenge(raw, at); !ok {
		t.Error("of the secret before")
	}
	for i := range raw {
		forged := []byte(raw)
		forged[i] ^= 1
		if _, ok := k.Challenge(string(forged), at); ok {
			t.Fatalf("with another character at %d", i)
		}
	}
	device := k.DeviceToken("0197f9a0-0000-7000-8000-000000000000", "ana")
	for _, other := range []string{"", device, "lmt" + device[3:], raw + "\n", raw + "."} {
		if _, ok := k.Challenge(other, at); ok {
			t.Errorf("%q", other)
		}
	}
}

func TestWhatIsSealedIsOpenedForItsOwnerOnlyAndAcrossARotation(t *testing.T) {
	t.Parallel()
	nonce := []byte("123456789012")
	before, after := mfaKeys(t, "one"), mfaKeys(t, "two", "one")
	sealed, by, err := before.Seal([]byte(rfcSecret), nonce, "ana")
	if err != nil || bytes.Contains(sealed, []byte(rfcSecret)) || by != before.SealsBy() || by == after.SealsBy() {
		t.Fatal(by, err)
	}
	for name, c := range map[string]struct {
		keys  domain.Keys
		owner domain.UserID
		want  bool
	}{"itself": {before, "ana", true}, "its successor": {after, "ana", true}, "somebody else's": {before, "bea", false}, "another secret": {mfaKeys(t, "two"), "ana", false}} {
		if plain, err := c.keys.Open(sealed, c.owner); (err == nil && string(plain) == rfcSecret) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	sealed[len(sealed)-1] ^= 1
	for _, broken := range [][]byte{sealed, nil, nonce} {
		if _, err := before.Open(broken, "ana"); err == nil {
			t.Errorf("%v", broken)
		}
	}
}

func TestTheURIHoldsWhatAnAuthenticatorReads(t *testing.T) {
	t.Parallel()
	const want = "otpauth://totp/Love%20App:ana+1@example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Love%20App&algorithm=SHA1&digits=6&period=30"
	if got := domain.TOTPURI([]byte(rfcSecret), "ana+1@example.org"); got != want {
		t.Error(got)
	}
}
