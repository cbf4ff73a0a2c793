package trust_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/trust"
	"github.com/loveapp/backend/shared/trust/trusttest"
)

func TestAFileOfAuthoritiesIsTakenOrSaidToBeWrongWithoutBeingNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "hunter2.pem")
	if err := os.WriteFile(empty, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	ended := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct{ file, want string }{
		"the system's":   {"", ""},
		"one of today":   {trusttest.New(t, "ours").File, ""},
		"no file":        {filepath.Join(dir, "hunter2"), "names no file that can be read: no such file"},
		"a folder":       {dir, "names no file that can be read: is a directory"},
		"no certificate": {empty, "names a file without a certificate"},
		"one of then":    {trusttest.NewUntil(t, "ours", ended).File, "have expired, the last on 2 January 2026, 03:04 UTC"},
	} {
		roots, err := trust.Roots("REDIS_TLS_CA", c.file)
		switch {
		case c.want == "" && (err != nil || (roots == nil) != (c.file == "")):
			t.Errorf("%s: %v, %v", name, roots, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "REDIS_TLS_CA") || strings.Contains(err.Error(), "hunter2")):
			t.Errorf("%s: %v", name, err)
		}
	}
}
