"""What Alembic runs: the migrations over the connection that it is given."""

from alembic import context

from seamline.desk.store import models  # noqa: F401  # all tables, for autogenerate
from seamline.desk.store.types import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
