package domain

import (
	"crypto/hmac"
	"encoding/json"
	"strings"
	"time"
)

const (
	mfaPrefix = "lmt"
	// MFALife is how long somebody may look for their authenticator.
	MFALife = 5 * time.Minute
	maxMFA  = 2048 // bytes of a token, made or accepted
)

// MFAChallenge is a sign-in of which the password was right and the second
// factor is still missing.
type MFAChallenge struct {
	User              UserID `json:"u"`
	CredentialVersion int64  `json:"v"` // a new password ends it
	DeviceName        string `json:"d"`
	ExpiresMs         int64  `json:"e"` // Unix milliseconds
}

// MFAToken writes the challenge down. The token is of a kind and a key of its
// own: it opens the second step and nothing else.
func (k Keys) MFAToken(c MFAChallenge) string {
	payload, _ := json.Marshal(c) // texts and numbers always can be
	body := strictBase64().EncodeToString(payload)
	return strings.Join([]string{mfaPrefix, body, strictBase64().EncodeToString(mac(k.sets[0].mfa, body))}, ".")
}

// Challenge reads a token of ours that has not expired.
func (k Keys) Challenge(raw string, now time.Time) (c MFAChallenge, ok bool) {
	parts := strings.Split(raw, ".")
	if len(raw) > maxMFA || len(parts) != 3 || parts[0] != mfaPrefix || strings.ContainsAny(raw, "\r\n") {
		return c, false
	}
	sum, err := strictBase64().DecodeString(parts[2])
	if err != nil {
		return c, false
	}
	for _, set := range k.sets {
		if !hmac.Equal(sum, mac(set.mfa, parts[1])) {
			continue
		}
		payload, err := strictBase64().DecodeString(parts[1])
		if err != nil || json.Unmarshal(payload, &c) != nil {
			return c, false
		}
		return c, now.UnixMilli() < c.ExpiresMs
	}
	return c, false
}
