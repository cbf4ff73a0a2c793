package apns

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// renewAfter: Apple refuses a token that is older than an hour, and one that is
// renewed more often than every twenty minutes.
const renewAfter = 40 * time.Minute

// signer makes the provider token by which Apple knows us.
type signer struct {
	keyID, teamID string
	key           *ecdsa.PrivateKey
	now           func() time.Time

	mu    sync.Mutex
	token string
	made  time.Time
}

func newSigner(c Config) (*signer, error) {
	key, err := jwt.ParseECPrivateKeyFromPEM([]byte(c.Key.Value()))
	if err != nil {
		return nil, errors.New("apns: the key is not the .p8 file that Apple gives")
	}
	return &signer{keyID: c.KeyID, teamID: c.TeamID, key: key, now: c.Now}, nil
}

// bearer gives the token; a new one where refused was not taken, or it is old.
func (s *signer) bearer(refused string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.token != "" && s.token != refused && now.Sub(s.made) < renewAfter {
		return s.token, nil
	}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": s.teamID, "iat": now.Unix()})
	unsigned.Header["kid"] = s.keyID
	signed, err := unsigned.SignedString(s.key)
	if err != nil {
		return "", fmt.Errorf("apns: sign a token: %w", err)
	}
	s.token, s.made = signed, now
	return signed, nil
}
