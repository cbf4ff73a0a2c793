package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// logs prints what a process has written. It needs no supervisor: what was written
// before everything ended is the most interesting.
func logs(_ context.Context, o options) error {
	if len(o.args) != 1 || filepath.Base(o.args[0]) != o.args[0] {
		return errors.New("logs takes the name of one process: `stack status` lists them")
	}
	p, err := plan(o)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(p.Log(o.args[0])) //nolint:gosec // a bare name, checked above
	if err != nil {
		return fmt.Errorf("no log of %s: `stack status` lists the processes", o.args[0])
	}
	if o.follow {
		return become("tail", []string{"-n", "100", "-F", p.Log(o.args[0])}) // by its name: a log may be made anew
	}
	_, err = os.Stdout.Write(text)
	return err
}
