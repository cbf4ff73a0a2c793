package gateway_test

import (
	"bufio"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
)

const inbox = "GET /v1/notifications HTTP/1.1\r\nHost: x\r\nAuthorization: "

const narrow = 16 << 10 // bytes, of a buffer that an answer does not fit in

// long answers with 512 KiB: more than goes into narrow buffers.
func long(w http.ResponseWriter) {
	piece := make([]byte, 32<<10)
	for range 1 << 4 {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

// readSlowly asks for the inbox, reads the status of the answer, and no more.
func readSlowly(t *testing.T, w *world) (status string) {
	t.Helper()
	conn := dial(t, w.URL)
	_ = conn.SetReadBuffer(4 << 10)
	if _, err := io.WriteString(conn, inbox+w.people.bearer(t, "alice")+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, len("HTTP/1.1 200"))
	if _, err := io.ReadFull(conn, line); err != nil {
		t.Fatal(err)
	}
	return string(line[len("HTTP/1.1 "):])
}

func TestASlowServiceHasRoomHoweverManyReadItsAnswersSlowly(t *testing.T) {
	t.Parallel()
	crowd := domain.FirstRoom(1) // as many as there is room for in the beginning
	var waiting atomic.Int64
	release := make(chan struct{})
	notify := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if waiting.Add(1) <= int64(crowd) {
			select {
			case <-release:
			case <-r.Context().Done():
			}
			return
		}
		long(w)
	})
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}, WriteBuffer: narrow})
	answers := make([]*bufio.Reader, crowd)
	for i := range answers {
		conn := dial(t, w.URL)
		_ = conn.SetDeadline(time.Now().Add(patience))
		answers[i] = bufio.NewReader(conn)
		if _, err := io.WriteString(conn, inbox+w.people.bearer(t, "alice")+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	eventually.True(t, "all are at the service", func() bool { return waiting.Load() == int64(crowd) })
	all := time.Now()
	eventually.True(t, "all have waited too long", func() bool { return time.Since(all) > domain.FullAfter })
	close(release)
	for _, a := range answers {
		if line, err := a.ReadString('\n'); err != nil {
			t.Fatal(line, err)
		}
	}
	if room := w.metric(t, "gateway_room") - 2*float64(crowd); room > float64(crowd) { // those of the other two are as they were
		t.Fatalf("there is room for %v at the slow service", room)
	}
	for i := range 2 * crowd {
		if status := readSlowly(t, w); status != "200" {
			t.Fatalf("%s beside %d that read", status, i)
		}
	}
}
