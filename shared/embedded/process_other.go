//go:build unix && !linux

package embedded

import "syscall"

// ownGroup puts the child in a process group of its own. These systems have no
// Pdeathsig: what a crash leaves behind is stopped at the next start.
func ownGroup(syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// renamedRoot has no equivalent here; namespaceRefused makes the caller use another user.
func renamedRoot(sig syscall.Signal) *syscall.SysProcAttr { return ownGroup(sig) }

func namespaceRefused(error) bool { return true }
