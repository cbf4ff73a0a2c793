package embedded

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

// identity is how a PostgreSQL program is started: PostgreSQL refuses root.
type identity struct {
	attr func(syscall.Signal) *syscall.SysProcAttr
	own  func(parent, path string) error // hands path to that user, and lets it through parent
}

func (i identity) apply(cmd *exec.Cmd, onParentDeath syscall.Signal) {
	cmd.SysProcAttr = i.attr(onParentDeath)
}

func asOurselves() identity {
	return identity{attr: ownGroup, own: func(string, string) error { return nil }}
}

// chooseIdentity: as ourselves unless we are root; root uses a user namespace,
// or where that is refused, or the data folder is another user's already, that user.
func chooseIdentity(bin, dataDir string) (identity, error) {
	if os.Geteuid() != 0 {
		return asOurselves(), nil
	}
	if owner, ok := ownerOf(dataDir); ok && owner.Uid != 0 {
		return asUser(owner.Uid, owner.Gid), nil
	}
	renamed := identity{attr: renamedRoot, own: func(string, string) error { return nil }}
	probe := exec.Command(filepath.Join(bin, "postgres"), "--version") //nolint:gosec // the path was searched for
	renamed.apply(probe, syscall.SIGKILL)
	if err := run(probe); err == nil {
		return renamed, nil
	} else if !namespaceRefused(err) {
		return identity{}, fmt.Errorf("start postgres in a user namespace: %w", err)
	}
	return asSystemUser()
}

func asSystemUser() (identity, error) {
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
	return identity{}, errors.New("PostgreSQL does not run as root, and there is neither a user namespace nor a user postgres or nobody to run it as: start this program as an ordinary user")
}

func asUser(uid, gid uint32) identity {
	return identity{
		attr: func(sig syscall.Signal) *syscall.SysProcAttr {
			attr := ownGroup(sig)
			attr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
			return attr
		},
		own: func(parent, path string) error {
			const mayPass = 0o711 // without seeing what is there
			return errors.Join(os.Chmod(parent, mayPass), os.Lchown(path, int(uid), int(gid)))
		},
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
