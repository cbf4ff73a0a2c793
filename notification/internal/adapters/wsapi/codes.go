package wsapi

import (
	"github.com/gobwas/ws"
	"github.com/loveapp/backend/notification/internal/domain"
)

// Close codes beside those that package ws names: registered with IANA, and our own.
const (
	statusServiceRestart ws.StatusCode = 1012
	statusTryAgainLater  ws.StatusCode = 1013

	statusTooSlow         ws.StatusCode = 4008 // reconnect and resume
	statusUnauthenticated ws.StatusCode = 4401 // refresh the token, then reconnect
	statusAuthTimeout     ws.StatusCode = 4408
	statusReplaced        ws.StatusCode = 4409 // a newer connection of the same user took the place
	statusCrowded         ws.StatusCode = 4429
)

// violation is what a client did that ends its connection.
type violation struct {
	code   ws.StatusCode
	reason string
}

func (v *violation) Error() string { return v.reason }

var (
	errBinary       = &violation{ws.StatusUnsupportedData, "only text is understood"}
	errNotUTF8      = &violation{ws.StatusInvalidFramePayloadData, "the text is not UTF-8"}
	errTooBig       = &violation{ws.StatusMessageTooBig, "the message is too big"}
	errCloseFrame   = &violation{ws.StatusProtocolError, "the close frame is malformed"}
	errLength       = &violation{ws.StatusProtocolError, "the frame's length is malformed"}
	errUnfinished   = &violation{ws.StatusPolicyViolation, "the message took too long"}
	errNonsense     = &violation{ws.StatusPolicyViolation, "too many malformed messages"}
	errCrowded      = &violation{statusCrowded, "too many connections from this address"}
	errFrameRate    = &violation{ws.StatusPolicyViolation, "too many frames"}
	errChatter      = &violation{ws.StatusPolicyViolation, "nothing is heard on a stream"}
	errDefect       = &violation{ws.StatusInternalServerError, "something went wrong on our side"}
	errAuthTimeout  = &violation{statusAuthTimeout, "no authentication in time"}
	errUnauthorized = &violation{statusUnauthenticated, "unauthenticated"}
)

// statusOf is the close code for each of the service's own reasons.
func statusOf(reason domain.CloseReason) (ws.StatusCode, string) {
	switch reason {
	case domain.TokenExpired:
		return statusUnauthenticated, "token_expired"
	case domain.SessionEnded:
		return statusUnauthenticated, "session_ended"
	case domain.OtherIdentity:
		return statusUnauthenticated, "the token is of another user or session"
	case domain.Replaced:
		return statusReplaced, "a newer connection took the place"
	case domain.TooSlow:
		return statusTooSlow, "too slow: reconnect and resume"
	case domain.Restarting:
		return statusServiceRestart, "restarting"
	default:
		return statusTryAgainLater, "try again later"
	}
}

// mayBeReceived tells whether a peer may close with code (RFC 6455 section 7.4
// and the IANA registry). package ws knows neither 1012 to 1014 nor an upper bound.
func mayBeReceived(code ws.StatusCode) bool {
	switch {
	case code >= 3000:
		return code <= 4999
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014:
		return true
	}
	return false
}
