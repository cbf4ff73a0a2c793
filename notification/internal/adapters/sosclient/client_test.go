package sosclient_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification/internal/adapters/sosclient"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sos answers as the service does; its own tests hold the service to it.
type sos struct {
	mu    sync.Mutex
	rooms map[event.RoomMember]bool
	away  bool
	asked []*http.Request
	say   http.HandlerFunc // instead
}

var errNoRoom = fault.New(fault.NotFound, event.RoomNotFound, "No.")

func (s *sos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r)
	if s.say != nil {
		s.say(w, r)
		return
	}
	var m event.RoomMember
	switch err := json.NewDecoder(r.Body).Decode(&m); {
	case err != nil || r.Method != http.MethodPost || r.URL.Path != "/internal/rooms/authorize" || r.Header.Get("Authorization") != "Bearer token":
		w.WriteHeader(http.StatusBadRequest)
	case s.away:
		w.WriteHeader(http.StatusServiceUnavailable)
	case s.rooms[event.RoomMember{Room: m.Room, UserID: m.UserID}]:
		w.WriteHeader(http.StatusNoContent)
	default:
		problem.Write(w, r, errNoRoom)
	}
}

func (s *sos) start(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL
}

func client(t *testing.T, urls ...string) *sosclient.Client {
	t.Helper()
	c, err := sosclient.New(sosclient.Config{URLs: urls, Token: func() (string, error) { return "token", nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestOwner(t *testing.T) {
	t.Parallel()
	portstest.Owner(t, func(t *testing.T) portstest.Doorkeeper {
		s := &sos{rooms: map[event.RoomMember]bool{}}
		return portstest.Doorkeeper{
			Owner: client(t, s.start(t)),
			Let: func(room domain.Room, user domain.UserID) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.rooms[event.RoomMember{Room: string(room), UserID: string(user)}] = true
			},
			Away: func(away bool) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.away = away
			},
		}
	})
}

const room = "sos:01890a5d-ac96-774b-bcce-b302099a8057"

func TestOneCopyThatIsDownCostsNoAnswer(t *testing.T) {
	t.Parallel()
	down := "http://" + freeport.Addr(t)
	s := &sos{rooms: map[event.RoomMember]bool{{Room: room, UserID: "ana"}: true}}
	c := client(t, down, s.start(t))
	for range 6 {
		if admitted, err := c.Admits(t.Context(), room, domain.Principal{User: "ana"}); !admitted || err != nil {
			t.Errorf("%t, %v", admitted, err)
		}
	}
}

func TestOnlyAnAnswerAboutTheRoomCounts(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]http.HandlerFunc{
		"a path that an older sos does not know": http.NotFound,
		"a success without that meaning":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		},
		"a wrong token":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"a failure":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"a broken answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"silence": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client has gone
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &sos{say: say}
			admitted, err := client(t, s.start(t)).Admits(t.Context(), room, domain.Principal{User: "ana"})
			if admitted || !errors.Is(err, domain.ErrRoomUnknown) {
				t.Errorf("%t, %v", admitted, err)
			}
		})
	}
}

func TestAServiceThatFailsIsLeftAloneForAWhile(t *testing.T) {
	t.Parallel()
	s := &sos{away: true}
	c := client(t, s.start(t))
	const attempts = 50
	began := time.Now()
	for range attempts {
		if admitted, err := c.Admits(t.Context(), room, domain.Principal{User: "ana"}); admitted || err == nil {
			t.Fatalf("%t, %v", admitted, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rested := int(time.Since(began).Seconds()); len(s.asked) > 5+rested {
		t.Errorf("it was asked %d times", len(s.asked))
	}
}

func TestAHoleIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []sosclient.Config{{}, {URLs: []string{"http://x"}}, {Token: func() (string, error) { return "", nil }}} {
		if _, err := sosclient.New(c); err == nil {
			t.Errorf("%v is taken", c)
		}
	}
}
