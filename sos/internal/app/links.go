package app

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Links makes the tokens of invitations. They are derived from the invitation's
// id, so that a repeated request can be given the same one although only its
// hash is kept.
type Links struct {
	keys [][]byte // the first makes new ones
	base string
}

const linkKeyInfo = "loveapp sos invitation v1"

// NewLinks derives the key from secret; tokens made with previous are still
// recognised as one's own. publicURL is where the app's pages are.
func NewLinks(publicURL, secret, previous string) (*Links, error) {
	if len(secret) < sha256.Size {
		return nil, errors.New("sos: the secret for links needs at least 32 bytes")
	}
	l := &Links{base: strings.TrimSuffix(publicURL, "/") + "/invite#"}
	for _, s := range []string{secret, previous} {
		if s == "" {
			continue
		}
		key, err := hkdf.Key(sha256.New, []byte(s), nil, linkKeyInfo, sha256.Size)
		if err != nil {
			return nil, err
		}
		l.keys = append(l.keys, key)
	}
	return l, nil
}

// Token is the invitation's secret: 256 bits, base64url.
func (l *Links) token(id domain.InvitationID) string { return tokenWith(l.keys[0], id) }

func tokenWith(key []byte, id domain.InvitationID) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// again is the token that was given out for the invitation, known by its hash;
// "" where no key makes it any more.
func (l *Links) again(id domain.InvitationID, hash ports.InviteToken) string {
	for _, key := range l.keys {
		if token := tokenWith(key, id); hashOf(token) == hash {
			return token
		}
	}
	return ""
}

// url carries the token in the fragment, which no browser sends to a server.
func (l *Links) url(token string) string { return l.base + token }

func hashOf(token string) ports.InviteToken { return sha256.Sum256([]byte(token)) }

// Fingerprint is a digest that tells networks apart and names none; "" of "".
func (l *Links) Fingerprint(network string) string {
	if network == "" {
		return ""
	}
	const half = 16 // bytes: enough that no two ever meet
	mac := hmac.New(sha256.New, l.keys[0])
	mac.Write([]byte("guest network " + network))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:half])
}
