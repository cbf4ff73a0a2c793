package notificationclient

import "time"

// timestamp is a time as every time of the API: RFC 3339, UTC, milliseconds. What
// is sent as data reaches clients as it is.
type timestamp time.Time

// MarshalText writes the time.
func (t timestamp) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z")), nil
}
