package loopback

import "syscall"

// bindAddressNoPort is IP_BIND_ADDRESS_NO_PORT of ip(7); package syscall lacks it.
const bindAddressNoPort = 24

func choosePortLate(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, bindAddressNoPort, 1)
	})
	if err != nil {
		return err
	}
	return failed
}
