import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { MessageCapability } from "../messages.ts";
import { librarySchemas } from "../schema-set.ts";
import { fromMatterCommand, toMatterCommand } from "./command.ts";
import { fromMatterState, toMatterState } from "./state.ts";

/** Name, id, and the same value in our form and in Matter's. */
type Pair = readonly [name: string, id: string, ours: unknown, theirs: unknown];

/**
 * Typed from the cluster tables of the Matter 1.4 Application Cluster Specification (Descriptor and Power Source: of
 * the Core Specification), not taken from the library: a wrong id survives a conversion there and back.
 */
interface GoldenCluster {
  cluster: string;
  name: string;
  attributes?: Pair[];
  commands?: Pair[];
  responses?: Pair[];
  events?: Pair[];
}

const golden = JSON.parse(
  readFileSync(new URL("golden-pairs.json", import.meta.url), "utf8"),
) as readonly GoldenCluster[];

test("row 22: at least the 30 capabilities that smart homes use most are pinned", () => {
  expect(new Set(golden.map(({ cluster }) => cluster)).size).toBeGreaterThanOrEqual(30);
});

describe.each(golden)("row 22: $cluster $name against Matter's own tables", ({ cluster, name, ...pairs }) => {
  const [id = ""] = librarySchemas.source.ofCluster(Number(cluster));
  const document = librarySchemas.source.capability(id);
  const about = { id, name: document?.name ?? "", version: document?.extrinsicVersion ?? "" };
  const revision = about.version;
  const ours = (part: Partial<MessageCapability>) => [{ endpointId: "1", capabilities: [{ ...about, ...part }] }];
  const theirs = (part: object) => [{ id: "1", clusters: [{ id: cluster, revision, ...part }] }];

  test("is the capability of that name", () => {
    expect(document?.name).toBe(name);
  });

  test.each(pairs.attributes ?? [])("attribute %s %s %j", (property, key, value, theirValue) => {
    const message = ours({ properties: [{ name: property, value }] });
    expect(librarySchemas.capability(id)!.property(property)?.(value)).toBeUndefined();
    expect(toMatterState(message)).toEqual({ endpoints: theirs({ attributes: { [key]: theirValue } }) });
    expect(fromMatterState(theirs({ attributes: { [key]: theirValue } }))).toEqual({ endpoints: message });
  });

  test.each(pairs.commands ?? [])("command %s %s %j", (action, key, parameters, fields) => {
    const command = ours({}).map(({ endpointId, capabilities: [capability] }) => ({
      endpointId,
      capabilities: [{ ...capability!, ...about, actions: [{ name: action, parameters: parameters as object }] }],
    })) as Parameters<typeof toMatterCommand>[0];
    const matter = theirs({ commands: [{ [key]: fields }] });
    expect(toMatterCommand(command)).toEqual({ endpoints: matter });
    expect(fromMatterCommand(matter)).toEqual({ endpoints: command });
  });

  test.each(pairs.responses ?? [])("response to %s %s %j", (action, key, parameters, fields) => {
    const message = ours({ actions: [{ name: action, parameters: parameters as Record<string, unknown> }] });
    const asked = message as Parameters<typeof toMatterCommand>[0];
    expect(toMatterState(message)).toEqual({ endpoints: theirs({ commands: { [key]: fields } }) });
    expect(fromMatterState(theirs({ commands: { [key]: fields } }), { asked })).toEqual({ endpoints: message });
  });

  test.each(pairs.events ?? [])("event %s %s %j", (event, key, parameters, fields) => {
    const hasFields = Object.keys(fields as object).length > 0;
    const message = ours({
      events: [{ name: event, ...(hasFields ? { parameters: parameters as Record<string, unknown> } : {}) }],
    });
    expect(toMatterState(message)).toEqual({ endpoints: theirs({ events: { [key]: fields } }) });
    expect(fromMatterState(theirs({ events: { [key]: fields } }))).toEqual({ endpoints: message });
  });
});
