package fcm

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/exchange"
	"github.com/loveapp/backend/shared/config"
)

const (
	scope     = "https://www.googleapis.com/auth/firebase.messaging"
	grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer" // RFC 7523
	// assertionLife is the longest that Google takes.
	assertionLife = time.Hour
	// renewBefore a token ends a new one is fetched.
	renewBefore = time.Minute
)

// serviceAccount is the file that the Firebase console gives.
type serviceAccount struct {
	ProjectID   string `json:"project_id"`
	ClientEmail string `json:"client_email"`
	KeyID       string `json:"private_key_id"`
	PrivateKey  string `json:"private_key"`
	TokenURI    string `json:"token_uri"`
}

// credentials turn the service account into access tokens, one at a time.
type credentials struct {
	account  serviceAccount
	key      *rsa.PrivateKey
	exchange *exchange.Exchange
	now      func() time.Time

	fetching sync.Mutex // held while a new token is fetched: the others wait for it
	mu       sync.Mutex
	token    string
	until    time.Time
}

func newCredentials(secret config.Secret, e *exchange.Exchange, now func() time.Time) (*credentials, error) {
	c := &credentials{exchange: e, now: now}
	if err := json.Unmarshal([]byte(secret.Value()), &c.account); err != nil {
		return nil, errors.New("fcm: the service account is not the JSON file that the Firebase console gives")
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(c.account.PrivateKey))
	if err != nil {
		return nil, errors.New("fcm: the service account's private_key is no RSA key in PEM")
	}
	if u, err := url.Parse(c.account.TokenURI); err != nil || u.Host == "" || c.account.ClientEmail == "" || c.account.ProjectID == "" {
		return nil, errors.New("fcm: the service account lacks project_id, client_email or token_uri")
	}
	c.key = key
	return c, nil
}

// bearer gives an access token; a new one where refused was not taken.
func (c *credentials) bearer(ctx context.Context, refused string) (string, error) {
	if token, ok := c.kept(refused); ok {
		return token, nil
	}
	c.fetching.Lock()
	defer c.fetching.Unlock()
	if token, ok := c.kept(refused); ok { // somebody else has fetched it meanwhile
		return token, nil
	}
	token, life, err := c.fetch(ctx)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token, c.until = token, c.now().Add(life-renewBefore)
	return token, nil
}

func (c *credentials) kept(refused string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token, c.token != "" && c.token != refused && c.now().Before(c.until)
}

func (c *credentials) fetch(ctx context.Context) (token string, life time.Duration, err error) {
	assertion, err := c.assertion()
	if err != nil {
		return "", 0, err
	}
	form := url.Values{"grant_type": {grantType}, "assertion": {assertion}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.account.TokenURI, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := c.exchange.Do(ctx, req)
	if err != nil {
		return "", 0, err
	}
	var said struct {
		Token string `json:"access_token"`
		Life  int    `json:"expires_in"`
		Error string `json:"error"`
	}
	readable := json.Unmarshal(answer.Body, &said) == nil
	switch {
	case answer.Status == http.StatusOK && readable && said.Token != "" && said.Life > 0:
		return said.Token, time.Duration(said.Life) * time.Second, nil
	case answer.Status == http.StatusTooManyRequests:
		return "", 0, c.exchange.Error(domain.Throttled, said.Error, answer)
	case answer.Status >= 400 && answer.Status < 500:
		return "", 0, c.exchange.Error(domain.Misconfigured, said.Error, answer)
	}
	return "", 0, c.exchange.Error(domain.Unreachable, "token", answer)
}

func (c *credentials) assertion() (string, error) {
	now := c.now()
	unsigned := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": c.account.ClientEmail, "scope": scope, "aud": c.account.TokenURI,
		"iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	unsigned.Header["kid"] = c.account.KeyID
	signed, err := unsigned.SignedString(c.key)
	if err != nil {
		return "", fmt.Errorf("fcm: sign an assertion: %w", err)
	}
	return signed, nil
}
