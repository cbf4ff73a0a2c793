//nolint:paralleltest // the environment belongs to the whole process
package settings_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/loveapp/backend/deployments/allinone/internal/settings"
)

func TestAFolderFromBeforeWebPushGetsAPairThatIsKept(t *testing.T) {
	environment(t, nil)
	dir := t.TempDir()
	old := `{"jwtSecret":"a-secret-of-before-that-is-long-enough-0123","internalSecret":"another-secret-of-before-long-enough-0123"}`
	if err := os.WriteFile(filepath.Join(dir, "secrets.json"), []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := settings.KeptSecrets(dir)
	if err != nil || first.JWT != "a-secret-of-before-that-is-long-enough-0123" || first.VAPIDPublic == "" {
		t.Fatalf("%v, public key %q", err, first.VAPIDPublic)
	}
	if again, err := settings.KeptSecrets(dir); err != nil || again != first {
		t.Errorf("the pair is another one at the next start: %v", err)
	}
	s := load(t)
	s.UseSecrets(first)
	if s.Notification.VAPIDPublicKey != first.VAPIDPublic || s.Notification.Validate() != nil {
		t.Errorf("the pair is not used: %v", s.Notification.Validate())
	}
}
