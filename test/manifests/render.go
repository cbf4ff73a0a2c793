package manifests

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// appLabel says which part an object belongs to, and so which file.
const appLabel = "app.kubernetes.io/name"

// Build is what `kubectl kustomize dir` prints.
func Build(dir string) (resmap.ResMap, error) {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return nil, fmt.Errorf("kustomize %s: %w", dir, err)
	}
	return built, nil
}

// Render is the kustomization in dir as files for `kubectl apply -f`, one for each
// part of the backend. The first in the order of the names is the namespace.
func Render(dir string) (map[string]string, error) {
	built, err := Build(dir)
	if err != nil {
		return nil, err
	}
	objects := map[string][]*resource.Resource{}
	for _, object := range built.Resources() {
		file := object.GetLabels()[appLabel] + ".yaml"
		if object.GetKind() == "Namespace" {
			file = "00-namespace.yaml"
		}
		objects[file] = append(objects[file], object)
	}
	files := map[string]string{}
	for _, file := range slices.Sorted(maps.Keys(objects)) {
		text, err := join(objects[file])
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", file, err)
		}
		files[file] = text
	}
	return files, nil
}

func join(objects []*resource.Resource) (string, error) {
	var text strings.Builder
	text.WriteString("# Made from deployments/kubernetes/base by `make k8s-render`; change it there.\n")
	for i, object := range objects {
		if i > 0 {
			text.WriteString("---\n")
		}
		document, err := object.AsYAML()
		if err != nil {
			return "", err
		}
		text.Write(document)
	}
	return text.String(), nil
}
