//go:build !unix

package proxy

import "net"

// silent cannot be told here: whether the connection is open shows when it is used.
func silent(net.Conn) bool { return true }
