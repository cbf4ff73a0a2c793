package world

import (
	"net/http"
	"time"
)

// awaitReady asks a process until it says that it has started.
func awaitReady(t T, name, url string) {
	t.Helper()
	const limit, pause = 30 * time.Second, 5 * time.Millisecond
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); !answers(t, client, url+"/health/ready"); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s is not ready after %s", name, limit)
		}
	}
}

func answers(t T, client *http.Client, url string) bool {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	answer, err := client.Do(r)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
