package oidc_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/loveapp/backend/auth/internal/adapters/oidc"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

func TestWhyAnIssuerIsNotTrustedIsExplainedToOperators(t *testing.T) {
	t.Parallel()
	issuer := httptest.NewUnstartedServer(http.NotFoundHandler()) // its certificate is nobody's
	issuer.Config.ErrorLog = log.New(io.Discard, "", 0)
	issuer.StartTLS()
	t.Cleanup(issuer.Close)
	p := trusting(t, oidc.Provider{Name: "acme", Issuer: issuer.URL, Audiences: []string{"app"}})
	_, err := p.Identify(t.Context(), domain.ProviderToken{Provider: "acme", IDToken: "any", Nonce: "n"})
	if err == nil || fault.From(err).Kind != fault.Unavailable || !strings.Contains(err.Error(), "the certificate of acme at "+issuer.URL+" was issued by") {
		t.Errorf("it says %v", err)
	}
}
