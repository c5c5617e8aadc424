import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type ServiceClient, type ServiceOperations } from "@hearth/client";
import { CommandError } from "../../command-error.ts";
import type { HearthFile } from "../../hearth-file.ts";
import { borrowNotifications } from "../notifications.ts";
import type { Program } from "../program.ts";
import { StreamReader } from "../stream-reader.ts";
import { Timeline } from "../timeline.ts";
import { awsCli, requirePrograms } from "./aws-cli.ts";
import { walkConnector } from "./connector-walk.ts";
import { buildConnector, CONNECTORS, type Connector, setStage, startForwarder } from "./stage.ts";

type Client<Service extends keyof ServiceOperations> = ServiceClient<ServiceOperations[Service]>;

const ROLE = "lamp-connector";
const policy = (...Statement: readonly object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });

/**
 * Cloud-to-cloud: a vendor's cloud, a server of its own, and connectors deployed as functions with the AWS CLI; Alice
 * links her account, her lamp is found, commanded and heard, and everything is removed again.
 */
export async function demoConnectors(): Promise<void> {
  await requirePrograms();
  const directory = mkdtempSync(join(tmpdir(), "hearth-demo-"));
  const programs = new Set<Program>();
  const started = (program: Program) => {
    programs.add(program);
    if (cleaning === undefined) return;
    void program.stop();
    throw new CommandError("interrupted");
  };
  const line = new Timeline();
  let cleaning: Promise<void> | undefined;
  const cleanUp = () => {
    cleaning ??= Promise.all([...programs].map((program) => program.stop())).then(() =>
      rmSync(directory, { recursive: true, force: true }),
    );
    return cleaning;
  };
  const interrupted = (signal: NodeJS.Signals) => {
    line.step("demo", `${signal}: cleans up`);
    void cleanUp().finally(() => process.exit(130));
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    line.title("Devices in another cloud, through connectors");
    line.doing("a server, a vendor's cloud, and the build of two connectors");
    const building = Promise.all(CONNECTORS.map((connector) => buildConnector(connector, directory, started)));
    building.catch(() => {});
    const stage = await setStage(directory, started);
    line.step("cloud", `runs at ${stage.file.apiEndpoint}`);
    line.step("vendor", `runs at ${stage.vendor.url}; Alice has two lamps, a fan and a camera there`);

    const { file } = stage;
    const options = { endpoint: file.apiEndpoint, region: file.region, credentials: file };
    const managed = createClient("iot-managed-integrations", options);
    const kinesis = createClient("kinesis", options);
    const iam = createClient("iam", options);
    await borrowNotifications({ managed, kinesis, iam }, file, "demo");
    line.step("app", "notifications go to a stream");
    const roleArn = await makeRole(iam, file);
    const secret = await makeSecret(createClient("kms", options), createClient("secretsmanager", options), stage);
    line.step(
      "builder",
      "a role for the connectors, and a secret that only the platform reads for account associations",
    );
    const walk = {
      ...{ stage, line, managed, roleArn, secret, aws: awsCli(file), hearth: createClient("hearth", options) },
      notifications: await StreamReader.open(kinesis, "demo"),
      forward: (connector: Connector, arn: string) => startForwarder(stage, connector, arn, started),
    };
    for (const built of await building) await walkConnector(walk, built);
    line.title("Done.");
  } catch (error) {
    // What broke off is of no interest to somebody who has broken it off.
    if (cleaning === undefined) throw error;
  } finally {
    await cleanUp();
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}

/** What a connector's function may do: tell the platform, find its connector's id, and go on in another invocation. */
async function makeRole(iam: Client<"iam">, { accountId }: HearthFile): Promise<string> {
  const { Role } = await iam.createRole({
    RoleName: ROLE,
    AssumeRolePolicyDocument: policy({
      ...{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    }),
  });
  const Action = ["iotmanagedintegrations:SendConnectorEvent", "iotmanagedintegrations:ListCloudConnectors"];
  const Resource = `arn:aws:lambda:*:${accountId}:function:lamp-connector*`;
  await iam.putRolePolicy({
    ...{ RoleName: ROLE, PolicyName: "connector" },
    PolicyDocument: policy(
      { Effect: "Allow", Action, Resource: "*" },
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource },
    ),
  });
  return Role.Arn;
}

/** The client id and secret at the vendor, under a key of its own (reference 13.3). */
async function makeSecret(
  kms: Client<"kms">,
  secrets: Client<"secretsmanager">,
  { file, vendor }: Awaited<ReturnType<typeof setStage>>,
): Promise<{ arn: string; versionId: string }> {
  const { accountId, region } = file;
  const platform = {
    ...{ Effect: "Allow", Principal: { Service: "iotmanagedintegrations.amazonaws.com" }, Resource: "*" },
    Condition: {
      StringEquals: { "aws:SourceAccount": accountId },
      ArnLike: { "aws:SourceArn": `arn:aws:iotmanagedintegrations:${region}:${accountId}:account-association/*` },
    },
  };
  const owner = { AWS: `arn:aws:iam::${accountId}:root` };
  const { KeyMetadata } = await kms.createKey({
    Policy: policy(
      { Effect: "Allow", Principal: owner, Action: "kms:*", Resource: "*" },
      { ...platform, Action: ["kms:Decrypt", "kms:DescribeKey"] },
    ),
  });
  const { ARN = "", VersionId = "" } = await secrets.createSecret({
    Name: "vendor",
    KmsKeyId: KeyMetadata?.KeyId,
    SecretString: JSON.stringify({ clientId: vendor.partner.id, clientSecret: vendor.partner.secret }),
  });
  const ResourcePolicy = policy({ ...platform, Action: "secretsmanager:GetSecretValue" });
  await secrets.putResourcePolicy({ SecretId: ARN, ResourcePolicy });
  return { arn: ARN, versionId: VersionId };
}
