package token

import (
	"crypto/sha256"
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/internal/compact"
)

// LegacyLifetime is the longest life of a token of the monolith that passes
// here. What lives longer there, signed with the same secret, is a refresh token.
const LegacyLifetime = 24 * time.Hour

const legacyMediaType = "JWT" // what its library writes, where it writes any

// legacy verifies the access tokens of the monolith (MIGRATION.md): HS256 over
// a secret that both know. The algorithm is pinned to this secret and the
// secret to this algorithm (RFC 8725 section 3.1): no public key is ever tried
// on a MAC, and no token with a key id is read as one of the monolith's.
type legacy struct{ key []byte }

func newLegacy(secret config.Secret) (*legacy, error) {
	if secret == "" {
		return nil, nil //nolint:nilnil // no secret, no such tokens
	}
	if mistake := config.CheckSecret("LEGACY_JWT_SECRET", secret); mistake != "" {
		return nil, errors.New("token: " + mistake)
	}
	return &legacy{key: []byte(secret.Value())}, nil
}

// takes tells whether the header is one that the monolith writes.
func (l *legacy) takes(h compact.Header) bool {
	return l != nil && h.Algorithm == jwt.SigningMethodHS256.Alg() && h.KeyID == "" && (h.Type == "" || h.Type == legacyMediaType)
}

// legacyWire is what is read of the monolith's claims. Issuer and audience it
// has none: where they stand, the token was made for somebody else.
type legacyWire struct {
	Issuer    jsontext.Value `json:"iss"`
	Audience  jsontext.Value `json:"aud"`
	Subject   legacyID       `json:"sub"`
	ExpiresAt compact.Date   `json:"exp"`
	IssuedAt  compact.Date   `json:"iat"`
	NotBefore compact.Date   `json:"nbf"`
	ID        string         `json:"jti"`
	Role      string         `json:"role"`
	Type      string         `json:"type"` // refresh, reset, verify …: only access tokens pass
}

// legacyID is the id of a user there: a number or a text.
type legacyID string

// UnmarshalJSON refuses what is neither, and numbers that are no whole ones.
func (id *legacyID) UnmarshalJSON(data []byte) error {
	text := string(data)
	if unquoted, err := jsontext.AppendUnquote(nil, data); err == nil {
		text = string(unquoted)
	} else if n, err := strconv.ParseUint(text, 10, 64); err != nil || n == 0 {
		return compact.ErrMalformed
	}
	*id = legacyID(text)
	return nil
}

func (w legacyWire) complete(now time.Time) bool {
	limit := compact.DateOf(now.Add(Skew))
	return len(w.Issuer) == 0 && len(w.Audience) == 0 && (w.Type == "" || w.Type == "access") && w.Subject != "" &&
		w.IssuedAt > 0 && w.IssuedAt <= limit && w.NotBefore <= limit &&
		w.ExpiresAt > w.IssuedAt && w.ExpiresAt.Time().Sub(w.IssuedAt.Time()) <= LegacyLifetime
}

// verify gives the claims of a token whose header it takes.
func (l *legacy) verify(t compact.Token, now time.Time) (Claims, error) {
	var w legacyWire
	if t.Verify(jwt.SigningMethodHS256, l.key, &w) != nil || !w.complete(now) {
		return Claims{}, ErrUnauthenticated
	}
	session := string(w.Subject) + "/" + w.ID + "/" + strconv.FormatInt(int64(w.IssuedAt), 10)
	notBefore := max(w.IssuedAt, w.NotBefore)
	return Claims{
		Subject: LegacyUser(string(w.Subject)), SessionID: legacyUUID("session", session), ID: legacyUUID("token", session), Role: legacyRole(w.Role),
		IssuedAt: w.IssuedAt.Time(), NotBefore: notBefore.Time(), ExpiresAt: w.ExpiresAt.Time(),
	}, nil
}

// LegacyUser is the id that a user of the monolith has here. It follows from
// the old one, so that no table is asked (deployments/postgres/copy-accounts.sql
// computes the same), and no other id does: the monolith's secret speaks
// for accounts that came from there, never for one that was made here.
func LegacyUser(old string) string { return legacyUUID("user", old) }

// legacyUUID is a UUIDv8 (RFC 9562 section 5.8) over SHA-256.
func legacyUUID(kind, name string) string {
	sum := sha256.Sum256([]byte("loveapp-legacy-" + kind + ":" + name))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// legacyRole maps as MIGRATION.md says. Nobody administers with an old token:
// whoever may, signs in here.
func legacyRole(old string) string {
	switch old {
	case "provider", "counsellor", RoleProvider:
		return RoleProvider
	case "volunteer", "responder", RoleVolunteer:
		return RoleVolunteer
	default:
		return RoleUser
	}
}
