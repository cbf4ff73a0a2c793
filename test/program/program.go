// Package program is what the programs that measure share: how they begin, how
// they start services and parts of themselves, and where their reports go.
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Command is a program without its process: it ends when ctx does, and returns
// flag.ErrHelp where it was only asked what its flags are.
type Command func(ctx context.Context, args []string, out io.Writer) error

// Main runs the command until it has ended or is interrupted; an error is the exit code 1.
func Main(name string, command Command) {
	if err := run(command); err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(1)
	}
}

// MainOfTests is TestMain of a program that starts itself: the binary of its
// tests is the program, too, where Self has started it.
func MainOfTests(tests interface{ Run() int }, command Command) {
	if os.Getenv(selfEnv) == "" {
		os.Exit(tests.Run())
	}
	Main("a part of it", command)
}

func run(command Command) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); !errors.Is(err, flag.ErrHelp) {
		return err
	}
	return nil
}

// Publish writes the report into the file, or to out where no file is named.
func Publish(out io.Writer, file, report string) error {
	if file != "" {
		return os.WriteFile(file, []byte(report), 0o600)
	}
	_, err := io.WriteString(out, report)
	return err
}
