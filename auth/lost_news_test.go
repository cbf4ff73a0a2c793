package auth_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/redispool"
)

// soon is far beyond the second that is promised: the machine may be busy.
const soon = 30 * time.Second

// TestASignOutCountsThoughWhoeverDidItEndsBeforeTellingAnybody: between the
// commit and the news there is a moment in which a copy can die.
func TestASignOutCountsThoughWhoeverDidItEndsBeforeTellingAnybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	silent, two := w.startQuick(t).ready(), w.startQuick(t).ready() // each hears nothing but its own news
	s := silent.register("ana@example.org")
	want(t, two.profile(s), http.StatusOK, "")
	want(t, silent.logout(s, "current"), http.StatusNoContent, "")
	if err := silent.stop(); err != nil {
		t.Fatal(err)
	}
	eventually.Within(t, soon, "signed out on the copy that nobody told", func() bool { return two.profile(s).Code == "session_ended" })
	want(t, w.startQuick(t).ready().profile(s), http.StatusUnauthorized, "session_ended")
}

func TestAnEmptyRedisBringsNoSessionBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.start(t).ready(), w.start(t).ready()
	s := one.register("ana@example.org")
	pool, err := redispool.Open(w.redis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	want(t, two.profile(s), http.StatusOK, "")
	want(t, one.logout(s, "current"), http.StatusNoContent, "")
	eventually.Within(t, soon, "signed out on the second copy", func() bool { return two.profile(s).Code == "session_ended" })
	if _, err := pool.Do(t.Context(), "FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	for _, copied := range []copyOf{one, two, w.start(t).ready()} {
		want(t, copied.profile(s), http.StatusUnauthorized, "session_ended")
		want(t, copied.refresh(s), http.StatusUnauthorized, "session_ended")
	}
}
