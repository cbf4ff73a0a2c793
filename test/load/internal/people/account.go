package people

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/test/load/internal/client"
)

// Account is a person with a row in auth's tables.
type Account struct {
	Person
	Email        string `json:"email"`
	Password     string `json:"password"`
	RefreshToken string `json:"refreshToken"`
	DeviceToken  string `json:"deviceToken"`
}

// SignedIn is what auth answers to who signs in.
type SignedIn struct {
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	AccessToken  string `json:"accessToken"`
	RefreshToken string `json:"refreshToken"`
	DeviceToken  string `json:"deviceToken"`
}

const (
	// registering at once: auth hashes so few passwords at a time that more
	// would only be told to come back.
	registering = 4
	// patience is for setting up, where nothing is measured.
	patience = 30 * time.Second
	// backOff is what a busy auth asks for, about.
	backOff = 200 * time.Millisecond
)

// Registrar makes accounts over HTTP.
type Registrar struct {
	// Phone gives phone n.
	Phone func(n int) *client.Phone
}

// Register makes count accounts; account n calls from phone n.
func (r Registrar) Register(ctx context.Context, count int) ([]Account, error) {
	accounts := make([]Account, count)
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(registering)
	for n := range accounts {
		work.Go(func() (err error) {
			accounts[n], err = r.register(ctx, n)
			return err
		})
	}
	return accounts, work.Wait()
}

func (r Registrar) register(ctx context.Context, n int) (Account, error) {
	a := Account{Email: "load." + strings.ToLower(rand.Text()) + "@example.org", Password: rand.Text(), Person: Person{Phone: n}}
	body, err := json.Marshal(map[string]string{"email": a.Email, "password": a.Password, "firstName": "Ada", "deviceName": "phone"})
	if err != nil {
		return a, err
	}
	var s SignedIn
	if err := r.insist(ctx, n, client.Request{Method: http.MethodPost, Path: "/v1/auth/register", Body: body}, http.StatusCreated, &s); err != nil {
		return a, fmt.Errorf("register an account: %w", err)
	}
	a.ID, a.Token, a.RefreshToken, a.DeviceToken = s.User.ID, s.AccessToken, s.RefreshToken, s.DeviceToken
	return a, nil
}

// Befriend makes b a contact whom a trusts.
func (r Registrar) Befriend(ctx context.Context, a, b Account) error {
	var invited struct {
		InviteToken string `json:"inviteToken"`
	}
	invitation := client.Request{Method: http.MethodPost, Path: "/v1/sos/contacts", Token: a.Token, Body: []byte(`{"name":"Bob"}`)}
	if err := r.insist(ctx, a.Phone, invitation, http.StatusCreated, &invited); err != nil {
		return fmt.Errorf("invite a contact: %w", err)
	}
	body, err := json.Marshal(map[string]string{"token": invited.InviteToken})
	if err != nil {
		return err
	}
	acceptance := client.Request{Method: http.MethodPost, Path: "/v1/sos/contact-invitations/accept", Token: b.Token, Body: body}
	if err := r.insist(ctx, b.Phone, acceptance, http.StatusOK, nil); err != nil {
		return fmt.Errorf("accept an invitation: %w", err)
	}
	return nil
}

// befriending at once.
const befriending = 16

// BefriendAll makes the first accounts circles: in each, the reporters come first and trust the others.
func (r Registrar) BefriendAll(ctx context.Context, accounts []Account, circles, reporters, helpers int) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(befriending)
	for i := range circles {
		work.Go(func() error {
			one := accounts[i*(reporters+helpers) : (i+1)*(reporters+helpers)]
			for _, reporter := range one[:reporters] {
				for _, helper := range one[reporters:] {
					if err := r.Befriend(ctx, reporter, helper); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	return work.Wait()
}

// Announce has an administrator put a notification into many inboxes.
func (r Registrar) Announce(ctx context.Context, admin Person, to []string) error {
	body, err := json.Marshal(map[string]any{"userIds": to, "category": "general", "title": "Welcome", "body": "This is your inbox."})
	if err != nil {
		return err
	}
	if err := r.insist(ctx, admin.Phone, client.Request{Method: http.MethodPost, Path: "/v1/notifications", Token: admin.Token, Body: body}, http.StatusAccepted, nil); err != nil {
		return fmt.Errorf("fill inboxes: %w", err)
	}
	return nil
}

// insist sends until the answer is the one wanted. Only who is told to come back may.
func (r Registrar) insist(ctx context.Context, phone int, request client.Request, want int, into any) error {
	request.Keep = true
	for deadline := time.Now().Add(patience); ; {
		answer, err := r.Phone(phone).Do(ctx, request, deadline)
		switch {
		case err != nil:
			return fmt.Errorf("%s %s: %w", request.Method, request.Path, err)
		case answer.Status == want && into == nil:
			return nil
		case answer.Status == want:
			return json.Unmarshal(answer.Body, into)
		case !busy(answer.Status) || time.Now().After(deadline):
			return fmt.Errorf("%s %s answers %d, want %d: %s", request.Method, request.Path, answer.Status, want, answer.Body)
		}
		select {
		case <-time.After(backOff):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), fmt.Errorf("%s %s answers %d", request.Method, request.Path, answer.Status))
		}
	}
}

func busy(status int) bool {
	return status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests
}
