import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { zipDirectory } from "@hearth/functions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestPlatform, type TestPlatform } from "../kit/platform.ts";
import { awsCliMissing, awsEnvironment, run, skipped } from "./tools.ts";

const TRUST = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

describe.skipIf(skipped("aws lambda", awsCliMissing()))("aws lambda, as it is", () => {
  let platform: TestPlatform;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "hearth-lambda-"));
    platform = await startTestPlatform({
      functions: process.getuid?.() === 0 ? "protected" : "unprotected",
      functionDirectories: [directory],
    });
  });
  afterAll(async () => {
    await platform.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  });

  async function aws(...words: string[]): Promise<Record<string, unknown>> {
    const env = awsEnvironment(platform.file);
    const { code, stdout, stderr } = await run("aws", words, { cwd: directory, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout.trim() === "" ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  }

  test("deploys a zip and a directory, invokes, permits and deletes", async () => {
    const source = join(directory, "source");
    mkdirSync(source);
    writeFileSync(join(source, "index.mjs"), "export const handler = async (event) => ({ got: event });\n");
    writeFileSync(join(directory, "code.zip"), await zipDirectory(source));
    const { Role } = await platform
      .clients()
      .iam.send(new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: JSON.stringify(TRUST) }));
    const create = [
      "lambda",
      "create-function",
      "--runtime",
      "nodejs20.x",
      "--handler",
      "index.handler",
      "--role",
      Role?.Arn ?? "",
    ];
    const [zipped, copied] = await Promise.all([
      aws(...create, "--function-name", "zipped", "--zip-file", "fileb://code.zip"),
      aws(...create, "--function-name", "copied", "--code", `S3Bucket=directory,S3Key=${source}`),
    ]);
    expect(copied["CodeSha256"]).toBe(zipped["CodeSha256"]);

    writeFileSync(join(directory, "payload.json"), '{"a":1}');
    const invoke = [
      "lambda",
      "invoke",
      "--function-name",
      "copied",
      "--payload",
      "fileb://payload.json",
      "answer.json",
    ];
    expect(await aws(...invoke)).toEqual({ StatusCode: 200, ExecutedVersion: "$LATEST" });
    expect(readFileSync(join(directory, "answer.json"), "utf8")).toBe('{"got":{"a":1}}');
    // The other commands start a process each; the same operations are tried by AWS's own client in tests/doors.
    if (process.env["HEARTH_LONG"] !== "1") return;

    const permission = ["--statement-id", "s", "--action", "lambda:InvokeFunction", "--principal"];
    const name = ["--function-name", "zipped"];
    const [functions, got] = await Promise.all([
      aws("lambda", "list-functions"),
      aws("lambda", "get-function", ...name),
      aws("lambda", "add-permission", ...name, ...permission, "iotmanagedintegrations.amazonaws.com"),
    ]);
    const [policy] = await Promise.all([
      aws("lambda", "get-policy", ...name),
      aws("lambda", "update-function-code", "--function-name", "copied", "--zip-file", "fileb://code.zip"),
    ]);
    expect(JSON.parse(String(policy["Policy"])).Statement).toHaveLength(1);
    expect(functions["Functions"]).toHaveLength(2);
    const { Location } = got["Code"] as { Location: string };
    const zip = new Uint8Array(await (await fetch(Location)).arrayBuffer());
    expect(zip).toEqual(new Uint8Array(readFileSync(join(directory, "code.zip"))));
    await aws("lambda", "delete-function", ...name);
  });
});
