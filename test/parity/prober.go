package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/test/world"
)

// issuerName is the identity provider whom the copy of auth that is started trusts.
const issuerName = "local"

// patience is above anything that is measured here.
const patience = 10 * time.Second

type prober struct {
	t        world.T
	url, run string
	http     *http.Client
	admin    string           // an access token; "": none
	issuer   *authtest.Issuer // nil: none
	round    int
	sent     atomic.Int32
}

func newProber(t world.T, url string) *prober {
	t.Helper()
	p := &prober{t: t, url: url, run: strings.ToLower(rand.Text()), http: &http.Client{Timeout: patience, Transport: &http.Transport{}}}
	t.Cleanup(p.http.CloseIdleConnections)
	return p
}

func (p *prober) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%v", err)
	}
}

// timed is how long one request took, which must be answered as all are.
func (p *prober) timed(q question, email string, s state) time.Duration {
	p.t.Helper()
	body := q.body(email, s)
	start := time.Now()
	status, err := p.call(http.MethodPost, q.path, "", body, nil)
	took := time.Since(start)
	p.must(err)
	if status != q.status {
		p.t.Fatalf("%s answers %d for an account that is %s, not %d", q.path, status, s.name, q.status)
	}
	return took
}

func (p *prober) signInAdmin(email, password string) error {
	var s struct{ AccessToken string }
	status, err := p.call(http.MethodPost, "/v1/auth/login", "", map[string]any{"email": email, "password": password}, &s)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("sign the administrator in: %d", status)
	}
	p.admin = s.AccessToken
	return err
}

func (p *prober) register(email string) (id string, err error) {
	var made struct{ User struct{ ID string } }
	status, err := p.call(http.MethodPost, "/v1/auth/register", "", map[string]any{"email": email, "password": password}, &made)
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("register: %d", status)
	}
	return made.User.ID, err
}

func known(p *prober, email string) (bool, error) {
	_, err := p.register(email)
	return true, err
}

// locked has an account guessed at by many at the same moment, all of whom count:
// then nothing is let through for a long time.
func locked(p *prober, email string) (bool, error) {
	if _, err := p.register(email); err != nil {
		return true, err
	}
	failures := make([]error, untilLocked)
	var all sync.WaitGroup
	for i := range failures {
		all.Go(func() {
			_, failures[i] = p.call(http.MethodPost, "/v1/auth/login", "", map[string]any{"email": email, "password": wrong}, nil)
		})
	}
	all.Wait()
	return true, errors.Join(failures...)
}

func banned(p *prober, email string) (bool, error) {
	if p.admin == "" {
		return false, nil
	}
	id, err := p.register(email)
	if err != nil {
		return true, err
	}
	status, err := p.call(http.MethodPatch, "/v1/admin/users/"+id, p.admin, map[string]any{"active": false}, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("ban: %d", status)
	}
	return true, err
}

// social has no password: a provider vouches for the address, which is verified with that.
func social(p *prober, email string) (bool, error) {
	if p.issuer == nil {
		return false, nil
	}
	now, nonce := time.Now(), rand.Text()
	token := p.issuer.Sign(map[string]any{
		"iss": p.issuer.URL, "aud": authtest.ClientID, "sub": email, "nonce": nonce, "email": email, "email_verified": true,
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	})
	status, err := p.call(http.MethodPost, "/v1/auth/oidc/"+issuerName, "", map[string]any{"idToken": token, "nonce": nonce}, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("sign in with a provider: %d", status)
	}
	return true, err
}

func (p *prober) call(method, path, token string, body map[string]any, into any) (status int, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	n := p.sent.Add(1) // every request comes from an address of its own: none of them is to be locked
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("198.%d.%d.%d", 18+n>>16&1, n>>8&0xff, n&0xff))
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := p.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if into == nil {
		into = new(map[string]any)
	}
	if res.ContentLength == 0 {
		return res.StatusCode, nil
	}
	return res.StatusCode, json.NewDecoder(res.Body).Decode(into)
}
