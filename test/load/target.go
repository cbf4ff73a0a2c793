package main

import (
	"context"
	"errors"
	"flag"
	"net/url"
	"os"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/test/load/internal/stack"
)

// target is what the load is put on: the stack in a folder, or any URL whose
// JWT_SECRET is in the environment. Of the latter's processes nothing is known.
type target struct{ url, program, dir string }

func (t *target) flags(f *flag.FlagSet) {
	f.StringVar(&t.url, "url", "", "the base URL of another stack than the one in -dir; JWT_SECRET must be its secret")
	f.StringVar(&t.program, "stack", ".bin/stack", "the program that runs the local stack")
	f.StringVar(&t.dir, "dir", ".stack", "the folder of the local stack")
}

func (t *target) read(ctx context.Context) (stack.Stack, error) {
	if t.url == "" {
		return stack.Read(ctx, t.program, t.dir)
	}
	secret := config.Secret(os.Getenv("JWT_SECRET"))
	if secret == "" {
		return stack.Stack{}, errors.New("with -url, JWT_SECRET must be the secret of the stack behind it: tokens are minted with it")
	}
	return stack.Stack{URL: t.url, JWT: secret}, nil
}

// hostPort of a base URL.
func hostPort(base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" || u.Port() == "" {
		return "", errors.New("the URL must be of the form http://127.0.0.1:8080")
	}
	return u.Host, nil
}
