import { spawn } from "node:child_process";
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClient, type ServiceClient, type ServiceOperations } from "@hearth/client";
import type { HearthFile } from "../../hearth-file.ts";
import { typeScript } from "../program.ts";
import { inRoot, plainEnvironment, startServerProgram } from "../server-program.ts";

const BUCKET = "firmware";
const ROLE = "firmware-reader";
const IMAGE_BYTES = 4 * 1024 * 1024;

/** A cloud of the demo's own with two images, and a lamp that is registered there. */
export interface FirmwareStage {
  file: HearthFile;
  iot: ServiceClient<ServiceOperations["iot"]>;
  thingName: string;
  /** What the job documents say of the images, by their versions. */
  images: Readonly<Record<string, { checksum: string; signature: string }>>;
  /** Where the lamp's certificate, its key and the maker's public key are. */
  directory: string;
}

/** @param closing takes what has to be ended, at once, so that somebody ends it whatever happens next */
export async function setFirmwareStage(
  directory: string,
  closing: (end: () => Promise<unknown>) => void,
  tell: (who: string, what: string) => void,
): Promise<FirmwareStage> {
  const file = await startServerProgram(directory, (program) => closing(() => program.stop()));
  tell("cloud", `runs at ${file.apiEndpoint}`);
  const iot = createClient("iot", { endpoint: file.apiEndpoint, region: file.region, credentials: file });

  const maker = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const images = {
    "2.0": await upload(file, "2.0", maker.privateKey),
    "2.1": await upload(file, "2.1", stranger.privateKey),
  };
  tell("maker", `s3://${BUCKET}/lamp/2.0.bin, signed by the maker's key`);
  tell("maker", `s3://${BUCKET}/lamp/2.1.bin, signed by a key that no lamp knows`);
  await makeRole(file);
  tell("app", `role ${ROLE}, by which jobs presign URLs of these objects`);

  const thingName = "lamp-1";
  const key = await register(iot, file, thingName);
  const write = (name: string, content: string) => writeFileSync(join(directory, name), content, { mode: 0o600 });
  write("device.pem", key.certificate);
  write("device.key", key.privateKey);
  write("maker.pem", maker.publicKey.export({ type: "spki", format: "pem" }).toString());
  tell("app", `thing ${thingName} with a certificate that may use its own jobs, and nothing else`);
  return { file, iot, thingName, images, directory };
}

/** Puts an image into the bucket; resolves to what a job document says of it. */
async function upload(file: HearthFile, version: string, signer: KeyObject) {
  // The SDK's version is pinned: what later ones will need of Node is no news here.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const { S3Client, CreateBucketCommand, PutObjectCommand } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({ endpoint: file.apiEndpoint, region: file.region, credentials: file });
  try {
    const image = randomBytes(IMAGE_BYTES);
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET })).catch((error: Error) => {
      if (error.name !== "BucketAlreadyOwnedByYou") throw error;
    });
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `lamp/${version}.bin`, Body: image }));
    return {
      checksum: `sha256:${createHash("sha256").update(image).digest("hex")}`,
      signature: createSign("sha256").update(image).sign(signer, "base64"),
    };
  } finally {
    s3.destroy();
  }
}

async function makeRole(file: HearthFile): Promise<void> {
  const iam = createClient("iam", { endpoint: file.apiEndpoint, region: file.region, credentials: file });
  await iam.createRole({
    RoleName: ROLE,
    AssumeRolePolicyDocument: policy({
      Effect: "Allow",
      Principal: { Service: "iot.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "aws:SourceAccount": file.accountId } },
    }),
  });
  await iam.putRolePolicy({
    RoleName: ROLE,
    PolicyName: "read",
    PolicyDocument: policy({ Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${BUCKET}/lamp/*` }),
  });
}

async function register(iot: FirmwareStage["iot"], { region, accountId }: HearthFile, thingName: string) {
  await iot.createThing({ thingName });
  const {
    certificateArn = "",
    certificatePem = "",
    keyPair,
  } = await iot.createKeysAndCertificate({
    setAsActive: true,
  });
  const arn = (resource: string) => `arn:aws:iot:${region}:${accountId}:${resource}`;
  const self = `\${iot:Connection.Thing.ThingName}`;
  const policyDocument = policy(
    { Effect: "Allow", Action: "iot:Connect", Resource: arn(`client/${self}`) },
    { Effect: "Allow", Action: ["iot:Publish", "iot:Receive"], Resource: arn(`topic/$aws/things/${self}/jobs/*`) },
    { Effect: "Allow", Action: "iot:Subscribe", Resource: arn(`topicfilter/$aws/things/${self}/jobs/*`) },
  );
  await iot.createPolicy({ policyName: "own-jobs", policyDocument });
  await iot.attachPolicy({ policyName: "own-jobs", target: certificateArn });
  await iot.attachThingPrincipal({ thingName, principal: certificateArn });
  return { certificate: certificatePem, privateKey: keyPair?.PrivateKey ?? "" };
}

const policy = (...Statement: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });

/** A job for the lamp; the placeholder becomes a presigned URL whenever a device asks for the document. */
export async function createJob({ file, iot, thingName, images }: FirmwareStage, jobId: string, version: string) {
  const object = `https://s3.${file.region}.amazonaws.com/${BUCKET}/lamp/${version}.bin`;
  await iot.createJob({
    jobId,
    targets: [`arn:aws:iot:${file.region}:${file.accountId}:thing/${thingName}`],
    presignedUrlConfig: { roleArn: `arn:aws:iam::${file.accountId}:role/${ROLE}`, expiresInSec: 3600 },
    timeoutConfig: { inProgressTimeoutInMinutes: 30 },
    document: JSON.stringify({
      operation: "update-firmware",
      url: `\${aws:iot:s3-presigned-url:${object}}`,
      version,
      ...images[version],
    }),
  });
}

/**
 * `examples/firmware-update` as a process of its own. On a terminal it prints there, for its progress bar's sake; elsewhere
 * `said` gets each line.
 */
export function startDevice({ file, thingName, directory }: FirmwareStage, said: (line: string) => void) {
  const [node = "", ...args] = typeScript(
    inRoot("examples/firmware-update/src/main.ts"),
    ...["--endpoint", file.mqttHost, "--port", String(file.mqttsPort), "--ca", file.caFile, "--thing", thingName],
    ...["--cert", join(directory, "device.pem"), "--key", join(directory, "device.key")],
    ...["--signing-key", join(directory, "maker.pem"), "--state-dir", join(directory, "lamp"), "--human"],
  );
  const stdout = process.stdout.isTTY ? "inherit" : "pipe";
  const child = spawn(node, args, { env: plainEnvironment(), stdio: ["ignore", stdout, "inherit"] });
  const exited = once(child, "close");
  if (child.stdout) createInterface({ input: child.stdout }).on("line", said);
  return {
    async stop(): Promise<void> {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
