package auth_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/redispool"
)

func TestASignOutCountsOnEveryCopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.start(t).ready(), w.start(t).ready()
	s := one.register("ana@example.org")
	want(t, two.profile(s), http.StatusOK, "")
	want(t, one.logout(s, "current"), http.StatusNoContent, "")
	want(t, one.profile(s), http.StatusUnauthorized, "session_ended")
	eventually.Within(t, soon, "signed out on the second copy", func() bool { return two.profile(s).Code == "session_ended" })
	want(t, two.refresh(s), http.StatusUnauthorized, "session_ended")

	pool, err := redispool.Open(w.redis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	eventually.Within(t, soon, "blacklisted in Redis", func() bool {
		n, err := pool.Do(t.Context(), "EXISTS", "blacklist:"+s.SessionID)
		return err == nil && n == int64(1)
	})
}

func TestWithoutRedisASignOutStillCountsOnEveryCopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.redis.Addrs[0].Port = 1 // nobody listens there
	one, two := w.start(t).ready(), w.start(t).ready()
	s := one.register("ana@example.org")
	want(t, two.profile(s), http.StatusOK, "")
	want(t, one.logout(s, "all"), http.StatusNoContent, "")
	want(t, one.profile(s), http.StatusUnauthorized, "session_ended")
	eventually.Within(t, soon, "signed out on the second copy", func() bool { return two.profile(s).Code == "session_ended" })
}

func TestFiftyRefreshesAtOnceOnTwoCopiesHaveOneSuccessor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	copies := []copyOf{w.start(t).ready(), w.start(t).ready()}
	s := copies[0].register("ana@example.org")
	for generation := range 3 {
		var mu sync.Mutex
		var next result
		successors := map[string]int{}
		var group sync.WaitGroup
		for i := range 50 {
			group.Go(func() {
				got := copies[i%2].refresh(s)
				want(t, got, http.StatusOK, "")
				mu.Lock()
				defer mu.Unlock()
				successors[got.RefreshToken]++
				next = got
			})
		}
		group.Wait()
		if len(successors) != 1 {
			t.Fatalf("generation %d has %d successors", generation, len(successors))
		}
		s = next
	}
	want(t, copies[1].profile(s), http.StatusOK, "")
}

func TestAnAncestorOnAnotherCopyEndsTheSessionEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.start(t).ready(), w.start(t).ready()
	first := one.register("ana@example.org")
	second := one.refresh(first)
	want(t, two.refresh(result{RefreshToken: first.RefreshToken}), http.StatusUnauthorized, "session_ended")
	want(t, two.profile(second), http.StatusUnauthorized, "session_ended")
	eventually.Within(t, soon, "signed out on the first copy", func() bool { return one.profile(second).Code == "session_ended" })
	want(t, one.refresh(second), http.StatusUnauthorized, "session_ended")
}

// TestNothingLivesAfterASignOutThatRacedARefresh: whatever the refresh was
// given, it is worth nothing once the sign-out has been answered.
func TestNothingLivesAfterASignOutThatRacedARefresh(t *testing.T) {
	t.Parallel()
	const races, atOnce = 1000, 20
	one := newWorld(t).startQuick(t).ready()
	bystander := one.register("ana@example.org")
	var group errgroup.Group
	group.SetLimit(atOnce)
	for range races {
		group.Go(func() error { return one.race() })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	want(t, one.profile(bystander), http.StatusOK, "")
}

// race signs in, then out while it refreshes, and tries everything it was given.
func (c copyOf) race() error {
	s := c.call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": "ana@example.org", "password": password})
	refreshed := make(chan result, 1)
	go func() { refreshed <- c.refresh(s) }()
	if out := c.logout(s, "current"); out.status != http.StatusNoContent {
		return fmt.Errorf("sign out: %+v", out)
	}
	for _, held := range []result{s, <-refreshed} {
		if held.AccessToken == "" {
			continue // the refresh lost
		}
		if c.profile(held).Code != "session_ended" || c.refresh(held).Code != "session_ended" {
			return fmt.Errorf("session %s lives on", s.SessionID)
		}
	}
	return nil
}

func TestSessionsAndSignOutsSurviveARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.start(t).ready()
	kept, ended := before.register("ana@example.org"), before.register("bea@example.org")
	want(t, before.logout(ended, "current"), http.StatusNoContent, "")
	if err := before.stop(); err != nil {
		t.Fatal(err)
	}
	after := w.start(t).ready()
	want(t, after.profile(kept), http.StatusOK, "")
	want(t, after.profile(ended), http.StatusUnauthorized, "session_ended")
	want(t, after.refresh(ended), http.StatusUnauthorized, "session_ended")
	want(t, after.refresh(kept), http.StatusOK, "")
	want(t, after.call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": "bea@example.org", "password": password}), http.StatusOK, "")
}

func TestOneAddressRegisteredAtOnceOnTwoCopiesHasOneAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	copies := []copyOf{w.startQuick(t).ready(), w.startQuick(t).ready()} // a full queue of hashes is no matter of this test
	var mu sync.Mutex
	statuses := map[string]int{}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			got := copies[i%2].call(http.MethodPost, "/v1/auth/register", "", map[string]string{"email": "ana@example.org", "password": password})
			mu.Lock()
			defer mu.Unlock()
			statuses[fmt.Sprintf("%d %s", got.status, got.Code)]++
		})
	}
	group.Wait()
	if statuses["201 "] != 1 || statuses["409 email_taken"] != 7 {
		t.Fatalf("%v", statuses)
	}
}
