package discovery_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/loveapp/backend/gateway/internal/adapters/discovery"
	"github.com/loveapp/backend/shared/config"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// names is a resolver whose answers the test changes.
type names struct{ answers sync.Map }

func naming(host string, addrs ...string) *names {
	n := &names{}
	n.answers.Store(host, addrs)
	return n
}

func (n *names) lookup(_ context.Context, host string) ([]netip.Addr, error) {
	known, ok := n.answers.Load(host)
	answers, _ := known.([]string)
	if !ok {
		return nil, errors.New("no such host")
	}
	var addrs []netip.Addr
	for _, a := range answers {
		addrs = append(addrs, netip.MustParseAddr(a))
	}
	return addrs, nil
}

func watch(t *testing.T, n *names, hosts string) (w *discovery.Watcher, sets *[][]string) {
	t.Helper()
	parsed, err := config.ParseHosts(hosts, 3001)
	if err != nil {
		t.Fatal(err)
	}
	sets = new([][]string)
	w, err = discovery.NewWatcher(discovery.Config{
		Hosts: parsed, Lookup: n.lookup, Logger: slog.New(slog.DiscardHandler),
		Changed: func(addrs []string) { *sets = append(*sets, addrs) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, sets
}

func TestEveryAddressOfANameIsAnInstance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		names *names
		hosts string
		want  []string
	}{
		"a name":               {naming("auth", "10.0.0.2", "10.0.0.1"), "auth", []string{"10.0.0.1:3001", "10.0.0.2:3001"}},
		"a list":               {naming("a", "10.0.0.1"), "a:4001,a", []string{"10.0.0.1:3001", "10.0.0.1:4001"}},
		"addresses":            {&names{}, "10.0.0.1,10.0.0.1:3001,[fd00::1]:5000", []string{"10.0.0.1:3001", "[fd00::1]:5000"}},
		"both families":        {naming("localhost", "::1", "127.0.0.1"), "localhost", []string{"127.0.0.1:3001"}},
		"IPv6 only":            {naming("auth", "fd00::2", "fd00::1"), "auth", []string{"[fd00::1]:3001", "[fd00::2]:3001"}},
		"IPv4 written as IPv6": {naming("auth", "::ffff:10.0.0.1"), "auth", []string{"10.0.0.1:3001"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, sets := watch(t, c.names, c.hosts)
			w.Resolve(t.Context())
			if diff := cmp.Diff([][]string{c.want}, *sets); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAChangeIsToldOnceAndNoChangeIsNot(t *testing.T) {
	t.Parallel()
	n := naming("auth", "10.0.0.1")
	w, sets := watch(t, n, "auth")
	w.Resolve(t.Context())
	w.Resolve(t.Context())
	n.answers.Store("auth", []string{"10.0.0.2", "10.0.0.1"})
	w.Resolve(t.Context())
	n.answers.Store("auth", []string{"10.0.0.1", "10.0.0.2"})
	w.Resolve(t.Context())
	if diff := cmp.Diff([][]string{{"10.0.0.1:3001"}, {"10.0.0.1:3001", "10.0.0.2:3001"}}, *sets); diff != "" {
		t.Error(diff)
	}
}

func TestANameThatCannotBeResolvedKeepsItsLastAddresses(t *testing.T) {
	t.Parallel()
	n := naming("auth", "10.0.0.1")
	w, sets := watch(t, n, "auth")
	w.Resolve(t.Context())
	n.answers.Delete("auth")
	w.Resolve(t.Context())
	n.answers.Store("auth", []string{})
	w.Resolve(t.Context())
	if diff := cmp.Diff([][]string{{"10.0.0.1:3001"}}, *sets); diff != "" {
		t.Error(diff)
	}
}

func TestNamesAreResolvedAgainEveryFewSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &names{}
		w, sets := watch(t, n, "auth")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		synctest.Wait()
		n.answers.Store("auth", []string{"10.0.0.1"}) // the service is started after the gateway
		<-time.After(5 * time.Second)
		synctest.Wait()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([][]string{{"10.0.0.1:3001"}}, *sets); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheSystemsResolverKnowsLocalhost(t *testing.T) {
	t.Parallel()
	var got []string
	w, err := discovery.NewWatcher(discovery.Config{
		Hosts: []config.HostPort{{Host: "localhost", Port: 3001}}, Logger: slog.New(slog.DiscardHandler),
		Changed: func(addrs []string) { got = addrs },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Resolve(t.Context())
	if diff := cmp.Diff([]string{"127.0.0.1:3001"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAHoleInTheConfigIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := discovery.NewWatcher(discovery.Config{}); err == nil {
		t.Error("no error")
	}
}
