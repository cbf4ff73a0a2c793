package providertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/loveapp/backend/notification/internal/ports/portstest"
)

// SMS is a service that takes text messages as Twilio does.
type SMS struct {
	*behaviour
	URL, AccountSID, AuthToken, From string
}

// NewSMS runs until the test ends.
func NewSMS(t *testing.T) *SMS {
	t.Helper()
	s := &SMS{behaviour: newBehaviour(t), AccountSID: "AC0123456789abcdef", AuthToken: "twilio-token-of-the-test", From: "+15005550006"}
	server := httptest.NewServer(s)
	s.URL = server.URL
	t.Cleanup(func() { close(s.release); server.CloseClientConnections(); server.Close() })
	return s
}

type smsError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Status  int    `json:"status"`
}

// ServeHTTP is POST /2010-04-01/Accounts/{sid}/Messages.json.
func (s *SMS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	outcome := s.outcome()
	if s.trouble(w, r, outcome) {
		return
	}
	answer(w, s.judge(r, outcome))
}

func (s *SMS) judge(r *http.Request, outcome portstest.Outcome) strike {
	account, password, _ := r.BasicAuth()
	switch {
	case account != s.AccountSID || password != s.AuthToken, outcome == portstest.Distrusts:
		return strike{http.StatusUnauthorized, smsError{20003, "Authenticate", http.StatusUnauthorized}}
	case r.Method != http.MethodPost, r.URL.Path != "/2010-04-01/Accounts/"+s.AccountSID+"/Messages.json":
		return strike{http.StatusNotFound, smsError{20404, "not found", http.StatusNotFound}}
	case r.ParseForm() != nil, r.PostForm.Get("From") != s.From, r.PostForm.Get("Body") == "":
		return strike{http.StatusBadRequest, smsError{21602, "Message body is required", http.StatusBadRequest}}
	case !strings.HasPrefix(r.PostForm.Get("To"), "+"), outcome == portstest.Refuses:
		return strike{http.StatusBadRequest, smsError{21211, "Invalid 'To' Phone Number", http.StatusBadRequest}}
	case outcome == portstest.Throttles:
		return strike{http.StatusTooManyRequests, smsError{20429, "Too Many Requests", http.StatusTooManyRequests}}
	case outcome == portstest.Fails:
		return strike{http.StatusInternalServerError, smsError{20500, "Internal Server Error", http.StatusInternalServerError}}
	}
	n := s.take(r.PostForm.Get("Body"))
	return strike{http.StatusCreated, map[string]string{"sid": fmt.Sprintf("SM%032d", n), "status": "queued"}}
}
