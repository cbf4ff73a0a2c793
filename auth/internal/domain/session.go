package domain

import "time"

// Origin is what a request tells about where it comes from, for the list in
// which people look for sessions that are not theirs.
type Origin struct {
	IP        string
	UserAgent string
}

// maxUserAgent cuts a text that clients choose.
const maxUserAgent = 256

// NewOrigin bounds what was sent.
func NewOrigin(ip, userAgent string) Origin {
	return Origin{IP: ip, UserAgent: cleaned(userAgent, maxUserAgent)}
}

// Session is one signed-in device.
type Session struct {
	ID     SessionID
	UserID UserID
	// Device is bound to the session: only its token may repeat a refresh.
	Device     DeviceID
	DeviceName string
	Origin     Origin
	// Salt goes into every refresh token, so that none follows from ids and the secret of another session.
	Salt []byte
	// Generation counts rotations: the newest refresh token that was given out.
	Generation int64
	RotatedAt  time.Time // when Generation was made
	LastUsedAt time.Time
	CreatedAt  time.Time
	EndedAt    time.Time // zero while it lives
}

// firstGeneration is that of the refresh token given at sign-in.
const firstGeneration = 1

// Opening is what a new session is made of.
type Opening struct {
	ID         SessionID
	UserID     UserID
	Device     DeviceID
	DeviceName string
	Origin     Origin
	Salt       []byte
}

// Open starts a session.
func (o Opening) Open(now time.Time) Session {
	return Session{
		ID: o.ID, UserID: o.UserID, Device: o.Device, DeviceName: o.DeviceName, Origin: o.Origin, Salt: o.Salt,
		Generation: firstGeneration, RotatedAt: now, LastUsedAt: now, CreatedAt: now,
	}
}

// LiveFor says whether a session of a user with that role may still be used.
func (s Session) LiveFor(role Role, now time.Time) bool {
	idle, absolute := role.sessionLimits()
	return s.EndedAt.IsZero() && now.Sub(s.LastUsedAt) < idle && (absolute == 0 || now.Sub(s.CreatedAt) < absolute)
}

// SessionPage asks for some of a user's live sessions, the newest first.
type SessionPage struct {
	User UserID
	// UsedAfter and OpenedAfter leave out those that have lain unused, or lived, for too long.
	UsedAfter, OpenedAfter time.Time
	Below                  SessionID // the last of the page before; "" for the first
	Limit                  int
}

// LiveSessions is the first page of what counts as signed in for a user with that role.
func LiveSessions(user UserID, role Role, now time.Time) SessionPage {
	idle, absolute := role.sessionLimits()
	page := SessionPage{User: user, UsedAfter: now.Add(-idle)}
	if absolute > 0 {
		page.OpenedAfter = now.Add(-absolute)
	}
	return page
}
