package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

const (
	// heartbeat keeps proxies from closing a quiet stream (they wait 60 s), and finds who has left.
	heartbeat = 15 * time.Second
	// writeLimit: who takes longer for one event is gone.
	writeLimit = 10 * time.Second
)

// stream sends what the link shows as server-sent events (HTML Standard section
// 9.2): `view` now and after every change, `end` when there will be none any more.
func (a api) stream(w http.ResponseWriter, r *http.Request) error {
	if !a.Started() {
		return errStarting
	}
	body, err := readLink(w, r)
	if err != nil {
		return err
	}
	s, err := a.follow(r, body.Token)
	if err != nil {
		return err
	}
	defer a.App.Followers.Leave(s)
	out := eventStream{w, http.NewResponseController(w)}
	_ = out.control.SetReadDeadline(time.Time{}) // the server's is for requests, and would end the stream
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx: pass each event on at once
	w.WriteHeader(http.StatusOK)
	out.run(r.Context(), s)
	return nil
}

func (a api) follow(r *http.Request, token string) (*app.Stream, error) {
	ctx, cancel := context.WithTimeout(r.Context(), requestLimit)
	defer cancel()
	return a.App.Follow(ctx, token)
}

// eventStream is an answer that goes on.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// run ends with the stream, and when the follower leaves; an answer that has
// begun has no error to give.
func (e eventStream) run(ctx context.Context, s *app.Stream) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case view, more := <-s.Views:
			if !more {
				_ = e.send("event: end\ndata: {}\n\n")
				return
			}
			err = e.show(view)
		case <-beat.C:
			err = e.send(": still here\n\n")
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (e eventStream) show(view domain.PublicView) error {
	data, err := json.Marshal(publicOf(view))
	if err != nil {
		return err
	}
	return e.send(fmt.Sprintf("event: view\ndata: %s\n\n", data))
}

func (e eventStream) send(text string) error {
	if err := e.control.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return err
	}
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.control.Flush()
}
