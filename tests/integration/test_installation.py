"""An installation made by the commands of the guide: deliveries fetched, published, alerts sent, and who may read what.

The guide's own lines are run, in a machine that systemd starts: PostgreSQL, OpenSSH and nginx are Debian's, the units
those of the guide. What a person has to fill in is filled in as the guide says.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.asking import HOST, Reader
from tests.support.guide import section
from tests.support.machine import Machine, lacking, machine
from tests.support.small import small_programme

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDE = (REPOSITORY / "docs" / "exploitation.md").read_text(encoding="utf-8")
PROGRAMME = "/srv/observatoire/programme"
DATABASE_PASSWORD = "mot-de-passe-de-postgresql"
# what the guide installs, and what the tests need beside it
PACKAGES = re.findall(r"^apt install (.+)$", GUIDE, re.MULTILINE)[0] + " openssh-server curl"
# what a busy machine takes for a first run, far more than a quiet one
PATIENCE_SECONDS = 600
# account → what the guide's table says it sees
READERS = {"un": "O1", "deux": "O2", "groupe": "O1,O3", "region": None, "association": "*", "exploitation": "+"}
SETTINGS = f"""
OBSERVATOIRE_INTERFACE=https://{HOST}/interface
OBSERVATOIRE_ALERTE_WEBHOOK=http://127.0.0.1:8899/alerte
OBSERVATOIRE_DEPOT_COMPTE=institut
OBSERVATOIRE_SECRETS=/etc/observatoire/secrets
"""
# writes what is posted to it, a message a line
LISTENER = """
import http.server
class Listener(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open("/srv/essai/alertes", "ab") as file:
            file.write(self.rfile.read(int(self.headers["Content-Length"])) + b"\\n")
        self.send_response(204)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", 8899), Listener).serve_forever()
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine, installed and served, with nothing delivered but what an institute left on its SFTP server."""
    if (reason := lacking()) is not None:
        pytest.skip(reason)
    files = tmp_path_factory.mktemp("files")
    _lay_out(files)
    install, who, start, _ = _commands("Installer")
    serve, account = _commands("Servir")
    with machine(files) as made:
        # of the institute's side, and of the tests'; a policy keeps services of an image from starting
        made.run("rm -f /usr/sbin/policy-rc.d\napt-get -q update", outside=True, check=False)
        got = made.run(f"apt-get -q install --download-only {PACKAGES} || echo : absents :", outside=True)
        if ": absents :" in got:
            pytest.skip(f"Debian's packages do not reach this machine: {PACKAGES}")
        made.run("apt-get -q install openssh-server curl", outside=True)
        made.run(install.replace("<dépôt>", "/srv/essai/depot"), outside=True, asked=f"{DATABASE_PASSWORD}\n" * 2)
        made.run(f"cp -r /srv/essai/programme {PROGRAMME}")
        _fill_in(made)
        _institute(made)
        made.run(who)
        made.run(start)
        made.run(f"cd /opt/observatoire\n{serve}")
        made.run(
            f"sed -i s/observatoire.exemple.fr/{HOST}/ /etc/nginx/conf.d/observatoire.conf\n"
            f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={HOST} -keyout /etc/observatoire/certificat.key"
            " -out /etc/observatoire/certificat.pem"
        )
        password, seen, reload = account.strip().splitlines()
        for name, codes in READERS.items():
            made.run(password.replace("acacia", name), asked=f"{name}-secret\n{name}-secret\n")
            if codes:
                made.run(seen.replace("acacia", name).replace("ACACIA", codes))
        made.run(reload)
        made.run(
            f"cat > /srv/essai/alerte.py << 'FIN'\n{LISTENER}\nFIN\nsystemd-run --unit=alerte python3 /srv/essai/alerte.py"
        )
        yield made


def _commands(title: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", section(GUIDE, title), re.DOTALL)


def _lay_out(files: Path) -> None:
    """Writes what stands on the machine before: the repository to clone, a programme to copy, what an institute sends."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, check=True).stdout.decode().split("\0")
    depot = files / "srv" / "essai" / "depot"
    for name in filter(None, names):
        if (source := REPOSITORY / name).is_file():
            (depot / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, depot / name)
    me = ["-c", "user.name=essai", "-c", "user.email=essai@exemple.fr"]
    for step in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "essai"]):
        subprocess.run(["git", *me, *step], cwd=depot, check=True, capture_output=True)
    root = small_programme(files / "srv" / "essai" / "programme")
    config = yaml.safe_load((root / "programme.yaml").read_text(encoding="utf-8"))
    config["depots"] = [
        {
            "nom": "instituts",
            "url": "sftp://127.0.0.1/srv/institut/depots",
            "identifiant": "OBSERVATOIRE_DEPOT_COMPTE",
            "cle_privee": "OBSERVATOIRE_DEPOT_CLE",
            "stable_secondes": 1,
        }
    ]
    (root / "programme.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    # a person answers yes
    (files / "etc" / "apt" / "apt.conf.d").mkdir(parents=True)
    (files / "etc" / "apt" / "apt.conf.d" / "90oui").write_text('APT::Get::Assume-Yes "true";\n', encoding="utf-8")
    sent = files / "srv" / "institut" / "depots"
    shutil.move(root / "landing", sent)
    (sent / "V2" / "inconnu.csv").write_text("une;colonne\n1;2\n", encoding="utf-8")


def _fill_in(made: Machine) -> None:
    """Fills in observatoire.env: the password of PostgreSQL, a key, and what else this machine uses."""
    made.run(
        f"""
        env=/etc/observatoire/observatoire.env
        sed -i "s/:mot-de-passe@/:{DATABASE_PASSWORD}@/; s/^OBSERVATOIRE_CLE=$/OBSERVATOIRE_CLE=$(openssl rand -hex 32)/" $env
        cat >> $env << 'FIN'
{SETTINGS}
FIN
        """
    )


def _institute(made: Machine) -> None:
    """Gives an institute its account on this machine's SFTP server, and the service the account's private key."""
    made.run(
        """
        adduser --quiet --home /srv/institut --no-create-home --disabled-password --gecos '' institut
        mkdir -p /etc/observatoire/secrets /srv/observatoire/.ssh
        ssh-keygen -q -t ed25519 -N '' -f /etc/observatoire/secrets/OBSERVATOIRE_DEPOT_CLE
        chgrp -R observatoire /etc/observatoire/secrets
        chmod -R u=rwX,g=rX,o= /etc/observatoire/secrets
        install -d -o institut -m 700 /srv/institut/.ssh
        install -o institut -m 600 /etc/observatoire/secrets/OBSERVATOIRE_DEPOT_CLE.pub /srv/institut/.ssh/authorized_keys
        chown -R institut: /srv/institut/depots
        systemctl start ssh
        ssh-keyscan 127.0.0.1 > /srv/observatoire/.ssh/known_hosts
        """
    )


@pytest.fixture(scope="module")
def published(installed: Machine) -> Machine:
    """The same, once who runs it had the deliveries fetched: the daemon read and published them."""
    _interfaces_answer(installed)
    # the page is there before the code that it shows is loaded: until then no job has a name
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "PipelineNotFound" in (said := Reader(installed, "exploitation").asks_for_a_run()):
        assert time.monotonic() < deadline, said + installed.run(
            "journalctl --no-pager --lines 60 --unit 'observatoire-*'"
        )
        time.sleep(2)
    assert "LaunchRunSuccess" in said
    installed.wait(f"test -e {PROGRAMME}/reports/courant/index.html", PATIENCE_SECONDS)
    return installed


def _interfaces_answer(made: Machine) -> None:
    """Waits for both interfaces: systemd says that a service is active as soon as its process is there."""
    for port in (3000, 3001):
        made.wait(f"curl --silent --fail http://127.0.0.1:{port}/interface/server_info", PATIENCE_SECONDS)


@pytest.mark.slow
def test_the_services_are_confined(installed: Machine) -> None:
    """They run, as an account without privileges; systemd's own score says what is left to take from them."""
    for unit in ("observatoire-demon", "observatoire-web", "observatoire-lecture"):
        assert installed.run(f"systemctl is-active {unit}").strip() == "active"
        [score] = re.findall(r"level for \S+: (\S+) ", installed.run(f"systemd-analyze security {unit} --no-pager"))
        assert float(score) <= 1.5, f"{unit}: {score}"


@pytest.mark.slow
def test_what_an_institute_sent_is_published_and_a_refusal_is_told(published: Machine) -> None:
    assert "V2/inconnu.csv" in published.wait("grep inconnu.csv /srv/essai/alertes", PATIENCE_SECONDS)
    told = [json.loads(line) for line in published.run("cat /srv/essai/alertes").splitlines()]
    [refusal] = [body["text"] for body in told if "inconnu.csv" in body["text"]]
    assert f"https://{HOST}/interface" in refusal
    assert len(told) == 1, "nobody is told of a service that waits for its first delivery"
    # a refused delivery asks for a person: that is exit code 3
    seen = published.run("observatoire status --json || test $? = 3")
    state = json.loads(seen)
    statuses = {one["fichier"]: one["statut"] for one in state["livraisons"]}
    assert statuses.pop("V2/inconnu.csv") == "rejete"
    assert set(statuses) == {f"V{wave}/O{number}.csv" for wave in (1, 2) for number in (1, 2, 3)}
    assert set(statuses.values()) <= {"accepte", "accepte_avec_reserve"} and state["edition"]


@pytest.mark.slow
def test_it_is_saved_and_found_sound(published: Machine) -> None:
    *_, sound = _commands("Installer")
    # the run that was asked for has to end: a backup waits for it
    said = published.run(sound)
    assert "sauvegarde" in said, said
    [name] = published.run("ls /srv/sauvegardes").split()
    assert published.run(f"stat -c '%U %a' /srv/sauvegardes/{name}").split() == ["observatoire", "600"]


@pytest.mark.slow
def test_it_is_brought_up_to_date_by_the_guide(published: Machine) -> None:
    """The block of the guide, run as it stands by root, in a folder that is the service's."""
    # git's server, not the product, asks who owns what is cloned from
    published.run("git config --system --add safe.directory /srv/essai/depot/.git")
    [update, *_] = _commands("Mettre à jour")
    published.run(update.replace("<version>", "HEAD"))
    for unit in ("observatoire-demon", "observatoire-web", "observatoire-lecture"):
        assert published.run(f"systemctl is-active {unit}").strip() == "active"
    _interfaces_answer(published)
    said = published.run("cd /\nobservatoire --version\nobservatoire status --json || test $? = 3")
    assert json.loads(said.split("\n", 1)[1])["edition"]
    foreign = published.run("find /opt/observatoire /srv/observatoire/programme ! -user observatoire -print -quit")
    assert not foreign.strip()


# whose file it is → who gets it
SEES = {"O1": {"un", "groupe"}, "O2": {"deux"}, "O3": {"groupe"}}


@pytest.mark.slow
def test_each_account_gets_what_is_its_own(published: Machine) -> None:
    """The region for all accounts, an organisme's file and leaflet for its own and for who sees all, nothing for nobody."""
    region = (
        "/rapport/",
        "/rapport/lettre.pdf",
        "/observatoire.duckdb",
        "/donnees/",
        "/donnees/obs_indicateur.parquet",
    )
    for name in (*READERS, None):
        reader = Reader(published, name)
        for path in region:
            assert reader.get(path)[0] == (200 if name else 401), (name, path)
        for code, own in SEES.items():
            allowed = name in own | {"association", "exploitation"}
            for path in (f"/organismes/{code}.duckdb", f"/livrets/{code}/", f"/livrets/{code}/livret.pdf"):
                expected = 401 if name is None else 200 if allowed else 403
                assert reader.get(path)[0] == expected, (name, path)
        interface = reader.get("/interface/")[0]
        assert interface == (401 if name is None else 200 if name in ("association", "exploitation") else 403), name
        assert reader.get("/rapport")[0] == reader.get("/livrets/O1")[0] == 302
    # who gives a wrong password is nobody, whoever he says he is: no answer tells which accounts there are, nor their places
    for name in (*filter(None, READERS), "inconnu"):
        for path in (
            "/observatoire.duckdb",
            "/organismes/O1.duckdb",
            "/organismes/ZZ.duckdb",
            "/livrets/O2/",
            "/interface/",
        ):
            assert Reader(published, name, "faux").get(path)[0] == 401, (name, path)
    assert "UnauthorizedError" in Reader(published, "association").asks_for_a_run()
    whole = published.run(f"sha256sum {PROGRAMME}/published/organismes/O1.duckdb").split()[0]
    assert Reader(published, "un").get("/organismes/O1.duckdb") == (200, whole)


@pytest.mark.slow
def test_a_page_from_elsewhere_orders_nothing_under_the_account_of_who_repairs(published: Machine) -> None:
    """Browsers send a password with what any page asks for; Dagster does what an address alone says."""
    reader = Reader(published, "exploitation")
    order = "query=mutation%7BreloadWorkspace%7B__typename%7D%7D"
    for path in ("graphql", "%67raphql", "/graphql", "graphql/", "x/../graphql"):
        for options in ((), ("--request POST",), ("--request POST", "--header 'Origin: null'")):
            assert reader.get(f"/interface/{path}?{order}", *options)[0] == 403, (path, options)
    json_body = ("--header 'Content-Type: application/json'", "--data '{}'")
    elsewhere = "--header 'Origin: https://ailleurs.exemple.fr'"
    assert reader.get("/interface/graphql", *json_body, elsewhere)[0] == 403
    assert reader.get("/interface/graphql", elsewhere, "--header 'Upgrade: websocket'")[0] == 403
    assert reader.get("/interface/report_asset_materialization/a%7C%7Cb", "--request POST", elsewhere)[0] == 403
    assert reader.get("/interface/graphql", *json_body, f"--header 'Origin: https://{HOST}'")[0] != 403


@pytest.mark.slow
def test_no_writing_of_an_address_leads_elsewhere(published: Machine) -> None:
    """A neighbour's file, or what is not served at all, under the names that web servers have been fooled by."""
    reader = Reader(published, "un")
    listed = published.run(f"find {PROGRAMME} -type f -exec sha256sum {{}} +").splitlines()
    files = dict(line.split(maxsplit=1) for line in listed)
    own = ("/published/editions/", "/reports/")
    for path in (
        "/organismes/O1.duckdb/../O2.duckdb", "/organismes/O1/../O2.duckdb", "/organismes/%2e%2e/organismes/O2.duckdb",
        "/organismes//O2.duckdb", "/organismes/./O2.duckdb", "/organismes/O1.duckdb%00O2.duckdb", "/organismes/o2.duckdb",
        "/organismes/O1%2F..%2FO2.duckdb", "/organismes/O1..%2FO2.duckdb", "/organismes/O2.duckdb?x=O1.duckdb",
        "/organismes/O2.duckdb;O1", "/organismes/O1,O2.duckdb", "/organismes/*.duckdb", "/organismes/.duckdb", "/organismes/",
        "/livrets/", "/livrets/O1/../O2/livret.pdf", "/livrets/O1/%2e%2e/O2/livret.pdf", "/livrets/O1/..%2fO2%2flivret.pdf",
        "/livrets/O2/O2.duckdb", "/livrets/livrets.json", "/livrets/../organismes/O2.duckdb", "/livrets/O1/../../O2.duckdb",
        "/rapport../published/organismes/O2.duckdb", "/rapport/../organismes/O2.duckdb", "/rapport/%2e%2e/%2e%2e/landing/V2/O2.csv",
        "/rapport/..%2f..%2flanding/V2/O2.csv", "/donnees../organismes/O2.duckdb", "/donnees/../organismes/O2.duckdb",
        "/donnees/..%2forganismes%2fO2.duckdb", "/published/organismes/O2.duckdb", "/landing/V2/O2.csv", "/programme.yaml",
        "/lake/", "/quarantine/", "/editions/", "/.dagster/", "/interface/../landing/", "/interfaceX", "/observatoire.duckdb/x",
    ):  # fmt: skip
        code, digest = reader.get(path)
        assert code in (301, 400, 403, 404) or (code == 200 and _is_for(files.get(digest, ""), "O1", own)), (path, code)
    # a print's seal is not a page of it
    assert any("/reports/" in file and file.endswith("/.empreintes.json") for file in files.values())
    assert reader.get("/rapport/.empreintes.json")[0] == 404
    # names that a list of accounts could be fooled by
    for name in ("un,O2", "x|*", "*", "+", "O2", "", "UN", "un O2"):
        for path in ("/organismes/O2.duckdb", "/livrets/O2/", "/interface/", "/observatoire.duckdb"):
            assert Reader(published, name or " ", "un-secret").get(path)[0] == 401, (name, path)


def _is_for(path: str, code: str, own: tuple[str, ...]) -> bool:
    """Whether a file is the organisme's own or the region's."""
    inside = path.removeprefix(PROGRAMME)
    folders = {"organismes", "livrets"} & set(Path(inside).parts)
    return inside.startswith(own) and (not folders or Path(inside).stem == code or code in Path(inside).parts)


@pytest.mark.slow
def test_tools_of_analysis_read_the_edition_and_nothing_else(published: Machine) -> None:
    published.run("adduser --system --group outil; adduser --system --group autre; adduser outil observatoire-lecteurs")
    for path in ("published/observatoire.duckdb", "published/bi.duckdb", "reports/courant/index.html"):
        published.run(f"sudo -u outil cat {PROGRAMME}/{path} > /dev/null")
        assert "Permission denied" in published.run(f"sudo -u autre cat {PROGRAMME}/{path} 2>&1 || true")
    private = ("landing/V2/O1.csv", "landing/receptions.csv", "programme.yaml", "warehouse/livraisons.html", "lake/")
    for path in (*private, "quarantine/"):
        published.run(f"test -e {PROGRAMME}/{path}")
        look = "ls" if path.endswith("/") else "cat"
        for account in ("outil", "autre"):
            said = published.run(f"sudo -u {account} {look} {PROGRAMME}/{path} 2>&1 || true")
            assert "Permission denied" in said, (account, path)
