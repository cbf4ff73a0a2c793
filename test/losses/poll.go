package losses

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
)

// poll shows what has come since the last time.
func (c *client) poll(ctx context.Context) {
	var fresh []notification
	whole := c.pages(ctx, func(items []notification) (more bool) {
		for _, n := range items {
			if c.knows(n.ID) {
				return false
			}
			fresh = append(fresh, n)
		}
		return true
	})
	if whole != nil {
		return // the rest would be missing below what is shown now
	}
	for _, n := range slices.Backward(fresh) {
		c.mu.Lock()
		if !c.retired {
			c.show(n, -1)
		}
		c.mu.Unlock()
	}
}

// reset does what an app does that is told to go on from a seq: it reads the inbox
// first. Where that fails it stays where it is, and comes again.
func (c *client) reset(ctx context.Context, seq int64) error {
	if err := c.reread(ctx); err != nil {
		return err
	}
	c.goOn(seq, true)
	return nil
}

// reread shows all of the inbox that was not shown, as an app does that is told to start anew.
func (c *client) reread(ctx context.Context) error {
	var all []notification
	if err := c.pages(ctx, func(items []notification) bool {
		all = append(all, items...)
		return true
	}); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range slices.Backward(all) {
		if !c.retired && !c.ids[n.ID] {
			c.show(n, -1)
		}
	}
	return nil
}

func (c *client) knows(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ids[id]
}

// inbox counts the titles that stand in it; a busy machine is asked again.
func (c *client) inbox(ctx context.Context) (map[string]int, error) {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	for {
		titles := map[string]int{}
		err := c.pages(ctx, func(items []notification) bool {
			for _, n := range items {
				titles[n.Title]++
			}
			return true
		})
		if err == nil || !pause(ctx, retryPause) {
			return titles, err
		}
	}
}

// pages reads the inbox, newest first, for as long as more wants.
func (c *client) pages(ctx context.Context, more func([]notification) bool) error {
	const first = "/v1/notifications?limit=100"
	for path := first; path != ""; {
		gateway := c.world.stack.Gateways[rand.IntN(len(c.world.stack.Gateways))] //nolint:gosec // no secret
		var page struct {
			Items      []notification
			NextCursor *string
		}
		if err := c.get(ctx, gateway+path, &page); err != nil {
			return err
		}
		if !more(page.Items) || page.NextCursor == nil {
			return nil
		}
		path = first + "&cursor=" + url.QueryEscape(*page.NextCursor)
	}
	return nil
}

func (c *client) get(ctx context.Context, url string, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.bearer)
	res, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %d", r.URL.Path, res.StatusCode)
	}
	return json.Unmarshal(text, answer)
}
