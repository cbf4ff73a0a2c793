package architecture_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/architecture"
)

const root = "github.com/loveapp/backend"

func TestEveryPackageKeepsTheRules(t *testing.T) {
	t.Parallel()
	graph, err := architecture.Load(t.Context(), architecture.Source{Dir: repository(t), Root: root, Pattern: "work"})
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range []string{"./auth", "./gateway", "./notification", "./sos", "./shared/fault", "./deployments/allinone", "./test/architecture"} {
		if _, found := graph[module]; !found {
			t.Errorf("%s is not in the workspace: the rules would hold because nobody is looked at", module)
		}
	}
	for _, v := range architecture.Check(graph, architecture.Rules()) {
		t.Error(v)
	}
}

func TestTheTopLevelIsFixed(t *testing.T) {
	t.Parallel()
	strays, err := architecture.CheckTopLevel(repository(t), architecture.TopLevel())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strays {
		t.Errorf("%s does not belong at the top level\n    do: move it into the module that it serves", name)
	}
}

// repository is the folder of go.work, wherever the tests are run from.
func repository(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOWORK").Output()
	file := strings.TrimSpace(string(out))
	if err != nil || file == "" || file == "off" {
		t.Fatalf("the rules are about the whole workspace: run inside it, with GOWORK unset (GOWORK=%q, %v)", file, err)
	}
	return filepath.Dir(file)
}
