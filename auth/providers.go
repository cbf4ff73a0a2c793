package auth

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/loveapp/backend/auth/internal/adapters/oidc"
)

// providers are those that the config names; Validate has judged it.
func (c Config) providers() []oidc.Provider {
	var all []oidc.Provider
	if clients := list(c.GoogleClientIDs, ","); len(clients) > 0 {
		all = append(all, oidc.Google(clients))
	}
	if clients := list(c.AppleClientIDs, ","); len(clients) > 0 {
		all = append(all, oidc.Apple(clients))
	}
	if c.FirebaseProjectID != "" {
		all = append(all, oidc.Firebase(c.FirebaseProjectID))
	}
	others, _ := parseIssuers(c.OIDCIssuers)
	return append(all, others...)
}

// list cuts text up; what is empty is left out.
func list(text, separator string) []string {
	var parts []string
	for part := range strings.SplitSeq(text, separator) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

var (
	providerName  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	errNoProvider = errors.New("an issuer is not given as name=https://issuer|client")
	builtIn       = []string{"google", "apple", "firebase"}
)

func parseIssuers(text string) ([]oidc.Provider, error) {
	var all []oidc.Provider
	for one := range strings.FieldsSeq(text) {
		name, rest, _ := strings.Cut(one, "=")
		parts := list(rest, "|")
		if !providerName.MatchString(name) || slices.Contains(builtIn, name) || len(parts) < 2 {
			return nil, errNoProvider
		}
		issuer, err := url.Parse(parts[0])
		if err != nil || issuer.Host == "" || issuer.Scheme != "https" && issuer.Scheme != "http" {
			return nil, errNoProvider
		}
		all = append(all, oidc.Provider{Name: name, Issuer: parts[0], Audiences: parts[1:]})
	}
	return all, nil
}
