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
	"github.com/loveapp/backend/shared/process"
)

// create makes the cluster at the first start. It grows under another name and
// is renamed when it is whole, so that a crash in between leaves nothing half.
func (c *cluster) create() (config.Secret, error) {
	secretFile := filepath.Join(c.dir, "password")
	if _, err := os.Stat(c.data()); err == nil {
		if err := c.checkMajor(); err != nil {
			return "", err
		}
		return readSecret(secretFile)
	}
	password, err := keptSecret(secretFile)
	if err != nil {
		return "", err
	}
	growing := c.data() + ".new"
	if err := os.RemoveAll(growing); err != nil {
		return "", fmt.Errorf("remove what a crash left in %s: %w", growing, err)
	}
	if err := os.Mkdir(growing, 0o700); err != nil {
		return "", fmt.Errorf("make the database folder: %w", err)
	}
	if err := c.initdb(growing, password); err != nil {
		return "", err
	}
	if c.durable {
		syncDisk(c.dir) // initdb -N leaves that to us, and one call is far cheaper than its thousand
	}
	if err := os.Rename(growing, c.data()); err != nil {
		return "", fmt.Errorf("name the database folder: %w", err)
	}
	return password, nil
}

func (c *cluster) initdb(dir string, password config.Secret) error {
	secret := dir + ".password" // the kept one belongs to us, and the server may be another user
	if err := writeWhole(secret, password.Value()+"\n"); err != nil {
		return fmt.Errorf("give the password to initdb: %w", err)
	}
	defer func() { _ = os.Remove(secret) }()
	if err := c.handOver(dir, secret); err != nil {
		return err
	}
	cmd := c.program("initdb", "-N", "-D", dir, "-U", postgresUser, "-A", "scram-sha-256",
		"--pwfile", secret, "-E", "UTF8", "--locale=C", "--no-instructions")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	c.who.Apply(cmd, syscall.SIGKILL)
	if err := process.Run(cmd); err != nil {
		return fmt.Errorf("create a PostgreSQL cluster in %s: %w: %s", c.dir, err, strings.TrimSpace(out.String()))
	}
	return nil
}

// handOver gives the paths to the user that runs PostgreSQL.
func (c *cluster) handOver(paths ...string) error {
	for _, path := range paths {
		if err := c.who.Own(c.dir, path); err != nil {
			return fmt.Errorf("hand %s to the user that runs PostgreSQL: %w", path, err)
		}
	}
	return nil
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
