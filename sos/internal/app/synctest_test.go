package app_test

import "time"

// pass lets time go by inside synctest.Test: its clock jumps once everybody
// waits, so a day takes no longer than a second.
func pass(d time.Duration) { time.Sleep(d) }
