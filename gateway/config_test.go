package gateway_test

import (
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway"
)

func TestEveryMistakeOfTheConfigurationIsReportedAtOnce(t *testing.T) {
	for name, value := range map[string]string{
		"INTERNAL_SECRET": "short", "PORT": "70000", "RATE_LIMIT_SHORT": "100/1m:200", "RATE_LIMIT_GENERAL": "many", "RATE_LIMIT_SOS": "5/1s:0", "RATE_LIMIT_INSTANCE": "all",
		"SHARED_ADDRESSES": "100.64.0.0", "CORS_ORIGINS": "https://*.example.org", "MAX_IN_FLIGHT": "0", "TRUSTED_PROXIES": "nginx",
		"LEGACY_HOST": "http://monolith/", "LEGACY_JWT_SECRET": "secret",
	} {
		t.Setenv(name, value)
	}
	t.Setenv("SHARED_ADDRESSES", "carrier")
	c, err := gateway.LoadConfig()
	if err != nil {
		t.Fatal(err)
	}
	err = c.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{
		"INTERNAL_SECRET", "PORT must", "RATE_LIMIT_SHORT", "RATE_LIMIT_GENERAL", "RATE_LIMIT_SOS", "RATE_LIMIT_INSTANCE", "SHARED_ADDRESSES", "CORS_ORIGINS", "MAX_IN_FLIGHT", "TRUSTED_PROXIES",
		"LEGACY_HOST", "LEGACY_JWT_SECRET",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not mentioned in %v", name, err)
		}
	}
	if _, err := gateway.New(t.Context(), c); err == nil {
		t.Error("a gateway starts on it")
	}
}

func TestTheEnvironmentsDefaultsAreGood(t *testing.T) {
	t.Setenv("INTERNAL_SECRET", "gateway tests: long enough a secret")
	t.Setenv("CORS_ORIGINS", "https://app.example.org, http://localhost:8100")
	c, err := gateway.LoadConfig()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if c.Port != 3000 || c.MetricsPort != 9400 || c.RateLimitShort != "100/1m" || c.RateLimitGeneral != "50/1s:100" {
		t.Errorf("%+v", c)
	}
}
