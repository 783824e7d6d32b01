"""Database triggers that make the audit trail append-only, on SQLite and on PostgreSQL.

They refuse UPDATE, DELETE and TRUNCATE also to the provider's own database role, so that a flaw
in the program cannot rewrite history (ASVS V16.4.2). Dropping a trigger needs the owner's right;
that is noticed by the hash chain.
"""

from sqlalchemy import Connection, text

_APPEND_ONLY = ("audit_event", "audit_link")

# SQLite runs no delete trigger for INSERT OR REPLACE, so inserting an id that exists is refused.
_SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}{also})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""
_SQLITE_HEAD = """
CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head
WHEN NEW.position <= OLD.position
BEGIN SELECT RAISE(ABORT, 'audit_head only moves forward'); END;
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'audit_head only moves forward'); END;
CREATE TRIGGER audit_head_no_replace BEFORE INSERT ON audit_head
WHEN EXISTS (SELECT 1 FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'audit_head only moves forward'); END;
"""
_POSTGRESQL = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE FUNCTION audit_head_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.position <= OLD.position THEN
    RAISE EXCEPTION 'audit_head only moves forward';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
  FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_link_no_change BEFORE UPDATE OR DELETE ON audit_link
  FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_link_no_truncate BEFORE TRUNCATE ON audit_link
  FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_head_no_change BEFORE DELETE ON audit_head
  FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head
  FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head
  FOR EACH ROW EXECUTE FUNCTION audit_head_forward();
"""
_POSTGRESQL_FUNCTIONS = ("audit_append_only", "audit_head_forward")


def create(connection: Connection) -> None:
    """Create every trigger; the audit tables must exist."""
    is_sqlite = connection.dialect.name == "sqlite"
    for statement in _sqlite_statements() if is_sqlite else [_POSTGRESQL]:
        # No bind parameters: the driver then takes several statements and plain % signs.
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def drop(connection: Connection) -> None:
    """Drop every trigger, before the audit tables are dropped."""
    if connection.dialect.name == "sqlite":
        for name in _sqlite_names():
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        return
    for function in _POSTGRESQL_FUNCTIONS:
        connection.execute(text(f"DROP FUNCTION IF EXISTS {function}() CASCADE"))


def _sqlite_statements() -> list[str]:
    event = _SQLITE.format(table="audit_event", key="id", also="")
    link = _SQLITE.format(table="audit_link", key="position", also=" OR event_id = NEW.event_id")
    blocks = (event + link + _SQLITE_HEAD).split("END;")
    return [f"{block.strip()} END" for block in blocks if block.strip()]


def _sqlite_names() -> list[str]:
    return [statement.split()[2] for statement in _sqlite_statements()]
