package httpserver_test

import (
	"net/http"
	"testing"

	"github.com/loveapp/backend/shared/httpserver"
)

func TestADocumentIsAnsweredAsItIs(t *testing.T) {
	t.Parallel()
	s := start(t, httpserver.Document("/x", "application/yaml", []byte("a: b\n")).Handler, nil)
	res, body := get(t, s.url+"/x", nil)
	if res.StatusCode != http.StatusOK || body != "a: b\n" || res.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("%d %q %v", res.StatusCode, body, res.Header)
	}
}
