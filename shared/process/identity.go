package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Identity is how a PostgreSQL program is started: PostgreSQL refuses root.
type Identity struct {
	attr func(syscall.Signal) *syscall.SysProcAttr
	own  func(parent, path string) error // hands path to that user, and lets it through parent
}

// Apply makes cmd start that way, in a process group of its own; the kernel sends it
// onParentDeath when this process is gone.
func (i Identity) Apply(cmd *exec.Cmd, onParentDeath syscall.Signal) {
	cmd.SysProcAttr = i.attr(onParentDeath)
}

// Own hands path to the user that the programs run as, and lets it through parent
// and the folder above. It fails where that user may not get there nevertheless.
func (i Identity) Own(parent, path string) error { return i.own(parent, path) }

// AsOurselves changes nothing.
func AsOurselves() Identity {
	return Identity{attr: OwnGroup, own: func(string, string) error { return nil }}
}

// ForPostgres: as ourselves unless we are root; root uses a user namespace,
// or where that is refused, or the data folder is another user's already, that user.
func ForPostgres(bin, dataDir string) (Identity, error) {
	if os.Geteuid() != 0 {
		return AsOurselves(), nil
	}
	if owner, ok := ownerOf(dataDir); ok && owner.Uid != 0 {
		return asUser(owner.Uid, owner.Gid), nil
	}
	renamed := Renamed()
	probe := exec.Command(filepath.Join(bin, "postgres"), "--version") //nolint:gosec // the path was searched for
	renamed.Apply(probe, syscall.SIGKILL)
	if err := Run(probe); err == nil {
		return renamed, nil
	} else if !namespaceRefused(err) {
		return Identity{}, fmt.Errorf("start postgres in a user namespace: %w", err)
	}
	return AsSystemUser()
}

// Renamed is root in a user namespace where it appears as an ordinary user.
func Renamed() Identity {
	return Identity{attr: renamedRoot, own: AsOurselves().own}
}

// AsSystemUser is the user postgres, or else nobody; only root can become one.
func AsSystemUser() (Identity, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return asUser(uint32(uid), uint32(gid)), nil
		}
	}
	return Identity{}, errors.New("PostgreSQL does not run as root, and there is neither a user namespace nor a user postgres or nobody to run it as: start this program as an ordinary user")
}

func asUser(uid, gid uint32) Identity {
	return Identity{
		attr: func(sig syscall.Signal) *syscall.SysProcAttr {
			attr := OwnGroup(sig)
			attr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
			return attr
		},
		own: func(parent, path string) error {
			if err := errors.Join(letThrough(filepath.Dir(parent)), letThrough(parent), os.Lchown(path, int(uid), int(gid))); err != nil {
				return err
			}
			return reachable(path, uid)
		},
	}
}

const (
	othersPass = 0o001 // without seeing what is there
	ownerPass  = 0o100
)

func letThrough(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode()&othersPass != 0 {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()|othersPass)
}

// reachable says which folder above path the user may not pass. Those are not
// ours to open.
func reachable(path string, uid uint32) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		owner, ok := ownerOf(dir)
		if ok && owner.Mode&othersPass == 0 && (owner.Uid != uid || owner.Mode&ownerPass == 0) {
			return fmt.Errorf("PostgreSQL does not run as root, and the user that it runs as here (id %d) may not enter %s: choose a folder elsewhere with DATA_DIR, or start this program as an ordinary user", uid, dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

func ownerOf(path string) (*syscall.Stat_t, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return stat, ok
}
