package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	retryEvery = 50 * time.Millisecond
	// limit: the gateway may still be looking for the service behind it.
	limit = 10 * time.Second
)

type registration struct {
	Email     string `json:"email"`
	Password  string `json:"password"`
	FirstName string `json:"firstName"`
}

// register goes through the front door like everybody; 503 means not yet.
func register(ctx context.Context, gateway string, a *Account) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(retryEvery)
	defer tick.Stop()
	for {
		status, answer, err := post(ctx, gateway+"/v1/auth/register", registration{a.Email, a.Password, "Demo"})
		switch {
		case err != nil:
			return err
		case status == http.StatusCreated, status == http.StatusConflict: // there since a start that was cut short
			return nil
		case status != http.StatusServiceUnavailable && status != http.StatusBadGateway:
			return fmt.Errorf("the answer was %d: %s", status, answer)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the answer was still %d after %s: %s", status, limit, answer)
		}
	}
}

func post(ctx context.Context, url string, v any) (status int, answer []byte, err error) {
	body, err := json.Marshal(v)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	const most = 1 << 10 // enough to say what went wrong
	answer, err = io.ReadAll(io.LimitReader(res.Body, most))
	return res.StatusCode, answer, err
}
