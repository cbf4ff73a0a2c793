package kept_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loveapp/backend/deployments/allinone/internal/kept"
)

type note struct{ Text string }

func TestWhatIsWrittenIsReadAgainAndOnlyByItsOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "note.json")
	for _, text := range []string{"first", "second"} {
		if err := kept.Write(path, note{text}); err != nil {
			t.Fatal(err)
		}
		var got note
		if found, err := kept.Read(path, &got); !found || err != nil || got.Text != text {
			t.Fatalf("Read() = %v, %v with %q, want %q", found, err, got.Text, text)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v, want 0600", info.Mode(), err)
	}
}

func TestAFileThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	var got note
	if found, err := kept.Read(filepath.Join(t.TempDir(), "none.json"), &got); found || err != nil {
		t.Fatalf("Read() = %v, %v", found, err)
	}
}

func TestADamagedFileSaysWhatToDo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "note.json")
	if err := os.WriteFile(path, []byte(`{"Text":`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := kept.Read(path, &note{})
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "delete it") {
		t.Fatalf("Read() = %v", err)
	}
}
