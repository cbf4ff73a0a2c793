package portstest

import (
	"context"
	"errors"
	"testing"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Passwords holds an adapter against what is promised of hashing.
func Passwords(t *testing.T, open func(t *testing.T) ports.Passwords) {
	t.Helper()
	const right domain.Password = "correct horse battery staple"
	t.Run("only the password that was hashed matches", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		hash, err := p.Hash(t.Context(), right)
		if err != nil {
			t.Fatal(err)
		}
		for password, want := range map[domain.Password]bool{right: true, right + " ": false, "": false, "Correct horse battery staple": false} {
			if matches, stale, err := p.Check(t.Context(), password, hash); err != nil || matches != want || stale {
				t.Errorf("%q: %v stale %v %v", string(password), matches, stale, err)
			}
		}
	})
	t.Run("where nobody waits there is a place, with which a password is checked as ever", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		hash, err := p.Hash(t.Context(), right)
		if err != nil {
			t.Fatal(err)
		}
		reserved, leave, err := p.Reserve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		for _, again := range []bool{false, true} { // the place is good once; then it is as without
			if matches, _, err := p.Check(reserved, right, hash); err != nil || !matches {
				t.Errorf("again %v: %v %v", again, matches, err)
			}
		}
		leave()
	})
	t.Run("nothing matches a user who does not exist", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		for _, password := range []domain.Password{"", right} {
			if matches, _, err := p.Check(t.Context(), password, ""); err != nil || matches {
				t.Errorf("%q: %v %v", string(password), matches, err)
			}
		}
	})
	t.Run("one password has a new hash each time", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		one, err := p.Hash(t.Context(), right)
		two, err2 := p.Hash(t.Context(), right)
		if err := errors.Join(err, err2); err != nil || one == two {
			t.Fatal(one == two, err)
		}
	})
	t.Run("nobody waits whose request has ended", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, hashErr := p.Hash(ctx, right)
		_, _, checkErr := p.Check(ctx, right, "")
		if !errors.Is(hashErr, context.Canceled) || !errors.Is(checkErr, context.Canceled) {
			t.Fatal(hashErr, checkErr)
		}
	})
}
