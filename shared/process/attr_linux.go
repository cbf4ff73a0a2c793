package process

import (
	"errors"
	"os"
	"syscall"
)

// unprivilegedID is who root appears to be inside the user namespace.
const unprivilegedID = 1000

// OwnGroup puts the child in a process group of its own and has the kernel
// send it sig when this process is gone.
func OwnGroup(sig syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: sig}
}

// renamedRoot is OwnGroup in a user namespace where root appears as an ordinary
// user: files stay root's outside, and PostgreSQL, which refuses root, starts.
func renamedRoot(sig syscall.Signal) *syscall.SysProcAttr {
	attr := OwnGroup(sig)
	attr.Cloneflags = syscall.CLONE_NEWUSER
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: unprivilegedID, HostID: os.Getuid(), Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: unprivilegedID, HostID: os.Getgid(), Size: 1}}
	return attr
}

// namespaceRefused: the kernel, a container's seccomp profile or a limit does not allow user namespaces here.
func namespaceRefused(err error) bool {
	for _, refusal := range []syscall.Errno{syscall.EPERM, syscall.EACCES, syscall.ENOSYS, syscall.EINVAL, syscall.ENOSPC, syscall.EUSERS} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}
