package token_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/token"
)

// authServer is auth as far as its keys go.
type authServer struct {
	URL    string
	asked  atomic.Int64
	answer atomic.Pointer[http.HandlerFunc]
}

func newAuth(tb testing.TB, answer http.HandlerFunc) *authServer {
	tb.Helper()
	a := &authServer{}
	a.become(answer)
	a.URL = serve(tb, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.asked.Add(1)
		(*a.answer.Load())(w, r)
	})).URL
	return a
}

func (a *authServer) become(answer http.HandlerFunc) { a.answer.Store(&answer) }

func publishing(set []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/jwks.json" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(set)
	}
}

func failing(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }

func remote(tb testing.TB, cfg token.RemoteKeysConfig) *token.RemoteKeys {
	tb.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	k, err := token.NewRemoteKeys(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func hasKey(tb testing.TB, k token.KeySource, kid string) bool {
	tb.Helper()
	key, err := k.Key(tb.Context(), kid)
	if err != nil && !errors.Is(err, token.ErrUnknownKey) {
		tb.Fatal(err)
	}
	return key != nil
}

func unavailable(tb testing.TB, k token.KeySource, kid string) bool {
	tb.Helper()
	_, err := k.Key(tb.Context(), kid)
	return errors.Is(err, fault.New(fault.Unavailable, "unavailable", ""))
}

func TestPublishedKeysVerifyElsewhere(t *testing.T) {
	t.Parallel()
	s := signer(t, token.SignerConfig{Secret: secret})
	auth := newAuth(t, publishing(s.JWKS()))
	keys := remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL + "/"}})
	v := verifier(t, token.VerifierConfig{Keys: keys, Now: newClock().Now})
	for range 3 {
		c := claims()
		c.ID += "x"
		if got, err := v.Verify(t.Context(), sign(t, s, c)); err != nil || got != c {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if n := auth.asked.Load(); n != 1 {
		t.Fatalf("auth was asked %d times", n)
	}
}

func TestForgedKidsDoNotMakeThisProcessHammerAuth(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := signer(t, token.SignerConfig{Secret: secret})
	auth := newAuth(t, publishing(s.JWKS()))
	keys := remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}, Now: c.Now})
	for range 30 {
		for _, kid := range []string{"", "x", "../../etc/passwd", strings.Repeat("k", 43)} {
			if hasKey(t, keys, kid) {
				t.Fatalf("%q is a key", kid)
			}
		}
		c.Advance(time.Second)
	}
	if n := auth.asked.Load(); n != 3 {
		t.Fatalf("auth was asked %d times in 30 s, want 3", n)
	}
}

func TestANewKeyIsFetchedWhenATokenNamesIt(t *testing.T) {
	t.Parallel()
	c := newClock()
	old, young := signer(t, token.SignerConfig{Secret: secret}), signer(t, token.SignerConfig{Secret: next, Previous: []config.Secret{secret}})
	auth := newAuth(t, publishing(old.JWKS()))
	keys := remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}, Now: c.Now})
	if !hasKey(t, keys, kids(t, old)[0]) {
		t.Fatal("the old key is not there")
	}
	auth.become(publishing(young.JWKS()))
	c.Advance(10 * time.Second)
	if !hasKey(t, keys, kids(t, young)[0]) || !hasKey(t, keys, kids(t, old)[0]) {
		t.Fatal("after the rotation a key is missing")
	}
}

func TestAWithdrawnKeyIsGoneAfterTenMinutes(t *testing.T) {
	t.Parallel()
	c := newClock()
	old, young := signer(t, token.SignerConfig{Secret: secret}), signer(t, token.SignerConfig{Secret: next})
	auth := newAuth(t, publishing(old.JWKS()))
	keys := remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}, Now: c.Now})
	kid := kids(t, old)[0]
	if !hasKey(t, keys, kid) {
		t.Fatal("not there at first")
	}
	auth.become(publishing(young.JWKS()))
	c.Advance(token.RefreshInterval)
	if hasKey(t, keys, kid) {
		t.Fatal("still there")
	}
}

func TestTheLastGoodSetOutlivesWhateverAuthAnswers(t *testing.T) {
	t.Parallel()
	s := signer(t, token.SignerConfig{Secret: secret})
	kid := kids(t, s)[0]
	answers := map[string]http.HandlerFunc{
		"an error":            failing,
		"no JSON":             publishing([]byte("<html>")),
		"no keys":             publishing([]byte(`{"keys":[]}`)),
		"null":                publishing([]byte(`null`)),
		"keys of other kinds": publishing([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"x"},{"kty":"oct","k":"AAAA","kid":"` + kid + `"}]}`)),
		"a key by a false name": publishing([]byte(strings.Replace(string(signer(t, token.SignerConfig{Secret: next}).JWKS()),
			kids(t, signer(t, token.SignerConfig{Secret: next}))[0], kid, 1))),
		"more than fits":   publishing([]byte(`{"keys":[],"x":"` + strings.Repeat("x", 1<<20) + `"}`)),
		"a redirect":       func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"a dropped answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			auth := newAuth(t, publishing(s.JWKS()))
			keys := remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}, Now: c.Now})
			if !hasKey(t, keys, kid) {
				t.Fatal("not there at first")
			}
			auth.become(answer)
			c.Advance(token.RefreshInterval)
			before, err := keys.Key(t.Context(), kid)
			if err != nil || !before.Equal(privateKey(t, secret).Public()) || auth.asked.Load() != 2 {
				t.Fatalf("%v, asked %d times", err, auth.asked.Load())
			}
		})
	}
}

func TestAnyCopyOfAuthWillDo(t *testing.T) {
	t.Parallel()
	s := signer(t, token.SignerConfig{Secret: secret})
	good, bad := newAuth(t, publishing(s.JWKS())), newAuth(t, failing)
	for range 20 { // the first copy asked is a random one
		keys := remote(t, token.RemoteKeysConfig{URLs: []string{bad.URL, good.URL, "http://127.0.0.1:1"}})
		if !hasKey(t, keys, kids(t, s)[0]) {
			t.Fatal("not found")
		}
	}
}

func TestAuthMayStartLater(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := signer(t, token.SignerConfig{Secret: secret})
	auth := newAuth(t, failing)
	keys := remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}, Now: c.Now})
	for range 5 {
		if !unavailable(t, keys, kids(t, s)[0]) {
			t.Fatal("an answer without keys")
		}
	}
	if n := auth.asked.Load(); n != 1 {
		t.Fatalf("asked %d times at once", n)
	}
	auth.become(publishing(s.JWKS()))
	c.Advance(time.Second)
	if !hasKey(t, keys, kids(t, s)[0]) {
		t.Fatal("not found once auth is up")
	}
}

func TestKeysAreKeptForAStartWithAuthDown(t *testing.T) {
	t.Parallel()
	s := signer(t, token.SignerConfig{Secret: secret})
	file := filepath.Join(t.TempDir(), "jwks.json")
	auth := newAuth(t, publishing(s.JWKS()))
	if !hasKey(t, remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}, CacheFile: file}), kids(t, s)[0]) {
		t.Fatal("not fetched")
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(file)); len(entries) != 1 {
		t.Fatalf("left behind: %v", entries)
	}

	auth.become(failing)
	keys := remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}, CacheFile: file})
	if !hasKey(t, keys, kids(t, s)[0]) {
		t.Fatal("the kept key does not verify")
	}
	if !unavailable(t, keys, "a key that may be younger than the file") {
		t.Fatal("an old file is no proof that a key does not exist")
	}
}

func TestASpoiltFileIsAsGoodAsNone(t *testing.T) {
	t.Parallel()
	s := signer(t, token.SignerConfig{Secret: secret})
	auth := newAuth(t, publishing(s.JWKS()))
	dir := t.TempDir()
	for name, content := range map[string]string{"empty": "", "torn": `{"keys":[{"kty":`, "keyless": `{"keys":[]}`} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if !hasKey(t, remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}, CacheFile: file}), kids(t, s)[0]) {
			t.Fatalf("%s: not fetched", name)
		}
	}
	nowhere := filepath.Join(dir, "no", "such", "folder", "jwks.json")
	if !hasKey(t, remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}, CacheFile: nowhere}), kids(t, s)[0]) {
		t.Fatal("a folder that is missing costs the keys")
	}
}

func TestManyRequestsShareOneFetch(t *testing.T) {
	t.Parallel()
	s := signer(t, token.SignerConfig{Secret: secret})
	kid := kids(t, s)[0]
	release := make(chan struct{})
	auth := newAuth(t, func(w http.ResponseWriter, _ *http.Request) {
		<-release
		_, _ = w.Write(s.JWKS())
	})
	keys := remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}})

	impatient, giveUp := context.WithCancel(t.Context())
	var all sync.WaitGroup
	first := make(chan struct{})
	all.Go(func() { // whoever starts the fetch may leave: the others wait for it
		close(first)
		_, _ = keys.Key(impatient, kid)
	})
	<-first
	eventually.True(t, "the fetch begins", func() bool { return auth.asked.Load() == 1 })
	giveUp()
	if _, err := keys.Key(impatient, kid); !errors.Is(err, context.Canceled) {
		t.Fatalf("who waits no longer: %v", err)
	}
	for range 20 {
		all.Go(func() {
			if !hasKey(t, keys, kid) {
				t.Error("not found")
			}
		})
	}
	close(release)
	all.Wait()
	if n := auth.asked.Load(); n != 1 {
		t.Fatalf("auth was asked %d times", n)
	}
}

// TestTheKeyOfRFC8037 holds the thumbprint against the example of its appendix A.3:
// a key by another name would be passed over.
func TestTheKeyOfRFC8037(t *testing.T) {
	t.Parallel()
	const kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
	auth := newAuth(t, publishing([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"`+kid+`","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`)))
	if !hasKey(t, remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}}), kid) {
		t.Fatal("not taken")
	}
}

func TestRemoteKeysNeedAnAddress(t *testing.T) {
	t.Parallel()
	for _, urls := range [][]string{nil, {""}, {"auth:3001"}, {"ftp://auth"}, {"http://"}, {"http://a\x00"}} {
		if _, err := token.NewRemoteKeys(token.RemoteKeysConfig{URLs: urls}); err == nil {
			t.Errorf("%q: accepted", urls)
		}
	}
}

func TestASetThatWasKeptElsewhereCountsUntilAuthGivesOne(t *testing.T) {
	t.Parallel()
	s := signer(t, token.SignerConfig{Secret: secret})
	auth := newAuth(t, publishing(s.JWKS()))
	keeper := remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}})
	if keeper.Published() != nil {
		t.Error("published before anybody has asked")
	}
	if !hasKey(t, keeper, kids(t, s)[0]) || string(keeper.Published()) != string(s.JWKS()) {
		t.Fatalf("published: %s", keeper.Published())
	}
	auth.become(failing)
	newcomer := remote(t, token.RemoteKeysConfig{URLs: []string{auth.URL}})
	if err := newcomer.Offer([]byte(`{"keys":[]}`)); err == nil {
		t.Error("a set without keys was taken")
	}
	if err := newcomer.Offer(keeper.Published()); err != nil || !hasKey(t, newcomer, kids(t, s)[0]) {
		t.Errorf("the offered key does not verify (%v)", err)
	}
	if newcomer.Published() != nil {
		t.Error("what was offered counts as auth's")
	}
	other := signer(t, token.SignerConfig{Secret: secret + "another"})
	if err := keeper.Offer(other.JWKS()); err != nil || !hasKey(t, keeper, kids(t, s)[0]) {
		t.Errorf("auth's own set was replaced (%v)", err)
	}
}
