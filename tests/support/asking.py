"""Who asks the web server of an installed machine for its pages and files, over TLS."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.support.machine import Machine

HOST = "observatoire.exemple.fr"


@dataclass(frozen=True)
class Reader:
    """Who asks the machine's web server, over TLS: an account, or nobody.

    Attributes:
        made: the machine.
        name: the account.
        password: what it says it is.
    """

    made: Machine
    name: str | None
    password: str | None = None

    def get(self, path: str, *options: str) -> tuple[int, str]:
        """Asks for a path, which goes over the wire as it is written: the code of the answer, and its SHA-256."""
        account = f"--user '{self.name}:{self.password or f'{self.name}-secret'}'" if self.name else ""
        said = self.made.run(
            f"curl --silent --path-as-is --cacert /etc/observatoire/certificat.pem --resolve {HOST}:443:127.0.0.1 {account}"
            f" {' '.join(options)} --output /srv/essai/recu --write-out '%{{http_code}}' 'https://{HOST}{path}'\n"
            "echo\nsha256sum /srv/essai/recu"
        )
        code, digest = said.split()[:2]
        return int(code), digest

    def asks_for_a_run(self) -> str:
        """Asks Dagster, as its page does, for the run that fetches deliveries: what it answers."""
        selector = 'repositoryLocationName: "observatoire", repositoryName: "__repository__", jobName: "releve"'
        query = (
            f'mutation {{ launchRun(executionParams: {{mode: "default", selector: {{{selector}}}}}) {{ __typename }} }}'
        )
        body = json.dumps({"query": query})
        self.get("/interface/graphql", "--header 'Content-Type: application/json'", f"--data '{body}'")
        return self.made.run("cat /srv/essai/recu")
