package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

const (
	specPath = "/internal/openapi"
	maxSpec  = 4 << 20
)

var errTooLong = errors.New("the answer is too long")

// Spec is the OpenAPI document of a service, as one of its instances has it.
func (p *Proxy) Spec(ctx context.Context, s domain.Service) ([]byte, error) {
	body, status, err := p.read(ctx, s, specPath, maxSpec)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d", specPath, status)
	}
	return body, nil
}

// read is a question of the gateway's own, with nothing of a client in it.
func (p *Proxy) read(ctx context.Context, s domain.Service, path string, most int64) (body []byte, status int, err error) {
	i := p.fleets[s].choose(nil, time.Now())
	if i == nil {
		return nil, 0, errNoInstance
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+i.addr+path, http.NoBody)
	if err != nil {
		return nil, 0, err
	}
	resp, err := p.asking.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = errTooLong
	}
	return body, resp.StatusCode, err
}
