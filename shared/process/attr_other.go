//go:build unix && !linux

package process

import "syscall"

// OwnGroup puts the child in a process group of its own. These systems have no
// Pdeathsig: what a crash leaves behind is stopped at the next start.
func OwnGroup(syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// renamedRoot has no equivalent here; namespaceRefused makes the caller use another user.
func renamedRoot(sig syscall.Signal) *syscall.SysProcAttr { return OwnGroup(sig) }

func namespaceRefused(error) bool { return true }
