# Two commands matter to a newcomer: make run, make test. make help lists the rest.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

# The version is read from git here, and not by go build, which refuses in a
# checkout that belongs to somebody else.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
GOFLAGS += -buildvcs=false
export GOFLAGS

# What npm brings for the tests: the browser's driver, and a broker of others.
npm = web/e2e/node_modules/.package-lock.json internal/login/interop/node_modules/.package-lock.json

sources = find cmd internal web migrations go.mod go.sum \
            \( -name node_modules -o -name e2e -o -name assets -o -name dist \) -prune -o -type f ! -name '*_test.go' -print

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z\/-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

bin/portal: bin/assets $(shell $(sources)) ## the program
	@echo "go build: $@"
	@go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/portal

.PHONY: run
run: bin/portal need-postgres ## the portal with its own PostgreSQL, broker and demo data
	@exec bin/portal serve --demo

.PHONY: test
test: bin/portal need-postgres need-chromium need-xmllint need-pdftotext $(npm) ## unit, database and browser tests; installs what they need
	@exec .ci/test

.PHONY: dev
dev: need-postgres ## as run, built and started again whenever a source changes
	@exec .ci/dev

.PHONY: check
check: generate ## everything that needs no database; run it before you push
	@echo "gofmt, go vet, staticcheck, house test"
	@unformatted=$$(gofmt -s -l cmd internal web migrations); test -z "$$unformatted" || { echo "gofmt -s is wanted by: $$unformatted"; exit 1; }
	@go vet ./...
	@go tool staticcheck ./...
	@go test ./internal

.PHONY: ci
ci: check ## check, and then nothing may have changed
	@test -z "$$(git status --porcelain)" || { echo "make check changed what is committed:"; git status --short; git diff | head -40; exit 1; }

.PHONY: generate
generate: ## the Go of the pages, from their .templ files
	@echo "templ fmt, templ generate"
	@go tool templ fmt .
	@go tool templ generate

.PHONY: assets
assets: bin/assets ## styles, script, fonts and icons, when their sources changed

bin/assets: web/assets/node_modules/.package-lock.json $(shell find web/assets -name node_modules -prune -o -type f -print) $(if $(wildcard web/static/dist/*),,FORCE)
	@echo "npm run build: web/static/dist"
	@cd web/assets && npm run --silent build
	@mkdir -p bin && touch $@

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@echo "npm ci: $*"
	@cd $* && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@touch $@

.PHONY: schema
schema: bin/portal need-postgres ## migrations/schema.sql, as the migrations leave the database
	@bin/portal withpg -- bin/portal schema >bin/schema.sql
	@mv bin/schema.sql migrations/schema.sql

.PHONY: bench
bench: bin/portal need-postgres ## the goals of performance, measured; figures kept in var/bench
	@mkdir -p var/bench
	@PORTAL_BENCH_DIR="$(CURDIR)/var/bench" PORTAL_BIN="$(CURDIR)/bin/portal" \
	  go test -run '^$$' -bench . -benchtime 1x -timeout 60m ./internal/bench

.PHONY: clean
clean: ## remove what is built or installed; demo data in var stay
	rm -rf bin .ci/postgres/node_modules web/assets/node_modules $(dir $(npm))
	find web/static/dist -mindepth 1 ! -name .gitkeep -delete

need-%: FORCE
	@.ci/need $* >/dev/null

.PHONY: FORCE
FORCE:
