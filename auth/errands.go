package auth

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/metrics"
)

// CreateAdmin makes a SUPER_ADMIN of the one address in args. The password is a
// line of in: on the command line every process of the machine could read it.
func CreateAdmin(ctx context.Context, c Config, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("use: auth admin create <e-mail address>, with the password on the standard input")
	}
	password, err := bufio.NewReader(io.LimitReader(in, maxLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the password: %w", err)
	}
	r := domain.Registration{Email: args[0], Password: strings.TrimRight(password, "\r\n")}
	return errand(ctx, c, func(s *Service) error {
		id, err := s.app.CreateAdmin(ctx, r)
		if err == nil {
			_, err = fmt.Fprintln(out, "made a SUPER_ADMIN with the id", id)
		}
		return err
	})
}

// maxLine is more than the longest password.
const maxLine = 4096

// errand runs work on the real adapters without serving.
func errand(ctx context.Context, c Config, work func(*Service) error) error {
	if err := c.Validate(); err != nil {
		return err
	}
	c = c.withDefaults()
	c.Metrics = metrics.New("auth")
	adapters, err := open(ctx, c)
	if err != nil {
		return err
	}
	adapters.Now = time.Now
	s := &Service{config: c}
	if err = s.makeApp(adapters); err == nil {
		err = adapters.Prepare(ctx)
	}
	if err == nil {
		err = work(s)
	}
	if err = errors.Join(err, adapters.Close()); err != nil {
		return fmt.Errorf("auth: %w", err)
	}
	return nil
}

// VerifyAudit recomputes the chain of seals and says how far it holds. It fails
// where it is broken.
func VerifyAudit(ctx context.Context, c Config, out io.Writer) error {
	return errand(ctx, c, func(s *Service) error {
		v, err := s.app.VerifyAudit(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%d seals hold, %d events' origins erased with their people; the last seal's hash is %q: compare it with the logs\n",
			v.Last.Number, v.Erased, v.Last.Hash)
		if err == nil && v.Broken > 0 {
			err = fmt.Errorf("the record has been changed: seal %d is broken", v.Broken)
		}
		return err
	})
}
