package pgdata_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/pgdata"
	"github.com/loveapp/backend/shared/process"
)

// programs are stand-ins: each is a shell script.
func programs(t *testing.T, name, script string) pgdata.Programs {
	t.Helper()
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return pgdata.Programs{Bin: bin, Who: process.AsOurselves()}
}

// inside names what a folder holds.
func inside(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestACopyTakesThePlaceOfWhatWasThereOnlyOnceItIsWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := filepath.Join(dir, "data")
	leftover := filepath.Join(dir, "data.new")
	for _, path := range []string{folder, leftover} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, "old"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source := pgdata.Source{Addr: config.HostPort{Host: "127.0.0.1", Port: 5432}, Name: "copy"}
	failing := programs(t, "pg_basebackup", `touch "$2/half"; exit 1`)
	if err := failing.Copy(folder, source); err == nil {
		t.Fatal("a copy that failed is no error")
	}
	if got := inside(t, folder); !slices.Equal(got, []string{"old"}) {
		t.Fatalf("after a copy that failed there is %q", got)
	}
	working := programs(t, "pg_basebackup", `test ! -e "$2/half" && test ! -e "$2/old" && touch "$2/new"`)
	if err := working.Copy(folder, source); err != nil {
		t.Fatal(err)
	}
	if got := inside(t, folder); !slices.Equal(got, []string{"new"}) {
		t.Errorf("after a copy there is %q", got)
	}
	if got := inside(t, dir); !slices.Equal(got, []string{"data"}) {
		t.Errorf("beside it there is %q", got)
	}
}

func TestAFullDiskIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	full := programs(t, "initdb", `printf 'creating\nPANIC: could not extend file: No space left on device\nHINT: Check\n'; exit 1`)
	err := full.Create(filepath.Join(t.TempDir(), "data"), pgdata.Login{Username: "u", Password: "p"})
	if err == nil || !strings.Contains(err.Error(), "the disk is full") || strings.Contains(err.Error(), "\n") {
		t.Errorf("it says %v", err)
	}
}

func TestThePasswordIsInNoArgumentAndIsNotLeftBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const secret = "very-secret"
	careful := programs(t, "initdb", `case "$*" in *`+secret+`*) exit 1;; esac
while [ "$1" != --pwfile ]; do shift; done
grep -qx `+secret+` "$2"`)
	if err := careful.Create(filepath.Join(dir, "data"), pgdata.Login{Username: "u", Password: secret}); err != nil {
		t.Fatal(err)
	}
	if got := inside(t, dir); !slices.Equal(got, []string{"data"}) {
		t.Errorf("it leaves %q", got)
	}
}
