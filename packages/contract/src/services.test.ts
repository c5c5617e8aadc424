import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import type { ServiceModel, Shape } from "./model.ts";
import { parseTemplate } from "./routing/uri-template.ts";
import { services } from "./services.ts";

const models = Object.values(services);

function referencesOf(shape: Shape): string[] {
  switch (shape.type) {
    case "structure":
      return Object.values(shape.members).map((member) => member.shape);
    case "list":
      return [shape.member];
    case "map":
      return [shape.key, shape.value];
    default:
      return [];
  }
}

function inputMembers(model: ServiceModel, operation: string): Record<string, { location?: string }> {
  const input = model.operations[operation]!.input;
  const shape = input === undefined ? undefined : model.shapes[input];
  return shape?.type === "structure" ? shape.members : {};
}

describe("services", () => {
  test("declare as many operations as AWS does", () => {
    const counts = Object.fromEntries(models.map((model) => [model.service, Object.keys(model.operations).length]));
    expect(counts).toEqual({
      "iot-managed-integrations": 83,
      iot: 272,
      "iot-data": 11,
      "iot-jobs-data": 5,
      kinesis: 45,
      sts: 11,
      iam: 180,
      kms: 56,
      logs: 118,
      cloudtrail: 60,
      lambda: 88,
      secretsmanager: 23,
      s3: 112,
      hearth: 23,
    });
  });

  test("no signing name leads to two services", () => {
    const names = models.flatMap((model) => model.signingNames);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(models.map((model) => [model.service, model] as const))(
    "%s: every reference leads to a shape",
    (_, model) => {
      for (const [name, shape] of Object.entries(model.shapes)) {
        for (const reference of referencesOf(shape))
          expect(model.shapes, `${name} → ${reference}`).toHaveProperty([reference]);
        if (shape.type === "structure") {
          for (const member of shape.required ?? []) expect(shape.members, name).toHaveProperty([member]);
        }
      }
      for (const [name, operation] of Object.entries(model.operations)) {
        for (const side of [operation.input, operation.output]) {
          if (side !== undefined) expect(model.shapes[side]?.type, `${name} ${side}`).toBe("structure");
        }
        for (const error of operation.errors) {
          const shape = model.shapes[error];
          expect(shape?.type === "structure" && shape.error?.status, `${name} ${error}`).toBeGreaterThanOrEqual(400);
        }
      }
    },
  );

  test.each(models.map((model) => [model.service, model] as const))(
    "%s: labels are members of the input",
    (_, model) => {
      for (const [name, operation] of Object.entries(model.operations)) {
        if (model.protocol !== "rest-json") continue;
        const labels = parseTemplate(name, operation.path).segments.flatMap((segment) =>
          segment.kind === "literal" ? [] : [segment.member],
        );
        const bound = Object.entries(inputMembers(model, name)).filter(([, member]) => member.location === "uri");
        expect(bound.map(([member]) => member).sort(), name).toEqual(labels.sort());
      }
    },
  );

  test("have the error of operations that are not built, and do not share it by accident", () => {
    for (const model of models) {
      expect(model.shapes["NotImplementedException"]).toMatchObject({ type: "structure", error: { status: 501 } });
      for (const reference of referencesOf(model.shapes["NotImplementedException"]!)) {
        expect(model.shapes).toHaveProperty([reference]);
      }
    }
  });

  test("seal what must not be logged", () => {
    const managed = services["iot-managed-integrations"]!;
    expect(managed.shapes["ClaimCertificatePrivateKey"]).toMatchObject({ sensitive: true });
    expect(managed.shapes["AuthMaterialString"]).toMatchObject({ sensitive: true });
    expect(services["iot"]!.shapes["PrivateKey"]).toMatchObject({ sensitive: true });
    expect(services["iam"]!.shapes["accessKeySecretType"]).toMatchObject({ sensitive: true });
    expect(services["sts"]!.shapes["accessKeySecretType"]).toMatchObject({ sensitive: true });
    expect(services["hearth"]!.shapes["SecretAccessKey"]).toMatchObject({ sensitive: true });
  });

  test("bundle for a browser without a Node import", async () => {
    const entry = join(dirname(fileURLToPath(import.meta.url)), "index.ts");
    const options = { bundle: true, write: false, format: "esm", platform: "browser", logLevel: "silent" } as const;
    const bundle = await build({ ...options, entryPoints: [entry], metafile: true });
    const imports = Object.values(bundle.metafile.inputs).flatMap((input) => input.imports.map((one) => one.path));
    expect(imports.length).toBeGreaterThan(10);
    expect(imports.filter((path) => path.startsWith("node:") || path.includes("node_modules"))).toEqual([]);
    await expect(
      build({ ...options, stdin: { contents: 'import "node:fs"', resolveDir: dirname(entry) } }),
    ).rejects.toThrow(/node:fs/);
  });
});
