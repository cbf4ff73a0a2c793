package domain

import (
	"crypto/hmac"
	"strings"
)

const devicePrefix = "ldt"

// DeviceToken says that this installation has been signed in to that account.
// It opens nothing by itself.
func (k Keys) DeviceToken(device DeviceID, user UserID) string {
	return strings.Join([]string{devicePrefix, string(device), strictBase64().EncodeToString(mac(k.sets[0].device, string(device), string(user)))}, ".")
}

// Device recognises a token that was given to this user's device.
func (k Keys) Device(raw string, user UserID) (DeviceID, bool) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 || parts[0] != devicePrefix || !isUUID(parts[1]) || strings.ContainsAny(raw, "\r\n") {
		return "", false
	}
	sum, err := strictBase64().DecodeString(parts[2])
	if err != nil {
		return "", false
	}
	for _, set := range k.sets {
		if hmac.Equal(sum, mac(set.device, parts[1], string(user))) {
			return DeviceID(parts[1]), true
		}
	}
	return "", false
}
