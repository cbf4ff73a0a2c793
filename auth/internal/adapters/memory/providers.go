package memory

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

// Providers is one identity provider in process, called acme, that issues for
// the client app: its tokens are claims with an HMAC.
type Providers struct {
	now  func() time.Time
	key  []byte
	away atomic.Bool
}

// AcmeIssuer is how acme calls itself.
const AcmeIssuer = "https://acme.example"

// NewProviders has a key of its own.
func NewProviders(now func() time.Time) *Providers {
	return &Providers{now: now, key: []byte(rand.Text())}
}

// Stop makes the provider unreachable.
func (p *Providers) Stop() { p.away.Store(true) }

// Sign gives a token with the claims.
func (p *Providers) Sign(claims map[string]any) string {
	raw, _ := json.Marshal(claims) // texts, numbers and truths
	body := base64.RawURLEncoding.EncodeToString(raw)
	return body + "." + p.sum(body)
}

func (p *Providers) sum(body string) string {
	h := hmac.New(sha256.New, p.key)
	_, _ = h.Write([]byte(body))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

type acmeClaims struct {
	Issuer     string `json:"iss"`
	Audience   any    `json:"aud"`
	Subject    string `json:"sub"`
	IssuedAt   int64  `json:"iat"`
	Expires    int64  `json:"exp"`
	Nonce      string `json:"nonce"`
	Email      string `json:"email"`
	Verified   bool   `json:"email_verified"`
	GivenName  string `json:"given_name"`
	FamilyName string `json:"family_name"`
}

// Identify implements ports.Providers.
func (p *Providers) Identify(_ context.Context, token domain.ProviderToken) (domain.Identity, error) {
	switch {
	case token.Provider != "acme":
		return domain.Identity{}, domain.ErrProviderUnknown
	case p.away.Load():
		return domain.Identity{}, fault.New(fault.Unavailable, "unavailable", "The provider is away.")
	}
	body, sum, _ := strings.Cut(token.IDToken, ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	var said acmeClaims
	if err != nil || !hmac.Equal([]byte(sum), []byte(p.sum(body))) || json.Unmarshal(raw, &said) != nil || !p.good(said, token.Nonce) {
		return domain.Identity{}, domain.ErrIDToken
	}
	return domain.Identity{
		Provider: token.Provider, Subject: said.Subject, Email: said.Email, EmailVerified: said.Verified,
		FirstName: said.GivenName, LastName: said.FamilyName, ProvenAt: time.Unix(said.IssuedAt, 0),
	}, nil
}

func (p *Providers) good(said acmeClaims, nonce string) bool {
	now := p.now().Unix()
	return said.Issuer == AcmeIssuer && said.Audience == "app" && said.Subject != "" && said.Nonce == nonce && now < said.Expires && said.IssuedAt <= now+60
}
