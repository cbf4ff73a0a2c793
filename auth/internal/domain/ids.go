// Package domain holds the rules of accounts and sessions: what an address, a
// password and a name may be, when a refresh token is good, repeated or stolen.
// It reads no clock and does no I/O.
package domain

// UserID names an account (UUIDv7).
type UserID string

// SessionID names one signed-in device's session (UUIDv7).
type SessionID string

// DeviceID names an installation of an app, across the sessions it has had.
type DeviceID string

// ParseUserID accepts the one canonical spelling of a UUID.
func ParseUserID(raw string) (UserID, bool) { return UserID(raw), isUUID(raw) }

// ParseSessionID accepts the one canonical spelling of a UUID.
func ParseSessionID(raw string) (SessionID, bool) { return SessionID(raw), isUUID(raw) }

// FromMonolith tells whether the account was copied, by the version of its id
// (token.LegacyUser): what is made here has a UUIDv7.
func (id UserID) FromMonolith() bool { return isVersion8(string(id)) }

// FromMonolith tells whether the session is the monolith's, of which no row is kept.
func (id SessionID) FromMonolith() bool { return isVersion8(string(id)) }

func isVersion8(s string) bool { return isUUID(s) && s[14] == '8' }

// uuidLength is that of the text form of RFC 9562 section 4.
const uuidLength = 36

// isUUID is strict about case: an id that has two spellings is two keys in a cache or a log.
func isUUID(s string) bool {
	if len(s) != uuidLength {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isLowerHex(s[i]) {
				return false
			}
		}
	}
	return true
}

func isLowerHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }
