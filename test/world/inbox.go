package world

import (
	"net/http"
	"strconv"
)

// Inbox reads the newest page.
func (p *Person) Inbox() Inbox {
	p.t.Helper()
	return p.InboxPage(0, "")
}

// InboxPage reads limit entries (0: as many as the service likes) from the cursor on.
func (p *Person) InboxPage(limit int, cursor string) Inbox {
	p.t.Helper()
	path, sep := "/v1/notifications", "?"
	if limit > 0 {
		path, sep = path+sep+"limit="+strconv.Itoa(limit), "&"
	}
	if cursor != "" {
		path += sep + "cursor=" + cursor
	}
	var inbox Inbox
	p.Do(Call{Method: http.MethodGet, Path: path}).Want(http.StatusOK).Into(&inbox)
	return inbox
}

// Unread is the number on the app's badge.
func (p *Person) Unread() int {
	p.t.Helper()
	var count struct {
		UnreadCount int `json:"unreadCount"`
	}
	p.Do(Call{Method: http.MethodGet, Path: "/v1/notifications/unread-count"}).Want(http.StatusOK).Into(&count)
	return count.UnreadCount
}

// MarkRead opens one notification.
func (p *Person) MarkRead(id string) {
	p.t.Helper()
	p.Do(Call{Method: http.MethodPost, Path: "/v1/notifications/items/" + id + "/read"}).Want(http.StatusNoContent)
}

// MarkAllRead clears the badge and gives how many it cleared.
func (p *Person) MarkAllRead() int {
	p.t.Helper()
	var done struct {
		Updated int `json:"updated"`
	}
	p.Do(Call{Method: http.MethodPost, Path: "/v1/notifications/read-all"}).Want(http.StatusOK).Into(&done)
	return done.Updated
}
