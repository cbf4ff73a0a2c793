package wsapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/eventually"
)

func TestANotificationArrivesAsItStandsInTheInbox(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	bearer := s.token(user)
	client, _ := wstest.Connect(t, s.URL, bearer)
	s.notify(user, "critical", "Ana <needs> help & more")
	m := client.Expect("notification")
	var page struct{ Items []json.RawMessage }
	if _, answer := s.request(http.MethodGet, "/v1/notifications", bearer, nil); json.Unmarshal(answer, &page) != nil || len(page.Items) != 1 {
		t.Fatalf("inbox: %s", answer)
	}
	var live, listed map[string]any
	if json.Unmarshal(m.Notification, &live) != nil || json.Unmarshal(page.Items[0], &listed) != nil || fmt.Sprint(live) != fmt.Sprint(listed) {
		t.Errorf("live   %s\nlisted %s", m.Notification, page.Items[0])
	}
	if m.Seq != 1 || live["seq"] != 1.0 || strings.Contains(m.Raw, `\u003c`) {
		t.Errorf("frame %s", m.Raw)
	}
}

func TestResumeBringsWhatWasMissed(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	s.backlog(user, 5, "")
	client := s.connect(user)
	client.Send(`{"type":"resume","after":2}`)
	client.ExpectSeqs(3, 4, 5)
	if m := client.Expect("resumed"); m.Seq != 5 {
		t.Errorf("resumed %d", m.Seq)
	}
	client.Send(`{"type":"resume","after":5}`)
	if m := client.Expect("resumed"); m.Seq != 5 {
		t.Errorf("nothing was missed: %s", m.Raw)
	}
	client.Send(`{"type":"resume","after":6}`)
	if m := client.Expect("reset"); m.Seq != 5 {
		t.Errorf("ahead of the newest: %s", m.Raw)
	}
	client.Send(`{"type":"resume","after":0}`) // again, from the start: the client has asked for it
	client.ExpectSeqs(1, 2, 3, 4, 5)
	client.Expect("resumed")
	s.notify(user, "low", "live")
	client.ExpectSeqs(6)
}

func TestResumeOfAnEmptyInbox(t *testing.T) {
	t.Parallel()
	client := start(t, settings{}).connect(newID())
	client.Send(`{"type":"resume","after":0}`)
	if m := client.Expect("resumed"); m.Seq != 0 {
		t.Errorf("resumed %d", m.Seq)
	}
	client.Send(`{"type":"resume","after":9}`)
	if m := client.Expect("reset"); m.Seq != 0 {
		t.Errorf("reset %d", m.Seq)
	}
}

func TestResumeLeavesOutWhatWasDeletedAndIsLongerThanAPage(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	s.backlog(user, 250, "")
	var want []int64
	backlog, _ := s.store.Since(t.Context(), domain.UserID(user), 0, 250, 250)
	for _, n := range backlog.Items {
		if n.Seq%50 == 0 {
			if _, _, err := s.store.Mark(t.Context(), domain.UserID(user), n.ID, domain.Deleted); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want = append(want, int64(n.Seq))
	}
	client := s.connect(user)
	client.Send(`{"type":"resume","after":0}`)
	client.ExpectSeqs(want...)
	if m := client.Expect("resumed"); m.Seq != 250 {
		t.Errorf("resumed %d, want 250 although that one was deleted", m.Seq)
	}
}

// While a client that reads slowly resumes, others go on being notified, and
// what comes live waits for its turn.
func TestWhatComesLiveWaitsForTheResume(t *testing.T) {
	t.Parallel()
	s := start(t, settings{pace: app.Pace{Patience: time.Minute}})
	user := newID()
	const old = 4000
	s.backlog(user, old, strings.Repeat("x", 2000)) // 8 MB: more than the kernel holds
	client := s.narrow(user)
	client.Send(`{"type":"resume","after":0}`)
	client.ExpectSeqs(1, 2, 3)
	s.notify(user, "medium", "live")
	s.notify(user, "critical", "live and urgent")
	for seq := int64(4); seq <= old; seq++ {
		client.ExpectSeqs(seq)
	}
	if m := client.Expect("resumed"); m.Seq != old {
		t.Errorf("resumed %d, want %d", m.Seq, old)
	}
	client.ExpectSeqs(old+1, old+2)
}

func TestAnAlarmDoesNotWaitForALongResume(t *testing.T) {
	t.Parallel()
	s := start(t, settings{pace: app.Pace{Patience: time.Millisecond}})
	user := newID()
	const old = 10_000
	s.backlog(user, old, strings.Repeat("x", 2000))
	client := s.narrow(user)
	client.Send(`{"type":"resume","after":0}`)
	client.ExpectSeqs(1)
	s.notify(user, "critical", "alarm")
	seen := map[int64]int{1: 1}
	position := 0
	for len(seen) < old+1 {
		m := client.Expect("notification")
		if seen[m.Seq]++; m.Seq == old+1 {
			position = len(seen)
		}
	}
	if position > old-100 {
		t.Errorf("the alarm came as number %d of %d", position, old+1)
	}
	if m := client.Expect("resumed"); m.Seq != old {
		t.Errorf("resumed %d", m.Seq)
	}
	s.notify(user, "medium", "next")
	client.ExpectSeqs(old + 2) // and the alarm not once more
}

func TestAcksAreNoted(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	s.backlog(user, 4, "")
	backlog, _ := s.store.Since(t.Context(), domain.UserID(user), 0, 4, 4)
	client := s.connect(user)
	client.Send(`{"type":"ack","seq":2}`)
	client.Sendf(`{"type":"ack","ids":[%q,"no id",%q]}`, backlog.Items[3].ID, newID())
	client.Send(`{"type":"ping"}`)
	client.Expect("pong") // and nothing before it
	eventually.True(t, "the fourth is noted", func() bool { return s.store.Acked(domain.UserID(user), 4) })
	for seq, want := range map[domain.Seq]bool{1: true, 2: true, 3: false, 4: true} {
		if got := s.store.Acked(domain.UserID(user), seq); got != want {
			t.Errorf("seq %d: acked %t", seq, got)
		}
	}
}

func TestARefreshedTokenKeepsTheSocket(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user, session := newID(), newID()
	client, _ := wstest.Connect(t, s.URL, s.tokenOf(user, session, 2*time.Second))
	client.Sendf(`{"type":"refresh","token":%q}`, s.tokenOf(user, session, time.Hour))
	if m := client.Expect("refreshed"); time.Until(m.ExpiresAt) < 50*time.Minute {
		t.Errorf("refreshed: %s", m.Raw)
	}
	client.ExpectSilence(2500 * time.Millisecond)
	client.Send(`{"type":"ping"}`)
	client.Expect("pong")
}

func TestATokenThatDoesNotRefreshCloses(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user, session := newID(), newID()
	for name, raw := range map[string]string{
		"another user's":    s.tokenOf(newID(), session, time.Hour),
		"another session's": s.tokenOf(user, newID(), time.Hour),
		"expired":           s.tokenOf(user, session, -time.Second),
		"forged":            "a.b.c",
		"none":              "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := wstest.Connect(t, s.URL, s.tokenOf(user, session, time.Hour))
			client.Sendf(`{"type":"refresh","token":%q}`, raw)
			client.ExpectClose(4401)
		})
	}
}

func TestNonsenseIsAnsweredAndTheTenthTimeCloses(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	client := s.connect(newID())
	for _, nonsense := range []string{
		`{`, `[]`, `"resume"`, `{"type":"unknown"}`, `{"type":"resume"}`, `{"type":"resume","after":-1}`,
		`{"type":"resume","after":"1"}`, `{"type":"ack"}`, `{"type":"ack","seq":1,"ids":[]}`,
	} {
		client.Send(nonsense)
		if m := client.Expect("error"); m.Code != "malformed_message" || m.Detail == "" {
			t.Errorf("%s: %s", nonsense, m.Raw)
		}
	}
	client.Send(`{"type":"ping"}`)
	client.Expect("pong")
	client.Send(`{"type":"auth","token":"again"}`)
	client.Expect("error")
	client.ExpectClose(1008)
}

func TestFieldsThatAreNotKnownAreIgnored(t *testing.T) {
	t.Parallel()
	client := start(t, settings{}).connect(newID())
	client.Send(`{"type":"ping","from":{"a":"newer app"}}`)
	client.Expect("pong")
}

func TestOtherDevicesHearWhatOneDoesToTheInbox(t *testing.T) {
	t.Parallel()
	s := start(t, settings{})
	user := newID()
	s.backlog(user, 3, "")
	backlog, _ := s.store.Since(t.Context(), domain.UserID(user), 0, 3, 3)
	id := string(backlog.Items[0].ID)
	bearer := s.token(user)
	phone, tablet, other := s.connect(user), s.connect(user), s.connect(newID())
	for _, step := range []struct {
		method, path, kind string
		ids, unread        int
	}{
		{http.MethodPost, "/v1/notifications/items/" + id + "/read", "read", 1, 2},
		{http.MethodPost, "/v1/notifications/items/" + id + "/unread", "unread", 1, 3},
		{http.MethodDelete, "/v1/notifications/items/" + id, "deleted", 1, 2},
		{http.MethodPost, "/v1/notifications/read-all", "read", 2, 0},
	} {
		if status := s.status(step.method, step.path, bearer); status >= 300 {
			t.Fatalf("%s is answered %d", step.path, status)
		}
		for _, device := range []*wstest.Client{phone, tablet} {
			if m := device.Expect(step.kind); len(m.IDs) != step.ids || m.UnreadCount != step.unread || step.ids == 1 && m.IDs[0] != id {
				t.Errorf("%s: %s", step.path, m.Raw)
			}
		}
	}
	s.status(http.MethodPost, "/v1/notifications/read-all", bearer) // changes nothing
	phone.ExpectSilence(50 * time.Millisecond)
	other.ExpectSilence(time.Millisecond)
}

func TestWithoutTheStoreAResumeIsAnsweredAndTheSocketStays(t *testing.T) {
	t.Parallel()
	s := start(t, settings{limits: wsapi.Limits{}})
	user := newID()
	s.backlog(user, 2, "")
	client := s.connect(user)
	s.store.Begin()
	client.Send(`{"type":"resume","after":0}`)
	if m := client.Expect("error"); m.Code != "unavailable" {
		t.Errorf("answered %s", m.Raw)
	}
	later := wstest.Open(t, s.URL, wstest.Bearer(s.token(user)))
	later.ExpectClose(1013)
	s.store.End()
	client.Send(`{"type":"resume","after":0}`)
	client.ExpectSeqs(1, 2)
	client.Expect("resumed")
}
