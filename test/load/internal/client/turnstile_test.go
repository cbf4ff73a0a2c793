package client_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/test/load/internal/client"
)

func TestOfThoseThatWaitTheNewestGoesFirstAndWhoGivesUpLeavesNoHole(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.URL.Path)
		first := len(seen) == 1
		mu.Unlock()
		if first {
			<-release
		}
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	c := client.New(server.Listener.Addr().String(), 1)
	t.Cleanup(c.Close)
	phone := c.Phone(netip.MustParseAddr("127.0.0.1"))
	var group sync.WaitGroup
	send := func(path string, until time.Time) error {
		_, err := phone.Do(t.Context(), client.Request{Method: http.MethodGet, Path: path}, until)
		return err
	}
	late := time.Now().Add(time.Minute)
	wait := func(n int) {
		for client.Waiting(c) != n && t.Context().Err() == nil {
			<-time.After(time.Millisecond)
		}
	}
	group.Go(func() { _ = send("/1", late) })
	for { // it holds the only slot
		mu.Lock()
		n := len(seen)
		mu.Unlock()
		if n == 1 {
			break
		}
		<-time.After(time.Millisecond)
	}
	group.Go(func() { _ = send("/2", late) })
	wait(1)
	if err := send("/too late", time.Now().Add(10*time.Millisecond)); !errors.Is(err, client.ErrTimeout) {
		t.Errorf("%v", err)
	}
	wait(1)
	group.Go(func() { _ = send("/3", late) })
	wait(2)
	close(release)
	group.Wait()
	if want := []string{"/1", "/3", "/2"}; !slices.Equal(seen, want) {
		t.Errorf("the server saw %q", seen)
	}
}
