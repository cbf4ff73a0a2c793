package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/loveapp/backend/auth/authtest"
)

// forwarded sends from an address, as the gateway tells it.
type forwarded struct {
	http.RoundTripper

	from string
}

func (f forwarded) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", f.from)
	return f.RoundTripper.RoundTrip(r)
}

func (p phone) from(address string) phone {
	p.client = &http.Client{Transport: forwarded{p.client.Transport, address}}
	return p
}

// TestWhoHasANetworkOfIPv6IsOneGuesserNotMany: a customer gets 2^64 addresses.
func TestWhoHasANetworkOfIPv6IsOneGuesserNotMany(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.Register("ana@example.org", "Ana")
	p := newPhone(t, a)
	for _, address := range []string{"2001:db8::1", "2001:db8::2", "2001:db8::3:4", "2001:db8::5", "2001:db8::6:7:8", "2001:db8::9"} {
		guessing(t, p.from(address), "ana@example.org", 1)
	}
	right := credentials(t, "ana@example.org", authtest.Password)
	p.from("2001:db8::a").post(login, right).is(http.StatusUnauthorized, "invalid_credentials")
	p.from("2001:db8:0:1::a").post(login, right).is(http.StatusOK, "")
	p.from("192.0.2.1").post(login, right).is(http.StatusOK, "")
}
