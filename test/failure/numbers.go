package failure

import (
	"context"
	"net/http"
	"net/url"
)

// compare reads the inbox. renumbered are the seqs under which the phone was shown
// something else than the inbox holds there now: a phone that has shown a seq drops
// the next one that bears it, so whoever takes a number twice hides an alarm.
// unshown are those of what the phone never showed: it believes the server when that
// says that there is nothing more, and must not have been told so too early.
func (e *ear) compare(ctx context.Context) (renumbered, unshown []int64, err error) {
	for path := "/v1/notifications?limit=100"; path != ""; {
		r, err := e.phone.until(ctx, statusIs(http.StatusOK), func() reply { return e.phone.call(ctx, http.MethodGet, path, nil) })
		if err != nil {
			return nil, nil, err
		}
		var page struct {
			Items []struct {
				ID  string
				Seq int64
			}
			NextCursor *string
		}
		if err := r.into(&page); err != nil {
			return nil, nil, err
		}
		for _, item := range page.Items {
			if id := e.idOf(item.Seq); id != "" && id != item.ID {
				renumbered = append(renumbered, item.Seq)
			}
			if !e.knows(item.ID) {
				unshown = append(unshown, item.Seq)
			}
		}
		path = ""
		if page.NextCursor != nil {
			path = "/v1/notifications?limit=100&cursor=" + url.QueryEscape(*page.NextCursor)
		}
	}
	return renumbered, unshown, nil
}

func (e *ear) knows(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.known[id]
}

// idOf is "" for a seq that was never shown.
func (e *ear) idOf(seq int64) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.shown[seq]
}
