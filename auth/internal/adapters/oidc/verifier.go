package oidc

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/trust"
)

var errProviderAway = fault.New(fault.Unavailable, "unavailable", "The provider cannot be asked at this moment. Try again shortly.").WithRetryAfter(time.Second)

// verifier is one provider and, once it has answered, its keys.
type verifier struct {
	provider Provider
	client   *http.Client
	now      func() time.Time

	mu   sync.Mutex // held while the provider is asked: one look at a time
	keys *keys
	from *oidc.Provider
}

// keys tells a provider that does not answer from a signature that is wrong.
type keys struct{ oidc.KeySet }

type awayKey struct{}

// away is why the provider cannot be asked; of its certificate, in a sentence for operators.
func (v *verifier) away(err error) error {
	server := trust.Server{Name: v.provider.Name, Host: "OIDC_ISSUERS", Check: "OIDC_ISSUERS", Roots: "SSL_CERT_FILE"}
	return errProviderAway.WithCause(server.Explain(err, v.provider.Issuer))
}

// VerifySignature notes in the context where the keys could not be had: the
// library's own error does not tell.
func (k *keys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.KeySet.VerifySignature(ctx, jwt)
	if away, ok := ctx.Value(awayKey{}).(*error); ok && err != nil && strings.HasPrefix(err.Error(), "fetching keys") {
		*away = err
	}
	return payload, err
}

// discover reads the provider's metadata, once.
func (v *verifier) discover(ctx context.Context) (*keys, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.keys != nil {
		return v.keys, nil
	}
	ctx = oidc.ClientContext(ctx, v.client)
	from, err := oidc.NewProvider(ctx, v.provider.Issuer)
	if err != nil {
		return nil, v.away(err)
	}
	var metadata struct {
		Keys string `json:"jwks_uri"`
	}
	if err := from.Claims(&metadata); err != nil {
		return nil, errProviderAway.WithCause(err)
	}
	// Its own context: the keys outlive the request that was first to need them.
	v.keys = &keys{oidc.NewRemoteKeySet(oidc.ClientContext(context.WithoutCancel(ctx), v.client), metadata.Keys)}
	v.from = from
	return v.keys, nil
}

// algorithms are asymmetric ones only (RFC 8725 section 3.1).
func algorithms() []string {
	return []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.ES256, oidc.ES384, oidc.EdDSA}
}

func (v *verifier) identify(ctx context.Context, token domain.ProviderToken) (domain.Identity, error) {
	set, err := v.discover(ctx)
	if err != nil {
		return domain.Identity{}, err
	}
	var away error
	ctx = context.WithValue(ctx, awayKey{}, &away)
	checks := &oidc.Config{SkipClientIDCheck: true, SupportedSigningAlgs: algorithms(), Now: v.now} // the audience is judged below: there may be several
	verified, err := oidc.NewVerifier(v.provider.Issuer, set, checks).Verify(ctx, token.IDToken)
	switch {
	case away != nil:
		return domain.Identity{}, v.away(away)
	case err != nil:
		return domain.Identity{}, domain.ErrIDToken.WithCause(err)
	}
	var said claims
	if err := verified.Claims(&said); err != nil {
		return domain.Identity{}, domain.ErrIDToken.WithCause(err)
	}
	if !v.forUs(verified.Audience, said.AuthorizedParty) || !v.answers(token.Nonce, said.Nonce) ||
		verified.Subject == "" || len(verified.Subject) > maxSubject || verified.IssuedAt.After(v.now().Add(skew)) {
		return domain.Identity{}, domain.ErrIDToken
	}
	return said.identity(v.provider.Name, verified.Subject, verified.IssuedAt), nil
}

const (
	maxSubject = 255 // OpenID Connect Core 1.0 section 2
	skew       = time.Minute
)

// forUs: every audience beside ours could show our users' tokens to us, so the
// party that it was issued to must be ours too (Core 1.0 section 3.1.3.7).
func (v *verifier) forUs(audience []string, party string) bool {
	ours := slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(v.provider.Audiences, a) })
	if !ours || len(audience) > 1 && party == "" {
		return false
	}
	return party == "" || len(audience) == 1 || slices.Contains(v.provider.Audiences, party)
}

// answers: apps give some providers the SHA-256 of their nonce, in hex, as
// Apple's and Firebase's guides have them do.
func (v *verifier) answers(nonce, said string) bool {
	if v.provider.Nonceless && said == "" {
		return true
	}
	sum := sha256.Sum256([]byte(nonce))
	return same(said, nonce) || same(said, hex.EncodeToString(sum[:]))
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
