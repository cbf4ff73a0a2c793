package proxy

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/health"
)

const (
	databasePath = "/health/database"
	maxReport    = 64 << 10
	// memoFor keeps whoever asks for the health page again and again away from the services.
	memoFor = time.Second
)

var (
	errUnready  = errors.New("not ready")
	errEjected  = errors.New("ejected")
	errReported = errors.New("down, says the service")
)

// Services is what the checks say of every instance. Without a single one that
// is ready the gateway has nothing to offer.
func (p *Proxy) Services(context.Context) []health.Finding {
	var findings []health.Finding
	anyReady := false
	for _, s := range domain.Services() {
		states := p.fleets[s].States()
		if len(states) == 0 {
			findings = append(findings, health.Finding{Name: string(s), Role: string(s), Err: errNoInstance})
		}
		for _, state := range states {
			findings = append(findings, state.finding(s))
			anyReady = anyReady || state.Ready
		}
	}
	for i := range findings {
		findings[i].Critical = !anyReady
	}
	return findings
}

func (s State) finding(service domain.Service) health.Finding {
	f := health.Finding{Name: s.Name, Role: string(service), Latency: s.Latency}
	switch {
	case !s.Ready:
		f.Err = errUnready
	case s.Ejected:
		f.Err = errEjected
	}
	return f
}

// memo remembers findings for a moment. Those who ask meanwhile wait for one look.
type memo struct {
	mu       sync.Mutex
	at       time.Time
	findings []health.Finding
}

// Database is what one instance of each service says of its databases.
func (p *Proxy) Database(ctx context.Context) []health.Finding {
	p.database.mu.Lock()
	defer p.database.mu.Unlock()
	if time.Since(p.database.at) < memoFor {
		return p.database.findings
	}
	looks := make([][]health.Finding, len(domain.Services()))
	var group sync.WaitGroup
	for n, s := range domain.Services() {
		group.Go(func() { looks[n] = p.databaseOf(ctx, s) })
	}
	group.Wait()
	p.database.findings = nil
	for _, look := range looks {
		p.database.findings = append(p.database.findings, look...)
	}
	p.database.at = time.Now()
	return p.database.findings
}

// report is the part of a service's health page that matters here.
type report struct {
	Checks []struct {
		Name      string   `json:"name"`
		Role      string   `json:"role"`
		Status    string   `json:"status"`
		LatencyMS float64  `json:"latencyMs"`
		LagMS     *float64 `json:"lagMs"`
	} `json:"checks"`
}

func (p *Proxy) databaseOf(ctx context.Context, s domain.Service) []health.Finding {
	rep, err := p.ask(ctx, s)
	if err != nil {
		return []health.Finding{{Name: string(s), Role: "service", Err: err}}
	}
	var findings []health.Finding
	for _, c := range rep.Checks {
		f := health.Finding{Name: string(s) + "/" + c.Name, Role: c.Role, Latency: fromMS(c.LatencyMS)}
		if c.Status != "up" {
			f.Err = errReported
		}
		if c.LagMS != nil {
			f.Lag = fromMS(*c.LagMS)
		}
		findings = append(findings, f)
	}
	return findings
}

func (p *Proxy) ask(ctx context.Context, s domain.Service) (report, error) {
	var rep report
	body, _, err := p.read(ctx, s, databasePath, maxReport) // the page says what is wrong, whatever its status
	if err != nil {
		return rep, err
	}
	return rep, json.Unmarshal(body, &rep)
}

func fromMS(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
