import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@hearth/base";
import { afterAll } from "vitest";
import { describeDatabase, type Open } from "./database-suite.ts";
import { describeOutboxGroups } from "./outbox-groups-suite.ts";
import { describeOutbox } from "./outbox-suite.ts";
import { openSqlite } from "./sqlite.ts";
import { describeTimers } from "./timers-suite.ts";

const directory = mkdtempSync(join(tmpdir(), "hearth-sqlite-"));
afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }));

let files = 0;
const openFresh = async (): Promise<Open> => {
  const file = join(directory, `${++files}`, "hearth.db");
  return (migrations) => openSqlite({ file, migrations, log: silentLogger });
};

describeDatabase("SQLite", openFresh);
describeOutbox("SQLite", openFresh);
describeOutboxGroups("SQLite", openFresh);
describeTimers("SQLite", openFresh);
