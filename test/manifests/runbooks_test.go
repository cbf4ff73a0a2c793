package manifests_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	series   = regexp.MustCompile(`^[a-z]+(_[a-z0-9]+)+$`)
	makes    = regexp.MustCompile(`^make ([a-z0-9-]+)`)
	request  = regexp.MustCompile(`^(?:GET|POST|PUT|PATCH|DELETE) (/v1/\S+)$`)
	page     = regexp.MustCompile(`^/(?:health|debug|metrics)\S*$`)
	workload = regexp.MustCompile(`\b(?:statefulset|deployment)[ /]([a-z-]+)`)
	pod      = regexp.MustCompile(`exec -it ([a-z-]+)-(?:\d|<n>)`)
)

// ofOthers are names that PostgreSQL, Redis and every Go process give.
func ofOthers() []string {
	return []string{
		"pg_stat_replication", "pg_replication_slots", "wal_status", "archive_command", "pg_wal", "last_archived_time", "last_failed_time", "used_memory", "evicted_keys", "cluster_state", "cluster_slots_fail", "cluster_known_nodes",
		"process_resident_memory_bytes", "go_memstats_heap_inuse_bytes",
	}
}

// Whoever is woken at night types what the page says.
func TestWhatARunbookNamesIsThere(t *testing.T) {
	t.Parallel()
	books, err := filepath.Glob(filepath.Join(root(t), "deployments/runbooks/*.md"))
	if err != nil || len(books) == 0 {
		t.Fatalf("%d runbooks, %v", len(books), err)
	}
	known := append(exported(t), ofOthers()...)
	makefile, deployed := read(t, "Makefile"), read(t, "deployments/kubernetes/base/kustomization.yaml")
	specs := read(t, "gateway/api/openapi.yaml") + read(t, "auth/api/openapi.yaml") + read(t, "notification/api/openapi.yaml") + read(t, "sos/api/openapi.yaml")
	served := specs + read(t, "shared/metrics/metrics.go")
	for _, book := range books {
		name := filepath.Base(book)
		for _, found := range quoted.FindAllStringSubmatch(read(t, "deployments/runbooks", name), -1) {
			text := found[1]
			first := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ':' })[0]
			if series.MatchString(first) && !slices.Contains(known, first) {
				t.Errorf("%s: nobody makes %s", name, first)
			}
			if m := makes.FindStringSubmatch(text); m != nil && !regexp.MustCompile(`(?m)^`+m[1]+`:`).MatchString(makefile) {
				t.Errorf("%s: there is no %s", name, text)
			}
			if m := request.FindStringSubmatch(text); m != nil && !strings.Contains(specs, m[1]+":") {
				t.Errorf("%s: nobody answers %s", name, text)
			}
			if page.MatchString(text) && !strings.Contains(served, filepath.Dir(text)) {
				t.Errorf("%s: nobody answers %s", name, text)
			}
			for _, m := range append(workload.FindAllStringSubmatch(text, -1), pod.FindAllStringSubmatch(text, -1)...) {
				if !strings.Contains(deployed, m[1]+".yaml") {
					t.Errorf("%s: there is no %s", name, m[1])
				}
			}
		}
	}
}
