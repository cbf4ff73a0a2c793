// Command pods prints the ConfigMap and the Deployments of the four programs from
// deployments/k8s as `podman play kube` takes them: without what needs a cluster
// (probes, ports, spreading, resources), from images that were built here. It runs in
// the root of the repository.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const rendered = "deployments/k8s"

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	config, err := os.ReadFile(filepath.Join(rendered, "config.yaml"))
	if err != nil {
		return err
	}
	var text strings.Builder
	text.Write(config)
	for _, name := range []string{"api-gateway", "auth-service", "notification-service", "sos-service"} {
		pod, err := pod(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		text.WriteString("---\n" + string(pod))
	}
	_, err = io.WriteString(out, text.String())
	return err
}

func pod(name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(rendered, name+".yaml")) //nolint:gosec // one of the four above
	if err != nil {
		return nil, err
	}
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		if !strings.Contains(document, "\nkind: Deployment\n") {
			continue
		}
		var d appsv1.Deployment
		if err := yaml.UnmarshalStrict([]byte(document), &d); err != nil {
			return nil, err
		}
		spec := &d.Spec.Template.Spec
		spec.TopologySpreadConstraints = nil
		for i := range spec.Containers {
			c := &spec.Containers[i]
			c.Image, c.ImagePullPolicy, c.Resources = "localhost/"+c.Image, corev1.PullNever, corev1.ResourceRequirements{}
			c.Ports, c.StartupProbe, c.ReadinessProbe, c.LivenessProbe, c.Lifecycle = nil, nil, nil, nil, nil
		}
		return yaml.Marshal(d)
	}
	return nil, errors.New("there is no Deployment in its file")
}
