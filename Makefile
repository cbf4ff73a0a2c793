# `make` alone prints what there is. Only `make deps` installs programs, and
# only what a target needs.

GOLANGCI_LINT_VERSION := v2.15.0
GOFUMPT_VERSION := v0.12.0
KUBECTL_VALIDATE_VERSION := v0.0.4

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .bin
GOLANGCI_LINT := $(BIN)/golangci-lint-$(GOLANGCI_LINT_VERSION)
GOFUMPT := $(BIN)/gofumpt-$(GOFUMPT_VERSION)

# In a workspace, `./...` at the root matches nothing: Go takes the pattern
# `work`, and tools take the folders of the modules.
MODULE_DIRS = $$(go list -m -f '{{.Dir}}')
MODULE_PATTERNS = $$(go list -m -f '{{.Dir}}/...')

# Packages whose tests start programs: the go command does not see when those change.
NEVER_CACHED := /backend/(test|deployments)(/|$$)
# Packages that `make test` leaves out: what they need is large, or they are slow. Each has a target of its own.
MEASURING := latency|load|load/sockets|load/internal/fleet
SEPARATE := /backend/test/(browser|restore|observability|manifests/live|$(MEASURING))[ ]*$$
# Packages whose tests need PostgreSQL, Redis or nginx, by their path or by what the tests import.
NEEDS_SERVERS := pgtest|redistest|shared/embedded|deployments/local|(deployments/allinone|test/(process|failure|clients|manifests|load/sockets|load/door|load/gate))[ ]

.PHONY: help
help: ## Print this
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2} /^## / {printf "\n%s\n", substr($$0, 4)}' $(MAKEFILE_LIST)

## Run

.PHONY: run start-dev start-gateway start-auth start-notification start-sos migrate
run: ## Everything in one process: http://localhost:3000, data in ./data
	@.ci/deps postgres
	@[ -x $(BIN)/allinone ] || echo "Building it: a minute or two the first time."
	@go build -o $(BIN)/allinone ./deployments/allinone
	@$(BIN)/allinone

start-dev: run ## The same

# Each service as a process of its own, on the PostgreSQL and Redis that the
# environment (or .env, see .env.example) names.
start-gateway: ## The gateway alone, settings from the environment or .env
	@$(call start,gateway)

start-auth: ## The auth service alone
	@$(call start,auth)

start-notification: ## The notification service alone
	@$(call start,notification)

start-sos: ## The sos service alone
	@$(call start,sos)

define start
go build -o $(BIN)/$(1) ./$(1)/cmd/$(1)
@. .ci/env; exec $(BIN)/$(1) serve
endef

migrate: ## Bring the database of the environment or .env to the newest schema
	@./run-migrations.sh

## In containers

COMPOSE_FILE := deployments/compose/docker-compose.microservices.yml
# docker's own compose, or the older program, or podman's.
COMPOSE = $$(docker compose version >/dev/null 2>&1 && echo docker compose || command -v docker-compose || command -v podman-compose || echo docker compose)
SERVICES := gateway auth notification sos
VERSION ?= latest
export VERSION

.PHONY: docker-build-all docker-up docker-down docker-logs images
docker-build-all: ## The four images, loveapp/<service>:$(VERSION)
	@for service in $(SERVICES); do \
		docker build -f deployments/docker/Dockerfile --build-arg SERVICE=$$service -t loveapp/$$service:$(VERSION) .; \
	done

docker-up: ## Everything in containers, settings from .env: http://localhost
	@. .ci/env; $(COMPOSE) -p love-app -f $(COMPOSE_FILE) up -d

docker-down: ## Stop it; its volumes stay
	@. .ci/env; $(COMPOSE) -p love-app -f $(COMPOSE_FILE) down

docker-logs: ## What it says
	@. .ci/env; $(COMPOSE) -p love-app -f $(COMPOSE_FILE) logs -f --tail=100

# The same last stage from programs built here: no network, no compiler in a container.
images: static ## The four images by buildah, from programs built here
	@for service in $(SERVICES); do \
		buildah bud --isolation chroot --storage-driver vfs --format docker -f deployments/docker/Dockerfile \
			--build-arg SERVICE=$$service --build-arg FROM_STAGE=prebuilt -t loveapp/$$service:$(VERSION) .; \
	done

.PHONY: static
static:
	@mkdir -p $(BIN)/static
	@for service in $(SERVICES); do \
		(cd $$service && GOWORK=off CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags timetzdata -ldflags '-s -w' -o $(CURDIR)/$(BIN)/static/$$service ./cmd/$$service); \
	done
	@cp /etc/ssl/certs/ca-certificates.crt $(BIN)/static/

## In a cluster

.PHONY: k8s-secrets k8s-deploy k8s-status k8s-render
k8s-secrets: ## Make the Secrets from the environment or .env
	@deployments/kubernetes/secrets.sh

# A Job cannot be changed: the last migration gives way to the new one.
k8s-deploy: k8s-secrets ## Bring deployments/k8s into the cluster that kubectl speaks with
	@kubectl delete job migrate -n love-app --ignore-not-found
	@kubectl apply -f deployments/k8s/
	@kubectl rollout status deployment -n love-app --timeout=10m

k8s-status: ## What runs there
	@kubectl get pods,hpa -n love-app

k8s-render: ## Write deployments/k8s anew from deployments/kubernetes/base
	@go run ./test/manifests/cmd/render

## The database

BACKUPS ?= ./backups
.PHONY: backup restore
backup: ## Copy the database of the environment or .env, whole and while it runs, into BACKUPS=./backups
	@. .ci/env; mkdir -p $(BACKUPS); \
	PATH="$$PATH:$$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)" \
	PGHOST=$${DATABASE_HOST%%,*} PGPORT=$${DATABASE_PORT:-5432} PGUSER=$${DATABASE_USERNAME:-postgres} PGPASSWORD=$${DATABASE_PASSWORD:-} \
	BACKUPS=$(BACKUPS) deployments/postgres/backup.sh

restore: ## Make the empty folder DATA from the backup FROM and the WAL in ARCHIVE (UNTIL=moment)
	@PATH="$$PATH:$$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)" \
	ARCHIVE=$(ARCHIVE) UNTIL="$(UNTIL)" deployments/postgres/restore.sh "$(DATA)" "$(FROM)"

## The real thing on one machine

REDIS ?= single
SYNC ?= true

.PHONY: stack stack-up stack-status stack-logs stack-redis stack-psql stack-down
stack-up: stack ## PostgreSQL with 2 replicas, Redis (REDIS=cluster: 6 nodes; SYNC=false: none confirms), 11 services, nginx: http://localhost:8080
	@.ci/deps postgres redis nginx
	@$(BIN)/stack up -redis $(REDIS) -sync=$(SYNC)

stack-status: stack ## What runs of it
	@$(BIN)/stack status

stack-logs: stack ## The log of SERVICE=gateway-1, and what comes: gateway-1, postgres-1, nginx … as stack-status names them
	@$(BIN)/stack logs -f $(or $(SERVICE),gateway-1)

stack-redis: stack ## What its Redis says of itself (cluster info), or to COMMAND="dbsize"
	@$(BIN)/stack redis $(COMMAND)

stack-psql: stack ## psql at its primary, or the answer to SQL="SELECT count(*) FROM pg_stat_activity"
	@$(BIN)/stack psql $${SQL:+"$$SQL"}

stack-down: stack ## Stop it; its data stays in .stack
	@$(BIN)/stack down

stack: build

## Load (the stack must be up: make stack-up)

.PHONY: load-smoke load-test load-full load-alarms load-burst load-artillery
load-smoke: load ## A minute of 300 requests/s and 500 WebSockets, against what is promised
	@$(BIN)/load run -profile smoke

load-test: load ## Artillery's phases in full: 5 min at 100 visits/s, 10 min at 200
	@$(BIN)/load run -profile artillery

load-full: load ## 5 min of 5,050 requests/s and 20,000 WebSockets
	@$(BIN)/load run -profile full

REPORTS ?= test/load/reports
load-alarms: load ## 10 s of 200 calls for help a second, five contacts each (REPORTS=folder)
	@$(BIN)/load run -profile alarms -out $(REPORTS)

load-burst: load ## 1,000 calls for help in one second, five contacts each (REPORTS=folder)
	@$(BIN)/load run -profile alarms-burst -out $(REPORTS)

load-artillery: load ## The phases by artillery itself (npm i --ignore-scripts artillery)
	@$(BIN)/load mint -for 30m -to test/load/tokens.csv
	@npx --no-install artillery run test/load/artillery.yml

.PHONY: load
load:
	@go build -o $(BIN)/load ./test/load

## Check

.PHONY: test test-fast test-browser test-restore test-load test-long test-losses test-losses-redis test-fleet test-kills test-counters bench lint fmt
test: deps ## All tests, with the race detector; what CI runs
	@echo "Left out: test/browser (make test-browser), test/restore (make test-restore),"
	@echo "  the programs that measure (make test-load), Kubernetes' own schemas (make test-manifests), dashboards (make test-dashboards)"
	@failed=0; \
	go test -race -shuffle=on -timeout 10m $$(go list work | grep -vE '$(NEVER_CACHED)') || failed=1; \
	go test -race -shuffle=on -timeout 10m -count=1 $$(go list work | grep -E '$(NEVER_CACHED)' | grep -vE '$(SEPARATE)') || failed=1; \
	exit $$failed

test-fast: ## The tests that need no server; says which packages it leaves out
	@list='{{.ImportPath}} {{join .TestImports " "}} {{join .XTestImports " "}}'; \
	go test -shuffle=on $$(go list -f "$$list" work | grep -vE '$(NEEDS_SERVERS)' | cut -d ' ' -f 1 | grep -vE '$(SEPARATE)'); \
	echo "Left out, because their tests start servers (make test runs them):"; \
	go list -f "$$list" work | grep -E '$(NEEDS_SERVERS)' | cut -d ' ' -f 1 | sed 's/^/  /'; \
	echo "  github.com/loveapp/backend/test/browser (make test-browser)"; \
	echo "  github.com/loveapp/backend/test/restore (make test-restore)"; \
	echo "  github.com/loveapp/backend/test/observability (make test-dashboards)"; \
	echo "  github.com/loveapp/backend/test/manifests/live (make test-manifests)"; \
	echo "  github.com/loveapp/backend/test/latency and three of test/load (make test-load)"

test-browser: deps ## A page in Chromium, with the browser's own WebSocket and EventSource (installs Chromium: 110 MB)
	@.ci/deps chromium
	go test -race -count=1 ./test/browser

# The drills wait for the clock, not for processors.
test-restore: ## Backups, and the drills of restoring from them: what is lost, by the clock (2 min; installs pgBackRest)
	@.ci/deps postgres pgbackrest gcc
	RESTORE_REPORT=$(RESTORE_REPORT) go test -race -count=1 -parallel 8 -v ./test/restore

test-load: deps ## The programs that measure, each in a short form
	go test -race -shuffle=on -timeout 10m -count=1 $$(go list work | grep -E '/backend/test/($(MEASURING))$$')

test-long: deps test-browser test-restore test-load ## The browser, restoring, what measures, and faults at random for long: RANDOM_FAULTS=1000 of them (200)
	go run ./test/failure/cmd/failure -random $(or $(RANDOM_FAULTS),200) -report test/failure/reports/random.md

test-fleet: ## 10,000 phones for 400 days: none signed out, every theft caught
	FLEET_PHONES=10000 FLEET_REPORT=reports/fleet.md go test -count=1 -timeout 3h -v ./test/fleet

test-losses: deps ## 100,000 notifications while the stack breaks: none lost, none seen twice
	go run ./test/losses/cmd/losses -report test/losses/reports/long.md

test-losses-redis: deps ## Masters of a Redis cluster die: what is dark, until when after the promotion
	go run ./test/losses/cmd/losses -cluster -redis -total 10000 -report test/losses/reports/redis.md

test-kills: deps ## Nothing but kill -9, of processes and primaries and at points: KILLS=1050 of them
	go run ./test/failure/cmd/failure -only kills -random $(or $(KILLS),1050) -report test/failure/reports/kills.md

.PHONY: test-manifests
test-manifests: ## Redis by its scripts, alerts' routes by amtool, deployments/k8s and the overlays against the schemas of Kubernetes 1.30 (builds kubectl-validate: minutes the first time)
	@.ci/deps redis amtool
	go test -count=1 -timeout 5m ./test/manifests/live
	@rm -rf $(BIN)/overlays
	@go run ./test/manifests/cmd/render -overlays $(BIN)/overlays
	go run sigs.k8s.io/kubectl-validate@$(KUBECTL_VALIDATE_VERSION) --version 1.30 deployments/k8s $(BIN)/overlays

.PHONY: test-images
test-images: ## The images, built from nothing and run by podman as the cluster's pods (Debian, root)
	@.ci/deps podman
	@test/images/run.sh

.PHONY: test-dashboards
test-dashboards: deps ## Every query of the dashboards, alert and metric of METRICS.md, asked of a real Prometheus beside the whole stack (2 min)
	go test -count=1 -timeout 10m -v ./test/observability

.PHONY: bench-door
DOOR_REPORTS ?= test/load/door/reports
bench-door: deps ## What the gateway costs beside a bare ReverseProxy and nginx, as ratios (DOOR_REPORTS=folder; 75 s, nothing else running)
	go run ./test/load/door -users 1000 -report $(DOOR_REPORTS)/door.md

.PHONY: bench-gate
GATE_REPORTS ?= test/load/gate/reports
bench-gate: deps ## What the gateway holds: memory of tunnels, five times the load, shared limits, a slow instance, clients that leave (GATE_REPORTS=folder; 5 min, nothing else running)
	@go build -o $(BIN)/gate ./test/load/gate
	@$(BIN)/gate tunnels -n 6000 -out $(GATE_REPORTS)
	@$(BIN)/gate overload -for 60s -out $(GATE_REPORTS)
	@$(BIN)/gate limits -for 10s -out $(GATE_REPORTS)
	@$(BIN)/gate slow -for 40s -out $(GATE_REPORTS)
	@$(BIN)/gate leavers -n 10000 -out $(GATE_REPORTS)

.PHONY: smuggle
smuggle: ## Requests with two readings, at the gateway, nginx, Caddy and Traefik where installed: what reaches the service
	go run ./test/smuggle -report test/smuggle/reports/smuggle.md

.PHONY: bench-cores bench-flood bench-revocation
bench-cores: deps ## Sign-ins, refreshes and checks of tokens that one processor can do (90 s)
	go run ./test/load/logins cores -report test/load/reports/cores.md

bench-flood: deps ## What others feel while 20 times too many people sign in (90 s)
	go run ./test/load/logins flood -report test/load/reports/flood.md

bench-revocation: deps ## How soon an ended session is refused at two gateways and behind them, whatever breaks (6 min)
	go run ./test/load/revoked -report test/load/reports/revocation.md

.PHONY: conformance bench-sockets parity
conformance: ## The difficult WebSocket client, with a table of its cases
	go run ./test/conformance

bench-sockets: deps ## What sockets cost and how fast they are: 10,000 and 19,000 held, a fan-out, a storm, the latency, escalation
	@go build -o $(BIN)/sockets ./test/load/sockets
	@$(BIN)/sockets hold -n 10000
	@$(BIN)/sockets hold -n 19000
	@$(BIN)/sockets fanout -n 9000
	@$(BIN)/sockets storm -n 19000
	@$(BIN)/sockets latency -n 10000 -rate 500
	@$(BIN)/sockets hostile -n 5000
	@$(BIN)/sockets escalation -n 1000
	@$(BIN)/sockets reads -n 200

test-counters: deps ## Unread counters over OPERATIONS=1000000 random changes of inboxes, on three instances
	go test -count=1 -timeout 3h -v -run UnreadCountersAreExact ./notification -operations $(or $(OPERATIONS),1000000)

bench: deps ## The benchmarks
	go test -run '^$$' -bench . -benchmem work

lint: $(GOLANGCI_LINT) $(GOFUMPT) ## Everything that is checked without running it
	@unformatted=$$($(GOFUMPT) -l $(MODULE_DIRS)); \
	if [ -n "$$unformatted" ]; then echo "make fmt would change:"; echo "$$unformatted"; exit 1; fi
	go vet work
	$(GOLANGCI_LINT) run $(MODULE_PATTERNS)
	@for dir in $(MODULE_DIRS); do \
		echo "tidy and build alone: $${dir#$(CURDIR)/}"; \
		(cd "$$dir" && go mod tidy -diff && GOWORK=off go build ./...); \
	done

fmt: $(GOFUMPT) ## Format the code
	$(GOFUMPT) -w $(MODULE_DIRS)


parity: deps ## Does time tell the state of an account? (AUTH_URL: a running copy of auth, for the states that it can be brought into)
	go run ./test/parity $(if $(AUTH_URL),-url $(AUTH_URL),-report test/parity/reports/parity.md)

## Build

.PHONY: build deps tidy hooks clean
build: ## Every program, into .bin
	go build -o $(BIN)/ ./auth/cmd/... ./gateway/cmd/... ./notification/cmd/... ./sos/cmd/... ./deployments/allinone
	go build -o $(BIN)/stack ./deployments/local

deps: ## Install what the tests need and this machine lacks (Debian as root, or Homebrew)
	@.ci/deps

tidy: ## Bring go.work and every go.mod in line with the code
	go work sync
	@for dir in $(MODULE_DIRS); do (cd "$$dir" && go mod tidy); done

hooks: ## Check each commit before it is made
	git config core.hooksPath .githooks

clean: ## Remove what was built; ./data stays
	rm -rf $(BIN)

$(GOLANGCI_LINT):
	$(call install,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,$(GOLANGCI_LINT_VERSION))

$(GOFUMPT):
	$(call install,mvdan.cc/gofumpt,$(GOFUMPT_VERSION))

# A tool's name carries its version, so that a new pin builds it again.
define install
GOBIN=$(CURDIR)/$(BIN)/new go install $(1)@$(2)
mv $(BIN)/new/$(notdir $(1)) $@
endef
