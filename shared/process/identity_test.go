package process_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/process"
)

// way is a folder for data below others that only we may enter, and one of them.
func way(t *testing.T) (top, parent, path string) {
	t.Helper()
	top, err := os.MkdirTemp("", "way-*") // 0700
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(top) })
	parent = filepath.Join(top, "data", "postgres")
	path = filepath.Join(parent, "cluster")
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return top, parent, path
}

func TestAnotherUserIsLetThroughToItsFolderAndNoFurther(t *testing.T) {
	t.Parallel()
	who, err := process.AsSystemUser()
	if err != nil {
		t.Fatal(err)
	}
	top, parent, path := way(t)
	err = who.Own(parent, path)
	if os.Geteuid() != 0 { // nobody but root hands a folder to others
		if err == nil {
			t.Error("a folder was handed over")
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), top) || !strings.Contains(err.Error(), "DATA_DIR") {
		t.Errorf("below a folder that is closed it says %v", err)
	}
	if mode := modeOf(t, top); mode != 0o700 {
		t.Errorf("a folder that is not ours to open is %o", mode)
	}
	if err := os.Chmod(top, os.ModeSticky|0o777); err != nil {
		t.Fatal(err)
	}
	if err := who.Own(parent, path); err != nil {
		t.Error(err)
	}
	for dir, want := range map[string]os.FileMode{top: os.ModeSticky | 0o777, filepath.Dir(parent): 0o701, parent: 0o701, path: 0o700} {
		if mode := modeOf(t, dir); mode != want {
			t.Errorf("%s is %v, want %v", dir, mode, want)
		}
	}
}

func modeOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode() &^ os.ModeDir
}
