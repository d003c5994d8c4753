"""What is SQL: Alembic migrations, named queries and the generated schema; installed as `harvest.sql`."""
