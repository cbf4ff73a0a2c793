package embedded_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/embedded"
)

func TestFilesOfRedisThatAreDamagedAreRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "redis")
	server, _ := startRedis(t, dir)
	stopRedis(t, server)
	bases, err := filepath.Glob(filepath.Join(dir, "appendonlydir", "*.base.*"))
	if err != nil || len(bases) != 1 {
		t.Fatalf("its files are %q, %v", bases, err)
	}
	if err := os.WriteFile(bases[0], []byte("not a file of Redis"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = embedded.StartRedis(t.Context(), embedded.RedisOptions{Dir: dir, Logger: quietly()})
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "its files in "+dir+" are damaged: delete that folder") {
		t.Errorf("it says %v", err)
	}
}
