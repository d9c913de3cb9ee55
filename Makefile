# Facet: each target is one visible command. Start with `make run`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run sample install install-dev install-diffusion servers test test-fast test-containers lint audit bench bench-photos bench-skin bench-cut-outs bench-predictions bench-decode bench-publish bench-diffusion bench-pages bench-web bench-worker schema messages screenshots docs-images scenes wardrobe clean

run: install  ## start everything and print the address; PORT=8001 for another port
	@$(BIN)/python manage.py run

sample: install  ## render the sample set into var/sample
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py headshots headshots/samples/eileen-collins.jpg --size 512 --out var/sample

install: .venv/installed  ## install what Facet needs to run

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt -e .
	$(BIN)/python -m headshots.network_files
	touch $@

install-dev: .venv/installed-dev  ## also install what tests and checks need

.venv/installed-dev: .venv/installed
	$(BIN)/pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

# Servers of other projects that tests/servers talks to: pinned versions, outside the repository.
SERVERS_DIR ?= var/servers

servers: $(SERVERS_DIR)/npm/installed $(SERVERS_DIR)/clients/installed $(SERVERS_DIR)/synapse/installed  ## install the real servers and clients that some tests use, once; four minutes

$(SERVERS_DIR)/npm/installed: tests/servers/node/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null \
		|| { echo "Node 20 or later with npm is missing; .ci/run shows where to get it."; exit 1; }
	mkdir -p $(@D)
	cp tests/servers/node/package.json $< $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cd $(@D) && npm rebuild --foreground-scripts --loglevel=error better-sqlite3
	touch $@

$(SERVERS_DIR)/clients/installed: tests/clients/node/package-lock.json
	mkdir -p $(@D)
	cp tests/clients/node/package.json $< $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

$(SERVERS_DIR)/synapse/installed: tests/servers/synapse.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet -r $<
	cp $< $(@D)
	touch $@

# torch is installed first, so that no other package chooses its version.
install-diffusion: install  ## install the extra for backgrounds and clothes by diffusion
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet -c constraints.txt -e '.[diffusion]'

test: install-dev  ## run all tests
	$(BIN)/pytest

test-fast: install-dev  ## run the tests that are not slow; about three minutes
	$(BIN)/pytest -m 'not slow'

test-containers: install-dev  ## build the image and run the five containers of compose.yaml; ten minutes; Docker, or root on Debian
	FACET_CONTAINERS=required $(BIN)/pytest -n0 -s tests/containers

audit:  ## compare the versions in constraints.txt with known vulnerabilities; needs the internet
	$(PYTHON) -m venv var/audit
	var/audit/bin/pip install --quiet pip-audit
	var/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip

lint: install-dev  ## check style, types and the layers of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --check branding/web/templates
	$(BIN)/djlint --lint branding/web/templates
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install-dev  ## measure time per step, and the ratio to separate runs; PHOTO=… for your own
	$(BIN)/python -m benchmarks.engine $(PHOTO)

bench-photos: install-dev  ## measure what every photo gives against the laws of looks, likeness and skin; PHOTOS=folder
	$(BIN)/python -m benchmarks.photos $(PHOTOS)

bench-skin: install-dev  ## measure how far the looks move the tone of skin; PHOTOS=folder of portraits
	$(BIN)/python -m benchmarks.skin_tone $(PHOTOS)

bench-cut-outs: install-dev  ## measure cut-outs against known truth, and how well their error is predicted; PHOTOS=folder
	$(BIN)/python -m benchmarks.cut_outs $(PHOTOS)

bench-predictions: install-dev  ## measure how often a photo gives what was predicted; PHOTOS=folder of photos
	$(BIN)/python -m benchmarks.predictions $(PHOTOS)

bench-decode: install-dev  ## measure time and peak memory of decoding photos of up to 100 megapixels
	$(BIN)/python -m benchmarks.decode $(ONLY)

bench-publish: install-dev servers  ## measure a million schedules on PostgreSQL, beside django-celery-beat; 15 minutes
	$(BIN)/pip install --quiet -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks.schedules
	$(BIN)/python -m benchmarks.pushes

schema: install-dev  ## write the schemas of the API and of exports, after a change of branding/api or a model
	$(BIN)/python manage.py spectacular --file branding/api/openapi.yaml --fail-on-warn --validate
	$(BIN)/python manage.py shell --no-imports -c 'from branding.exports import schema; print(schema.format_schema())' > docs/export.schema.json

messages: install-dev  ## extract every text that is shown, and merge and compile the catalogues in branding/locale
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tests.catalogues

bench-diffusion: install-dev  ## measure looks made with an image model, on the best device; MODEL=… for another model
	DJANGO_SETTINGS_MODULE=branding.settings $(BIN)/python -m benchmarks.diffusion $(MODEL)

bench-pages: install-dev  ## measure how long people wait: uploads, headshots, previews, pages
	$(BIN)/python -m benchmarks.pages

bench-worker: install-dev  ## measure memory, open and temporary files of a worker over 1,000 headshots; HEADSHOTS=… for another number
	folder=$$(mktemp -d); export DATA_DIR=$$folder/data TMPDIR=$$folder DJANGO_SETTINGS_MODULE=branding.settings; \
	$(BIN)/python manage.py migrate -v0 && $(BIN)/python -m benchmarks.worker $${HEADSHOTS:-1000}; rm -rf $$folder

bench-web: install-dev  ## measure fifty users at the dashboard, and a web process's memory over 20,000 requests
	$(BIN)/pip install --quiet -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks.web $(REQUESTS)

screenshots: install-dev  ## take pictures of every page, in all sizes and themes, into var/screenshots; ONLY=… for some
	$(BIN)/python -m tests.browser.screenshots $(ONLY)

docs-images: install-dev  ## render the pictures of the documentation into docs/images; needs Chromium
	$(BIN)/python -m tests.browser.docs_images

scenes:  ## render the scene library with Blender: make scenes SCENE=cafe
	test -d .venv-scenes || $(PYTHON) -m venv .venv-scenes
	.venv-scenes/bin/pip install --quiet 'bpy==4.5.*' numpy pillow
	.venv-scenes/bin/python -m headshots.backdrops.scenes $(SCENE)

wardrobe: install  ## compute the layers of the clothes: make wardrobe GARMENT=blazer; a minute each
	$(BIN)/python -m headshots.wardrobe.tailoring $(GARMENT)

clean:
	rm -rf .venv .venv-scenes var
