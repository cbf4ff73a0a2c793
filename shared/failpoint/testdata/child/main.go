// Program child reaches a point three times and says so each time.
package main

import (
	"fmt"

	"github.com/loveapp/backend/shared/failpoint"
)

func main() {
	for range 3 {
		failpoint.Reach(failpoint.BeforeSend)
		failpoint.Reach(failpoint.AfterCommit)
		fmt.Print("x")
	}
}
