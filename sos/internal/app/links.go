package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Links makes the tokens of invitations, of consents and of what is shared, and
// the pages that take them.
type Links struct {
	invitations tokens
	shares      tokens
	consents    tokens
	networks    []byte
	base        string
}

// NewLinks derives the keys from secret; tokens made with previous are still
// recognised as one's own. publicURL is where the app's pages are.
func NewLinks(publicURL, secret, previous string) (*Links, error) {
	if len(secret) < sha256.Size {
		return nil, errors.New("sos: the secret for links needs at least 32 bytes")
	}
	secrets := []string{secret}
	if previous != "" {
		secrets = append(secrets, previous)
	}
	l := &Links{base: strings.TrimSuffix(publicURL, "/")}
	var networks tokens
	for purpose, into := range map[string]*tokens{
		"loveapp sos invitation v1": &l.invitations, "loveapp sos share v1": &l.shares, "loveapp sos consent v1": &l.consents, "loveapp sos network v1": &networks,
	} {
		var err error
		if *into, err = newTokens(purpose, secrets); err != nil {
			return nil, err
		}
	}
	l.networks = networks.keys[0]
	return l, nil
}

// token is the invitation's secret.
func (l *Links) token(id domain.InvitationID) string { return l.invitations.token(string(id)) }

// again is the token that was given out for the invitation.
func (l *Links) again(id domain.InvitationID, hash ports.InviteToken) string {
	return l.invitations.again(string(id), hash)
}

// ConsentToken is what the mail or text that asks for consent carries.
func (l *Links) ConsentToken(id domain.ConsentID) string { return l.consents.token(string(id)) }

// url carries the token in the fragment, which no browser sends to a server.
func (l *Links) url(token string) string { return l.base + "/invite#" + token }

// consentURL is the page where somebody without the app answers.
func (l *Links) consentURL(token string) string { return l.base + "/consent#" + token }

// trackURL is the page that follows a ticket; "" where the token is known no more.
func (l *Links) trackURL(link ports.NewShare) string {
	token := l.shares.again(string(link.Share.ID), link.Token)
	if token == "" {
		return ""
	}
	return l.base + "/track#" + token
}

// Fingerprint is a digest that tells networks apart and names none; "" of "".
func (l *Links) Fingerprint(network string) string {
	if network == "" {
		return ""
	}
	const half = 16 // bytes: enough that no two ever meet
	mac := hmac.New(sha256.New, l.networks)
	mac.Write([]byte(network))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:half])
}

func hashOf(token string) ports.InviteToken { return sha256.Sum256([]byte(token)) }
