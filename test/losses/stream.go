package losses

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// longestEvent is more than a message has, in bytes.
const longestEvent = 256 << 10

// follow reads server-sent events from where the client stands, until they end.
func (c *client) follow(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/events", http.NoBody)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.bearer)
	r.Header.Set("Last-Event-ID", strconv.FormatInt(c.position(), 10))
	endless := &http.Client{Transport: c.http.Transport} // the stream has no end of its own
	res, err := endless.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET /v1/events: %d", res.StatusCode)
	}
	c.begin()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, longestEvent)
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
		if !ok { // ids and names repeat what the data says
			continue
		}
		var f frame
		if json.Unmarshal(bytes.TrimSpace(data), &f) != nil {
			continue
		}
		if err := c.hear(ctx, f); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (c *client) hear(ctx context.Context, f frame) error {
	switch f.Type {
	case "notification":
		c.note(f.Notification, -1)
	case "resumed":
		c.resumed(f.Seq, -1)
	case "reset":
		return c.reset(ctx, f.Seq)
	}
	return nil
}
