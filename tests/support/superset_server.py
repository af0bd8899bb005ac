"""Apache Superset on a base of its own, made and served in one process; run by the interpreter of .superset.

Prints the port it listens on, once everything is there. One process instead of the command line's four: each of
them would import Superset again.
"""

from pathlib import Path

import superset
from flask_migrate import upgrade
from superset.app import create_app
from werkzeug.serving import make_server

app = create_app()
with app.app_context():
    upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
    superset.appbuilder.add_permissions(update_perms=True)
    manager = superset.security_manager
    manager.sync_role_definitions()
    manager.add_user("essai", "Essai", "Essai", "essai@example.org", manager.find_role("Admin"), password="essai")
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.port, flush=True)
server.serve_forever()
