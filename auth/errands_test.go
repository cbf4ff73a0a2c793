package auth_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestACommandMakesASuperAdmin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.config(t)
	t.Cleanup(func() { _ = c.Listener.Close() })
	var out bytes.Buffer
	if err := auth.CreateAdmin(t.Context(), c, []string{"root@example.org"}, strings.NewReader(password+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	got := w.start(t).ready().call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": "root@example.org", "password": password})
	if got.status != http.StatusOK || got.User.Role != "SUPER_ADMIN" || !strings.Contains(out.String(), got.User.ID) {
		t.Fatalf("%+v after %s", got, out.String())
	}
	with := c
	for name, c := range map[string]struct {
		args     []string
		password string
		want     string
	}{
		"no address":        {nil, password, "use: auth admin create"},
		"a taken address":   {[]string{"root@example.org"}, password, "email_taken"},
		"a common password": {[]string{"ana@example.org"}, "password1", "validation_failed"},
	} {
		if err := auth.CreateAdmin(t.Context(), with, c.args, strings.NewReader(c.password), &out); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACommandVerifiesTheRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one := w.start(t).ready()
	one.register("ana@example.org")
	c := w.config(t)
	t.Cleanup(func() { _ = c.Listener.Close() })
	var out bytes.Buffer
	if err := auth.VerifyAudit(t.Context(), c, &out); err != nil || !strings.Contains(out.String(), "seals hold") {
		t.Fatalf("%v %s", err, out.String())
	}
	owner := pgtest.Admin(t, w.database)
	const forge = `INSERT INTO auth.audit_seals (seal, horizon, events, hash) 
		SELECT coalesce(max(seal), 0) + 1, pg_current_xact_id(), 1, 'forged' FROM auth.audit_seals`
	if _, err := owner.ExecContext(t.Context(), forge); err != nil {
		t.Fatal(err)
	}
	if err := auth.VerifyAudit(t.Context(), c, &out); err == nil || !strings.Contains(err.Error(), "is broken") {
		t.Fatal(err)
	}
}
