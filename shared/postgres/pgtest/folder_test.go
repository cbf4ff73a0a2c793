package pgtest_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/process"
)

func TestOnlyFoldersThatNobodyUsesAreClearedAway(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	folder := func(name string, age time.Duration) string {
		dir := filepath.Join(root, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if name == "loveapp-pgtest-used" {
			lock, err := process.LockFolder(dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(lock.Release)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(dir, then, then); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	kept := map[string]bool{
		folder("loveapp-pgtest-left", time.Hour): false,
		folder("loveapp-pgtest-used", time.Hour): true,
		folder("loveapp-pgtest-new", 0):          true,
		folder("somebody-elses", time.Hour):      true,
	}
	pgtest.RemoveAbandoned(root)
	for dir, want := range kept {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: %v", filepath.Base(dir), err)
		}
	}
}

func TestAReplicaSetIsNotClearedAwayWhileItsTestRuns(t *testing.T) {
	t.Parallel()
	folder := pgtest.NewReplicaSet(t, 0, "app", migrations()).Folder()
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(folder, long, long); err != nil {
		t.Fatal(err)
	}
	pgtest.RemoveAbandoned(filepath.Dir(folder))
	if _, err := os.Stat(folder); err != nil {
		t.Error(err)
	}
}
