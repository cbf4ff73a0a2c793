package domain

import (
	"crypto/hmac"
	"crypto/sha256"
	"strconv"
	"strings"
)

// refreshPrefix lets secret scanners know what they have found.
const refreshPrefix = "lrt"

// RefreshToken is what a token says of itself; nothing of it is true before Keys.Issued has said so.
type RefreshToken struct {
	Session    SessionID
	Generation int64
	mac        []byte
}

// ParseRefreshToken takes a token apart: prefix, session, generation, HMAC.
func ParseRefreshToken(raw string) (RefreshToken, bool) {
	parts := strings.Split(raw, ".")
	if len(parts) != 4 || parts[0] != refreshPrefix || strings.ContainsAny(raw, "\r\n") {
		return RefreshToken{}, false
	}
	id, ok := ParseSessionID(parts[1])
	generation, err := strconv.ParseInt(parts[2], 10, 63)
	if !ok || err != nil || generation < firstGeneration || strconv.FormatInt(generation, 10) != parts[2] {
		return RefreshToken{}, false
	}
	sum, err := strictBase64().DecodeString(parts[3])
	if err != nil || len(sum) != sha256.Size {
		return RefreshToken{}, false
	}
	return RefreshToken{id, generation, sum}, true
}

// RefreshToken makes the session's token of a generation; the same every time.
func (k Keys) RefreshToken(s Session, generation int64) string {
	sum := refreshMAC(k.sets[0], s, generation)
	return strings.Join([]string{refreshPrefix, string(s.ID), strconv.FormatInt(generation, 10), strictBase64().EncodeToString(sum)}, ".")
}

// Issued says, in constant time, whether the token was made by us for that session.
func (k Keys) Issued(t RefreshToken, s Session) bool {
	if t.Session != s.ID {
		return false
	}
	for _, set := range k.sets {
		if hmac.Equal(t.mac, refreshMAC(set, s, t.Generation)) {
			return true
		}
	}
	return false
}

func refreshMAC(set keySet, s Session, generation int64) []byte {
	return mac(set.refresh, string(s.ID), strconv.FormatInt(generation, 10), string(s.Salt))
}
