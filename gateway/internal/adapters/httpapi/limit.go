package httpapi

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// The headers' names as Go has them; their case is nobody's business (RFC 9110 section 5.1).
const (
	rateLimitPolicy = "Ratelimit-Policy"
	rateLimit       = "Ratelimit"
)

// limit counts the request and says on the answer what is left
// (draft-ietf-httpapi-ratelimit-headers).
func (a *api) limit(w http.ResponseWriter, r *http.Request, route domain.Route, caller domain.Caller) error {
	if route.Class == domain.Unlimited {
		return nil
	}
	decided := a.config.App.Admit(r.Context(), route.Class, caller)
	a.counts.decided(route.Class, decided)
	if decided.Limit.On() {
		h := w.Header()
		h[rateLimitPolicy] = []string{policyHeader(decided.Limit)}
		h[rateLimit] = []string{limitHeader(decided.Verdict)}
	}
	if !decided.Allowed {
		return errLimited.WithRetryAfter(decided.RetryAfter)
	}
	return nil
}

// policyHeader is `"short";q=100;w=60`.
func policyHeader(l domain.Limit) string {
	b := strconv.AppendQuote(make([]byte, 0, 40), l.Name)
	b = strconv.AppendInt(append(b, ";q="...), l.Count, 10)
	return string(strconv.AppendInt(append(b, ";w="...), seconds(l.Window), 10))
}

// limitHeader is `"short";r=42;t=18`.
func limitHeader(v domain.Verdict) string {
	b := strconv.AppendQuote(make([]byte, 0, 40), v.Limit.Name)
	b = strconv.AppendInt(append(b, ";r="...), v.Remaining, 10)
	return string(strconv.AppendInt(append(b, ";t="...), seconds(v.Reset), 10))
}

func seconds(d time.Duration) int64 { return int64(math.Ceil(d.Seconds())) }
