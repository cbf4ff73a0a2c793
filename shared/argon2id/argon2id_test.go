package argon2id_test

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/argon2id"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func cheap() argon2id.Params { return argon2id.Params{MemoryKiB: 64, Time: 1, Parallelism: 1} }

func TestASecretMatchesItsOwnHashOnly(t *testing.T) {
	t.Parallel()
	h := argon2id.New(cheap())
	first, err := h.Hash(t.Context(), "1234")
	if err != nil {
		t.Fatal(err)
	}
	if second, err := h.Hash(t.Context(), "1234"); err != nil || second == first {
		t.Errorf("two hashes of one secret are the same (%v)", err)
	}
	for _, c := range []struct {
		secret, stored string
		want           bool
	}{{"1234", first, true}, {"1235", first, false}, {"", first, false}, {"1234", "", false}} {
		if matches, _, err := h.Check(t.Context(), c.secret, c.stored); err != nil || matches != c.want {
			t.Errorf("%q with %q: %v (%v)", c.secret, c.stored, matches, err)
		}
	}
}

func TestAHashSaysHowItWasMade(t *testing.T) {
	t.Parallel()
	hash, err := argon2id.New(argon2id.OWASP()).Hash(t.Context(), "correct horse battery")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(hash, err)
	}
}

// The reference implementation's: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 32.
const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

func TestHashesOfOthersAreRead(t *testing.T) {
	t.Parallel()
	p := argon2id.New(cheap())
	for password, want := range map[string]bool{"password": true, "passwort": false} {
		if matches, stale, err := p.Check(t.Context(), password, reference); err != nil || matches != want || !stale {
			t.Errorf("%q: %v stale %v %v", password, matches, stale, err)
		}
	}
}

func TestAHashThatIsNoneIsAnErrorAndNeverMatches(t *testing.T) {
	t.Parallel()
	p := argon2id.New(cheap())
	parts := strings.Split(reference, "$")
	with := func(i int, part string) string {
		changed := append([]string(nil), parts...)
		changed[i] = part
		return strings.Join(changed, "$")
	}
	for name, hash := range map[string]string{
		"text":                      "password",
		"argon2i":                   with(1, "argon2i"),
		"an older version":          with(2, "v=16"),
		"no version":                strings.Replace(reference, "v=19$", "", 1),
		"all of the memory":         with(3, "m=4194304,t=2,p=1"),
		"all of the time":           with(3, "m=65536,t=4294967295,p=1"),
		"all of the processors":     with(3, "m=65536,t=2,p=255"),
		"no time":                   with(3, "m=65536,t=0,p=1"),
		"no memory":                 with(3, "m=0,t=2,p=1"),
		"less memory than 8 lanes":  with(3, "m=8,t=2,p=2"),
		"a parameter too many":      with(3, "m=65536,t=2,p=1,x=1"),
		"parameters in other order": with(3, "t=2,m=65536,p=1"),
		"a negative parameter":      with(3, "m=-1,t=2,p=1"),
		"a salt that is none":       with(4, "?"),
		"a short salt":              with(4, "c29t"),
		"a long salt":               with(4, strings.Repeat("c29t", 30)),
		"an empty key":              with(5, ""),
		"a short key":               with(5, "c29t"),
		"a key with stray bits":     with(5, "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPd"),
		"a part too many":           reference + "$",
		"bcrypt":                    "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde",
	} {
		if matches, _, err := p.Check(t.Context(), "password", hash); err == nil || matches {
			t.Errorf("%s: %v %v", name, matches, err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	p := argon2id.New(argon2id.OWASP())
	for b.Loop() {
		if _, err := p.Hash(b.Context(), "correct horse battery"); err != nil {
			b.Fatal(err)
		}
	}
}
