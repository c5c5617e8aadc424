import { describe, expect, test } from "vitest";
import type { CapabilityDocument } from "./documents.ts";
import { extendLibrary } from "./schema-set.ts";
import { getSchema, listSchemas } from "./schemas.ts";

describe("the list of schemas", () => {
  test("is filtered", () => {
    expect(listSchemas({ type: "definition", namespace: "aws" }).map(({ schemaId }) => schemaId)).toEqual([
      "aws.TimerState",
      "aws.bitmap",
      "aws.capability",
      "aws.enum",
      "aws.name",
    ]);
    expect(listSchemas({ type: "capability", schemaId: "matter.OnOff" })).toEqual([
      {
        schemaId: "matter.OnOff",
        type: "capability",
        description: "The On/Off cluster, id 0x0006, revision 6, Matter 1.4.",
        namespace: "matter",
        semanticVersion: "1.4",
        visibility: "PUBLIC",
      },
    ]);
    expect(listSchemas({ type: "capability", namespace: "aws" }).map(({ schemaId }) => schemaId)).toEqual([
      "aws.DoorLock",
      "aws.OnOff",
      "aws.Timer",
    ]);
    expect(listSchemas({ type: "capability", namespace: "hearth" }).map(({ schemaId }) => schemaId)).toEqual([
      "hearth.RadioCluster",
    ]);
    expect(listSchemas({ type: "capability", semanticVersion: "1.3" })).toEqual([]);
    expect(listSchemas({ type: "capability", semanticVersion: "1.4" })).toHaveLength(119);
    expect(listSchemas({ type: "capability", semanticVersion: "$latest" })).toHaveLength(123);
    expect(listSchemas({ type: "capability", visibility: "PRIVATE" })).toEqual([]);
    expect(listSchemas({ type: "capability", visibility: "PUBLIC" })).toHaveLength(123);
  });

  test("comes in pages that together are all of it", () => {
    const all = listSchemas({ type: "definition" });
    const pages: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = listSchemas({ type: "definition", after, limit: 100 });
      pages.push(...page.map(({ schemaId }) => schemaId));
      const last = page.at(-1);
      if (!last) break;
      after = `${last.schemaId}@${last.semanticVersion}`;
    }
    expect(pages).toEqual(all.map(({ schemaId }) => schemaId));
    expect(pages.length).toBeGreaterThan(600);
  });

  test("orders versions by number", () => {
    const version = (semver: string): CapabilityDocument => ({
      $id: `/schema-versions/capability/acme.Lamp@${semver}`,
      name: "Lamp",
      extrinsicId: "0x12340001",
      extrinsicVersion: "1",
      properties: { Glow: { extrinsicId: "0", value: { type: "boolean" } } },
    });
    const schemas = extendLibrary([version("1.10"), version("1.9"), version("1.9.1")]);
    const versions = listSchemas({ type: "capability", schemaId: "acme.Lamp" }, schemas).map(
      (row) => row.semanticVersion,
    );
    expect(versions).toEqual(["1.9", "1.9.1", "1.10"]);
    const latest = { type: "capability" as const, namespace: "acme", semanticVersion: "$latest" };
    expect(listSchemas(latest, schemas).map((row) => row.semanticVersion)).toEqual(["1.10"]);
    expect(getSchema("capability", "acme.Lamp@$latest", "AWS", schemas)?.semanticVersion).toBe("1.10");
  });
});

describe("a schema", () => {
  test("is found by version and as the latest, of its own type only", () => {
    const found = getSchema("capability", "matter.OnOff@1.4");
    expect(found).toMatchObject({ schemaId: "matter.OnOff", semanticVersion: "1.4", schema: { name: "On/Off" } });
    expect(getSchema("capability", "matter.OnOff@$latest")).toEqual(found);
    expect(getSchema("definition", "matter.OnOff@1.4")).toBeUndefined();
    expect(getSchema("capability", "matter.OnOff@1.3")).toBeUndefined();
    expect(getSchema("capability", "matter.OnOff")).toBeUndefined();
    expect(getSchema("capability", "toString@1.4")).toBeUndefined();
    expect(getSchema("definition", "aws.enum@1.0")?.namespace).toBe("aws");
  });

  test("row 29: keeps extrinsic properties in AWS and ZCL, and loses only them in CONNECTOR", () => {
    const aws = getSchema("capability", "matter.OnOff@1.4", "AWS")!.schema;
    expect(getSchema("capability", "matter.OnOff@1.4", "ZCL")!.schema).toEqual(aws);
    const connector = getSchema("capability", "matter.OnOff@1.4", "CONNECTOR")!.schema;
    expect(JSON.stringify(aws)).toContain("extrinsicProperties");
    expect(JSON.stringify(connector)).not.toContain("extrinsicProperties");
    expect(connector).toMatchObject({ extrinsicId: "0x0006", properties: { OnOff: { extrinsicId: "0x0000" } } });
    expect(Object.keys((connector as unknown as CapabilityDocument).properties!)).toEqual(
      Object.keys((aws as unknown as CapabilityDocument).properties!),
    );
  });

  test("keeps in CONNECTOR what an author has called extrinsicProperties", () => {
    const odd: CapabilityDocument = {
      $id: "/schema-versions/capability/acme.Odd@1.0",
      name: "Odd",
      extrinsicId: "0x12340001",
      extrinsicVersion: "1",
      properties: {
        extrinsicProperties: {
          extrinsicId: "0",
          extrinsicProperties: { side: "server" },
          value: { enum: [{ extrinsicProperties: 1 }] },
        },
      },
    };
    expect(getSchema("capability", "acme.Odd@1.0", "CONNECTOR", extendLibrary([odd]))!.schema["properties"]).toEqual({
      extrinsicProperties: { extrinsicId: "0", value: { enum: [{ extrinsicProperties: 1 }] } },
    });
  });
});
