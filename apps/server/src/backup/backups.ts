import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@hearth/base";
import { type HearthOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { Store } from "../store.ts";

export const backupDirectory = (dataDir: string): string => join(dataDir, "backups");

/**
 * CreateBackup and RestoreBackup of the `hearth` service. A backup holds the data of every account, so only the
 * installation's own account may ask for one.
 */
export function backupOperations(deps: {
  store: Pick<Store, "backup">;
  clock: Clock;
  dataDir: string;
  /** The installation's own account. */
  accountId: string;
  /** Takes the file over as the database once the request is answered; rejects when it is not a usable backup. */
  restore?: (path: string) => Promise<void>;
}) {
  const { store, clock, dataDir, accountId, restore } = deps;
  const operatorOnly = (request: RequestContext) => {
    if (request.accountId !== accountId) {
      throw new ServiceError("AccessDeniedException", `Backups are for account ${accountId} only.`);
    }
  };
  const pathOf = (name: string) => join(backupDirectory(dataDir), name);
  /** Two that write one file at once would spoil it. */
  const underWay = new Set<string>();
  const exists = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return {
    CreateBackup: {
      async handle(input, request) {
        operatorOnly(request);
        if (!store.backup) {
          throw new ServiceError("ConflictException", "The database is PostgreSQL: back it up with pg_dump.");
        }
        mkdirSync(backupDirectory(dataDir), { recursive: true, mode: 0o700 });
        const path = pathOf(input.Name);
        if (underWay.has(path) || exists(path)) {
          throw new ServiceError("ConflictException", `A backup named ${input.Name} exists.`);
        }
        underWay.add(path);
        try {
          await store.backup(path);
        } finally {
          underWay.delete(path);
        }
        return { Path: path, SizeBytes: statSync(path).size, CreatedAt: clock.now() / 1000 };
      },
    },
    RestoreBackup: {
      async handle(input, request) {
        operatorOnly(request);
        if (!restore) {
          throw new ServiceError("ConflictException", "This server cannot restore while it runs. Stop it first.");
        }
        const path = pathOf(input.Name);
        if (underWay.has(path) || !exists(path))
          throw new ServiceError("ResourceNotFoundException", `No backup is named ${input.Name}.`);
        await restore(path);
        return { Path: path };
      },
    },
  } satisfies OperationTable<HearthOperations>;
}
