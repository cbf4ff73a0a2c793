package embedded_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/embedded"
)

func TestADataFolderBelongsToOneProcessUntilItIsReleased(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first, err := embedded.LockDataFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := embedded.LockDataFolder(dir); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Fatalf("a second lock: %v", err)
	}
	first.Release()
	again, err := embedded.LockDataFolder(dir)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	again.Release()
}

func TestADataFolderThatIsAFileIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := embedded.LockDataFolder(path); err == nil || !strings.Contains(err.Error(), "cannot be made") {
		t.Fatalf("LockDataFolder(a file) = %v", err)
	}
}
