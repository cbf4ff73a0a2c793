package domain

import "os"

// Home is read from the system.
var Home = os.Getenv("HOME")
