import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestPlatform, type TestPlatform } from "../kit/platform.ts";
import { type AwsCli, awsCliMajor, awsCliMissing, awsEnvironment, openAwsCli, type Ran, skipped } from "./tools.ts";

/** Exit code when the service refuses: the CLI's version 2 tells it from its own failures, version 1 does not. */
const FAILED = awsCliMajor() === 1 ? 255 : 254;

describe.skipIf(skipped("AWS CLI", awsCliMissing()))("the AWS CLI, as it is", () => {
  let platform: TestPlatform;
  let directory: string;
  let cli: AwsCli;
  beforeAll(async () => {
    [platform, cli] = await Promise.all([startTestPlatform(), openAwsCli()]);
    directory = mkdtempSync(join(tmpdir(), "hearth-cli-"));
  });
  afterAll(async () => {
    await cli.close();
    await platform.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  });

  const raw = (args: readonly string[], over: NodeJS.ProcessEnv = {}): Promise<Ran> =>
    cli.run(args, { cwd: directory, env: { ...awsEnvironment(platform.file), ...over } });

  /** One command line; its words must hold no spaces. The answer is its JSON, which must come with exit code 0. */
  async function aws(line: string, ...more: string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await raw([...line.split(" "), ...more]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout.trim() === "" ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  }

  /** What a refused command prints: exit code, modelled name, operation. */
  async function refused(line: string, ...more: string[]): Promise<[number | null, string | undefined]> {
    const { code, stderr } = await raw([...line.split(" "), ...more]);
    return [code, /An error occurred \((\w+)\) when calling the \w+ operation/.exec(stderr)?.[1]];
  }

  test("sts get-caller-identity", async () => {
    const { accountId } = platform.file;
    expect(await aws("sts get-caller-identity")).toEqual({
      UserId: accountId,
      Account: accountId,
      Arn: `arn:aws:iam::${accountId}:root`,
    });
  });

  test("iot: things", async () => {
    const { accountId, region } = platform.file;
    const made = await aws(
      "iot create-thing --thing-name cli-lamp --attribute-payload",
      '{"attributes":{"room":"hall"}}',
    );
    expect(made).toEqual({
      thingName: "cli-lamp",
      thingArn: `arn:aws:iot:${region}:${accountId}:thing/cli-lamp`,
      thingId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const [described, listed] = await Promise.all([
      aws("iot describe-thing --thing-name cli-lamp"),
      aws("iot list-things"),
    ]);
    expect(described).toMatchObject({ thingName: "cli-lamp", attributes: { room: "hall" }, version: 1 });
    expect(listed["things"]).toEqual([expect.objectContaining({ thingName: "cli-lamp" })]);
    expect(await aws("iot delete-thing --thing-name cli-lamp")).toEqual({});
    expect(await refused("iot describe-thing --thing-name cli-lamp")).toEqual([FAILED, "ResourceNotFoundException"]);
  });

  test("iot: certificates and policies", async () => {
    const certificate = await aws(
      "iot create-keys-and-certificate --set-as-active --certificate-pem-outfile c.pem --public-key-outfile p.pem --private-key-outfile k.pem",
    );
    const pem = readFileSync(join(directory, "c.pem"), "utf8");
    expect(pem).toBe(certificate["certificatePem"]);
    expect(readFileSync(join(directory, "k.pem"), "utf8")).toContain("PRIVATE KEY");
    expect(statSync(join(directory, "k.pem")).mode & 0o077).toBe(0);
    const document = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "iot:*", Resource: "*" }],
    });
    await aws("iot create-policy --policy-name cli --policy-document", document);
    const target = String(certificate["certificateArn"]);
    await aws(`iot attach-policy --policy-name cli --target ${target}`);
    expect(await aws(`iot list-attached-policies --target ${target}`)).toMatchObject({
      policies: [{ policyName: "cli" }],
    });
    expect(await refused("iot delete-policy --policy-name cli")).toEqual([FAILED, "DeleteConflictException"]);
    expect(await refused("iot create-policy --policy-name bad --policy-document", "{}")).toEqual([
      FAILED,
      "MalformedPolicyException",
    ]);
  });

  test("iot-data: shadow and publish", async () => {
    const blob = (text: string): string[] => {
      writeFileSync(join(directory, "payload"), text);
      return ["--payload", "fileb://payload"];
    };
    const state = { desired: { on: true } };
    const printed = await raw([
      ..."iot-data update-thing-shadow --thing-name cli-shadow".split(" "),
      ...blob(JSON.stringify({ state })),
      "updated.json",
    ]);
    expect(printed).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(readFileSync(join(directory, "updated.json"), "utf8"))).toMatchObject({ state, version: 1 });
    expect((await raw(["iot-data", "get-thing-shadow", "--thing-name", "cli-shadow", "shadow.json"])).code).toBe(0);
    expect(JSON.parse(readFileSync(join(directory, "shadow.json"), "utf8"))).toMatchObject({ state, version: 1 });
    expect(await refused("iot-data get-thing-shadow --thing-name nothing x.json")).toEqual([
      FAILED,
      "ResourceNotFoundException",
    ]);
    expect(await aws("iot-data publish --topic hello/cli --qos 1", ...blob("hi"))).toEqual({});
  });

  test("iot-managed-integrations: endpoint, profile, thing, schemas", async () => {
    const mi = "iot-managed-integrations";
    const [endpoint, profile, thing, versions, schema] = await Promise.all([
      aws(`${mi} register-custom-endpoint`),
      aws(`${mi} create-provisioning-profile --provisioning-type FLEET_PROVISIONING --name cli-lights`),
      aws(
        `${mi} create-managed-thing --role DEVICE --authentication-material-type WIFI_SETUP_QR_BAR_CODE --authentication-material SN:CLI1;UPC:829576019524;`,
      ),
      aws(`${mi} list-schema-versions --type capability --namespace matter`),
      aws(`${mi} get-schema-version --type capability --schema-versioned-id matter.OnOff@1.4`),
    ]);
    expect(endpoint["EndpointAddress"]).toEqual(expect.any(String));
    expect(profile["ClaimCertificatePrivateKey"]).toContain("PRIVATE KEY");
    expect((versions["Items"] as object[]).length).toBeGreaterThan(10);
    expect(schema).toMatchObject({ SchemaId: expect.stringContaining("matter.OnOff"), Type: "capability" });

    const id = String(thing["Id"]);
    const [got, listed, sent] = await Promise.all([
      aws(`${mi} get-managed-thing --identifier ${id}`),
      aws(`${mi} list-managed-things --serial-number-filter CLI1`),
      refused(
        `${mi} send-managed-thing-command --managed-thing-id ${id} --endpoints`,
        JSON.stringify([
          {
            endpointId: "1",
            capabilities: [{ id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [{ name: "On" }] }],
          },
        ]),
      ),
    ]);
    expect(got).toMatchObject({ Id: id, Role: "DEVICE", SerialNumber: "CLI1", ProvisioningStatus: "UNASSOCIATED" });
    expect(listed["Items"]).toEqual([expect.objectContaining({ Id: id })]);
    expect(sent).toEqual([FAILED, "ValidationException"]);
    await aws(`${mi} delete-managed-thing --identifier ${id}`);
    const gone = await raw([..."iot-managed-integrations get-managed-thing --identifier".split(" "), id]);
    expect(gone.code).toBe(FAILED);
    expect(gone.stderr).toContain(
      "An error occurred (ResourceNotFoundException) when calling the GetManagedThing operation: Managed Thing resource not found.",
    );
  });

  test("a wrong secret and an operation that is not built: an exit code and a name", async () => {
    const [wrong, absent] = await Promise.all([
      raw(["sts", "get-caller-identity"], { AWS_SECRET_ACCESS_KEY: "x".repeat(40) }),
      raw(["iot", "list-packages"]),
    ]);
    expect(wrong.code).toBe(FAILED);
    expect(wrong.stderr).toMatch(/\((SignatureDoesNotMatch|InvalidSignatureException)\)/);
    expect(absent.code).toBe(FAILED);
    expect(absent.stderr).toMatch(/An error occurred \(\w+\) when calling the ListPackages operation/);
  });
});
