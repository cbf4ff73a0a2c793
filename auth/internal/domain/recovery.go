package domain

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

const (
	// RecoveryCodes are given at once; each is good once.
	RecoveryCodes = 10
	// RecoveryBytes of chance make guessing hopeless even with the hashes at hand,
	// so that a plain SHA-256 is enough.
	RecoveryBytes = 10
	recoveryGroup = 4
)

// RecoveryCode is how people write a code down: abcd-efgh-ijkl-mnop.
func RecoveryCode(chance []byte) string {
	text := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(chance))
	var groups []string
	for ; len(text) > recoveryGroup; text = text[recoveryGroup:] {
		groups = append(groups, text[:recoveryGroup])
	}
	return strings.Join(append(groups, text), "-")
}

// HashRecovery is what is kept of a user's code. It reads what people type:
// capitals, spaces and dashes are all one.
func HashRecovery(user UserID, typed string) []byte {
	plain := strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(typed))
	sum := sha256.Sum256([]byte(string(user) + "\n" + plain))
	return sum[:]
}
