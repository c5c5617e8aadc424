import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSealer, loadMasterKey } from "@hearth/backplane";
import { ServiceException } from "@hearth/client";
import Sqlite from "better-sqlite3";
import type { ServerFile } from "../kit/server-process.ts";
import { clientsOf, RECORDS } from "./doors.ts";
import type { Ledger } from "./ledger.ts";
import { Notices } from "./notices.ts";
import { StreamTail } from "./stream-tail.ts";

/** Compares what a server has with what its forerunners have acknowledged. Remembers what was found good before. */
export class Checker {
  readonly #ledger: Ledger;
  readonly #notices = new Notices();
  readonly #records = new StreamTail(RECORDS);
  readonly #dataBySequence = new Map<string, string>();
  readonly #found = new Set<string>();
  /** Managed things that were in the database after a kill, whether they were acknowledged or not. */
  readonly #stored = new Set<string>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** After a kill, before the next start: half states in the database itself. */
  storedState(dataDir: string): string[] {
    const copy = mkdtempSync(join(tmpdir(), "hearth-copy-"));
    try {
      if (!existsSync(join(dataDir, "hearth.db"))) return [];
      for (const name of ["hearth.db", "hearth.db-wal"]) {
        if (existsSync(join(dataDir, name))) cpSync(join(dataDir, name), join(copy, name));
      }
      const database = new Sqlite(join(copy, "hearth.db"));
      try {
        return this.#halfStates(database, join(dataDir, "master.key"));
      } finally {
        database.close();
      }
    } finally {
      rmSync(copy, { recursive: true, maxRetries: 10 });
    }
  }

  #halfStates(database: Sqlite.Database, masterKeyFile: string): string[] {
    const problems: string[] = [];
    const all = <Row>(sql: string) => database.prepare(sql).all() as Row[];
    const [integrity] = all<{ integrity_check: string }>("PRAGMA integrity_check");
    if (integrity?.integrity_check !== "ok") problems.push(`integrity: ${integrity?.integrity_check}`);
    const tables = all("SELECT name FROM sqlite_master WHERE name IN ('managed_thing', 'iot_shadows', 'hearth_timer')");
    if (tables.length < 3) return problems;

    const commands = all<{ id: string }>(
      "SELECT account_id || '/' || region || '/' || trace_id AS id FROM managed_command",
    ).map(({ id }) => id);
    const timers = new Set(
      all<{ id: string }>("SELECT id FROM hearth_timer WHERE kind = 'managed-command'").map(({ id }) => id),
    );
    for (const id of commands) if (!timers.has(id)) problems.push(`the command ${id} has no timer`);

    const sealer = createSealer(loadMasterKey({ file: masterKeyFile }));
    const dataKeys = new Map(
      all<{ id: string; wrapped: Uint8Array }>("SELECT id, wrapped FROM data_key").map(({ id, wrapped }) => [
        id,
        createSealer(sealer.open(wrapped, "managed.data-key")),
      ]),
    );
    const properties = all<{
      place: string;
      thing_id: string;
      capability_id: string;
      property: string;
      value_sealed: Buffer;
    }>(
      "SELECT account_id || '/' || region AS place, thing_id, capability_id, property, value_sealed FROM managed_property",
    );
    const shadows = new Map(
      all<{ thing_name: string; document: Uint8Array }>(
        "SELECT thing_name, document FROM iot_shadows WHERE shadow_name = '' AND deleted_at IS NULL",
      ).map(({ thing_name, document }) => [thing_name, sealer.openText(document, "iot.shadow").split("\n")[0]]),
    );
    for (const { place, thing_id, capability_id, property, value_sealed } of properties) {
      const dataKey = dataKeys.get(value_sealed.toString("hex", 1, 9));
      const value = dataKey?.openText(value_sealed.subarray(9), `state:${place}`);
      const capability = capability_id.slice(0, capability_id.lastIndexOf("@"));
      const state = JSON.parse(shadows.get(thing_id) ?? "{}") as {
        reported?: { endpoints?: Record<string, Record<string, Record<string, unknown>>> };
      };
      const mirrored = state.reported?.endpoints?.["1"]?.[capability]?.[property];
      if (JSON.stringify(mirrored) !== value) {
        problems.push(`${property} of ${thing_id} is ${value}, in its shadow ${JSON.stringify(mirrored)}`);
      }
    }
    for (const { id } of all<{ id: string }>("SELECT id FROM managed_thing")) this.#stored.add(id);
    return problems;
  }

  /**
   * What is missing or wrong, asked through the doors of a server that has started after a kill.
   * `patience`: milliseconds until notifications that are owed must have come. `everything`: also what an earlier
   * check has found.
   */
  async check(
    file: ServerFile,
    { patience = 60_000, everything = false }: { patience?: number | undefined; everything?: boolean } = {},
  ): Promise<string[]> {
    const clients = clientsOf(file);
    const { iot, iotData, managed, kinesis } = clients;
    const ledger = this.#ledger;
    const problems: string[] = [];
    if (everything) this.#found.clear();

    const unseen = (kind: string, names: Iterable<string>) =>
      [...names].filter((name) => !this.#found.has(`${kind} ${name}`));
    const present = async (kind: string, name: string, ask: () => Promise<unknown>) => {
      if (await answers(ask)) this.#found.add(`${kind} ${name}`);
      else problems.push(`acknowledged ${kind} ${name} is missing`);
    };

    for (const thingName of unseen("thing", ledger.things)) {
      await present("thing", thingName, () => iot.send("DescribeThing", { thingName }));
    }
    for (const Identifier of unseen("managed thing", ledger.managedThings)) {
      if (ledger.deleting.has(Identifier)) continue;
      await present("managed thing", Identifier, () => managed.send("GetManagedThing", { Identifier }));
    }
    for (const Identifier of unseen("deletion", ledger.deletions)) {
      if (await answers(() => managed.send("GetManagedThing", { Identifier }))) {
        problems.push(`acknowledged deletion of ${Identifier} is undone`);
      } else this.#found.add(`deletion ${Identifier}`);
    }
    for (const [thingName, members] of ledger.shadows) {
      const asked = [...members.values()].some(({ acknowledged }) => acknowledged > 0);
      if (!asked) continue;
      const document = await shadowOf(iotData, thingName);
      for (const [member, { sent, acknowledged }] of members) {
        const value = Number(document.state?.reported?.[member] ?? 0);
        if (value < acknowledged) {
          problems.push(`acknowledged update ${acknowledged} of ${member} in ${thingName} is missing: it is ${value}`);
        }
        if (value > sent) problems.push(`${member} in ${thingName} is ${value}, only ${sent} were sent`);
      }
    }
    for (const { sequence, data } of await this.#records.read(kinesis).catch(missing)) {
      if (this.#dataBySequence.has(sequence)) problems.push(`two records have the sequence number ${sequence}`);
      this.#dataBySequence.set(sequence, data);
    }
    for (const [sequence, data] of ledger.records) {
      const found = this.#dataBySequence.get(sequence);
      if (found === undefined) problems.push(`acknowledged record ${data} is missing`);
      else if (found !== data) problems.push(`record ${sequence} is ${found}, put was ${data}`);
    }
    problems.push(...(await this.#notified(clients, patience)));
    return problems;
  }

  /** Everything that was acknowledged, and every managed thing that is there, was told of. */
  async #notified({ kinesis }: ReturnType<typeof clientsOf>, patience: number): Promise<string[]> {
    const ledger = this.#ledger;
    const facts = [
      ...[...ledger.managedThings, ...this.#stored].map((id) => `UNASSOCIATED ${id}`),
      ...[...ledger.deletions].map((id) => `DELETED ${id}`),
      ...[...ledger.commands].map((id) => `COMMAND ${id}`),
      ...[...ledger.reports].flatMap((value) => [`DEVICE_EVENT ${value}`, `DEVICE_STATE ${value}`]),
    ];
    const untold = await this.#notices.wait(kinesis, facts, patience).catch(() => facts);
    const twice = facts.filter((fact) => fact.startsWith("COMMAND") && this.#notices.telling(fact) > 1);
    return [
      ...untold.map((fact) => `acknowledged change without its notification: ${fact}`),
      ...twice.map((fact) => `ended twice: ${fact}`),
      ...this.#notices.problems,
    ];
  }
}

/** Nothing, when that of which was asked does not exist. */
function missing(error: unknown): never[] {
  if (error instanceof ServiceException && error.name === "ResourceNotFoundException") return [];
  throw error;
}

const answers = (ask: () => Promise<unknown>): Promise<boolean> =>
  ask().then(
    () => true,
    (error) => missing(error).length > 0,
  );

async function shadowOf(
  iotData: ReturnType<typeof clientsOf>["iotData"],
  thingName: string,
): Promise<{ state?: { reported?: Record<string, unknown> } }> {
  try {
    const { payload } = await iotData.send("GetThingShadow", { thingName });
    return JSON.parse(Buffer.from(payload ?? new Uint8Array()).toString()) as object;
  } catch (error) {
    missing(error);
    return {};
  }
}
