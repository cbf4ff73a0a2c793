package failure

import (
	"context"
	"net/http"
	"net/url"
)

// renumbered are the seqs under which the phone was shown something else than
// the inbox holds there now. A phone that has shown a seq drops the next one
// that bears it: whoever takes a number twice hides an alarm.
func (e *ear) renumbered(ctx context.Context) (seqs []int64, err error) {
	for path := "/v1/notifications?limit=100"; path != ""; {
		r, err := e.phone.until(ctx, statusIs(http.StatusOK), func() reply { return e.phone.call(ctx, http.MethodGet, path, nil) })
		if err != nil {
			return nil, err
		}
		var page struct {
			Items []struct {
				ID  string
				Seq int64
			}
			NextCursor *string
		}
		if err := r.into(&page); err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			if id := e.idOf(item.Seq); id != "" && id != item.ID {
				seqs = append(seqs, item.Seq)
			}
		}
		path = ""
		if page.NextCursor != nil {
			path = "/v1/notifications?limit=100&cursor=" + url.QueryEscape(*page.NextCursor)
		}
	}
	return seqs, nil
}

// idOf is "" for a seq that was never shown.
func (e *ear) idOf(seq int64) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.shown[seq]
}
