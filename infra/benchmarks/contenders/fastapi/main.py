"""FastAPI with asyncpg on one plain table, as both document it."""

import os
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from typing import Annotated, Literal
from uuid import UUID, uuid4

import asyncpg
from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel, Field

# Nobody is authenticated: the one organization that there is.
ORGANIZATION = UUID("123e4567-e89b-12d3-a456-426614174000")

TABLE = """
create table if not exists plain_import (
  id          uuid        primary key,
  org_id      uuid        not null,
  campaign_id uuid,
  source      text        not null,
  file_name   text,
  status      text        not null,
  total_rows  bigint      not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null
);
create index if not exists plain_import_list on plain_import (org_id, created_at desc, id desc);
"""

Source = Annotated[str, Field(min_length=1, max_length=255)]
Status = Literal["pending", "processing", "completed", "failed"]
Rows = Annotated[int, Field(ge=0)]


class NewImport(BaseModel):
    source: Source
    file_name: str | None = None
    campaign_id: UUID | None = None
    status: Status = "pending"
    total_rows: Rows = 0


class ImportChanges(BaseModel):
    source: Source | None = None
    file_name: str | None = None
    campaign_id: UUID | None = None
    status: Status | None = None
    total_rows: Rows | None = None


class Import(NewImport):
    id: UUID
    org_id: UUID
    created_at: datetime
    updated_at: datetime


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as pool:
        async with pool.acquire() as connection, connection.transaction():
            # Two workers start at once.
            await connection.execute("select pg_advisory_xact_lock(14)")
            await connection.execute(TABLE)
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/imports/", status_code=201)
async def create(new: NewImport, response: Response) -> Import:
    now = datetime.now(timezone.utc)
    row = await app.state.pool.fetchrow(
        "insert into plain_import values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning *",
        uuid4(),
        ORGANIZATION,
        new.campaign_id,
        new.source,
        new.file_name,
        new.status,
        new.total_rows,
        now,
    )
    response.headers["Location"] = f"/imports/{row['id']}"
    return Import(**row)


@app.put("/imports/{import_id}")
async def update(import_id: UUID, changes: ImportChanges) -> Import:
    row = await app.state.pool.fetchrow(
        """
        update plain_import
        set source = coalesce($2, source), file_name = coalesce($3, file_name),
            campaign_id = coalesce($4, campaign_id), status = coalesce($5, status),
            total_rows = coalesce($6, total_rows), updated_at = now()
        where id = $1 returning *
        """,
        import_id,
        changes.source,
        changes.file_name,
        changes.campaign_id,
        changes.status,
        changes.total_rows,
    )
    return found(row)


@app.get("/imports/{import_id}")
async def get(import_id: UUID) -> Import:
    return found(
        await app.state.pool.fetchrow("select * from plain_import where id = $1", import_id)
    )


@app.get("/imports/")
async def list_imports(limit: int) -> list[Import]:
    rows = await app.state.pool.fetch(
        "select * from plain_import where org_id = $1 order by created_at desc, id desc limit $2",
        ORGANIZATION,
        limit,
    )
    return [Import(**row) for row in rows]


def found(row: asyncpg.Record | None) -> Import:
    if row is None:
        raise HTTPException(404)
    return Import(**row)
