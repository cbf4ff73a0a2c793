// Package pgdata makes the data folders of PostgreSQL servers: an empty one, or
// the copy of a running server that follows it from then on.
package pgdata

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/process"
)

// Programs are PostgreSQL's.
type Programs struct {
	Bin string           // folder with initdb, postgres and pg_basebackup
	Who process.Identity // runs them
	// Durable: what is made survives a crash of the machine.
	Durable bool
}

// Command is one of the programs, to be run in dir.
func (p Programs) Command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.Bin, name), args...) //nolint:gosec // the path was searched for
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	return cmd
}

// Login is who administers a server.
type Login struct {
	Username string
	Password config.Secret
}

// Create makes folder the data of an empty server with the login as its superuser.
func (p Programs) Create(folder string, superuser Login) error {
	return p.grow(folder, func(growing string) error {
		secret := growing + ".password" // in no argument, where everybody sees it
		if err := os.WriteFile(secret, []byte(superuser.Password.Value()+"\n"), 0o600); err != nil {
			return fmt.Errorf("give the password to initdb: %w", err)
		}
		defer func() { _ = os.Remove(secret) }()
		if err := p.own(secret); err != nil {
			return err
		}
		return p.run(p.Command(filepath.Dir(folder), "initdb", "-N", "-D", growing, "-U", superuser.Username, "-A", "scram-sha-256",
			"--pwfile", secret, "-E", "UTF8", "--locale=C", "--no-instructions"))
	})
}

// Source is a running server to copy.
type Source struct {
	Login

	Addr config.HostPort
	// Name is what the copy calls itself there.
	Name string
	// Slot keeps what the copy has not received yet; "" relies on what the source keeps anyway.
	Slot string
}

// Copy makes folder the data of a replica, whatever it held before.
func (p Programs) Copy(folder string, from Source) error {
	return p.grow(folder, func(growing string) error {
		conn := fmt.Sprintf("host=%s port=%d user=%s application_name=%s", from.Addr.Host, from.Addr.Port, from.Username, from.Name)
		cmd := p.Command(filepath.Dir(folder), "pg_basebackup", "-D", growing, "-d", conn, "-R", "-X", "stream", "-c", "fast", "--no-sync")
		if from.Slot != "" {
			cmd.Args = append(cmd.Args, "-S", from.Slot)
		}
		cmd.Env = append(cmd.Env, "PGPASSWORD="+from.Password.Value())
		return p.run(cmd)
	})
}

// grow makes a folder under another name and renames it when it is whole, so
// that a crash in between leaves nothing half.
func (p Programs) grow(folder string, fill func(growing string) error) error {
	growing := folder + ".new"
	if err := os.RemoveAll(growing); err != nil {
		return fmt.Errorf("remove what a crash left in %s: %w", growing, err)
	}
	if err := os.Mkdir(growing, 0o700); err != nil {
		return fmt.Errorf("make the database folder: %w", err)
	}
	if err := p.own(growing); err != nil {
		return err
	}
	if err := fill(growing); err != nil {
		return fmt.Errorf("make the database in %s: %w", folder, err)
	}
	if p.Durable {
		syncDisk(filepath.Dir(folder)) // initdb -N leaves that to us, and one call is far cheaper than its thousand
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("remove what %s held: %w", folder, err)
	}
	if err := os.Rename(growing, folder); err != nil {
		return fmt.Errorf("name the database folder: %w", err)
	}
	return nil
}

// own gives the path to the user that runs PostgreSQL.
func (p Programs) own(path string) error {
	if err := p.Who.Own(filepath.Dir(path), path); err != nil {
		return fmt.Errorf("hand %s to the user that runs PostgreSQL: %w", path, err)
	}
	return nil
}

func (p Programs) run(cmd *exec.Cmd) error {
	p.Who.Apply(cmd, syscall.SIGKILL)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := process.Run(cmd); err != nil {
		if DiskIsFull(out.String()) {
			return fmt.Errorf("%s: the disk is full: make room or choose another folder: %w", filepath.Base(cmd.Path), err)
		}
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, strings.TrimSpace(out.String()))
	}
	return nil
}

// DiskIsFull says whether that is what PostgreSQL's words tell, among many others.
func DiskIsFull(said string) bool { return strings.Contains(said, "No space left on device") }

// syncDisk writes everything of the machine that is still in memory, dir's entry included.
func syncDisk(dir string) {
	syscall.Sync()
	if folder, err := os.Open(dir); err == nil { //nolint:gosec // our own folder
		_ = folder.Sync()
		_ = folder.Close()
	}
}
