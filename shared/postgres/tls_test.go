package postgres_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/trust/trusttest"
)

func TestACertificateOfPostgreSQLThatIsNotAcceptedIsUnavailableAndExplained(t *testing.T) {
	t.Parallel()
	ours := trusttest.New(t, "ours")
	c := pgtest.Config(t, "diary", diaryFiles())
	admin := pgtest.Admin(t, c)
	c.SSLMode, c.SSLRootCert = "verify-full", ours.File
	for _, tt := range []struct {
		mode        string
		certificate trusttest.Certificate
		want        string
	}{
		{"verify-full", ours.Issue(t, trusttest.Expired("127.0.0.1", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))), "expired on 2 January 2026, 03:04 UTC: renew it there (DATABASE_SSLMODE)"},
		{"verify-ca", ours.Issue(t, trusttest.Expired("127.0.0.1", time.Date(2026, 3, 4, 3, 4, 5, 0, time.UTC))), "expired on 4 March 2026, 03:04 UTC: renew it there (DATABASE_SSLMODE)"},
		{"verify-full", ours.Issue(t, trusttest.Now("db.example.org")), "is for db.example.org and for no 127.0.0.1: correct DATABASE_HOST"},
		{"verify-full", trusttest.New(t, "others").Issue(t, trusttest.Now("127.0.0.1")), "name the file with its authority in DATABASE_SSLROOTCERT"},
		{"verify-full", ours.Issue(t, trusttest.Now("127.0.0.1")), ""},
	} {
		show(t, admin, tt.certificate)
		c.SSLMode = tt.mode
		var said string
		eventually.True(t, "the server shows that certificate: "+tt.want, func() bool { // it takes a moment to reload
			said = ""
			if err := refusal(t, c); err != nil {
				said = err.Error()
			}
			return strings.Contains(said, tt.want) && (said == "") == (tt.want == "")
		})
		if tt.want != "" {
			wantUnavailable(t, open(t, c).Ping(t.Context()))
		}
	}
}

// refusal is why no login succeeds.
func refusal(t *testing.T, c postgres.Config) error {
	t.Helper()
	login, err := postgres.OpenLogin(c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = login.Close() }()
	return login.PingContext(t.Context())
}

// show has the server present the certificate: files in its own folder, of its own user.
func show(t *testing.T, admin *pgtest.AdminConn, shown trusttest.Certificate) {
	t.Helper()
	var folder string
	if err := admin.QueryRowContext(t.Context(), `SHOW data_directory`).Scan(&folder); err != nil {
		t.Fatal(err)
	}
	version, err := os.Stat(filepath.Join(folder, "PG_VERSION"))
	if err != nil {
		t.Fatal(err)
	}
	owner, ok := version.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatal("files have no owner here")
	}
	for setting, file := range map[string]string{"ssl_cert_file": shown.File, "ssl_key_file": shown.KeyFile} {
		text, err := os.ReadFile(file) //nolint:gosec // our own
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, setting)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.ExecContext(t.Context(), fmt.Sprintf("ALTER SYSTEM SET %s = '%s'", setting, setting)); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{"ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"} {
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
