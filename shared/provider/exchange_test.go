package provider_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/loveapp/backend/shared/provider"
)

// Where a device says whom to ask, the name of that server is nothing for our logs.
func TestWhyAProviderIsNotTrustedIsExplainedUnlessADeviceNamedIt(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler()) // its certificate is nobody's
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	for name, control := range map[string]func(string, string, syscall.RawConn) error{
		"ours": nil, "a device's": func(string, string, syscall.RawConn) error { return nil },
	} {
		e := provider.NewExchange(provider.ExchangeConfig{Provider: "sms", Control: control})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/secret", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Do(t.Context(), req)
		failed, ok := errors.AsType[*provider.Error](err)
		if !ok || failed.Kind != provider.Unreachable || failed.Code != "certificate" {
			t.Errorf("%s: it says %v", name, err)
			continue
		}
		if told := strings.Contains(failed.Trouble, "whom nobody here trusts"); told != (control == nil) || strings.Contains(failed.Trouble, "secret") {
			t.Errorf("%s: operators hear %q", name, failed.Trouble)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
