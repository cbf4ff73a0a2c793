package manifests_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	quoted   = regexp.MustCompile("`([^`]+)`")
	testName = regexp.MustCompile(`^Test[A-Z]\w+$`)
	testFunc = regexp.MustCompile(`(?m)^func (Test\w+|Benchmark\w+)\(`)
	target   = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`)
)

// pages are those that people read before the code.
var pages = []string{"README.md", "SECURITY.md", "MIGRATION.md", "SCALING.md", "ARCHITECTURE.md", "CONTRIBUTING.md"} //nolint:gochecknoglobals // a constant list

func TestEveryTestThatAPageNamesExists(t *testing.T) {
	t.Parallel()
	known := tests(t)
	for _, page := range pages {
		for _, found := range quoted.FindAllStringSubmatch(read(t, page), -1) {
			if testName.MatchString(found[1]) && !slices.Contains(known, found[1]) {
				t.Errorf("%s names %s, which does not exist", page, found[1])
			}
		}
	}
}

// tests are the names of all in the repository.
func tests(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, module := range []string{"auth", "gateway", "notification", "sos", "shared", "deployments", "test"} {
		err := filepath.WalkDir(filepath.Join(root(t), module), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path) //nolint:gosec // the repository's own
			for _, found := range testFunc.FindAllStringSubmatch(string(text), -1) {
				names = append(names, found[1])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// Every row says where what was asked for is, how it is used, and what shows it.
func TestEveryFileAndCommandOfTheOperationsPageExists(t *testing.T) {
	t.Parallel()
	_, page, found := strings.Cut(read(t, "README.md"), "\n## Operations\n")
	if !found {
		t.Fatal("README.md has no Operations")
	}
	page, _, _ = strings.Cut(page, "\n## ")
	rows := 0
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.TrimSuffix(strings.TrimSpace(line), "|"), " |")
		if len(cells) < 4 || strings.HasPrefix(line, "| asked for") {
			continue
		}
		rows++
		for _, file := range quoted.FindAllStringSubmatch(cells[1], -1) {
			if _, err := os.Stat(filepath.Join(root(t), file[1])); err != nil {
				t.Errorf("there is no %s", file[1])
			}
		}
	}
	if rows < 20 {
		t.Errorf("only %d rows are read", rows)
	}
}

func TestEveryTargetThatAPageNamesExists(t *testing.T) {
	t.Parallel()
	var known []string
	for _, found := range target.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		known = append(known, found[1])
	}
	command := regexp.MustCompile(`(?:^|\s)make ([a-z][a-z0-9-]+)`)
	for _, page := range pages {
		for _, typed := range commands(read(t, page)) {
			for _, named := range command.FindAllStringSubmatch(typed, -1) {
				if !slices.Contains(known, named[1]) {
					t.Errorf("%s names make %s, which does not exist", page, named[1])
				}
			}
		}
	}
}

func TestEveryFigureStandsInItsReport(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(read(t, "SCALING.md"), "\n## Measured\n")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || !strings.Contains(cells[2], "test/load/reports/") {
			continue
		}
		rows++
		if figure := strings.TrimSpace(cells[1]); !strings.Contains(read(t, strings.TrimSpace(cells[2])), figure) {
			t.Errorf("%s does not say %s", strings.TrimSpace(cells[2]), figure)
		}
	}
	if rows < 10 {
		t.Errorf("only %d figures are read", rows)
	}
}

func TestEverySettingThatIsAskedForIsOneThatSomebodyReads(t *testing.T) {
	t.Parallel()
	known := []string{"REPLICATION_PASSWORD", "GRAFANA_PASSWORD"} // of the containers beside ours
	for _, p := range programs() {
		for name := range p.settings() {
			known = append(known, name)
		}
	}
	example := read(t, ".env.example")
	for _, found := range regexp.MustCompile(`(?m)^([A-Z_]+)=`).FindAllStringSubmatch(example, -1) {
		if !slices.Contains(known, found[1]) {
			t.Errorf("nobody reads %s", found[1])
		}
	}
	for _, needed := range regexp.MustCompile(`\$\{([A-Z_]+):\?`).FindAllStringSubmatch(read(t, composeFile), -1) {
		if !strings.Contains(example, "\n"+needed[1]+"=") {
			t.Errorf(".env.example does not ask for %s, without which nothing starts", needed[1])
		}
	}
}
