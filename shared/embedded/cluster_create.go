package embedded

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/pgdata"
	"github.com/loveapp/backend/shared/process"
)

// create makes the cluster at the first start, or a copy of the one to follow.
func (c *cluster) create() (config.Secret, error) {
	secretFile := filepath.Join(c.dir, "password")
	if _, err := os.Stat(c.data()); err == nil {
		if err := c.checkMajor(); err != nil {
			return "", err
		}
		return readSecret(secretFile)
	}
	if c.follow != nil {
		if err := writeWhole(secretFile, c.follow.password.Value()+"\n"); err != nil {
			return "", fmt.Errorf("keep the database password: %w", err)
		}
		login := pgdata.Login{Username: postgresUser, Password: c.follow.password}
		return login.Password, c.programs().Copy(c.data(), pgdata.Source{Login: login, Addr: c.follow.addr, Name: filepath.Base(c.dir)})
	}
	password, err := keptSecret(secretFile)
	if err != nil {
		return "", err
	}
	return password, c.programs().Create(c.data(), pgdata.Login{Username: postgresUser, Password: password})
}

var majorVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// checkMajor: a data folder is readable by one major version only.
func (c *cluster) checkMajor() error {
	text, err := os.ReadFile(filepath.Join(c.data(), "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("data folder %s holds no whole PostgreSQL cluster: restore it from a backup, or move it away to start anew: %w", c.dir, err)
	}
	cmd := c.program("postgres", "--version") // allowed to root
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := process.Run(cmd); err != nil {
		return fmt.Errorf("ask %s for its version: %w", cmd.Path, err)
	}
	have, want := majorVersion.FindStringSubmatch(out.String()), strings.TrimSpace(string(text))
	if have == nil {
		return fmt.Errorf("%s does not say its version: %q", cmd.Path, out.String())
	}
	if have[1] != want {
		return fmt.Errorf("data folder %s was written by PostgreSQL %s and this machine has %s: set PG_BIN to the programs of PostgreSQL %s, or move the data with pg_dumpall", c.dir, want, have[1], want)
	}
	return nil
}
