package world

import (
	"crypto/rand"
	"net"
	"net/http"
	"strings"
)

// Person is somebody with the app on one device.
type Person struct {
	Name     string
	Email    string
	Password string
	Tokens   AuthResult // of the last sign-in or refresh

	t       T
	source  *net.Dialer // where the device is
	http    *http.Client
	gateway string
}

// Visitor is somebody who has not signed in, at the world's first gateway.
func Visitor(t T, w World) *Person {
	t.Helper()
	return At(t, w.Gateways()[0])
}

// At is a visitor of a gateway's URL.
func At(t T, gateway string) *Person {
	t.Helper()
	source := newSource()
	return &Person{t: t, source: source, http: newClient(t, source), gateway: strings.TrimSuffix(gateway, "/")}
}

// SignUp registers somebody new under that first name.
func SignUp(t T, w World, name string) *Person {
	t.Helper()
	return Visitor(t, w).Register(name)
}

// The first administrator of every world, as ADMIN_EMAIL and ADMIN_PASSWORD make one.
const (
	adminEmail    = "root@example.org"
	adminPassword = "seven quiet lighthouses"
)

// Administrator signs the first administrator in.
func Administrator(t T, w World) *Person {
	t.Helper()
	p := Visitor(t, w)
	p.Name, p.Email, p.Password = "Root", adminEmail, adminPassword
	p.Login().Want(http.StatusOK).Into(&p.Tokens)
	return p
}

// Register makes an account with a new address and a password that nobody guesses.
func (p *Person) Register(name string) *Person {
	p.t.Helper()
	p.Name = name
	p.Email = strings.ToLower(name) + "." + strings.ToLower(rand.Text()) + "@example.org"
	p.Password = rand.Text()
	p.send(Call{Method: http.MethodPost, Path: "/v1/auth/register", Body: map[string]any{
		"email": p.Email, "password": p.Password, "firstName": name, "deviceName": name + "'s phone",
	}}, "").Want(http.StatusCreated).Into(&p.Tokens)
	return p
}

// ID is the person's user id.
func (p *Person) ID() string { return p.Tokens.User.ID }

// OnAnotherDevice is the same person, signed in a second time.
func (p *Person) OnAnotherDevice() *Person {
	p.t.Helper()
	other := At(p.t, p.gateway)
	other.Name, other.Email, other.Password = p.Name, p.Email, p.Password
	other.Login().Want(http.StatusOK).Into(&other.Tokens)
	return other
}

// Through is the same device, going through another of the world's gateways.
func (p *Person) Through(gateway string) *Person {
	moved := *p
	moved.gateway = gateway
	return &moved
}

// Login signs in with the password and gives the answer as it is.
func (p *Person) Login() Answer {
	p.t.Helper()
	return p.send(Call{Method: http.MethodPost, Path: "/v1/auth/login", Body: map[string]any{
		"email": p.Email, "password": p.Password, "deviceName": p.Name + "'s tablet",
	}}, "")
}

// Refresh shows a refresh token and, where it is not "", the device token.
func (p *Person) Refresh(refreshToken, deviceToken string) Answer {
	p.t.Helper()
	call := Call{Method: http.MethodPost, Path: "/v1/auth/refresh", Body: map[string]any{"refreshToken": refreshToken}}
	if deviceToken != "" {
		call.Header = map[string]string{"X-Device-Token": deviceToken}
	}
	return p.send(call, "")
}

// Renew refreshes as the app does and keeps the new tokens.
func (p *Person) Renew() {
	p.t.Helper()
	p.Refresh(p.Tokens.RefreshToken, p.Tokens.DeviceToken).Want(http.StatusOK).Into(&p.Tokens)
}

// Logout ends this device's session.
func (p *Person) Logout() {
	p.t.Helper()
	p.Do(Call{Method: http.MethodPost, Path: "/v1/auth/logout"}).Want(http.StatusNoContent)
}

// Profile asks who the access token belongs to.
func (p *Person) Profile() Answer {
	p.t.Helper()
	return p.Do(Call{Method: http.MethodGet, Path: "/v1/auth/profile"})
}
