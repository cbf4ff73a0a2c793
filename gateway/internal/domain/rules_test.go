package domain_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/loveapp/backend/gateway/internal/domain"
)

func TestHeadersThatClaimAnIdentityOrAConnectionStayOutside(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"X-User-Id", "x-user-role", "X-USER", "X-Auth-Request-Email", "X-Internal-Token", "X-Forwarded-For", "X-Forwarded-Proto",
		"X-Forwarded", "Forwarded", "X-Real-Ip", "True-Client-Ip", "CF-Connecting-IP", "X_User_Id", "X-User_Id", "Via", "X-Client-Ip",
		"Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Authorization", "Proxy-Connection", "Expect",
		"X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-Url", "X-Idempotency-Key", "X-Host", "X-Original-Host", "Proxy",
	} {
		if domain.MayPass(http.CanonicalHeaderKey(name)) {
			t.Errorf("%s passes", name)
		}
	}
}

func TestHeadersThatServicesNeedPass(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Authorization", "Idempotency-Key", "X-Device-Token", "Last-Event-Id", "Accept", "Accept-Language", "Content-Type",
		"User-Agent", "If-None-Match", "X-Request-Id", "Traceparent", "Sec-Websocket-Protocol", "X-Username",
	} {
		if !domain.MayPass(name) {
			t.Errorf("%s does not pass", name)
		}
	}
}

func TestOnlyWhatIsSafeIsSentTwice(t *testing.T) {
	t.Parallel()
	plain, secret := domain.Route{}, domain.Route{Secret: true}
	for name, c := range map[string]struct {
		route       domain.Route
		method, key string
		progress    domain.Progress
		want        bool
	}{
		"GET after the connection died":             {plain, "GET", "", domain.Sent, true},
		"GET while the instance answers":            {plain, "GET", "", domain.Answering, false},
		"POST with a key after the connection died": {plain, "POST", "k", domain.Sent, true},
		"POST with a key while answering":           {plain, "POST", "k", domain.Answering, false},
		"POST without a key":                        {plain, "POST", "", domain.Sent, false},
		"POST without a key, nothing sent":          {plain, "POST", "", domain.NothingSent, true},
		"POST of a secret with a key":               {secret, "POST", "k", domain.Sent, false},
		"DELETE of a secret":                        {secret, "DELETE", "", domain.Sent, false},
		"PATCH":                                     {plain, "PATCH", "k", domain.Sent, false},
	} {
		if got := domain.MayRetry(c.progress, c.route.Repeatable(c.method, c.key)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestNeverMoreThanHalfTheInstancesAreEjected(t *testing.T) {
	t.Parallel()
	for instances, want := range map[int]int{0: 0, 1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 20: 10} {
		ejected := 0
		for domain.MayEject(instances, ejected) {
			ejected++
		}
		if ejected != want {
			t.Errorf("%d of %d ejected, want %d", ejected, instances, want)
		}
	}
}

func TestBreakersNeedVolumeOrAStreak(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tally             domain.Tally
		service, instance bool
	}{
		"quiet and bad":        {domain.Tally{Failed: 4, FailedInRow: 4}, false, false},
		"five in a row":        {domain.Tally{Failed: 5, FailedInRow: 5}, false, true},
		"half of many":         {domain.Tally{Succeeded: 10, Failed: 10, FailedInRow: 1}, true, true},
		"less than half":       {domain.Tally{Succeeded: 30, Failed: 10, FailedInRow: 1}, false, false},
		"all of just enough":   {domain.Tally{Failed: 20, FailedInRow: 20}, true, true},
		"one less than enough": {domain.Tally{Failed: 19, FailedInRow: 1}, false, false},
	} {
		if s, i := c.tally.ServiceTrips(), c.tally.InstanceTrips(); s != c.service || i != c.instance {
			t.Errorf("%s: service %v, instance %v", name, s, i)
		}
	}
}

func TestOutcomesAreJudgedByWhoIsAtFault(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]domain.Outcome{
		200: domain.Succeeded, 304: domain.Succeeded, 400: domain.Ignored, 404: domain.Ignored, 429: domain.Ignored,
		499: domain.Ignored, 500: domain.Failed, 503: domain.Failed,
	} {
		if got := domain.OutcomeOf(status); got != want {
			t.Errorf("%d: %v", status, got)
		}
	}
}

func TestTheLastSlotsAreKeptForEmergencies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		priority domain.Priority
		last     int
	}{"normal": {domain.Normal, 80}, "elevated": {domain.Elevated, 90}, "emergency": {domain.Emergency, 100}} {
		if !domain.MayEnter(c.priority, c.last-1, 100) || domain.MayEnter(c.priority, c.last, 100) {
			t.Errorf("%s does not end at %d", name, c.last)
		}
	}
}

func TestAnIPv6CustomerIsOneClientAndAnIPv4InDisguiseIsItself(t *testing.T) {
	t.Parallel()
	address := func(text string) domain.Client { return domain.Address(netip.MustParseAddr(text)) }
	if address("2001:db8:1:2::1") != address("2001:db8:1:2:ffff::9") {
		t.Error("two addresses of one /64 are two clients")
	}
	if address("2001:db8:1:2::1") == address("2001:db8:1:3::1") {
		t.Error("two /64 are one client")
	}
	if address("::ffff:192.0.2.1") != address("192.0.2.1") || address("192.0.2.1") == address("192.0.2.2") {
		t.Error("IPv4 addresses are mixed up")
	}
	if domain.User("x") == domain.Session("x") {
		t.Error("a user and a session are one client")
	}
}
