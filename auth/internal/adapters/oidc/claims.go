package oidc

import (
	"encoding/json"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// claims are those that matter beside the registered ones.
type claims struct {
	Nonce           string   `json:"nonce"`
	AuthorizedParty string   `json:"azp"`
	AuthTime        float64  `json:"auth_time"`
	Email           string   `json:"email"`
	EmailVerified   boolText `json:"email_verified"`
	GivenName       string   `json:"given_name"`
	FamilyName      string   `json:"family_name"`
}

// boolText is true or "true": Apple writes the latter.
type boolText bool

// UnmarshalJSON takes anything else for false.
func (b *boolText) UnmarshalJSON(data []byte) error {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	*b = value == true || value == "true"
	return nil
}

func (c claims) identity(provider, subject string, issued time.Time) domain.Identity {
	i := domain.Identity{
		Provider: provider, Subject: subject, Email: c.Email, EmailVerified: bool(c.EmailVerified) && c.Email != "",
		FirstName: c.GivenName, LastName: c.FamilyName, ProvenAt: issued,
	}
	if c.AuthTime > 0 { // Firebase renews tokens without asking anybody; this stays
		i.ProvenAt = time.Unix(int64(c.AuthTime), 0)
	}
	return i
}
